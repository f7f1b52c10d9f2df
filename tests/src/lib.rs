//! What the tests stand on: the sample record and its generator, and a running service to ask.

pub mod app;
pub mod bench;
pub mod binaries;
pub mod faults;
pub mod given;
pub mod operations;
pub mod papers;
pub mod personas;
pub mod postgres;
pub mod proxy;
pub mod records;
pub mod relay;
pub mod sample;
pub mod server;
pub mod time;
pub mod troubles;
pub mod worker;
pub mod workspace;
pub mod workstation;

pub use app::TestApp;
pub use personas::{Clinic, PASSWORD, Person};
