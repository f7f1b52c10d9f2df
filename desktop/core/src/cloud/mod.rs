//! The workstation's side of the cloud service: the session, the upload of pages, and analyses.

pub mod analyze;
mod error;
pub mod mail_outbox;
pub mod session;
mod upload;

pub use self::error::SessionError;
