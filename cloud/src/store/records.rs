//! Patients' records.

use maneiro_api::{RecordId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::OrgTx;
use crate::domain::error::{Error, Resource};

/// A record as it is stored.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    pub id: RecordId,
    /// The title, sealed.
    pub title_sealed: Vec<u8>,
    /// The fields as JSON, sealed; none if nothing was noted.
    pub fields_sealed: Option<Vec<u8>>,
    pub revision: u32,
    pub created_at: OffsetDateTime,
}

struct RecordRow {
    id: Uuid,
    title_sealed: Vec<u8>,
    fields_sealed: Option<Vec<u8>>,
    revision: i32,
    created_at: OffsetDateTime,
}

impl From<RecordRow> for StoredRecord {
    fn from(row: RecordRow) -> Self {
        Self {
            id: RecordId::from_uuid(row.id),
            title_sealed: row.title_sealed,
            fields_sealed: row.fields_sealed,
            revision: row.revision.unsigned_abs(),
            created_at: row.created_at,
        }
    }
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn insert(tx: &mut OrgTx, record: &StoredRecord) -> Result<(), Error> {
    let actor = tx.who().actor();
    let (owner, _) = tx.who().require_member()?;
    sqlx::query!(
        "insert into maneiro.records (id, org_id, title_sealed, created_by_kind, created_by_id, owner_id, created_at, active_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        record.id.uuid(),
        tx.org(),
        record.title_sealed,
        actor.kind(),
        actor.id(),
        owner.uuid(),
        record.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Records that something is being added to a record, from which its retention counts, and locks it until the transaction
/// ends.
///
/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn touch(tx: &mut OrgTx, id: RecordId, at: OffsetDateTime) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.records set active_at = greatest(active_at, $2) where id = $1 and deleted_at is null",
        id.uuid(),
        at,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound(Resource::Record)) }
}

/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn find(tx: &mut OrgTx, id: RecordId) -> Result<StoredRecord, Error> {
    let row = sqlx::query_as!(
        RecordRow,
        r#"select id, title_sealed as "title_sealed!", fields_sealed, revision, created_at from maneiro.records
           where id = $1 and deleted_at is null"#,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(StoredRecord::from).ok_or(Error::NotFound(Resource::Record))
}

/// Stores title and fields of a record as its next revision, unless it has another revision than `record`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn update(tx: &mut OrgTx, record: &StoredRecord) -> Result<bool, Error> {
    // No record has had so many.
    let Ok(revision) = i32::try_from(record.revision) else { return Ok(false) };
    let done = sqlx::query!(
        "update maneiro.records set title_sealed = $3, fields_sealed = $4, revision = revision + 1
         where id = $1 and revision = $2 and deleted_at is null",
        record.id.uuid(),
        revision,
        record.title_sealed,
        record.fields_sealed,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Hands all records of one user over to another. Returns how many.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn hand_over(tx: &mut OrgTx, from: UserId, to: UserId) -> Result<u64, Error> {
    let done =
        sqlx::query!("update maneiro.records set owner_id = $2 where owner_id = $1", from.uuid(), to.uuid())
            .execute(tx.conn())
            .await?;
    Ok(done.rows_affected())
}

/// Up to `limit` records of the clinic before `before`, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(tx: &mut OrgTx, before: Option<Uuid>, limit: u32) -> Result<Vec<StoredRecord>, Error> {
    let rows = sqlx::query_as!(
        RecordRow,
        r#"select id, title_sealed as "title_sealed!", fields_sealed, revision, created_at from maneiro.records
           where deleted_at is null and ($1::uuid is null or id < $1) order by id desc limit $2"#,
        before,
        i64::from(limit),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(StoredRecord::from).collect())
}
