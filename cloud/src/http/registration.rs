//! Registration of a clinic by a mailed code.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::account::{ConfirmRegistration, LoginResponse, Register};

use super::{caller::Origin, error_response::ErrorResponse, extract::JsonBody};
use crate::{app::registration, state::App};

/// Request a code to register a clinic
///
/// Mails a code to the address. The response is the same for an address that has an account, to which the mail says so.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "register", request_body = Register,
    responses((status = 202, description = "A mail is on its way.")))]
pub(super) async fn request(
    State(app): State<App>,
    JsonBody(input): JsonBody<Register>,
) -> Result<StatusCode, ErrorResponse> {
    registration::request(&app, &input).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Register a clinic with the mailed code
///
/// Creates the clinic on a trial, its first admin, and a session.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "confirm_registration", request_body = ConfirmRegistration,
    responses((status = 201, description = "Registered and signed in.", body = LoginResponse)))]
pub(super) async fn confirm(
    State(app): State<App>,
    Origin(origin): Origin,
    JsonBody(input): JsonBody<ConfirmRegistration>,
) -> Result<(StatusCode, Json<LoginResponse>), ErrorResponse> {
    Ok((StatusCode::CREATED, Json(registration::confirm(&app, input, origin).await?)))
}
