//! Counts the statements that the service sends to its database, in the thread of a test.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Records the statements that the driver logs while it is the subscriber of this thread. The tests' runtime, and with it
/// the service, has one thread.
#[derive(Debug, Clone, Default)]
pub struct StatementLog(Arc<Mutex<Vec<String>>>);

impl StatementLog {
    /// The statements of the service while `work` runs.
    pub async fn record<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
        let log = Self::default();
        let guard = tracing::subscriber::set_default(log.clone());
        let done = work.await;
        drop(guard);
        let statements = std::mem::take(&mut *log.0.lock().unwrap_or_else(PoisonError::into_inner));
        (done, statements)
    }
}

struct StatementVisitor<'a>(&'a mut Vec<String>);

impl Visit for StatementVisitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            self.0.push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl Subscriber for StatementLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut StatementVisitor(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
