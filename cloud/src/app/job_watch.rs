//! Following a job: its state at once, then every change, until its outcome, the end of the session, or a stop of the
//! process.

use std::time::Duration;

use futures::{Stream, stream};
use maneiro_api::{JobId, SessionId, job::Job};
use tokio::{sync::broadcast, time::timeout};

use super::jobs;
use crate::{
    domain::{actor::OrgActor, error::Error},
    state::App,
    store::{notices::Notice, sessions},
};

/// A notice can be lost, so a stream also looks for itself. Ending a session must be felt within a second.
const LOOKS_EVERY: Duration = Duration::from_millis(750);

/// The states of a job, from now on.
///
/// # Errors
/// `NotFound` if the clinic has no such job.
pub async fn job(app: &App, who: &OrgActor, id: JobId) -> Result<impl Stream<Item = Job> + use<>, Error> {
    let (_, session) = who.user()?;
    let notices = app.notices.subscribe();
    let now = jobs::get(app, who, id).await?;
    let watch = Watch { app: app.clone(), who: who.clone(), id, session, notices, shown: None };
    Ok(stream::unfold((watch, Some(now)), |(mut watch, next)| async move {
        let job = match next {
            Some(job) => job,
            None => watch.next_change().await?,
        };
        watch.shown = Some(job.clone());
        Some((job, (watch, None)))
    }))
}

struct Watch {
    app: App,
    who: OrgActor,
    id: JobId,
    session: SessionId,
    notices: broadcast::Receiver<Notice>,
    shown: Option<Job>,
}

impl Watch {
    /// The job once it differs from what was shown; none once there is nothing more to show.
    async fn next_change(&mut self) -> Option<Job> {
        loop {
            if self.shown.as_ref().is_some_and(|job| job.state.is_final()) {
                return None;
            }
            let stopping = self.app.stopping.clone();
            stopping.run_until_cancelled(self.wait()).await?;
            // Whatever failed, the client connects again and is told what is the matter.
            let job = self.look().await.ok()?;
            if self.shown.as_ref() != Some(&job) {
                return Some(job);
            }
        }
    }

    async fn wait(&mut self) {
        let told = async {
            loop {
                match self.notices.recv().await {
                    Ok(Notice::Job(id)) if id == self.id => return,
                    Ok(Notice::SessionEnded(id)) if id == self.session => return,
                    Ok(Notice::Job(_) | Notice::SessionEnded(_) | Notice::JobWaits) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => return,
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        // Running out of time is the other way to go on.
        let _ = timeout(LOOKS_EVERY, told).await;
    }

    async fn look(&self) -> Result<Job, Error> {
        let mut tx = self.app.db.begin_org(&self.who).await?;
        let valid = sessions::is_valid(&mut tx, self.session, self.app.now()).await?;
        tx.commit().await?;
        if valid { jobs::get(&self.app, &self.who, self.id).await } else { Err(Error::Unauthenticated) }
    }
}
