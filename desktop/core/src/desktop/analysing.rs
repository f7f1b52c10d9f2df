//! Analyses in the cloud: a request waits on this computer until the record is read and the cloud answers; its result is
//! kept beside the one that is shown.

use std::{sync::Arc, time::Duration};

use maneiro_api::{
    DocumentId, JobId, RecordId,
    analysis::DateWindow,
    job::{Job, JobErrorCode, JobState},
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    edit_sync::count_unsent,
    pages::place_files,
    record_sync::has_unsent_fields,
    state::{Desktop, OpenSession, RETRY_INTERVAL, RunTask, lock},
};
use crate::{
    Error,
    cloud::analyze::{AnalyzeProgress, AnalyzeRequest, CompletedAnalysis, analyze_files},
    contract::{
        common::{CommandError, CommandErrorCode},
        events::ShellEvent,
        records::{OutboxContent, OutboxItem, OutboxWork, ReadingState},
        review::{AnalysisRun, AnalysisWindow},
    },
    files::SourceFile,
    languages::Languages,
    reading::ReadFile,
    store::{AnalysisRow, LocalRecord},
};

/// How often it is looked whether the record is read.
const READING_INTERVAL: Duration = Duration::from_millis(200);

/// What was asked for, as it waits in the store.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct WaitingRequest {
    focus: Option<String>,
    window: Option<AnalysisWindow>,
}

impl Desktop {
    /// Starts an analysis; waits without network. The old result stays.
    ///
    /// # Errors
    /// `ReadOnly`; `NotFound`; `LimitReached` as the clinic's plan was last seen; `RecordIncomplete` without a page.
    pub async fn run_analysis(
        &self,
        record: RecordId,
        focus: Option<String>,
        window: Option<AnalysisWindow>,
    ) -> Result<(), CommandError> {
        let session = self.writable_session()?;
        let mut row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let usage = session.member().usage;
        if let Some(limit) = usage.analyses_limit
            && usage.analyses_used >= limit
        {
            return Err(CommandError::from(CommandErrorCode::LimitReached)
                .with_number("limit", limit)
                .with_number("used", usage.analyses_used));
        }
        if session.store.record_files(record).await?.is_empty() {
            return Err(CommandErrorCode::RecordIncomplete.into());
        }
        let focus = focus.map(|focus| focus.trim().to_owned()).filter(|focus| !focus.is_empty());
        let request = WaitingRequest { focus, window };
        row.request = Some(serde_json::to_string(&request).expect("a request has string keys only"));
        row.requested_at = Some(self.now());
        self.touch(&session, row).await?;
        self.emit(ShellEvent::OutboxChanged);
        self.start_run(&session, record);
        Ok(())
    }

    /// # Errors
    /// `NotFound`; those of the call.
    pub async fn cancel_analysis(&self, record: RecordId) -> Result<(), CommandError> {
        let session = self.session()?;
        let mut row = session.store.record(record).await?.ok_or(CommandErrorCode::NotFound)?;
        let task = lock(&session.runs).remove(&record);
        row.request = None;
        row.requested_at = None;
        if let Some(task) = task {
            task.task.abort();
            if let Some(run) = task.run.filter(|run| !run.state.is_final()) {
                let job = session.client.cancel_job(run.job).await?;
                self.emit(ShellEvent::Run { record, run: analysis_run(&job) });
            }
        }
        self.touch(&session, row).await?;
        self.emit(ShellEvent::OutboxChanged);
        Ok(())
    }

    /// Goes on with what an earlier session left: readings, requests that wait, and what was not sent.
    pub(super) fn resume_work(&self, session: &Arc<OpenSession>) {
        self.start_outbox(session);
        let (desktop, session) = (self.clone(), Arc::clone(session));
        tokio::spawn(async move {
            let rows = match session.store.records().await {
                Ok(rows) => rows,
                Err(error) => {
                    tracing::error!(code = error.code(), "the records cannot be listed");
                    return;
                }
            };
            for row in rows {
                if row.reading == ReadingState::Running {
                    desktop.start_reading(&session, row.id);
                }
                if row.request.is_some() {
                    desktop.start_run(&session, row.id);
                }
            }
        });
    }

    fn start_run(&self, session: &Arc<OpenSession>, record: RecordId) {
        let mut runs = lock(&session.runs);
        if let Some(before) = runs.remove(&record) {
            before.task.abort();
        }
        let (desktop, own) = (self.clone(), Arc::clone(session));
        let task = tokio::spawn(async move { desktop.run_until_done(&own, record).await });
        runs.insert(record, RunTask { task, run: None });
    }

