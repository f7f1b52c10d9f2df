//! Analyses and their reports.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use maneiro_api::{
    AnalysisId,
    analysis::Analysis,
    report::{CreateReport, ReportFormat},
    signature::ReportFile,
};

use super::{
    caller::Caller,
    error_response::ErrorResponse,
    extract::{JsonBody, PathParams},
};
use crate::{
    app::{analyses, reports},
    state::App,
};

/// Get an analysis
#[utoipa::path(get, path = "", tag = "analyses", operation_id = "get_analysis",
    responses((status = 200, description = "Statements with the quotes they were made from.", body = Analysis)))]
pub(super) async fn get(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(analysis): PathParams<AnalysisId>,
) -> Result<Json<Analysis>, ErrorResponse> {
    Ok(Json(analyses::get(&app, &who, analysis).await?))
}

/// Create a report
///
/// Prints the analysis with the edits that stand; or a version as it was signed, with its signature.
#[utoipa::path(post, path = "", tag = "analyses", operation_id = "create_report", request_body = CreateReport,
    responses((status = 200, description = "The file.", content(
        (Vec<u8> = "application/pdf"), (String = "text/markdown"), (ReportFile = "application/json")))))]
pub(super) async fn report(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(analysis): PathParams<AnalysisId>,
    JsonBody(input): JsonBody<CreateReport>,
) -> Result<Response, ErrorResponse> {
    let format = input.format;
    let file = reports::create(&app, &who, analysis, input).await?;
    let (media_type, disposition) = match format {
        ReportFormat::Pdf => ("application/pdf", "attachment; filename=\"report.pdf\""),
        ReportFormat::Markdown => ("text/markdown; charset=utf-8", "attachment; filename=\"report.md\""),
        ReportFormat::Json => ("application/json", "attachment; filename=\"report.json\""),
    };
    let headers = [(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, file).into_response())
}
