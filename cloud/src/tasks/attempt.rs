//! One attempt of a task: its handler runs in a task of its own while its lease is renewed. Without the lease the work is
//! dropped; the database refuses whatever it may still record. The outcome is recorded as often as the database is away.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use maneiro_api::analysis::Analysis;
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, error, info, info_span, warn};

use super::{
    analysis::{AnalysisFailure, run_analysis},
    billing, compare_storage, delete_done_tasks, delete_orphans, delete_unknown_objects, enqueue_purges,
    invitation_mail, mail, purge_record, registration_mail, usage,
};
use crate::{
    app::queue::{self, AfterFailure},
    config::WorkerConfig,
    domain::{
        error::Error,
        task::{LeasedTask, TaskErrorCode, TaskKind, TaskLease},
    },
    log::error_chain,
    state::App,
};

/// How an attempt ended.
enum AttemptOutcome {
    Done,
    Analysis(Box<Analysis>),
    Failed(TaskErrorCode),
    /// The task was cancelled, or its lease expired.
    LeaseLost,
    /// The process is to stop.
    Stopped,
}

/// What was recorded of an attempt, for the log.
enum RecordedOutcome {
    Done,
    WaitingForRetry,
    Dead,
    Ended,
    Released,
}

impl fmt::Display for RecordedOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::WaitingForRetry => "waiting for retry",
            Self::Dead => "dead",
            Self::Ended => "failed for good",
            Self::Released => "released",
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

/// Does a leased task and records the outcome.
pub(super) async fn run_attempt(app: App, task: LeasedTask, config: WorkerConfig, stop: CancellationToken) {
    let lease = task.lease;
    let span = info_span!(
        "task",
        task.id = %lease.task(),
        task.kind = lease.kind().name(),
        task.attempt = lease.attempt()
    );
    async {
        let started = Instant::now();
        let outcome = run_to_outcome(&app, task, config, &stop).await;
        let recorded = record_while_leased(&app, &lease, config, &outcome).await;
        let duration_ms = millis(started.elapsed());
        match recorded {
            Ok(outcome) => info!(duration_ms, %outcome, "attempt ended"),
            Err(Error::LeaseLost) => info!(duration_ms, "lease lost: the task was cancelled or taken back"),
            // Unless the outcome was recorded after all, the lease expires and the task is attempted again.
            Err(error) => {
                error!(duration_ms, error = %error_chain(&error), "the outcome of a task could not be recorded");
            }
        }
    }
    .instrument(span)
    .await;
}

async fn run_to_outcome(
    app: &App,
    task: LeasedTask,
    config: WorkerConfig,
    stop: &CancellationToken,
) -> AttemptOutcome {
    let lease = task.lease;
    let pages_done = Arc::new(AtomicU32::new(0));
    let handler = handle(app.clone(), task, config, Arc::clone(&pages_done));
    let mut handler = AbortOnDrop(tokio::spawn(handler.in_current_span()));
    tokio::select! {
        biased;
        // The panic hook of the process has logged a panic, without its message.
        outcome = &mut handler.0 => outcome.unwrap_or(AttemptOutcome::Failed(TaskErrorCode::Internal)),
        () = stop.cancelled() => AttemptOutcome::Stopped,
        () = sleep_until(Instant::now() + config.attempt_timeout) => {
            warn!(timeout_ms = millis(config.attempt_timeout), "an attempt timed out");
            AttemptOutcome::Failed(TaskErrorCode::TimedOut)
        }
        () = keep_lease(app, &lease, config, OnExpiry::GiveUp, &pages_done) => AttemptOutcome::LeaseLost,
    }
}

/// Has the task done by the handler of its kind.
async fn handle(
    app: App,
    task: LeasedTask,
    config: WorkerConfig,
    pages_done: Arc<AtomicU32>,
) -> AttemptOutcome {
    let done = match task.lease.kind() {
        TaskKind::Analysis => return analyse(app, &task, config, pages_done).await,
        TaskKind::InvitationMail => invitation_mail::run(&app, &task).await,
        TaskKind::RegistrationMail => registration_mail::run(&app, &task).await,
        TaskKind::Mail => mail::run(&app, &task).await,
        TaskKind::DeleteDoneTasks => delete_done_tasks::run(&app).await,
        TaskKind::PurgeRecord => purge_record::run(&app, &task).await,
        TaskKind::EnqueuePurges => enqueue_purges::run(&app).await,
        TaskKind::DeleteOrphans => delete_orphans::run(&app).await,
        TaskKind::DeleteUnknownObjects => delete_unknown_objects::run(&app).await,
        TaskKind::CompareStorage => compare_storage::run(&app).await,
        TaskKind::SyncSubscription => billing::sync(&app, &task).await,
        TaskKind::ReconcileSubscriptions => billing::reconcile(&app).await,
        TaskKind::FinishBillingIntent => billing::finish_intent(&app, &task).await,
        TaskKind::EnqueueSubscriptionReviews => usage::enqueue_reviews(&app).await,
        TaskKind::ReviewSubscription => usage::review(&app, &task).await,
        TaskKind::EnqueueMeasurements => usage::enqueue_measurements(&app).await,
        TaskKind::MeasureUsage => usage::measure(&app, &task).await,
        TaskKind::BillingMail => billing::send_mail(&app, &task).await,
    };
    match done {
        Ok(()) => AttemptOutcome::Done,
        Err(error) => failure(&error),
    }
}

