//! Files and their pages in the local store.

use std::{fmt, ops::RangeInclusive};

use maneiro_page::{Language, Page, TextSource};
use serde::Serialize;
use sqlx::Row as _;

use super::{Store, StoreError};
use crate::{reading::READING, worker::Fingerprint};

const ZSTD_LEVEL: i32 = 3;
/// The longest page that is taken back; bounds what a damaged row can cost.
const MAX_PAGE_BYTES: usize = 64 * 1024 * 1024;

/// A file's id in this store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId(i64);

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What the store keeps of a file itself.
#[derive(Debug, Clone, Copy)]
pub struct FileInfo<'a> {
    /// SHA-256, lower-case hexadecimal.
    pub sha256: &'a str,
    /// The models that scans are recognised with, joined by `+`.
    pub languages: &'a str,
    /// Its media type.
    pub media_type: &'a str,
    /// Its size.
    pub bytes: u64,
    /// How many pages it has.
    pub pages: u32,
}

/// A content that some page shows and whose words are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) page: u32,
}

/// How many pages came to be known in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PageCounts {
    /// From the text layer.
    pub text_layer: u32,
    /// By recognition.
    pub ocr: u32,
    /// From the text layer, their pictures by recognition.
    pub mixed: u32,
    /// Nothing is on them.
    pub blank: u32,
    /// They repeat an earlier one.
    pub repeat: u32,
    /// They could not be read.
    pub unreadable: u32,
}

fn kind(how: &TextSource) -> &'static str {
    match how {
        TextSource::TextLayer => "text_layer",
        TextSource::Ocr { .. } => "ocr",
        TextSource::Mixed { .. } => "mixed",
        TextSource::Blank => "blank",
        TextSource::Duplicate { .. } => "repeat",
        TextSource::Unreadable { .. } => "unreadable",
    }
}

fn packed(page: &Page) -> Vec<u8> {
    let json = serde_json::to_vec(page).expect("a page has finite numbers only");
    zstd::bulk::compress(&json, ZSTD_LEVEL).expect("compressing into memory cannot fail")
}

fn unpacked(content: &[u8]) -> Result<Page, StoreError> {
    let json = zstd::bulk::decompress(content, MAX_PAGE_BYTES).map_err(|_| StoreError::Damaged)?;
    serde_json::from_slice(&json).map_err(|_| StoreError::Damaged)
}

impl Store {
    /// The id of a file, which is made if this is the first reading of it.
    pub(crate) async fn file(&self, info: &FileInfo<'_>) -> Result<FileId, StoreError> {
        sqlx::query(
            "INSERT INTO files (sha256, reading, languages, media_type, bytes, pages) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (sha256, reading, languages) DO NOTHING",
        )
        .bind(info.sha256)
        .bind(READING)
        .bind(info.languages)
        .bind(info.media_type)
        .bind(i64::try_from(info.bytes).expect("a file is at most 2 GiB"))
        .bind(info.pages)
        .execute(&self.pool)
        .await?;
        let id =
            sqlx::query_scalar("SELECT id FROM files WHERE sha256 = ? AND reading = ? AND languages = ?")
                .bind(info.sha256)
                .bind(READING)
                .bind(info.languages)
                .fetch_one(&self.pool)
                .await?;
        Ok(FileId(id))
    }

    /// How many pages of a file are finished, without reading it: for a list of files. Read in several languages, it
    /// is the reading that came farthest.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot tell.
    pub async fn kept_pages(&self, sha256: &str) -> Result<u32, StoreError> {
        let kept = sqlx::query_scalar(
            "SELECT coalesce(max(kept), 0) FROM
             (SELECT count(*) AS kept FROM pages JOIN files ON files.id = pages.file
              WHERE sha256 = ? AND reading = ? GROUP BY files.id)",
        )
        .bind(sha256)
        .bind(READING)
        .fetch_one(&self.pool)
        .await?;
        Ok(kept)
    }

