//! Records, documents and their pages.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use maneiro_page::Page;

use crate::{DocumentId, RecordId};

/// One page of a list; `next` leads to the following one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// To be given as `cursor` for the next rows; absent at the end.
    pub next: Option<String>,
}

/// `POST /v1/records`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRecord {
    /// What the clinic calls the record, 1 to 200 characters.
    pub title: String,
}

/// A patient's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// What the clinic calls it.
    pub title: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Its documents, in the order they were added.
    pub documents: Vec<Document>,
}

/// `POST /v1/records/{record}/documents`. The same file (by `sha256`) added twice is the same document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddDocument {
    /// The file's name, 1 to 200 characters.
    pub name: String,
    /// The file's media type, such as `application/pdf`.
    pub media_type: String,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The file's size in bytes.
    pub bytes: u64,
    /// How many pages it has, at least 1.
    pub pages: u32,
}

/// Pages from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PageRange {
    /// First page, from 1.
    pub first: u32,
    /// Last page.
    pub last: u32,
}

/// One file of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The record it belongs to.
    pub record: RecordId,
    /// The file's name.
    pub name: String,
    /// The file's media type.
    pub media_type: String,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    /// The file's size in bytes.
    pub bytes: u64,
    /// How many pages it has.
    pub pages: u32,
    /// The pages that have not arrived yet; empty when the document is complete.
    pub missing: Vec<PageRange>,
    /// The original file was uploaded too.
    pub has_original: bool,
    /// When it was added.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// `PUT /v1/documents/{document}/pages`: some pages, each replacing the one of its number if it was sent before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageBatch {
    /// 1 to 50 pages, in any order.
    pub pages: Vec<Page>,
}

/// `POST /v1/documents/{document}/original`: where to put the original, and the key to seal it with first.
///
/// The file goes straight to the object store, so the workstation seals it: see [`crate::seal`].
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OriginalUpload {
    /// Takes one PUT of the sealed bytes.
    pub url: String,
    /// When the address stops working, at most 5 minutes away.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// The document's own key, 32 bytes in base64, derived from the clinic's.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String)]
    pub key: SecretString,
}
