//! What the database tells at once: a job changed, one waits, a session ended. Only a wake-up: whoever listens also looks
//! for itself from time to time, because a notice can be lost with its connection.

use std::time::Duration;

use maneiro_api::{JobId, SessionId};
use sqlx::postgres::PgNotification;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::Db;

const RECONNECT_AFTER: Duration = Duration::from_secs(1);
const KEPT_FOR_SLOW_LISTENERS: usize = 1024;

/// Something that happened in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A job changed.
    Job(JobId),
    /// A job waits for a worker.
    JobWaits,
    /// A session was revoked.
    SessionEnded(SessionId),
}

impl Notice {
    fn of(notification: &PgNotification) -> Option<Self> {
        let id = || notification.payload().parse().ok();
        match notification.channel() {
            "maneiro_jobs" => id().map(|id| Self::Job(JobId::from_uuid(id))),
            "maneiro_sessions" => id().map(|id| Self::SessionEnded(SessionId::from_uuid(id))),
            "maneiro_queue" => Some(Self::JobWaits),
            _ => None,
        }
    }
}

/// Hands notices to everyone in this process who subscribed.
#[derive(Debug, Clone)]
pub struct Notices(broadcast::Sender<Notice>);

impl Notices {
    /// Listens on a connection of its own until `stop`.
    #[must_use]
    pub fn listen(db: Db, stop: CancellationToken) -> Self {
        let (sender, _) = broadcast::channel(KEPT_FOR_SLOW_LISTENERS);
        let notices = Self(sender.clone());
        tokio::spawn(async move {
            let forever = async {
                loop {
                    if let Err(error) = relay(&db, &sender).await {
                        warn!(error = %error, "not told of changes until the database is back");
                    }
                    tokio::time::sleep(RECONNECT_AFTER).await;
                }
            };
            stop.run_until_cancelled(forever).await;
        });
        notices
    }

    /// Everything from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Notice> {
        self.0.subscribe()
    }
}

async fn relay(db: &Db, to: &broadcast::Sender<Notice>) -> Result<(), sqlx::Error> {
    let mut listener = db.listener().await?;
    listener.listen_all(["maneiro_jobs", "maneiro_queue", "maneiro_sessions"]).await?;
    loop {
        if let Some(notice) = Notice::of(&listener.recv().await?) {
            // An error only says that nobody listens.
            let _ = to.send(notice);
        }
    }
}
