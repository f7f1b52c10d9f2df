//! The worker's loop. Notices only wake it: what is in the queue decides, and is looked at regularly without one.

use std::time::Duration;

use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Settings, hold};
use crate::{
    app::queue::{self, Wakes},
    state::App,
};

/// Lapsed leases put back in one go.
const SWEPT_AT_ONCE: u32 = 100;

/// How long jobs in hand may take to be given back once the process is to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Runs jobs until `stop`, then gives those in hand back at once.
pub async fn run(app: App, settings: Settings, stop: CancellationToken) {
    let mut wakes = Wakes::subscribe(&app);
    let mut running = JoinSet::new();
    let mut next_sweep = Instant::now();
    info!(concurrency = settings.concurrency, "worker takes jobs");
    while !stop.is_cancelled() {
        if Instant::now() >= next_sweep {
            sweep(&app).await;
            next_sweep = Instant::now() + settings.poll;
        }
        let in_hand = u32::try_from(running.len()).unwrap_or(u32::MAX);
        let free = settings.concurrency.saturating_sub(in_hand);
        if free > 0 {
            match queue::claim(&app, settings.lease, free).await {
                Ok(claims) => {
                    for claim in claims {
                        running.spawn(hold::work_on(app.clone(), claim, settings, stop.clone()));
                    }
                }
                Err(error) => warn!(error = %chain(&error), "the queue cannot be read"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = running.join_next() => {}
            () = wakes.next(), if free > 0 => {}
            () = tokio::time::sleep(settings.poll) => {}
        }
    }
    let in_hand = running.len();
    let drained = tokio::time::timeout(DRAIN, async { while running.join_next().await.is_some() {} }).await;
    match drained {
        Ok(()) => info!(jobs = in_hand, "worker stopped, jobs in hand were given back"),
        Err(_) => warn!(
            jobs = running.len(),
            "worker stopped before all jobs were given back; their leases will lapse"
        ),
    }
}

async fn sweep(app: &App) {
    match queue::sweep(app, SWEPT_AT_ONCE).await {
        Ok(0) => {}
        Ok(jobs) => info!(jobs, "jobs of workers that vanished were put back"),
        Err(error) => warn!(error = %chain(&error), "lapsed leases cannot be looked for"),
    }
}

/// An error with everything that caused it, for the log.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    text
}
