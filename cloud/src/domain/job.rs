//! The lifecycle of a job: `waiting → processing → complete | error | cancelled`. Pure: changes are methods that can refuse.

use maneiro_api::{
    AnalysisId, ErrorCode, JobId, RecordId,
    analysis::DateWindow,
    job::{JobErrorCode, JobState},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::error::Error;

/// The state of a job with what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobLifecycle {
    Waiting,
    Processing,
    Complete { at: OffsetDateTime },
    Error { at: OffsetDateTime },
    Cancelled { at: OffsetDateTime },
}

impl JobLifecycle {
    #[must_use]
    pub const fn state(self) -> JobState {
        match self {
            Self::Waiting => JobState::Waiting,
            Self::Processing => JobState::Processing,
            Self::Complete { .. } => JobState::Complete,
            Self::Error { .. } => JobState::Error,
            Self::Cancelled { .. } => JobState::Cancelled,
        }
    }

    /// When the outcome was recorded.
    #[must_use]
    pub const fn finished_at(self) -> Option<OffsetDateTime> {
        match self {
            Self::Waiting | Self::Processing => None,
            Self::Complete { at } | Self::Error { at } | Self::Cancelled { at } => Some(at),
        }
    }
}

/// What an analysis is to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFocus {
    /// In particular.
    pub focus: Option<String>,
    /// On which days.
    pub window: Option<DateWindow>,
}

/// A request for an analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub record: RecordId,
    /// A [`JobFocus`], sealed.
    pub request_sealed: Vec<u8>,
    pub lifecycle: JobLifecycle,
    /// Attempts since the job was created or last retried.
    pub attempt: u32,
    pub last_error: Option<JobErrorCode>,
    pub pages_done: u32,
    pub pages_total: u32,
    /// The start of the period whose quota the job counts against; `None` once it was refunded.
    pub quota_period: Option<OffsetDateTime>,
    pub analysis: Option<AnalysisId>,
    pub created_at: OffsetDateTime,
}

impl Job {
    /// Records the result. A worker without the lease does not get this far.
    #[must_use]
    pub fn complete(self, analysis: AnalysisId, at: OffsetDateTime) -> Self {
        Self {
            lifecycle: JobLifecycle::Complete { at },
            analysis: Some(analysis),
            last_error: None,
            pages_done: self.pages_total,
            ..self
        }
    }

    /// Records a failed attempt after which the job waits for the next one.
    #[must_use]
    pub fn wait_for_retry(self, error: JobErrorCode) -> Self {
        Self { lifecycle: JobLifecycle::Waiting, last_error: Some(error), pages_done: 0, ..self }
    }

    /// Records that the job failed for good. It no longer counts against the quota.
    #[must_use]
    pub fn fail(self, error: JobErrorCode, at: OffsetDateTime) -> Self {
        let lifecycle = JobLifecycle::Error { at };
        Self { lifecycle, last_error: Some(error), pages_done: 0, quota_period: None, ..self }
    }

    /// Cancels the job. It still counts against the quota: only a job that ends in error is refunded.
    ///
    /// # Errors
    /// `NotCancellable` once an outcome is recorded.
    pub fn cancel(self, at: OffsetDateTime) -> Result<Self, Error> {
        match self.lifecycle {
            JobLifecycle::Waiting | JobLifecycle::Processing => {
                Ok(Self { lifecycle: JobLifecycle::Cancelled { at }, ..self })
            }
            JobLifecycle::Complete { .. } | JobLifecycle::Error { .. } | JobLifecycle::Cancelled { .. } => {
                Err(Error::Conflict(ErrorCode::NotCancellable))
            }
        }
    }

    /// Puts the job back into the queue with all its attempts. It counts against the quota of `period` unless it still
    /// counts against an earlier one.
    ///
    /// # Errors
    /// `NotRetryable` unless it ended in error or was cancelled.
    pub fn retry(self, period: OffsetDateTime) -> Result<Self, Error> {
        match self.lifecycle {
            JobLifecycle::Error { .. } | JobLifecycle::Cancelled { .. } => Ok(Self {
                lifecycle: JobLifecycle::Waiting,
                attempt: 0,
                last_error: None,
                pages_done: 0,
                quota_period: self.quota_period.or(Some(period)),
                ..self
            }),
            JobLifecycle::Waiting | JobLifecycle::Processing | JobLifecycle::Complete { .. } => {
                Err(Error::Conflict(ErrorCode::NotRetryable))
            }
        }
    }
}

