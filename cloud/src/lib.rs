//! The cloud service: sign-in, clinics, records, jobs, analyses, audit. One crate, one binary.

pub mod adapters;
pub mod analysis_process;
pub mod app;
pub mod config;
pub mod domain;
pub mod http;
mod log;
pub mod mail;
pub mod ports;
pub mod state;
pub mod store;
pub mod tasks;
mod web;
pub mod wiring;
