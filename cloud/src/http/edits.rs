//! Edits of an analysis.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, StreamExt};
use maneiro_api::{
    AnalysisId,
    edit::{AppendEdits, AppendedEdits, Edit},
    record::List,
    signature::AnalysisEvent,
};

use super::{
    caller::Caller,
    error_response::ErrorResponse,
    extract::{JsonBody, PathParams, QueryParams},
};
use crate::{app::edits, state::App};

/// Proxies close a connection that is silent for a minute.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);

#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct EditQuery {
    /// Edits after this number; all by default.
    #[serde(default)]
    after: u32,
}

/// List the edits of an analysis, oldest first
#[utoipa::path(get, path = "", tag = "analyses", operation_id = "list_edits", params(EditQuery),
    responses((status = 200, description = "Edits.", body = List<Edit>)))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(analysis): PathParams<AnalysisId>,
    QueryParams(query): QueryParams<EditQuery>,
) -> Result<Json<List<Edit>>, ErrorResponse> {
    Ok(Json(List { items: edits::list(&app, &who, analysis, query.after).await?, next_cursor: None }))
}

/// Edit an analysis
///
/// Appends edits, which merge with those that others have made of other statements since `seen`. An edit of a statement
/// that others have changed otherwise since is a conflict: it is not stored, and the response has both. Sent again with the
/// same id, an edit is stored once.
#[utoipa::path(post, path = "", tag = "analyses", operation_id = "append_edits", request_body = AppendEdits,
    responses((status = 200, description = "What became of them.", body = AppendedEdits)))]
pub(super) async fn append(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(analysis): PathParams<AnalysisId>,
    JsonBody(input): JsonBody<AppendEdits>,
) -> Result<Json<AppendedEdits>, ErrorResponse> {
    Ok(Json(edits::append(&app, &who, analysis, &input).await?))
}

/// Watch the edits of an analysis
///
/// Server-sent events until the session ends: `event: edit` with the edit as data, first those after `after`, then each new
/// one; and `event: signature` with a `ReportSignature` when a report of the record is signed.
#[utoipa::path(get, path = "", tag = "analyses", operation_id = "watch_edits", params(EditQuery),
    responses((status = 200, description = "Events.", body = Edit, content_type = "text/event-stream")))]
pub(super) async fn events(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(analysis): PathParams<AnalysisId>,
    QueryParams(query): QueryParams<EditQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, axum::Error>>>, ErrorResponse> {
    let edits = edits::watch(&app, &who, analysis, query.after).await?;
    let events = edits.map(|event| match event {
        AnalysisEvent::Edit(edit) => Event::default().event("edit").json_data(edit),
        AnalysisEvent::Signature(signature) => Event::default().event("signature").json_data(signature),
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL)))
}
