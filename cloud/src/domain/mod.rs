//! Pure rules and state machines. No I/O, no async, no clock.

pub mod action;
pub mod actor;
pub mod audit;
pub mod canonical_form;
pub mod client_address;
pub mod clinic_key;
pub mod edits;
pub mod entitlements;
pub mod error;
pub mod job;
pub mod pages;
pub mod pagination;
pub mod plan;
pub mod quota_period;
pub mod rate_limit;
pub mod registration;
pub mod subscription;
pub mod task;
pub mod validation;
