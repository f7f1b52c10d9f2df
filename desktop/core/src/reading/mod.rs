//! Reads a file: page workers read its pages, the local store keeps each finished page, and another run continues where
//! the last one stopped.

mod cross_page;
mod page_queue;
mod progress;

use std::{num::NonZeroUsize, ops::RangeInclusive, path::PathBuf, thread::available_parallelism};

use maneiro_page::Language;
use secrecy::SecretString;

use self::page_queue::PageQueue;
pub use self::progress::ReadProgress;
use crate::{
    Error,
    files::{FileProblem, SourceFile},
    languages::Languages,
    store::{FileId, FileInfo, PageCounts, Store},
    worker::{PageLimits, WorkerOptions},
};

/// How to read a file.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The binary that becomes a page worker, usually the running one.
    pub worker: PathBuf,
    /// How many pages are read in parallel.
    pub workers: NonZeroUsize,
    pub limits: PageLimits,
    /// The languages of OCR. With other languages than before, a file is read again.
    pub languages: Languages,
    /// The pages to read; all if absent.
    pub pages: Option<RangeInclusive<u32>>,
    /// Retries pages that could not be read before.
    pub retry_unreadable: bool,
}

impl ReadOptions {
    /// All pages, in English, with one worker per core.
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

/// A file whose pages are in the store.
#[derive(Debug, Clone)]
pub struct ReadFile {
    pub id: FileId,
    pub source: SourceFile,
    pub media_type: String,
    pub languages: Languages,
    /// How many pages the file has.
    pub pages: u32,
    /// The requested pages.
    pub range: RangeInclusive<u32>,
    /// How many pages this run read. The others were in the store.
    pub pages_newly_read: u32,
    /// Where the text of the requested pages came from.
    pub counts: PageCounts,
    /// The pages that could not be read, with the reason.
    pub unreadable: Vec<(u32, String)>,
    /// The pages that were recognised without the model of their language, with that language.
    pub missing_models: Vec<(u32, Language)>,
}

/// Reads the pages of a file that are not in the store yet. Dropping the future stops the workers; finished pages are
/// kept.
///
/// # Errors
/// `LanguageNotInstalled`; `File` if the file cannot be opened or changes meanwhile; `Store` if a page cannot be saved.
/// A page that cannot be read is not an error: it is listed as unreadable.
pub async fn read_file(
    store: &Store,
    options: &ReadOptions,
    source: &SourceFile,
    password: Option<&SecretString>,
    progress: &(dyn Fn(ReadProgress) + Sync),
) -> Result<ReadFile, Error> {
    let worker_options = WorkerOptions {
        program: options.worker.clone(),
        source,
        password,
        limits: options.limits,
        languages: &options.languages,
    };
    let (worker, pages, media_type) = worker_options.open().await?;
    let range = page_range(options.pages.as_ref(), pages).map_err(|problem| source.error(problem))?;
    let info = FileInfo {
        sha256: &source.sha256,
        languages: &options.languages.to_string(),
        media_type: &media_type,
        bytes: source.bytes,
        pages,
    };
    let id = store.get_or_insert_file(&info).await?;
    let Some(_lock) = store.try_lock_file(id)? else { return Err(source.error(FileProblem::Busy).into()) };

    let finished = store.finished_pages(id, &range, !options.retry_unreadable).await?;
    let pending: Vec<u32> = range.clone().filter(|page| finished.binary_search(page).is_err()).collect();
    let before = u32::try_from(finished.len()).expect("a file has at most 10,000 pages");
    let total = u32::try_from(range.clone().count()).expect("a file has at most 10,000 pages");
    let start = ReadProgress { file: id, pages_done: before, pages_before: before, pages_total: total };
    progress(start);
    let pages_newly_read = total - before;
    if !pending.is_empty() {
        store.set_cross_page_done(id, false).await?;
        let known = store.known_fingerprints(id).await?;
        let queue = PageQueue::new(store, id, &worker_options, pending, known, start, progress);
        queue.run(worker, options.workers.get()).await?;
    }
    if !store.is_cross_page_done(id).await? {
        cross_page::annotate_duplicates_and_headers(store, id, pages).await?;
    }
    Ok(ReadFile {
        id,
        source: source.clone(),
        media_type,
        languages: options.languages.clone(),
        pages,
        counts: store.page_counts(id, &range).await?,
        unreadable: store.unreadable_pages(id, &range).await?,
        missing_models: store.missing_models(id, &range).await?,
        range,
        pages_newly_read,
    })
}

/// The requested pages that exist.
fn page_range(
    requested: Option<&RangeInclusive<u32>>,
    pages: u32,
) -> Result<RangeInclusive<u32>, FileProblem> {
    match requested {
        None => Ok(1..=pages),
        Some(requested) if *requested.start() >= 1 && *requested.start() <= pages => {
            Ok(*requested.start()..=(*requested.end()).min(pages))
        }
        Some(_) => Err(FileProblem::NoSuchPage { pages }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_range_is_cut_at_the_last_page_and_refused_if_empty() {
        assert_eq!(page_range(None, 9).unwrap(), 1..=9);
        assert_eq!(page_range(Some(&(3..=99)), 9).unwrap(), 3..=9);
        assert!(matches!(page_range(Some(&(10..=12)), 9), Err(FileProblem::NoSuchPage { pages: 9 })));
        assert!(matches!(page_range(Some(&(0..=2)), 9), Err(FileProblem::NoSuchPage { pages: 9 })));
    }
}
