//! Health checks for load balancers: liveness and readiness.

use axum::{Json, extract::State};

use super::error_response::ErrorResponse;
use crate::{app::health, state::App};

/// The service is healthy.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// Always `ok`; anything else is an error.
    status: &'static str,
    /// The version of the service, by which a window knows whether they fit together.
    version: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") });

/// Check that the process is alive
#[utoipa::path(get, path = "", tag = "health", operation_id = "healthz",
    responses((status = 200, description = "It is.", body = Health)))]
pub(super) async fn liveness() -> Json<Health> {
    OK
}

/// Check that the database and the object store can be reached
///
/// An answer stands for a second. A process that is to stop is not ready.
#[utoipa::path(get, path = "", tag = "health", operation_id = "readyz",
    responses((status = 200, description = "They can.", body = Health)))]
pub(super) async fn readiness(State(app): State<App>) -> Result<Json<Health>, ErrorResponse> {
    health::check_readiness(&app).await?;
    Ok(OK)
}
