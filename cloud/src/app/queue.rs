//! What a worker does with jobs: take, renew, hand back, record the outcome. Who no longer holds a job changes nothing.

use std::time::Duration;

use maneiro_api::{
    analysis::{Analysis, Generator},
    job::JobErrorCode,
    seal::associated_data,
};
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};

use super::{clinic_keys, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::Deed,
        error::Error,
        job::{Claim, Job, State},
    },
    state::App,
    store::{self, OrgTx, SystemTask, analyses::StoredAnalysis, audit, jobs, notices::Notice, usage},
};

/// Tells a worker that a job may wait for it. A notice can be lost, so a worker also looks for itself.
pub struct Wakes(broadcast::Receiver<Notice>);

impl Wakes {
    /// Everything from now on.
    #[must_use]
    pub fn subscribe(app: &App) -> Self {
        Self(app.notices.subscribe())
    }

    /// Waits until a job was put into the queue, or one may have been.
    pub async fn next(&mut self) {
        loop {
            match self.0.recv().await {
                Ok(Notice::JobWaits) | Err(RecvError::Lagged(_)) => return,
                Ok(Notice::Job(_) | Notice::SessionEnded(_)) => {}
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

/// Takes up to `limit` waiting jobs for `lease_for`, all under one lease.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn claim(app: &App, lease_for: Duration, limit: u32) -> Result<Vec<Claim>, Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    let claims = store::queue::claim(&mut tx, app.uuid(), lease_for, limit).await?;
    tx.commit().await?;
    Ok(claims)
}

/// Renews the lease of a claim and notes how far its job is.
///
/// # Errors
/// `LeaseLost` if the job was cancelled or taken away: stop working on it.
pub async fn renew(app: &App, claim: &Claim, lease_for: Duration, pages_done: u32) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    store::queue::renew(&mut tx, claim, lease_for, pages_done).await?;
    tx.commit().await
}

/// Gives a job back at once, because this worker stops. The attempt is not counted.
///
/// # Errors
/// `LeaseLost` if the job was cancelled or taken away.
pub async fn hand_back(app: &App, claim: &Claim) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    store::queue::hand_back(&mut tx, claim).await?;
    tx.commit().await
}

/// Puts jobs whose worker vanished back into the queue, or gives them up. Answers how many.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn sweep(app: &App, limit: u32) -> Result<usize, Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    let lapsed = store::queue::lapsed(&mut tx, limit).await?;
    tx.commit().await?;
    let mut swept = 0;
    for claim in lapsed {
        let mut tx = app.db.begin_org(&OrgActor::job(&claim)).await?;
        match jobs::lapsed(&mut tx, &claim).await {
            Ok(job) => {
                fail_held(app, &mut tx, job, JobErrorCode::WorkerLost).await?;
                tx.commit().await?;
                swept += 1;
            }
            // Its worker came back in time, or another process swept it.
            Err(Error::LeaseLost) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(swept)
}

/// Records the analysis of a job.
///
/// # Errors
/// `LeaseLost` if the claim no longer holds the job; nothing is then recorded.
pub async fn complete(app: &App, claim: &Claim, analysis: &Analysis) -> Result<(), Error> {
    let who = OrgActor::job(claim);
    let key = clinic_keys::of(app, &who).await?;
    let stored = StoredAnalysis {
        id: analysis.id,
        job: analysis.job,
        record: analysis.record,
        made_by: match &analysis.generator {
            Generator::Extractive => "extractive".to_owned(),
            Generator::Model { name } => name.clone(),
        },
        body_sealed: sealing::json(&key, app.bytes(), &associated_data::analysis(analysis.id), analysis),
        created_at: analysis.generated_at,
    };
    let mut tx = app.db.begin_org(&who).await?;
    let job = jobs::held(&mut tx, claim).await?.complete(analysis.id, app.now());
    store::analyses::add(&mut tx, &stored).await?;
    jobs::save(&mut tx, &job).await?;
    let event =
        app.event(Deed::JobCompleted, Some(job.id.uuid())).with(json!({ "attempt": claim.attempt() }));
    audit::add(&mut tx, &event).await?;
    tx.commit().await
}

/// Records that an attempt failed: the job waits for its next one, or is given up and its count given back.
/// Answers the job as it then stands.
///
/// # Errors
/// `LeaseLost` if the claim no longer holds the job; nothing is then recorded.
pub async fn fail(app: &App, claim: &Claim, failure: JobErrorCode) -> Result<Job, Error> {
    let mut tx = app.db.begin_org(&OrgActor::job(claim)).await?;
    let job = jobs::held(&mut tx, claim).await?;
    let job = fail_held(app, &mut tx, job, failure).await?;
    tx.commit().await?;
    Ok(job)
}

async fn fail_held(app: &App, tx: &mut OrgTx, job: Job, failure: JobErrorCode) -> Result<Job, Error> {
    let counted = job.counted_in;
    let [spread] = app.bytes();
    let job = job.fail(failure, app.now(), spread);
    jobs::save(tx, &job).await?;
    match job.state {
        State::Error { .. } => {
            if let Some(period) = counted {
                usage::give_back(tx, period).await?;
            }
            let event = app.event(Deed::JobFailed, Some(job.id.uuid()));
            audit::add(tx, &event.with(json!({ "attempts": job.attempt, "code": failure }))).await?;
        }
        State::Waiting { .. } | State::Processing | State::Complete { .. } | State::Cancelled { .. } => {}
    }
    Ok(job)
}
