//! All behaviour of the workstation: reading files, the local store, the connection to the cloud. Has no window and no
//! terminal: a caller passes input, receives progress and an outcome, and finds a code in every error.

pub mod cloud;
pub mod contract;
pub mod desktop;
mod error;
pub mod files;
pub mod keychain;
pub mod languages;
mod licences;
mod page_fingerprint;
pub mod reading;
pub mod searchable_pdf;
pub mod store;
pub mod system;
pub mod worker;

pub use error::{Error, ErrorClass};
pub use licences::licences;
