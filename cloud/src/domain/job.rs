//! A job's life: `waiting → processing → complete | error | cancelled`. Pure: states are methods that can refuse.

use std::time::Duration;

use maneiro_api::{
    AnalysisId, ErrorCode, JobId, OrgId, RecordId,
    analysis::DateWindow,
    job::{JobErrorCode, JobState},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{error::Error, period::Period};

/// How often a worker takes a job before it is given up.
pub const MAX_ATTEMPTS: u32 = 5;

const FIRST_DELAY: Duration = Duration::from_secs(2);
const LONGEST_DELAY: Duration = Duration::from_secs(600);

/// How long to wait after the attempt of this number failed: up to 2 s, 8 s, 32 s, 128 s, at most ten minutes, and at
/// least half of that. `spread` is random, so that jobs that failed together do not come back together.
#[must_use]
pub fn back_off(attempt: u32, spread: u8) -> Duration {
    let factor = 4_u32.saturating_pow(attempt.saturating_sub(1));
    let longest = FIRST_DELAY.saturating_mul(factor).min(LONGEST_DELAY);
    longest / 2 + longest * u32::from(spread) / (2 * u32::from(u8::MAX))
}

/// Which claim holds a job: the lease and the how-manieth attempt. An outcome is recorded only while both still stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    job: JobId,
    org: OrgId,
    lease: Uuid,
    attempt: u32,
}

impl Claim {
    /// Only the store makes one, from a row it took.
    pub(crate) const fn new(job: JobId, org: OrgId, lease: Uuid, attempt: u32) -> Self {
        Self { job, org, lease, attempt }
    }

    /// The job.
    #[must_use]
    pub const fn job(&self) -> JobId {
        self.job
    }

    /// The clinic it is for.
    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// The lease.
    #[must_use]
    pub const fn lease(&self) -> Uuid {
        self.lease
    }

    /// The attempt, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A worker may take it once `delay` has passed, counted by the database from the moment this is stored.
    Waiting {
        /// The back-off.
        delay: Duration,
    },
    /// A worker has it.
    Processing,
    /// The analysis is there.
    Complete {
        /// Since when.
        at: OffsetDateTime,
    },
    /// It was given up.
    Error {
        /// Since when.
        at: OffsetDateTime,
    },
    /// A user ended it.
    Cancelled {
        /// Since when.
        at: OffsetDateTime,
    },
}

impl State {
    /// The state as it is called outside.
    #[must_use]
    pub const fn name(self) -> JobState {
        match self {
            Self::Waiting { .. } => JobState::Waiting,
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
            Self::Waiting { .. } | Self::Processing => None,
            Self::Complete { at } | Self::Error { at } | Self::Cancelled { at } => Some(at),
        }
    }
}

/// A request for an analysis and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The record to analyse.
    pub record: RecordId,
    /// What to look at in particular, sealed.
    pub focus_sealed: Option<Vec<u8>>,
    /// Which days to look at.
    pub window: Option<DateWindow>,
    /// Where it stands.
    pub state: State,
    /// How often a worker took it since it was last asked for.
    pub attempt: u32,
    /// The last failure.
    pub failure: Option<JobErrorCode>,
    /// Pages taken into account so far.
    pub pages_done: u32,
    /// Pages of the record.
    pub pages_total: u32,
    /// The month it counts in; none once its count was given back.
    pub counted_in: Option<Period>,
    /// The result.
    pub analysis: Option<AnalysisId>,
    /// When it was asked for.
    pub created_at: OffsetDateTime,
}

impl Job {
    /// Records the result; a worker that no longer holds the job does not get this far.
    #[must_use]
    pub fn complete(self, analysis: AnalysisId, at: OffsetDateTime) -> Self {
        Self {
            state: State::Complete { at },
            analysis: Some(analysis),
            failure: None,
            pages_done: self.pages_total,
            ..self
        }
    }

