//! Pages of a record: their words with boxes, and search. Images come by the page protocol, never through a command.

use maneiro_api::DocumentId;
use maneiro_page::{BBox, LineRole};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PageState {
    Waiting,
    Read,
    Blank,
    Duplicate,
    Failed,
}

/// What the thumbnails and the scroll need to know of every page; kept small, a record may have 2,000.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct PageInfo {
    pub document: DocumentId,
    /// Number in its file, from 1. The number in the record is its place in the list.
    pub number: u32,
    /// As shown, in points.
    pub width: f32,
    pub height: f32,
    pub state: PageState,
    /// For `duplicate`: the number of the earlier page in the record.
    pub duplicate_of: Option<u32>,
    /// Mean confidence of its words in percent; 100 for a text layer.
    pub confidence: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(rename = "Word")]
pub struct ShownWord {
    pub text: String,
    pub bbox: BBox,
    pub confidence: u8,
}

/// Why no statement could be made of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NotUnderstood {
    Handwriting,
    DamagedPicture,
    NoSense,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(rename = "Line")]
pub struct ShownLine {
    pub words: Vec<ShownWord>,
    pub role: LineRole,
}

/// The words of one page in reading order.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(rename = "PageWords")]
pub struct ShownPage {
    pub page: u32,
    pub width: f32,
    pub height: f32,
    pub lines: Vec<ShownLine>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct WordPosition {
    pub line: u32,
    pub word: u32,
}

/// Consecutive words of a page: line and word count from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WordRange {
    pub page: u32,
    pub first: WordPosition,
    pub last: WordPosition,
}

/// A line with a hit.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SearchHit {
    pub page: u32,
    /// The line's words, and where in them the hit is, in UTF-16 units.
    pub text: String,
    pub start: u32,
    pub end: u32,
    pub boxes: Vec<BBox>,
    /// Mean confidence of the words hit.
    pub confidence: u32,
}

/// Hits in page order; `more` says that there are others.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SearchHits {
    pub hits: Vec<SearchHit>,
    pub more: bool,
}
