//! The one shape of every refusal, and the documented codes that clients act on and translate.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::RequestId;

/// Why a request was refused. Clients branch on the code; the message is for people and may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 400. The body, a parameter or a header could not be understood; `fields` says which.
    InvalidInput,
    /// 401. No token, or one that is unknown, expired or revoked.
    Unauthenticated,
    /// 401. The e-mail address and password do not belong together.
    WrongCredentials,
    /// 403. This role may not do this.
    Denied,
    /// 404. It does not exist, or belongs to another clinic.
    NotFound,
    /// 405. The address exists, but not with this method.
    MethodNotAllowed,
    /// 409. This e-mail address already has an account.
    EmailTaken,
    /// 409. A document of the record still lacks pages, or the record has no document.
    RecordIncomplete,
    /// 409. The job already has an outcome, so it cannot be cancelled.
    NotCancellable,
    /// 409. Only a job that ended in error or was cancelled can be retried.
    NotRetryable,
    /// 409. The document's first upload described the file differently.
    DocumentConflict,
    /// 409. This Idempotency-Key was used with a different request.
    IdempotencyKeyReused,
    /// 413. The body is larger than the limit in the message.
    TooLarge,
    /// 415. The body has a media type this address does not take.
    UnsupportedMediaType,
    /// 429. The plan's limit is reached; `limit` says which and when it resets.
    LimitReached,
    /// 429. Too many tries; wait for `Retry-After`.
    TooManyRequests,
    /// 503. Something the service depends on is down; try again after `Retry-After`.
    Unavailable,
    /// 500. A fault of ours; the request id finds it in the log.
    Internal,
}

/// One refused part of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Where: a JSON path such as `pages[3].number`, a parameter or a header name.
    pub field: String,
    /// What is wrong with it, in words that never repeat the value.
    pub message: String,
}

/// What a plan allows and how much of it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitReached {
    /// How many analyses the plan allows in a calendar month (UTC).
    pub limit: u32,
    /// How many were used.
    pub used: u32,
    /// When the count starts again: the first instant of the next month, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub resets_at: OffsetDateTime,
    /// Where the clinic can change its plan.
    pub upgrade_url: String,
}

/// The body of every response with a 4xx or 5xx status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What to act on.
    pub code: ErrorCode,
    /// What to show when nothing better is known. Holds no patient data.
    pub message: String,
    /// Which parts of the input were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// Present with `limit_reached`; its members stand beside the others.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitReached>,
    /// Finds this request in the log.
    pub request_id: RequestId,
}
