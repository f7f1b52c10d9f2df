//! Jobs as a clinic's members see them: ask, look, end, ask again.

use maneiro_api::{
    ErrorCode, JobId,
    error::LimitReached,
    job::{CreateJob, Job, JobError, JobProgress},
    record::List,
    seal::{Key, associated_data},
};
use serde_json::json;

use super::{clinic_keys, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::Deed,
        error::Error,
        fields::{Fields, Focus, IdempotencyKey},
        job::{self, State},
        list::{Page, Window},
        period::Period,
    },
    state::App,
    store::{
        OrgTx, accounts, audit, documents,
        jobs::{self, Idempotency},
        records, usage,
    },
};

/// Asks for an analysis. The same Idempotency-Key with the same request is the same job, however often it is sent.
///
/// # Errors
/// `Invalid` with every field that is refused; `NotFound` if the clinic has no such record; `Conflict` if the record is
/// incomplete or the Idempotency-Key was used for something else; `LimitReached` if the plan's analyses are used up.
pub async fn create(
    app: &App,
    who: &OrgActor,
    idempotency_key: &str,
    input: &CreateJob,
) -> Result<Job, Error> {
    let mut fields = Fields::default();
    let idempotency_key = fields.take("Idempotency-Key", IdempotencyKey::parse(idempotency_key));
    let focus = input.focus.as_deref().map(Focus::parse).transpose();
    let focus = fields.take("focus", focus);
    if let Some((from, to)) = input.window.and_then(|window| window.from.zip(window.to))
        && from > to
    {
        fields.refuse("window", "must not end before it begins");
    }
    let (Some(idempotency_key), Some(focus)) = (idempotency_key, focus) else { return Err(fields.refusal()) };
    fields.done()?;

    let (user, _) = who.user()?;
    let key = clinic_keys::of(app, who).await?;
    let request = serde_json::to_vec(input).map_err(Error::bug)?;
    let idempotency = Idempotency {
        key: sealing::derive(&key, "idempotency-key/", idempotency_key.as_str().as_bytes()),
        request: sealing::derive(&key, "job-request/", &request),
    };
    let id = JobId::from_uuid(app.uuid());
    let created_at = app.now();

    let mut tx = app.db.begin_org(who).await?;
    if let Some(same) = asked_before(&mut tx, idempotency).await? {
        return open(&key, same);
    }
    let new = job::Job {
        id,
        record: input.record,
        focus_sealed: focus
            .map(|focus| sealing::text(app, &key, &associated_data::job_focus(id), focus.as_str())),
        window: input.window,
        state: State::Waiting { delay: std::time::Duration::ZERO },
        attempt: 0,
        failure: None,
        pages_done: 0,
        pages_total: pages_of_complete_record(&mut tx, input).await?,
        counted_in: Some(Period::of(created_at)),
        analysis: None,
        created_at,
    };
    if !jobs::add(&mut tx, &new, idempotency, user).await? {
        // The same request, sent at the same time, was first.
        let same = asked_before(&mut tx, idempotency).await?;
        return open(&key, same.ok_or_else(|| Error::bug(anyhow::anyhow!("a job is there and is not")))?);
    }
    count(app, &mut tx, Period::of(created_at)).await?;
    let event = app.event(Deed::JobCreated, Some(id.uuid()));
    audit::add(&mut tx, &event.with(json!({ "record": input.record, "pages": new.pages_total }))).await?;
    tx.commit().await?;
    open(&key, new)
}

async fn asked_before(tx: &mut OrgTx, idempotency: Idempotency) -> Result<Option<job::Job>, Error> {
    match jobs::of_key(tx, &idempotency.key).await? {
        Some((job, request)) if request == idempotency.request => Ok(Some(job)),
        Some(_) => Err(Error::Conflict(ErrorCode::IdempotencyKeyReused)),
        None => Ok(None),
    }
}

