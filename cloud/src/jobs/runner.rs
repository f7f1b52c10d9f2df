//! The worker's loop. Notifications only wake it: the queue decides, and is polled regularly without one.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::attempt::run_attempt;
use crate::{
    app::queue::{self, JobNotifications},
    config::WorkerConfig,
    log::error_chain,
    state::App,
};

const MAX_LEASES_PER_REAP: u32 = 100;

/// How long running jobs may take to be released once the process is to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs jobs until `stop`, then releases the running ones.
pub async fn run(app: App, config: WorkerConfig, stop: CancellationToken) {
    let mut notifications = JobNotifications::subscribe(&app);
    let mut running = JoinSet::new();
    let mut next_reap = Instant::now();
    info!(max_concurrent_jobs = config.max_concurrent_jobs, "worker started");
    while !stop.is_cancelled() {
        if Instant::now() >= next_reap {
            reap_expired_leases(&app).await;
            next_reap = Instant::now() + config.poll_interval;
        }
        let running_jobs = u32::try_from(running.len()).unwrap_or(u32::MAX);
        let free = config.max_concurrent_jobs.saturating_sub(running_jobs);
        if free > 0 {
            match queue::claim(&app, config.lease_duration, free).await {
                Ok(leases) => {
                    for lease in leases {
                        running.spawn(run_attempt(app.clone(), lease, config, stop.clone()));
                    }
                }
                Err(error) => warn!(error = %error_chain(&error), "jobs cannot be claimed"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = running.join_next() => {}
            () = notifications.next(), if free > 0 => {}
            () = tokio::time::sleep(config.poll_interval) => {}
        }
    }
    let jobs = running.len();
    let drained =
        tokio::time::timeout(DRAIN_TIMEOUT, async { while running.join_next().await.is_some() {} }).await;
    match drained {
        Ok(()) => info!(jobs, "worker stopped, running jobs were released"),
        Err(_) => warn!(
            jobs = running.len(),
            "worker stopped before all running jobs were released; their leases will expire"
        ),
    }
}

async fn reap_expired_leases(app: &App) {
    match queue::reap_expired_leases(app, MAX_LEASES_PER_REAP).await {
        Ok(0) => {}
        Ok(jobs) => info!(jobs, "jobs of lost workers were taken back"),
        Err(error) => warn!(error = %error_chain(&error), "expired leases cannot be reaped"),
    }
}
