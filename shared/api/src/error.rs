//! The one shape of every error response, and the documented codes that clients act on and translate.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ArrayBuilder, KnownFormat, ObjectBuilder, Ref, RefOr, Schema, SchemaFormat, Type},
};

use crate::{RequestId, record::Record};

/// Why a request failed. Clients branch on the code; the message is for people and may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 400. The body, a parameter or a header is invalid; `fields` says which.
    InvalidInput,
    /// 401. No token, or one that is unknown, expired or revoked.
    Unauthenticated,
    /// 401. The e-mail address and password do not match an account.
    InvalidCredentials,
    /// 401. This is not the code that was mailed to the address.
    CodeWrong,
    /// 401. The mailed code has expired or was tried too often; a new one can be requested.
    CodeExpired,
    /// 403. The user's role does not permit this.
    PermissionDenied,
    /// 403. The clinic requires a second factor, or the action does, and the session began with a password alone.
    SecondFactorRequired,
    /// 403. An operator acts as a member, and this is patients' content, a security setting or money.
    SupportSession,
    /// 403. The password must be given once more: the session has not been given it for a while.
    PasswordRequired,
    /// 404. It does not exist, or belongs to another clinic.
    NotFound,
    /// 405. The path exists, but not with this method.
    MethodNotAllowed,
    /// 409. The clinic would be left without an admin.
    LastAdmin,
    /// 409. A document of the record still lacks pages, or the record has no document.
    RecordIncomplete,
    /// 409. The job already has an outcome.
    NotCancellable,
    /// 409. Only a job that ended in error or was cancelled can be retried.
    NotRetryable,
    /// 409. The record has this file with a different description.
    DocumentConflict,
    /// 409. The document has its original already.
    OriginalExists,
    /// 409. What was uploaded is not what was announced.
    OriginalMismatch,
    /// 409. The record has been changed meanwhile; the response has it as it is now.
    RecordChanged,
    /// 409. This Idempotency-Key was used with a different request.
    IdempotencyKeyReused,
    /// 409. The subscription is not in a state in which this is possible.
    SubscriptionConflict,
    /// 409. Nothing can be bought here: the service has no payments.
    PaymentsDisabled,
    /// 409. The member does not sign reports of the clinic; an admin can change that.
    NotASigner,
    /// 409. The member has no signature block yet.
    NoSignatureBlock,
    /// 409. The analysis has been edited meanwhile: what would be signed is no longer what it says.
    AnalysisChanged,
    /// 408. The body did not arrive in time.
    RequestTimeout,
    /// 413. The body is larger than the limit in the message.
    TooLarge,
    /// 415. The path does not accept this media type.
    UnsupportedMediaType,
    /// 429. A limit of the plan is reached; the response says when it resets.
    LimitReached,
    /// 429. Too many attempts; wait for `Retry-After`.
    TooManyRequests,
    /// 503. A dependency of the service is down; try again after `Retry-After`.
    Unavailable,
    /// 500. An error in the service; the request id finds it in the log.
    Internal,
}

/// One invalid part of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// A JSON path such as `pages[3].number`, or the name of a parameter or header.
    pub field: String,
    /// What is wrong with it. Never repeats the value.
    pub message: String,
}

/// What a plan limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PlanLimit {
    /// Analyses in a period: the trial, the month between two bills, or the calendar month (UTC).
    Analyses,
    /// Members.
    Seats,
    /// Bytes of stored documents.
    StorageBytes,
}

/// A limit of the plan that is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitReached {
    /// Which limit.
    pub limit: PlanLimit,
    /// How much of it is used.
    pub used: u64,
    /// How much the plan allows.
    pub maximum: u64,
    /// When `used` starts again at 0; absent if it does not.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<OffsetDateTime>,
    /// Where the clinic can change its plan.
    pub upgrade_url: String,
}

/// The body of every response with a 4xx or 5xx status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What clients act on.
    pub code: ErrorCode,
    /// A sentence to show if the client has none of its own for the code. Holds no patient data.
    pub message: String,
    /// The invalid parts of the input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// Present with `limit_reached`; its members are members of the body.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitReached>,
    /// Present with `record_changed`: the record as it is now. The only patient data in an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Box<Record>>,
    /// Finds this request in the log.
    pub request_id: RequestId,
}

/// By hand, because the members of `limit` are members of the body, and none of them is required.
impl PartialSchema for ErrorBody {
    fn schema() -> RefOr<Schema> {
        let reference = |name| Ref::from_schema_name(name);
        ObjectBuilder::new()
            .description(Some("The body of every response with a 4xx or 5xx status."))
            .property("code", reference(ErrorCode::name()))
            .required("code")
            .property("message", String::schema())
            .required("message")
            .property("fields", ArrayBuilder::new().items(reference(FieldError::name())))
            .property("limit", reference(PlanLimit::name()))
            .property("used", u64::schema())
            .property("maximum", u64::schema())
            .property("resets_at", date_time())
            .property("upgrade_url", String::schema())
            .property("record", reference(Record::name()))
            .property("request_id", reference(RequestId::name()))
            .required("request_id")
            .into()
    }
}

fn date_time() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

impl ToSchema for ErrorBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((ErrorCode::name().into(), ErrorCode::schema()));
        schemas.push((FieldError::name().into(), FieldError::schema()));
        schemas.push((Record::name().into(), Record::schema()));
        <Record as ToSchema>::schemas(schemas);
        schemas.push((PlanLimit::name().into(), PlanLimit::schema()));
        schemas.push((RequestId::name().into(), RequestId::schema()));
    }
}
