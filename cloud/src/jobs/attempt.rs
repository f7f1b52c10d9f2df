//! One attempt of a job: the analysis runs in a task of its own while its lease is renewed. Without the lease the analysis
//! is dropped; the database refuses whatever it may still record.

use std::{fmt, sync::Arc, time::Duration};

use maneiro_analysis::AnalysisControl;
use maneiro_api::{
    analysis::Analysis,
    job::{JobErrorCode, JobState},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, error, info, info_span, warn};

use super::analysis::{AnalysisFailure, run_analysis};
use crate::{
    app::queue,
    config::WorkerConfig,
    domain::{error::Error, job::JobLease},
    log::error_chain,
    state::App,
};

/// How an attempt ended.
enum AttemptOutcome {
    Completed(Box<Analysis>),
    Failed(JobErrorCode),
    /// The job was cancelled, or its lease expired.
    LeaseLost,
    /// The process is to stop.
    Stopped,
}

/// What was recorded of an attempt, for the log.
enum RecordedOutcome {
    Complete,
    WaitingForRetry,
    EndedInError,
    Released,
    Unchanged,
}

impl fmt::Display for RecordedOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Complete => "complete",
            Self::WaitingForRetry => "waiting for retry",
            Self::EndedInError => "ended in error",
            Self::Released => "released",
            Self::Unchanged => "unchanged",
        })
    }
}

/// Aborts the task when the handle is dropped.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Cancels the analysis when the attempt ends: a task that is aborted does not end its blocking parts.
struct CancelOnDrop(Arc<AnalysisControl>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Makes the analysis of a leased job and records the outcome.
pub(super) async fn run_attempt(app: App, lease: JobLease, config: WorkerConfig, stop: CancellationToken) {
    let span = info_span!("job", job.id = %lease.job(), job.attempt = lease.attempt());
    async {
        let started = Instant::now();
        let outcome = run_to_outcome(&app, &lease, config, &stop).await;
        let recorded = record(&app, &lease, outcome).await;
        let duration_ms = millis(started.elapsed());
        match recorded {
            Ok(outcome) => info!(duration_ms, %outcome, "attempt ended"),
            Err(Error::LeaseLost) => info!(duration_ms, "lease lost: the job was cancelled or taken back"),
            // Unless the outcome was recorded after all, the lease expires and the job is attempted again.
            Err(error) => {
                error!(duration_ms, error = %error_chain(&error), "the outcome of a job could not be recorded");
            }
        }
    }
    .instrument(span)
    .await;
}

async fn run_to_outcome(
    app: &App,
    lease: &JobLease,
    config: WorkerConfig,
    stop: &CancellationToken,
) -> AttemptOutcome {
    let control = Arc::new(AnalysisControl::default());
    let analysis = run_analysis(app.clone(), *lease, Arc::clone(&control));
    let mut analysis = AbortOnDrop(tokio::spawn(analysis.in_current_span()));
    let _cancel = CancelOnDrop(Arc::clone(&control));
    let started = Instant::now();
    let mut renewed_at = started;
    let mut heartbeat = interval_at(started + config.heartbeat_interval, config.heartbeat_interval);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            result = &mut analysis.0 => return match result {
                Ok(Ok(analysis)) => AttemptOutcome::Completed(Box::new(analysis)),
                Ok(Err(AnalysisFailure::LeaseLost)) => AttemptOutcome::LeaseLost,
                Ok(Err(AnalysisFailure::Error(code))) => AttemptOutcome::Failed(code),
                // The panic hook of the process has logged the panic, without its message.
                Err(_) => AttemptOutcome::Failed(JobErrorCode::Internal),
            },
            () = stop.cancelled() => return AttemptOutcome::Stopped,
            () = sleep_until(started + config.attempt_timeout) => {
                warn!(timeout_ms = millis(config.attempt_timeout), "an attempt timed out");
                return AttemptOutcome::Failed(JobErrorCode::Internal);
            }
            _ = heartbeat.tick() => {
                let requested_at = Instant::now();
                match queue::renew(app, lease, config.lease_duration, control.pages_done()).await {
                    Ok(()) => renewed_at = requested_at,
                    Err(Error::LeaseLost) => return AttemptOutcome::LeaseLost,
                    Err(error) if renewed_at.elapsed() < config.lease_duration => {
                        warn!(error = %error_chain(&error), "a lease could not be renewed, trying again");
                    }
                    Err(error) => {
                        warn!(error = %error_chain(&error), "a lease expired while the database was unavailable");
                        return AttemptOutcome::LeaseLost;
                    }
                }
            }
        }
    }
}

async fn record(app: &App, lease: &JobLease, outcome: AttemptOutcome) -> Result<RecordedOutcome, Error> {
    match outcome {
        AttemptOutcome::Completed(analysis) => match queue::complete(app, lease, &analysis).await {
            Ok(()) => Ok(RecordedOutcome::Complete),
            Err(Error::LeaseLost) => Err(Error::LeaseLost),
            Err(error @ Error::Unavailable { .. }) => Err(error),
            Err(error) => {
                error!(error = %error_chain(&error), "an analysis could not be recorded");
                record_failure(app, lease, JobErrorCode::Internal).await
            }
        },
        AttemptOutcome::Failed(code) => record_failure(app, lease, code).await,
        AttemptOutcome::LeaseLost => Err(Error::LeaseLost),
        AttemptOutcome::Stopped => queue::release(app, lease).await.map(|()| RecordedOutcome::Released),
    }
}

async fn record_failure(app: &App, lease: &JobLease, code: JobErrorCode) -> Result<RecordedOutcome, Error> {
    let job = queue::fail(app, lease, code).await?;
    Ok(match job.lifecycle.state() {
        JobState::Waiting => RecordedOutcome::WaitingForRetry,
        JobState::Error => RecordedOutcome::EndedInError,
        JobState::Processing | JobState::Complete | JobState::Cancelled => RecordedOutcome::Unchanged,
    })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
