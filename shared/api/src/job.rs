//! Jobs: requests for an analysis, and how far they are.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{AnalysisId, JobId, RecordId, analysis::DateWindow};

/// `POST /v1/jobs`, with an `Idempotency-Key` header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateJob {
    /// The record to analyse; every page of its documents must have arrived.
    pub record: RecordId,
    /// What to look at in particular, at most 500 characters.
    #[serde(default)]
    pub focus: Option<String>,
    /// Which days to look at.
    #[serde(default)]
    pub window: Option<DateWindow>,
}

/// Where a job stands: `waiting → processing → complete | error | cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Stored; a worker will take it, for the first time or again after a failure.
    Waiting,
    /// A worker has it.
    Processing,
    /// The analysis is there.
    Complete,
    /// It was given up; `error` says why.
    Error,
    /// A user ended it.
    Cancelled,
}

impl JobState {
    /// An outcome is recorded and will not change by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Waiting | Self::Processing => false,
            Self::Complete | Self::Error | Self::Cancelled => true,
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Pages taken into account so far.
    pub pages_done: u32,
    /// Pages of the record.
    pub pages_total: u32,
}

/// Why a job failed, last or for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobErrorCode {
    /// The language model's server could not be reached or kept failing.
    ModelUnavailable,
    /// The language model's server refused the request.
    ModelRefused,
    /// No answer of the language model could be used.
    ModelUnusable,
    /// A page or a key could not be loaded.
    StorageUnavailable,
    /// The worker stopped during every attempt.
    WorkerLost,
    /// A fault of ours.
    Internal,
}

/// Why a job failed, in words a user can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobError {
    /// What to act on.
    pub code: JobErrorCode,
    /// What to show. Holds no patient data.
    pub message: String,
}

/// A request for an analysis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The record to analyse.
    pub record: RecordId,
    /// Where it stands.
    pub state: JobState,
    /// What to look at in particular.
    pub focus: Option<String>,
    /// Which days to look at.
    pub window: Option<DateWindow>,
    /// How far it is.
    pub progress: Progress,
    /// How often a worker took it.
    pub attempts: u32,
    /// The last failure, also while another attempt is waiting.
    pub error: Option<JobError>,
    /// The result, once complete.
    pub analysis: Option<AnalysisId>,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the outcome was recorded.
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
}
