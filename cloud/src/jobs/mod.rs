//! Runs jobs: claims them from the queue, makes the analysis, records the outcome. The lifecycle of a job is decided in
//! `domain::job`, by way of `app::queue`.

mod analysis;
mod attempt;
mod runner;

pub use runner::run;
