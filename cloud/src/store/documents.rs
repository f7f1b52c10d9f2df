//! Documents of records and their pages. Names are sealed; the content of pages is in the object store.

use maneiro_api::{DocumentId, JobId, ObjectId, RecordId, record::PageRange};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{OrgTx, error::expect_rows, objects};
use crate::domain::error::{Error, Resource};

/// A document as it is stored.
#[derive(Debug, Clone)]
pub struct StoredDocument {
    pub id: DocumentId,
    pub record: RecordId,
    /// The file's name, sealed.
    pub name_sealed: Vec<u8>,
    pub media_type: String,
    /// Of the file's SHA-256, under the clinic's key.
    pub sha256_mac: Vec<u8>,
    /// The file's size in bytes.
    pub bytes: u64,
    /// The number of the file's pages.
    pub pages: u32,
    /// The pages that were not uploaded, ascending.
    pub missing_pages: Vec<PageRange>,
    /// The original in the object store, if it was uploaded.
    pub original: Option<ObjectId>,
    pub created_at: OffsetDateTime,
}

struct DocumentRow {
    id: Uuid,
    record_id: Uuid,
    name_sealed: Vec<u8>,
    media_type: String,
    sha256_mac: Vec<u8>,
    bytes: i64,
    pages: i32,
    first_missing: Vec<i32>,
    last_missing: Vec<i32>,
    original_version: Option<Uuid>,
    created_at: OffsetDateTime,
}

impl TryFrom<DocumentRow> for StoredDocument {
    type Error = Error;

    fn try_from(row: DocumentRow) -> Result<Self, Error> {
        let missing = row.first_missing.into_iter().zip(row.last_missing).map(|(first, last)| {
            let first = u32::try_from(first).map_err(Error::internal)?;
            Ok(PageRange { first, last: u32::try_from(last).map_err(Error::internal)? })
        });
        Ok(Self {
            id: DocumentId::from_uuid(row.id),
            record: RecordId::from_uuid(row.record_id),
            name_sealed: row.name_sealed,
            media_type: row.media_type,
            sha256_mac: row.sha256_mac,
            bytes: u64::try_from(row.bytes).map_err(Error::internal)?,
            pages: u32::try_from(row.pages).map_err(Error::internal)?,
            missing_pages: missing.collect::<Result<_, Error>>()?,
            original: row.original_version.map(ObjectId::from_uuid),
            created_at: row.created_at,
        })
    }
}

/// Of documents whose record is not deleted. What is missing of a complete document is known without looking at its pages.
macro_rules! select_documents {
    ($tail:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            DocumentRow,
            r#"select d.id, d.record_id, d.name_sealed, d.media_type, d.sha256_mac, d.bytes, d.pages,
                      gaps.first_missing as "first_missing!", gaps.last_missing as "last_missing!",
                      d.original_version, d.created_at
               from maneiro.documents d
               join maneiro.records r on r.org_id = d.org_id and r.id = d.record_id and r.deleted_at is null
               cross join lateral (
                   select coalesce(array_agg(g.first order by g.first), '{}') as first_missing,
                          coalesce(array_agg(g.last order by g.first), '{}') as last_missing
                   from (select n.number + 1 as first, lead(n.number) over (order by n.number) - 1 as last
                         from (select p.number from maneiro.pages p
                               where p.org_id = d.org_id and p.document_id = d.id and p.superseded_in is null
                               union all select 0
                               union all select d.pages + 1) n
                         where d.stored_pages < d.pages) g
                   where g.first <= g.last) gaps "# + $tail,
            $($arg),*
        )
    };
}

/// Stores a document unless its record has the file already. Returns whether it is new.
///
/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn insert(tx: &mut OrgTx, document: &StoredDocument) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.documents (id, org_id, record_id, name_sealed, media_type, sha256_mac, bytes, pages, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict on constraint documents_file_key do nothing",
        document.id.uuid(),
        tx.org(),
        document.record.uuid(),
        document.name_sealed,
        document.media_type,
        document.sha256_mac,
        i64::try_from(document.bytes).map_err(Error::internal)?,
        i32::try_from(document.pages).map_err(Error::internal)?,
        document.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// # Errors
/// `NotFound` if the clinic has no such document.
pub async fn find(tx: &mut OrgTx, id: DocumentId) -> Result<StoredDocument, Error> {
    select_documents!("where d.id = $1", id.uuid())
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound(Resource::Document))?
        .try_into()
}

