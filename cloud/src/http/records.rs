//! Patients' records.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::{
    RecordId,
    record::{CreateRecord, List, Record, UpdateRecord},
};

use super::{
    caller::Caller,
    error_response::ErrorResponse,
    extract::{JsonBody, ListQuery, PathParams, QueryParams},
};
use crate::{
    app::{purge, records},
    state::App,
};

/// Create a record
#[utoipa::path(post, path = "", tag = "records", operation_id = "create_record", request_body = CreateRecord,
    responses((status = 201, description = "Created.", body = Record)))]
pub(super) async fn create(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<CreateRecord>,
) -> Result<(StatusCode, Json<Record>), ErrorResponse> {
    Ok((StatusCode::CREATED, Json(records::create(&app, &who, &input).await?)))
}

/// List records, newest first
#[utoipa::path(get, path = "", tag = "records", operation_id = "list_records", params(ListQuery),
    responses((status = 200, description = "Records.", body = List<Record>)))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(who): Caller,
    QueryParams(query): QueryParams<ListQuery>,
) -> Result<Json<List<Record>>, ErrorResponse> {
    Ok(Json(records::list(&app, &who, query.list_request()?).await?))
}

/// Change a record's title or fields
///
/// What is absent stays. A record that has been changed since `revision` stays as it is (409), and is in the response.
#[utoipa::path(patch, path = "", tag = "records", operation_id = "update_record", request_body = UpdateRecord,
    responses((status = 200, description = "Changed.", body = Record)))]
pub(super) async fn update(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(record): PathParams<RecordId>,
    JsonBody(input): JsonBody<UpdateRecord>,
) -> Result<Json<Record>, ErrorResponse> {
    Ok(Json(records::update(&app, &who, record, &input).await?))
}

/// Delete a record
///
/// With its documents, jobs and analyses. From now on nothing of it is found; what is stored of it is purged soon after.
#[utoipa::path(delete, path = "", tag = "records", operation_id = "delete_record",
    responses((status = 204, description = "Deleted.")))]
pub(super) async fn delete(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(record): PathParams<RecordId>,
) -> Result<StatusCode, ErrorResponse> {
    purge::delete_record(&app, &who, record).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Get a record with its documents
#[utoipa::path(get, path = "", tag = "records", operation_id = "get_record",
    responses((status = 200, description = "The record.", body = Record)))]
pub(super) async fn get(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(record): PathParams<RecordId>,
) -> Result<Json<Record>, ErrorResponse> {
    Ok(Json(records::get(&app, &who, record).await?))
}
