//! What the shell tells the window without being asked, all through one channel.

use maneiro_api::RecordId;
use serde::Serialize;
use ts_rs::TS;

use super::{
    records::{OfferedFile, RecordReading},
    review::AnalysisRun,
    session::SessionState,
};

/// A place in the window, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
pub struct WindowPoint {
    pub x: f64,
    pub y: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OfferPath {
    Dropped,
    Opened,
}

#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ShellEvent {
    Session {
        session: SessionState,
    },
    /// The list is stale: a record came, went or changed its state or title.
    RecordsChanged,
    /// Files, fields or counts of one record changed.
    RecordChanged {
        record: RecordId,
    },
    Reading {
        record: RecordId,
        reading: RecordReading,
    },
    Run {
        record: RecordId,
        run: AnalysisRun,
    },
    /// Statements changed elsewhere, or a result came.
    ReviewChanged {
        record: RecordId,
    },
    OutboxChanged,
    ClinicChanged,
    /// Files hover over the window (`count`), or no longer do (0). Where, in CSS pixels; at most 20 a second.
    Drag {
        count: u32,
        x: f64,
        y: f64,
    },
    /// Files were dropped (`at`: where, in CSS pixels), or opened with the app from the file manager.
    FilesOffered {
        files: Vec<OfferedFile>,
        how: OfferPath,
        at: Option<WindowPoint>,
    },
}