/// A message that a user can act on.
#[must_use]
pub const fn error_message(error: JobErrorCode) -> &'static str {
    match error {
        JobErrorCode::ModelUnavailable => "The language model's server did not answer. Try again later.",
        JobErrorCode::ModelRequestRejected => {
            "The language model's server rejected the request. Ask your operator to check its settings."
        }
        JobErrorCode::ModelOutputInvalid => {
            "The language model gave no usable answer. Try again, or with a narrower focus."
        }
        JobErrorCode::StorageUnavailable => "A page of the record could not be loaded. Try again later.",
        JobErrorCode::RecordDamaged => {
            "Something stored of the record is missing or was altered. Upload its documents into a new record, or contact support."
        }
        JobErrorCode::RecordTooLarge => {
            "the record is too large for one analysis: divide it into smaller records"
        }
        JobErrorCode::WorkerLost => {
            "The analysis was interrupted every time. Try again, or split the record."
        }
        JobErrorCode::Internal => {
            "Something went wrong in the service. Try again; if it happens again, contact support."
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 09:00 UTC);

    fn period() -> OffsetDateTime {
        datetime!(2026-02-15 09:00 UTC)
    }

    fn job(lifecycle: JobLifecycle, attempt: u32) -> Job {
        Job {
            id: JobId::from_uuid(Uuid::from_u128(1)),
            record: RecordId::from_uuid(Uuid::from_u128(2)),
            request_sealed: Vec::new(),
            lifecycle,
            attempt,
            last_error: None,
            pages_done: 3,
            pages_total: 7,
            quota_period: Some(period()),
            analysis: None,
            created_at: NOW,
        }
    }

    #[test]
    fn failed_attempt_waits_and_counts_against_the_quota() {
        let waiting = job(JobLifecycle::Processing, 2).wait_for_retry(JobErrorCode::ModelUnavailable);
        assert_eq!(waiting.lifecycle, JobLifecycle::Waiting);
        assert_eq!(waiting.last_error, Some(JobErrorCode::ModelUnavailable));
        assert!(waiting.quota_period.is_some());
    }

    #[test]
    fn failed_job_is_refunded() {
        let ended = job(JobLifecycle::Processing, 5).fail(JobErrorCode::WorkerLost, NOW);
        assert_eq!(ended.lifecycle, JobLifecycle::Error { at: NOW });
        assert_eq!(ended.quota_period, None);
    }

    #[test]
    fn only_a_job_without_an_outcome_can_be_cancelled() {
        for lifecycle in [JobLifecycle::Waiting, JobLifecycle::Processing] {
            let cancelled = job(lifecycle, 1).cancel(NOW).unwrap();
            assert_eq!(cancelled.lifecycle, JobLifecycle::Cancelled { at: NOW });
            assert!(cancelled.quota_period.is_some(), "a cancelled job is not refunded");
        }
        for lifecycle in [
            JobLifecycle::Complete { at: NOW },
            JobLifecycle::Error { at: NOW },
            JobLifecycle::Cancelled { at: NOW },
        ] {
            assert_eq!(job(lifecycle, 1).cancel(NOW).unwrap_err().code(), ErrorCode::NotCancellable);
        }
    }

    #[test]
    fn only_a_failed_or_cancelled_job_can_be_retried() {
        for lifecycle in [JobLifecycle::Error { at: NOW }, JobLifecycle::Cancelled { at: NOW }] {
            let retried = job(lifecycle, 5).retry(period()).unwrap();
            assert_eq!((retried.lifecycle, retried.attempt), (JobLifecycle::Waiting, 0));
        }
        for lifecycle in [JobLifecycle::Waiting, JobLifecycle::Processing, JobLifecycle::Complete { at: NOW }]
        {
            assert_eq!(job(lifecycle, 1).retry(period()).unwrap_err().code(), ErrorCode::NotRetryable);
        }
    }

    #[test]
    fn retried_job_counts_once() {
        let january = datetime!(2026-01-15 09:00 UTC);
        let counted = Job { quota_period: Some(january), ..job(JobLifecycle::Cancelled { at: NOW }, 1) };
        assert_eq!(counted.retry(period()).unwrap().quota_period, Some(january));
        let refunded = Job { quota_period: None, ..job(JobLifecycle::Error { at: NOW }, 5) };
        assert_eq!(refunded.retry(period()).unwrap().quota_period, Some(period()));
    }
}
