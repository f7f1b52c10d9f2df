//! Documents of records and their pages. Names are sealed; the content of pages is in the object store.

use maneiro_api::{DocumentId, RecordId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{OrgTx, error::expect_rows};
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
    /// The numbers of the uploaded pages, ascending.
    pub uploaded_pages: Vec<u32>,
    /// The original in the object store, if it was uploaded.
    pub original_object_key: Option<String>,
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
    uploaded_pages: Vec<i32>,
    original_object_key: Option<String>,
    created_at: OffsetDateTime,
}

impl TryFrom<DocumentRow> for StoredDocument {
    type Error = Error;

    fn try_from(row: DocumentRow) -> Result<Self, Error> {
        Ok(Self {
            id: DocumentId::from_uuid(row.id),
            record: RecordId::from_uuid(row.record_id),
            name_sealed: row.name_sealed,
            media_type: row.media_type,
            sha256_mac: row.sha256_mac,
            bytes: u64::try_from(row.bytes).map_err(Error::internal)?,
            pages: u32::try_from(row.pages).map_err(Error::internal)?,
            uploaded_pages: row
                .uploaded_pages
                .into_iter()
                .map(u32::try_from)
                .collect::<Result<_, _>>()
                .map_err(Error::internal)?,
            original_object_key: row.original_object_key,
            created_at: row.created_at,
        })
    }
}

macro_rules! select_documents {
    ($tail:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            DocumentRow,
            r#"select d.id, d.record_id, d.name_sealed, d.media_type, d.sha256_mac, d.bytes, d.pages,
                      array(select p.number from maneiro.pages p
                            where p.org_id = d.org_id and p.document_id = d.id order by p.number) as "uploaded_pages!",
                      d.original_object_key, d.created_at
               from maneiro.documents d "# + $tail,
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
    pub object_key: String,
    pub sealed_bytes: usize,
}

/// Stores that pages were uploaded, for the first time or again.
///
/// # Errors
/// `NotFound` if the clinic has no such document.
pub async fn upsert_pages(
    tx: &mut OrgTx,
    document: DocumentId,
    pages: &[StoredPage],
    uploaded_at: OffsetDateTime,
) -> Result<(), Error> {
    let numbers = pages.iter().map(|page| i32::try_from(page.number)).collect::<Result<Vec<_>, _>>();
    let bytes = pages.iter().map(|page| i32::try_from(page.sealed_bytes)).collect::<Result<Vec<_>, _>>();
    let keys: Vec<String> = pages.iter().map(|page| page.object_key.clone()).collect();
    let done = sqlx::query!(
        "insert into maneiro.pages (org_id, document_id, number, object_key, sealed_bytes, uploaded_at)
         select $1, $2, page.number, page.key, page.bytes, $6
         from unnest($3::int[], $4::text[], $5::int[]) as page (number, key, bytes)
         on conflict on constraint pages_pkey
         do update set sealed_bytes = excluded.sealed_bytes, uploaded_at = excluded.uploaded_at",
        tx.org(),
        document.uuid(),
        &numbers.map_err(Error::internal)?,
        &keys,
        &bytes.map_err(Error::internal)?,
        uploaded_at,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(pages.len() as u64, &done)
}

/// The object of a page.
///
/// # Errors
/// `NotFound` if the page was not uploaded, or the clinic has no such document.
pub async fn page_object_key(tx: &mut OrgTx, document: DocumentId, number: u32) -> Result<String, Error> {
    let Ok(number) = i32::try_from(number) else { return Err(Error::NotFound(Resource::Page)) };
    sqlx::query_scalar!(
        "select object_key from maneiro.pages where document_id = $1 and number = $2",
        document.uuid(),
        number,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Resource::Page))
}

/// The uploaded pages of a document with their objects, by number.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn page_object_keys(tx: &mut OrgTx, document: DocumentId) -> Result<Vec<(u32, String)>, Error> {
    let rows = sqlx::query!(
        "select number, object_key from maneiro.pages where document_id = $1 order by number",
        document.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| Ok((u32::try_from(row.number).map_err(Error::internal)?, row.object_key)))
        .collect()
}

/// Stores that the original was uploaded.
///
/// # Errors
/// `Internal` if there is no such document; the caller has found it.
pub async fn set_original(tx: &mut OrgTx, document: DocumentId, object_key: &str) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.documents set original_object_key = $2 where id = $1",
        document.uuid(),
        object_key
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}
