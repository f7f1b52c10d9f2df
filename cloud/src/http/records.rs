//! Patients' records.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::{
    RecordId,
    record::{CreateRecord, List, Record},
};

use super::{
    caller::Caller,
    input::{Asked, At, Body, ListQuery},
    problem::Problem,
};
use crate::{app::records, state::App};

/// Make a record
#[utoipa::path(post, path = "", tag = "records", operation_id = "create_record", request_body = CreateRecord,
    responses((status = 201, description = "Made.", body = Record)))]
pub(super) async fn create(
    State(app): State<App>,
    Caller(who): Caller,
    Body(input): Body<CreateRecord>,
) -> Result<(StatusCode, Json<Record>), Problem> {
    Ok((StatusCode::CREATED, Json(records::create(&app, &who, &input).await?)))
}

/// List records, newest first
#[utoipa::path(get, path = "", tag = "records", operation_id = "list_records", params(ListQuery),
    responses((status = 200, description = "Records.", body = List<Record>)))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(who): Caller,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<List<Record>>, Problem> {
    Ok(Json(records::list(&app, &who, query.window()?).await?))
}

/// Get a record with its documents
#[utoipa::path(get, path = "", tag = "records", operation_id = "get_record",
    responses((status = 200, description = "The record.", body = Record)))]
pub(super) async fn get(
    State(app): State<App>,
    Caller(who): Caller,
    At(record): At<RecordId>,
) -> Result<Json<Record>, Problem> {
    Ok(Json(records::get(&app, &who, record).await?))
}
