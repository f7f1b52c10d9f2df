//! The reading of records on this computer: one task for each record that is read, file after file.

use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use maneiro_api::{DocumentId, RecordId};
use secrecy::SecretString;
use tokio::{sync::mpsc, time::Instant};

use super::{
    pages::{PlacedFile, place_files},
    renderer::Renderer,
    state::{Desktop, OpenSession, ReadingRate, ReadingTask, blocking, lock},
};
use crate::{
    Error,
    contract::{
        common::{CommandError, CommandErrorCode},
        events::ShellEvent,
        records::{FileFault, ReadingState, RecordReading},
    },
    files::{FileProblem, SourceFile},
    reading::{ReadFile, ReadOptions, ReadProgress, read_file},
    store::{FileRow, LocalRecord, Store},
};

/// Twenty events a second at most.
const MIN_EVENT_INTERVAL: Duration = Duration::from_millis(50);
/// How often the lists of pages are told to be stale while pages come in.
const LIST_INTERVAL: Duration = Duration::from_millis(700);
/// How long to wait for another reading of the same file.
const BUSY_INTERVAL: Duration = Duration::from_secs(1);

/// The bytes of a file: where it lies, or those that the store holds.
pub(super) async fn file_source(store: &Store, file: &FileRow) -> Result<SourceFile, CommandError> {
    if file.has_content {
        let content = store.file_content(file.id).await?.ok_or(CommandErrorCode::StoreDamaged)?;
        return Ok(SourceFile::from_content(&file.name, Arc::from(content)));
    }
    let path = file.path.clone();
    let source = blocking(move || SourceFile::from_path(Path::new(&path)))
        .await
        .map_err(|error| CommandError::from(error.problem))?;
    match &file.sha256 {
        Some(sha256) if *sha256 != source.sha256 => Err(CommandErrorCode::FileMissing.into()),
        Some(_) | None => Ok(source),
    }
}

impl Desktop {
    /// Starts the reading of a record, unless it goes on.
    pub(super) fn start_reading(&self, session: &Arc<OpenSession>, record: RecordId) {
        let mut readings = lock(&session.readings);
        if readings.get(&record).is_some_and(|reading| !reading.task.is_finished()) {
            return;
        }
        let rate = Arc::new(Mutex::new(ReadingRate {
            started: Instant::now(),
            pages: 0,
            shown: None,
            listed: None,
        }));
        let (desktop, own, counted) = (self.clone(), Arc::clone(session), Arc::clone(&rate));
        let task = tokio::spawn(async move {
            if let Err(error) = desktop.read_record(&own, record, &counted).await {
                tracing::warn!(code = ?error.code, "the reading of a record stopped");
            }
        });
        readings.insert(record, ReadingTask { task, rate });
    }

    /// Reads the files of a record that are not read yet, one after the other.
    async fn read_record(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        rate: &Mutex<ReadingRate>,
    ) -> Result<(), CommandError> {
        let mut done = HashSet::new();
        loop {
            // Asked anew each time: files may have been added, moved or removed.
            let files = session.store.record_files(record).await?;
            let next = files
                .into_iter()
                .find(|file| !done.contains(&file.id) && file.fault.is_none() && !file.is_locked);
            let Some(file) = next else { break };
            done.insert(file.id);
            self.read_one(session, file, rate).await?;
            self.emit(ShellEvent::RecordChanged { record });
        }
        if let Some(mut row) = session.store.record(record).await? {
            row.reading = ReadingState::Done;
            session.store.save_record(&row).await?;
        }
        self.emit_reading(session, record).await?;
        self.emit(ShellEvent::RecordChanged { record });
        Ok(())
    }

    /// Reads one file and keeps what became of it.
    async fn read_one(
        &self,
        session: &Arc<OpenSession>,
        mut file: FileRow,
        rate: &Mutex<ReadingRate>,
    ) -> Result<(), CommandError> {
        let source = match file_source(&session.store, &file).await {
            Ok(source) => source,
            Err(error) => {
                file.fault = Some(fault_of(error.code));
                return Ok(session.store.update_file(&file).await?);
            }
        };
        file.sha256 = Some(source.sha256.clone());
        let options = ReadOptions::new(self.shared.config.worker.clone());
        let password = file.password.clone().map(SecretString::from);
        let outcome = loop {
            let (progress, mut received) = mpsc::unbounded_channel();
            let (source, options, password) = (&source, &options, password.as_ref());
            let reading = async move {
                let report = move |at: ReadProgress| {
                    // Nobody listens any more if the store failed.
                    let _ = progress.send(at);
                };
                read_file(&session.store, options, source, password, &report).await
            };
            let following = async {
                while let Some(at) = received.recv().await {
                    self.take_progress(session, &mut file, rate, at).await?;
                }
                Ok::<_, CommandError>(())
            };
            // Side by side, never one within the other: both wait for the store's one connection.
            let (outcome, followed) = tokio::join!(reading, following);
            followed?;
            match outcome {
                Err(Error::File(error)) if matches!(error.problem, FileProblem::Busy) => {
                    tokio::time::sleep(BUSY_INTERVAL).await;
                }
                outcome => break outcome,
            }
        };
        match outcome {
            Ok(read) => take_read(&mut file, &read),
            Err(Error::File(error)) => match error.problem {
                FileProblem::PasswordRequired | FileProblem::WrongPassword => {
                    file.is_locked = true;
                    file.password = None;
                }
                problem => file.fault = Some(fault_of(CommandError::from(problem).code)),
            },
            Err(error) => return Err(error.into()),
        }
        Ok(session.store.update_file(&file).await?)
    }

