//! Tasks: durable work that a worker does later. Which kinds there are, which come first, and when a failed one is attempted
//! again. Pure.

use std::time::Duration;

use maneiro_api::{JobId, OrgId, TaskId, job::JobErrorCode};
use uuid::Uuid;

use super::error::Error;

/// Attempts before a task has failed for good.
pub const MAX_ATTEMPTS: u32 = 5;

const FIRST_RETRY_DELAY: Duration = Duration::from_secs(2);
const MAX_RETRY_DELAY: Duration = Duration::from_secs(600);

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long to wait after the attempt of this number failed: up to 2 s, 8 s, 32 s, 128 s, at most ten minutes, and at
/// least half of that. `jitter` is random, so that tasks that failed together are not retried together.
#[must_use]
pub fn retry_delay(attempt: u32, jitter: u8) -> Duration {
    let factor = 4_u32.saturating_pow(attempt.saturating_sub(1));
    let longest = FIRST_RETRY_DELAY.saturating_mul(factor).min(MAX_RETRY_DELAY);
    longest / 2 + longest * u32::from(jitter) / (2 * u32::from(u8::MAX))
}

/// How long to wait after a worker was lost in the attempt of this number. A worker that was lost once was most likely
/// restarted or scaled in, through no fault of the task.
#[must_use]
pub fn worker_lost_delay(attempt: u32, jitter: u8) -> Duration {
    if attempt == 1 { Duration::ZERO } else { retry_delay(attempt, jitter) }
}

/// What is to be done. Each kind has a handler in `tasks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// Make the analysis of a job.
    Analysis,
    /// Mail the code of a registration, or that its address has an account.
    RegistrationMail,
    /// Send a mail to a user.
    Mail,
    /// Mail an invitation.
    InvitationMail,
    /// Delete tasks that were done long ago.
    DeleteDoneTasks,
    /// Purge a record that was deleted or has expired.
    PurgeRecord,
    /// Find the records that are to be purged, and delete registrations that expired.
    EnqueuePurges,
    /// Delete objects that nobody wants any more.
    DeleteOrphans,
    /// Delete objects that the database does not know.
    DeleteUnknownObjects,
    /// Compare what is counted as stored with the bucket.
    CompareStorage,
    /// Apply the present state of a clinic's subscription as Stripe has it.
    SyncSubscription,
    /// Compare all subscriptions with Stripe's.
    ReconcileSubscriptions,
    /// Do what a clinic wanted of Stripe, if the request that wanted it has not.
    FinishBillingIntent,
    /// Find the clinics whose subscription changes by itself with time.
    EnqueueSubscriptionReviews,
    /// End a trial that is over, and tell of its end before.
    ReviewSubscription,
    /// Have the use of every clinic measured.
    EnqueueMeasurements,
    /// Measure what a clinic uses, and tell of limits that are nearly reached.
    MeasureUsage,
    /// Mail an admin about money or use.
    BillingMail,
}

/// Which of a worker's permits a task takes. Analyses take long, and must not keep the others waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskPool {
    Analyses,
    Background,
}

impl TaskKind {
    pub const ALL: [Self; 18] = [
        Self::Analysis,
        Self::RegistrationMail,
        Self::Mail,
        Self::InvitationMail,
        Self::DeleteDoneTasks,
        Self::PurgeRecord,
        Self::EnqueuePurges,
        Self::DeleteOrphans,
        Self::DeleteUnknownObjects,
        Self::CompareStorage,
        Self::SyncSubscription,
        Self::ReconcileSubscriptions,
        Self::FinishBillingIntent,
        Self::EnqueueSubscriptionReviews,
        Self::ReviewSubscription,
        Self::EnqueueMeasurements,
        Self::MeasureUsage,
        Self::BillingMail,
    ];

