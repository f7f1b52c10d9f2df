//! Counts requests against rate limits. A limiter that does not answer is no reason to stop the work of people who are signed
//! in, but whoever is not is refused: guesses must be counted.

use crate::{
    domain::{
        error::Error,
        rate_limit::{RateDecision, RateLimit, RateLimitSubject},
    },
    state::App,
};

/// What happens to a request that cannot be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimiterFailure {
    Admit,
    Refuse,
}

/// Counts a request. `None` if it could not be counted and is admitted nevertheless.
///
/// # Errors
/// `Unavailable` if it could not be counted and is refused.
pub async fn count(
    app: &App,
    subject: &RateLimitSubject,
    limit: &RateLimit,
    on_failure: LimiterFailure,
) -> Result<Option<RateDecision>, Error> {
    match app.rate_limiter.count(&subject.key(limit), limit.max_requests, limit.window).await {
        Ok(count) => Ok(Some(RateDecision {
            limit: *limit,
            is_admitted: count.is_admitted,
            remaining: count.remaining,
            reset_after: count.reset_after,
        })),
        Err(error) => match on_failure {
            LimiterFailure::Admit => Ok(None),
            LimiterFailure::Refuse => Err(Error::unavailable(error)),
        },
    }
}

/// Counts a request that no one is admitted beyond, also while the limiter is down.
///
/// # Errors
/// `TooManyRequests` if the limit is reached; `Unavailable` if it could not be counted.
pub async fn require(app: &App, subject: &RateLimitSubject, limit: &RateLimit) -> Result<(), Error> {
    match count(app, subject, limit, LimiterFailure::Refuse).await? {
        Some(decision) if !decision.is_admitted => {
            Err(Error::TooManyRequests { retry_after: decision.reset_after })
        }
        Some(_) | None => Ok(()),
    }
}

/// Takes a counted request back. If that fails, the subject is left with one less.
pub async fn discount(app: &App, subject: &RateLimitSubject, limit: &RateLimit) {
    // The limiter logs its failures.
    let _ = app.rate_limiter.discount(&subject.key(limit)).await;
}

/// Forgets all counted requests of a subject, because they say nothing any more.
pub async fn forget(app: &App, subject: &RateLimitSubject, limit: &RateLimit) {
    // The limiter logs its failures.
    let _ = app.rate_limiter.forget(&subject.key(limit)).await;
}
