//! Distributes the pages of a file to workers: in order, each distinct content once, and no page twice.
//!
//! A worker first inspects its page, which is quick. Whether the page duplicates another is decided strictly in the
//! order of the pages, so that a duplicate always refers to an earlier page. OCR, which is slow, runs in parallel.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures::future::try_join_all;
use maneiro_page::{Page, TextSource};
use tokio::sync::watch;

use super::progress::ReadProgress;
use crate::{
    Error,
    page_fingerprint::PageFingerprint,
    store::{FileId, KnownFingerprint, Store},
    worker::{PageWorker, WorkerExit, WorkerOptions, WorkerRequest, WorkerResponse},
};

/// How often a page may crash its worker before it counts as unreadable.
const MAX_ATTEMPTS: u32 = 2;

/// The pages of one file that are still to be read.
pub(super) struct PageQueue<'a> {
    store: &'a Store,
    file: FileId,
    worker_options: &'a WorkerOptions<'a>,
    pending: Vec<u32>,
    next_position: Mutex<usize>,
    /// How many of the pending pages were inspected and decided upon.
    decided: watch::Sender<usize>,
    contents: Mutex<HashMap<PageFingerprint, DistinctContent>>,
    progress: &'a (dyn Fn(ReadProgress) + Sync),
    current: Mutex<ReadProgress>,
}

/// A content that one or several pages show.
struct DistinctContent {
    /// The page that is read for it.
    page: u32,
    state: ContentState,
}

enum ContentState {
    /// A worker reads it. The duplicates wait for the result.
    InProgress {
        duplicates: Vec<u32>,
    },
    Read,
    Unreadable {
        reason: String,
    },
}

/// What to do with an inspected page.
enum PageDecision {
    /// Its content is new.
    Read,
    /// Another worker reads its content and finishes this page too.
    AwaitDuplicate,
    /// Its content is known.
    Finished(Page),
}

impl<'a> PageQueue<'a> {
    /// `known` are the fingerprints of pages that were read before.
    pub(super) fn new(
        store: &'a Store,
        file: FileId,
        worker_options: &'a WorkerOptions<'a>,
        pending: Vec<u32>,
        known: Vec<KnownFingerprint>,
        start: ReadProgress,
        progress: &'a (dyn Fn(ReadProgress) + Sync),
    ) -> Self {
        let read = |known: KnownFingerprint| DistinctContent { page: known.page, state: ContentState::Read };
        let contents = known.into_iter().map(|known| (known.fingerprint, read(known))).collect();
        Self {
            store,
            file,
            worker_options,
            pending,
            next_position: Mutex::new(0),
            decided: watch::Sender::new(0),
            contents: Mutex::new(contents),
            progress,
            current: Mutex::new(start),
        }
    }

    /// Reads all pages with up to `workers` workers, of which the first is running already.
    ///
    /// # Errors
    /// If no more pages can be read or saved. Finished pages are kept.
    pub(super) async fn run(&self, first: Box<PageWorker>, workers: usize) -> Result<(), Error> {
        let worker_count = workers.min(self.pending.len()).max(1);
        let mut workers: Vec<Option<Box<PageWorker>>> = vec![Some(first)];
        workers.resize_with(worker_count, || None);
        try_join_all(workers.into_iter().map(|worker| self.read_pages(worker))).await?;
        Ok(())
    }

    async fn read_pages(&self, mut worker: Option<Box<PageWorker>>) -> Result<(), Error> {
        while let Some((position, page)) = self.next_page() {
            self.read_page(&mut worker, position, page).await?;
        }
        Ok(())
    }

    /// The next page with its position in the queue.
    fn next_page(&self) -> Option<(usize, u32)> {
        let mut next_position = lock(&self.next_position);
        let position = *next_position;
        let page = *self.pending.get(position)?;
        *next_position += 1;
        Some((position, page))
    }

    async fn read_page(
        &self,
        worker: &mut Option<Box<PageWorker>>,
        position: usize,
        page: u32,
    ) -> Result<(), Error> {
        let inspected = self.request(worker, &WorkerRequest::Inspect { page }, page).await?;
        let mut decided = self.decided.subscribe();
        decided.wait_for(|&decided| decided == position).await.map_err(|_| Error::Protocol)?;
        let fingerprint = match &inspected {
            WorkerResponse::PageRead { fingerprint, .. } | WorkerResponse::NeedsOcr { fingerprint } => {
                Some(*fingerprint)
            }
            _ => None,
        };
        let is_blank = matches!(
            &inspected,
            WorkerResponse::PageRead { page, .. } if page.text_source == TextSource::Blank
        );
        let decision = match fingerprint {
            Some(fingerprint) if !is_blank => self.decide(fingerprint, page).await?,
            Some(_) | None => PageDecision::Read,
        };
        self.decided.send_replace(position + 1);
        match decision {
            PageDecision::AwaitDuplicate => Ok(()),
            PageDecision::Finished(page) => self.finish_page(&page, fingerprint).await,
            PageDecision::Read => {
                let response = match inspected {
                    WorkerResponse::NeedsOcr { .. } => {
                        self.request(worker, &WorkerRequest::Recognise { page }, page).await?
                    }
                    inspected => inspected,
                };
                let read = match response {
                    WorkerResponse::PageRead { page: read, .. } if read.number == page => read,
                    WorkerResponse::Unreadable { reason } => unreadable_page(page, reason),
                    WorkerResponse::LanguageNotInstalled { reason } => {
                        return Err(Error::LanguageNotInstalled(reason));
                    }
                    _ => return Err(Error::Protocol),
                };
                self.finish_page(&read, fingerprint).await?;
                match fingerprint {
                    Some(fingerprint) if !is_blank => self.finish_duplicates(fingerprint, &read).await,
                    Some(_) | None => Ok(()),
                }
            }
        }
    }

