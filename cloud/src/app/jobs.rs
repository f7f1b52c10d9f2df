//! Jobs as a clinic's members see them: create, read, cancel, retry.

use std::ops::RangeInclusive;

use maneiro_api::{
    ErrorCode, JobId, RecordId, TaskId,
    analysis::DateWindow,
    job::{CreateJob, Job, JobError, JobProgress},
    record::List,
    seal::associated_data,
};
use serde_json::json;
use tracing::error;

use super::{clinic_keys, plan_limits, sealing};
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        canonical_form::encode_fields,
        error::Error,
        job::{self, JobFocus, JobLifecycle},
        pagination::{ListRequest, Slice},
        task::{NewTask, TaskKind},
        validation::{FieldErrors, Focus, IdempotencyKey},
    },
    log::error_chain,
    state::{App, clinic_keys::ClinicKeys},
    store::{
        OrgTx, audit, documents,
        jobs::{self, IdempotencyMacs},
        records, tasks, usage_reports,
    },
};

/// Creates a job. The same Idempotency-Key with the same request is the same job, however often it is sent.
///
/// # Errors
/// `InvalidInput` with every invalid field; `NotFound` if the clinic has no such record; `Conflict` if the record is
/// incomplete or the Idempotency-Key was used with a different request; `LimitReached` if the plan's analyses are used up.
pub async fn create(
    app: &App,
    who: &OrgActor,
    idempotency_key: &str,
    input: &CreateJob,
) -> Result<Job, Error> {
    let mut errors = FieldErrors::default();
    let idempotency_key = errors.check("Idempotency-Key", IdempotencyKey::parse(idempotency_key));
    let focus = input.focus.as_deref().map(Focus::parse).transpose();
    let focus = errors.check("focus", focus);
    check_window(&mut errors, input.window);
    let (Some(idempotency_key), Some(focus)) = (idempotency_key, focus) else {
        return Err(errors.into_error());
    };
    errors.finish()?;

    let key = clinic_keys::load(app, who).await?;
    let request = mac_input(input.record, focus.as_ref(), input.window);
    // First those of the version that seals now; a request from before a rotation is recognised by an earlier one.
    let macs: Vec<IdempotencyMacs> = key
        .versions()
        .map(|key| IdempotencyMacs {
            key: key.derive("idempotency-key/", idempotency_key.as_str().as_bytes()),
            request: key.derive("job-request/", &request),
        })
        .collect();
    let id = JobId::from_uuid(app.new_uuid());
    let created_at = app.now();

    let mut tx = app.db.begin_org(who).await?;
    if let Some(existing) = find_existing(&mut tx, &macs).await? {
        return Ok(open(who, &key, existing));
    }
    // Also locks the record, so that no document is added meanwhile.
    records::touch(&mut tx, input.record, created_at).await?;
    let entitlements = plan_limits::current(app, &mut tx).await?;
    let mut new = job::Job {
        id,
        record: input.record,
        request_sealed: sealing::seal_json(
            &key,
            app.random_bytes(),
            &associated_data::job_request(id),
            &JobFocus { focus: focus.map(|focus| focus.as_str().to_owned()), window: input.window },
        ),
        lifecycle: JobLifecycle::Waiting,
        attempt: 0,
        last_error: None,
        pages_done: 0,
        pages_total: 0,
        quota_period: Some(entitlements.period().starts_at()),
        analysis: None,
        created_at,
    };
    if !jobs::insert(&mut tx, &new, macs[0]).await? {
        // The same request, sent at the same time, was first.
        let existing = find_existing(&mut tx, &macs).await?;
        let missing = || Error::internal(anyhow::anyhow!("a conflicting job cannot be found"));
        return Ok(open(who, &key, existing.ok_or_else(missing)?));
    }
    new.pages_total = pin_complete_record(&mut tx, id, input.record).await?;
    plan_limits::consume_analysis(app, &mut tx, &entitlements).await?;
    usage_reports::count_job(&mut tx, id).await?;
    enqueue(app, &mut tx, id).await?;
    let event = app
        .audit_event(AuditAction::JobCreated, Some(id.uuid()))
        .with_details(json!({ "record": input.record, "pages": new.pages_total }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    Ok(open(who, &key, new))
}

/// The years that a column of type `date` and a written date have in common; `time` also parses negative ones.
const WINDOW_YEARS: RangeInclusive<i32> = 1..=9999;

fn check_window(errors: &mut FieldErrors, window: Option<DateWindow>) {
    let Some(DateWindow { from, to }) = window else { return };
    for (field, date) in [("window.from", from), ("window.to", to)] {
        if date.is_some_and(|date| !WINDOW_YEARS.contains(&date.year())) {
            errors.add(
                field,
                format!("must be in a year from {} to {}", WINDOW_YEARS.start(), WINDOW_YEARS.end()),
            );
        }
    }
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        errors.add("window", "must not end before it begins");
    }
}

/// The first byte of [`mac_input`].
const MAC_INPUT_VERSION: u8 = 1;

/// What two requests with one Idempotency-Key must have in common, in its canonical form.
fn mac_input(record: RecordId, focus: Option<&Focus>, window: Option<DateWindow>) -> Vec<u8> {
    let DateWindow { from, to } = window.unwrap_or(DateWindow { from: None, to: None });
    let fields = [
        ("record", Some(record.uuid().as_bytes().to_vec())),
        ("focus", focus.map(|focus| focus.as_str().as_bytes().to_vec())),
        ("window.from", from.map(|date| date.to_julian_day().to_be_bytes().to_vec())),
        ("window.to", to.map(|date| date.to_julian_day().to_be_bytes().to_vec())),
    ];
    encode_fields(MAC_INPUT_VERSION, fields)
}

async fn find_existing(tx: &mut OrgTx, macs: &[IdempotencyMacs]) -> Result<Option<job::Job>, Error> {
    for macs in macs {
        match jobs::find_by_idempotency_key(tx, &macs.key).await? {
            Some((job, request)) if request == macs.request => return Ok(Some(job)),
            Some(_) => return Err(Error::Conflict(ErrorCode::IdempotencyKeyReused)),
            None => {}
        }
    }
    Ok(None)
}

/// Pins what the job reads, which must be complete. Returns the number of its pages.
async fn pin_complete_record(tx: &mut OrgTx, job: JobId, record: RecordId) -> Result<u32, Error> {
    let pinned = documents::pin_for_job(tx, job, record).await?;
    if pinned.documents == 0 || !pinned.is_complete {
        return Err(Error::Conflict(ErrorCode::RecordIncomplete));
    }
    jobs::set_pages_total(tx, job, pinned.pages).await?;
    Ok(pinned.pages)
}

async fn enqueue(app: &App, tx: &mut OrgTx, job: JobId) -> Result<(), Error> {
    let task = NewTask::new(TaskId::from_uuid(app.new_uuid()), TaskKind::Analysis).with_subject(job.uuid());
    tasks::enqueue(tx, &task).await.map(drop)
}

/// A job with what it is to look at, which is audited.
///
/// # Errors
/// `NotFound` if the clinic has no such job.
pub async fn get(app: &App, who: &OrgActor, id: JobId) -> Result<Job, Error> {
    read(app, who, id, AuditAction::JobRead).await
}

/// A job, which is audited as `action`.
///
/// # Errors
/// `NotFound` if the clinic has no such job.
pub(super) async fn read(app: &App, who: &OrgActor, id: JobId, action: AuditAction) -> Result<Job, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let job = jobs::find(&mut tx, id).await?;
    audit::append(&mut tx, &app.audit_event(action, Some(id.uuid()))).await?;
    tx.commit().await?;
    Ok(open(who, &key, job))
}

