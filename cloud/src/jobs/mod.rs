//! Running jobs: take them from the queue, make the analysis, record the outcome. Decides nothing about a job's life;
//! that is `domain::job`, by way of `app::queue`.

mod analysis;
mod hold;
mod runner;

use std::time::Duration;

pub use runner::run;

/// How jobs are run. Durations are of this process; what another worker sees is counted by the database.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Jobs worked on at the same time.
    pub concurrency: u32,
    /// How long a worker that says nothing keeps a job.
    pub lease: Duration,
    /// How often it says something; at most a third of the lease.
    pub heartbeat: Duration,
    /// How often the queue is looked at without a notice.
    pub poll: Duration,
    /// After how long an attempt is given up, so that one that hangs does not keep its place.
    pub limit: Duration,
}