    /// Decides about a page by the contents of the other pages. Called in the order of the pages.
    async fn decide(&self, fingerprint: PageFingerprint, page: u32) -> Result<PageDecision, Error> {
        let earlier = {
            let mut contents = lock(&self.contents);
            let Some(content) = contents.get_mut(&fingerprint) else {
                let state = ContentState::InProgress { duplicates: Vec::new() };
                contents.insert(fingerprint, DistinctContent { page, state });
                return Ok(PageDecision::Read);
            };
            match &mut content.state {
                ContentState::InProgress { duplicates } => {
                    duplicates.push(page);
                    return Ok(PageDecision::AwaitDuplicate);
                }
                ContentState::Unreadable { reason } => {
                    return Ok(PageDecision::Finished(unreadable_page(page, reason.clone())));
                }
                ContentState::Read => content.page,
            }
        };
        let original = self.store.page(self.file, earlier).await?.ok_or(Error::Protocol)?;
        Ok(PageDecision::Finished(duplicate_page(page, &original)))
    }

    /// Finishes the pages that waited for the content of this one.
    async fn finish_duplicates(&self, fingerprint: PageFingerprint, read: &Page) -> Result<(), Error> {
        let state = match &read.text_source {
            TextSource::Unreadable { reason } => ContentState::Unreadable { reason: reason.clone() },
            TextSource::TextLayer
            | TextSource::Ocr { .. }
            | TextSource::Mixed { .. }
            | TextSource::Blank
            | TextSource::Duplicate { .. } => ContentState::Read,
        };
        let before = {
            let mut contents = lock(&self.contents);
            contents.insert(fingerprint, DistinctContent { page: read.number, state })
        };
        let Some(DistinctContent { state: ContentState::InProgress { duplicates }, .. }) = before else {
            return Ok(());
        };
        for page in duplicates {
            let page = match &read.text_source {
                TextSource::Unreadable { reason } => unreadable_page(page, reason.clone()),
                TextSource::TextLayer
                | TextSource::Ocr { .. }
                | TextSource::Mixed { .. }
                | TextSource::Blank
                | TextSource::Duplicate { .. } => duplicate_page(page, read),
            };
            self.finish_page(&page, Some(fingerprint)).await?;
        }
        Ok(())
    }

    /// Saves a finished page, then reports the progress.
    async fn finish_page(&self, page: &Page, fingerprint: Option<PageFingerprint>) -> Result<(), Error> {
        self.store.save_page(self.file, page, fingerprint).await?;
        let progress = {
            let mut current = lock(&self.current);
            current.pages_done += 1;
            *current
        };
        (self.progress)(progress);
        Ok(())
    }

    /// Sends a request about a page, to a new worker if the page crashed the last one. A page that keeps crashing its
    /// worker, or once exceeds the time, is unreadable.
    async fn request(
        &self,
        slot: &mut Option<Box<PageWorker>>,
        request: &WorkerRequest,
        page: u32,
    ) -> Result<WorkerResponse, Error> {
        let mut attempts = 0;
        loop {
            let mut worker = match slot.take() {
                Some(worker) => worker,
                None => self.worker_options.reopen().await?,
            };
            let exit = match worker.request(request).await {
                Ok(response) => {
                    *slot = Some(worker);
                    return Ok(response);
                }
                Err(exit) => exit,
            };
            attempts += 1;
            match exit {
                WorkerExit::Terminated => return Err(Error::Interrupted),
                WorkerExit::Crashed | WorkerExit::OutOfMemory if attempts < MAX_ATTEMPTS => {}
                WorkerExit::Crashed | WorkerExit::OutOfMemory | WorkerExit::TimedOut => {
                    tracing::warn!(page, attempts, cause = ?exit, "page is unreadable");
                    return Ok(WorkerResponse::Unreadable {
                        reason: exit.reason(self.worker_options.limits),
                    });
                }
            }
        }
    }
}

fn unreadable_page(number: u32, reason: String) -> Page {
    Page::new(number, 0.0, 0.0, TextSource::Unreadable { reason }, Vec::new())
}

/// A page that shows the same as `original`. A blank page is not a duplicate. If `original` is a later page, which
/// happens when later pages were read by an earlier run, its words are copied instead.
fn duplicate_page(number: u32, original: &Page) -> Page {
    if number < original.number || original.text_source == TextSource::Blank {
        return Page { number, ..original.clone() };
    }
    let text_source = TextSource::Duplicate { duplicate_of: original.number };
    Page::new(number, original.width, original.height, text_source, Vec::new())
}

/// A panic under the lock leaves nothing half-done: every change under these locks is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
