//! Making one analysis: load the pages, ask the model or the built-in analyser. No transaction is open meanwhile.

use std::sync::Arc;

use maneiro_analysis::{ModelError, Progress};
use maneiro_api::{
    AnalysisId,
    analysis::{Analysis, DiscardedOutput, Generator},
    job::JobErrorCode,
};
use tracing::{error, warn};

use super::runner::chain;
use crate::{
    app::work::{self, Work},
    domain::{error::Error, job::Claim},
    state::App,
};

/// Why there is no analysis.
pub(super) enum Failed {
    /// The job is no longer this worker's.
    Lost,
    /// This attempt failed.
    For(JobErrorCode),
}

/// Makes the analysis that the claimed job asks for; counts pages in `progress` as it goes.
///
/// # Errors
/// [`Failed`]; the cause was logged.
pub(super) async fn make(app: App, claim: Claim, progress: Arc<Progress>) -> Result<Analysis, Failed> {
    let work = work::load(&app, &claim).await.map_err(|error| not_loaded(&error))?;
    let (record, focus, window) = (work.record, work.request.focus.clone(), work.request.window);
    let (work, findings, discarded, generator) = match app.model.clone() {
        Some(model) => {
            let asked = model.analyse(&work.pages, &work.request, &progress).await;
            let (findings, discarded) = asked.map_err(|error| no_answer(&error))?;
            (work, findings, discarded, Generator::Model { name: model.name().to_owned() })
        }
        None => {
            let extracted = tokio::task::spawn_blocking(move || {
                let findings = maneiro_analysis::extract(&work.pages, &work.request, &progress);
                (work, findings)
            });
            let (work, findings) = extracted.await.map_err(|_| Failed::For(JobErrorCode::Internal))?;
            (work, findings, DiscardedOutput::default(), Generator::Extractive)
        }
    };
    let Work { sources, .. } = work;
    Ok(Analysis {
        id: AnalysisId::from_uuid(app.uuid()),
        job: claim.job(),
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

fn not_loaded(error: &Error) -> Failed {
    match error {
        Error::LeaseLost => Failed::Lost,
        Error::Unavailable { .. } => {
            warn!(error = %chain(error), "a job's pages could not be loaded");
            Failed::For(JobErrorCode::StorageUnavailable)
        }
        Error::Unauthenticated
        | Error::WrongCredentials
        | Error::Denied
        | Error::NotFound(_)
        | Error::Invalid(_)
        | Error::Conflict(_)
        | Error::LimitReached(_)
        | Error::Bug(_) => {
            error!(error = %chain(error), "a job's pages could not be loaded, which no retry will change");
            Failed::For(JobErrorCode::Internal)
        }
    }
}

fn no_answer(error: &ModelError) -> Failed {
    warn!(%error, "the language model gave no analysis");
    Failed::For(match error {
        ModelError::Unavailable => JobErrorCode::ModelUnavailable,
        ModelError::Refused { .. } => JobErrorCode::ModelRequestRejected,
        ModelError::Unusable => JobErrorCode::ModelOutputInvalid,
    })
}
