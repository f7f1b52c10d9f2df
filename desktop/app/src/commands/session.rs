//! The door: server, clinic, sign-in, lock, keychain.

use maneiro_core::{
    contract::session::{LockReason, PreferenceChanges, Preferences, ServerChoice, SessionState, StartState},
    desktop::{ClinicRequest, Desktop},
};
use secrecy::SecretString;
use serde::Deserialize;
use tauri::{AppHandle, State};

use super::CommandResult;
use crate::window;

#[derive(Deserialize)]
pub(crate) struct ServerAddress {
    url: String,
}

#[derive(Deserialize)]
pub(crate) struct MailAddress {
    email: String,
}

#[derive(Deserialize)]
pub(crate) struct GivenCode {
    email: String,
    code: String,
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    email: String,
    password: SecretString,
}

#[derive(Deserialize)]
pub(crate) struct GivenPassword {
    pub(super) password: SecretString,
}

#[tauri::command]
pub(crate) async fn start(desktop: State<'_, Desktop>) -> CommandResult<StartState> {
    Ok(desktop.start())
}

#[tauri::command]
pub(crate) async fn check_server(
    desktop: State<'_, Desktop>,
    input: ServerAddress,
) -> CommandResult<ServerChoice> {
    desktop.check_server(&input.url).await
}

#[tauri::command]
pub(crate) async fn use_server(
    desktop: State<'_, Desktop>,
    input: ServerAddress,
) -> CommandResult<ServerChoice> {
    desktop.use_server(&input.url).await
}

#[tauri::command]
pub(crate) async fn register(desktop: State<'_, Desktop>, input: ClinicRequest) -> CommandResult<()> {
    desktop.register(input).await
}

#[tauri::command]
pub(crate) async fn mailed_code(
    desktop: State<'_, Desktop>,
    input: MailAddress,
) -> CommandResult<Option<String>> {
    Ok(desktop.mailed_code(&input.email).await)
}

#[tauri::command]
pub(crate) async fn confirm_registration(
    desktop: State<'_, Desktop>,
    input: GivenCode,
) -> CommandResult<SessionState> {
    desktop.confirm_registration(&input.email, &input.code).await
}

#[tauri::command]
pub(crate) async fn sign_in(desktop: State<'_, Desktop>, input: Credentials) -> CommandResult<SessionState> {
    desktop.sign_in(&input.email, input.password).await
}

#[tauri::command]
pub(crate) async fn unlock(desktop: State<'_, Desktop>, input: GivenPassword) -> CommandResult<SessionState> {
    desktop.unlock(input.password).await
}

#[tauri::command]
pub(crate) async fn lock(desktop: State<'_, Desktop>) -> CommandResult<()> {
    desktop.lock(LockReason::Key).await;
    Ok(())
}

#[tauri::command]
pub(crate) async fn sign_out(desktop: State<'_, Desktop>) -> CommandResult<()> {
    desktop.sign_out().await
}

#[tauri::command]
pub(crate) async fn look_for_keychain(desktop: State<'_, Desktop>) -> CommandResult<SessionState> {
    desktop.look_for_keychain().await
}

#[tauri::command]
pub(crate) async fn work_in_memory(desktop: State<'_, Desktop>) -> CommandResult<SessionState> {
    desktop.work_in_memory().await
}

#[tauri::command]
pub(crate) async fn set_preferences(
    desktop: State<'_, Desktop>,
    input: PreferenceChanges,
) -> CommandResult<Preferences> {
    desktop.set_preferences(input)
}

#[tauri::command]
pub(crate) async fn window_ready(app: AppHandle) {
    window::show_window(&app);
}

#[tauri::command]
pub(crate) async fn active(desktop: State<'_, Desktop>) -> CommandResult<()> {
    desktop.active();
    Ok(())
}
