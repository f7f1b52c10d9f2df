//! What the cloud and the workstation share: ids, wire types, error codes, limits, the sealing of patient data, and the
//! typed HTTP client. Depends on no database, no user interface and no clock.

#![warn(missing_docs)]

pub mod account;
pub mod analysis;
pub mod branding;
pub mod client;
pub mod edit;
pub mod edited_analysis;
pub mod error;
pub mod identity;
pub mod ids;
pub mod job;
pub mod limits;
mod loopback;
pub mod member;
pub mod operator;
pub mod policy;
pub mod record;
pub mod report;
mod retry;
pub mod seal;
pub mod second_factor;
mod secret;
pub mod signature;
pub mod subscription;

pub use error::{ErrorBody, ErrorCode, FieldError};
pub use ids::{
    AnalysisId, AuditEventId, DocumentId, EditId, InvitationId, JobId, ObjectId, OrgId, RecordId,
    RegistrationId, ReportId, RequestId, SessionId, TaskId, UserId,
};
pub use loopback::is_loopback;
pub use retry::{Backoff, RetryPolicy, retry_after};
