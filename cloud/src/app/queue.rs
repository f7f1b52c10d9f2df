//! What a worker does with tasks: claim, renew, release, record the outcome. Without its lease it changes nothing. The state of
//! a job follows its task.

use std::time::Duration;

use maneiro_api::{
    JobId, TaskId,
    analysis::{Analysis, Generator},
    job::JobErrorCode,
    seal::associated_data,
};
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use tracing::{error, warn};
use uuid::Uuid;

use super::{clinic_keys, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::{AuditAction, AuditActor},
        error::Error,
        task::{
            JobLease, LeasedTask, MAX_ATTEMPTS, NewTask, TaskErrorCode, TaskKind, TaskLease, retry_delay,
            worker_lost_delay,
        },
    },
    log::error_chain,
    state::App,
    store::{
        self, OrgTx, SystemTask, analyses::StoredAnalysis, audit, jobs, notifications::DbNotification, tasks,
        usage, usage_reports,
    },
};

/// Notifies a worker that a task may be due. A notification can be lost, so a worker also polls.
pub struct TaskNotifications(broadcast::Receiver<DbNotification>);

impl TaskNotifications {
    /// Every notification from now on.
    #[must_use]
    pub fn subscribe(app: &App) -> Self {
        Self(app.notifications.subscribe())
    }

    /// Waits until a task is due, or may be.
    pub async fn next(&mut self) {
        loop {
            match self.0.recv().await {
                Ok(DbNotification::TaskDue | DbNotification::ConnectionLost) | Err(RecvError::Lagged(_)) => {
                    return;
                }
                Ok(
                    DbNotification::JobChanged(_)
                    | DbNotification::AccessChanged(_)
                    | DbNotification::ClinicKeysChanged(_),
                ) => {}
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

/// Enqueues the periodic tasks that are not there yet.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn enqueue_periodic(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    for kind in TaskKind::ALL {
        if let Some(period) = kind.period() {
            let task = NewTask::new(TaskId::from_uuid(app.new_uuid()), kind)
                .with_dedupe_key(format!("periodic/{}", kind.name()))
                .with_delay(period);
            tasks::enqueue(&mut tx, &task).await?;
        }
    }
    tx.commit().await
}

/// Claims up to `limit` due tasks of these kinds under one lease of `duration`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn claim(
    app: &App,
    kinds: &[TaskKind],
    duration: Duration,
    limit: u32,
) -> Result<Vec<LeasedTask>, Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    let claimed = tasks::claim(&mut tx, kinds, app.new_uuid(), duration, limit).await?;
    let of_jobs: Vec<(JobId, u32)> = claimed
        .iter()
        .filter_map(|task| job_of(task.lease.kind, task.lease.subject).zip(Some(task.lease.attempt)))
        .collect();
    if !of_jobs.is_empty() {
        jobs::set_processing(&mut tx, &of_jobs).await?;
    }
    tx.commit().await?;
    Ok(claimed)
}

/// The job whose state follows a task of this kind.
fn job_of(kind: TaskKind, subject: Option<Uuid>) -> Option<JobId> {
    match kind {
        TaskKind::Analysis => subject.map(JobId::from_uuid),
        TaskKind::RegistrationMail
        | TaskKind::Mail
        | TaskKind::InvitationMail
        | TaskKind::DeleteDoneTasks
        | TaskKind::PurgeRecord
        | TaskKind::EnqueuePurges
        | TaskKind::DeleteOrphans
        | TaskKind::DeleteUnknownObjects
        | TaskKind::CompareStorage
        | TaskKind::SyncSubscription
        | TaskKind::ReconcileSubscriptions
        | TaskKind::FinishBillingIntent
        | TaskKind::EnqueueSubscriptionReviews
        | TaskKind::ReviewSubscription
        | TaskKind::EnqueueMeasurements
        | TaskKind::MeasureUsage
        | TaskKind::BillingMail => None,
    }
}

/// Renews a lease for `duration`.
///
/// # Errors
/// `LeaseLost` if the task no longer has this lease: stop working on it.
pub async fn renew(app: &App, lease: &TaskLease, duration: Duration) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    tasks::renew(&mut tx, lease, duration).await?;
    tx.commit().await
}

/// Stores how many pages of a job are done.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn store_progress(app: &App, lease: &JobLease, pages_done: u32) -> Result<(), Error> {
    let mut tx = app.db.begin_org(&OrgActor::from_job_lease(lease)).await?;
    jobs::set_progress(&mut tx, lease.job(), lease.attempt(), pages_done).await?;
    tx.commit().await
}