    async fn take_progress(
        &self,
        session: &Arc<OpenSession>,
        file: &mut FileRow,
        rate: &Mutex<ReadingRate>,
        at: ReadProgress,
    ) -> Result<(), CommandError> {
        if file.file != Some(at.file) || file.pages != Some(at.pages_total) {
            file.file = Some(at.file);
            file.pages = Some(at.pages_total);
            session.store.update_file(file).await?;
            self.emit(ShellEvent::RecordChanged { record: file.record });
        }
        let now = Instant::now();
        let (is_shown, is_listed) = {
            let mut rate = lock(rate);
            rate.pages += u32::from(at.pages_done > at.pages_before);
            let is_due = |last: Option<Instant>, interval| last.is_none_or(|last| now - last >= interval);
            let due = (is_due(rate.shown, MIN_EVENT_INTERVAL), is_due(rate.listed, LIST_INTERVAL));
            if due.0 {
                rate.shown = Some(now);
            }
            if due.1 {
                rate.listed = Some(now);
            }
            due
        };
        if is_shown {
            self.emit_reading(session, file.record).await?;
        }
        if is_listed {
            self.emit(ShellEvent::RecordChanged { record: file.record });
        }
        Ok(())
    }

    async fn emit_reading(&self, session: &Arc<OpenSession>, record: RecordId) -> Result<(), CommandError> {
        if let Some(row) = session.store.record(record).await? {
            let files = place_files(session, record).await?;
            let reading = record_reading(session, &row, &files);
            if self.is_current(session) {
                self.emit(ShellEvent::Reading { record, reading });
            }
        }
        Ok(())
    }

    /// Pauses, or stops for good; what was read stays.
    ///
    /// # Errors
    /// `NotFound`; those of the store.
    pub async fn stop_reading(&self, record: RecordId, state: ReadingState) -> Result<(), CommandError> {
        let session = self.session()?;
        let mut row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        session.abort_reading(record).await;
        row.reading = state;
        session.store.save_record(&row).await?;
        self.emit_reading(&session, record).await?;
        self.emit(ShellEvent::RecordChanged { record });
        Ok(())
    }

    /// # Errors
    /// `NotFound`; those of the store.
    pub async fn resume_reading(&self, record: RecordId) -> Result<(), CommandError> {
        let session = self.session()?;
        let mut row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        row.reading = ReadingState::Running;
        session.store.save_record(&row).await?;
        self.start_reading(&session, record);
        self.emit_reading(&session, record).await?;
        self.emit(ShellEvent::RecordChanged { record });
        Ok(())
    }

    /// Opens an encrypted file and reads it.
    ///
    /// # Errors
    /// `NotFound`; `WrongPassword`; those of opening the file.
    pub async fn unlock_file(&self, document: DocumentId, password: String) -> Result<(), CommandError> {
        let session = self.session()?;
        let mut file = session.store.record_file(document).await?.ok_or(CommandErrorCode::NotFound)?;
        let source = file_source(&session.store, &file).await?;
        let given = Some(SecretString::from(password.clone()));
        let tried = Renderer::new(self.shared.config.worker.clone(), source, given);
        tried.lock().await.open().await.map_err(|error| error.with_text("name", file.name.clone()))?;
        file.password = Some(password);
        file.is_locked = false;
        session.store.update_file(&file).await?;
        self.resume_reading(file.record).await
    }
}

impl OpenSession {
    /// Stops the reading of a record, and waits until it has stopped: the store must not be written to by both.
    pub(super) async fn abort_reading(&self, record: RecordId) {
        let reading = lock(&self.readings).remove(&record);
        if let Some(reading) = reading {
            reading.task.abort();
            // It was aborted, or had ended already.
            let _ = reading.task.await;
        }
    }
}

/// How far the reading of a record is.
pub(super) fn record_reading(
    session: &OpenSession,
    row: &LocalRecord,
    files: &[PlacedFile],
) -> RecordReading {
    let pages_total = files.iter().map(PlacedFile::pages).sum();
    let pages_done = files.iter().map(|file| file.outlines.len()).sum::<usize>();
    let pages_done = u32::try_from(pages_done).unwrap_or(u32::MAX);
    let pages_failed = files.iter().flat_map(PlacedFile::failed_pages).collect();
    let is_known =
        |file: &PlacedFile| file.row.pages.is_some() || file.row.fault.is_some() || file.row.is_locked;
    let rate = session.reading_rate(row.id);
    let per_second =
        rate.map_or(0.0, |rate| rate.pages as f32 / rate.started.elapsed().as_secs_f32().max(0.1));
    let remaining = pages_total - pages_done.min(pages_total);
    let is_told = rate.is_some_and(|rate| rate.pages >= 3);
    let state = match (row.reading, rate) {
        // The task ends a moment before its record says so.
        (ReadingState::Running, None) => ReadingState::Done,
        (state, _) => state,
    };
    RecordReading {
        state,
        pages_done,
        pages_total,
        pages_failed,
        pages_per_second: per_second,
        seconds_left: is_told.then(|| (remaining as f32 / per_second.max(0.01)).ceil() as u32),
        files_locked: u32::try_from(files.iter().filter(|file| file.row.is_locked).count()).unwrap_or(0),
        counting: state == ReadingState::Running && !files.iter().all(is_known),
    }
}

fn take_read(file: &mut FileRow, read: &ReadFile) {
    file.file = Some(read.id);
    file.pages = Some(read.pages);
    file.media_type.clone_from(&read.media_type);
    file.is_locked = false;
    file.fault = None;
}

fn fault_of(code: CommandErrorCode) -> FileFault {
    match code {
        CommandErrorCode::FileMissing => FileFault::Missing,
        CommandErrorCode::FileKind => FileFault::Kind,
        CommandErrorCode::FileEmpty => FileFault::Empty,
        CommandErrorCode::TooLarge => FileFault::TooLarge,
        _ => FileFault::Damaged,
    }
}
