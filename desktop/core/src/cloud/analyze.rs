//! From read files to an analysis: the record, its pages in the cloud, the job, and the job's outcome.
//!
//! The same command run again goes on where the last one stopped. Files that became a record are that record again;
//! pages that arrived are not sent again; and a question that was asked is not asked twice, so that a command that is
//! interrupted, or repeated by mistake, costs one analysis. Whoever wants a fresh one says so.

use maneiro_api::{
    JobId,
    account::Me,
    analysis::{Analysis, DateWindow},
    client::{Client, ClientError},
    job::{CreateJob, Job, JobError, JobErrorCode, JobState},
    limits::MAX_TITLE_CHARS,
    record::{CreateRecord, Record},
};

use super::upload;
use crate::{
    Error,
    reading::ReadFile,
    store::{Question, Store},
    system::Random,
};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// What the clinic is to call the record; the first file's name if absent.
    pub title: Option<String>,
    /// What to look at in particular.
    pub focus: Option<String>,
    /// Which days to look at.
    pub window: Option<DateWindow>,
    /// Asks again although there is an answer.
    pub anew: bool,
    /// Sends the original files too.
    pub originals: bool,
}

/// How far the cloud's part is.
#[derive(Debug, Clone)]
pub enum Progress {
    /// Pages of all files are being sent.
    Sending {
        /// How many are there.
        pages_there: u32,
        /// How many there will be.
        pages_total: u32,
    },
    /// The job changed.
    Job(Box<Job>),
}

/// An analysis that was asked for, and whether it was asked for just now.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The job, complete.
    pub job: Job,
    /// Its result.
    pub analysis: Analysis,
    question: Question,
}

/// Sends read files to the cloud and waits for their analysis. Dropping the future leaves the job running.
///
/// # Errors
/// `Cloud` if a call fails for longer than the client is patient; `JobFailed` or `JobCancelled` as the job ended.
pub async fn analyze(
    client: &Client,
    store: &Store,
    random: &dyn Random,
    files: &[ReadFile],
    request: &Request,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Outcome, Error> {
    let me = client.me().await?;
    let record = record(client, store, &me, files, request).await?;
    let pages_total = files.iter().map(|file| file.pages).sum();
    let mut pages_before = 0;
    for file in files {
        let told = |pages| progress(Progress::Sending { pages_there: pages_before + pages, pages_total });
        let document = upload::pages(client, store, record.id, file, told).await?;
        if request.originals {
            upload::original(client, random, &document, file).await?;
        }
        pages_before += file.pages;
    }
    let create = CreateJob { record: record.id, focus: request.focus.clone(), window: request.window };
    let question = Question::of(&create);
    let asked = store.ask(&question, request.anew).await?;
    let mut job = client.create_job(&create, &question.key(asked)).await?;
    if matches!(job.state, JobState::Error | JobState::Cancelled) {
        // The same question came to nothing before; asking it again means to try once more.
        job = client.retry_job(job.id).await?;
    }
    let (job, analysis) = outcome(client, job, progress).await?;
    Ok(Outcome { job, analysis, question })
}

impl Outcome {
    /// Notes that the user has the analysis: the same question gets it again from now on, unless it is asked anew.
    ///
    /// # Errors
    /// `Store` if that cannot be kept.
    pub async fn delivered(&self, store: &Store) -> Result<(), Error> {
        Ok(store.answered(&self.question).await?)
    }
}

/// Waits for a job's outcome and fetches the analysis.
///
/// # Errors
/// As of [`analyze`].
pub async fn outcome(
    client: &Client,
    job: Job,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Job, Analysis), Error> {
    progress(Progress::Job(Box::new(job.clone())));
    let job = if job.state.is_final() {
        job
    } else {
        client.watch_job(job.id, |job| progress(Progress::Job(Box::new(job.clone())))).await?
    };
    let analysis = finished(&job)?;
    let analysis = client.analysis(analysis).await?;
    Ok((job, analysis))
}

/// The analysis of a job, without waiting.
///
/// # Errors
/// `JobUnfinished` while there is none; else as of [`analyze`].
pub async fn fetch(client: &Client, job: JobId) -> Result<(Job, Analysis), Error> {
    let job = client.job(job).await?;
    let analysis = client.analysis(finished(&job)?).await?;
    Ok((job, analysis))
}

fn finished(job: &Job) -> Result<maneiro_api::AnalysisId, Error> {
    match (job.state, job.analysis) {
        (JobState::Complete, Some(analysis)) => Ok(analysis),
        (JobState::Complete, None) => {
            Err(ClientError::InvalidResponse("a complete job has no analysis").into())
        }
        (JobState::Waiting | JobState::Processing, _) => Err(Error::JobUnfinished { job: job.id }),
        (JobState::Cancelled, _) => Err(Error::JobCancelled { job: job.id }),
        (JobState::Error, _) => {
            let unknown =
                || JobError { code: JobErrorCode::Internal, message: "no reason was given".to_owned() };
            Err(Error::JobFailed { job: job.id, error: job.error.clone().unwrap_or_else(unknown) })
        }
    }
}

/// The record that these files are, which is made if they are none yet.
async fn record(
    client: &Client,
    store: &Store,
    me: &Me,
    files: &[ReadFile],
    request: &Request,
) -> Result<Record, Error> {
    // Read in other languages, the same file has other words, and the cloud is to have those.
    let languages: Vec<String> = files.iter().map(|file| file.languages.to_string()).collect();
    let readings: Vec<&str> = files
        .iter()
        .zip(&languages)
        .flat_map(|(file, languages)| [&*file.source.sha256, languages])
        .collect();
    let digest = store.files_digest(client.base_url(), me.organization, &readings);
    if let Some(record) = store.record(&digest).await? {
        match client.record(record).await {
            Ok(record) => return Ok(record),
            // It was deleted there; the files are to be a record again.
            Err(error) if error.api_code() == Some(maneiro_api::ErrorCode::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let title = request.title.clone().or_else(|| Some(files.first()?.source.name())).unwrap_or_default();
    let title = title.chars().take(MAX_TITLE_CHARS).collect();
    let record = client.create_record(&CreateRecord { title }).await?;
    store.keep_record(&digest, record.id).await?;
    Ok(record)
}