    /// Takes a failed attempt into account: the job waits for its next try, or is given up and no longer counts.
    /// `spread` is random, see [`back_off`].
    #[must_use]
    pub fn fail(self, failure: JobErrorCode, at: OffsetDateTime, spread: u8) -> Self {
        let failed = Self { failure: Some(failure), pages_done: 0, ..self };
        if failed.attempt < MAX_ATTEMPTS && may_pass(failure) {
            // A worker that vanished once was most likely restarted or scaled away, through no fault of the job.
            let is_innocent = failure == JobErrorCode::WorkerLost && failed.attempt == 1;
            let delay = if is_innocent { Duration::ZERO } else { back_off(failed.attempt, spread) };
            Self { state: State::Waiting { delay }, ..failed }
        } else {
            Self { state: State::Error { at }, counted_in: None, ..failed }
        }
    }

    /// Ends the job. Its count stays: only a job that ends in error is given back.
    ///
    /// # Errors
    /// `NotCancellable` once an outcome is recorded.
    pub fn cancel(self, at: OffsetDateTime) -> Result<Self, Error> {
        match self.state {
            State::Waiting { .. } | State::Processing => Ok(Self { state: State::Cancelled { at }, ..self }),
            State::Complete { .. } | State::Error { .. } | State::Cancelled { .. } => {
                Err(Error::Conflict(ErrorCode::NotCancellable))
            }
        }
    }

    /// Puts the job back into the queue with all its attempts, counting in `period` unless it still counts.
    ///
    /// # Errors
    /// `NotRetryable` unless it ended in error or was cancelled.
    pub fn retry(self, period: Period) -> Result<Self, Error> {
        match self.state {
            State::Error { .. } | State::Cancelled { .. } => Ok(Self {
                state: State::Waiting { delay: Duration::ZERO },
                attempt: 0,
                failure: None,
                pages_done: 0,
                counted_in: self.counted_in.or(Some(period)),
                ..self
            }),
            State::Waiting { .. } | State::Processing | State::Complete { .. } => {
                Err(Error::Conflict(ErrorCode::NotRetryable))
            }
        }
    }
}

/// Whether the same request may succeed later.
const fn may_pass(failure: JobErrorCode) -> bool {
    match failure {
        JobErrorCode::ModelUnavailable
        | JobErrorCode::ModelOutputInvalid
        | JobErrorCode::StorageUnavailable
        | JobErrorCode::WorkerLost
        | JobErrorCode::Internal => true,
        JobErrorCode::ModelRequestRejected => false,
    }
}

