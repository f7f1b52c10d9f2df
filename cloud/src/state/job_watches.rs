//! The open event streams of this process, and what each waits for. One poller serves them all.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use maneiro_api::{JobId, SessionId};
use tokio::sync::watch;
use uuid::Uuid;

use crate::store::jobs::JobMark;

/// What a stream waits for.
#[derive(Debug, Clone, Copy)]
pub struct Watched {
    pub job: JobId,
    pub session: SessionId,
    /// The session, the user and the clinic, on which the stream's right depends.
    pub access: [Uuid; 3],
}

/// What the poller tells a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signal {
    /// Changes with every reason to read the job again.
    pub revision: u64,
    pub has_session_ended: bool,
}

/// The open event streams.
#[derive(Default)]
pub struct JobWatches(Mutex<WatchRegistry>);

#[derive(Default)]
struct WatchRegistry {
    next_id: u64,
    open: HashMap<u64, OpenStream>,
    has_poller: bool,
}

struct OpenStream {
    watched: Watched,
    mark: Option<JobMark>,
    signal: watch::Sender<Signal>,
}

impl OpenStream {
    fn signal_change(&self) {
        self.signal.send_modify(|signal| signal.revision += 1);
    }
}

/// A new stream.
pub struct NewWatch {
    pub id: u64,
    pub signal: watch::Receiver<Signal>,
    /// Nobody polls yet, so the caller must start to.
    pub needs_poller: bool,
}

impl JobWatches {
    fn lock(&self) -> MutexGuard<'_, WatchRegistry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn open(&self, watched: Watched) -> NewWatch {
        let mut registry = self.lock();
        let id = registry.next_id;
        registry.next_id += 1;
        let (sender, signal) = watch::channel(Signal::default());
        registry.open.insert(id, OpenStream { watched, mark: None, signal: sender });
        let needs_poller = !std::mem::replace(&mut registry.has_poller, true);
        NewWatch { id, signal, needs_poller }
    }

    pub fn close(&self, id: u64) {
        self.lock().open.remove(&id);
    }

    /// All that is watched; `None` if nothing is, which ends the poller.
    pub fn watched(&self) -> Option<Vec<Watched>> {
        let mut registry = self.lock();
        if registry.open.is_empty() {
            registry.has_poller = false;
            return None;
        }
        Some(registry.open.values().map(|open| open.watched).collect())
    }

    /// Tells the streams of a job that it may have changed.
    pub fn job_changed(&self, job: JobId) {
        self.lock().open.values().filter(|open| open.watched.job == job).for_each(OpenStream::signal_change);
    }

    /// Tells the streams whose right depends on this session, user or clinic that it may have ended.
    pub fn access_changed(&self, id: Uuid) {
        self.lock()
            .open
            .values()
            .filter(|open| open.watched.access.contains(&id))
            .for_each(OpenStream::signal_change);
    }

    /// Tells the streams whose job has another mark than at the last poll, or whose session has ended.
    pub fn polled(&self, marks: &HashMap<JobId, JobMark>, ended_sessions: &[SessionId]) {
        for open in self.lock().open.values_mut() {
            if ended_sessions.contains(&open.watched.session) {
                open.signal.send_modify(|signal| signal.has_session_ended = true);
            }
            let mark = marks.get(&open.watched.job);
            if open.mark.as_ref() != mark {
                open.mark = mark.cloned();
                open.signal_change();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(id: u128) -> Watched {
        let uuid = Uuid::from_u128(id);
        Watched { job: JobId::from_uuid(uuid), session: SessionId::from_uuid(uuid), access: [uuid; 3] }
    }

    #[test]
    fn all_streams_share_one_poller() {
        let watches = JobWatches::default();
        let first = watches.open(watched(1));
        let second = watches.open(watched(2));
        assert_eq!((first.needs_poller, second.needs_poller), (true, false));
        assert_eq!(watches.watched().map(|all| all.len()), Some(2));
        watches.close(first.id);
        watches.close(second.id);
        assert!(watches.watched().is_none(), "the poller ends");
        assert!(watches.open(watched(3)).needs_poller, "and another begins");
    }

    #[test]
    fn stream_is_told_of_its_own_job_and_session_only() {
        let watches = JobWatches::default();
        let (first, second) = (watches.open(watched(1)), watches.open(watched(2)));
        let signals = || (*first.signal.borrow(), *second.signal.borrow());
        watches.job_changed(watched(1).job);
        assert_eq!((signals().0.revision, signals().1.revision), (1, 0));
        watches.access_changed(watched(2).access[1]);
        assert_eq!((signals().0.revision, signals().1.revision), (1, 1));
        watches.polled(&HashMap::new(), &[watched(2).session]);
        assert_eq!((signals().0.has_session_ended, signals().1.has_session_ended), (false, true));
    }
}
