//! What operators of the platform do.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::operator::{OperatorLogin, OperatorToken, StartSupportSession};

use super::{
    caller::{OperatorCaller, Origin},
    error_response::ErrorResponse,
    extract::JsonBody,
};
use crate::{app::operators, state::App};

/// Sign in as an operator
#[utoipa::path(post, path = "", tag = "admin", operation_id = "operator_login", request_body = OperatorLogin,
    responses((status = 200, description = "Signed in.", body = OperatorToken)))]
pub(super) async fn login(
    State(app): State<App>,
    Origin(origin): Origin,
    JsonBody(input): JsonBody<OperatorLogin>,
) -> Result<Json<OperatorToken>, ErrorResponse> {
    Ok(Json(operators::login(&app, input, origin).await?))
}

/// Sign out as an operator
#[utoipa::path(post, path = "", tag = "admin", operation_id = "operator_logout",
    responses((status = 204, description = "The session has ended.")))]
pub(super) async fn logout(
    State(app): State<App>,
    OperatorCaller(who): OperatorCaller,
) -> Result<StatusCode, ErrorResponse> {
    operators::logout(&app, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Start a support session
///
/// Its token has the rights of the member for everything but patients' content, security settings and money.
#[utoipa::path(post, path = "", tag = "admin", operation_id = "start_support_session",
    request_body = StartSupportSession,
    responses((status = 201, description = "Started.", body = OperatorToken)))]
pub(super) async fn start_support_session(
    State(app): State<App>,
    OperatorCaller(who): OperatorCaller,
    JsonBody(input): JsonBody<StartSupportSession>,
) -> Result<(StatusCode, Json<OperatorToken>), ErrorResponse> {
    let started = operators::start_support_session(&app, &who, &input).await?;
    Ok((StatusCode::CREATED, Json(started)))
}
