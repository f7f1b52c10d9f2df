//! Use cases: one function per thing an actor can do. They open and commit transactions, and call ports only while none is
//! open.

pub mod account_closing;
pub mod accounts;
pub mod administration;
pub mod analyses;
pub mod auth;
pub mod billing;
pub mod billing_mails;
pub mod billing_sync;
pub mod clinic_keys;
pub mod documents;
pub mod edits;
pub mod email_change;
pub mod health;
pub mod job_input;
pub mod job_watch;
pub mod jobs;
pub mod mails;
pub mod model_answers;
pub mod operators;
pub mod originals;
mod own_password;
pub mod pages;
pub mod password_reset;
mod plan_limits;
pub mod purge;
pub mod queue;
pub mod rate_limits;
pub mod records;
pub mod registration;
pub mod reports;
mod sealing;
pub mod sessions;
pub mod sign_in_codes;
pub mod subscriptions;
pub mod usage_csv;
pub mod usage_review;
