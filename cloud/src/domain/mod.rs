//! Pure rules and state machines. No I/O, no async, no clock.

pub mod action;
pub mod actor;
pub mod audit;
pub mod canonical_form;
pub mod client_address;
pub mod clinic_key;
pub mod edits;
pub mod email_change;
pub mod entitlements;
pub mod error;
pub mod job;
pub mod notice;
pub mod one_time_code;
pub mod pages;
pub mod pagination;
pub mod password_reset;
mod password_strength;
pub mod plan;
pub mod quota_period;
pub mod rate_limit;
pub mod registration;
pub mod subscription;
pub mod task;
pub mod user_import;
pub mod validation;
