//! Runs tasks: claims them from the queue, has each done by the handler of its kind, records the outcome. What an outcome means
//! is decided in `app::queue`.
//!
//! `runner` claims, `attempt` does one task under its lease, and each kind has a file of its own.

mod analysis;
mod attempt;
mod billing;
mod compare_storage;
mod delete_done_tasks;
mod delete_orphans;
mod delete_unknown_objects;
mod enqueue_purges;
mod invitation_mail;
mod mail;
mod purge_record;
mod registration_mail;
mod runner;
mod usage;

pub use runner::run;
