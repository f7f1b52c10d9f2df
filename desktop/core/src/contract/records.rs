//! Records, their files, and the reading of their pages on this computer.

use std::collections::BTreeMap;

use maneiro_api::{DocumentId, RecordId, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::common::{CalendarDay, Timestamp};

/// Where a record stands on its way to a signed report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    Reading,
    ToReview,
    ToSign,
    Signed,
}

impl RecordState {
    pub const ALL: [Self; 4] = [Self::Reading, Self::ToReview, Self::ToSign, Self::Signed];
}

/// Fields of a record that the clinic fills in; all free text but the days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RecordFields {
    pub number: Option<String>,
    pub birth_date: Option<CalendarDay>,
    pub injury_date: Option<CalendarDay>,
    pub examiner: Option<String>,
    /// Kind of the case, such as `Left shoulder`.
    pub kind: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReadingState {
    Running,
    Paused,
    Cancelled,
    Done,
}

/// How far the reading of a record is. Pushed at most 20 times a second.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(rename = "Reading")]
pub struct RecordReading {
    pub state: ReadingState,
    pub pages_done: u32,
    pub pages_total: u32,
    /// Pages of the record, from 1, that could not be read.
    pub pages_failed: Vec<u32>,
    pub pages_per_second: f32,
    /// Null until it can be told.
    pub seconds_left: Option<u32>,
    /// Files that ask for their password.
    pub files_locked: u32,
    /// Files whose pages are still being counted: `pages_total` is then what is known so far.
    pub counting: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct RecordOwner {
    pub id: UserId,
    pub name: String,
}

/// A file that asks for its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LockedFile {
    pub document: DocumentId,
    pub name: String,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RecordSummary {
    pub id: RecordId,
    pub title: String,
    pub kind: Option<String>,
    pub state: RecordState,
    pub owner: RecordOwner,
    pub changed_at: Timestamp,
    pub files: u32,
    pub pages: u32,
    pub reading: RecordReading,
    pub pages_not_read: u32,
    pub conflicts: u32,
    /// A newer result lies beside the one that was reviewed.
    pub new_result: bool,
    /// The cloud's job goes on.
    pub analysing: bool,
    pub waits_for_network: bool,
    pub sample: bool,
    /// Files that ask for their password, for the row's own field.
    pub locked_files: Vec<LockedFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OwnerCount {
    pub id: UserId,
    pub name: String,
    pub records: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RecordCounts {
    pub all: u32,
    #[ts(type = "Record<RecordState, number>")]
    pub by_state: BTreeMap<RecordState, u32>,
    pub owners: Vec<OwnerCount>,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RecordList {
    pub items: Vec<RecordSummary>,
    pub counts: RecordCounts,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    Waiting,
    Reading,
    Done,
    Partly,
    Failed,
    AsksPassword,
}

/// Why the whole file could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    Damaged,
    Kind,
    Empty,
    TooLarge,
    Missing,
}

/// One file of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RecordFile {
    pub document: DocumentId,
    pub name: String,
    pub media_type: String,
    pub kilobytes: u32,
    pub state: FileState,
    /// Number of the file's first page in the record, from 1.
    pub first_page: u32,
    pub pages: u32,
    pub pages_read: u32,
    /// Why the whole file could not be read.
    pub fault: Option<FileFault>,
}

/// Why a page could not be read; a code of the reader, so that the window can say it in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PageFault {
    FileEnds,
    PictureDamaged,
    PictureTooLarge,
    PictureFormat,
    TookTooLong,
    OutOfMemory,
    ReaderStopped,
    Other,
}

/// A page that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct UnreadPage {
    /// Number in the record, from 1.
    pub page: u32,
    pub document: DocumentId,
    pub fault: PageFault,
    /// What the reader said, in English; shown for `other` only.
    pub detail: Option<String>,
}

/// A part of the record with a date and kind of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Encounter")]
pub struct EncounterRow {
    pub kind: String,
    pub date: Option<CalendarDay>,
    pub author: Option<String>,
    pub first_line: String,
    /// Numbers in the record, from 1.
    pub first_page: u32,
    pub last_page: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StatementCounts {
    pub total: u32,
    pub reviewed: u32,
    pub not_found: u32,
}

/// The first page that can be shown: where it lies and how well its words were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FirstPage {
    pub document: DocumentId,
    pub page: u32,
    pub confidence: u32,
}

/// A record as the preview shows it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RecordDetail {
    pub summary: RecordSummary,
    pub fields: RecordFields,
    pub files: Vec<RecordFile>,
    pub unread: Vec<UnreadPage>,
    pub encounters: Vec<EncounterRow>,
    /// The three most important statements, if there is a result.
    pub most_important: Vec<String>,
    pub statements: StatementCounts,
    pub kept_until: Option<CalendarDay>,
    pub first_page: Option<FirstPage>,
}

/// A file that was dropped, chosen, pasted or opened with the app; the shell keeps its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OfferedFile {
    pub handle: String,
    pub name: String,
    pub kilobytes: u32,
    /// What it is, by its first bytes; null if Maneiro cannot read it.
    pub media_type: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OutboxWork {
    Analyse,
    Edits,
    Fields,
    Files,
    SignedReport,
    Delete,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OutboxItem {
    pub id: String,
    pub record: RecordId,
    pub title: String,
    pub what: OutboxWork,
    /// Edits for `edits`, pages for `analyse` and `files`, 0 otherwise.
    pub count: u32,
    pub kilobytes: u32,
    pub since: Timestamp,
}

/// What waits for the cloud. It goes by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Outbox")]
pub struct OutboxContent {
    pub online: bool,
    pub offline_since: Option<Timestamp>,
    pub items: Vec<OutboxItem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IntakeShape {
    One,
    Several,
}

/// Changes of a record's fields; what is absent stays, null empties.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordFieldChanges {
    #[serde(deserialize_with = "present")]
    pub number: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub birth_date: Option<Option<CalendarDay>>,
    #[serde(deserialize_with = "present")]
    pub injury_date: Option<Option<CalendarDay>>,
    #[serde(deserialize_with = "present")]
    pub examiner: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub kind: Option<Option<String>>,
}

/// Tells null from absent: this is called only for what is present.
fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl RecordFields {
    pub(crate) fn apply(&mut self, changes: RecordFieldChanges) {
        fn set<T>(value: &mut Option<T>, change: Option<Option<T>>) {
            if let Some(change) = change {
                *value = change;
            }
        }
        let text = |change: Option<Option<String>>| {
            change.map(|text| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
        };
        set(&mut self.number, text(changes.number));
        set(&mut self.birth_date, changes.birth_date);
        set(&mut self.injury_date, changes.injury_date);
        set(&mut self.examiner, text(changes.examiner));
        set(&mut self.kind, text(changes.kind));
    }
}