async fn analyse(
    app: App,
    task: &LeasedTask,
    config: WorkerConfig,
    pages_done: Arc<AtomicU32>,
) -> AttemptOutcome {
    let lease = match task.lease.as_job_lease() {
        Ok(lease) => lease,
        Err(error) => return failure(&error),
    };
    match run_analysis(app, lease, config, pages_done).await {
        Ok(analysis) => AttemptOutcome::Analysis(Box::new(analysis)),
        Err(AnalysisFailure::LeaseLost) => AttemptOutcome::LeaseLost,
        Err(AnalysisFailure::Error(code)) => AttemptOutcome::Failed(TaskErrorCode::Job(code)),
    }
}

fn failure(error: &Error) -> AttemptOutcome {
    if matches!(error, Error::LeaseLost) {
        return AttemptOutcome::LeaseLost;
    }
    let code = TaskErrorCode::from(error);
    if code.is_transient() {
        warn!(error = %error_chain(error), "a task failed");
    } else {
        error!(error = %error_chain(error), "a task failed, which no retry will change");
    }
    AttemptOutcome::Failed(code)
}

/// What is done with the work when the lease has expired because the database was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnExpiry {
    /// Another worker may be doing it by now.
    GiveUp,
    /// The work is done, and the database decides whether it is still wanted.
    Continue,
}

/// Renews the lease, and stores the progress of an analysis when it changed. Returns once the lease is lost.
async fn keep_lease(
    app: &App,
    lease: &TaskLease,
    config: WorkerConfig,
    on_expiry: OnExpiry,
    pages_done: &AtomicU32,
) {
    let mut renewed_at = Instant::now();
    let mut stored_pages = 0;
    let mut heartbeat = interval_at(renewed_at + config.heartbeat_interval, config.heartbeat_interval);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        heartbeat.tick().await;
        let requested_at = Instant::now();
        let renewal = queue::renew(app, lease, config.lease_duration);
        let renewed = timeout(config.lease_duration, renewal).await.unwrap_or_else(|_| {
            Err(Error::unavailable(anyhow::anyhow!("the database did not answer within the lease")))
        });
        match renewed {
            Ok(()) => renewed_at = requested_at,
            Err(Error::LeaseLost) => return,
            Err(error) if on_expiry == OnExpiry::Continue || renewed_at.elapsed() < config.lease_duration => {
                warn!(error = %error_chain(&error), "a lease could not be renewed, trying again");
                continue;
            }
            Err(error) => {
                warn!(error = %error_chain(&error), "a lease expired while the database was unavailable");
                return;
            }
        }
        let pages = pages_done.load(Ordering::Relaxed);
        if pages != stored_pages
            && let Ok(job_lease) = lease.as_job_lease()
            && queue::store_progress(app, &job_lease, pages).await.is_ok()
        {
            stored_pages = pages;
        }
    }
}

/// How long an outcome is kept that cannot be recorded because the database is away.
const RECORD_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// Records the outcome, again and again while the database is away: an analysis may have cost an hour.
async fn record_while_leased(
    app: &App,
    lease: &TaskLease,
    config: WorkerConfig,
    outcome: &AttemptOutcome,
) -> Result<RecordedOutcome, Error> {
    let deadline = Instant::now() + RECORD_TIMEOUT;
    let record_again = async {
        loop {
            match record(app, lease, outcome).await {
                Err(error @ Error::Unavailable { .. }) if Instant::now() < deadline => {
                    warn!(error = %error_chain(&error), "an outcome could not be recorded, trying again");
                    sleep(config.heartbeat_interval).await;
                }
                recorded => return recorded,
            }
        }
    };
    let no_progress = AtomicU32::new(0);
    tokio::select! {
        biased;
        recorded = record_again => recorded,
        () = keep_lease(app, lease, config, OnExpiry::Continue, &no_progress) => Err(Error::LeaseLost),
    }
}

async fn record(app: &App, lease: &TaskLease, outcome: &AttemptOutcome) -> Result<RecordedOutcome, Error> {
    let completed = match outcome {
        AttemptOutcome::Done => queue::complete(app, lease).await,
        AttemptOutcome::Analysis(analysis) => {
            queue::complete_analysis(app, &lease.as_job_lease()?, analysis).await
        }
        AttemptOutcome::Failed(code) => return record_failure(app, lease, *code).await,
        AttemptOutcome::LeaseLost => return Err(Error::LeaseLost),
        AttemptOutcome::Stopped => {
            return queue::release(app, lease).await.map(|()| RecordedOutcome::Released);
        }
    };
    match completed {
        Ok(()) => Ok(RecordedOutcome::Done),
        Err(error @ (Error::LeaseLost | Error::Unavailable { .. })) => Err(error),
        Err(error) => {
            error!(error = %error_chain(&error), "what a task made could not be recorded");
            record_failure(app, lease, TaskErrorCode::Internal).await
        }
    }
}

async fn record_failure(app: &App, lease: &TaskLease, code: TaskErrorCode) -> Result<RecordedOutcome, Error> {
    Ok(match queue::fail(app, lease, code).await? {
        AfterFailure::WaitsForRetry => RecordedOutcome::WaitingForRetry,
        AfterFailure::Dead => RecordedOutcome::Dead,
        AfterFailure::Ended => RecordedOutcome::Ended,
    })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
