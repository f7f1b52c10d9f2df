//! The account: second factor, password, sessions, address, its clinics, and its end.

use maneiro_api::{
    OrgId, SessionId,
    member::{OfferedMembership, OwnClinic},
    second_factor::SecondFactorStatus,
};
use maneiro_core::{
    contract::{
        account::{AccountSession, Enrolment},
        session::SessionState,
    },
    desktop::Desktop,
};
use secrecy::SecretString;
use serde::Deserialize;
use tauri::State;

use super::{CommandResult, session::GivenPassword};

/// A code of an authenticator, a recovery code, or one that was mailed.
#[derive(Deserialize)]
pub(crate) struct TypedCode {
    code: SecretString,
}

#[derive(Deserialize)]
pub(crate) struct BeginEnrolment {
    password: Option<SecretString>,
}

#[derive(Deserialize)]
pub(crate) struct ChosenClinic {
    organization: OrgId,
}

#[derive(Deserialize)]
pub(crate) struct InvitationAcceptance {
    code: SecretString,
    name: Option<String>,
    password: SecretString,
}

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
pub(crate) struct AccountEnd {
    password: SecretString,
    close_clinics: bool,
}

#[tauri::command]
pub(crate) async fn prove_second_factor(
    desktop: State<'_, Desktop>,
    input: TypedCode,
) -> CommandResult<SessionState> {
    desktop.prove_second_factor(input.code).await
}

#[tauri::command]
pub(crate) async fn begin_second_factor(
    desktop: State<'_, Desktop>,
    input: BeginEnrolment,
) -> CommandResult<Enrolment> {
    desktop.begin_second_factor(input.password).await
}

#[tauri::command]
pub(crate) async fn confirm_second_factor(
    desktop: State<'_, Desktop>,
    input: TypedCode,
) -> CommandResult<Vec<String>> {
    desktop.confirm_second_factor(input.code).await
}

#[tauri::command]
pub(crate) async fn finish_second_factor(desktop: State<'_, Desktop>) -> CommandResult<SessionState> {
    desktop.finish_second_factor().await
}

#[tauri::command]
pub(crate) async fn second_factor(desktop: State<'_, Desktop>) -> CommandResult<SecondFactorStatus> {
    desktop.second_factor().await
}

#[tauri::command]
pub(crate) async fn replace_recovery_codes(
    desktop: State<'_, Desktop>,
    input: GivenPassword,
) -> CommandResult<Vec<String>> {
    desktop.replace_recovery_codes(input.password).await
}

#[tauri::command]
pub(crate) async fn remove_second_factor(
    desktop: State<'_, Desktop>,
    input: GivenPassword,
) -> CommandResult<()> {
    desktop.remove_second_factor(input.password).await
}

#[tauri::command]
pub(crate) async fn choose_clinic(
    desktop: State<'_, Desktop>,
    input: ChosenClinic,
) -> CommandResult<SessionState> {
    desktop.choose_clinic(input.organization).await
}

#[tauri::command]
pub(crate) async fn own_clinics(desktop: State<'_, Desktop>) -> CommandResult<Vec<OwnClinic>> {
    desktop.own_clinics().await
}

#[tauri::command]
pub(crate) async fn switch_clinic(
    desktop: State<'_, Desktop>,
    input: ChosenClinic,
) -> CommandResult<SessionState> {
    desktop.switch_clinic(input.organization).await
}

#[tauri::command]
pub(crate) async fn view_invitation(
    desktop: State<'_, Desktop>,
    input: TypedCode,
) -> CommandResult<OfferedMembership> {
    desktop.view_invitation(input.code).await
}

#[tauri::command]
pub(crate) async fn accept_invitation(
    desktop: State<'_, Desktop>,
    input: InvitationAcceptance,
) -> CommandResult<SessionState> {
    desktop.accept_invitation(input.code, input.name, input.password).await
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
pub(crate) async fn confirm_email_change(desktop: State<'_, Desktop>, input: TypedCode) -> CommandResult<()> {
    desktop.confirm_email_change(input.code).await
}

#[tauri::command]
pub(crate) async fn close_account(desktop: State<'_, Desktop>, input: AccountEnd) -> CommandResult<()> {
    desktop.close_account(input.password, input.close_clinics).await
}
