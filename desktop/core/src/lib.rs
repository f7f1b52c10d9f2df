//! All behaviour of the workstation: reading, the local store, the link to the cloud. No window and no terminal:
//! a caller gives input, gets progress and an outcome, and finds a code in every error.

pub mod analyze;
pub mod copy;
mod copying;
mod draft;
pub mod error;
pub mod folder;
pub mod keychain;
pub mod languages;
mod page_worker;
mod protocol;
pub mod reading;
mod scheduling;
pub mod session;
pub mod source;
pub mod store;
pub mod system;
mod upload;
mod whole;
pub mod worker;

pub use error::{Error, ErrorClass};