async fn pages_of_complete_record(tx: &mut OrgTx, input: &CreateJob) -> Result<u32, Error> {
    records::find(tx, input.record).await?;
    let documents = documents::of_records(tx, &[input.record]).await?;
    let complete = documents.iter().all(|document| document.arrived.len() == document.pages as usize);
    if documents.is_empty() || !complete {
        return Err(Error::Conflict(ErrorCode::RecordIncomplete));
    }
    Ok(documents.iter().map(|document| document.pages).sum())
}

/// Counts one analysis against the plan in force.
async fn count(app: &App, tx: &mut OrgTx, period: Period) -> Result<(), Error> {
    let subscription = accounts::subscription(tx).await?;
    let limit = app.plans.in_force(&subscription, app.now()).analyses_per_month;
    if usage::count(tx, period, limit).await? {
        return Ok(());
    }
    Err(Error::LimitReached(LimitReached {
        limit: limit.map_or(u32::MAX, std::num::NonZero::get),
        used: usage::used(tx, period).await?,
        resets_at: period.end(),
        upgrade_url: app.public_url.join("pricing").map_err(Error::bug)?.into(),
    }))
}

/// A job of the clinic.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn get(app: &App, who: &OrgActor, id: JobId) -> Result<Job, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let job = jobs::find(&mut tx, id).await?;
    tx.commit().await?;
    open(&key, job)
}

/// Jobs of the clinic, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(app: &App, who: &OrgActor, window: Window) -> Result<List<Job>, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let rows = jobs::list(&mut tx, window.before(), window.rows_to_fetch()).await?;
    tx.commit().await?;
    let page = Page::of(rows, window, |job| job.id.uuid());
    let items = page.rows.into_iter().map(|job| open(&key, job)).collect::<Result<_, _>>()?;
    Ok(List { items, next_cursor: page.next })
}

/// Ends a job. A worker that has it notices when it next renews its lease.
///
/// # Errors
/// `NotFound` if there is none; `Conflict(NotCancellable)` if it has an outcome.
pub async fn cancel(app: &App, who: &OrgActor, id: JobId) -> Result<Job, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let job = jobs::find_to_change(&mut tx, id).await?.cancel(app.now())?;
    jobs::save(&mut tx, &job).await?;
    audit::add(&mut tx, &app.event(Deed::JobCancelled, Some(id.uuid()))).await?;
    tx.commit().await?;
    open(&key, job)
}

/// Puts a job that ended without an analysis back into the queue. It counts against the plan unless it still does.
///
/// # Errors
/// `NotFound` if there is none; `Conflict(NotRetryable)` unless it ended in error or was cancelled; `LimitReached` if the
/// plan's analyses are used up.
pub async fn retry(app: &App, who: &OrgActor, id: JobId) -> Result<Job, Error> {
    let key = clinic_keys::of(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let ended = jobs::find_to_change(&mut tx, id).await?;
    let (period, counts) = (Period::of(app.now()), ended.counted_in.is_some());
    let job = ended.retry(period)?;
    if !counts {
        count(app, &mut tx, period).await?;
    }
    jobs::save(&mut tx, &job).await?;
    audit::add(&mut tx, &app.event(Deed::JobRetried, Some(id.uuid()))).await?;
    tx.commit().await?;
    open(&key, job)
}

/// A stored job as its clinic sees it.
///
/// # Errors
/// `Bug` if its focus does not open.
pub(super) fn open(key: &Key, job: job::Job) -> Result<Job, Error> {
    let focus = job.focus_sealed.as_deref();
    let focus = focus
        .map(|sealed| sealing::open_text(key, &associated_data::job_focus(job.id), sealed))
        .transpose()?;
    Ok(Job {
        id: job.id,
        record: job.record,
        state: job.state.name(),
        focus,
        window: job.window,
        progress: JobProgress { pages_done: job.pages_done, pages_total: job.pages_total },
        attempts: job.attempt,
        error: job.failure.map(|code| JobError { code, message: job::message(code).to_owned() }),
        analysis: job.analysis,
        created_at: job.created_at,
        finished_at: job.state.finished_at(),
    })
}
