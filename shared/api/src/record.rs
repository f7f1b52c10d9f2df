//! Records, documents and their pages.

use std::{collections::BTreeMap, fmt};

use maneiro_page::Page;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use crate::{DocumentId, ObjectId, RecordId, analysis::iso_date};

/// Consecutive items of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// The `cursor` of the following items; absent at the end of the list.
    pub next_cursor: Option<String>,
}

/// `POST /v1/records`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRecord {
    /// The title that the clinic gives the record, 1 to 200 characters.
    #[schema(
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub title: String,
}

/// A patient's record. An error may carry it to a client, so that nothing of the patient is printed with it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Record {
    /// The record's id.
    pub id: RecordId,
    /// The title that the clinic gave it; null if what is stored of it does not open.
    pub title: Option<String>,
    /// Whether its title does not open. The rest of it may still be whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_damaged: bool,
    /// What the clinic noted of the patient and the case.
    #[serde(default)]
    pub fields: CaseFields,
    /// Counts the changes of title and fields; a change names the revision that it was made of.
    pub revision: u32,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Its documents, in the order they were added.
    pub documents: Vec<Document>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("id", &self.id)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// What a clinic notes of a record's patient and case; each text 1 to 200 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CaseFields {
    /// The clinic's own number of the patient or case.
    pub number: Option<String>,
    /// When the patient was born.
    #[serde(with = "iso_date::option")]
    pub birth_date: Option<Date>,
    /// The day of the injury that the case is about.
    #[serde(with = "iso_date::option")]
    pub injury_date: Option<Date>,
    /// Who examines the patient.
    pub examiner: Option<String>,
    /// The kind of case, such as `Left shoulder`.
    pub kind: Option<String>,
}

/// `PATCH /v1/records/{record}`: changes title or fields; what is absent stays. If the record has been changed since
/// `revision`, nothing is done and the response (409, `record_changed`) has the record as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRecord {
    /// The revision that the change was made of.
    #[schema(minimum = 1)]
    pub revision: u32,
    /// Another title, 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub title: Option<String>,
    /// All fields as they are to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<CaseFields>,
}

/// `POST /v1/records/{record}/documents`. The same file (by `sha256`) added twice is the same document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddDocument {
    /// The file's name, 1 to 200 characters.
    #[schema(
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub name: String,
    /// The file's media type, such as `application/pdf`.
    #[schema(pattern = "^(application/pdf|image/png|image/jpeg|image/tiff)$")]
    pub media_type: String,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// The file's size in bytes.
    #[schema(minimum = 1, maximum = 2147483648_u64)]
    pub bytes: u64,
    /// The number of its pages, at least 1.
    #[schema(minimum = 1, maximum = 10000)]
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
    /// The document's id.
    pub id: DocumentId,
    /// The record it belongs to.
    pub record: RecordId,
    /// The file's name; null if what is stored of it does not open.
    pub name: Option<String>,
    /// Whether its name does not open. Its pages may still be whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_damaged: bool,
    /// The file's media type.
    pub media_type: String,
    /// The file's size in bytes.
    pub bytes: u64,
    /// The number of its pages.
    pub pages: u32,
    /// The pages that were not uploaded yet; empty when the document is complete.
    pub missing_pages: Vec<PageRange>,
    /// Whether the original file was uploaded too.
    pub has_original: bool,
    /// When it was added.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// `PUT /v1/documents/{document}/pages`: each page takes the place of the one of its number that was uploaded before, which jobs
/// that were created until then still read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageBatch {
    /// 1 to 50 pages, in any order.
    #[schema(min_items = 1, max_items = 50)]
    pub pages: Vec<Page>,
}

/// `POST /v1/documents/{document}/original/key`: what to seal the original with.
///
/// The file goes straight to the object store, so the workstation seals it: see [`crate::seal`].
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OriginalKey {
    /// The id of the key, for the head of the sealed file.
    pub key_id: u32,
    /// The key of this document, 32 bytes in base64, derived from the clinic's key.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String)]
    pub key: SecretString,
}

/// `POST /v1/documents/{document}/original`: announces the sealed original. Its size follows from the file's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOriginalUpload {
    /// SHA-256 of the sealed bytes, 64 lower-case hexadecimal digits.
    pub sealed_sha256: String,
}

/// Where to upload the announced original.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct OriginalUpload {
    /// Names the upload when it is completed.
    pub upload: ObjectId,
    /// Takes a PUT of exactly the announced bytes.
    pub url: String,
    /// Headers that the PUT must have.
    pub headers: BTreeMap<String, String>,
    /// When the URL expires, at most 5 minutes from now.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// `POST /v1/documents/{document}/original/complete`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteOriginalUpload {
    /// The upload.
    pub upload: ObjectId,
}

/// Whoever has the URL may upload, so it is not printed.
impl fmt::Debug for OriginalUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginalUpload").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upload_does_not_print_its_url_and_key() {
        let upload = OriginalUpload {
            upload: ObjectId::from_uuid(uuid::Uuid::nil()),
            url: "https://objects.example/x?X-Amz-Signature=5ec2e7".to_owned(),
            headers: BTreeMap::new(),
            expires_at: OffsetDateTime::UNIX_EPOCH,
        };
        let key = OriginalKey { key_id: 1, key: "a key".into() };
        let printed = format!("{upload:?} {key:?}");
        assert!(!printed.contains("5ec2e7") && !printed.contains("a key"), "{printed}");
    }
}
