//! Documents of records and their pages. Names are sealed; page content lies in the object store.

use maneiro_api::{DocumentId, RecordId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{OrgTx, error::expect_rows};
use crate::domain::error::{Error, Noun};

/// A document as it is stored.
#[derive(Debug, Clone)]
pub struct StoredDocument {
    /// Its id.
    pub id: DocumentId,
    /// The record it belongs to.
    pub record: RecordId,
    /// The file's name, sealed.
    pub name_sealed: Vec<u8>,
    /// The file's media type.
    pub media_type: String,
    /// SHA-256 of the file.
    pub sha256: Vec<u8>,
    /// The file's size in bytes.
    pub bytes: u64,
    /// How many pages it has.
    pub pages: u32,
    /// The pages that have arrived, in order.
    pub arrived: Vec<u32>,
    /// Where the original lies, if it arrived.
    pub original_key: Option<String>,
    /// When it was added.
    pub created_at: OffsetDateTime,
}

struct Row {
    id: Uuid,
    record_id: Uuid,
    name_sealed: Vec<u8>,
    media_type: String,
    sha256: Vec<u8>,
    bytes: i64,
    pages: i32,
    arrived: Vec<i32>,
    original_key: Option<String>,
    created_at: OffsetDateTime,
}

impl TryFrom<Row> for StoredDocument {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: DocumentId::from_uuid(row.id),
            record: RecordId::from_uuid(row.record_id),
            name_sealed: row.name_sealed,
            media_type: row.media_type,
            sha256: row.sha256,
            bytes: u64::try_from(row.bytes).map_err(Error::bug)?,
            pages: u32::try_from(row.pages).map_err(Error::bug)?,
            arrived: row
                .arrived
                .into_iter()
                .map(u32::try_from)
                .collect::<Result<_, _>>()
                .map_err(Error::bug)?,
            original_key: row.original_key,
            created_at: row.created_at,
        })
    }
}

macro_rules! select_documents {
    ($tail:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select d.id, d.record_id, d.name_sealed, d.media_type, d.sha256, d.bytes, d.pages,
                      array(select p.number from maneiro.pages p
                            where p.org_id = d.org_id and p.document_id = d.id order by p.number) as "arrived!",
                      d.original_key, d.created_at
               from maneiro.documents d "# + $tail,
            $($arg),*
        )
    };
}

/// Stores a document unless its record holds that file already. Answers whether it is new.
///
/// # Errors
/// `NotFound` if the clinic has no such record.
pub async fn add(tx: &mut OrgTx, document: &StoredDocument) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.documents (id, org_id, record_id, name_sealed, media_type, sha256, bytes, pages, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict on constraint documents_file_key do nothing",
        document.id.uuid(),
        tx.org(),
        document.record.uuid(),
        document.name_sealed,
        document.media_type,
        document.sha256,
        i64::try_from(document.bytes).map_err(Error::bug)?,
        i32::try_from(document.pages).map_err(Error::bug)?,
        document.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A document of the clinic.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn find(tx: &mut OrgTx, id: DocumentId) -> Result<StoredDocument, Error> {
    select_documents!("where d.id = $1", id.uuid())
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound(Noun::Document))?
        .try_into()
}

/// The document of a record that is this file.
///
/// # Errors
/// `NotFound` if there is none.
pub async fn find_file(tx: &mut OrgTx, record: RecordId, sha256: &[u8]) -> Result<StoredDocument, Error> {
    select_documents!("where d.record_id = $1 and d.sha256 = $2", record.uuid(), sha256)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Error::NotFound(Noun::Document))?
        .try_into()
}

/// The documents of some records, in the order they were added.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn of_records(tx: &mut OrgTx, records: &[RecordId]) -> Result<Vec<StoredDocument>, Error> {
    let ids: Vec<Uuid> = records.iter().map(|id| id.uuid()).collect();
    select_documents!("where d.record_id = any($1) order by d.id", &ids)
        .fetch_all(tx.conn())
        .await?
        .into_iter()
        .map(StoredDocument::try_from)
        .collect()
}

/// A page that has arrived in the object store.
#[derive(Debug, Clone)]
pub struct StoredPage {
    /// Position in the file, from 1.
    pub number: u32,
    /// Where its sealed content lies.
    pub object_key: String,
    /// How much the sealed content takes.
    pub sealed_bytes: usize,
}

/// Notes that pages have arrived, also again.
///
/// # Errors
/// `NotFound` if the clinic has no such document.
pub async fn put_pages(
    tx: &mut OrgTx,
    document: DocumentId,
    pages: &[StoredPage],
    at: OffsetDateTime,
) -> Result<(), Error> {
    let numbers = pages.iter().map(|page| i32::try_from(page.number)).collect::<Result<Vec<_>, _>>();
    let bytes = pages.iter().map(|page| i32::try_from(page.sealed_bytes)).collect::<Result<Vec<_>, _>>();
    let keys: Vec<String> = pages.iter().map(|page| page.object_key.clone()).collect();
    let done = sqlx::query!(
        "insert into maneiro.pages (org_id, document_id, number, object_key, sealed_bytes, created_at)
         select $1, $2, page.number, page.key, page.bytes, $6
         from unnest($3::int[], $4::text[], $5::int[]) as page (number, key, bytes)
         on conflict on constraint pages_pkey
         do update set sealed_bytes = excluded.sealed_bytes, created_at = excluded.created_at",
        tx.org(),
        document.uuid(),
        &numbers.map_err(Error::bug)?,
        &keys,
        &bytes.map_err(Error::bug)?,
        at,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(pages.len() as u64, &done)
}

/// Where a page that has arrived lies in the object store.
///
/// # Errors
/// `NotFound` if it has not arrived, or the document is not the clinic's.
pub async fn page_key(tx: &mut OrgTx, document: DocumentId, number: u32) -> Result<String, Error> {
    let Ok(number) = i32::try_from(number) else { return Err(Error::NotFound(Noun::Page)) };
    sqlx::query_scalar!(
        "select object_key from maneiro.pages where document_id = $1 and number = $2",
        document.uuid(),
        number,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Noun::Page))
}

/// The pages of a document that have arrived, in order, with where they lie in the object store.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn page_keys(tx: &mut OrgTx, document: DocumentId) -> Result<Vec<(u32, String)>, Error> {
    let rows = sqlx::query!(
        "select number, object_key from maneiro.pages where document_id = $1 order by number",
        document.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| Ok((u32::try_from(row.number).map_err(Error::bug)?, row.object_key))).collect()
}

/// Notes that the original has arrived.
///
/// # Errors
/// `Bug` if the document is not there; whoever calls has found it.
pub async fn set_original(tx: &mut OrgTx, document: DocumentId, key: &str) -> Result<(), Error> {
    let done =
        sqlx::query!("update maneiro.documents set original_key = $2 where id = $1", document.uuid(), key)
            .execute(tx.conn())
            .await?;
    expect_rows(1, &done)
}