    /// Tries until the cloud answers.
    async fn run_until_done(&self, session: &Arc<OpenSession>, record: RecordId) {
        loop {
            let error = match self.run_once(session, record).await {
                Ok(()) => return,
                Err(error) => error,
            };
            let is_passing = matches!(error.code, CommandErrorCode::Offline | CommandErrorCode::Unavailable);
            if !is_passing {
                self.end_run(session, record, &error).await;
                return;
            }
            {
                let mut since = lock(&session.offline_since);
                since.get_or_insert_with(|| self.now());
            }
            self.emit(ShellEvent::OutboxChanged);
            self.emit(ShellEvent::RecordChanged { record });
            tokio::time::sleep(RETRY_INTERVAL).await;
        }
    }

    /// A request that the cloud refused does not wait any more.
    async fn end_run(&self, session: &Arc<OpenSession>, record: RecordId, error: &CommandError) {
        tracing::warn!(code = ?error.code, "an analysis ended without a result");
        if let Ok(Some(row)) = session.store.record(record).await {
            let row = LocalRecord { request: None, requested_at: None, ..row };
            let _ = self.touch(session, row).await;
        }
        let known = session.run(record).filter(|run| run.state == JobState::Error);
        let run = known.unwrap_or(AnalysisRun {
            job: JobId::from_uuid(Uuid::nil()),
            state: JobState::Error,
            pages_done: 0,
            pages_total: 0,
            seconds_left: None,
            error: Some(JobErrorCode::Internal),
        });
        self.set_run(session, record, run);
        self.emit(ShellEvent::OutboxChanged);
    }

    fn set_run(&self, session: &Arc<OpenSession>, record: RecordId, run: AnalysisRun) {
        if let Some(task) = lock(&session.runs).get_mut(&record) {
            task.run = Some(run.clone());
        }
        if self.is_current(session) {
            self.emit(ShellEvent::Run { record, run });
        }
    }

    async fn run_once(&self, session: &Arc<OpenSession>, record: RecordId) -> Result<(), CommandError> {
        while session.reading_rate(record).is_some() {
            tokio::time::sleep(READING_INTERVAL).await;
        }
        let Some(row) = session.store.record(record).await? else { return Ok(()) };
        let Some(request) = &row.request else { return Ok(()) };
        let request: WaitingRequest =
            serde_json::from_str(request).map_err(|_| CommandErrorCode::StoreDamaged)?;
        let (ids, files): (Vec<DocumentId>, Vec<ReadFile>) =
            read_files(session, record).await?.into_iter().unzip();
        if files.is_empty() {
            return Err(CommandErrorCode::RecordIncomplete.into());
        }
        let analyze = AnalyzeRequest {
            title: Some(row.title.clone()),
            focus: request.focus,
            window: request.window.map(|window| DateWindow {
                from: window.from.map(|day| day.0),
                to: window.to.map(|day| day.0),
            }),
            rerun: true,
            include_originals: false,
        };
        let completed = self.analyze(session, record, &files, &analyze).await?;
        *lock(&session.offline_since) = None;
        self.take_analysis(session, record, &ids, completed).await
    }

    async fn analyze(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        files: &[ReadFile],
        request: &AnalyzeRequest,
    ) -> Result<CompletedAnalysis, CommandError> {
        let (progress, mut received) = mpsc::unbounded_channel();
        let report = move |at: AnalyzeProgress| {
            // Nobody listens once the job is done.
            let _ = progress.send(at);
        };
        let random = &*self.shared.config.random;
        let analyzing = analyze_files(&session.client, &session.store, random, files, request, &report);
        tokio::pin!(analyzing);
        loop {
            tokio::select! {
                outcome = &mut analyzing => return outcome.map_err(|error| self.failed(session, record, error)),
                Some(at) = received.recv() => match at {
                    AnalyzeProgress::Uploading { .. } => *lock(&session.offline_since) = None,
                    AnalyzeProgress::Job(job) => self.set_run(session, record, analysis_run(&job)),
                },
            }
        }
    }

    /// The job's own reason stays with the run.
    fn failed(&self, session: &Arc<OpenSession>, record: RecordId, error: Error) -> CommandError {
        if let Error::JobFailed { job, error } = &error {
            let run = AnalysisRun {
                job: *job,
                state: JobState::Error,
                pages_done: 0,
                pages_total: 0,
                seconds_left: None,
                error: Some(error.code),
            };
            self.set_run(session, record, run);
        }
        error.into()
    }

