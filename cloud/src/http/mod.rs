//! JSON in and out. The whole route table stands here; handlers parse, call a use case, and shape the answer.

mod analyses;
mod auth;
mod caller;
mod documents;
mod envelope;
mod health;
mod input;
mod jobs;
mod openapi;
mod problem;
mod records;
mod route;
mod server;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use maneiro_api::limits::MAX_BODY_BYTES;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::{domain::action::Action, state::App};
use route::{Access, Table};

pub use server::serve;

fn table() -> Table {
    Table::new()
        .at("/healthz", routes!(health::alive).open())
        .at("/readyz", routes!(health::ready).open())
        .at("/v1/auth/register", routes!(auth::register).open())
        .at("/v1/auth/login", routes!(auth::login).open())
        .at("/v1/auth/logout", routes!(auth::logout).allow(Action::EndSession))
        .at("/v1/me", routes!(auth::me).allow(Action::ReadMe))
        .at("/v1/records", routes!(records::create).allow(Action::CreateRecord))
        .at("/v1/records", routes!(records::list).allow(Action::ReadRecord))
        .at("/v1/records/{record}", routes!(records::get).allow(Action::ReadRecord))
        .at("/v1/records/{record}/documents", routes!(documents::add).allow(Action::AddDocument))
        .at("/v1/documents/{document}", routes!(documents::get).allow(Action::ReadRecord))
        .at("/v1/documents/{document}/pages", routes!(documents::put_pages).allow(Action::AddDocument))
        .at("/v1/documents/{document}/pages/{number}", routes!(documents::get_page).allow(Action::ReadPage))
        .at(
            "/v1/documents/{document}/original",
            routes!(documents::upload_original).allow(Action::AddDocument),
        )
        .at(
            "/v1/documents/{document}/original/complete",
            routes!(documents::original_done).allow(Action::AddDocument),
        )
        .at("/v1/jobs", routes!(jobs::create).allow(Action::CreateJob))
        .at("/v1/jobs", routes!(jobs::list).allow(Action::ReadJob))
        .at("/v1/jobs/{job}", routes!(jobs::get).allow(Action::ReadJob))
        .at("/v1/jobs/{job}/cancel", routes!(jobs::cancel).allow(Action::CancelJob))
        .at("/v1/jobs/{job}/retry", routes!(jobs::retry).allow(Action::CreateJob))
        .at("/v1/jobs/{job}/events", routes!(jobs::events).allow(Action::ReadJob))
        .at("/v1/analyses/{analysis}", routes!(analyses::get).allow(Action::ReadAnalysis))
        .at("/v1/analyses/{analysis}/report", routes!(analyses::report).allow(Action::MakeReport))
}

/// The service as an axum router.
pub fn router(app: App) -> Router {
    let (routes, openapi) = table().into_parts();
    Router::new()
        .merge(routes)
        .merge(SwaggerUi::new("/docs").url("/openapi.json", openapi))
        .fallback(problem::no_such_address)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), envelope::envelope))
        .with_state(app)
}
