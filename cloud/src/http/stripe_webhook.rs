//! Events of Stripe.

use axum::{body::Bytes, extract::State};
use http::{HeaderMap, StatusCode};

use super::error_response::ErrorResponse;
use crate::{app::billing_sync, state::App};

/// Take an event of Stripe
///
/// Its signature is checked over the bytes as they came.
#[utoipa::path(post, path = "", tag = "webhooks", operation_id = "stripe_webhook",
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, description = "Stored.")))]
pub(super) async fn receive(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ErrorResponse> {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    billing_sync::receive(&app, signature, &body).await?;
    Ok(StatusCode::OK)
}
