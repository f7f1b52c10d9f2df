//! The memory that a program and all its descendants hold together.
//!
//! Measures the proportional set size (PSS) of Linux: a page that several processes share, such as a library's code, counts
//! once in the sum. A peak shorter than the sampling interval is missed.

use std::{
    fs,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::JoinHandle,
    time::Duration,
};

const INTERVAL: Duration = Duration::from_millis(100);

/// Samples the memory on another thread until it is stopped.
pub(super) struct MemorySampler {
    stop: Sender<()>,
    thread: JoinHandle<u64>,
}

impl MemorySampler {
    /// Starts to sample these processes and their descendants.
    pub(super) fn start(processes: Vec<u32>) -> Self {
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let mut peak_bytes = 0;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(INTERVAL) {
                peak_bytes =
                    peak_bytes.max(with_descendants(processes.clone()).into_iter().map(pss_bytes).sum());
            }
            peak_bytes
        });
        Self { stop, thread }
    }

    /// The peak of the sum.
    pub(super) fn peak_bytes(self) -> u64 {
        drop(self.stop);
        self.thread.join().unwrap_or(0)
    }
}

/// The processes and their running descendants.
fn with_descendants(mut found: Vec<u32>) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|process| Some((process, parent_id(process)?)))
        .collect();
    let mut at = 0;
    while let Some(&process) = found.get(at) {
        found.extend(parents.iter().filter(|(_, parent)| *parent == process).map(|(child, _)| *child));
        at += 1;
    }
    found
}

/// The fourth field of `stat`. The second is a name in brackets that may contain anything.
fn parent_id(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn pss_bytes(process: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let kib = rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}
