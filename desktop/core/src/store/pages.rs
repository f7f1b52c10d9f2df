//! Files and their pages in the local store.

use std::{fmt, ops::RangeInclusive};

use maneiro_page::{Language, Page, TextSource};
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{database::Store, error::StoreError};
use crate::page_fingerprint::PageFingerprint;

/// The revision of the engine's results. To be raised when the engine reads better, so that files are read again.
const ENGINE_REVISION: u32 = 4;

const ZSTD_LEVEL: i32 = 3;

/// Bounds what a damaged row can cost.
const MAX_PAGE_BYTES: usize = 64 * 1024 * 1024;

/// A file's id in this store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId(pub(super) i64);

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The properties of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileInfo<'a> {
    /// Lower-case hexadecimal.
    pub(crate) sha256: &'a str,
    /// The Tesseract models that scans are recognised with, joined by `+`.
    pub(crate) languages: &'a str,
    pub(crate) media_type: &'a str,
    pub(crate) bytes: u64,
    pub(crate) pages: u32,
}

/// The fingerprint of a page whose words are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownFingerprint {
    pub(crate) fingerprint: PageFingerprint,
    pub(crate) page: u32,
}

/// What a list of pages shows of a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageOutline {
    pub(crate) number: u32,
    /// As [`text_source_name`] writes it.
    pub(crate) text_source: String,
    /// In points.
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) confidence_percent: u32,
    pub(crate) duplicate_of: Option<u32>,
}

/// How many pages there are of each text source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PageCounts {
    pub text_layer: u32,
    pub ocr: u32,
    /// From the text layer, with OCR of their images.
    pub mixed: u32,
    pub blank: u32,
    pub duplicate: u32,
    pub unreadable: u32,
}

fn text_source_name(text_source: &TextSource) -> &'static str {
    match text_source {
        TextSource::TextLayer => "text_layer",
        TextSource::Ocr { .. } => "ocr",
        TextSource::Mixed { .. } => "mixed",
        TextSource::Blank => "blank",
        TextSource::Duplicate { .. } => "duplicate",
        TextSource::Unreadable { .. } => "unreadable",
    }
}

/// Mean confidence of the page's words; 100 where nothing was recognised.
fn confidence_percent(page: &Page) -> u8 {
    match page.text_source {
        TextSource::Ocr { confidence } | TextSource::Mixed { confidence } => confidence,
        TextSource::TextLayer
        | TextSource::Blank
        | TextSource::Duplicate { .. }
        | TextSource::Unreadable { .. } => 100,
    }
}

fn duplicate_of(page: &Page) -> Option<u32> {
    match page.text_source {
        TextSource::Duplicate { duplicate_of } => Some(duplicate_of),
        TextSource::TextLayer
        | TextSource::Ocr { .. }
        | TextSource::Mixed { .. }
        | TextSource::Blank
        | TextSource::Unreadable { .. } => None,
    }
}

fn encode_page(page: &Page) -> Vec<u8> {
    let json = serde_json::to_vec(page).expect("a page has finite numbers only");
    zstd::bulk::compress(&json, ZSTD_LEVEL).expect("compressing into memory cannot fail")
}

fn decode_page(content: &[u8]) -> Result<Page, StoreError> {
    let json = zstd::bulk::decompress(content, MAX_PAGE_BYTES).map_err(|_| StoreError::Damaged)?;
    serde_json::from_slice(&json).map_err(|_| StoreError::Damaged)
}

impl Store {
    /// The id of a file, which is inserted if it is new.
    pub(crate) async fn get_or_insert_file(&self, info: &FileInfo<'_>) -> Result<FileId, StoreError> {
        sqlx::query(
            "INSERT INTO files (sha256, engine_revision, languages, media_type, size_bytes, page_count)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sha256, engine_revision, languages) DO NOTHING",
        )
        .bind(info.sha256)
        .bind(ENGINE_REVISION)
        .bind(info.languages)
        .bind(info.media_type)
        .bind(i64::try_from(info.bytes).expect("a file is at most 2 GiB"))
        .bind(info.pages)
        .execute(&self.pool)
        .await?;
        let id = sqlx::query_scalar(
            "SELECT id FROM files WHERE sha256 = ? AND engine_revision = ? AND languages = ?",
        )
        .bind(info.sha256)
        .bind(ENGINE_REVISION)
        .bind(info.languages)
        .fetch_one(&self.pool)
        .await?;
        Ok(FileId(id))
    }

