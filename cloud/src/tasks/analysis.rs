//! Makes one analysis in a process of its own: hands it the pages one by one, and asks the language model what it wants to
//! know. No transaction is open meanwhile. Dropping it kills the process.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use futures::StreamExt as _;
use maneiro_analysis::{AnalysisOutput, model::PromptLimits};
use maneiro_api::{
    AnalysisId,
    analysis::{Analysis, Generator, ModelFailure, SourceDocument},
    job::JobErrorCode,
};
use tracing::{error, warn};

use crate::{
    analysis_process::{AnalysisProcess, AnalysisReply, AnalysisStep, ProcessExit, ProcessLimits},
    app::{
        job_input::{self, JobInput},
        model_answers,
    },
    config::WorkerConfig,
    domain::{
        error::Error,
        task::{JobLease, TaskErrorCode},
    },
    log::error_chain,
    ports::{LanguageModel, ModelError},
    state::App,
};

/// Why there is no analysis.
pub(super) enum AnalysisFailure {
    LeaseLost,
    Error(JobErrorCode),
}

/// Makes the analysis of a leased job, and counts its pages in `pages_done`.
///
/// # Errors
/// [`AnalysisFailure`]; the cause was logged.
pub(super) async fn run_analysis(
    app: App,
    lease: JobLease,
    config: WorkerConfig,
    pages_done: Arc<AtomicU32>,
) -> Result<Analysis, AnalysisFailure> {
    let input = job_input::load(&app, &lease).await?;
    let limits = ProcessLimits {
        program: app.analysis_program.clone(),
        memory_mib: config.analysis_memory_mib,
        cpu_time: config.attempt_timeout,
    };
    let process = AnalysisProcess::start(&limits).map_err(|error| {
        error!(%error, "an analysis process could not be started");
        AnalysisFailure::Error(JobErrorCode::Internal)
    })?;
    let model = app.model.as_ref().filter(|model| input.allows_host(model.host()));
    let mut attempt = AnalysisAttempt { app: &app, lease: &lease, model, process, pages_done: &pages_done };
    let sources = attempt.send_pages(&input).await?;
    let output = attempt.finish(&input).await?;
    let generator = match model {
        Some(model) if output.is_by_model => Generator::Model { name: model.name().to_owned() },
        Some(_) | None => Generator::Extractive,
    };
    Ok(Analysis {
        id: AnalysisId::from_uuid(app.new_uuid()),
        job: lease.job(),
        record: input.record,
        generator,
        generated_at: app.now(),
        focus: input.request.focus,
        window: input.request.window,
        sources,
        discarded: output.discarded,
        model_failure: output.model_failure,
        findings: output.findings,
    })
}

struct AnalysisAttempt<'a> {
    app: &'a App,
    lease: &'a JobLease,
    /// Absent also if the clinic's policy allows its host no pages.
    model: Option<&'a Arc<dyn LanguageModel>>,
    process: AnalysisProcess,
    pages_done: &'a AtomicU32,
}

