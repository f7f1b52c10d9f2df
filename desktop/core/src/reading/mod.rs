//! Reading a file: page workers make the pages, the local store keeps each as it is finished, and a second reading
//! goes on where the first one stopped.

mod cross_page;
mod page_queue;

use std::{num::NonZeroUsize, ops::RangeInclusive, path::PathBuf, thread::available_parallelism};

use maneiro_page::Language;
use secrecy::SecretString;

use self::page_queue::Schedule;
use crate::{
    Error,
    files::{FileProblem, SourceFile},
    languages::Languages,
    store::{FileId, FileInfo, PageCounts, Store},
    worker::{Opening, PageLimits, PageWorker, Refusal, WorkerPlan},
};

/// Which way of reading made a page. Raised when the engine reads better, so that files are read again.
pub const READING: u32 = 4;

/// How to read.
#[derive(Debug, Clone)]
pub struct Options {
    /// The binary that becomes a page worker; usually the running one.
    pub worker: PathBuf,
    /// How many pages are read side by side.
    pub workers: NonZeroUsize,
    /// What one page may cost.
    pub limits: PageLimits,
    /// What scans are recognised in. In other languages than before, a file is read anew.
    pub languages: Languages,
    /// Only these pages.
    pub pages: Option<RangeInclusive<u32>>,
    /// Pages that could not be read before are tried again.
    pub retry_unreadable: bool,
}

impl Options {
    /// Everything in English, with one worker per core.
    #[must_use]
    pub fn new(worker: PathBuf) -> Self {
        let workers = available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            worker,
            workers,
            limits: PageLimits::default(),
            languages: Languages::default(),
            pages: None,
            retry_unreadable: false,
        }
    }
}

/// How far reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pages finished, those of earlier readings included.
    pub pages_done: u32,
    /// Pages finished by earlier readings.
    pub pages_before: u32,
    /// Pages asked for.
    pub pages_total: u32,
}

/// A file whose pages are in the store.
#[derive(Debug, Clone)]
pub struct ReadFile {
    /// Its id in the store.
    pub id: FileId,
    /// The file.
    pub source: SourceFile,
    /// Its media type.
    pub media_type: String,
    /// What its scans were recognised in.
    pub languages: Languages,
    /// How many pages the file has.
    pub pages: u32,
    /// The pages asked for.
    pub range: RangeInclusive<u32>,
    /// Pages that this reading read; the others were in the store.
    pub pages_read_now: u32,
    /// How the pages asked for came to be known.
    pub counts: PageCounts,
    /// The pages that could not be read, with the reason.
    pub unreadable: Vec<(u32, String)>,
    /// The pages that were recognised without the model of their language, with that language.
    pub foreign: Vec<(u32, Language)>,
}

/// Reads a file into the store, as far as it is not there yet. Dropping the future stops the workers; what was
/// finished is kept.
///
/// # Errors
/// `Recogniser` if the model of a language is not installed; `File` if the file cannot be opened or changes meanwhile;
/// `Store` if a page cannot be kept. A page that cannot be read is none: it is listed.
pub async fn read(
    store: &Store,
    options: &Options,
    source: &SourceFile,
    password: Option<&SecretString>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<ReadFile, Error> {
    let plan = WorkerPlan {
        program: options.worker.clone(),
        source,
        password,
        limits: options.limits,
        languages: &options.languages,
    };
    let (worker, pages, media_type) = opened(&plan).await?;
    let range = wanted(options.pages.as_ref(), pages).map_err(|problem| source.failed(problem))?;
    let info = FileInfo {
        sha256: &source.sha256,
        languages: &options.languages.to_string(),
        media_type: &media_type,
        bytes: source.bytes,
        pages,
    };
    let id = store.file(&info).await?;
    let Some(_reading) = store.lock_file(id)? else { return Err(source.failed(FileProblem::Busy).into()) };

    let finished = store.finished(id, &range, !options.retry_unreadable).await?;
    let todo: Vec<u32> = range.clone().filter(|page| finished.binary_search(page).is_err()).collect();
    let before = u32::try_from(finished.len()).expect("a file has at most 10,000 pages");
    let total = u32::try_from(range.clone().count()).expect("a file has at most 10,000 pages");
    let start = Progress { pages_done: before, pages_before: before, pages_total: total };
    progress(start);
    let pages_read_now = total - before;
    if !todo.is_empty() {
        store.begin_reading(id).await?;
        let known = store.known(id).await?;
        let schedule = Schedule::new(store, id, &plan, todo, known, start, progress);
        schedule.run(worker, options.workers.get()).await?;
    }
    if !store.are_related(id).await? {
        cross_page::relate(store, id, pages).await?;
    }
    Ok(ReadFile {
        id,
        source: source.clone(),
        media_type,
        languages: options.languages.clone(),
        pages,
        counts: store.counts(id, &range).await?,
        unreadable: store.unreadable(id, &range).await?,
        foreign: store.foreign(id, &range).await?,
        range,
        pages_read_now,
    })
}

/// A worker with the open file, the file's pages and its media type.
pub(crate) async fn opened(plan: &WorkerPlan<'_>) -> Result<(Box<PageWorker>, u32, String), Error> {
    match plan.start().await.map_err(Error::Worker)? {
        Opening::Open { worker, pages, media_type } => Ok((worker, pages, media_type)),
        Opening::Refused(refusal) => Err(plan.source.failed(problem_of(refusal)).into()),
        Opening::NoRecogniser { reason } => Err(Error::Recogniser(reason)),
        Opening::Died(death) => {
            let reason = death.reason(plan.limits);
            Err(plan.source.failed(FileProblem::NotOpened(reason)).into())
        }
    }
}

/// The pages asked for, as far as they exist.
fn wanted(asked: Option<&RangeInclusive<u32>>, pages: u32) -> Result<RangeInclusive<u32>, FileProblem> {
    match asked {
        None => Ok(1..=pages),
        Some(asked) if *asked.start() >= 1 && *asked.start() <= pages => {
            Ok(*asked.start()..=(*asked.end()).min(pages))
        }
        Some(_) => Err(FileProblem::NoSuchPage { pages }),
    }
}

/// A worker's refusal in words for the user.
pub(crate) fn problem_of(refusal: Refusal) -> FileProblem {
    match refusal {
        Refusal::Empty => FileProblem::Empty,
        Refusal::NotAPageFile => FileProblem::NotAPageFile,
        Refusal::TooLarge => FileProblem::TooLarge,
        Refusal::TooManyPages { pages, limit } => FileProblem::TooManyPages { pages, limit },
        Refusal::PasswordNeeded => FileProblem::PasswordNeeded,
        Refusal::PasswordWrong => FileProblem::PasswordWrong,
        Refusal::Damaged { reason } => FileProblem::Damaged(reason),
        Refusal::Gone => FileProblem::NotFound,
        Refusal::Changed => FileProblem::Changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_beyond_the_last_are_left_out_and_a_range_without_pages_is_refused() {
        assert_eq!(wanted(None, 9).unwrap(), 1..=9);
        assert_eq!(wanted(Some(&(3..=99)), 9).unwrap(), 3..=9);
        assert!(matches!(wanted(Some(&(10..=12)), 9), Err(FileProblem::NoSuchPage { pages: 9 })));
        assert!(matches!(wanted(Some(&(0..=2)), 9), Err(FileProblem::NoSuchPage { pages: 9 })));
    }
}
