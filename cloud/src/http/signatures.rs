//! Signed reports.

use axum::{Json, extract::State};
use http::StatusCode;
use maneiro_api::{
    AnalysisId, RecordId,
    record::List,
    signature::{ReportSignature, SignReport, SignedReport},
};

use super::{
    caller::Caller,
    error_response::ErrorResponse,
    extract::{JsonBody, PathParams},
};
use crate::{app::signatures, state::App};

/// Sign a report
///
/// Fixes what the signer was shown, with letterhead and signature block, as the next version of the record's signed reports.
/// An analysis that was edited since `revision` is not signed (409). The same report signed again is the same signature.
#[utoipa::path(post, path = "", tag = "analyses", operation_id = "sign_report", request_body = SignReport,
    responses((status = 201, description = "Signed.", body = ReportSignature),
              (status = 200, description = "Signed already.", body = ReportSignature)))]
pub(super) async fn sign(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(analysis): PathParams<AnalysisId>,
    JsonBody(input): JsonBody<SignReport>,
) -> Result<(StatusCode, Json<ReportSignature>), ErrorResponse> {
    let (signature, is_new) = signatures::sign(&app, &who, analysis, input).await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(signature)))
}

/// List the signatures of a record's reports, newest first
#[utoipa::path(get, path = "", tag = "records", operation_id = "list_signatures",
    responses((status = 200, description = "Signatures.", body = List<ReportSignature>)))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams(record): PathParams<RecordId>,
) -> Result<Json<List<ReportSignature>>, ErrorResponse> {
    Ok(Json(signatures::list(&app, &who, record).await?))
}

/// Get a signed report
#[utoipa::path(get, path = "", tag = "records", operation_id = "get_signed_report",
    responses((status = 200, description = "What was signed.", body = SignedReport)))]
pub(super) async fn get(
    State(app): State<App>,
    Caller(who): Caller,
    PathParams((record, version)): PathParams<(RecordId, u32)>,
) -> Result<Json<SignedReport>, ErrorResponse> {
    Ok(Json(signatures::get(&app, &who, record, version).await?))
}