/// The document of a record that has one of these codes of its SHA-256, which are of the versions of the clinic's key.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn find_by_sha256_macs(
    tx: &mut OrgTx,
    record: RecordId,
    macs: &[Vec<u8>],
) -> Result<StoredDocument, Error> {
    select_documents!("where d.record_id = $1 and d.sha256_mac = any($2)", record.uuid(), macs)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound(Resource::Document))?
        .try_into()
}

/// The documents of some records, in the order they were added.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_by_records(tx: &mut OrgTx, records: &[RecordId]) -> Result<Vec<StoredDocument>, Error> {
    let ids: Vec<Uuid> = records.iter().map(|id| id.uuid()).collect();
    select_documents!("where d.record_id = any($1) order by d.id", &ids)
        .fetch_all(tx.conn())
        .await?
        .into_iter()
        .map(StoredDocument::try_from)
        .collect()
}

/// The size of all documents of the clinic. Until this transaction ends, others of the clinic that ask wait for it, so that
/// two documents that are added at once are both counted.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn total_bytes(tx: &mut OrgTx) -> Result<u64, Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('storage/' || $1::text, 0))",
        tx.org().to_string()
    )
    .execute(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select coalesce(sum(bytes), 0)::bigint as "total!" from maneiro.documents where org_id = $1"#,
        tx.org(),
    )
    .fetch_one(tx.conn())
    .await?;
    u64::try_from(total).map_err(Error::internal)
}

/// A page in the object store.
#[derive(Debug, Clone)]
pub struct StoredPage {
    /// Position in the file, from 1.
    pub number: u32,
    pub version: ObjectId,
    pub sealed_bytes: u64,
}

/// Stores that pages were uploaded. Earlier versions of them stay for the jobs that read them.
///
/// # Errors
/// `NotFound` if the clinic has no such document; `Internal` if an object is not reserved any more.
pub async fn store_pages(tx: &mut OrgTx, document: DocumentId, pages: &[StoredPage]) -> Result<u32, Error> {
    let numbers = pages.iter().map(|page| i32::try_from(page.number)).collect::<Result<Vec<_>, _>>();
    let numbers = numbers.map_err(Error::internal)?;
    let versions: Vec<Uuid> = pages.iter().map(|page| page.version.uuid()).collect();
    // This also locks the document, so that one upload after the other takes effect.
    let revision = sqlx::query_scalar!(
        "update maneiro.documents set revision = revision + 1 where id = $1 returning revision",
        document.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Resource::Document))?;
    let stored: Vec<(ObjectId, u64)> = pages.iter().map(|page| (page.version, page.sealed_bytes)).collect();
    objects::set_stored(tx, &stored).await?;
    let superseded = sqlx::query!(
        "update maneiro.pages set superseded_in = $3
         where document_id = $1 and number = any($2) and superseded_in is null",
        document.uuid(),
        &numbers,
        revision,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    let done = sqlx::query!(
        "insert into maneiro.pages (org_id, document_id, number, version, stored_in)
         select $1, $2, page.number, page.version, $5
         from unnest($3::int[], $4::uuid[]) as page (number, version)",
        tx.org(),
        document.uuid(),
        &numbers,
        &versions,
        revision,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(pages.len() as u64, &done)?;
    let new = i32::try_from(pages.len() as u64 - superseded).map_err(Error::internal)?;
    let done = sqlx::query!(
        "update maneiro.documents set stored_pages = stored_pages + $2 where id = $1",
        document.uuid(),
        new,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)?;
    u32::try_from(new).map_err(Error::internal)
}

/// One version of a page.
#[derive(Debug, Clone)]
pub struct PageVersion {
    pub document: DocumentId,
    pub number: u32,
    pub version: ObjectId,
    pub object_key: String,
}

/// The current version of a page.
///
/// # Errors
/// `NotFound` if the page was not uploaded, or the clinic has no such document.
pub async fn current_page(tx: &mut OrgTx, document: DocumentId, number: u32) -> Result<PageVersion, Error> {
    let Ok(row_number) = i32::try_from(number) else { return Err(Error::NotFound(Resource::Page)) };
    let row = sqlx::query!(
        "select p.version, o.object_key
         from maneiro.pages p join maneiro.objects o on o.org_id = p.org_id and o.id = p.version
         where p.document_id = $1 and p.number = $2 and p.superseded_in is null",
        document.uuid(),
        row_number,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Resource::Page))?;
    Ok(PageVersion {
        document,
        number,
        version: ObjectId::from_uuid(row.version),
        object_key: row.object_key,
    })
}

