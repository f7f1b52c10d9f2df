//! Analyses files that were read: creates the record, uploads its pages, creates the job and waits for its outcome.
//!
//! The same command run again continues where the last one stopped. It uses the same record and uploads only missing
//! pages. It also uses the same `Idempotency-Key`, so that a command which is interrupted, or repeated by mistake, costs
//! one analysis. A new analysis must be requested explicitly.

use maneiro_api::{
    AnalysisId, DocumentId, JobId,
    account::Me,
    analysis::{Analysis, DateWindow},
    client::{Client, ClientError},
    job::{CreateJob, Job, JobError, JobErrorCode, JobState},
    limits::MAX_TITLE_CHARS,
    record::{CreateRecord, Record},
};

use super::upload::{upload_original, upload_pages};
use crate::{
    Error,
    reading::ReadFile,
    store::{AnalysisRequestDigest, Store, files_digest},
    system::Random,
};

/// What to analyse.
#[derive(Debug, Clone, Default)]
pub struct AnalyzeRequest {
    /// The title of the record; the first file's name if absent.
    pub title: Option<String>,
    /// What the analysis should focus on.
    pub focus: Option<String>,
    pub window: Option<DateWindow>,
    /// Requests a new analysis even if the same one was delivered before.
    pub rerun: bool,
    /// Uploads the original files too.
    pub include_originals: bool,
}

#[derive(Debug, Clone)]
pub enum AnalyzeProgress {
    /// Pages of all files are being uploaded.
    Uploading { pages_uploaded: u32, pages_total: u32 },
    /// The job changed.
    Job(Box<Job>),
}

/// A complete analysis.
#[derive(Debug, Clone)]
pub struct CompletedAnalysis {
    pub job: Job,
    pub analysis: Analysis,
    /// The documents in the cloud, one for each file in its order.
    pub documents: Vec<DocumentId>,
    request_digest: AnalysisRequestDigest,
}

/// Uploads files that were read and waits for their analysis. Dropping the future leaves the job running.
///
/// # Errors
/// `Cloud` if a call fails in spite of retries; `JobFailed` or `JobCancelled` as the job ended.
pub async fn analyze_files(
    client: &Client,
    store: &Store,
    random: &dyn Random,
    files: &[ReadFile],
    request: &AnalyzeRequest,
    progress: &(dyn Fn(AnalyzeProgress) + Sync),
) -> Result<CompletedAnalysis, Error> {
    let me = client.me().await?;
    let record = find_or_create_record(client, store, &me, files, request).await?;
    let pages_total = files.iter().map(|file| file.pages).sum();
    let mut pages_before = 0;
    let mut documents = Vec::with_capacity(files.len());
    for file in files {
        let uploading = |pages| {
            progress(AnalyzeProgress::Uploading { pages_uploaded: pages_before + pages, pages_total });
        };
        let document = upload_pages(client, store, record.id, file, uploading).await?;
        if request.include_originals {
            upload_original(client, random, &document, file).await?;
        }
        documents.push(document.id);
        pages_before += file.pages;
    }
    let create = CreateJob { record: record.id, focus: request.focus.clone(), window: request.window };
    let request_digest = AnalysisRequestDigest::new(&create);
    let run = store.save_analysis_request(&request_digest, request.rerun).await?;
    let mut job = client.create_job(&create, &request_digest.idempotency_key(run)).await?;
    if matches!(job.state, JobState::Error | JobState::Cancelled) {
        // The same request failed before. To request it again means to retry it.
        job = client.retry_job(job.id).await?;
    }
    let (job, analysis) = wait_for_analysis(client, job, progress).await?;
    Ok(CompletedAnalysis { job, analysis, documents, request_digest })
}

impl CompletedAnalysis {
    /// Saves that the user has received the analysis. From now on, only a rerun of the same request is a new analysis.
    ///
    /// # Errors
    /// `Store`.
    pub async fn set_delivered(&self, store: &Store) -> Result<(), Error> {
        Ok(store.set_delivered(&self.request_digest).await?)
    }
}

/// Waits for a job's outcome and fetches the analysis.
async fn wait_for_analysis(
    client: &Client,
    job: Job,
    progress: &(dyn Fn(AnalyzeProgress) + Sync),
) -> Result<(Job, Analysis), Error> {
    progress(AnalyzeProgress::Job(Box::new(job.clone())));
    let job = if job.state.is_final() {
        job
    } else {
        client.watch_job(job.id, |job| progress(AnalyzeProgress::Job(Box::new(job.clone())))).await?
    };
    let analysis = client.analysis(analysis_id(&job)?).await?;
    Ok((job, analysis))
}

/// The analysis of a job, without waiting.
///
/// # Errors
/// `JobNotFinished` while there is none; otherwise as [`analyze_files`].
pub async fn fetch_analysis(client: &Client, job: JobId) -> Result<(Job, Analysis), Error> {
    let job = client.job(job).await?;
    let analysis = client.analysis(analysis_id(&job)?).await?;
    Ok((job, analysis))
}

fn analysis_id(job: &Job) -> Result<AnalysisId, Error> {
    match (job.state, job.analysis) {
        (JobState::Complete, Some(analysis)) => Ok(analysis),
        (JobState::Complete, None) => {
            Err(ClientError::InvalidResponse("a complete job has no analysis").into())
        }
        (JobState::Waiting | JobState::Processing, _) => Err(Error::JobNotFinished { job: job.id }),
        (JobState::Cancelled, _) => Err(Error::JobCancelled { job: job.id }),
        (JobState::Error, _) => {
            let unknown =
                || JobError { code: JobErrorCode::Internal, message: "no reason is known".to_owned() };
            Err(Error::JobFailed { job: job.id, error: job.error.clone().unwrap_or_else(unknown) })
        }
    }
}

/// The cloud record of these files, which is created if there is none.
async fn find_or_create_record(
    client: &Client,
    store: &Store,
    me: &Me,
    files: &[ReadFile],
    request: &AnalyzeRequest,
) -> Result<Record, Error> {
    // The same file read in other languages has other words, so it is another record.
    let languages: Vec<String> = files.iter().map(|file| file.languages.to_string()).collect();
    let files_and_languages: Vec<&str> = files
        .iter()
        .zip(&languages)
        .flat_map(|(file, languages)| [&*file.source.sha256, languages])
        .collect();
    let digest = files_digest(client.base_url(), me.organization, &files_and_languages);
    if let Some(record) = store.cloud_record(&digest).await? {
        match client.record(record).await {
            Ok(record) => return Ok(record),
            // It was deleted in the cloud, so it is created again.
            Err(error) if error.api_code() == Some(maneiro_api::ErrorCode::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let title = request.title.clone().or_else(|| Some(files.first()?.source.name())).unwrap_or_default();
    let title = title.chars().take(MAX_TITLE_CHARS).collect();
    let record = client.create_record(&CreateRecord { title }).await?;
    store.save_cloud_record(&digest, record.id).await?;
    Ok(record)
}
