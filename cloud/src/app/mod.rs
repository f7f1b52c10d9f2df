//! Use cases: one function per thing someone can do. They open and commit transactions, and call what is outside only
//! while none is open.

pub mod analyses;
pub mod auth;
mod clinic_keys;
pub mod documents;
pub mod jobs;
pub mod operators;
pub mod originals;
pub mod pages;
pub mod queue;
pub mod records;
pub mod reports;
mod sealing;
pub mod watch;
pub mod work;
