//! Pages of a record: their words with boxes, and search. Images come by the page protocol.

use maneiro_api::RecordId;
use maneiro_core::{
    contract::pages::{PageInfo, SearchHits, ShownPage},
    desktop::Desktop,
};
use serde::Deserialize;
use tauri::State;

use super::{CommandResult, OfRecord};

#[derive(Deserialize)]
pub(crate) struct OfPage {
    record: RecordId,
    page: u32,
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    record: RecordId,
    query: String,
}

#[tauri::command]
pub(crate) async fn pages(desktop: State<'_, Desktop>, input: OfRecord) -> CommandResult<Vec<PageInfo>> {
    desktop.pages(input.record).await
}

#[tauri::command]
pub(crate) async fn page_words(desktop: State<'_, Desktop>, input: OfPage) -> CommandResult<ShownPage> {
    desktop.page_words(input.record, input.page).await
}

#[tauri::command]
pub(crate) async fn search_pages(desktop: State<'_, Desktop>, input: PageQuery) -> CommandResult<SearchHits> {
    desktop.search_pages(input.record, &input.query).await
}
