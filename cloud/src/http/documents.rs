//! Documents, their pages and originals.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::{
    DocumentId, RecordId,
    record::{AddDocument, Document, OriginalUpload, PageBatch},
};
use maneiro_page::Page;

use super::{
    caller::Caller,
    input::{At, Body},
    problem::Problem,
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
    At(record): At<RecordId>,
    Body(input): Body<AddDocument>,
) -> Result<(StatusCode, Json<Document>), Problem> {
    let (document, is_new) = documents::add(&app, &who, record, input).await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(document)))
}

/// Get a document, and which of its pages have not arrived
#[utoipa::path(get, path = "", tag = "documents", operation_id = "get_document",
    responses((status = 200, description = "The document.", body = Document)))]
pub(super) async fn get(
    State(app): State<App>,
    Caller(who): Caller,
    At(document): At<DocumentId>,
) -> Result<Json<Document>, Problem> {
    Ok(Json(documents::get(&app, &who, document).await?))
}

/// Send pages
///
/// 1 to 50 pages in any order; one that was sent before is replaced. The body may be compressed with zstd.
#[utoipa::path(put, path = "", tag = "documents", operation_id = "put_pages", request_body = PageBatch,
    responses((status = 200, description = "Stored, with the pages that are still missing.", body = Document)))]
pub(super) async fn put_pages(
    State(app): State<App>,
    Caller(who): Caller,
    At(document): At<DocumentId>,
    Body(batch): Body<PageBatch>,
) -> Result<Json<Document>, Problem> {
    Ok(Json(pages::put(&app, &who, document, batch).await?))
}

/// Read a page
#[utoipa::path(get, path = "", tag = "documents", operation_id = "get_page",
    responses((status = 200, description = "The page's words, with where they stand.", body = Page)))]
pub(super) async fn get_page(
    State(app): State<App>,
    Caller(who): Caller,
    At((document, number)): At<(DocumentId, u32)>,
) -> Result<Json<Page>, Problem> {
    Ok(Json(pages::read(&app, &who, document, number).await?))
}

/// Get an address to upload the original to
#[utoipa::path(post, path = "", tag = "documents", operation_id = "upload_original",
    responses((status = 200, description = "Takes one PUT of the sealed file.", body = OriginalUpload)))]
pub(super) async fn upload_original(
    State(app): State<App>,
    Caller(who): Caller,
    At(document): At<DocumentId>,
) -> Result<Json<OriginalUpload>, Problem> {
    Ok(Json(originals::upload(&app, &who, document).await?))
}

/// Say that the original was uploaded
#[utoipa::path(post, path = "", tag = "documents", operation_id = "original_done",
    responses((status = 200, description = "It was seen in the object store.", body = Document)))]
pub(super) async fn original_done(
    State(app): State<App>,
    Caller(who): Caller,
    At(document): At<DocumentId>,
) -> Result<Json<Document>, Problem> {
    Ok(Json(originals::done(&app, &who, document).await?))
}
