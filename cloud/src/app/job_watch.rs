//! Watches a job: its current state, then every change, until its outcome, the end of the session, or the stop of the
//! process.

use std::time::Duration;

use futures::{Stream, stream};
use maneiro_api::{JobId, SessionId, UserId, job::Job};
use tokio::{sync::broadcast, time::timeout};
use tracing::warn;
use uuid::Uuid;

use super::{jobs, sessions};
use crate::{
    domain::{actor::OrgActor, audit::AuditAction, error::Error},
    log::error_chain,
    state::{
        App,
        concurrency_limit::{ConcurrencyExceeded, ConcurrencyPermit},
    },
    store::notifications::DbNotification,
};

/// A notification can be lost, so a watch also polls. The end of a session must take effect within a second.
pub const POLL_INTERVAL: Duration = Duration::from_millis(750);

/// When a session that watches as many jobs as it may can try again.
const STREAM_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The states of a job from now on.
///
/// # Errors
/// `NotFound` if the clinic has no such job; `TooManyRequests` if the session, `Unavailable` if the process watches as many
/// as it may.
pub async fn watch(app: &App, who: &OrgActor, id: JobId) -> Result<impl Stream<Item = Job> + use<>, Error> {
    let (user, session) = who.require_member()?;
    let permit = app.event_streams.acquire(session).map_err(|exceeded| match exceeded {
        ConcurrencyExceeded::Holder => Error::TooManyRequests { retry_after: STREAM_RETRY_AFTER },
        ConcurrencyExceeded::Process => Error::unavailable(anyhow::anyhow!("too many streams are open")),
    })?;
    let notifications = app.notifications.subscribe();
    let current = jobs::read(app, who, id, AuditAction::JobWatched).await?;
    let watch = JobWatch {
        app: app.clone(),
        who: who.clone(),
        id,
        user,
        session,
        notifications,
        last_sent: None,
        _permit: permit,
    };
    Ok(stream::unfold((watch, Some(current)), |(mut watch, next)| async move {
        let job = match next {
            Some(job) => job,
            None => watch.next_change().await?,
        };
        watch.last_sent = Some(job.clone());
        Some((job, (watch, None)))
    }))
}

struct JobWatch {
    app: App,
    who: OrgActor,
    id: JobId,
    user: UserId,
    session: SessionId,
    notifications: broadcast::Receiver<DbNotification>,
    last_sent: Option<Job>,
    _permit: ConcurrencyPermit<SessionId>,
}

impl JobWatch {
    /// The job once it differs from the last one sent; `None` at the end of the watch.
    async fn next_change(&mut self) -> Option<Job> {
        loop {
            if self.last_sent.as_ref().is_some_and(|job| job.state.is_final()) {
                return None;
            }
            let stopping = self.app.stopping.clone();
            stopping.run_until_cancelled(self.wait()).await?;
            let job = match self.poll().await {
                Ok(job) => job,
                Err(error) => {
                    // The client connects again and gets the error. The end of the session is none of the service.
                    if !matches!(error, Error::Unauthenticated) {
                        warn!(job.id = %self.id, error = %error_chain(&error), "a watched job cannot be read");
                    }
                    return None;
                }
            };
            if self.last_sent.as_ref() != Some(&job) {
                return Some(job);
            }
        }
    }

    /// Whether the watch may go on depends on this session, user or clinic.
    fn depends_on(&self, id: Uuid) -> bool {
        [self.session.uuid(), self.user.uuid(), self.who.org().uuid()].contains(&id)
    }

    async fn wait(&mut self) {
        let poll_interval = self.app.watch_poll_interval;
        let notified = async {
            loop {
                match self.notifications.recv().await {
                    Ok(DbNotification::JobChanged(id)) if id == self.id => return,
                    Ok(DbNotification::AccessChanged(id)) if self.depends_on(id) => return,
                    Ok(
                        DbNotification::JobChanged(_)
                        | DbNotification::AccessChanged(_)
                        | DbNotification::ClinicKeysChanged(_)
                        | DbNotification::TaskDue,
                    ) => {}
                    Ok(DbNotification::ConnectionLost) | Err(broadcast::error::RecvError::Lagged(_)) => {
                        return;
                    }
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        // The timeout is the other way to continue.
        let _ = timeout(poll_interval, notified).await;
    }

    async fn poll(&self) -> Result<Job, Error> {
        sessions::check(&self.app, self.session).await?;
        jobs::find(&self.app, &self.who, self.id).await
    }
}
