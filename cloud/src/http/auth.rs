//! Registration, sign-in, sign-out, who one is.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::account::{Login, LoginResponse, Me, Register};

use super::{
    caller::{Caller, RequestOf},
    input::Body,
    problem::Problem,
};
use crate::{app::auth, state::App};

/// Register a clinic
///
/// Makes the clinic on a trial, its first admin, and a session.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "register", request_body = Register,
    responses((status = 201, description = "Registered and signed in.", body = LoginResponse)))]
pub(super) async fn register(
    State(app): State<App>,
    RequestOf(request): RequestOf,
    Body(input): Body<Register>,
) -> Result<(StatusCode, Json<LoginResponse>), Problem> {
    Ok((StatusCode::CREATED, Json(auth::register(&app, input, request).await?)))
}

/// Sign in
#[utoipa::path(post, path = "", tag = "auth", operation_id = "login", request_body = Login,
    responses((status = 200, description = "Signed in.", body = LoginResponse)))]
pub(super) async fn login(
    State(app): State<App>,
    RequestOf(request): RequestOf,
    Body(input): Body<Login>,
) -> Result<Json<LoginResponse>, Problem> {
    Ok(Json(auth::login(&app, input, request).await?))
}

/// Sign out
#[utoipa::path(post, path = "", tag = "auth", operation_id = "logout",
    responses((status = 204, description = "The session has ended.")))]
pub(super) async fn logout(State(app): State<App>, Caller(who): Caller) -> Result<StatusCode, Problem> {
    auth::logout(&app, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who one is, and what is left of the plan
#[utoipa::path(get, path = "", tag = "auth", operation_id = "me",
    responses((status = 200, description = "The session's person and clinic.", body = Me)))]
pub(super) async fn me(State(app): State<App>, Caller(who): Caller) -> Result<Json<Me>, Problem> {
    Ok(Json(auth::me(&app, &who).await?))
}
