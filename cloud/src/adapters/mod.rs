//! The real things behind the ports. Only `wiring` names them.

pub mod embedded;
pub mod keys;
pub mod model;
pub mod s3;
pub mod secret_file;
pub mod system;
