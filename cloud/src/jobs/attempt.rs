//! One job in hand: the work runs in a task of its own while the lease is renewed beside it. Whoever loses the lease
//! drops the work; the fence in the database keeps what it may still do from having an effect.

use std::{sync::Arc, time::Duration};

use maneiro_analysis::Progress;
use maneiro_api::job::{JobErrorCode, JobState};
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, error, info, info_span, warn};

use super::{
    Settings,
    analysis::{self, Failed},
    runner::chain,
};
use crate::{
    app::queue,
    domain::{error::Error, job::Claim},
    state::App,
};

/// How the work on a claim came to its end.
enum End {
    Made(Box<maneiro_api::analysis::Analysis>),
    Failed(JobErrorCode),
    /// Cancelled by a user, or taken away after the lease lapsed.
    Lost,
    /// The process is to stop.
    Stopping,
}

/// Stops the task when the one that waits for it goes away.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Makes the analysis that a claimed job asks for and records what came of it.
pub(super) async fn work_on(app: App, claim: Claim, settings: Settings, stop: CancellationToken) {
    let span = info_span!("job", job.id = %claim.job(), job.attempt = claim.attempt());
    async {
        let started = Instant::now();
        let end = until_end(&app, &claim, settings, &stop).await;
        let recorded = record(&app, &claim, end).await;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match recorded {
            Ok(outcome) => info!(duration_ms, outcome, "job left this worker"),
            Err(Error::LeaseLost) => info!(duration_ms, "job had been cancelled or taken by another worker"),
            // Nothing is lost: the lease lapses and the job is taken again, unless the outcome did get through.
            Err(error) => {
                error!(duration_ms, error = %chain(&error), "the outcome of a job could not be recorded");
            }
        }
    }
    .instrument(span)
    .await;
}

async fn until_end(app: &App, claim: &Claim, settings: Settings, stop: &CancellationToken) -> End {
    let progress = Arc::new(Progress::default());
    let work = analysis::make(app.clone(), *claim, Arc::clone(&progress));
    let mut work = AbortOnDrop(tokio::spawn(work.in_current_span()));
    let started = Instant::now();
    let mut renewed = started;
    let mut heartbeat = interval_at(started + settings.heartbeat, settings.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            made = &mut work.0 => return match made {
                Ok(Ok(analysis)) => End::Made(Box::new(analysis)),
                Ok(Err(Failed::Lost)) => End::Lost,
                Ok(Err(Failed::For(code))) => End::Failed(code),
                // The panic itself was logged by the process's hook, without its message.
                Err(_) => End::Failed(JobErrorCode::Internal),
            },
            () = stop.cancelled() => return End::Stopping,
            () = sleep_until(started + settings.limit) => {
                warn!(limit_ms = millis(settings.limit), "an attempt took too long and is given up");
                return End::Failed(JobErrorCode::Internal);
            }
            _ = heartbeat.tick() => {
                let asked = Instant::now();
                match queue::renew(app, claim, settings.lease, progress.pages_done()).await {
                    Ok(()) => renewed = asked,
                    Err(Error::LeaseLost) => return End::Lost,
                    Err(error) if renewed.elapsed() < settings.lease => {
                        warn!(error = %chain(&error), "a lease could not be renewed, trying again");
                    }
                    Err(error) => {
                        warn!(error = %chain(&error), "a lease lapsed while the database was away");
                        return End::Lost;
                    }
                }
            }
        }
    }
}

async fn record(app: &App, claim: &Claim, end: End) -> Result<&'static str, Error> {
    match end {
        End::Made(analysis) => match queue::complete(app, claim, &analysis).await {
            Ok(()) => Ok("complete"),
            Err(Error::LeaseLost) => Err(Error::LeaseLost),
            Err(error @ Error::Unavailable { .. }) => Err(error),
            Err(error) => {
                error!(error = %chain(&error), "an analysis could not be recorded");
                fail(app, claim, JobErrorCode::Internal).await
            }
        },
        End::Failed(code) => fail(app, claim, code).await,
        End::Lost => Err(Error::LeaseLost),
        End::Stopping => queue::hand_back(app, claim).await.map(|()| "handed back"),
    }
}

async fn fail(app: &App, claim: &Claim, code: JobErrorCode) -> Result<&'static str, Error> {
    let job = queue::fail(app, claim, code).await?;
    Ok(match job.state.name() {
        JobState::Waiting => "waits for another attempt",
        JobState::Error => "given up",
        JobState::Processing | JobState::Complete | JobState::Cancelled => "changed",
    })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
