//! The worker's loops: one for analyses, one for everything else, so that neither waits for the other. Notifications only wake
//! them: the queue decides, and is polled regularly without one.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::attempt::run_attempt;
use crate::{
    app::queue::{self, TaskNotifications},
    config::WorkerConfig,
    domain::task::{TaskKind, TaskPool},
    log::error_chain,
    state::App,
};

const MAX_LEASES_PER_REAP: u32 = 100;

/// Tasks other than analyses that run at the same time. They mostly wait for other servers.
const MAX_CONCURRENT_BACKGROUND_TASKS: u32 = 8;

/// How long running tasks may take to be released once the process is to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs tasks until `stop`, then releases the running ones.
pub async fn run(app: App, config: WorkerConfig, stop: CancellationToken) {
    info!(max_concurrent_jobs = config.max_concurrent_jobs, "worker started");
    tokio::join!(
        run_pool(&app, config, TaskPool::Analyses, config.max_concurrent_jobs, &stop),
        run_pool(&app, config, TaskPool::Background, MAX_CONCURRENT_BACKGROUND_TASKS, &stop),
        reap_expired_leases(&app, config, &stop),
    );
    info!("worker stopped");
}

async fn run_pool(app: &App, config: WorkerConfig, pool: TaskPool, permits: u32, stop: &CancellationToken) {
    let kinds: Vec<TaskKind> = TaskKind::ALL.into_iter().filter(|kind| kind.pool() == pool).collect();
    let mut notifications = TaskNotifications::subscribe(app);
    let mut running = JoinSet::new();
    while !stop.is_cancelled() {
        let running_tasks = u32::try_from(running.len()).unwrap_or(u32::MAX);
        let free = permits.saturating_sub(running_tasks);
        if free > 0 {
            match queue::claim(app, &kinds, config.lease_duration, free).await {
                Ok(tasks) => {
                    for task in tasks {
                        running.spawn(run_attempt(app.clone(), task, config, stop.clone()));
                    }
                }
                Err(error) => warn!(error = %error_chain(&error), "tasks cannot be claimed"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = running.join_next() => {}
            () = notifications.next(), if free > 0 => {}
            () = tokio::time::sleep(config.poll_interval) => {}
        }
    }
    let drained =
        tokio::time::timeout(DRAIN_TIMEOUT, async { while running.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        warn!(
            tasks = running.len(),
            "the worker stopped before all running tasks were released; their leases will expire"
        );
    }
}

/// Takes back the tasks of lost workers, and enqueues the periodic ones at first.
async fn reap_expired_leases(app: &App, config: WorkerConfig, stop: &CancellationToken) {
    let mut has_periodic = false;
    let mut not_before = Instant::now();
    while !stop.is_cancelled() {
        if !has_periodic {
            has_periodic = queue::enqueue_periodic(app).await.is_ok();
        }
        if Instant::now() >= not_before {
            match queue::reap_expired_leases(app, MAX_LEASES_PER_REAP).await {
                Ok(0) => {}
                Ok(tasks) => info!(tasks, "tasks of lost workers were taken back"),
                Err(error) => {
                    warn!(error = %error_chain(&error), "expired leases cannot be reaped");
                    // Whoever could not renew a lease because the database was away can do so first.
                    not_before = Instant::now() + config.lease_duration;
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(config.poll_interval) => {}
        }
    }
}
