//! All SQL, one file per group of tables: free functions on an open transaction. No other module contains SQL, and nothing
//! here decides what an actor may do.

pub mod accounts;
pub mod analyses;
pub mod audit;
pub mod billing_intents;
pub mod billing_mails;
pub mod branding;
pub mod clinic_keys;
mod connection;
pub mod credentials;
pub mod dead_letters;
pub mod documents;
pub mod edits;
pub mod email_changes;
mod enum_text;
mod error;
pub mod invitations;
pub mod jobs;
pub mod mail_preferences;
pub mod mails;
pub mod members;
pub mod migrate;
pub mod model_answers;
pub mod notifications;
pub mod objects;
pub mod operator_sessions;
pub mod owner;
pub mod password_resets;
pub mod policies;
pub mod purge;
pub mod records;
pub mod registrations;
pub mod second_factors;
pub mod sessions;
pub mod sign_in_codes;
pub mod signed_reports;
pub mod stripe_events;
pub mod subscriptions;
pub mod tasks;
pub mod tx;
pub mod usage;
pub mod usage_reports;
pub mod user_import;

pub use connection::{DatabaseTimeouts, TransactionObserver};
pub use tx::{Db, OperatorTx, OrgTx, SystemTask, SystemTx};