    /// The name in the database. Tasks outlive a release: add names, never change one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::RegistrationMail => "registration_mail",
            Self::Mail => "mail",
            Self::InvitationMail => "invitation_mail",
            Self::DeleteDoneTasks => "delete_done_tasks",
            Self::PurgeRecord => "purge_record",
            Self::EnqueuePurges => "enqueue_purges",
            Self::DeleteOrphans => "delete_orphans",
            Self::DeleteUnknownObjects => "delete_unknown_objects",
            Self::CompareStorage => "compare_storage",
            Self::SyncSubscription => "sync_subscription",
            Self::ReconcileSubscriptions => "reconcile_subscriptions",
            Self::FinishBillingIntent => "finish_billing_intent",
            Self::EnqueueSubscriptionReviews => "enqueue_subscription_reviews",
            Self::ReviewSubscription => "review_subscription",
            Self::EnqueueMeasurements => "enqueue_measurements",
            Self::MeasureUsage => "measure_usage",
            Self::BillingMail => "billing_mail",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    #[must_use]
    pub const fn pool(self) -> TaskPool {
        match self {
            Self::Analysis => TaskPool::Analyses,
            Self::RegistrationMail
            | Self::Mail
            | Self::InvitationMail
            | Self::DeleteDoneTasks
            | Self::PurgeRecord
            | Self::EnqueuePurges
            | Self::DeleteOrphans
            | Self::DeleteUnknownObjects
            | Self::CompareStorage
            | Self::SyncSubscription
            | Self::ReconcileSubscriptions
            | Self::FinishBillingIntent
            | Self::EnqueueSubscriptionReviews
            | Self::ReviewSubscription
            | Self::EnqueueMeasurements
            | Self::MeasureUsage
            | Self::BillingMail => TaskPool::Background,
        }
    }

    #[must_use]
    pub const fn priority(self) -> TaskPriority {
        match self {
            Self::Analysis | Self::PurgeRecord | Self::ReviewSubscription | Self::BillingMail => {
                TaskPriority::Normal
            }
            Self::RegistrationMail
            | Self::Mail
            | Self::InvitationMail
            | Self::SyncSubscription
            | Self::FinishBillingIntent => TaskPriority::High,
            Self::DeleteDoneTasks
            | Self::EnqueuePurges
            | Self::DeleteOrphans
            | Self::DeleteUnknownObjects
            | Self::CompareStorage
            | Self::ReconcileSubscriptions
            | Self::EnqueueSubscriptionReviews
            | Self::EnqueueMeasurements
            | Self::MeasureUsage => TaskPriority::Low,
        }
    }

    /// How often it is done, if it is periodic. There is one task of a periodic kind, which is never done for good.
    #[must_use]
    pub const fn period(self) -> Option<Duration> {
        match self {
            Self::Analysis
            | Self::RegistrationMail
            | Self::Mail
            | Self::InvitationMail
            | Self::PurgeRecord
            | Self::SyncSubscription
            | Self::FinishBillingIntent
            | Self::ReviewSubscription
            | Self::MeasureUsage
            | Self::BillingMail => None,
            Self::DeleteDoneTasks
            | Self::EnqueuePurges
            | Self::DeleteOrphans
            | Self::ReconcileSubscriptions
            | Self::EnqueueSubscriptionReviews => Some(HOUR),
            Self::EnqueueMeasurements => Some(Duration::from_secs(6 * 3600)),
            Self::DeleteUnknownObjects => Some(DAY),
            Self::CompareStorage => Some(DAY.saturating_mul(7)),
        }
    }
}

/// Which tasks are claimed first, whichever clinic they are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskPriority {
    Low = -1,
    Normal = 0,
    /// Someone waits for it, and it is done in a moment.
    High = 1,
}

/// Work to be enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    pub id: TaskId,
    pub kind: TaskKind,
    pub priority: TaskPriority,
    /// What it is to be done to.
    pub subject: Option<Uuid>,
    /// What the subject does not say, sealed.
    pub payload_sealed: Option<Vec<u8>>,
    /// Names the cause, so that the same cause makes one task. Ids and codes only, at most 200 characters.
    pub dedupe_key: Option<String>,
    /// How long a worker leaves it alone.
    pub delay: Duration,
}

impl NewTask {
    /// A task that is due at once.
    #[must_use]
    pub const fn new(id: TaskId, kind: TaskKind) -> Self {
        Self {
            id,
            kind,
            priority: kind.priority(),
            subject: None,
            payload_sealed: None,
            dedupe_key: None,
            delay: Duration::ZERO,
        }
    }

    #[must_use]
    pub fn with_subject(self, subject: Uuid) -> Self {
        Self { subject: Some(subject), ..self }
    }

    #[must_use]
    pub fn with_payload(self, sealed: Vec<u8>) -> Self {
        Self { payload_sealed: Some(sealed), ..self }
    }

