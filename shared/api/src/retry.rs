//! How a failed call is retried: how often, for how long, and with which delays. Knows no protocol and no error.

use std::time::Duration;

use http::{HeaderMap, header::RETRY_AFTER};

/// When a failed call is retried. Delays double from `first_delay` to `max_delay`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included; at least one is made.
    pub max_attempts: u32,
    /// The sum of all delays after which a call is given up.
    pub max_total_delay: Duration,
    /// The delay before the second attempt.
    pub first_delay: Duration,
    /// The longest delay. A delay that the server requests may be longer.
    pub max_delay: Duration,
}

impl RetryPolicy {
    /// Retries until the delays add up to `total`, with delays from 200 ms to 5 s.
    #[must_use]
    pub const fn with_total_delay(total: Duration) -> Self {
        Self {
            max_attempts: u32::MAX,
            max_total_delay: total,
            first_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(5),
        }
    }

    /// The delays of one call, whose first attempt is being made.
    #[must_use]
    pub const fn backoff(self) -> Backoff {
        Backoff { policy: self, attempts: 1, total_delay: Duration::ZERO }
    }
}

/// The delays of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backoff {
    policy: RetryPolicy,
    attempts: u32,
    total_delay: Duration,
}

impl Backoff {
    /// How long to wait before the next attempt, or `None` if the call is given up. `requested` is the delay that the
    /// server asks for in place of the computed one.
    pub fn next_delay(&mut self, requested: Option<Duration>) -> Option<Duration> {
        let RetryPolicy { max_attempts, max_total_delay, first_delay, max_delay } = self.policy;
        let doubled = first_delay.saturating_mul(2_u32.saturating_pow(self.attempts.saturating_sub(1)));
        let delay = requested.unwrap_or_else(|| doubled.min(max_delay));
        let total = self.total_delay.saturating_add(delay);
        if self.attempts >= max_attempts || total > max_total_delay {
            return None;
        }
        self.attempts += 1;
        self.total_delay = total;
        Some(delay)
    }

    /// The number of the current attempt, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempts
    }
}

/// The delay that a response requests in `Retry-After`. Only the form in seconds is read: a date would depend on the
/// clock of this machine.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn seconds(mut backoff: Backoff) -> Vec<u64> {
        std::iter::from_fn(|| backoff.next_delay(None)).map(|delay| delay.as_secs()).collect()
    }

    const POLICY: RetryPolicy = RetryPolicy {
        max_attempts: u32::MAX,
        max_total_delay: Duration::from_secs(10),
        first_delay: Duration::from_secs(1),
        max_delay: Duration::from_secs(4),
    };

    #[test]
    fn delays_double_up_to_the_longest_and_end_at_the_total() {
        assert_eq!(seconds(POLICY.backoff()), [1, 2, 4]);
    }

    #[test]
    fn delays_end_at_the_last_attempt() {
        let three = RetryPolicy { max_attempts: 3, max_total_delay: Duration::MAX, ..POLICY };
        assert_eq!(seconds(three.backoff()), [1, 2]);
        assert!(seconds(RetryPolicy { max_attempts: 0, ..three }.backoff()).is_empty());
    }

    #[test]
    fn requested_delay_is_kept_or_the_call_is_given_up() {
        let policy = RetryPolicy::with_total_delay(Duration::from_secs(10));
        let requested = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(policy.backoff().next_delay(requested(7)), requested(7));
        assert_eq!(policy.backoff().next_delay(requested(11)), None);
    }

    #[test]
    fn retry_after_is_read_in_seconds_only() {
        let read =
            |value| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]));
        assert_eq!(read("2"), Some(Duration::from_secs(2)));
        for unusable in ["-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(read(unusable), None, "{unusable}");
        }
    }
}