/// Puts a task back into the queue because this worker stops. The attempt is not counted.
///
/// # Errors
/// `LeaseLost` if the task no longer has this lease.
pub async fn release(app: &App, lease: &TaskLease) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    tasks::release(&mut tx, lease).await?;
    if let Some(job) = job_of(lease.kind, lease.subject) {
        jobs::set_waiting(&mut tx, &[job.uuid()], 1, None).await?;
    }
    tx.commit().await
}

/// Puts tasks with expired leases back into the queue, or ends them after their last attempt. Returns how many. A task that
/// cannot be ended as it should becomes a dead letter, and keeps no other from being reaped.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn reap_expired_leases(app: &App, limit: u32) -> Result<usize, Error> {
    let [jitter] = app.random_bytes();
    let delays: Vec<Duration> = (1..MAX_ATTEMPTS).map(|attempt| worker_lost_delay(attempt, jitter)).collect();
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    let reaped = tasks::reap(&mut tx, &delays).await?;
    let of_jobs: Vec<Uuid> =
        reaped.iter().filter_map(|(kind, subject)| job_of(*kind, *subject)).map(JobId::uuid).collect();
    if !of_jobs.is_empty() {
        jobs::set_waiting(&mut tx, &of_jobs, 0, Some(JobErrorCode::WorkerLost)).await?;
    }
    let exhausted = tasks::exhausted(&mut tx, limit).await?;
    tx.commit().await?;
    let mut ended = reaped.len();
    for lease in exhausted {
        match fail_with(app, &lease, TaskErrorCode::WorkerLost, Expected::Expired).await {
            Ok(_) => ended += 1,
            // Its worker renewed it in time, or another process ended it.
            Err(Error::LeaseLost) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(ended)
}

/// Records that a task of no further effect on the database is done.
///
/// # Errors
/// `LeaseLost` if the task no longer has this lease.
pub async fn complete(app: &App, lease: &TaskLease) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    tasks::complete(&mut tx, lease).await?;
    tx.commit().await
}

/// Records the analysis of a job.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease; nothing is then recorded.
pub async fn complete_analysis(app: &App, lease: &JobLease, analysis: &Analysis) -> Result<(), Error> {
    let who = OrgActor::from_job_lease(lease);
    let key = clinic_keys::load(app, &who).await?;
    let associated_data = associated_data::analysis(analysis.id);
    let stored = StoredAnalysis {
        id: analysis.id,
        job: analysis.job,
        record: analysis.record,
        generator: match &analysis.generator {
            Generator::Extractive => "extractive".to_owned(),
            Generator::Model { name } => name.clone(),
        },
        body_sealed: sealing::seal_json(&key, app.random_bytes(), &associated_data, analysis),
        created_at: analysis.generated_at,
    };
    let mut tx = app.db.begin_org(&who).await?;
    tasks::complete(&mut tx, lease.task()).await?;
    let job = jobs::find_for_update(&mut tx, lease.job()).await?.complete(analysis.id, app.now());
    store::analyses::insert(&mut tx, &stored).await?;
    store::model_answers::delete(&mut tx, job.id).await?;
    jobs::save(&mut tx, &job).await?;
    let event = app
        .audit_event(AuditAction::JobCompleted, Some(job.id.uuid()))
        .with_details(json!({ "attempt": lease.attempt() }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await
}

/// What was made of a task after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    WaitsForRetry,
    /// It failed for good by a fault of the service: an operator sees it.
    Dead,
    /// It failed for good by no fault of the service: what it was for tells so.
    Ended,
}

/// Records a failed attempt: the task waits for the next one, is dead, or has ended. Its job waits too, or ends in error and is refunded.
///
/// # Errors
/// `LeaseLost` if the task no longer has this lease; nothing is then recorded. `Unavailable` if the database is.
pub async fn fail(app: &App, lease: &TaskLease, error: TaskErrorCode) -> Result<AfterFailure, Error> {
    fail_with(app, lease, error, Expected::Leased).await
}

/// What is expected of the lease of a task that failed.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Leased,
    Expired,
}

async fn fail_with(
    app: &App,
    lease: &TaskLease,
    error: TaskErrorCode,
    expected: Expected,
) -> Result<AfterFailure, Error> {
    let after = match (lease.may_retry(error), error.is_service_fault()) {
        (true, _) => AfterFailure::WaitsForRetry,
        (false, true) => AfterFailure::Dead,
        (false, false) => AfterFailure::Ended,
    };
    let recorded = match lease.kind {
        TaskKind::Analysis => fail_analysis(app, lease, error, expected, after).await,
        TaskKind::RegistrationMail
        | TaskKind::Mail
        | TaskKind::InvitationMail
        | TaskKind::DeleteDoneTasks
        | TaskKind::PurgeRecord
        | TaskKind::EnqueuePurges
        | TaskKind::DeleteOrphans
        | TaskKind::DeleteUnknownObjects
        | TaskKind::CompareStorage
        | TaskKind::SyncSubscription
        | TaskKind::ReconcileSubscriptions
        | TaskKind::FinishBillingIntent
        | TaskKind::EnqueueSubscriptionReviews
        | TaskKind::ReviewSubscription
        | TaskKind::EnqueueMeasurements
        | TaskKind::MeasureUsage
        | TaskKind::BillingMail => fail_plain(app, lease, error, expected, after).await,
    };
    match recorded {
        Ok(()) => Ok(after),
        Err(cause @ (Error::LeaseLost | Error::Unavailable { .. })) => Err(cause),
        Err(cause) => {
            error!(task.id = %lease.task(), error = %error_chain(&cause), "a failure cannot be recorded");
            bury(app, lease, expected).await?;
            Ok(AfterFailure::Dead)
        }
    }
}

