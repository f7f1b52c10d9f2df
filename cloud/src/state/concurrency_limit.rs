//! Bounds how many of a kind are open at the same time: in this process, and for each holder, so that none takes all.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Why there is no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConcurrencyExceeded {
    /// The process has as many open as it bears.
    Process,
    /// This holder has as many open as it may.
    Holder,
}

/// A bound for each process and for each holder.
pub struct ConcurrencyLimit<H> {
    max: usize,
    max_per_holder: usize,
    open: Arc<Mutex<OpenCounts<H>>>,
}

struct OpenCounts<H> {
    total: usize,
    by_holder: HashMap<H, usize>,
}

/// One that is open. Dropping it closes it.
pub struct ConcurrencyPermit<H: Copy + Eq + Hash> {
    holder: H,
    open: Arc<Mutex<OpenCounts<H>>>,
}

impl<H: Copy + Eq + Hash> ConcurrencyLimit<H> {
    #[must_use]
    pub fn new(max: usize, max_per_holder: usize) -> Self {
        let open = Arc::new(Mutex::new(OpenCounts { total: 0, by_holder: HashMap::new() }));
        Self { max, max_per_holder, open }
    }

    /// Opens one more for a holder.
    ///
    /// # Errors
    /// Which bound is reached.
    pub fn acquire(&self, holder: H) -> Result<ConcurrencyPermit<H>, ConcurrencyExceeded> {
        let mut open = lock(&self.open);
        if open.by_holder.get(&holder).is_some_and(|count| *count >= self.max_per_holder) {
            return Err(ConcurrencyExceeded::Holder);
        }
        if open.total >= self.max {
            return Err(ConcurrencyExceeded::Process);
        }
        open.total += 1;
        *open.by_holder.entry(holder).or_default() += 1;
        Ok(ConcurrencyPermit { holder, open: Arc::clone(&self.open) })
    }
}

impl<H: Copy + Eq + Hash> Drop for ConcurrencyPermit<H> {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.total -= 1;
        if let Some(count) = open.by_holder.get_mut(&self.holder) {
            *count -= 1;
            if *count == 0 {
                open.by_holder.remove(&self.holder);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_leaves_room_for_others() {
        let limit = ConcurrencyLimit::new(3, 2);
        let first = [limit.acquire('a').unwrap(), limit.acquire('a').unwrap()];
        assert_eq!(limit.acquire('a').err(), Some(ConcurrencyExceeded::Holder));
        let second = limit.acquire('b').unwrap();
        assert_eq!(limit.acquire('b').err(), Some(ConcurrencyExceeded::Process));
        drop(first);
        assert!(limit.acquire('a').is_ok() && limit.acquire('b').is_ok());
        drop(second);
        assert!(lock(&limit.open).by_holder.is_empty(), "no holder is kept");
    }
}