/// Stores which object is the original. Returns whether the document had none.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_original(tx: &mut OrgTx, document: DocumentId, original: ObjectId) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.documents set original_version = $2 where id = $1 and original_version is null",
        document.uuid(),
        original.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many documents a job reads, and of how many pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinnedDocuments {
    pub documents: u64,
    pub pages: u32,
    /// Whether all pages of all of them were uploaded.
    pub is_complete: bool,
}

/// Stores exactly which documents and pages a job reads: those that its record has now.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn pin_for_job(tx: &mut OrgTx, job: JobId, record: RecordId) -> Result<PinnedDocuments, Error> {
    let row = sqlx::query!(
        r#"with pinned as (
               insert into maneiro.job_documents (org_id, job_id, document_id, revision)
               select org_id, $1, id, revision from maneiro.documents where record_id = $2
               returning document_id
           )
           select count(*) as "documents!", coalesce(sum(d.pages), 0) as "pages!",
                  coalesce(bool_and(d.stored_pages = d.pages), true) as "is_complete!"
           from pinned join maneiro.documents d on d.id = pinned.document_id"#,
        job.uuid(),
        record.uuid(),
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(PinnedDocuments {
        documents: u64::try_from(row.documents).map_err(Error::internal)?,
        pages: u32::try_from(row.pages).map_err(Error::internal)?,
        is_complete: row.is_complete,
    })
}

/// A document as a job reads it.
#[derive(Debug, Clone)]
pub struct JobDocument {
    pub id: DocumentId,
    pub name_sealed: Vec<u8>,
    pub pages: u32,
}

/// The documents that a job reads, in the order they were added.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_of_job(tx: &mut OrgTx, job: JobId) -> Result<Vec<JobDocument>, Error> {
    let rows = sqlx::query!(
        "select d.id, d.name_sealed, d.pages
         from maneiro.job_documents jd join maneiro.documents d on d.org_id = jd.org_id and d.id = jd.document_id
         where jd.job_id = $1 order by d.id",
        job.uuid(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let pages = u32::try_from(row.pages).map_err(Error::internal)?;
            Ok(JobDocument { id: DocumentId::from_uuid(row.id), name_sealed: row.name_sealed, pages })
        })
        .collect()
}

/// The versions of pages that a job reads, by document and number.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn pages_of_job(tx: &mut OrgTx, job: JobId) -> Result<Vec<PageVersion>, Error> {
    let rows = sqlx::query!(
        "select p.document_id, p.number, p.version, o.object_key
         from maneiro.job_documents jd
         join maneiro.pages p on p.org_id = jd.org_id and p.document_id = jd.document_id
          and p.stored_in <= jd.revision and (p.superseded_in is null or p.superseded_in > jd.revision)
         join maneiro.objects o on o.org_id = p.org_id and o.id = p.version
         where jd.job_id = $1 order by p.document_id, p.number",
        job.uuid(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PageVersion {
                document: DocumentId::from_uuid(row.document_id),
                number: u32::try_from(row.number).map_err(Error::internal)?,
                version: ObjectId::from_uuid(row.version),
                object_key: row.object_key,
            })
        })
        .collect()
}
