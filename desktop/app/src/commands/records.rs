//! Records, their files, and the reading of their pages.

use maneiro_api::{DocumentId, RecordId};
use maneiro_core::{
    contract::records::{
        IntakeShape, OfferedFile, OutboxContent, ReadingState, RecordDetail, RecordFieldChanges, RecordList,
    },
    desktop::{Desktop, PastedImage, RecordFilter},
};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};

use super::{CommandResult, OfRecord};
use crate::{dialogs, events};

#[derive(Deserialize)]
pub(crate) struct NewRecords {
    handles: Vec<String>,
    r#as: IntakeShape,
}

#[derive(Serialize)]
pub(crate) struct MadeRecords {
    records: Vec<RecordId>,
}

#[derive(Serialize)]
pub(crate) struct MadeRecord {
    record: RecordId,
}

#[derive(Deserialize)]
pub(crate) struct AddedFiles {
    record: RecordId,
    handles: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct FileOrder {
    record: RecordId,
    documents: Vec<DocumentId>,
}

#[derive(Deserialize)]
pub(crate) struct OfFile {
    record: RecordId,
    document: DocumentId,
}

#[derive(Deserialize)]
pub(crate) struct FilePassword {
    document: DocumentId,
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct RecordChanges {
    record: RecordId,
    title: Option<String>,
    fields: Option<RecordFieldChanges>,
}

#[derive(Deserialize)]
pub(crate) struct UnwantedFiles {
    handles: Vec<String>,
}

#[tauri::command]
pub(crate) async fn list_records(
    app: AppHandle,
    desktop: State<'_, Desktop>,
    input: RecordFilter,
) -> CommandResult<RecordList> {
    let list = desktop.list_records(&input).await?;
    // A window that lists records also takes files: what the program was started with is offered now.
    events::offer_opened(&app).await;
    Ok(list)
}

#[tauri::command]
pub(crate) async fn record(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<RecordDetail> {
    desktop.record(input.record).await
}

#[tauri::command]
pub(crate) async fn create_records(
    desktop: State<'_, Desktop>,
    input: NewRecords,
) -> CommandResult<MadeRecords> {
    Ok(MadeRecords { records: desktop.create_records(&input.handles, input.r#as).await? })
}

#[tauri::command]
pub(crate) async fn add_files(desktop: State<'_, Desktop>, input: AddedFiles) -> CommandResult<()> {
    desktop.add_files(input.record, &input.handles).await
}

#[tauri::command]
pub(crate) async fn arrange_files(desktop: State<'_, Desktop>, input: FileOrder) -> CommandResult<()> {
    desktop.arrange_files(input.record, &input.documents).await
}

#[tauri::command]
pub(crate) async fn remove_file(desktop: State<'_, Desktop>, input: OfFile) -> CommandResult<()> {
    desktop.remove_file(input.record, input.document).await
}

#[tauri::command]
pub(crate) async fn unlock_file(desktop: State<'_, Desktop>, input: FilePassword) -> CommandResult<()> {
    desktop.unlock_file(input.document, input.password).await
}

#[tauri::command]
pub(crate) async fn update_record(desktop: State<'_, Desktop>, input: RecordChanges) -> CommandResult<()> {
    desktop.update_record(input.record, input.title, input.fields).await
}

#[tauri::command]
pub(crate) async fn delete_record(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<()> {
    desktop.delete_record(input.record).await
}

#[tauri::command]
pub(crate) async fn open_sample(desktop: State<'_, Desktop>) -> CommandResult<MadeRecord> {
    Ok(MadeRecord { record: desktop.open_sample().await? })
}

#[tauri::command]
pub(crate) async fn choose_files(
    app: AppHandle,
    desktop: State<'_, Desktop>,
) -> CommandResult<Vec<OfferedFile>> {
    Ok(desktop.offer_files(dialogs::choose_files(&app).await).await)
}

#[tauri::command]
pub(crate) async fn paste_image(
    desktop: State<'_, Desktop>,
    input: PastedImage,
) -> CommandResult<OfferedFile> {
    desktop.offer_pasted(&input)
}

#[tauri::command]
pub(crate) async fn drop_offer(desktop: State<'_, Desktop>, input: UnwantedFiles) -> CommandResult<()> {
    desktop.drop_offer(&input.handles);
    Ok(())
}

#[tauri::command]
pub(crate) async fn pause_reading(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<()> {
    desktop.stop_reading(input.record, ReadingState::Paused).await
}

#[tauri::command]
pub(crate) async fn resume_reading(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<()> {
    desktop.resume_reading(input.record).await
}

#[tauri::command]
pub(crate) async fn cancel_reading(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<()> {
    desktop.stop_reading(input.record, ReadingState::Cancelled).await
}

#[tauri::command]
pub(crate) async fn outbox(desktop: State<'_, Desktop>) -> CommandResult<OutboxContent> {
    desktop.outbox().await
}
