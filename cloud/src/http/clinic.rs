//! The clinic itself: its policy.

use axum::{Json, extract::State};
use maneiro_api::policy::ClinicPolicy;

use super::{caller::Caller, error_response::ErrorResponse, extract::JsonBody};
use crate::{app::policies, state::App};

/// Get what the clinic requires of its members and permits
#[utoipa::path(get, path = "", tag = "clinic", operation_id = "get_policy",
    responses((status = 200, description = "The policy.", body = ClinicPolicy)))]
pub(super) async fn policy(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<ClinicPolicy>, ErrorResponse> {
    Ok(Json(policies::find(&app, &who).await?))
}

/// Replace the policy
///
/// What is stricter takes effect within a second, in sessions that have begun too, the one that asks among them.
#[utoipa::path(put, path = "", tag = "clinic", operation_id = "set_policy", request_body = ClinicPolicy,
    responses((status = 200, description = "The policy as it is now.", body = ClinicPolicy)))]
pub(super) async fn set_policy(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<ClinicPolicy>,
) -> Result<Json<ClinicPolicy>, ErrorResponse> {
    Ok(Json(policies::set(&app, &who, input).await?))
}
