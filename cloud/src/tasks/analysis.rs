//! Makes one analysis: loads the pages, calls the language model or the built-in analyser. No transaction is open meanwhile.

use std::sync::Arc;

use maneiro_analysis::{Analyser, AnalysisControl, AnalysisError, SourcePage, model::PromptLimits};
use maneiro_api::{
    AnalysisId,
    analysis::{Analysis, Generator},
    job::JobErrorCode,
};
use tracing::{error, warn};

use crate::{
    app::job_input::{self, JobInput},
    domain::{error::Error, task::JobLease},
    log::error_chain,
    ports::ModelError,
    state::App,
};

/// Why there is no analysis.
pub(super) enum AnalysisFailure {
    LeaseLost,
    Error(JobErrorCode),
}

/// Makes the analysis of a leased job. `control` counts its pages and cancels it.
///
/// # Errors
/// [`AnalysisFailure`]; the cause was logged.
pub(super) async fn run_analysis(
    app: App,
    lease: JobLease,
    control: Arc<AnalysisControl>,
) -> Result<Analysis, AnalysisFailure> {
    let input = job_input::load(&app, &lease).await.map_err(|error| load_failure(&error))?;
    let JobInput { record, request, pages, sources } = input;
    let (focus, window) = (request.focus.clone(), request.window);
    let (analyser, generator) = match &app.model {
        Some(model) => {
            let generator = Generator::Model { name: model.name().to_owned() };
            (Analyser::with_model(request, control, PromptLimits::default()), generator)
        }
        None => (Analyser::new(request, control), Generator::Extractive),
    };
    let mut analyser = run_blocking(move || push_all(analyser, pages)).await?;
    if let Some(model) = &app.model {
        while let Some(request) = analyser.next_model_request() {
            let content = model.answer(&request).await.map_err(|error| model_failure(&error))?;
            analyser.take_model_answer(content.as_deref());
        }
    }
    let output = run_blocking(move || analyser.finish()).await?;
    Ok(Analysis {
        id: AnalysisId::from_uuid(app.new_uuid()),
        job: lease.job(),
        record,
        generator,
        generated_at: app.now(),
        focus,
        window,
        sources,
        discarded: output.discarded,
        findings: output.findings,
    })
}

fn push_all(mut analyser: Analyser, pages: Vec<SourcePage>) -> Result<Analyser, AnalysisError> {
    for page in pages {
        analyser.push(page)?;
    }
    Ok(analyser)
}

/// Runs a step on a thread that may block.
async fn run_blocking<T: Send + 'static>(
    step: impl FnOnce() -> Result<T, AnalysisError> + Send + 'static,
) -> Result<T, AnalysisFailure> {
    match tokio::task::spawn_blocking(step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(AnalysisError::Cancelled(_))) => Err(AnalysisFailure::LeaseLost),
        Ok(Err(error @ AnalysisError::NoUsableAnswer)) => {
            warn!(%error, "the language model made no analysis");
            Err(AnalysisFailure::Error(JobErrorCode::ModelOutputInvalid))
        }
        // The panic hook of the process has logged the panic, without its message.
        Err(_) => Err(AnalysisFailure::Error(JobErrorCode::Internal)),
    }
}

fn load_failure(error: &Error) -> AnalysisFailure {
    match error {
        Error::LeaseLost => AnalysisFailure::LeaseLost,
        Error::Unavailable { .. } => {
            warn!(error = %error_chain(error), "a job's pages could not be loaded");
            AnalysisFailure::Error(JobErrorCode::StorageUnavailable)
        }
        Error::Damaged(_) => {
            error!(error = %error_chain(error), "a job's pages do not open, which no retry will change");
            AnalysisFailure::Error(JobErrorCode::RecordDamaged)
        }
        Error::Unauthenticated
        | Error::InvalidCredentials
        | Error::CodeWrong
        | Error::CodeExpired
        | Error::PermissionDenied
        | Error::SecondFactorRequired
        | Error::SupportSession
        | Error::NotFound(_)
        | Error::InvalidInput(_)
        | Error::Conflict(_)
        | Error::LimitReached(_)
        | Error::Rejected(_)
        | Error::TooManyRequests { .. }
        | Error::Internal(_) => {
            error!(error = %error_chain(error), "a job's pages could not be loaded");
            AnalysisFailure::Error(JobErrorCode::Internal)
        }
    }
}

fn model_failure(error: &ModelError) -> AnalysisFailure {
    warn!(%error, "the language model made no analysis");
    AnalysisFailure::Error(match error {
        // The operator's key expired or was withdrawn: no fault of the request, which succeeds once that is mended.
        ModelError::Unavailable | ModelError::Refused { status: 401 | 403 } => JobErrorCode::ModelUnavailable,
        ModelError::Refused { .. } => JobErrorCode::ModelRequestRejected,
        ModelError::InvalidRequest => JobErrorCode::Internal,
    })
}
