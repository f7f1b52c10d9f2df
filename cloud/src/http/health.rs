//! For load balancers: whether the process lives, and whether it can do its work.

use axum::{Json, extract::State};

use super::problem::Problem;
use crate::{domain::error::Error, state::App};

/// All is well.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// Always `ok`; anything else is an error.
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// Whether the process lives
#[utoipa::path(get, path = "", tag = "health", operation_id = "healthz",
    responses((status = 200, description = "It does.", body = Health)))]
pub(super) async fn alive() -> Json<Health> {
    OK
}

/// Whether the database and the object store can be reached
#[utoipa::path(get, path = "", tag = "health", operation_id = "readyz",
    responses((status = 200, description = "They can.", body = Health)))]
pub(super) async fn ready(State(app): State<App>) -> Result<Json<Health>, Problem> {
    app.db.check().await?;
    app.files.check().await.map_err(Error::unavailable)?;
    Ok(OK)
}
