//! The clinic's letterhead and the user's signature block.

use axum::{Json, extract::State};
use maneiro_api::branding::{ClinicLetterhead, OwnSignature, SignerBlock};

use super::{caller::Caller, error_response::ErrorResponse, extract::JsonBody};
use crate::{app::branding, state::App};

/// Get the clinic's letterhead
#[utoipa::path(get, path = "", tag = "clinic", operation_id = "get_letterhead",
    responses((status = 200, description = "The letterhead.", body = ClinicLetterhead)))]
pub(super) async fn letterhead(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<ClinicLetterhead>, ErrorResponse> {
    Ok(Json(branding::letterhead(&app, &who).await?))
}

/// Change the clinic's name and letterhead
///
/// Takes the place of the earlier one. The picture is decoded and kept as a PNG, on white, no larger than it is printed.
#[utoipa::path(put, path = "", tag = "clinic", operation_id = "set_letterhead", request_body = ClinicLetterhead,
    responses((status = 200, description = "The letterhead as it is kept.", body = ClinicLetterhead)))]
pub(super) async fn set_letterhead(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<ClinicLetterhead>,
) -> Result<Json<ClinicLetterhead>, ErrorResponse> {
    Ok(Json(branding::set_letterhead(&app, &who, input).await?))
}

/// Get what stands below the own signature
#[utoipa::path(get, path = "", tag = "clinic", operation_id = "get_signature_block",
    responses((status = 200, description = "The block, and whether the user signs.", body = OwnSignature)))]
pub(super) async fn own_signature(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<OwnSignature>, ErrorResponse> {
    Ok(Json(branding::own_signature(&app, &who).await?))
}

/// Change what stands below the own signature
///
/// Reports that were signed before keep what stood there. The picture is decoded and kept as a PNG, on white, no larger than
/// it is printed.
#[utoipa::path(put, path = "", tag = "clinic", operation_id = "set_signature_block", request_body = SignerBlock,
    responses((status = 200, description = "The block as it is kept.", body = OwnSignature)))]
pub(super) async fn set_own_signature(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<SignerBlock>,
) -> Result<Json<OwnSignature>, ErrorResponse> {
    Ok(Json(branding::set_own_signature(&app, &who, input).await?))
}
