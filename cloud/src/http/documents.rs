//! Documents, their pages and originals.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::{
    DocumentId, RecordId,
    record::{
        AddDocument, CompleteOriginalUpload, CreateOriginalUpload, Document, OriginalKey, OriginalUpload,
        PageBatch,
    },
};
use maneiro_page::Page;

use super::{
    caller::Caller,
    error_response::ErrorResponse,
    extract::{JsonBody, PathParams},
};
use crate::{
    app::{documents, originals, pages},
    state::App,
};

/// Add a document to a record
#[utoipa::path(post, path = "", tag = "documents", operation_id = "add_document", request_body = AddDocument,
    responses((status = 201, description = "Added.", body = Document),
              (status = 200, description = "The record has this file already.", body = Document)))]
pub(super) async fn add(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(record): PathParams<RecordId>,
    JsonBody(input): JsonBody<AddDocument>,
) -> Result<(StatusCode, Json<Document>), ErrorResponse> {
    let (document, is_new) = documents::add(&app, &who, record, input).await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(document)))
}

/// Get a document with its missing pages
#[utoipa::path(get, path = "", tag = "documents", operation_id = "get_document",
    responses((status = 200, description = "The document.", body = Document)))]
pub(super) async fn get(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(document): PathParams<DocumentId>,
) -> Result<Json<Document>, ErrorResponse> {
    Ok(Json(documents::get(&app, &who, document).await?))
}

/// Upload pages
///
/// 1 to 50 pages in any order. A page that was uploaded before is superseded, except for jobs
/// that were created until then. The body may be compressed with zstd.
#[utoipa::path(put, path = "", tag = "documents", operation_id = "put_pages", request_body = PageBatch,
    responses((status = 200, description = "Stored, with the pages that are still missing.", body = Document)))]
pub(super) async fn put_pages(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(document): PathParams<DocumentId>,
    JsonBody(batch): JsonBody<PageBatch>,
) -> Result<Json<Document>, ErrorResponse> {
    Ok(Json(pages::put(&app, &who, document, batch).await?))
}

/// Get a page
#[utoipa::path(get, path = "", tag = "documents", operation_id = "get_page",
    responses((status = 200, description = "The page's words with their boxes.", body = Page)))]
pub(super) async fn get_page(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams((document, number)): PathParams<(DocumentId, u32)>,
) -> Result<Json<Page>, ErrorResponse> {
    Ok(Json(pages::read(&app, &who, document, number).await?))
}

/// Get the key to seal the original with
#[utoipa::path(post, path = "", tag = "documents", operation_id = "create_original_key",
    responses((status = 200, description = "The document's own key.", body = OriginalKey)))]
pub(super) async fn create_original_key(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(document): PathParams<DocumentId>,
) -> Result<Json<OriginalKey>, ErrorResponse> {
    Ok(Json(originals::create_key(&app, &who, document).await?))
}

/// Create a URL to upload the original to
#[utoipa::path(post, path = "", tag = "documents", operation_id = "create_original_upload",
    request_body = CreateOriginalUpload,
    responses((status = 200, description = "The URL takes a PUT of exactly the announced bytes.", body = OriginalUpload)))]
pub(super) async fn create_original_upload(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(document): PathParams<DocumentId>,
    JsonBody(input): JsonBody<CreateOriginalUpload>,
) -> Result<Json<OriginalUpload>, ErrorResponse> {
    Ok(Json(originals::create_upload(&app, &who, document, &input).await?))
}

/// Complete the upload of the original
#[utoipa::path(post, path = "", tag = "documents", operation_id = "complete_original_upload",
    request_body = CompleteOriginalUpload,
    responses((status = 200, description = "The object store has the original.", body = Document)))]
pub(super) async fn complete_original_upload(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(document): PathParams<DocumentId>,
    JsonBody(input): JsonBody<CompleteOriginalUpload>,
) -> Result<Json<Document>, ErrorResponse> {
    Ok(Json(originals::complete_upload(&app, &who, document, input).await?))
}
