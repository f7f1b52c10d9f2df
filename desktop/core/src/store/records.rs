//! The records of the window and their files.

use maneiro_api::{DocumentId, RecordId, UserId};
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{database::Store, error::StoreError, pages::FileId};
use crate::contract::{
    common::Timestamp,
    records::{FileFault, ReadingState, RecordFields, RecordState, StatementCounts},
};

/// A record of this workstation.
#[derive(Debug, Clone)]
pub(crate) struct LocalRecord {
    pub(crate) id: RecordId,
    pub(crate) cloud_id: Option<RecordId>,
    /// Title and fields as the cloud last had them; none until it was asked.
    pub(crate) cloud_copy: Option<CloudCopy>,
    pub(crate) title: String,
    pub(crate) fields: RecordFields,
    pub(crate) state: RecordState,
    pub(crate) owner: UserId,
    pub(crate) owner_name: String,
    pub(crate) changed_at: Timestamp,
    pub(crate) is_sample: bool,
    pub(crate) reading: ReadingState,
    /// An analysis that waits for the cloud, as JSON, and since when.
    pub(crate) request: Option<String>,
    pub(crate) requested_at: Option<Timestamp>,
    pub(crate) conflicts: u32,
    pub(crate) statements: StatementCounts,
}

/// Title and fields of a record in the cloud, in one of its revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CloudCopy {
    pub(crate) revision: u32,
    pub(crate) title: String,
    pub(crate) fields: RecordFields,
}

/// A file of a record.
#[derive(Debug, Clone)]
pub(crate) struct FileRow {
    pub(crate) id: DocumentId,
    pub(crate) record: RecordId,
    pub(crate) position: u32,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
    pub(crate) path: String,
    /// Whether the store itself holds the bytes.
    pub(crate) has_content: bool,
    pub(crate) sha256: Option<String>,
    pub(crate) file: Option<FileId>,
    pub(crate) pages: Option<u32>,
    pub(crate) password: Option<String>,
    /// None if it was not opened yet or is open; `AsksPassword` is told by `is_locked`.
    pub(crate) fault: Option<FileFault>,
    pub(crate) is_locked: bool,
    pub(crate) cloud_id: Option<DocumentId>,
}

/// How a locked file is written among the faults.
const LOCKED: &str = "locked";

/// A value as the text between the quotes of its JSON.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a word is serialisable").trim_matches('"').to_owned()
}

fn from_word<T: serde::de::DeserializeOwned>(word: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(|_| StoreError::Damaged)
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged)
}

fn record_row(row: &SqliteRow) -> Result<LocalRecord, StoreError> {
    let time = |text: &str| Timestamp::parse(text).ok_or(StoreError::Damaged);
    let cloud_id: Option<String> = row.get("cloud_id");
    let requested_at: Option<String> = row.get("requested_at");
    let cloud_copy: Option<String> = row.get("cloud_copy");
    Ok(LocalRecord {
        id: parse(row.get("id"))?,
        cloud_id: cloud_id.as_deref().map(parse).transpose()?,
        cloud_copy: cloud_copy
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .map_err(|_| StoreError::Damaged)?,
        title: row.get("title"),
        fields: serde_json::from_str(row.get("fields")).map_err(|_| StoreError::Damaged)?,
        state: from_word(row.get("state"))?,
        owner: parse(row.get("owner_id"))?,
        owner_name: row.get("owner_name"),
        changed_at: time(row.get("changed_at"))?,
        is_sample: row.get("is_sample"),
        reading: from_word(row.get("reading"))?,
        request: row.get("request"),
        requested_at: requested_at.as_deref().map(time).transpose()?,
        conflicts: row.get("conflicts"),
        statements: StatementCounts {
            total: row.get("statements_total"),
            reviewed: row.get("statements_reviewed"),
            not_found: row.get("statements_missing"),
        },
    })
}