/// A job that the actor has begun to watch.
///
/// # Errors
/// `NotFound` if the clinic has no such job.
pub(super) async fn find(app: &App, who: &OrgActor, id: JobId) -> Result<Job, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let job = jobs::find(&mut tx, id).await?;
    tx.commit().await?;
    Ok(open(who, &key, job))
}

/// Jobs of the clinic, newest first, which is audited.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(app: &App, who: &OrgActor, request: ListRequest) -> Result<List<Job>, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    let rows = jobs::list(&mut tx, request.before(), request.rows_to_fetch()).await?;
    let slice = Slice::from_fetched(rows, request, |(id, _)| id.uuid());
    let ids: Vec<JobId> = slice.rows.iter().map(|(id, _)| *id).collect();
    let event = app.audit_event(AuditAction::JobsListed, None).with_list(&ids);
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    let mut items = Vec::new();
    for (id, job) in slice.rows {
        match job {
            Ok(job) => items.push(open(who, &key, job)),
            // Of a newer release, which lists it.
            Err(error) => error!(job.id = %id, error = %error_chain(&error), "a job cannot be listed"),
        }
    }
    Ok(List { items, next_cursor: slice.next_cursor })
}

/// Cancels a job. A worker that holds its lease learns of it when it next renews the lease.
///
/// # Errors
/// `NotFound` if the clinic has no such job; `Conflict(NotCancellable)` if it has an outcome.
pub async fn cancel(app: &App, who: &OrgActor, id: JobId) -> Result<Job, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    tasks::lock_for_subject(&mut tx, TaskKind::Analysis, id.uuid()).await?;
    let job = jobs::find_for_update(&mut tx, id).await?.cancel(app.now())?;
    tasks::delete_for_subject(&mut tx, TaskKind::Analysis, id.uuid()).await?;
    jobs::save(&mut tx, &job).await?;
    audit::append(&mut tx, &app.audit_event(AuditAction::JobCancelled, Some(id.uuid()))).await?;
    tx.commit().await?;
    Ok(open(who, &key, job))
}

