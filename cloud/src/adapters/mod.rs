//! The implementations of the ports. Only `wiring` names them.

pub mod embedded;
pub mod master_key_file;
pub mod openai_model;
pub mod s3_object_store;
pub mod secret_file;
pub mod system;
