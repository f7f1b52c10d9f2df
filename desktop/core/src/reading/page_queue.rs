//! Which worker reads which page when: in order, each content once, and no page twice.
//!
//! A worker first looks at its page, which is quick. Whether the page repeats another is decided strictly in the order
//! of the pages, so a repeat always points back; recognising, which is slow, goes on side by side.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures::future::try_join_all;
use maneiro_page::{Page, TextSource};
use tokio::sync::watch;

use crate::{
    Error,
    reading::{Progress, problem_of},
    store::{FileId, Known, Store},
    worker::{Answer, Death, Fingerprint, Opening, PageWorker, Refusal, Request, WorkerPlan},
};

/// How often a page may kill its worker before it is given up.
const TRIES: u32 = 2;

/// Reads the pages of one file that are still to be read.
pub(crate) struct Schedule<'a> {
    store: &'a Store,
    file: FileId,
    plan: &'a WorkerPlan<'a>,
    todo: Vec<u32>,
    next: Mutex<usize>,
    /// How many entries of `todo` were looked at and decided upon.
    decided: watch::Sender<usize>,
    contents: Mutex<HashMap<Fingerprint, Content>>,
    progress: &'a (dyn Fn(Progress) + Sync),
    done: Mutex<Progress>,
}

/// What is known of a content that some page shows.
struct Content {
    /// The page that was, or is being, read for it.
    page: u32,
    state: State,
}

enum State {
    /// A worker has it; these pages wait for the outcome.
    Reading { waiting: Vec<u32> },
    /// The page has its words.
    Read,
    /// The page could not be read.
    Unreadable { reason: String },
}

/// What to do with a page that was looked at.
enum Decision {
    /// Nobody has this content: read it.
    Read,
    /// Another worker has it, and will finish this page too.
    Waits,
    /// The page is finished: its content is known.
    Finished(Page),
}