/// Puts a job that ended without an analysis back into the queue. It counts against the quota unless it still does.
///
/// # Errors
/// `NotFound` if the clinic has no such job; `Conflict(NotRetryable)` unless it ended in error or was cancelled;
/// `LimitReached` if the plan's analyses are used up.
pub async fn retry(app: &App, who: &OrgActor, id: JobId) -> Result<Job, Error> {
    let key = clinic_keys::load(app, who).await?;
    let mut tx = app.db.begin_org(who).await?;
    tasks::lock_for_subject(&mut tx, TaskKind::Analysis, id.uuid()).await?;
    let ended = jobs::find_for_update(&mut tx, id).await?;
    let entitlements = plan_limits::current(app, &mut tx).await?;
    let is_counted = ended.quota_period.is_some();
    let job = ended.retry(entitlements.period().starts_at())?;
    if !is_counted {
        plan_limits::consume_analysis(app, &mut tx, &entitlements).await?;
        usage_reports::count_job(&mut tx, id).await?;
    }
    // The task of a job that ended in error may be a dead letter.
    tasks::delete_for_subject(&mut tx, TaskKind::Analysis, id.uuid()).await?;
    enqueue(app, &mut tx, id).await?;
    jobs::save(&mut tx, &job).await?;
    audit::append(&mut tx, &app.audit_event(AuditAction::JobRetried, Some(id.uuid()))).await?;
    tx.commit().await?;
    Ok(open(who, &key, job))
}

/// A job whose request does not open is shown as damaged: the others are not to be withheld with it.
pub(super) fn open(who: &OrgActor, key: &ClinicKeys, job: job::Job) -> Job {
    let request = if who.actor().sees_patient_content() {
        open_focus(key, &job).inspect_err(|error| {
            error!(job.id = %job.id, error = %error_chain(error), "the request of a job does not open");
        })
    } else {
        Ok(JobFocus { focus: None, window: None })
    };
    let is_damaged = request.is_err();
    let JobFocus { focus, window } = request.unwrap_or(JobFocus { focus: None, window: None });
    Job {
        id: job.id,
        record: job.record,
        state: job.lifecycle.state(),
        is_damaged,
        focus,
        window,
        progress: JobProgress { pages_done: job.pages_done, pages_total: job.pages_total },
        attempts: job.attempt,
        error: job.last_error.map(|code| JobError { code, message: job::error_message(code).to_owned() }),
        analysis: job.analysis,
        created_at: job.created_at,
        finished_at: job.lifecycle.finished_at(),
    }
}

/// What a job is to look at.
///
/// # Errors
/// `Damaged` if it does not open.
pub(super) fn open_focus(key: &ClinicKeys, job: &job::Job) -> Result<JobFocus, Error> {
    sealing::open_json(key, &associated_data::job_request(job.id), &job.request_sealed)
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn mac_input_stays_the_same_from_release_to_release() {
        let record = RecordId::from_uuid(Uuid::from_u128(0x0102));
        let mut expected = vec![1, 0, 0, 0, 0, 0, 0, 0, 6];
        expected.extend(b"record");
        expected.extend([0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(mac_input(record, None, None), expected);
        let open = DateWindow { from: None, to: None };
        assert_eq!(mac_input(record, None, Some(open)), expected, "an open window is none");
        let until_1970 = DateWindow { to: Some(date!(1970 - 01 - 01)), ..open };
        expected.extend([0, 0, 0, 0, 0, 0, 0, 5]);
        expected.extend(b"focus");
        expected.extend([0, 0, 0, 0, 0, 0, 0, 4]);
        expected.extend(b"knee");
        expected.extend([0, 0, 0, 0, 0, 0, 0, 9]);
        expected.extend(b"window.to");
        expected.extend([0, 0, 0, 0, 0, 0, 0, 4, 0, 0x25, 0x3d, 0x8c]);
        assert_eq!(mac_input(record, Some(&Focus::parse(" knee ").unwrap()), Some(until_1970)), expected);
    }
}
