//! Notifications of the database: a job changed, a task is due, a session or the right to it ended. They are hints: a notification can be
//! lost with its connection, so every listener also polls.

use std::time::Duration;

use maneiro_api::{JobId, OrgId};
use sqlx::postgres::PgNotification;
use tokio::{sync::broadcast, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use super::{Db, connection::limited};

const RECONNECT_DELAY: Duration = Duration::from_secs(1);
/// Notifications that a slow subscriber may be behind before it loses some.
const MAX_BUFFERED_NOTIFICATIONS: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbNotification {
    JobChanged(JobId),
    /// Some task waits for a worker.
    TaskDue,
    /// What the sessions may do that depend on this session, user or clinic.
    AccessChanged(Uuid),
    /// The keys of a clinic changed.
    ClinicKeysChanged(OrgId),
    /// Notifications may have been missed.
    ConnectionLost,
}

impl DbNotification {
    fn parse(notification: &PgNotification) -> Option<Self> {
        let id = || notification.payload().parse().ok();
        match notification.channel() {
            "maneiro_jobs" => id().map(|id| Self::JobChanged(JobId::from_uuid(id))),
            "maneiro_access" => id().map(Self::AccessChanged),
            "maneiro_clinic_keys" => id().map(|id| Self::ClinicKeysChanged(OrgId::from_uuid(id))),
            "maneiro_queue" => Some(Self::TaskDue),
            _ => None,
        }
    }
}

/// Broadcasts the notifications to all subscribers in this process.
#[derive(Debug, Clone)]
pub struct DbNotifications(broadcast::Sender<DbNotification>);

impl DbNotifications {
    /// Listens on a connection of its own until `stop`.
    #[must_use]
    pub fn listen(db: Db, stop: CancellationToken) -> Self {
        let (sender, _) = broadcast::channel(MAX_BUFFERED_NOTIFICATIONS);
        let notifications = Self(sender.clone());
        tokio::spawn(async move {
            let forever = async {
                loop {
                    if let Err(error) = forward(&db, &sender).await {
                        warn!(error = %error, "no notifications until the database is back");
                    }
                    let _ = sender.send(DbNotification::ConnectionLost);
                    tokio::time::sleep(RECONNECT_DELAY).await;
                }
            };
            stop.run_until_cancelled(forever).await;
        });
        notifications
    }

    /// Every notification from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<DbNotification> {
        self.0.subscribe()
    }
}

async fn forward(db: &Db, sender: &broadcast::Sender<DbNotification>) -> Result<(), sqlx::Error> {
    let mut listener = db.listener().await?;
    listener.listen_all(["maneiro_jobs", "maneiro_queue", "maneiro_access", "maneiro_clinic_keys"]).await?;
    let timeouts = db.timeouts();
    loop {
        let Ok(received) = timeout(timeouts.probe_interval, listener.try_recv()).await else {
            // Nothing was sent, or the server has vanished: a connection that only reads would never notice.
            limited(timeouts.probe, sqlx::query("select").execute(&mut listener)).await?;
            continue;
        };
        // Without a notification the connection was lost; the listener makes a new one.
        let notification = match received?.as_ref() {
            Some(received) => DbNotification::parse(received),
            None => Some(DbNotification::ConnectionLost),
        };
        if let Some(notification) = notification {
            // An error only means that there is no subscriber.
            let _ = sender.send(notification);
        }
    }
}
