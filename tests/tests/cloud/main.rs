//! The service over HTTP: what each call does, refuses, and leaves in the audit log.

mod access;
mod account_closing;
mod accounts;
mod analysis_process;
mod audit;
mod connections;
mod database_faults;
mod database_round_trips;
mod edits;
mod email_change;
mod events;
mod http_protocol;
mod jobs;
mod members;
mod password_hashes;
mod password_reset;
mod rate_limits;
mod records;
mod registration;
mod second_factor;
mod sessions;
mod smtp;
mod support;
mod user_import;
mod web_pages;