    /// How many pages of a file are finished. If it was read in several languages, the highest count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finished_page_count(&self, sha256: &str) -> Result<u32, StoreError> {
        let count = sqlx::query_scalar(
            "SELECT coalesce(max(finished), 0) FROM
             (SELECT count(*) AS finished FROM pages JOIN files ON files.id = pages.file_id
              WHERE sha256 = ? AND engine_revision = ? GROUP BY files.id)",
        )
        .bind(sha256)
        .bind(ENGINE_REVISION)
        .fetch_one(&self.pool)
        .await?;
        Ok(count)
    }

    /// Commits a finished page.
    pub(crate) async fn save_page(
        &self,
        file: FileId,
        page: &Page,
        fingerprint: Option<PageFingerprint>,
    ) -> Result<(), StoreError> {
        let language = page.language.as_ref().filter(|language| language.model_unused.is_some());
        let missing_model =
            language.map(|language| serde_json::to_string(language).expect("a language is plain text"));
        sqlx::query(
            "INSERT INTO pages (file_id, page_number, text_source, fingerprint, missing_model, width, height,
                                confidence, duplicate_of, content)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (file_id, page_number) DO UPDATE
             SET text_source = excluded.text_source, fingerprint = excluded.fingerprint,
                 missing_model = excluded.missing_model, width = excluded.width, height = excluded.height,
                 confidence = excluded.confidence, duplicate_of = excluded.duplicate_of,
                 content = excluded.content",
        )
        .bind(file.0)
        .bind(page.number)
        .bind(text_source_name(&page.text_source))
        .bind(fingerprint.map(|fingerprint| fingerprint.0.to_vec()))
        .bind(missing_model)
        .bind(page.width)
        .bind(page.height)
        .bind(confidence_percent(page))
        .bind(duplicate_of(page))
        .bind(encode_page(page))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Updates the content of a finished page, whose text source stays the same.
    pub(crate) async fn update_page(&self, file: FileId, page: &Page) -> Result<(), StoreError> {
        sqlx::query("UPDATE pages SET content = ? WHERE file_id = ? AND page_number = ?")
            .bind(encode_page(page))
            .bind(file.0)
            .bind(page.number)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Whether [near-duplicates, headers and footers](crate::reading) were found since the last page was read.
    pub(crate) async fn is_cross_page_done(&self, file: FileId) -> Result<bool, StoreError> {
        let done = sqlx::query_scalar("SELECT is_cross_page_done FROM files WHERE id = ?").bind(file.0);
        Ok(done.fetch_one(&self.pool).await?)
    }

    pub(crate) async fn set_cross_page_done(&self, file: FileId, done: bool) -> Result<(), StoreError> {
        sqlx::query("UPDATE files SET is_cross_page_done = ? WHERE id = ?")
            .bind(done)
            .bind(file.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A finished page.
    ///
    /// # Errors
    /// `Damaged` if its content cannot be decoded.
    pub async fn page(&self, file: FileId, number: u32) -> Result<Option<Page>, StoreError> {
        let content: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT content FROM pages WHERE file_id = ? AND page_number = ?")
                .bind(file.0)
                .bind(number)
                .fetch_optional(&self.pool)
                .await?;
        content.as_deref().map(decode_page).transpose()
    }

    /// The finished pages of a file in their order, without their content.
    pub(crate) async fn page_outlines(&self, file: FileId) -> Result<Vec<PageOutline>, StoreError> {
        let rows = sqlx::query(
            "SELECT page_number, text_source, width, height, confidence, duplicate_of FROM pages
             WHERE file_id = ? ORDER BY page_number",
        )
        .bind(file.0)
        .fetch_all(&self.pool)
        .await?;
        let outline = |row: &SqliteRow| PageOutline {
            number: row.get("page_number"),
            text_source: row.get("text_source"),
            width: row.get("width"),
            height: row.get("height"),
            confidence_percent: row.get("confidence"),
            duplicate_of: row.get("duplicate_of"),
        };
        Ok(rows.iter().map(outline).collect())
    }

    /// The numbers of the finished pages in a range, in order. Unreadable pages are included on request.
    pub(crate) async fn finished_pages(
        &self,
        file: FileId,
        range: &RangeInclusive<u32>,
        include_unreadable: bool,
    ) -> Result<Vec<u32>, StoreError> {
        let numbers = sqlx::query_scalar(
            "SELECT page_number FROM pages
             WHERE file_id = ? AND page_number BETWEEN ? AND ? AND (? OR text_source <> 'unreadable')
             ORDER BY page_number",
        )
        .bind(file.0)
        .bind(range.start())
        .bind(range.end())
        .bind(include_unreadable)
        .fetch_all(&self.pool)
        .await?;
        Ok(numbers)
    }

    /// The fingerprints whose words are known, each with the first page that shows it.
    pub(crate) async fn known_fingerprints(&self, file: FileId) -> Result<Vec<KnownFingerprint>, StoreError> {
        let rows = sqlx::query(
            "SELECT fingerprint, min(page_number) AS page FROM pages
             WHERE file_id = ? AND text_source IN ('text_layer', 'ocr', 'mixed', 'blank') AND fingerprint IS NOT NULL
             GROUP BY fingerprint",
        )
        .bind(file.0)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let fingerprint: Vec<u8> = row.get("fingerprint");
                let fingerprint = fingerprint.try_into().map_err(|_| StoreError::Damaged)?;
                Ok(KnownFingerprint { fingerprint: PageFingerprint(fingerprint), page: row.get("page") })
            })
            .collect()
    }

    pub(crate) async fn page_counts(
        &self,
        file: FileId,
        range: &RangeInclusive<u32>,
    ) -> Result<PageCounts, StoreError> {
        let rows: Vec<(String, u32)> = sqlx::query_as(
            "SELECT text_source, count(*) FROM pages
             WHERE file_id = ? AND page_number BETWEEN ? AND ? GROUP BY text_source",
        )
        .bind(file.0)
        .bind(range.start())
        .bind(range.end())
        .fetch_all(&self.pool)
        .await?;
        let count = |name: &str| rows.iter().find(|row| row.0 == name).map_or(0, |row| row.1);
        Ok(PageCounts {
            text_layer: count("text_layer"),
            ocr: count("ocr"),
            mixed: count("mixed"),
            blank: count("blank"),
            duplicate: count("duplicate"),
            unreadable: count("unreadable"),
        })
    }

    /// The pages of a range that were recognised without the model of their language, with that language.
    pub(crate) async fn missing_models(
        &self,
        file: FileId,
        range: &RangeInclusive<u32>,
    ) -> Result<Vec<(u32, Language)>, StoreError> {
        let rows: Vec<(u32, String)> = sqlx::query_as(
            "SELECT page_number, missing_model FROM pages
             WHERE file_id = ? AND page_number BETWEEN ? AND ? AND missing_model IS NOT NULL ORDER BY page_number",
        )
        .bind(file.0)
        .bind(range.start())
        .bind(range.end())
        .fetch_all(&self.pool)
        .await?;
        let parse = |(number, language): (u32, String)| Some((number, serde_json::from_str(&language).ok()?));
        rows.into_iter().map(|row| parse(row).ok_or(StoreError::Damaged)).collect()
    }

    /// The unreadable pages of a range, with the reason.
    pub(crate) async fn unreadable_pages(
        &self,
        file: FileId,
        range: &RangeInclusive<u32>,
    ) -> Result<Vec<(u32, String)>, StoreError> {
        let contents: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT content FROM pages
             WHERE file_id = ? AND page_number BETWEEN ? AND ? AND text_source = 'unreadable' ORDER BY page_number",
        )
        .bind(file.0)
        .bind(range.start())
        .bind(range.end())
        .fetch_all(&self.pool)
        .await?;
        let mut unreadable = Vec::with_capacity(contents.len());
        for content in contents {
            let page = decode_page(&content)?;
            if let TextSource::Unreadable { reason } = page.text_source {
                unreadable.push((page.number, reason));
            }
        }
        Ok(unreadable)
    }
}