    #[must_use]
    pub fn with_dedupe_key(self, key: String) -> Self {
        Self { dedupe_key: Some(key), ..self }
    }

    #[must_use]
    pub fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// The right of one worker to do a task. An outcome is recorded only while the task still has this lease and attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskLease {
    pub(crate) task: TaskId,
    pub(crate) kind: TaskKind,
    pub(crate) org: Option<OrgId>,
    pub(crate) subject: Option<Uuid>,
    pub(crate) id: Uuid,
    pub(crate) attempt: u32,
}

impl TaskLease {
    #[must_use]
    pub const fn task(&self) -> TaskId {
        self.task
    }

    #[must_use]
    pub const fn kind(&self) -> TaskKind {
        self.kind
    }

    /// The clinic of the task.
    ///
    /// # Errors
    /// `Internal` if it is work of the service itself.
    pub fn require_org(&self) -> Result<OrgId, Error> {
        self.org.ok_or_else(|| Error::internal(anyhow::anyhow!("a task has no clinic")))
    }

    /// What the task is to be done to.
    ///
    /// # Errors
    /// `Internal` if it has no subject.
    pub fn require_subject(&self) -> Result<Uuid, Error> {
        self.subject.ok_or_else(|| Error::internal(anyhow::anyhow!("a task has no subject")))
    }

    /// The id of the lease; tasks that were claimed together share it.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// The number of the attempt, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether another attempt is made after this one failed so.
    #[must_use]
    pub const fn may_retry(&self, error: TaskErrorCode) -> bool {
        self.attempt < MAX_ATTEMPTS && error.is_transient()
    }

    /// The same lease as that of the job that is to be analysed.
    ///
    /// # Errors
    /// `Internal` if it is another kind of task.
    pub fn as_job_lease(&self) -> Result<JobLease, Error> {
        let job = match self.kind {
            TaskKind::Analysis => JobId::from_uuid(self.require_subject()?),
            TaskKind::RegistrationMail
            | TaskKind::Mail
            | TaskKind::InvitationMail
            | TaskKind::DeleteDoneTasks
            | TaskKind::PurgeRecord
            | TaskKind::EnqueuePurges
            | TaskKind::DeleteOrphans
            | TaskKind::DeleteUnknownObjects
            | TaskKind::CompareStorage
            | TaskKind::SyncSubscription
            | TaskKind::ReconcileSubscriptions
            | TaskKind::FinishBillingIntent
            | TaskKind::EnqueueSubscriptionReviews
            | TaskKind::ReviewSubscription
            | TaskKind::EnqueueMeasurements
            | TaskKind::MeasureUsage
            | TaskKind::BillingMail => {
                return Err(Error::internal(anyhow::anyhow!("a task is no analysis")));
            }
        };
        Ok(JobLease { task: *self, job, org: self.require_org()? })
    }
}

/// The right of one worker to make the analysis of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobLease {
    task: TaskLease,
    job: JobId,
    org: OrgId,
}

impl JobLease {
    #[must_use]
    pub const fn task(&self) -> &TaskLease {
        &self.task
    }

    #[must_use]
    pub const fn job(&self) -> JobId {
        self.job
    }

    /// The clinic of the job.
    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// The number of the attempt, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.task.attempt
    }
}

/// A claimed task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedTask {
    pub lease: TaskLease,
    pub payload_sealed: Option<Vec<u8>>,
}

/// Why an attempt of a task failed, as the database and the operator see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskErrorCode {
    /// A dependency of the service was down.
    Unavailable,
    /// The payload, or something stored that it needs, is missing or does not open.
    Damaged,
    /// The other side refused it for good.
    Rejected,
    /// The worker stopped during the attempt.
    WorkerLost,
    /// The attempt took too long.
    TimedOut,
    Internal,
    /// No analysis was made.
    #[serde(untagged)]
    Job(JobErrorCode),
}

