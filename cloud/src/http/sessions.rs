//! The own password and sessions, and the support sessions in the clinic.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::{
    SessionId,
    account::{ActiveSession, ChangePassword},
    operator::SupportSession,
    record::List,
};

use super::{
    caller::Caller,
    error_response::ErrorResponse,
    extract::{JsonBody, PathParams},
};
use crate::{
    app::{auth, operators, sessions},
    state::App,
};

/// Change the password
///
/// Ends every other session of the user, in all clinics.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "change_password", request_body = ChangePassword,
    responses((status = 204, description = "Changed.")))]
pub(super) async fn change_password(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<ChangePassword>,
) -> Result<StatusCode, ErrorResponse> {
    auth::change_password(&app, &who, input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the user's sessions, in all clinics, newest first
#[utoipa::path(get, path = "", tag = "auth", operation_id = "list_sessions",
    responses((status = 200, description = "Sessions that have not ended.", body = List<ActiveSession>)))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<List<ActiveSession>>, ErrorResponse> {
    Ok(Json(sessions::list(&app, &who).await?))
}

/// End one of the user's sessions
#[utoipa::path(delete, path = "", tag = "auth", operation_id = "end_session",
    responses((status = 204, description = "The session has ended.")))]
pub(super) async fn end(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(session): PathParams<SessionId>,
) -> Result<StatusCode, ErrorResponse> {
    sessions::end(&app, &who, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all of the user's sessions, in all clinics, this one too
#[utoipa::path(delete, path = "", tag = "auth", operation_id = "end_all_sessions",
    responses((status = 204, description = "The sessions have ended.")))]
pub(super) async fn end_all(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<StatusCode, ErrorResponse> {
    sessions::end_all(&app, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the support sessions in the clinic
///
/// The operators of the platform who act as its members at present.
#[utoipa::path(get, path = "", tag = "support", operation_id = "list_support_sessions",
    responses((status = 200, description = "Support sessions that have not ended.", body = List<SupportSession>)))]
pub(super) async fn list_support(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<List<SupportSession>>, ErrorResponse> {
    Ok(Json(operators::support_sessions(&app, &who).await?))
}

/// End a support session in the clinic
#[utoipa::path(delete, path = "", tag = "support", operation_id = "end_support_session",
    responses((status = 204, description = "The support session has ended.")))]
pub(super) async fn end_support(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(session): PathParams<SessionId>,
) -> Result<StatusCode, ErrorResponse> {
    operators::end_support_session(&app, &who, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
