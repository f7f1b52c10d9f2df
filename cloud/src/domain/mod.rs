//! Pure rules and state machines. No I/O, no async, no clock.

pub mod action;
pub mod actor;
pub mod audit;
pub mod error;
pub mod fields;
pub mod job;
pub mod list;
pub mod pages;
pub mod period;
pub mod plan;
