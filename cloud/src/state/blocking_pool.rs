//! Work that keeps a core busy, off the async threads: so much at a time, so much waiting, and the rest refused at once.

use std::{num::NonZero, sync::Arc, thread, time::Duration};

use tokio::{sync::Semaphore, time::timeout};

use crate::domain::error::Error;

/// How long work may wait for its turn. Whoever waits longer has usually gone.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Half of the cores of this machine, at least one: the other half serves requests.
#[must_use]
pub fn half_of_the_cores() -> usize {
    (thread::available_parallelism().map_or(1, NonZero::get) / 2).max(1)
}

/// Bounds one kind of work.
pub struct BlockingPool {
    running: Arc<Semaphore>,
    running_or_waiting: Arc<Semaphore>,
}

impl BlockingPool {
    #[must_use]
    pub fn new(max_running: usize, max_waiting: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(max_running)),
            running_or_waiting: Arc::new(Semaphore::new(max_running + max_waiting)),
        }
    }

    /// Runs work on a thread where it may block.
    ///
    /// # Errors
    /// `Unavailable` if too much is waiting already, or its turn does not come; `Internal` if it panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let busy = || Error::unavailable(anyhow::anyhow!("too much work of this kind is waiting"));
        let place = self.running_or_waiting.clone().try_acquire_owned().map_err(|_| busy())?;
        let turn = timeout(MAX_WAIT, self.running.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| busy())?.map_err(Error::internal)?;
        // The work owns its place: an abandoned request holds it until its memory is free.
        let work = move || {
            let result = work();
            drop((turn, place));
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn surplus_work_is_refused_at_once() {
        let pool = Arc::new(BlockingPool::new(1, 1));
        let (release, blocked) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(move || blocked.recv().is_ok()).await }
        });
        let second = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(|| true).await }
        });
        while pool.running_or_waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(pool.run(|| true).await, Err(Error::Unavailable { .. })));
        release.send(()).unwrap();
        assert!(first.await.unwrap().unwrap() && second.await.unwrap().unwrap());
        assert!(pool.run(|| true).await.unwrap(), "the places are free again");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_more_than_the_limit_runs_at_once() {
        let pool = BlockingPool::new(2, 100);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let all = (0..50).map(|_| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            pool.run(move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::yield_now();
                running.fetch_sub(1, Ordering::SeqCst);
            })
        });
        assert!(join_all(all).await.iter().all(Result::is_ok));
        assert!(most.load(Ordering::SeqCst) <= 2, "{most:?}");
    }
}