impl AnalysisAttempt<'_> {
    async fn send_pages(&mut self, input: &JobInput) -> Result<Vec<SourceDocument>, AnalysisFailure> {
        let prompt_limits = self.model.map(|_| PromptLimits::default());
        let begin = AnalysisStep::Begin { request: input.request.clone(), prompt_limits };
        self.process.send(&begin).await?;
        let mut sources = input.sources();
        let mut pages = pin!(input.pages(self.app));
        while let Some(page) = pages.next().await {
            let page = page?;
            sources.add_page(&page);
            self.process.send(&AnalysisStep::Page(page)).await?;
            if self.model.is_none() {
                self.pages_done.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(sources.into_vec())
    }

    async fn finish(&mut self, input: &JobInput) -> Result<AnalysisOutput, AnalysisFailure> {
        let mut step = AnalysisStep::Analyse;
        let mut is_disclosed = false;
        loop {
            match self.process.ask(&step).await? {
                AnalysisReply::AskModel { request, pages_done } => {
                    self.pages_done.store(pages_done, Ordering::Relaxed);
                    let Some(model) = self.model else {
                        error!("an analysis process asks a language model that there is not");
                        return Err(AnalysisFailure::Error(JobErrorCode::Internal));
                    };
                    step = match model_answers::find(self.app, self.lease, &request).await? {
                        Some(content) => AnalysisStep::ModelAnswer { content: Some(content) },
                        None => {
                            if !is_disclosed {
                                input.record_disclosure(self.app, self.lease, model.host()).await?;
                                is_disclosed = true;
                            }
                            match model.answer(&request).await {
                                Ok(content) => {
                                    if let Some(content) = &content {
                                        model_answers::store(self.app, self.lease, &request, content).await?;
                                    }
                                    AnalysisStep::ModelAnswer { content }
                                }
                                Err(error) => self.without_model(error)?,
                            }
                        }
                    };
                }
                AnalysisReply::Finished(output) => {
                    if output.model_failure == Some(ModelFailure::UnusableAnswers) {
                        warn!("no answer of the language model could be used");
                        // Another attempt asks again; after the last one the built-in analysis stands.
                        if self.is_retried(JobErrorCode::ModelOutputInvalid) {
                            model_answers::delete(self.app, self.lease).await?;
                            return Err(AnalysisFailure::Error(JobErrorCode::ModelOutputInvalid));
                        }
                    }
                    return Ok(*output);
                }
            }
        }
    }

    /// The next step after the model gave no answer: a later attempt may get one. If there is none, or the model refuses, the
    /// built-in analysis stands.
    fn without_model(&self, error: ModelError) -> Result<AnalysisStep, AnalysisFailure> {
        let failure = match &error {
            ModelError::Unavailable => ModelFailure::Unavailable,
            ModelError::Refused { .. } => ModelFailure::RequestRejected,
            ModelError::InvalidRequest => return Err(error.into()),
        };
        match AnalysisFailure::from(error) {
            AnalysisFailure::Error(code) if self.is_retried(code) => Err(AnalysisFailure::Error(code)),
            AnalysisFailure::Error(_) => Ok(AnalysisStep::GiveUpModel { failure }),
            AnalysisFailure::LeaseLost => Err(AnalysisFailure::LeaseLost),
        }
    }

    fn is_retried(&self, code: JobErrorCode) -> bool {
        self.lease.task().may_retry(TaskErrorCode::Job(code))
    }
}

impl From<ProcessExit> for AnalysisFailure {
    fn from(exit: ProcessExit) -> Self {
        error!(error = %exit, "an analysis process ended early");
        Self::Error(match exit {
            ProcessExit::OutOfMemory => JobErrorCode::RecordTooLarge,
            ProcessExit::OutOfTime | ProcessExit::Crashed => JobErrorCode::Internal,
        })
    }
}

impl From<Error> for AnalysisFailure {
    fn from(error: Error) -> Self {
        match error {
            Error::LeaseLost => Self::LeaseLost,
            Error::Unavailable { .. } => {
                warn!(error = %error_chain(&error), "what a job needs is not available");
                Self::Error(JobErrorCode::StorageUnavailable)
            }
            Error::Damaged(_) => {
                error!(error = %error_chain(&error), "what a job needs does not open, which no retry will change");
                Self::Error(JobErrorCode::RecordDamaged)
            }
            Error::Unauthenticated
            | Error::InvalidCredentials
            | Error::PermissionDenied
            | Error::SecondFactorRequired
            | Error::PasswordRequired
            | Error::SupportSession
            | Error::NotFound(_)
            | Error::InvalidInput(_)
            | Error::Conflict(_)
            | Error::RecordChanged(_)
            | Error::LimitReached(_)
            | Error::CodeWrong
            | Error::CodeExpired
            | Error::Rejected(_)
            | Error::TooManyRequests { .. }
            | Error::Internal(_) => {
                error!(error = %error_chain(&error), "a job's input could not be loaded");
                Self::Error(JobErrorCode::Internal)
            }
        }
    }
}

impl From<ModelError> for AnalysisFailure {
    fn from(error: ModelError) -> Self {
        warn!(%error, "the language model made no analysis");
        Self::Error(match error {
            // The operator's key expired or was withdrawn: no fault of the request, which succeeds once that is mended.
            ModelError::Unavailable | ModelError::Refused { status: 401 | 403 } => {
                JobErrorCode::ModelUnavailable
            }
            ModelError::Refused { .. } | ModelError::InvalidRequest => JobErrorCode::ModelRequestRejected,
        })
    }
}