    /// Keeps a result: as the one that is shown if it is the first, else beside it.
    async fn take_analysis(
        &self,
        session: &Arc<OpenSession>,
        record: RecordId,
        files: &[DocumentId],
        completed: CompletedAnalysis,
    ) -> Result<(), CommandError> {
        for (id, cloud_id) in files.iter().zip(&completed.documents) {
            if let Some(mut file) = session.store.record_file(*id).await?
                && file.cloud_id != Some(*cloud_id)
            {
                file.cloud_id = Some(*cloud_id);
                session.store.update_file(&file).await?;
            }
        }
        let is_first = session.store.analyses(record).await?.is_empty();
        let analysis = AnalysisRow {
            analysis: completed.analysis.clone(),
            is_shown: is_first,
            known_statements: Vec::new(),
            edits_seen: 0,
        };
        session.store.save_analysis(record, &analysis).await?;
        completed.set_delivered(&session.store).await?;
        if let Some(row) = session.store.record(record).await? {
            let cloud_id = Some(completed.analysis.record);
            let row = LocalRecord { cloud_id, request: None, requested_at: None, ..row };
            session.store.save_record(&row).await?;
            session.outbox.notify_one();
        }
        if is_first {
            self.update_progress(session, record).await?;
        }
        self.set_run(session, record, analysis_run(&completed.job));
        self.emit(ShellEvent::ReviewChanged { record });
        self.emit(ShellEvent::RecordChanged { record });
        self.emit(ShellEvent::OutboxChanged);
        if let Ok(me) = session.client.me().await {
            *lock(&session.me) = me.into();
            if self.is_current(session) {
                self.emit(ShellEvent::Session { session: self.session_state() });
            }
        }
        Ok(())
    }

    /// What waits for the cloud.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn outbox(&self) -> Result<OutboxContent, CommandError> {
        let session = self.session()?;
        let offline_since = *lock(&session.offline_since);
        let mut items = Vec::new();
        for row in session.store.records().await? {
            let Some(offline_since) = offline_since else { break };
            let files = place_files(&session, row.id).await?;
            let edits = count_unsent(&session, row.id, &files).await?;
            if edits > 0 {
                items.push(OutboxItem {
                    id: format!("edits {}", row.id),
                    record: row.id,
                    title: row.title.clone(),
                    what: OutboxWork::Edits,
                    count: u32::try_from(edits).unwrap_or(u32::MAX),
                    kilobytes: 0,
                    since: offline_since,
                });
            }
            if has_unsent_fields(&row) {
                items.push(OutboxItem {
                    id: format!("fields {}", row.id),
                    record: row.id,
                    title: row.title.clone(),
                    what: OutboxWork::Fields,
                    count: 0,
                    kilobytes: 0,
                    since: row.changed_at,
                });
            }
            let (Some(_), Some(since)) = (&row.request, row.requested_at) else { continue };
            let bytes: u64 = files.iter().map(|file| file.row.bytes).sum();
            items.push(OutboxItem {
                id: format!("analyse {}", row.id),
                record: row.id,
                title: row.title,
                what: OutboxWork::Analyse,
                count: files.iter().map(super::pages::PlacedFile::pages).sum(),
                kilobytes: super::intake::kilobytes(bytes),
                since,
            });
        }
        Ok(OutboxContent { online: offline_since.is_none(), offline_since, items })
    }
}

impl OpenSession {
    pub(super) fn is_offline(&self) -> bool {
        lock(&self.offline_since).is_some()
    }

    /// Stops what runs for a record.
    pub(super) fn stop_record(&self, record: RecordId) {
        if let Some(reading) = lock(&self.readings).remove(&record) {
            reading.task.abort();
        }
        if let Some(run) = lock(&self.runs).remove(&record) {
            run.task.abort();
        }
    }
}

/// The files of a record whose pages are in the store, each with its id.
async fn read_files(
    session: &OpenSession,
    record: RecordId,
) -> Result<Vec<(DocumentId, ReadFile)>, CommandError> {
    let mut read = Vec::new();
    for file in session.store.record_files(record).await? {
        let (Some(id), Some(pages), Some(sha256)) = (file.file, file.pages, file.sha256) else { continue };
        let range = 1..=pages;
        if session.store.finished_pages(id, &range, true).await?.len() < pages as usize {
            return Err(CommandErrorCode::RecordIncomplete.into());
        }
        let read_file = ReadFile {
            id,
            source: SourceFile { path: file.name.into(), sha256, bytes: file.bytes, content: None },
            media_type: file.media_type,
            languages: Languages::default(),
            pages,
            counts: session.store.page_counts(id, &range).await?,
            unreadable: session.store.unreadable_pages(id, &range).await?,
            missing_models: session.store.missing_models(id, &range).await?,
            range,
            pages_newly_read: 0,
        };
        read.push((file.id, read_file));
    }
    Ok(read)
}

fn analysis_run(job: &Job) -> AnalysisRun {
    AnalysisRun {
        job: job.id,
        state: job.state,
        pages_done: job.progress.pages_done,
        pages_total: job.progress.pages_total,
        seconds_left: None,
        error: job.error.as_ref().filter(|_| job.state == JobState::Error).map(|error| error.code),
    }
}
