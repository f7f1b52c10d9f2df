//! Writes the searchable PDF of a file that was read: a copy with the recognised words as an invisible text layer. A page
//! worker makes it; the file is written as a whole or not at all.

use std::io::{self, Read as _, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maneiro_page::{Page, TextSource};
use sha2::{Digest as _, Sha256};

use crate::{
    Error,
    files::{AtomicFile, FileProblem, OutputFile, SourceFile},
    reading::{ReadFile, ReadOptions},
    store::{Store, StoreError},
    worker::{
        PageWorker, SearchablePdfRequest, SearchablePdfResponse, WorkerExit, WorkerOptions, WorkerRequest,
        WorkerResponse,
    },
};

/// Checks that a file can be made searchable, as far as that is known before it is read.
///
/// # Errors
/// `File` with `Signed`, `Encrypted` or `Damaged`, or if the file cannot be opened.
pub async fn check_source(options: &ReadOptions, source: &SourceFile) -> Result<(), Error> {
    SearchablePdfWorker::start(options, source).await.map(drop)
}

/// Writes the searchable PDF of a file whose pages are in the store. `progress` receives the count of added pages.
///
/// # Errors
/// `File` if the file cannot be made searchable or changed since it was read; `Output` if the PDF cannot be written.
/// Nothing is then left of it.
pub async fn write_searchable_pdf(
    store: &Store,
    options: &ReadOptions,
    read: &ReadFile,
    output: &OutputFile,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<(), Error> {
    let mut worker = SearchablePdfWorker::start(options, &read.source).await?;
    for number in 1..=read.pages {
        let page = page_with_words(store, read, number).await?;
        worker.request(SearchablePdfRequest::AddPage { page }).await?;
        progress(number);
    }
    let SearchablePdfResponse::Finished { is_update } = worker.request(SearchablePdfRequest::Finish).await?
    else {
        return Err(Error::Protocol);
    };
    let original = is_update.then(|| read.source.clone());
    let mut file = run_blocking(output, |output| begin_file(output, original)).await?;
    while let Some(chunk) = worker.next_chunk().await? {
        file = run_blocking(output, move |output| {
            file.write_all(&chunk).map_err(|error| output.error(error))?;
            Ok(file)
        })
        .await?;
    }
    run_blocking(output, |output| Ok(output.persist(file)?)).await
}

/// Runs work on the disk without blocking the runtime. A file that `work` does not return is removed.
async fn run_blocking<T: Send + 'static>(
    output: &OutputFile,
    work: impl FnOnce(&OutputFile) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let task = tokio::task::spawn_blocking({
        let output = output.clone();
        move || work(&output)
    });
    task.await.map_err(|panic| output.error(io::Error::other(panic)))?
}

/// A page with its words. A duplicate has those of the page that it repeats.
async fn page_with_words(store: &Store, read: &ReadFile, number: u32) -> Result<Page, Error> {
    let page = store.page(read.id, number).await?.ok_or(StoreError::Damaged)?;
    match page.text_source {
        TextSource::Duplicate { duplicate_of } => {
            let original = store.page(read.id, duplicate_of).await?.ok_or(StoreError::Damaged)?;
            Ok(Page { number, ..original })
        }
        TextSource::TextLayer
        | TextSource::Ocr { .. }
        | TextSource::Mixed { .. }
        | TextSource::Blank
        | TextSource::Unreadable { .. } => Ok(page),
    }
}

/// Begins the output with the bytes of the original, if it continues them. They must be those that were read. Blocks.
fn begin_file(output: &OutputFile, original: Option<SourceFile>) -> Result<AtomicFile, Error> {
    let mut file = output.create()?;
    let Some(source) = original else { return Ok(file) };
    let mut original = std::fs::File::open(&source.path).map_err(|_| source.error(FileProblem::Changed))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        let read = original.read(&mut buffer).map_err(|error| source.error(error.into()))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(|error| output.error(error))?;
    }
    if hex::encode(hash.finalize()) != source.sha256 {
        return Err(source.error(FileProblem::Changed).into());
    }
    Ok(file)
}

/// A page worker that writes a searchable PDF.
struct SearchablePdfWorker<'a> {
    worker: Box<PageWorker>,
    source: &'a SourceFile,
    options: &'a ReadOptions,
}

impl<'a> SearchablePdfWorker<'a> {
    async fn start(options: &'a ReadOptions, source: &'a SourceFile) -> Result<Self, Error> {
        let worker_options = WorkerOptions {
            program: options.worker.clone(),
            source,
            password: None,
            limits: options.limits,
            languages: &options.languages,
        };
        let (worker, ..) = worker_options.open().await.map_err(|error| match error {
            Error::File(file) if matches!(file.problem, FileProblem::PasswordRequired) => {
                source.error(FileProblem::Encrypted).into()
            }
            other => other,
        })?;
        let mut worker = Self { worker, source, options };
        worker.request(SearchablePdfRequest::Begin).await?;
        Ok(worker)
    }

    async fn request(&mut self, request: SearchablePdfRequest) -> Result<SearchablePdfResponse, Error> {
        let problem = match self.worker.request(&WorkerRequest::SearchablePdf(request)).await {
            Ok(WorkerResponse::SearchablePdf(SearchablePdfResponse::Refused(refusal))) => refusal.into(),
            Ok(WorkerResponse::SearchablePdf(response)) => return Ok(response),
            Ok(_) => return Err(Error::Protocol),
            Err(WorkerExit::Terminated) => return Err(Error::Interrupted),
            Err(exit) => FileProblem::NotConverted(exit.reason(self.options.limits)),
        };
        Err(self.source.error(problem).into())
    }

    async fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let SearchablePdfResponse::Chunk(chunk) = self.request(SearchablePdfRequest::NextChunk).await? else {
            return Err(Error::Protocol);
        };
        let chunk = STANDARD.decode(chunk).map_err(|_| Error::Protocol)?;
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}
