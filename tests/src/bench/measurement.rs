//! Runs programs, and measures their time and the memory that they and their children hold.

use std::{
    process::{Child, Command, ExitStatus},
    time::Instant,
};

use anyhow::Context as _;
use nix::sys::resource::{UsageWho, getrusage};

use super::{memory::MemorySampler, score::WordErrors};

/// The time and memory of running a program.
#[derive(Debug, Clone, Copy)]
pub struct ResourceUsage {
    /// Wall-clock time.
    pub seconds: f64,
    /// Processor time of all its processes. On a busy machine, only this can be compared.
    pub cpu_seconds: f64,
    /// Peak memory of all its processes together.
    pub peak_bytes: u64,
}

/// The output of a program for a record, and its resource usage.
#[derive(Debug)]
pub struct BenchmarkRun {
    pub usage: ResourceUsage,
    /// The time until the first page's words, if the program prints them before the end.
    pub first_page_seconds: Option<f64>,
    /// The time that all processes together spent in Tesseract, if the program prints it.
    pub recognition_seconds: Option<f64>,
    /// The text of each page.
    pub pages: Vec<String>,
}

impl BenchmarkRun {
    #[must_use]
    pub fn word_errors(&self, ground_truth: &[String]) -> WordErrors {
        let mut errors = WordErrors::default();
        for (number, text) in ground_truth.iter().enumerate() {
            errors += WordErrors::compare(text, self.pages.get(number).map_or("", String::as_str));
        }
        errors
    }
}

/// Runs programs in parallel to their ends.
pub(super) fn run_all(commands: Vec<Command>) -> anyhow::Result<ResourceUsage> {
    run_with(commands, |_| Ok(()))
}

/// Starts programs in parallel, calls `work` with them, and waits for their ends.
pub(super) fn run_with(
    commands: Vec<Command>,
    work: impl FnOnce(&mut [Child]) -> anyhow::Result<()>,
) -> anyhow::Result<ResourceUsage> {
    let cpu_before = children_cpu_seconds()?;
    let start = Instant::now();
    let mut children: Vec<Child> = Vec::new();
    for mut command in commands {
        let child = command.spawn().with_context(|| format!("{:?} is missing", command.get_program()));
        children.push(child?);
    }
    let sampler = MemorySampler::start(children.iter().map(Child::id).collect());
    let result = work(&mut children);
    let statuses: std::io::Result<Vec<ExitStatus>> = children.iter_mut().map(Child::wait).collect();
    let seconds = start.elapsed().as_secs_f64();
    let peak_bytes = sampler.peak_bytes();
    result?;
    for status in statuses? {
        anyhow::ensure!(status.success(), "the program ended with {status}");
    }
    Ok(ResourceUsage { seconds, cpu_seconds: children_cpu_seconds()? - cpu_before, peak_bytes })
}

/// Processor time of all children that have ended, and of their children.
fn children_cpu_seconds() -> anyhow::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let times = [usage.user_time(), usage.system_time()];
    Ok(times.iter().map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6).sum())
}
