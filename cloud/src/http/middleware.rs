//! What every request and response has: an id, the client's address, a line in the log, a time limit, security headers, and
//! the one shape of errors. The log line contains the route's pattern, never its values, its query or a body.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use maneiro_api::RequestId;
use tracing::{Instrument, info, info_span};

use super::{error_response::ErrorResponse, rate_limits::RateDecisions, server::PeerAddress};
use crate::{domain::error::Error, state::App, web};

/// The slowest request uploads 16 MiB over a slow connection.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Responses may not be cached, sniffed, framed or run.
const SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
];

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The documentation pages run their own scripts and style themselves inline.
const DOCS_CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                                            img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/// Applies all of it to a request.
pub(super) async fn apply(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::from_uuid(app.new_uuid());
    let decisions = RateDecisions::default();
    if let Some(PeerAddress(peer)) = request.extensions().get::<PeerAddress>().copied() {
        let forwarded = request.headers().get_all(&FORWARDED_FOR).iter();
        // A value that is no text was not written by a proxy.
        let forwarded = forwarded.map(|value| value.to_str().unwrap_or_default());
        let client = app.trusted_proxies.client_address(peer, forwarded);
        request.extensions_mut().insert(client);
    }
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(app.clone());
    request.extensions_mut().insert(decisions.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let policy = match request.uri().path() {
        path if path.starts_with("/docs") => DOCS_CONTENT_SECURITY_POLICY,
        path if path.starts_with(web::PREFIX) => web::CONTENT_SECURITY_POLICY,
        _ => CONTENT_SECURITY_POLICY,
    };

    let span = info_span!("request", request.id = %id);
    let result = tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).instrument(span.clone()).await;
    let mut response = result.unwrap_or_else(|_| {
        ErrorResponse::from(Error::unavailable(anyhow::anyhow!("a request timed out"))).into_response()
    });
    if let Some(error) = response.extensions_mut().remove::<ErrorResponse>() {
        // The router has set which methods a path accepts (RFC 9110, section 15.5.6).
        let allow = response.headers_mut().remove(header::ALLOW);
        response = error.with_request_id(id);
        response.headers_mut().extend(allow.map(|methods| (header::ALLOW, methods)));
    }
    decisions.set_headers(response.headers_mut());
    set_headers(response.headers_mut(), policy, id);

    span.in_scope(|| {
        info!(
            http.method = %method,
            http.route = route.as_deref().unwrap_or("none"),
            http.status = response.status().as_u16(),
            duration_ms = started.elapsed().as_millis() as u64,
            "request served"
        );
    });
    response
}

fn set_headers(headers: &mut HeaderMap, policy: &'static str, id: RequestId) {
    for (name, value) in SECURITY_HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    let id =
        HeaderValue::try_from(id.to_string()).expect("an id consists of letters, digits and an underscore");
    headers.insert(REQUEST_ID, id);
}
