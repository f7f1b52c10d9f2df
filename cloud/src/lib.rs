//! The cloud service: sign-in, clinics, records, jobs, analyses, audit. One crate, one binary.

pub mod adapters;
pub mod ports;