fn file_row(row: &SqliteRow) -> Result<FileRow, StoreError> {
    let cloud_id: Option<String> = row.get("cloud_id");
    let fault: Option<String> = row.get("fault");
    let is_locked = fault.as_deref() == Some(LOCKED);
    Ok(FileRow {
        id: parse(row.get("id"))?,
        record: parse(row.get("record_id"))?,
        position: row.get("position"),
        name: row.get("name"),
        media_type: row.get("media_type"),
        bytes: u64::try_from(row.get::<i64, _>("size_bytes")).map_err(|_| StoreError::Damaged)?,
        path: row.get("path"),
        has_content: row.get("has_content"),
        sha256: row.get("sha256"),
        file: row.get::<Option<i64>, _>("file_id").map(FileId),
        pages: row.get("page_count"),
        password: row.get("password"),
        fault: fault.as_deref().filter(|_| !is_locked).map(from_word).transpose()?,
        is_locked,
        cloud_id: cloud_id.as_deref().map(parse).transpose()?,
    })
}

const FILE_COLUMNS: &str =
    "id, record_id, position, name, media_type, size_bytes, path, content IS NOT NULL AS has_content,
     sha256, file_id, page_count, password, fault, cloud_id";

impl Store {
    /// All records, newest change first.
    pub(crate) async fn records(&self) -> Result<Vec<LocalRecord>, StoreError> {
        let rows = sqlx::query("SELECT * FROM records ORDER BY changed_at DESC, id DESC")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(record_row).collect()
    }

