//! Jobs: create, read, watch, cancel, retry.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, StreamExt};
use http::StatusCode;
use maneiro_api::{
    JobId,
    job::{CreateJob, Job},
    record::List,
};

use super::{
    caller::Caller,
    error_response::ErrorResponse,
    extract::{IdempotencyKeyHeader, JsonBody, ListQuery, PathParams, QueryParams},
};
use crate::{
    app::{job_watch, jobs},
    state::App,
};

/// Proxies close a connection that is silent for a minute.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// Create a job
///
/// Requests an analysis. The same `Idempotency-Key` with the same request is the same job, however often it is sent.
#[utoipa::path(post, path = "", tag = "jobs", operation_id = "create_job", request_body = CreateJob,
    params(("Idempotency-Key" = String, Header, max_length = 100, pattern = "^[!-~]([ -~]*[!-~])?$",
        description = "1 to 100 characters of the client's choice.")),
    responses((status = 202, description = "In the queue.", body = Job)))]
pub(super) async fn create(
    State(app): State<App>,
    Caller(who): Caller,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    JsonBody(input): JsonBody<CreateJob>,
) -> Result<(StatusCode, Json<Job>), ErrorResponse> {
    Ok((StatusCode::ACCEPTED, Json(jobs::create(&app, &who, &key, &input).await?)))
}

/// List jobs, newest first
#[utoipa::path(get, path = "", tag = "jobs", operation_id = "list_jobs", params(ListQuery),
    responses((status = 200, description = "Jobs.", body = List<Job>)))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(who): Caller,
    QueryParams(query): QueryParams<ListQuery>,
) -> Result<Json<List<Job>>, ErrorResponse> {
    Ok(Json(jobs::list(&app, &who, query.list_request()?).await?))
}

/// Get a job
#[utoipa::path(get, path = "", tag = "jobs", operation_id = "get_job",
    responses((status = 200, description = "The job.", body = Job)))]
pub(super) async fn get(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(job): PathParams<JobId>,
) -> Result<Json<Job>, ErrorResponse> {
    Ok(Json(jobs::get(&app, &who, job).await?))
}

/// Cancel a job
#[utoipa::path(post, path = "", tag = "jobs", operation_id = "cancel_job",
    responses((status = 200, description = "Cancelled.", body = Job)))]
pub(super) async fn cancel(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(job): PathParams<JobId>,
) -> Result<Json<Job>, ErrorResponse> {
    Ok(Json(jobs::cancel(&app, &who, job).await?))
}

/// Retry a job that ended in error or was cancelled
#[utoipa::path(post, path = "", tag = "jobs", operation_id = "retry_job",
    responses((status = 202, description = "Back in the queue.", body = Job)))]
pub(super) async fn retry(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(job): PathParams<JobId>,
) -> Result<(StatusCode, Json<Job>), ErrorResponse> {
    Ok((StatusCode::ACCEPTED, Json(jobs::retry(&app, &who, job).await?)))
}

/// Watch a job
///
/// Server-sent events: `event: job` with the job as data, first its current state and then every change, until it has an
/// outcome or the session ends.
#[utoipa::path(get, path = "", tag = "jobs", operation_id = "watch_job",
    responses((status = 200, description = "Events.", body = Job, content_type = "text/event-stream")))]
pub(super) async fn events(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(job): PathParams<JobId>,
) -> Result<Sse<impl Stream<Item = Result<Event, axum::Error>>>, ErrorResponse> {
    let states = job_watch::watch(&app, &who, job).await?;
    // A job that has no JSON ends the stream; an empty event would be taken for a job.
    let events = states.map(|job| Event::default().event("job").json_data(job));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL)))
}
