//! What a worker does with jobs: claim, renew, release, record the outcome. Without its lease it changes nothing.

use std::time::Duration;

use maneiro_api::{
    analysis::{Analysis, Generator},
    job::JobErrorCode,
    seal::associated_data,
};
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use tracing::{error, warn};

use super::{clinic_keys, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        error::Error,
        job::{Job, JobLease, JobLifecycle},
    },
    log::error_chain,
    state::App,
    store::{
        self, OrgTx, SystemTask, analyses::StoredAnalysis, audit, jobs, notifications::DbNotification, usage,
    },
};

/// Notifies a worker that a job may be due. A notification can be lost, so a worker also polls.
pub struct JobNotifications(broadcast::Receiver<DbNotification>);

impl JobNotifications {
    /// Every notification from now on.
    #[must_use]
    pub fn subscribe(app: &App) -> Self {
        Self(app.notifications.subscribe())
    }

    /// Waits until a job was queued, or may have been.
    pub async fn next(&mut self) {
        loop {
            match self.0.recv().await {
                Ok(DbNotification::JobQueued) | Err(RecvError::Lagged(_)) => return,
                Ok(DbNotification::JobChanged(_) | DbNotification::AccessChanged(_)) => {}
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

/// Claims up to `limit` due jobs under one lease of `duration`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn claim(app: &App, duration: Duration, limit: u32) -> Result<Vec<JobLease>, Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    let leases = store::queue::claim(&mut tx, app.new_uuid(), duration, limit).await?;
    tx.commit().await?;
    Ok(leases)
}

/// Renews a lease for `duration` and records the job's progress.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease: stop working on it.
pub async fn renew(app: &App, lease: &JobLease, duration: Duration, pages_done: u32) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    store::queue::renew(&mut tx, lease, duration, pages_done).await?;
    tx.commit().await
}

/// Puts a job back into the queue because this worker stops. The attempt is not counted.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease.
pub async fn release(app: &App, lease: &JobLease) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    store::queue::release(&mut tx, lease).await?;
    tx.commit().await
}

/// How long a job that could not be reaped is left alone, so that it is not first among the expired leases again.
const FAILED_REAP_DELAY: Duration = Duration::from_secs(60);

/// Puts jobs with expired leases back into the queue, or ends them in error after their last attempt. Returns how many. A
/// job for which this fails is logged and left for later: it must not keep the others from being reaped.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn reap_expired_leases(app: &App, limit: u32) -> Result<usize, Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    let expired = store::queue::expired(&mut tx, limit).await?;
    tx.commit().await?;
    let mut reaped = 0;
    for lease in expired {
        // Without a connection no other job can be reaped either.
        let tx = app.db.begin_org(&OrgActor::from_lease(&lease)).await?;
        match reap(app, tx, &lease).await {
            Ok(()) => reaped += 1,
            // Its worker renewed it in time, or another process reaped it.
            Err(Error::LeaseLost) => {}
            Err(error) => {
                error!(job.id = %lease.job(), error = %error_chain(&error), "an expired lease cannot be reaped");
                if let Err(error) = renew(app, &lease, FAILED_REAP_DELAY, 0).await {
                    warn!(job.id = %lease.job(), error = %error_chain(&error), "an expired lease cannot be postponed");
                }
            }
        }
    }
    Ok(reaped)
}

async fn reap(app: &App, mut tx: OrgTx, lease: &JobLease) -> Result<(), Error> {
    let job = jobs::find_expired(&mut tx, lease).await?;
    fail_locked(app, &mut tx, job, JobErrorCode::WorkerLost).await?;
    tx.commit().await
}

/// Records the analysis of a job.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease; nothing is then recorded.
pub async fn complete(app: &App, lease: &JobLease, analysis: &Analysis) -> Result<(), Error> {
    let who = OrgActor::from_lease(lease);
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
    let job = jobs::find_leased(&mut tx, lease).await?.complete(analysis.id, app.now());
    store::analyses::insert(&mut tx, &stored).await?;
    jobs::save(&mut tx, &job).await?;
    let event = app
        .audit_event(AuditAction::JobCompleted, Some(job.id.uuid()))
        .with_details(json!({ "attempt": lease.attempt() }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await
}

/// Records a failed attempt: the job waits for the next one, or ends in error and is refunded. Returns the job.
///
/// # Errors
/// `LeaseLost` if the job no longer has this lease; nothing is then recorded.
pub async fn fail(app: &App, lease: &JobLease, error: JobErrorCode) -> Result<Job, Error> {
    let mut tx = app.db.begin_org(&OrgActor::from_lease(lease)).await?;
    let job = jobs::find_leased(&mut tx, lease).await?;
    let job = fail_locked(app, &mut tx, job, error).await?;
    tx.commit().await?;
    Ok(job)
}

async fn fail_locked(app: &App, tx: &mut OrgTx, job: Job, error: JobErrorCode) -> Result<Job, Error> {
    let counted_in = job.quota_period;
    let [jitter] = app.random_bytes();
    let job = job.fail(error, app.now(), jitter);
    jobs::save(tx, &job).await?;
    match job.lifecycle {
        JobLifecycle::Error { .. } => {
            if let Some(period) = counted_in {
                usage::refund(tx, period).await?;
            }
            let event = app
                .audit_event(AuditAction::JobFailed, Some(job.id.uuid()))
                .with_details(json!({ "attempts": job.attempt, "code": error }));
            audit::append(tx, &event).await?;
        }
        JobLifecycle::Waiting { .. }
        | JobLifecycle::Processing
        | JobLifecycle::Complete { .. }
        | JobLifecycle::Cancelled { .. } => {}
    }
    Ok(job)
}