    /// Commits a finished page.
    pub(crate) async fn keep_page(
        &self,
        file: FileId,
        page: &Page,
        fingerprint: Option<Fingerprint>,
    ) -> Result<(), StoreError> {
        let language = page.language.as_ref().filter(|language| language.model_unused.is_some());
        let wanted =
            language.map(|language| serde_json::to_string(language).expect("a language is plain text"));
        sqlx::query(
            "INSERT INTO pages (file, number, how, fingerprint, wanted, content) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (file, number) DO UPDATE
             SET how = excluded.how, fingerprint = excluded.fingerprint, wanted = excluded.wanted,
                 content = excluded.content",
        )
        .bind(file.0)
        .bind(page.number)
        .bind(kind(&page.text_source))
        .bind(fingerprint.map(|fingerprint| fingerprint.0.to_vec()))
        .bind(wanted)
        .bind(packed(page))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Changes what a finished page says of itself, not how it was read.
    pub(crate) async fn amend_page(&self, file: FileId, page: &Page) -> Result<(), StoreError> {
        sqlx::query("UPDATE pages SET content = ? WHERE file = ? AND number = ?")
            .bind(packed(page))
            .bind(file.0)
            .bind(page.number)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Whether the pages of a file were compared with each other since [`Store::begin_reading`].
    pub(crate) async fn are_related(&self, file: FileId) -> Result<bool, StoreError> {
        let related = sqlx::query_scalar("SELECT related FROM files WHERE id = ?").bind(file.0);
        Ok(related.fetch_one(&self.pool).await?)
    }

    /// Notes that the pages of a file were compared with each other.
    pub(crate) async fn keep_related(&self, file: FileId) -> Result<(), StoreError> {
        sqlx::query("UPDATE files SET related = 1 WHERE id = ?").bind(file.0).execute(&self.pool).await?;
        Ok(())
    }

    /// Notes that pages of a file will be read, and must be compared with the others afterwards.
    pub(crate) async fn begin_reading(&self, file: FileId) -> Result<(), StoreError> {
        sqlx::query("UPDATE files SET related = 0 WHERE id = ?").bind(file.0).execute(&self.pool).await?;
        Ok(())
    }

    /// A finished page.
    ///
    /// # Errors
    /// `Damaged` if it does not come back as it was kept.
    pub async fn page(&self, file: FileId, number: u32) -> Result<Option<Page>, StoreError> {
        let content: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT content FROM pages WHERE file = ? AND number = ?")
                .bind(file.0)
                .bind(number)
                .fetch_optional(&self.pool)
                .await?;
        content.as_deref().map(unpacked).transpose()
    }

    /// The numbers of the finished pages in a range, in order; without the unreadable ones unless they count.
    pub(crate) async fn finished(
        &self,
        file: FileId,
        range: &RangeInclusive<u32>,
        unreadable_too: bool,
    ) -> Result<Vec<u32>, StoreError> {
        let numbers = sqlx::query_scalar(
            "SELECT number FROM pages
             WHERE file = ? AND number BETWEEN ? AND ? AND (? OR how <> 'unreadable') ORDER BY number",
        )
        .bind(file.0)
        .bind(range.start())
        .bind(range.end())
        .bind(unreadable_too)
        .fetch_all(&self.pool)
        .await?;
        Ok(numbers)
    }

    /// The contents whose words are known, each with the first page that has them.
    pub(crate) async fn known(&self, file: FileId) -> Result<Vec<Known>, StoreError> {
        let rows = sqlx::query(
            "SELECT fingerprint, min(number) AS page FROM pages
             WHERE file = ? AND how IN ('text_layer', 'ocr', 'mixed', 'blank') AND fingerprint IS NOT NULL GROUP BY fingerprint",
        )
        .bind(file.0)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let fingerprint: Vec<u8> = row.get("fingerprint");
                let fingerprint = fingerprint.try_into().map_err(|_| StoreError::Damaged)?;
                Ok(Known { fingerprint: Fingerprint(fingerprint), page: row.get("page") })
            })
            .collect()
    }

    /// How the pages of a range came to be known.
    pub(crate) async fn counts(
        &self,
        file: FileId,
        range: &RangeInclusive<u32>,
    ) -> Result<PageCounts, StoreError> {
        let rows: Vec<(String, u32)> = sqlx::query_as(
            "SELECT how, count(*) FROM pages WHERE file = ? AND number BETWEEN ? AND ? GROUP BY how",
        )
        .bind(file.0)
        .bind(range.start())
        .bind(range.end())
        .fetch_all(&self.pool)
        .await?;
        let count = |how: &str| rows.iter().find(|row| row.0 == how).map_or(0, |row| row.1);
        Ok(PageCounts {
            text_layer: count("text_layer"),
            ocr: count("ocr"),
            mixed: count("mixed"),
            blank: count("blank"),
            repeat: count("repeat"),
            unreadable: count("unreadable"),
        })
    }

    /// The pages of a range that are in a language they were not recognised in.
    pub(crate) async fn foreign(
        &self,
        file: FileId,
        range: &RangeInclusive<u32>,
    ) -> Result<Vec<(u32, Language)>, StoreError> {
        let rows: Vec<(u32, String)> = sqlx::query_as(
            "SELECT number, wanted FROM pages
             WHERE file = ? AND number BETWEEN ? AND ? AND wanted IS NOT NULL ORDER BY number",
        )
        .bind(file.0)
        .bind(range.start())
        .bind(range.end())
        .fetch_all(&self.pool)
        .await?;
        let parsed = |(number, wanted): (u32, String)| Some((number, serde_json::from_str(&wanted).ok()?));
        rows.into_iter().map(|row| parsed(row).ok_or(StoreError::Damaged)).collect()
    }

    /// The unreadable pages of a range, with the reason.
    pub(crate) async fn unreadable(
        &self,
        file: FileId,
        range: &RangeInclusive<u32>,
    ) -> Result<Vec<(u32, String)>, StoreError> {
        let contents: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT content FROM pages
             WHERE file = ? AND number BETWEEN ? AND ? AND how = 'unreadable' ORDER BY number",
        )
        .bind(file.0)
        .bind(range.start())
        .bind(range.end())
        .fetch_all(&self.pool)
        .await?;
        let mut unreadable = Vec::with_capacity(contents.len());
        for content in contents {
            let page = unpacked(&content)?;
            if let TextSource::Unreadable { reason } = page.text_source {
                unreadable.push((page.number, reason));
            }
        }
        Ok(unreadable)
    }
}
