//! Holds requests to the limits that their routes state, and tells clients in the headers of every response what is left
//! (draft-ietf-httpapi-ratelimit-headers-10).

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Extension,
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{error_response::ErrorResponse, route_policy::RoutePolicy};
use crate::{
    app::rate_limits::{self, LimiterFailure},
    domain::{
        client_address::ClientAddress,
        error::Error,
        rate_limit::{RateDecision, RateLimitSubject},
    },
    state::App,
};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// What the limits of a request have decided so far.
#[derive(Debug, Clone, Default)]
pub(super) struct RateDecisions(Arc<Mutex<Vec<RateDecision>>>);

impl RateDecisions {
    fn push(&self, decision: RateDecision) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(decision);
    }

    /// Adds the headers, unless no limit was counted.
    pub(super) fn set_headers(&self, headers: &mut HeaderMap) {
        let decisions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if decisions.is_empty() {
            return;
        }
        let (mut policy, mut limit) = (String::new(), String::new());
        for RateDecision { limit: rate, remaining, reset_after, .. } in decisions.iter() {
            let comma = if policy.is_empty() { "" } else { ", " };
            let (name, window) = (rate.name, rate.window.as_secs());
            let reset = reset_after.as_millis().div_ceil(1000);
            // Writing to a string does not fail.
            let _ = write!(policy, "{comma}\"{name}\";q={};w={window}", rate.max_requests);
            let _ = write!(limit, "{comma}\"{name}\";r={remaining};t={reset}");
        }
        for (name, text) in [(POLICY, policy), (LIMIT, limit)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}

/// Counts a request by its client's address, before anything of it is read. A layer of every route.
pub(super) async fn enforce_by_address(
    Extension(app): Extension<App>,
    Extension(policy): Extension<Arc<RoutePolicy>>,
    Extension(decisions): Extension<RateDecisions>,
    Extension(client): Extension<ClientAddress>,
    request: Request,
    next: Next,
) -> Response {
    let on_failure = policy.on_limiter_failure();
    let subject = RateLimitSubject::address(client);
    match enforce(&app, &policy, &decisions, &subject, on_failure).await {
        Ok(()) => next.run(request).await,
        Err(error) => ErrorResponse::from(error).into_response(),
    }
}

/// Counts a request against the limits of a route that are of the subject's kind.
///
/// # Errors
/// `TooManyRequests` if a limit is reached; `Unavailable` if it could not be counted and is refused.
pub(super) async fn enforce(
    app: &App,
    policy: &RoutePolicy,
    decisions: &RateDecisions,
    subject: &RateLimitSubject,
    on_failure: LimiterFailure,
) -> Result<(), Error> {
    let scope = subject.scope();
    for limit in policy.limits.iter().filter(|limit| limit.scope == scope) {
        let Some(decision) = rate_limits::count(app, subject, limit, on_failure).await? else { continue };
        decisions.push(decision);
        if !decision.is_admitted {
            return Err(Error::TooManyRequests { retry_after: decision.reset_after });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::rate_limit::{REQUESTS_PER_ADDRESS, REQUESTS_PER_SESSION};

    #[test]
    fn headers_follow_the_draft() {
        let decisions = RateDecisions::default();
        let mut headers = HeaderMap::new();
        decisions.set_headers(&mut headers);
        assert!(headers.is_empty());
        for (limit, remaining) in [(REQUESTS_PER_ADDRESS, 5_999), (REQUESTS_PER_SESSION, 0)] {
            let reset_after = Duration::from_millis(1_001);
            decisions.push(RateDecision { limit, is_admitted: true, remaining, reset_after });
        }
        decisions.set_headers(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"address\";q=6000;w=60, \"session\";q=1200;w=60");
        assert_eq!(headers["ratelimit"], "\"address\";r=5999;t=2, \"session\";r=0;t=2");
    }
}
