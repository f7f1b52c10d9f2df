//! Sign-in, sign-out, the signed-in user.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::account::{Login, LoginResponse, Me};

use super::{
    caller::{Caller, Origin},
    error_response::ErrorResponse,
    extract::JsonBody,
};
use crate::{
    app::{accounts, auth, sessions},
    state::App,
};

/// Sign in
#[utoipa::path(post, path = "", tag = "auth", operation_id = "login", request_body = Login,
    responses((status = 200, description = "Signed in.", body = LoginResponse)))]
pub(super) async fn login(
    State(app): State<App>,
    Origin(origin): Origin,
    JsonBody(input): JsonBody<Login>,
) -> Result<Json<LoginResponse>, ErrorResponse> {
    Ok(Json(auth::login(&app, input, origin).await?))
}

/// Sign out
#[utoipa::path(post, path = "", tag = "auth", operation_id = "logout",
    responses((status = 204, description = "The session has ended.")))]
pub(super) async fn logout(State(app): State<App>, Caller(who): Caller) -> Result<StatusCode, ErrorResponse> {
    sessions::logout(&app, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Get the signed-in user, their clinic, and what is left of its plan
#[utoipa::path(get, path = "", tag = "auth", operation_id = "get_me",
    responses((status = 200, description = "The user and the clinic of the session.", body = Me)))]
pub(super) async fn me(State(app): State<App>, Caller(who): Caller) -> Result<Json<Me>, ErrorResponse> {
    Ok(Json(accounts::me(&app, &who).await?))
}
