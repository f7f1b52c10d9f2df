//! Watches a job: its current state, then every change, until its outcome, the end of the session, or the stop of the
//! process. However many streams are open, one poller asks the database for all of them.

use std::time::Duration;

use futures::{Stream, stream};
use maneiro_api::{JobId, SessionId, job::Job};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    time::{MissedTickBehavior, interval},
};
use tracing::warn;

use super::{jobs, sessions};
use crate::{
    domain::{actor::OrgActor, audit::AuditAction, error::Error},
    log::error_chain,
    state::{
        App,
        concurrency_limit::{ConcurrencyExceeded, ConcurrencyPermit},
        job_watches::{NewWatch, Signal, Watched},
    },
    store::{self, SystemTask, notifications::DbNotification},
};

/// A notification can be lost, so watched jobs and their sessions are also polled. The end of a session must take effect
/// within a second.
pub const POLL_INTERVAL: Duration = Duration::from_millis(750);

/// When a session that watches as many jobs as it may can try again.
const STREAM_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The states of a job from now on.
///
/// # Errors
/// `NotFound` if the clinic has no such job; `TooManyRequests` if the session, `Unavailable` if the process watches as many
/// as it may.
pub async fn watch(app: &App, who: &OrgActor, id: JobId) -> Result<impl Stream<Item = Job> + use<>, Error> {
    let watch = ChangeWatch::open(app, who, id)?;
    let current = jobs::read(app, who, id, AuditAction::JobWatched).await?;
    let watch = JobWatch { watch, who: who.clone(), id, last_sent: None };
    Ok(stream::unfold((watch, Some(current)), |(mut watch, next)| async move {
        let job = match next {
            Some(job) => job,
            None => watch.next_change().await?,
        };
        watch.last_sent = Some(job.clone());
        Some((job, (watch, None)))
    }))
}

/// An open stream that waits for changes of a job or of the edits of its analysis. Closed when it is dropped.
pub(super) struct ChangeWatch {
    app: App,
    id: u64,
    session: SessionId,
    signal: watch::Receiver<Signal>,
    _permit: ConcurrencyPermit<SessionId>,
}

impl ChangeWatch {
    /// # Errors
    /// `TooManyRequests` if the session, `Unavailable` if the process watches as many jobs as it may.
    pub(super) fn open(app: &App, who: &OrgActor, job: JobId) -> Result<Self, Error> {
        let (user, session) = who.require_member()?;
        let permit = app.event_streams.acquire(session).map_err(|exceeded| match exceeded {
            ConcurrencyExceeded::Holder => Error::TooManyRequests { retry_after: STREAM_RETRY_AFTER },
            ConcurrencyExceeded::Process => Error::unavailable(anyhow::anyhow!("too many streams are open")),
        })?;
        let access = [session.uuid(), user.uuid(), who.org().uuid()];
        let NewWatch { id, signal, needs_poller } = app.job_watches.open(Watched { job, session, access });
        let watch = Self { app: app.clone(), id, session, signal, _permit: permit };
        if needs_poller {
            tokio::spawn(poll(app.clone(), app.notifications.subscribe()));
        }
        Ok(watch)
    }

    /// Waits until something may have changed; `None` at the end of the session or of the process.
    pub(super) async fn changed(&mut self) -> Option<()> {
        let stopping = self.app.stopping.clone();
        stopping.run_until_cancelled(self.signal.changed()).await?.ok()?;
        (!self.signal.borrow_and_update().has_session_ended).then_some(())
    }
}

impl Drop for ChangeWatch {
    fn drop(&mut self) {
        self.app.job_watches.close(self.id);
    }
}

struct JobWatch {
    watch: ChangeWatch,
    who: OrgActor,
    id: JobId,
    last_sent: Option<Job>,
}

impl JobWatch {
    /// The job once it differs from the last one sent; `None` at the end of the watch.
    async fn next_change(&mut self) -> Option<Job> {
        loop {
            if self.last_sent.as_ref().is_some_and(|job| job.state.is_final()) {
                return None;
            }
            self.watch.changed().await?;
            let job = match self.read().await {
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

    async fn read(&self) -> Result<Job, Error> {
        sessions::check(&self.watch.app, self.watch.session).await?;
        jobs::find(&self.watch.app, &self.who, self.id).await
    }
}

/// Tells the open streams of changes, until none is open.
async fn poll(app: App, mut notifications: broadcast::Receiver<DbNotification>) {
    let mut ticks = interval(app.watch_poll_interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            _ = ticks.tick() => {}
            notification = notifications.recv() => match notification {
                Ok(DbNotification::JobChanged(job)) => {
                    app.job_watches.job_changed(job);
                    continue;
                }
                Ok(DbNotification::AccessChanged(id)) => {
                    app.job_watches.access_changed(id);
                    continue;
                }
                Ok(DbNotification::TaskDue | DbNotification::ClinicKeysChanged(_)) => continue,
                Ok(DbNotification::ConnectionLost) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
        let Some(watched) = app.job_watches.watched() else { return };
        if let Err(error) = poll_once(&app, &watched).await {
            warn!(error = %error_chain(&error), "watched jobs cannot be polled");
        }
    }
}

async fn poll_once(app: &App, watched: &[Watched]) -> Result<(), Error> {
    let jobs: Vec<JobId> = watched.iter().map(|watched| watched.job).collect();
    let sessions: Vec<SessionId> = watched.iter().map(|watched| watched.session).collect();
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    let marks = store::jobs::marks(&mut tx, &jobs).await?;
    tx.commit().await?;
    let mut tx = app.db.begin_system(SystemTask::Authenticate).await?;
    let valid = store::sessions::list_valid(&mut tx, &sessions, app.now()).await?;
    tx.commit().await?;
    // Of the streams that were asked about only: others have been opened since.
    let ended: Vec<SessionId> = sessions.into_iter().filter(|session| !valid.contains(session)).collect();
    app.job_watches.polled(&marks, &ended);
    Ok(())
}
