//! Running one program over a record: how long it takes and how much memory it and its children hold.

use std::{
    process::{Child, Command, ExitStatus},
    time::Instant,
};

use anyhow::Context as _;
use nix::sys::resource::{UsageWho, getrusage};

use super::{corpus::Corpus, memory::Sampler, ours, peers, score::Score};

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contestant {
    /// Maneiro's engine in worker processes.
    Ours,
    /// OCRmyPDF; it skips the pages that have text.
    OcrMyPdf,
    /// Tesseract alone, one process for each worker, on images that are extracted already.
    Tesseract,
    /// Poppler's text extraction with word boxes; it knows one core only.
    PdfToText,
}

impl Contestant {
    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Contestant::Ours => "maneiro",
            Contestant::OcrMyPdf => "ocrmypdf",
            Contestant::Tesseract => "tesseract",
            Contestant::PdfToText => "pdftotext -bbox",
        }
    }

    /// Reads the record once.
    ///
    /// # Errors
    /// If its program is missing or fails.
    pub fn read(self, corpus: &Corpus, workers: usize) -> anyhow::Result<Reading> {
        let folder = tempfile::tempdir()?;
        match self {
            Contestant::Ours => ours::read(corpus, workers, folder.path()),
            Contestant::OcrMyPdf => peers::ocrmypdf(corpus, workers, folder.path()),
            Contestant::Tesseract => peers::tesseract(corpus, workers, folder.path()),
            Contestant::PdfToText => peers::pdftotext(corpus, folder.path()),
        }
        .with_context(|| format!("{} failed", self.name()))
    }
}

/// What running a program took.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// From before its start to after its end.
    pub seconds: f64,
    /// Processor time of its processes. On a machine that does other things too, only this can be compared.
    pub cpu_seconds: f64,
    /// The most memory that its processes held together.
    pub peak_bytes: u64,
}

/// What a program made of a record, and what it took.
#[derive(Debug)]
pub struct Reading {
    /// What it took.
    pub cost: Cost,
    /// Until the first page's words were there, for those who give them before the end.
    pub first_page_seconds: Option<f64>,
    /// How long its processes were in Tesseract, together; ours tells.
    pub recognising_seconds: Option<f64>,
    /// The words of each page.
    pub pages: Vec<String>,
}

impl Reading {
    /// How much of it is wrong.
    #[must_use]
    pub fn score(&self, known: &[String]) -> Score {
        let mut score = Score::default();
        for (number, known) in known.iter().enumerate() {
            score += Score::of(known, self.pages.get(number).map_or("", String::as_str));
        }
        score
    }
}

/// Runs the programs side by side to their ends.
pub(super) fn run(commands: Vec<Command>) -> anyhow::Result<Cost> {
    measured(commands, |_| Ok(()))
}

/// Starts the programs, works with them, and waits for their ends.
pub(super) fn measured(
    commands: Vec<Command>,
    work: impl FnOnce(&mut [Child]) -> anyhow::Result<()>,
) -> anyhow::Result<Cost> {
    let cpu_before = children_seconds()?;
    let start = Instant::now();
    let mut children: Vec<Child> = Vec::new();
    for mut command in commands {
        let child = command.spawn().with_context(|| format!("{:?} is missing", command.get_program()));
        children.push(child?);
    }
    let sampler = Sampler::start(children.iter().map(Child::id).collect());
    let worked = work(&mut children);
    let ends: std::io::Result<Vec<ExitStatus>> = children.iter_mut().map(Child::wait).collect();
    let seconds = start.elapsed().as_secs_f64();
    let peak_bytes = sampler.peak_bytes();
    worked?;
    for end in ends? {
        anyhow::ensure!(end.success(), "it ended with {end}");
    }
    Ok(Cost { seconds, cpu_seconds: children_seconds()? - cpu_before, peak_bytes })
}

/// Processor time of all children that have ended, and of theirs.
fn children_seconds() -> anyhow::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let times = [usage.user_time(), usage.system_time()];
    Ok(times.iter().map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6).sum())
}
