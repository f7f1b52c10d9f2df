//! Whether the service can take requests. The servers behind it are asked at most once a second, however often it is asked.

use std::time::Duration;

use tokio::time::timeout;
use tracing::warn;

use crate::{domain::error::Error, log::error_chain, state::App};

/// How long an answer stands.
const MAX_AGE: time::Duration = time::Duration::SECOND;

/// A load balancer waits about as long.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// Succeeds if the database and the object store can be reached and the process is not to stop.
///
/// # Errors
/// `Unavailable` otherwise.
pub async fn check_readiness(app: &App) -> Result<(), Error> {
    if app.stopping.is_cancelled() {
        return Err(Error::unavailable(anyhow::anyhow!("the process is to stop")));
    }
    // Whoever asks during a check waits for its answer.
    let mut last = app.last_readiness.lock().await;
    let now = app.now();
    let is_ready = match *last {
        Some((checked_at, is_ready)) if (now - checked_at).abs() < MAX_AGE => is_ready,
        Some(_) | None => {
            let is_ready = match timeout(CHECK_TIMEOUT, check_servers(app)).await {
                Ok(Ok(())) => true,
                Ok(Err(error)) => {
                    warn!(error = %error_chain(&error), "the service is not ready");
                    false
                }
                Err(_) => {
                    warn!("the service is not ready: a server behind it does not answer");
                    false
                }
            };
            *last = Some((now, is_ready));
            is_ready
        }
    };
    let unavailable = || Error::unavailable(anyhow::anyhow!("a server behind the service does not answer"));
    is_ready.then_some(()).ok_or_else(unavailable)
}

async fn check_servers(app: &App) -> Result<(), Error> {
    app.db.ping().await?;
    app.objects.check().await.map_err(Error::unavailable)
}
