//! What is deleted of a record, and of which records. The objects of what is deleted here are marked, and deleted from the
//! object store afterwards.

use maneiro_api::{OrgId, RecordId};
use time::OffsetDateTime;

use super::{OrgTx, SystemTx, error::expect_rows};
use crate::domain::{
    error::{Error, Resource},
    task::TaskKind,
};

/// Marks a record as deleted, and ends its jobs with it. From now on nothing of it is found.
///
/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn mark_deleted(tx: &mut OrgTx, record: RecordId, at: OffsetDateTime) -> Result<(), Error> {
    // Where a task and its job are locked, the task is locked first.
    delete_tasks(tx, record).await?;
    let done = sqlx::query!(
        "update maneiro.records set deleted_at = $2 where id = $1 and deleted_at is null",
        record.uuid(),
        at,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Err(Error::NotFound(Resource::Record));
    }
    sqlx::query!(
        "update maneiro.jobs set state = 'cancelled', finished_at = $2
         where record_id = $1 and state in ('waiting', 'processing')",
        record.uuid(),
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn delete_tasks(tx: &mut OrgTx, record: RecordId) -> Result<(), Error> {
    sqlx::query!(
        "delete from maneiro.tasks t using maneiro.jobs j
         where t.org_id = j.org_id and t.subject_id = j.id and t.kind = $2 and j.record_id = $1",
        record.uuid(),
        TaskKind::Analysis.name(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What a record looks like to the task that purges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordRetention {
    pub is_deleted: bool,
    pub is_purged: bool,
    /// Nothing was added to it for as long as its clinic keeps records.
    pub is_expired: bool,
}

/// Locks a record, deleted or not, until the transaction ends.
///
/// # Errors
/// `NotFound` if the clinic never had such a record.
pub async fn lock_record(
    tx: &mut OrgTx,
    record: RecordId,
    now: OffsetDateTime,
) -> Result<RecordRetention, Error> {
    let row = sqlx::query!(
        r#"select r.deleted_at is not null as "is_deleted!", r.purged_at is not null as "is_purged!",
                  r.active_at < $2::timestamptz - make_interval(days => p.retention_days) as "is_expired!"
           from maneiro.records r join maneiro.org_policies p on p.org_id = r.org_id
           where r.id = $1 for update of r"#,
        record.uuid(),
        now,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Resource::Record))?;
    Ok(RecordRetention { is_deleted: row.is_deleted, is_purged: row.is_purged, is_expired: row.is_expired })
}

/// How much of a record was purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct PurgedContent {
    pub documents: u64,
    pub objects: u64,
    pub jobs: u64,
    pub analyses: u64,
}

/// Deletes everything of a deleted record but its tombstone, and marks its objects.
///
/// # Errors
/// `Internal` if it is not deleted, or was purged before.
pub async fn purge_content(
    tx: &mut OrgTx,
    record: RecordId,
    at: OffsetDateTime,
) -> Result<PurgedContent, Error> {
    let id = record.uuid();
    delete_tasks(tx, record).await?;
    let objects = sqlx::query!(
        "update maneiro.objects set state = 'deleted', changed_at = now()
         where state <> 'deleted' and id in (
             select p.version from maneiro.pages p join maneiro.documents d on d.org_id = p.org_id and d.id = p.document_id
             where d.record_id = $1
             union all
             select d.original_version from maneiro.documents d where d.record_id = $1
         )",
        id
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    sqlx::query!(
        "delete from maneiro.analysis_edits e using maneiro.analyses a
         where a.org_id = e.org_id and a.id = e.analysis_id and a.record_id = $1",
        id
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from maneiro.signed_reports where record_id = $1", id).execute(tx.conn()).await?;
    let analyses = sqlx::query!("delete from maneiro.analyses where record_id = $1", id)
        .execute(tx.conn())
        .await?
        .rows_affected();
    sqlx::query!(
        "delete from maneiro.job_documents jd using maneiro.jobs j
         where j.org_id = jd.org_id and j.id = jd.job_id and j.record_id = $1",
        id
    )
    .execute(tx.conn())
    .await?;
    let jobs = sqlx::query!("delete from maneiro.jobs where record_id = $1", id)
        .execute(tx.conn())
        .await?
        .rows_affected();
    sqlx::query!(
        "delete from maneiro.pages p using maneiro.documents d
         where d.org_id = p.org_id and d.id = p.document_id and d.record_id = $1",
        id
    )
    .execute(tx.conn())
    .await?;
    let documents = sqlx::query!("delete from maneiro.documents where record_id = $1", id)
        .execute(tx.conn())
        .await?
        .rows_affected();
    let done = sqlx::query!(
        "update maneiro.records set title_sealed = null, fields_sealed = null, purged_at = $2
         where id = $1 and deleted_at is not null and purged_at is null",
        id,
        at,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)?;
    Ok(PurgedContent { documents, objects, jobs, analyses })
}

/// Why a record is to be purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurgeReason {
    /// A user deleted it.
    Deleted,
    /// Nothing was added to it since then, for as long as its clinic keeps records.
    Expired { active_at: OffsetDateTime },
}

/// Up to `limit` records of all clinics that are to be purged.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_due(
    tx: &mut SystemTx,
    now: OffsetDateTime,
    limit: u32,
) -> Result<Vec<(OrgId, RecordId, PurgeReason)>, Error> {
    let rows = sqlx::query!(
        r#"(select r.id as "id!", r.org_id as "org_id!", r.active_at as "active_at!", false as "is_deleted!"
            from maneiro.org_policies p
            join maneiro.records r on r.org_id = p.org_id and r.deleted_at is null
             and r.active_at < $1::timestamptz - make_interval(days => p.retention_days)
            order by r.active_at limit $2)
           union all
           (select r.id, r.org_id, r.active_at, true from maneiro.records r
            where r.deleted_at is not null and r.purged_at is null order by r.deleted_at limit $2)"#,
        now,
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let reason = if row.is_deleted {
                PurgeReason::Deleted
            } else {
                PurgeReason::Expired { active_at: row.active_at }
            };
            (OrgId::from_uuid(row.org_id), RecordId::from_uuid(row.id), reason)
        })
        .collect())
}
