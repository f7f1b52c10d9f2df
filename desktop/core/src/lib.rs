//! All behaviour of the workstation: reading, the local store, the link to the cloud. No window and no terminal:
//! a caller gives input, gets progress and an outcome, and finds a code in every error.

pub mod cloud;
pub mod error;
pub mod files;
pub mod keychain;
pub mod languages;
pub mod reading;
pub mod searchable_pdf;
pub mod store;
pub mod system;
pub mod worker;

pub use error::{Error, ErrorClass};
