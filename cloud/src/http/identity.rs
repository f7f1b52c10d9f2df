//! Password reset, change of e-mail address, closing an account, and the mails about it.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::{
    account::LoginResponse,
    identity::{
        ChangeEmail, CloseAccount, ConfirmEmailChange, LoginWithCode, PasswordWasReset, RequestPasswordReset,
        ResetPassword, SentMail,
    },
    record::List,
};

use super::{
    caller::{Caller, Origin},
    error_response::ErrorResponse,
    extract::JsonBody,
};
use crate::{
    app::{account_closing, email_change, mails, password_reset, sign_in_codes},
    state::App,
};

/// Request a code to set another password
///
/// Mails a code to the address if it has an account. The response is the same if it has none.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "request_password_reset",
    request_body = RequestPasswordReset,
    responses((status = 202, description = "If the address has an account, a mail is on its way.")))]
pub(super) async fn request_password_reset(
    State(app): State<App>,
    JsonBody(input): JsonBody<RequestPasswordReset>,
) -> Result<StatusCode, ErrorResponse> {
    password_reset::request(&app, &input).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Set another password with the mailed code
///
/// Ends every session of the user, and begins one.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "reset_password", request_body = ResetPassword,
    responses((status = 200, description = "Set, and signed in.", body = PasswordWasReset)))]
pub(super) async fn reset_password(
    State(app): State<App>,
    Origin(origin): Origin,
    JsonBody(input): JsonBody<ResetPassword>,
) -> Result<Json<PasswordWasReset>, ErrorResponse> {
    Ok(Json(password_reset::confirm(&app, input, origin).await?))
}

/// Sign in with the code that a web page shows
#[utoipa::path(post, path = "", tag = "auth", operation_id = "login_with_code", request_body = LoginWithCode,
    responses((status = 200, description = "Signed in.", body = LoginResponse)))]
pub(super) async fn login_with_code(
    State(app): State<App>,
    Origin(origin): Origin,
    JsonBody(input): JsonBody<LoginWithCode>,
) -> Result<Json<LoginResponse>, ErrorResponse> {
    Ok(Json(sign_in_codes::login(&app, &input, origin).await?))
}

/// Change the e-mail address
///
/// Mails a code to the new address, and tells the present one.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "change_email", request_body = ChangeEmail,
    responses((status = 202, description = "A mail is on its way to both addresses.")))]
pub(super) async fn change_email(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<ChangeEmail>,
) -> Result<StatusCode, ErrorResponse> {
    email_change::request(&app, &who, &input).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Confirm a new e-mail address with the mailed code
#[utoipa::path(post, path = "", tag = "auth", operation_id = "confirm_email_change",
    request_body = ConfirmEmailChange,
    responses((status = 204, description = "The address is the user's; both addresses are told.")))]
pub(super) async fn confirm_email_change(
    State(app): State<App>,
    Origin(origin): Origin,
    JsonBody(input): JsonBody<ConfirmEmailChange>,
) -> Result<StatusCode, ErrorResponse> {
    email_change::confirm(&app, &input, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Close the account
///
/// Ends all its memberships and sessions for good. What the user made stays with their clinics.
#[utoipa::path(post, path = "", tag = "auth", operation_id = "close_account", request_body = CloseAccount,
    responses((status = 204, description = "The account is closed.")))]
pub(super) async fn close_account(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<CloseAccount>,
) -> Result<StatusCode, ErrorResponse> {
    account_closing::close(&app, &who, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the mails to the user, newest first
///
/// Those of the last thirty days, with what became of each.
#[utoipa::path(get, path = "", tag = "auth", operation_id = "list_own_mails",
    responses((status = 200, description = "The mails.", body = List<SentMail>)))]
pub(super) async fn list_own_mails(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<List<SentMail>>, ErrorResponse> {
    Ok(Json(mails::list(&app, &who).await?))
}
