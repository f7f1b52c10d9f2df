//! What every request and response has: an id, a line in the log, a time limit, security headers, and the one shape of
//! errors. The log line holds the route's pattern, never its values, its query or a body.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use maneiro_api::RequestId;
use tracing::{Instrument, info, info_span};

use super::problem::Problem;
use crate::{domain::error::Error, state::App};

/// The slowest request takes 16 MiB over a bad line.
const REQUEST_LASTS: Duration = Duration::from_secs(120);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What may not be kept, guessed, framed or run.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
];

const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The browsable description runs its own scripts and styles its page inline.
const POLICY_OF_DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                              img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/// Wraps a request.
pub(super) async fn envelope(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = RequestId::from_uuid(app.uuid());
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let policy = if request.uri().path().starts_with("/docs") { POLICY_OF_DOCS } else { POLICY };

    let span = info_span!("request", request.id = %id);
    let answered = tokio::time::timeout(REQUEST_LASTS, next.run(request)).instrument(span.clone()).await;
    let mut response = answered.unwrap_or_else(|_| {
        Problem::from(Error::unavailable(anyhow::anyhow!("a request took longer than it may")))
            .into_response()
    });
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        // The router has said which methods an address takes (RFC 9110, section 15.5.6).
        let allow = response.headers_mut().remove(header::ALLOW);
        response = problem.answer(id);
        response.headers_mut().extend(allow.map(|methods| (header::ALLOW, methods)));
    }
    dress(response.headers_mut(), policy, id);

    span.in_scope(|| {
        info!(
            http.method = %method,
            http.route = route.as_deref().unwrap_or("none"),
            http.status = response.status().as_u16(),
            duration_ms = began.elapsed().as_millis() as u64,
            "request served"
        );
    });
    response
}

fn dress(headers: &mut HeaderMap, policy: &'static str, id: RequestId) {
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    let id =
        HeaderValue::try_from(id.to_string()).expect("an id is made of letters, digits and an underscore");
    headers.insert(REQUEST_ID, id);
}