    pub(crate) async fn record(&self, id: RecordId) -> Result<Option<LocalRecord>, StoreError> {
        let row = sqlx::query("SELECT * FROM records WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(record_row).transpose()
    }

    /// Saves a record, all but what is known of it in the cloud; that is forgotten with the cloud's id.
    pub(crate) async fn save_record(&self, record: &LocalRecord) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO records (id, cloud_id, title, fields, state, owner_id, owner_name, changed_at, is_sample,
                                  reading, request, requested_at, conflicts, statements_total, statements_reviewed,
                                  statements_missing)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE
             SET cloud_copy = CASE WHEN cloud_id IS excluded.cloud_id THEN cloud_copy END,
                 cloud_id = excluded.cloud_id, title = excluded.title, fields = excluded.fields,
                 state = excluded.state, owner_id = excluded.owner_id, owner_name = excluded.owner_name,
                 changed_at = excluded.changed_at, reading = excluded.reading, request = excluded.request,
                 requested_at = excluded.requested_at, conflicts = excluded.conflicts,
                 statements_total = excluded.statements_total, statements_reviewed = excluded.statements_reviewed,
                 statements_missing = excluded.statements_missing",
        )
        .bind(record.id.to_string())
        .bind(record.cloud_id.map(|id| id.to_string()))
        .bind(&record.title)
        .bind(serde_json::to_string(&record.fields).expect("fields are texts"))
        .bind(word(&record.state))
        .bind(record.owner.to_string())
        .bind(&record.owner_name)
        .bind(record.changed_at.text())
        .bind(record.is_sample)
        .bind(word(&record.reading))
        .bind(&record.request)
        .bind(record.requested_at.map(Timestamp::text))
        .bind(record.conflicts)
        .bind(record.statements.total)
        .bind(record.statements.reviewed)
        .bind(record.statements.not_found)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes what the cloud has of a record.
    pub(crate) async fn save_cloud_copy(&self, id: RecordId, copy: &CloudCopy) -> Result<(), StoreError> {
        sqlx::query("UPDATE records SET cloud_copy = ? WHERE id = ?")
            .bind(serde_json::to_string(copy).expect("fields are texts"))
            .bind(id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Deletes a record with its files, analyses and changes, and notes what is to be deleted of it in the cloud. Pages that no
    /// record shows any more are deleted too.
    pub(crate) async fn delete_record(&self, id: RecordId) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for statement in [
            "INSERT OR IGNORE INTO deleted_records (cloud_id)
             SELECT cloud_id FROM records WHERE id = ? AND cloud_id IS NOT NULL",
            // The same files are another record from now on.
            "DELETE FROM cloud_records WHERE record_id = (SELECT cloud_id FROM records WHERE id = ?)",
            "DELETE FROM records WHERE id = ?",
        ] {
            sqlx::query(statement).bind(id.to_string()).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        self.delete_unused_pages().await
    }

    /// The cloud's ids of records that are to be deleted there.
    pub(crate) async fn deleted_records(&self) -> Result<Vec<RecordId>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar("SELECT cloud_id FROM deleted_records ORDER BY cloud_id")
            .fetch_all(&self.pool)
            .await?;
        ids.iter().map(|id| parse(id)).collect()
    }

    pub(crate) async fn forget_deleted_record(&self, cloud_id: RecordId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM deleted_records WHERE cloud_id = ?")
            .bind(cloud_id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The files of a record, in their order.
    pub(crate) async fn record_files(&self, record: RecordId) -> Result<Vec<FileRow>, StoreError> {
        let sql =
            format!("SELECT {FILE_COLUMNS} FROM record_files WHERE record_id = ? ORDER BY position, id");
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(record.to_string()).fetch_all(&self.pool).await?;
        rows.iter().map(file_row).collect()
    }

    pub(crate) async fn record_file(&self, id: DocumentId) -> Result<Option<FileRow>, StoreError> {
        let sql = format!("SELECT {FILE_COLUMNS} FROM record_files WHERE id = ?");
        let row =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(file_row).transpose()
    }

    /// The bytes of a file that the store itself holds.
    pub(crate) async fn file_content(&self, id: DocumentId) -> Result<Option<Vec<u8>>, StoreError> {
        let content: Option<Option<Vec<u8>>> =
            sqlx::query_scalar("SELECT content FROM record_files WHERE id = ?")
                .bind(id.to_string())
                .fetch_optional(&self.pool)
                .await?;
        Ok(content.flatten())
    }

    /// Inserts a file, with its bytes if they lie nowhere else.
    pub(crate) async fn insert_file(&self, file: &FileRow, content: Option<&[u8]>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO record_files (id, record_id, position, name, media_type, size_bytes, path, content)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(file.id.to_string())
        .bind(file.record.to_string())
        .bind(file.position)
        .bind(&file.name)
        .bind(&file.media_type)
        .bind(i64::try_from(file.bytes).expect("a file is at most 2 GiB"))
        .bind(&file.path)
        .bind(content)
        .execute(&self.pool)
        .await?;
        self.update_file(file).await
    }

    /// Saves what became of a file.
    pub(crate) async fn update_file(&self, file: &FileRow) -> Result<(), StoreError> {
        let fault = if file.is_locked { Some(LOCKED.to_owned()) } else { file.fault.as_ref().map(word) };
        sqlx::query(
            "UPDATE record_files
             SET position = ?, media_type = ?, sha256 = ?, file_id = ?, page_count = ?, password = ?, fault = ?,
                 cloud_id = ?
             WHERE id = ?",
        )
        .bind(file.position)
        .bind(&file.media_type)
        .bind(&file.sha256)
        .bind(file.file.map(|file| file.0))
        .bind(file.pages)
        .bind(&file.password)
        .bind(fault)
        .bind(file.cloud_id.map(|id| id.to_string()))
        .bind(file.id.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub(crate) async fn delete_file(&self, id: DocumentId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM record_files WHERE id = ?").bind(id.to_string()).execute(&self.pool).await?;
        self.delete_unused_pages().await
    }

    /// Pages belong to files by their bytes, which several records may share.
    async fn delete_unused_pages(&self) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM files WHERE id NOT IN (SELECT file_id FROM record_files WHERE file_id IS NOT NULL)",
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
