//! The implementations of the ports. Only `wiring` names them.

pub mod embedded;
mod mail_message;
pub mod master_key_file;
pub mod memory_rate_limiter;
pub mod openai_model;
pub mod outbox_mailer;
pub mod redis_rate_limiter;
pub mod s3_object_store;
pub mod secret_file;
pub mod smtp_mailer;
pub mod stripe;
pub mod system;
