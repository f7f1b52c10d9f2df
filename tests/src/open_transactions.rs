//! Which tasks have a transaction open: no port may be called then.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use maneiro_cloud::store::TransactionObserver;
use tokio::task::Id;

/// How many transactions each task has open.
#[derive(Debug, Default)]
pub struct OpenTransactions(Mutex<HashMap<Id, u32>>);

impl OpenTransactions {
    #[must_use]
    pub fn in_current_task(&self) -> bool {
        tokio::task::try_id().is_some_and(|task| self.lock().contains_key(&task))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TransactionObserver for OpenTransactions {
    fn began(&self, task: Option<Id>) {
        if let Some(task) = task {
            *self.lock().entry(task).or_default() += 1;
        }
    }

    fn ended(&self, task: Option<Id>) {
        let Some(task) = task else { return };
        let mut all = self.lock();
        if let Some(count) = all.get_mut(&task) {
            *count -= 1;
            if *count == 0 {
                all.remove(&task);
            }
        }
    }
}