impl<'a> Schedule<'a> {
    /// `known` are the contents of pages that are read already.
    pub(crate) fn new(
        store: &'a Store,
        file: FileId,
        plan: &'a WorkerPlan<'a>,
        todo: Vec<u32>,
        known: Vec<Known>,
        start: Progress,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Self {
        let contents = known
            .into_iter()
            .map(|known| (known.fingerprint, Content { page: known.page, state: State::Read }))
            .collect();
        Self {
            store,
            file,
            plan,
            todo,
            next: Mutex::new(0),
            decided: watch::Sender::new(0),
            contents: Mutex::new(contents),
            progress,
            done: Mutex::new(start),
        }
    }

    /// Reads everything with `workers` workers, of which the first is there already.
    ///
    /// # Errors
    /// When nothing more can be read or kept. What was finished is kept.
    pub(crate) async fn run(&self, first: Box<PageWorker>, workers: usize) -> Result<(), Error> {
        let workers = workers.min(self.todo.len()).max(1);
        let mut hands: Vec<Option<Box<PageWorker>>> = vec![Some(first)];
        hands.resize_with(workers, || None);
        try_join_all(hands.into_iter().map(|worker| self.work(worker))).await?;
        Ok(())
    }

    async fn work(&self, mut worker: Option<Box<PageWorker>>) -> Result<(), Error> {
        while let Some(turn) = self.take_turn() {
            self.read(&mut worker, turn, self.todo[turn]).await?;
        }
        Ok(())
    }

    fn take_turn(&self) -> Option<usize> {
        let mut next = lock(&self.next);
        let turn = (*next < self.todo.len()).then_some(*next)?;
        *next += 1;
        Some(turn)
    }

    async fn read(&self, worker: &mut Option<Box<PageWorker>>, turn: usize, page: u32) -> Result<(), Error> {
        let looked = self.ask(worker, &Request::Look { page }, page).await?;
        self.decided.subscribe().wait_for(|&decided| decided == turn).await.map_err(|_| Error::Protocol)?;
        let fingerprint = match &looked {
            Answer::Read { fingerprint, .. } | Answer::Scan { fingerprint } => Some(*fingerprint),
            _ => None,
        };
        let blank = matches!(&looked, Answer::Read { page, .. } if page.text_source == TextSource::Blank);
        let decision = match fingerprint {
            Some(fingerprint) if !blank => self.decide(fingerprint, page).await?,
            Some(_) | None => Decision::Read,
        };
        self.decided.send_replace(turn + 1);
        match decision {
            Decision::Waits => Ok(()),
            Decision::Finished(page) => self.finish(&page, fingerprint).await,
            Decision::Read => {
                let answer = match looked {
                    Answer::Scan { .. } => self.ask(worker, &Request::Recognise { page }, page).await?,
                    looked => looked,
                };
                let read = match answer {
                    Answer::Read { page: read, .. } if read.number == page => read,
                    Answer::Unreadable { reason } => unreadable(page, reason),
                    Answer::NoRecogniser { reason } => return Err(Error::Recogniser(reason)),
                    _ => return Err(Error::Protocol),
                };
                self.finish(&read, fingerprint).await?;
                match fingerprint {
                    Some(fingerprint) if !blank => self.settle(fingerprint, &read).await,
                    Some(_) | None => Ok(()),
                }
            }
        }
    }

    /// Decides about a page from what other pages show. Called in the order of the pages.
    async fn decide(&self, fingerprint: Fingerprint, page: u32) -> Result<Decision, Error> {
        let earlier = {
            let mut contents = lock(&self.contents);
            let Some(content) = contents.get_mut(&fingerprint) else {
                let state = State::Reading { waiting: Vec::new() };
                contents.insert(fingerprint, Content { page, state });
                return Ok(Decision::Read);
            };
            match &mut content.state {
                State::Reading { waiting } => {
                    waiting.push(page);
                    return Ok(Decision::Waits);
                }
                State::Unreadable { reason } => {
                    return Ok(Decision::Finished(unreadable(page, reason.clone())));
                }
                State::Read => content.page,
            }
        };
        let model = self.store.page(self.file, earlier).await?.ok_or(Error::Protocol)?;
        Ok(Decision::Finished(repeat(page, &model)))
    }

    /// Finishes the pages that waited for this one.
    async fn settle(&self, fingerprint: Fingerprint, read: &Page) -> Result<(), Error> {
        let state = match &read.text_source {
            TextSource::Unreadable { reason } => State::Unreadable { reason: reason.clone() },
            TextSource::TextLayer
            | TextSource::Ocr { .. }
            | TextSource::Mixed { .. }
            | TextSource::Blank
            | TextSource::Duplicate { .. } => State::Read,
        };
        let before = {
            let mut contents = lock(&self.contents);
            contents.insert(fingerprint, Content { page: read.number, state })
        };
        let Some(Content { state: State::Reading { waiting }, .. }) = before else { return Ok(()) };
        for page in waiting {
            let page = match &read.text_source {
                TextSource::Unreadable { reason } => unreadable(page, reason.clone()),
                TextSource::TextLayer
                | TextSource::Ocr { .. }
                | TextSource::Mixed { .. }
                | TextSource::Blank
                | TextSource::Duplicate { .. } => repeat(page, read),
            };
            self.finish(&page, Some(fingerprint)).await?;
        }
        Ok(())
    }

    /// Commits a finished page, then tells.
    async fn finish(&self, page: &Page, fingerprint: Option<Fingerprint>) -> Result<(), Error> {
        self.store.keep_page(self.file, page, fingerprint).await?;
        let now = {
            let mut done = lock(&self.done);
            done.pages_done += 1;
            *done
        };
        (self.progress)(now);
        Ok(())
    }

    /// Asks a worker about a page, with a new worker if the page kills it. A page that keeps doing so, or takes too
    /// long once, is unreadable.
    async fn ask(
        &self,
        hand: &mut Option<Box<PageWorker>>,
        request: &Request,
        page: u32,
    ) -> Result<Answer, Error> {
        let mut tried = 0;
        loop {
            let mut worker = match hand.take() {
                Some(worker) => worker,
                None => self.start().await?,
            };
            let death = match worker.ask(request).await {
                Ok(answer) => {
                    *hand = Some(worker);
                    return Ok(answer);
                }
                Err(death) => death,
            };
            tried += 1;
            match death {
                Death::Ended => return Err(Error::Stopped),
                Death::Crashed | Death::OutOfMemory if tried < TRIES => {}
                Death::Crashed | Death::OutOfMemory | Death::TooSlow => {
                    tracing::warn!(page, tried, cause = ?death, "a page was given up");
                    return Ok(Answer::Unreadable { reason: death.reason(self.plan.limits) });
                }
            }
        }
    }

    async fn start(&self) -> Result<Box<PageWorker>, Error> {
        let problem = match self.plan.start().await.map_err(Error::Worker)? {
            Opening::Open { worker, .. } => return Ok(worker),
            // It opened before, so it is another file now.
            Opening::Refused(Refusal::Gone) => Refusal::Changed,
            Opening::Refused(refusal) => refusal,
            Opening::NoRecogniser { reason } => return Err(Error::Recogniser(reason)),
            Opening::Died(_) => return Err(Error::Stopped),
        };
        Err(self.plan.source.failed(problem_of(problem)).into())
    }
}

fn unreadable(number: u32, reason: String) -> Page {
    Page::new(number, 0.0, 0.0, TextSource::Unreadable { reason }, Vec::new())
}

/// A page that shows the same as `model`, which has the words. If `model` stands later, as happens when the later
/// pages were asked for first, the words are taken over instead; nothing repeats a blank page.
fn repeat(number: u32, model: &Page) -> Page {
    if number < model.number || model.text_source == TextSource::Blank {
        return Page { number, ..model.clone() };
    }
    let how = TextSource::Duplicate { duplicate_of: model.number };
    Page::new(number, model.width, model.height, how, Vec::new())
}

/// A panic while it was held has left nothing half-done: every change under these locks is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
