//! The types that cross between the window and core. `typescript` writes them for `desktop/ui`, so that both sides have
//! one description. Integers are below 2^53.

pub mod account;
pub mod billing;
pub mod common;
pub mod events;
pub mod pages;
pub mod records;
pub mod report;
pub mod review;
pub mod session;
pub mod settings;
pub mod typescript;