/// A failure in words a user can act on.
#[must_use]
pub const fn message(failure: JobErrorCode) -> &'static str {
    match failure {
        JobErrorCode::ModelUnavailable => "The language model's server did not answer. Try again later.",
        JobErrorCode::ModelRequestRejected => {
            "The language model's server refused the request. Ask your operator to check its settings."
        }
        JobErrorCode::ModelOutputInvalid => {
            "The language model gave no usable answer. Try again, or with a narrower focus."
        }
        JobErrorCode::StorageUnavailable => "A page of the record could not be loaded. Try again later.",
        JobErrorCode::WorkerLost => {
            "The analysis was interrupted every time. Try again, or split the record."
        }
        JobErrorCode::Internal => {
            "Something went wrong on our side. Try again; if it stays, contact support."
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 09:00 UTC);

    fn job(state: State, attempt: u32) -> Job {
        Job {
            id: JobId::from_uuid(Uuid::from_u128(1)),
            record: RecordId::from_uuid(Uuid::from_u128(2)),
            focus_sealed: None,
            window: None,
            state,
            attempt,
            failure: None,
            pages_done: 3,
            pages_total: 7,
            counted_in: Some(Period::of(NOW)),
            analysis: None,
            created_at: NOW,
        }
    }

    #[test]
    fn delays_grow_and_stay_within_ten_minutes() {
        let seconds = |spread| (1..=6).map(|attempt| back_off(attempt, spread).as_secs()).collect::<Vec<_>>();
        assert_eq!(seconds(u8::MAX), [2, 8, 32, 128, 512, 600]);
        assert_eq!(seconds(0), [1, 4, 16, 64, 256, 300]);
        assert_eq!(back_off(u32::MAX, u8::MAX), LONGEST_DELAY);
    }

    #[test]
    fn a_job_whose_worker_vanished_once_goes_on_at_once() {
        let once = job(State::Processing, 1).fail(JobErrorCode::WorkerLost, NOW, u8::MAX);
        assert_eq!(once.state, State::Waiting { delay: Duration::ZERO });
        let again = job(State::Processing, 2).fail(JobErrorCode::WorkerLost, NOW, u8::MAX);
        assert_eq!(again.state, State::Waiting { delay: Duration::from_secs(8) });
    }

    #[test]
    fn a_failed_attempt_waits_for_the_next_and_still_counts() {
        let waiting = job(State::Processing, 2).fail(JobErrorCode::ModelUnavailable, NOW, u8::MAX);
        assert_eq!(waiting.state, State::Waiting { delay: Duration::from_secs(8) });
        assert_eq!(waiting.failure, Some(JobErrorCode::ModelUnavailable));
        assert!(waiting.counted_in.is_some());
    }

    #[test]
    fn the_last_failed_attempt_gives_the_count_back() {
        let given_up = job(State::Processing, MAX_ATTEMPTS).fail(JobErrorCode::WorkerLost, NOW, u8::MAX);
        assert_eq!(given_up.state, State::Error { at: NOW });
        assert_eq!(given_up.counted_in, None);
    }

    #[test]
    fn a_refusal_of_the_model_is_not_tried_again() {
        let given_up = job(State::Processing, 1).fail(JobErrorCode::ModelRequestRejected, NOW, u8::MAX);
        assert_eq!(given_up.state, State::Error { at: NOW });
    }

    #[test]
    fn only_a_job_without_an_outcome_can_be_cancelled() {
        for state in [State::Waiting { delay: Duration::ZERO }, State::Processing] {
            let cancelled = job(state, 1).cancel(NOW).unwrap();
            assert_eq!(cancelled.state, State::Cancelled { at: NOW });
            assert!(cancelled.counted_in.is_some(), "a cancelled job keeps its count");
        }
        for state in [State::Complete { at: NOW }, State::Error { at: NOW }, State::Cancelled { at: NOW }] {
            assert_eq!(job(state, 1).cancel(NOW).unwrap_err().code(), ErrorCode::NotCancellable);
        }
    }

    #[test]
    fn only_a_job_that_failed_or_was_cancelled_can_be_retried() {
        for state in [State::Error { at: NOW }, State::Cancelled { at: NOW }] {
            let again = job(state, 5).retry(Period::of(NOW)).unwrap();
            assert_eq!((again.state, again.attempt), (State::Waiting { delay: Duration::ZERO }, 0));
        }
        for state in
            [State::Waiting { delay: Duration::ZERO }, State::Processing, State::Complete { at: NOW }]
        {
            assert_eq!(job(state, 1).retry(Period::of(NOW)).unwrap_err().code(), ErrorCode::NotRetryable);
        }
    }

    #[test]
    fn a_retried_job_counts_once() {
        let january = Period::of(datetime!(2026-01-05 00:00 UTC));
        let kept = Job { counted_in: Some(january), ..job(State::Cancelled { at: NOW }, 1) };
        assert_eq!(kept.retry(Period::of(NOW)).unwrap().counted_in, Some(january));
        let given_back = Job { counted_in: None, ..job(State::Error { at: NOW }, 5) };
        assert_eq!(given_back.retry(Period::of(NOW)).unwrap().counted_in, Some(Period::of(NOW)));
    }
}
