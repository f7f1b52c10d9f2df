//! Settings, about, the support bundle, and what the window asks of the system.

use maneiro_core::{
    contract::{
        common::{CommandErrorCode, Timestamp},
        report::SavedFile,
        settings::{About, ClinicSettings, Picture, SignatureSettings, SupportBundle},
    },
    desktop::{Desktop, LetterheadInput, PicturePurpose, SavedReport, SignatureBlockInput},
};
use serde::Deserialize;
use tauri::{AppHandle, State};
use tauri_plugin_clipboard_manager::ClipboardExt as _;
use tauri_plugin_opener::OpenerExt as _;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::CommandResult;
use crate::dialogs;

#[derive(Deserialize)]
pub(crate) struct CopiedText {
    text: String,
}

#[derive(Deserialize)]
pub(crate) struct SavedClinic {
    name: String,
    letterhead: LetterheadInput,
}

#[derive(Deserialize)]
pub(crate) struct WantedPicture {
    purpose: PicturePurpose,
}

/// The pages that open in the browser; no other address does.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KnownPage {
    Help,
    Upgrade,
    Terms,
}

#[derive(Deserialize)]
pub(crate) struct WantedPage {
    page: KnownPage,
}

#[tauri::command]
pub(crate) async fn clinic(desktop: State<'_, Desktop>) -> CommandResult<ClinicSettings> {
    desktop.clinic().await
}

#[tauri::command]
pub(crate) async fn signature(desktop: State<'_, Desktop>) -> CommandResult<SignatureSettings> {
    desktop.signature().await
}

#[tauri::command]
pub(crate) async fn save_clinic(
    desktop: State<'_, Desktop>,
    input: SavedClinic,
) -> CommandResult<ClinicSettings> {
    desktop.save_clinic(input.name, input.letterhead).await
}

#[tauri::command]
pub(crate) async fn save_signature(
    desktop: State<'_, Desktop>,
    input: SignatureBlockInput,
) -> CommandResult<SignatureSettings> {
    desktop.save_signature(input).await
}

#[tauri::command]
pub(crate) async fn choose_picture(
    app: AppHandle,
    desktop: State<'_, Desktop>,
    input: WantedPicture,
) -> CommandResult<Option<Picture>> {
    let Some(path) = dialogs::choose_picture(&app).await else { return Ok(None) };
    Ok(Some(desktop.make_picture(path, input.purpose).await?))
}

#[tauri::command]
pub(crate) async fn about(desktop: State<'_, Desktop>) -> CommandResult<About> {
    let built_at = OffsetDateTime::parse(env!("MANEIRO_COMMIT_DATE"), &Rfc3339);
    Ok(desktop.about(env!("MANEIRO_COMMIT"), Timestamp(built_at.unwrap_or(OffsetDateTime::UNIX_EPOCH))))
}

#[tauri::command]
pub(crate) async fn support_bundle(desktop: State<'_, Desktop>) -> CommandResult<SupportBundle> {
    desktop.support_bundle().await
}

#[tauri::command]
pub(crate) async fn save_support_bundle(
    app: AppHandle,
    desktop: State<'_, Desktop>,
) -> CommandResult<Option<SavedFile>> {
    let bundle = desktop.support_bundle().await?;
    let Some(path) = dialogs::choose_target(&app, &bundle.name).await else { return Ok(None) };
    let text: String = bundle.files.into_iter().map(|file| file.text).collect();
    let file = SavedReport { name: bundle.name, bytes: text.into_bytes() };
    Ok(Some(SavedFile { name: file.write(&path).await? }))
}

#[tauri::command]
pub(crate) async fn copy_text(app: AppHandle, input: CopiedText) -> CommandResult<()> {
    app.clipboard().write_text(input.text).map_err(|_| CommandErrorCode::Internal.into())
}

#[tauri::command]
pub(crate) async fn open_page(
    app: AppHandle,
    desktop: State<'_, Desktop>,
    input: WantedPage,
) -> CommandResult<()> {
    let page = match input.page {
        KnownPage::Help => "help",
        KnownPage::Upgrade => "pricing",
        KnownPage::Terms => "terms",
    };
    let url = format!("{}/{page}", desktop.server().url.trim_end_matches('/'));
    app.opener().open_url(url, None::<&str>).map_err(|_| CommandErrorCode::Internal.into())
}
