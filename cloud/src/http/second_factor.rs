//! The second factor of members and operators.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::{
    account::LoginResponse,
    operator::OperatorToken,
    second_factor::{
        ConfirmPassword, EnrolledOperator, EnrolledSecondFactor, RecoveryCodes, SecondFactorCode,
        SecondFactorEnrolment, SecondFactorStatus,
    },
};

use super::{
    caller::{Caller, OperatorCaller},
    error_response::ErrorResponse,
    extract::JsonBody,
};
use crate::{app::second_factor, state::App};

/// Prove the second factor
///
/// Takes a code of the authenticator or a recovery code, each of them once. The session is replaced by one that reaches everything
/// that the role permits; the token that was used ends.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "prove_second_factor", request_body = SecondFactorCode,
    responses((status = 200, description = "Proved.", body = LoginResponse)))]
pub(super) async fn prove(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<SecondFactorCode>,
) -> Result<Json<LoginResponse>, ErrorResponse> {
    Ok(Json(second_factor::prove(&app, &who, &input).await?))
}

/// Get what is known of the own second factor
#[utoipa::path(get, path = "", tag = "auth", operation_id = "get_second_factor",
    responses((status = 200, description = "Whether there is one.", body = SecondFactorStatus)))]
pub(super) async fn status(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<SecondFactorStatus>, ErrorResponse> {
    Ok(Json(second_factor::status(&app, &who).await?))
}

/// Begin to enrol an authenticator
///
/// The secret is shown this once. An authenticator that is asked for already stays so until a code of the new one was given, and is
/// replaced only by a session that has proved it.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "enrol_second_factor", request_body = ConfirmPassword,
    responses((status = 201, description = "Waits for its first code, for an hour.", body = SecondFactorEnrolment)))]
pub(super) async fn enrol(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<ConfirmPassword>,
) -> Result<(StatusCode, Json<SecondFactorEnrolment>), ErrorResponse> {
    Ok((StatusCode::CREATED, Json(second_factor::enrol(&app, &who, &input).await?)))
}

/// Confirm an authenticator with its first code
///
/// The recovery codes are shown this once. Every other session of the user ends, in all clinics.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "confirm_second_factor", request_body = SecondFactorCode,
    responses((status = 200, description = "It is asked for from now on.", body = EnrolledSecondFactor)))]
pub(super) async fn confirm(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<SecondFactorCode>,
) -> Result<Json<EnrolledSecondFactor>, ErrorResponse> {
    Ok(Json(second_factor::confirm(&app, &who, &input).await?))
}

/// Replace the recovery codes
#[utoipa::path(post, path = "", tag = "auth", operation_id = "replace_recovery_codes", request_body = ConfirmPassword,
    responses((status = 200, description = "The earlier ones have ended.", body = RecoveryCodes)))]
pub(super) async fn replace_recovery_codes(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<ConfirmPassword>,
) -> Result<Json<RecoveryCodes>, ErrorResponse> {
    Ok(Json(second_factor::replace_recovery_codes(&app, &who, &input).await?))
}

/// Remove the own second factor
///
/// Not while a clinic of the user requires one, or the user is an operator.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "remove_second_factor", request_body = ConfirmPassword,
    responses((status = 204, description = "It is no longer asked for.")))]
pub(super) async fn remove(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<ConfirmPassword>,
) -> Result<StatusCode, ErrorResponse> {
    second_factor::remove(&app, &who, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Prove the second factor as an operator
#[utoipa::path(post, path = "", tag = "admin", operation_id = "prove_operator_second_factor",
    request_body = SecondFactorCode,
    responses((status = 200, description = "Proved; the token that was used has ended.", body = OperatorToken)))]
pub(super) async fn prove_operator(
    State(app): State<App>,
    OperatorCaller(who): OperatorCaller,
    JsonBody(input): JsonBody<SecondFactorCode>,
) -> Result<Json<OperatorToken>, ErrorResponse> {
    Ok(Json(second_factor::prove_operator(&app, &who, &input).await?))
}

/// Begin to enrol an authenticator as an operator
#[utoipa::path(post, path = "", tag = "admin", operation_id = "enrol_operator_second_factor",
    request_body = ConfirmPassword,
    responses((status = 201, description = "Waits for its first code, for an hour.", body = SecondFactorEnrolment)))]
pub(super) async fn enrol_operator(
    State(app): State<App>,
    OperatorCaller(who): OperatorCaller,
    JsonBody(input): JsonBody<ConfirmPassword>,
) -> Result<(StatusCode, Json<SecondFactorEnrolment>), ErrorResponse> {
    Ok((StatusCode::CREATED, Json(second_factor::enrol_operator(&app, &who, &input).await?)))
}

/// Confirm an authenticator as an operator
#[utoipa::path(post, path = "", tag = "admin", operation_id = "confirm_operator_second_factor",
    request_body = SecondFactorCode,
    responses((status = 200, description = "It is asked for from now on.", body = EnrolledOperator)))]
pub(super) async fn confirm_operator(
    State(app): State<App>,
    OperatorCaller(who): OperatorCaller,
    JsonBody(input): JsonBody<SecondFactorCode>,
) -> Result<Json<EnrolledOperator>, ErrorResponse> {
    Ok(Json(second_factor::confirm_operator(&app, &who, &input).await?))
}
