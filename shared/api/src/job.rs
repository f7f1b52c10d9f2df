//! Jobs: requests for an analysis, and their progress.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{AnalysisId, JobId, RecordId, analysis::DateWindow};

/// `POST /v1/jobs`, with an `Idempotency-Key` header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateJob {
    /// The record to analyse; every page of its documents must have been uploaded.
    pub record: RecordId,
    /// What to look at in particular, at most 500 characters.
    #[serde(default)]
    #[schema(
        max_length = 500,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub focus: Option<String>,
    /// Which days to look at.
    #[serde(default)]
    pub window: Option<DateWindow>,
}

/// The state of a job: `waiting → processing → complete | error | cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// In the queue, for the first attempt or for another one.
    Waiting,
    /// A worker is making the analysis.
    Processing,
    /// The analysis is made.
    Complete,
    /// No further attempt is made; `error` says why.
    Error,
    /// A user cancelled it.
    Cancelled,
}

impl JobState {
    /// Whether an outcome is recorded: the state changes only if a user retries the job.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Waiting | Self::Processing => false,
            Self::Complete | Self::Error | Self::Cancelled => true,
        }
    }
}

/// The progress of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobProgress {
    /// Pages analysed so far.
    pub pages_done: u32,
    /// Pages of the record.
    pub pages_total: u32,
}

/// Why an attempt of a job failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum JobErrorCode {
    /// The language model's server could not be reached or kept failing.
    ModelUnavailable,
    /// The language model's server rejected the request.
    ModelRequestRejected,
    /// No output of the language model could be parsed.
    ModelOutputInvalid,
    /// A page or a key could not be loaded.
    StorageUnavailable,
    /// Something stored of the record is missing or was altered, so that it does not open.
    RecordDamaged,
    /// An analysis of the record needs more memory than one may take.
    RecordTooLarge,
    /// The worker stopped during every attempt.
    WorkerLost,
    /// An error in the service.
    Internal,
}

/// Why an attempt of a job failed, with a message that a user can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobError {
    /// What clients act on.
    pub code: JobErrorCode,
    /// A sentence to show. Holds no patient data.
    pub message: String,
}

/// A request for an analysis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// The job's id.
    pub id: JobId,
    /// The record to analyse.
    pub record: RecordId,
    /// The job's state.
    pub state: JobState,
    /// What to look at in particular; absent in a support session, and if what is stored of it does not open.
    pub focus: Option<String>,
    /// Whether its focus does not open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_damaged: bool,
    /// Which days to look at.
    pub window: Option<DateWindow>,
    /// The job's progress.
    pub progress: JobProgress,
    /// Attempts since the job was created or last retried.
    pub attempts: u32,
    /// The error of the last attempt, also while another one is waiting.
    pub error: Option<JobError>,
    /// The result, once complete.
    pub analysis: Option<AnalysisId>,
    /// When the job was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the outcome was recorded.
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
}
