//! What the tests build on: a running service, workstations, fixtures, the sample record and the benchmark.

pub mod app;
pub mod authenticator;
pub mod bench;
pub mod billing;
pub mod binaries;
pub mod faults;
pub mod fixtures;
pub mod flaky_http;
pub mod hostile_pdfs;
pub mod open_transactions;
pub mod operations;
pub mod operators;
mod page_fixtures;
pub mod pdf_fixtures;
pub mod permission_table;
pub mod personas;
pub mod postgres;
pub mod proxy;
pub mod redis;
pub mod round_trips;
pub mod sample;
pub mod server;
pub mod smtp_sink;
pub mod statements;
pub mod stripe;
pub mod time;
pub mod worker;
pub mod workspace;
pub mod workstation;

pub use app::{TestApp, WORKER_CONFIG};
pub use personas::{Clinic, PASSWORD, Person, confirm_registration};