impl TaskErrorCode {
    /// Whether the same task may succeed later.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        match self {
            Self::Unavailable | Self::WorkerLost | Self::TimedOut | Self::Internal => true,
            Self::Damaged | Self::Rejected => false,
            Self::Job(code) => is_transient_job_error(code),
        }
    }

    /// Whether an operator is to look at what failed for good. What is wrong with a request itself, its job tells the clinic.
    #[must_use]
    pub const fn is_service_fault(self) -> bool {
        match self {
            Self::Unavailable
            | Self::Damaged
            | Self::Rejected
            | Self::WorkerLost
            | Self::TimedOut
            | Self::Internal => true,
            Self::Job(code) => match code {
                JobErrorCode::ModelRequestRejected | JobErrorCode::RecordTooLarge => false,
                JobErrorCode::ModelUnavailable
                | JobErrorCode::ModelOutputInvalid
                | JobErrorCode::StorageUnavailable
                | JobErrorCode::RecordDamaged
                | JobErrorCode::WorkerLost
                | JobErrorCode::Internal => true,
            },
        }
    }

    /// What the clinic is told if the task was to make an analysis.
    #[must_use]
    pub const fn as_job_error(self) -> JobErrorCode {
        match self {
            Self::Job(code) => code,
            Self::Unavailable => JobErrorCode::StorageUnavailable,
            Self::Damaged => JobErrorCode::RecordDamaged,
            Self::WorkerLost => JobErrorCode::WorkerLost,
            Self::Rejected | Self::TimedOut | Self::Internal => JobErrorCode::Internal,
        }
    }
}

/// Whether the same request may succeed later.
const fn is_transient_job_error(error: JobErrorCode) -> bool {
    match error {
        JobErrorCode::ModelUnavailable
        | JobErrorCode::ModelOutputInvalid
        | JobErrorCode::StorageUnavailable
        | JobErrorCode::WorkerLost
        | JobErrorCode::Internal => true,
        JobErrorCode::ModelRequestRejected | JobErrorCode::RecordDamaged | JobErrorCode::RecordTooLarge => {
            false
        }
    }
}

impl From<&Error> for TaskErrorCode {
    fn from(error: &Error) -> Self {
        match error {
            Error::Unavailable { .. } => Self::Unavailable,
            Error::Damaged(_) => Self::Damaged,
            Error::Rejected(_) => Self::Rejected,
            Error::Unauthenticated
            | Error::InvalidCredentials
            | Error::CodeWrong
            | Error::CodeExpired
            | Error::PermissionDenied
            | Error::SecondFactorRequired
            | Error::PasswordRequired
            | Error::SupportSession
            | Error::NotFound(_)
            | Error::InvalidInput(_)
            | Error::Conflict(_)
            | Error::LimitReached(_)
            | Error::TooManyRequests { .. }
            | Error::LeaseLost
            | Error::RecordChanged(_)
            | Error::Internal(_) => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_delays_grow_and_stay_within_ten_minutes() {
        let seconds =
            |jitter| (1..=6).map(|attempt| retry_delay(attempt, jitter).as_secs()).collect::<Vec<_>>();
        assert_eq!(seconds(u8::MAX), [2, 8, 32, 128, 512, 600]);
        assert_eq!(seconds(0), [1, 4, 16, 64, 256, 300]);
        assert_eq!(retry_delay(u32::MAX, u8::MAX), MAX_RETRY_DELAY);
    }

    #[test]
    fn first_lost_worker_causes_no_delay() {
        assert_eq!(worker_lost_delay(1, u8::MAX), Duration::ZERO);
        assert_eq!(worker_lost_delay(2, u8::MAX), Duration::from_secs(8));
    }

    fn lease(attempt: u32) -> TaskLease {
        TaskLease {
            task: TaskId::from_uuid(Uuid::from_u128(1)),
            kind: TaskKind::Analysis,
            org: None,
            subject: None,
            id: Uuid::from_u128(2),
            attempt,
        }
    }

    #[test]
    fn last_attempt_and_lasting_failures_are_not_retried() {
        assert!(lease(MAX_ATTEMPTS - 1).may_retry(TaskErrorCode::WorkerLost));
        assert!(!lease(MAX_ATTEMPTS).may_retry(TaskErrorCode::WorkerLost));
        for code in
            [JobErrorCode::ModelRequestRejected, JobErrorCode::RecordDamaged, JobErrorCode::RecordTooLarge]
        {
            assert!(!lease(1).may_retry(TaskErrorCode::Job(code)));
        }
    }

    #[test]
    fn each_kind_is_found_by_its_name() {
        for kind in TaskKind::ALL {
            assert_eq!(TaskKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(TaskKind::from_name("of_a_newer_release"), None);
    }
}
