//! A rate limiter for one process: each key has the times of its counted requests within the window.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::ports::{Clock, RateCount, RateLimiter, RateLimiterUnavailable};

/// Keys whose window has passed are removed when there are twice as many as after the last removal, and at least this many.
const MIN_KEYS_TO_REMOVE: usize = 1_024;

/// A rate limiter in memory.
pub struct MemoryRateLimiter {
    clock: Arc<dyn Clock>,
    counted: Mutex<CountedRequests>,
}

#[derive(Default)]
struct CountedRequests {
    by_key: HashMap<String, KeyRequests>,
    remove_at: usize,
}

struct KeyRequests {
    window: Duration,
    /// Oldest first.
    times: VecDeque<OffsetDateTime>,
}

impl MemoryRateLimiter {
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, counted: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, CountedRequests> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CountedRequests {
    /// Removes the keys that no request was counted for within their window.
    fn remove_passed(&mut self, now: OffsetDateTime) {
        if self.by_key.len() < self.remove_at.max(MIN_KEYS_TO_REMOVE) {
            return;
        }
        self.by_key.retain(|_, key| key.times.back().is_some_and(|latest| *latest + key.window > now));
        self.remove_at = self.by_key.len() * 2;
    }
}

#[async_trait]
impl RateLimiter for MemoryRateLimiter {
    async fn count(
        &self,
        key: &str,
        max_requests: u32,
        window: Duration,
    ) -> Result<RateCount, RateLimiterUnavailable> {
        let now = self.clock.now();
        let mut counted = self.lock();
        counted.remove_passed(now);
        let times = match counted.by_key.get_mut(key) {
            Some(key) => &mut key.times,
            None => {
                let requests = KeyRequests { window, times: VecDeque::new() };
                &mut counted.by_key.entry(key.to_owned()).or_insert(requests).times
            }
        };
        while times.front().is_some_and(|oldest| *oldest + window <= now) {
            times.pop_front();
        }
        let max = usize::try_from(max_requests).unwrap_or(usize::MAX);
        let is_admitted = times.len() < max;
        if is_admitted {
            times.push_back(now);
        }
        let remaining = u32::try_from(max.saturating_sub(times.len())).unwrap_or(u32::MAX);
        let reset_after = times.front().map_or(window, |oldest| (*oldest + window - now).unsigned_abs());
        Ok(RateCount { is_admitted, remaining, reset_after })
    }

    async fn discount(&self, key: &str) -> Result<(), RateLimiterUnavailable> {
        if let Some(key) = self.lock().by_key.get_mut(key) {
            key.times.pop_back();
        }
        Ok(())
    }

    async fn forget(&self, key: &str) -> Result<(), RateLimiterUnavailable> {
        self.lock().by_key.remove(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct SetClock(Mutex<OffsetDateTime>);

    impl Clock for SetClock {
        fn now(&self) -> OffsetDateTime {
            *self.0.lock().unwrap()
        }
    }

    #[tokio::test]
    async fn keys_whose_window_has_passed_are_removed() {
        let clock = Arc::new(SetClock(Mutex::new(OffsetDateTime::UNIX_EPOCH)));
        let limiter = MemoryRateLimiter::new(clock.clone());
        for key in 0..MIN_KEYS_TO_REMOVE {
            limiter.count(&key.to_string(), 1, Duration::from_secs(60)).await.unwrap();
        }
        assert_eq!(limiter.lock().by_key.len(), MIN_KEYS_TO_REMOVE);
        *clock.0.lock().unwrap() += Duration::from_secs(60);
        limiter.count("another", 1, Duration::from_secs(60)).await.unwrap();
        assert_eq!(limiter.lock().by_key.len(), 1);
    }
}
