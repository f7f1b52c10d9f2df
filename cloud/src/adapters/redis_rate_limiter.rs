//! A rate limiter on Redis, for all processes that share it: each key is a list of the times of its counted requests within
//! the window. One script reads and writes it, so two processes never admit one request too many. The clock is the server's.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use async_trait::async_trait;
use redis::{
    AsyncCommands as _, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::{ExposeSecret as _, SecretString};
use tracing::{info, warn};

use crate::ports::{RateCount, RateLimiter, RateLimiterUnavailable};

/// Counts a request under `KEYS[1]`, of which `ARGV[1]` are admitted in `ARGV[2]` milliseconds. Returns whether it is
/// admitted, how many remain, and the milliseconds until the oldest leaves the window.
const COUNT: &str = r"
local seconds = redis.call('TIME')
local now = seconds[1] * 1000 + math.floor(seconds[2] / 1000)
local max, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local oldest = tonumber(redis.call('LINDEX', KEYS[1], 0))
while oldest and oldest <= now - window do
    redis.call('LPOP', KEYS[1])
    oldest = tonumber(redis.call('LINDEX', KEYS[1], 0))
end
local counted = redis.call('LLEN', KEYS[1])
local admitted = 0
if counted < max then
    redis.call('RPUSH', KEYS[1], now)
    redis.call('PEXPIRE', KEYS[1], window)
    admitted, counted, oldest = 1, counted + 1, oldest or now
end
return {admitted, math.max(max - counted, 0), oldest and oldest + window - now or window}
";

/// Apart from what else the server may hold.
const KEY_PREFIX: &str = "maneiro:limit:";

/// A request waits for the limiter, and not for long.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);

/// For how long a server that did not answer is not asked again: meanwhile requests fail at once instead of waiting.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// A rate limiter on a Redis server.
pub struct RedisRateLimiter {
    connection: ConnectionManager,
    count: Script,
    /// When the server is asked again, if it did not answer.
    down_until: Mutex<Option<Instant>>,
}

impl RedisRateLimiter {
    /// Connects to the server at `url`: `redis://`, `rediss://` or `redis+unix://`. A server that does not answer yet is
    /// asked again with each request.
    ///
    /// # Errors
    /// If the URL is not that of a Redis server.
    pub fn new(url: &SecretString) -> anyhow::Result<Self> {
        // The cause may repeat the URL, which holds a password.
        let client = redis::Client::open(url.expose_secret())
            .map_err(|error| anyhow::anyhow!("the URL of Redis is not usable: {:?}", error.kind()))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(RESPONSE_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client, config)
            .context("the connection to Redis cannot be set up")?;
        Ok(Self { connection, count: Script::new(COUNT), down_until: Mutex::default() })
    }

    /// Asks the server, unless it has just not answered.
    async fn ask<T>(
        &self,
        answer: impl Future<Output = redis::RedisResult<T>>,
    ) -> Result<T, RateLimiterUnavailable> {
        let down_until = *self.down_until.lock().unwrap_or_else(PoisonError::into_inner);
        if down_until.is_some_and(|until| Instant::now() < until) {
            return Err(RateLimiterUnavailable(anyhow::anyhow!("Redis did not answer a moment ago")));
        }
        let answer = answer.await;
        let retry_at = answer.is_err().then(|| Instant::now() + RETRY_DELAY);
        *self.down_until.lock().unwrap_or_else(PoisonError::into_inner) = retry_at;
        match &answer {
            Ok(_) if down_until.is_some() => info!("the rate limiter answers again"),
            Ok(_) => {}
            Err(error) => warn!(%error, "the rate limiter does not answer"),
        }
        answer.map_err(|error| RateLimiterUnavailable(error.into()))
    }
}

#[async_trait]
impl RateLimiter for RedisRateLimiter {
    async fn count(
        &self,
        key: &str,
        max_requests: u32,
        window: Duration,
    ) -> Result<RateCount, RateLimiterUnavailable> {
        let mut connection = self.connection.clone();
        let mut call = self.count.prepare_invoke();
        call.key(format!("{KEY_PREFIX}{key}")).arg(max_requests).arg(window.as_millis() as u64);
        let (is_admitted, remaining, reset_ms): (bool, u32, u64) =
            self.ask(call.invoke_async(&mut connection)).await?;
        Ok(RateCount { is_admitted, remaining, reset_after: Duration::from_millis(reset_ms) })
    }

    async fn discount(&self, key: &str) -> Result<(), RateLimiterUnavailable> {
        let mut connection = self.connection.clone();
        let _: Option<u64> = self.ask(connection.rpop(format!("{KEY_PREFIX}{key}"), None)).await?;
        Ok(())
    }

    async fn forget(&self, key: &str) -> Result<(), RateLimiterUnavailable> {
        let mut connection = self.connection.clone();
        let _: u64 = self.ask(connection.del(format!("{KEY_PREFIX}{key}"))).await?;
        Ok(())
    }
}
