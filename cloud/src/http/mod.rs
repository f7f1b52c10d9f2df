//! JSON in and out. The complete route table is in this file; handlers parse, call a use case, and shape the response.

mod analyses;
mod auth;
mod caller;
mod documents;
mod error_response;
mod extract;
mod health;
mod jobs;
mod middleware;
mod openapi;
mod records;
mod route;
mod server;

use std::io;

use axum::{Router, extract::DefaultBodyLimit};
use maneiro_api::limits::MAX_BODY_BYTES;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::{domain::action::Action, state::App};
use route::{RouteAccess, RouteTable};

fn route_table() -> RouteTable {
    RouteTable::new()
        .route("/healthz", routes!(health::liveness).public())
        .route("/readyz", routes!(health::readiness).public())
        .route("/v1/auth/register", routes!(auth::register).public())
        .route("/v1/auth/login", routes!(auth::login).public())
        .route("/v1/auth/logout", routes!(auth::logout).allow(Action::EndSession))
        .route("/v1/me", routes!(auth::me).allow(Action::ReadCurrentUser))
        .route("/v1/records", routes!(records::create).allow(Action::CreateRecord))
        .route("/v1/records", routes!(records::list).allow(Action::ReadRecord))
        .route("/v1/records/{record}", routes!(records::get).allow(Action::ReadRecord))
        .route("/v1/records/{record}/documents", routes!(documents::add).allow(Action::AddDocument))
        .route("/v1/documents/{document}", routes!(documents::get).allow(Action::ReadRecord))
        .route("/v1/documents/{document}/pages", routes!(documents::put_pages).allow(Action::AddDocument))
        .route(
            "/v1/documents/{document}/pages/{number}",
            routes!(documents::get_page).allow(Action::ReadPage),
        )
        .route(
            "/v1/documents/{document}/original",
            routes!(documents::create_original_upload).allow(Action::AddDocument),
        )
        .route(
            "/v1/documents/{document}/original/complete",
            routes!(documents::complete_original_upload).allow(Action::AddDocument),
        )
        .route("/v1/jobs", routes!(jobs::create).allow(Action::CreateJob))
        .route("/v1/jobs", routes!(jobs::list).allow(Action::ReadJob))
        .route("/v1/jobs/{job}", routes!(jobs::get).allow(Action::ReadJob))
        .route("/v1/jobs/{job}/cancel", routes!(jobs::cancel).allow(Action::CancelJob))
        .route("/v1/jobs/{job}/retry", routes!(jobs::retry).allow(Action::CreateJob))
        .route("/v1/jobs/{job}/events", routes!(jobs::events).allow(Action::ReadJob))
        .route("/v1/analyses/{analysis}", routes!(analyses::get).allow(Action::ReadAnalysis))
        .route("/v1/analyses/{analysis}/report", routes!(analyses::report).allow(Action::CreateReport))
}

/// The service as an axum router.
pub fn router(app: App) -> Router {
    let (routes, openapi) = route_table().into_parts();
    Router::new()
        .merge(routes)
        .merge(SwaggerUi::new("/docs").url("/openapi.json", openapi))
        .fallback(error_response::path_not_found)
        .method_not_allowed_fallback(error_response::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(error_response::panic_response))
        .layer(axum::middleware::from_fn_with_state(app.clone(), middleware::apply))
        .with_state(app)
}

/// Serves on `listener` until the app is stopping, then finishes the requests in flight.
///
/// # Errors
/// If the listener fails for good.
pub async fn serve(listener: TcpListener, app: App) -> io::Result<()> {
    let stopping = app.stopping.clone();
    server::serve(listener, router(app), stopping).await
}
