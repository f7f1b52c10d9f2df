//! The account: password, sessions, address, and its end.

use maneiro_api::SessionId;
use maneiro_core::{
    contract::{account::AccountSession, session::SessionState},
    desktop::Desktop,
};
use secrecy::SecretString;
use serde::Deserialize;
use tauri::State;

use super::CommandResult;

#[derive(Deserialize)]
pub(crate) struct PasswordChange {
    current_password: SecretString,
    new_password: SecretString,
}

#[derive(Deserialize)]
pub(crate) struct NamedSession {
    session: SessionId,
}

#[derive(Deserialize)]
pub(crate) struct ResetRequest {
    email: String,
}

#[derive(Deserialize)]
pub(crate) struct PasswordReset {
    code: SecretString,
    new_password: SecretString,
}

#[derive(Deserialize)]
pub(crate) struct AddressChange {
    new_email: String,
    password: SecretString,
}

#[derive(Deserialize)]
pub(crate) struct MailedCodeInput {
    code: SecretString,
}

#[derive(Deserialize)]
pub(crate) struct AccountEnd {
    password: SecretString,
    close_clinics: bool,
}

#[tauri::command]
pub(crate) async fn change_password(desktop: State<'_, Desktop>, input: PasswordChange) -> CommandResult<()> {
    desktop.change_password(input.current_password, input.new_password).await
}

#[tauri::command]
pub(crate) async fn sessions(desktop: State<'_, Desktop>) -> CommandResult<Vec<AccountSession>> {
    desktop.sessions().await
}

#[tauri::command]
pub(crate) async fn end_session(desktop: State<'_, Desktop>, input: NamedSession) -> CommandResult<()> {
    desktop.end_session(input.session).await
}

#[tauri::command]
pub(crate) async fn end_all_sessions(desktop: State<'_, Desktop>) -> CommandResult<()> {
    desktop.end_all_sessions().await
}

#[tauri::command]
pub(crate) async fn request_password_reset(
    desktop: State<'_, Desktop>,
    input: ResetRequest,
) -> CommandResult<()> {
    desktop.request_password_reset(input.email).await
}

#[tauri::command]
pub(crate) async fn reset_password(
    desktop: State<'_, Desktop>,
    input: PasswordReset,
) -> CommandResult<SessionState> {
    desktop.reset_password(input.code, input.new_password).await
}

#[tauri::command]
pub(crate) async fn change_email(desktop: State<'_, Desktop>, input: AddressChange) -> CommandResult<()> {
    desktop.change_email(input.new_email, input.password).await
}

#[tauri::command]
pub(crate) async fn confirm_email_change(
    desktop: State<'_, Desktop>,
    input: MailedCodeInput,
) -> CommandResult<()> {
    desktop.confirm_email_change(input.code).await
}

#[tauri::command]
pub(crate) async fn close_account(desktop: State<'_, Desktop>, input: AccountEnd) -> CommandResult<()> {
    desktop.close_account(input.password, input.close_clinics).await
}
