//! Makes one analysis: loads the pages, calls the language model or the built-in analyser. No transaction is open meanwhile.

use std::sync::Arc;

use maneiro_analysis::{AnalysisProgress, ModelError};
use maneiro_api::{
    AnalysisId,
    analysis::{Analysis, DiscardedOutput, Generator},
    job::JobErrorCode,
};
use tracing::{error, warn};

use crate::{
    app::job_input::{self, JobInput},
    domain::{error::Error, job::JobLease},
    log::error_chain,
    state::App,
};

/// Why there is no analysis.
pub(super) enum AnalysisFailure {
    LeaseLost,
    Error(JobErrorCode),
}

/// Makes the analysis of a leased job and counts the pages that are done in `progress`.
///
/// # Errors
/// [`AnalysisFailure`]; the cause was logged.
pub(super) async fn run_analysis(
    app: App,
    lease: JobLease,
    progress: Arc<AnalysisProgress>,
) -> Result<Analysis, AnalysisFailure> {
    let input = job_input::load(&app, &lease).await.map_err(|error| load_failure(&error))?;
    let (record, focus, window) = (input.record, input.request.focus.clone(), input.request.window);
    let (input, findings, discarded, generator) = match app.model.clone() {
        Some(model) => {
            let answer = model.analyse(&input.pages, &input.request, &progress).await;
            let (findings, discarded) = answer.map_err(|error| model_failure(&error))?;
            (input, findings, discarded, Generator::Model { name: model.name().to_owned() })
        }
        None => {
            let extraction = tokio::task::spawn_blocking(move || {
                let findings = maneiro_analysis::extract(&input.pages, &input.request, &progress);
                (input, findings)
            });
            let (input, findings) =
                extraction.await.map_err(|_| AnalysisFailure::Error(JobErrorCode::Internal))?;
            (input, findings, DiscardedOutput::default(), Generator::Extractive)
        }
    };
    let JobInput { sources, .. } = input;
    Ok(Analysis {
        id: AnalysisId::from_uuid(app.new_uuid()),
        job: lease.job(),
        record,
        generator,
        generated_at: app.now(),
        focus,
        window,
        sources,
        discarded,
        findings,
    })
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
        | Error::PermissionDenied
        | Error::NotFound(_)
        | Error::InvalidInput(_)
        | Error::Conflict(_)
        | Error::LimitReached(_)
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
        ModelError::Unusable => JobErrorCode::ModelOutputInvalid,
    })
}
