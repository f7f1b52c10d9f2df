//! The report: its pages as they will print, saving and printing.

use maneiro_api::RecordId;
use maneiro_core::{
    contract::{
        report::{
            PrintOutcome, ReportOptionChanges, ReportPreview, SavedFile, SavedReportFormat, SignedVersion,
        },
        review::StatementSection,
    },
    desktop::Desktop,
};
use secrecy::SecretString;
use serde::Deserialize;
use tauri::{AppHandle, State};

use super::CommandResult;
use crate::{dialogs, print};

#[derive(Deserialize)]
pub(crate) struct PreviewRequest {
    record: RecordId,
    options: ReportOptionChanges,
    version: Option<u32>,
}

#[derive(Deserialize)]
pub(crate) struct SaveRequest {
    preview: String,
    format: SavedReportFormat,
}

#[derive(Deserialize)]
pub(crate) struct SignRequest {
    record: RecordId,
    preview: String,
    password: Option<SecretString>,
}

#[derive(Deserialize)]
pub(crate) struct OfPreview {
    preview: String,
}

#[derive(Deserialize)]
pub(crate) struct TextRequest {
    preview: String,
    section: Option<StatementSection>,
}

#[tauri::command]
pub(crate) async fn preview_report(
    desktop: State<'_, Desktop>,
    input: PreviewRequest,
) -> CommandResult<ReportPreview> {
    desktop.preview_report(input.record, input.options, input.version).await
}

#[tauri::command]
pub(crate) async fn save_report(
    app: AppHandle,
    desktop: State<'_, Desktop>,
    input: SaveRequest,
) -> CommandResult<Option<SavedFile>> {
    let report = desktop.saved_report(&input.preview, input.format).await?;
    let Some(path) = dialogs::choose_target(&app, &report.name).await else { return Ok(None) };
    Ok(Some(SavedFile { name: report.write(&path).await? }))
}

#[tauri::command]
pub(crate) async fn print_report(
    desktop: State<'_, Desktop>,
    input: OfPreview,
) -> CommandResult<PrintOutcome> {
    let report = desktop.saved_report(&input.preview, SavedReportFormat::Pdf).await?;
    print::print_pdf(report.bytes).await
}

#[tauri::command]
pub(crate) async fn report_text(desktop: State<'_, Desktop>, input: TextRequest) -> CommandResult<String> {
    desktop.report_text(&input.preview, input.section).await
}

#[tauri::command]
pub(crate) async fn sign_report(
    desktop: State<'_, Desktop>,
    input: SignRequest,
) -> CommandResult<SignedVersion> {
    desktop.sign_report(input.record, &input.preview, input.password).await
}