async fn fail_plain(
    app: &App,
    lease: &TaskLease,
    error: TaskErrorCode,
    expected: Expected,
    after: AfterFailure,
) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    match expected {
        Expected::Leased => tasks::lock_leased(&mut tx, lease).await?,
        Expected::Expired => tasks::lock_expired(&mut tx, lease).await?,
    }
    let [jitter] = app.random_bytes();
    match after {
        AfterFailure::WaitsForRetry => {
            tasks::retry_later(&mut tx, lease, retry_delay(lease.attempt, jitter), error).await?;
        }
        AfterFailure::Dead => tasks::bury(&mut tx, lease, error).await?,
        AfterFailure::Ended => tasks::complete(&mut tx, lease).await?,
    }
    tx.commit().await
}

async fn fail_analysis(
    app: &App,
    lease: &TaskLease,
    error: TaskErrorCode,
    expected: Expected,
    after: AfterFailure,
) -> Result<(), Error> {
    let job_lease = lease.as_job_lease()?;
    let code = error.as_job_error();
    let mut tx = app.db.begin_org(&OrgActor::from_job_lease(&job_lease)).await?;
    match expected {
        Expected::Leased => tasks::lock_leased(&mut tx, lease).await?,
        Expected::Expired => tasks::lock_expired(&mut tx, lease).await?,
    }
    let job = jobs::find_for_update(&mut tx, job_lease.job()).await?;
    let [jitter] = app.random_bytes();
    match after {
        AfterFailure::WaitsForRetry => {
            tasks::retry_later(&mut tx, lease, retry_delay(lease.attempt, jitter), error).await?;
            jobs::save(&mut tx, &job.wait_for_retry(code)).await?;
        }
        AfterFailure::Dead | AfterFailure::Ended => {
            if after == AfterFailure::Dead {
                tasks::bury(&mut tx, lease, error).await?;
            } else {
                tasks::complete(&mut tx, lease).await?;
            }
            if let Some(period) = job.quota_period {
                refund(&mut tx, job.id, period).await?;
            }
            let event = app
                .audit_event(AuditAction::JobFailed, Some(job.id.uuid()))
                .with_details(json!({ "attempts": job.attempt, "code": code }));
            jobs::save(&mut tx, &job.fail(code, app.now())).await?;
            audit::append(&mut tx, &event).await?;
        }
    }
    tx.commit().await
}

async fn refund(tx: &mut OrgTx, job: JobId, period: time::OffsetDateTime) -> Result<(), Error> {
    if !usage::refund(tx, period).await? {
        warn!(job.id = %job, "a failed job was counted in no period, so it is not refunded");
    }
    usage_reports::take_back_job(tx, job).await
}

/// Makes a dead letter of a task whose failure cannot be recorded as it should, so that it is neither attempted nor reaped
/// for ever. What its job is to its clinic ends in error.
async fn bury(app: &App, lease: &TaskLease, expected: Expected) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    match expected {
        Expected::Leased => tasks::lock_leased(&mut tx, lease).await?,
        Expected::Expired => tasks::lock_expired(&mut tx, lease).await?,
    }
    tasks::bury(&mut tx, lease, TaskErrorCode::Internal).await?;
    if let Some(job) = job_of(lease.kind, lease.subject) {
        jobs::end_in_error(&mut tx, job, app.now()).await?;
        let event = app
            .audit_event(AuditAction::JobFailed, Some(job.uuid()))
            .with_details(json!({ "code": JobErrorCode::Internal }));
        let actor = AuditActor { org: lease.org, kind: "job", id: Some(job.uuid()), ..AuditActor::SERVER };
        audit::append_as(&mut tx, &event, actor).await?;
    }
    tx.commit().await
}

/// How long a task with a dedupe key is remembered, so that its cause makes no second one.
const DONE_TASK_RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);

/// Deletes tasks that were done long ago.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_done_tasks(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    tasks::delete_done(&mut tx, DONE_TASK_RETENTION).await?;
    tx.commit().await
}
