//! The analysis as it is reviewed.

use maneiro_api::RecordId;
use maneiro_core::{
    contract::review::{AnalysisWindow, ChangeOutcome, HistoryEntry, ReviewChange, ReviewRecord},
    desktop::Desktop,
};
use serde::Deserialize;
use tauri::State;

use super::{CommandResult, OfRecord};

#[derive(Deserialize)]
pub(crate) struct StatementChange {
    record: RecordId,
    change: ReviewChange,
}

#[derive(Deserialize)]
pub(crate) struct OfStatement {
    record: RecordId,
    statement: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct RunRequest {
    record: RecordId,
    focus: Option<String>,
    window: Option<AnalysisWindow>,
}

#[tauri::command]
pub(crate) async fn review(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<ReviewRecord> {
    desktop.review(input.record).await
}

#[tauri::command]
pub(crate) async fn show_newer(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<()> {
    desktop.show_newer(input.record).await
}

#[tauri::command]
pub(crate) async fn change(
    desktop: State<'_, Desktop>,
    input: StatementChange,
) -> CommandResult<ChangeOutcome> {
    desktop.change(input.record, input.change).await
}

#[tauri::command]
pub(crate) async fn undo(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<ChangeOutcome> {
    desktop.undo(input.record).await
}

#[tauri::command]
pub(crate) async fn redo(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<ChangeOutcome> {
    desktop.redo(input.record).await
}

#[tauri::command]
pub(crate) async fn history(
    desktop: State<'_, Desktop>,
    input: OfStatement,
) -> CommandResult<Vec<HistoryEntry>> {
    desktop.history(input.record, input.statement.as_deref()).await
}

#[tauri::command]
pub(crate) async fn run_analysis(desktop: State<'_, Desktop>, input: RunRequest) -> CommandResult<()> {
    desktop.run_analysis(input.record, input.focus, input.window).await
}

#[tauri::command]
pub(crate) async fn cancel_analysis(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<()> {
    desktop.cancel_analysis(input.record).await
}
