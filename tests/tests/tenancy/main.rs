//! Tenant isolation and encryption: what PostgreSQL enforces, what the service answers to another clinic, and what the
//! stores contain.

mod clinic_keys;
mod data_theft;
mod database_catalog;
mod database_login;
mod foreign_ids;
mod interleaved_requests;
mod migrate_login;
mod transaction_context;
