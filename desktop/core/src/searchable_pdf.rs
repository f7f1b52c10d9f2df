//! A searchable copy of a file that was read: made by a page worker, written beside its place, and put there whole.
//! Neither the original nor, unless that is asked for, any other file is ever overwritten.

use std::{
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maneiro_page::{Page, TextSource};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::{
    Error,
    files::{FileProblem, SourceFile, atomic_file, hex},
    reading::{Options, ReadFile, opened},
    store::{Store, StoreError},
    worker::{Answer, CopyAnswer, CopyRequest, Death, NotCopied, PageWorker, Request, WorkerPlan},
};

/// Why a copy cannot be put where it is to go.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Something is there.
    #[error("{} exists already; --force replaces it", .path.display())]
    Taken {
        /// Where.
        path: PathBuf,
    },
    /// The original is there.
    #[error("{} is the file itself, which is not overwritten", .path.display())]
    Original {
        /// Where.
        path: PathBuf,
    },
    /// No space is left.
    #[error("the disk is full; make room and run the command again")]
    DiskFull,
    /// The folder cannot be written.
    #[error("{} cannot be written: {cause}", .path.display())]
    NotWritten {
        /// Where.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl PlaceError {
    /// What a program acts on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "output_exists",
            Self::Original { .. } => "output_is_the_file",
            Self::DiskFull => "disk_full",
            Self::NotWritten { .. } => "output_not_written",
        }
    }
}

/// Where a copy is to go.
#[derive(Debug, Clone)]
pub struct Place {
    path: PathBuf,
    replaces: bool,
}

impl Place {
    /// A place for a copy of `source`; `replaces` allows a file to be there. Blocks, as any look at a disk may.
    ///
    /// # Errors
    /// `Taken` or `Original` if a file is there that must stay.
    pub fn new(path: PathBuf, replaces: bool, source: &SourceFile) -> Result<Self, PlaceError> {
        let is_original = |path: &Path| path.canonicalize().ok() == source.path.canonicalize().ok();
        match path.try_exists() {
            Ok(true) if is_original(&path) => Err(PlaceError::Original { path }),
            Ok(true) if !replaces => Err(PlaceError::Taken { path }),
            Ok(_) => Ok(Self { path, replaces }),
            Err(cause) => Err(PlaceError::NotWritten { path, cause }),
        }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, error: io::Error) -> PlaceError {
        let path = self.path.clone();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                PlaceError::DiskFull
            }
            io::ErrorKind::AlreadyExists => PlaceError::Taken { path },
            _ => PlaceError::NotWritten { path, cause: error },
        }
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Puts a finished draft of its folder there, as a whole or not at all. Blocks.
    fn put(&self, draft: NamedTempFile) -> io::Result<()> {
        draft.as_file().sync_all()?;
        if self.replaces {
            draft.persist(&self.path)?;
        } else {
            draft.persist_noclobber(&self.path)?;
        }
        // The name is on the disk only when the folder is.
        #[cfg(unix)]
        std::fs::File::open(self.folder())?.sync_all()?;
        Ok(())
    }
}

/// Whether a file can have a searchable copy at all, as far as that is known before it is read.
///
/// # Errors
/// `File` with `Signed`, `Protected` or `Damaged` if not, or if it cannot be opened.
pub async fn check(options: &Options, source: &SourceFile) -> Result<(), Error> {
    Copyist::begin(options, source).await.map(drop)
}

/// Writes a searchable copy of a file whose pages are in the store. `progress` is told how many pages are laid.
///
/// # Errors
/// `File` if there can be no copy of it, or it changed since it was read; `Place` if the copy cannot be written. Then
/// nothing is left of it.
pub async fn write(
    store: &Store,
    options: &Options,
    read: &ReadFile,
    place: &Place,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<(), Error> {
    let mut copyist = Copyist::begin(options, &read.source).await?;
    for number in 1..=read.pages {
        let page = page(store, read, number).await?;
        copyist.ask(CopyRequest::Lay { page }).await?;
        progress(number);
    }
    let CopyAnswer::Made { is_update } = copyist.ask(CopyRequest::Finish).await? else {
        return Err(Error::Protocol);
    };
    let original = is_update.then(|| read.source.clone());
    let mut draft = at(place, |place| begun(place, original)).await?;
    while let Some(piece) = copyist.piece().await? {
        draft = at(place, move |place| {
            draft.write_all(&piece).map_err(|error| place.failed(error))?;
            Ok(draft)
        })
        .await?;
    }
    at(place, |place| Ok(place.put(draft).map_err(|error| place.failed(error))?)).await
}

/// Does what waits for the disk where it keeps nobody else waiting. A draft that it does not give back is gone.
async fn at<T: Send + 'static>(
    place: &Place,
    work: impl FnOnce(&Place) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking({
        let place = place.clone();
        move || work(&place)
    });
    done.await.map_err(|died| place.failed(io::Error::other(died)))?
}

/// A page with the words that it shows, also if it was not read again because it repeats another.
async fn page(store: &Store, read: &ReadFile, number: u32) -> Result<Page, Error> {
    let page = store.page(read.id, number).await?.ok_or(StoreError::Damaged)?;
    match page.text_source {
        TextSource::Duplicate { duplicate_of } => {
            let shown = store.page(read.id, duplicate_of).await?.ok_or(StoreError::Damaged)?;
            Ok(Page { number, ..shown })
        }
        TextSource::TextLayer
        | TextSource::Ocr { .. }
        | TextSource::Mixed { .. }
        | TextSource::Blank
        | TextSource::Unreadable { .. } => Ok(page),
    }
}

/// A draft, with all bytes of the original if it goes on from them; they must be those that were read. Blocks.
fn begun(place: &Place, original: Option<SourceFile>) -> Result<NamedTempFile, Error> {
    let mut draft = atomic_file::begin(place.folder()).map_err(|error| place.failed(error))?;
    let Some(source) = original else { return Ok(draft) };
    let mut file = std::fs::File::open(&source.path).map_err(|_| source.failed(FileProblem::Changed))?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        let read = file.read(&mut buffer).map_err(|error| source.failed(error.into()))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        draft.write_all(&buffer[..read]).map_err(|error| place.failed(error))?;
    }
    if hex(&hash.finalize()) != source.sha256 {
        return Err(source.failed(FileProblem::Changed).into());
    }
    Ok(draft)
}

/// A page worker that makes a copy.
struct Copyist<'a> {
    worker: Box<PageWorker>,
    source: &'a SourceFile,
    options: &'a Options,
}

impl<'a> Copyist<'a> {
    async fn begin(options: &'a Options, source: &'a SourceFile) -> Result<Self, Error> {
        let plan = WorkerPlan {
            program: options.worker.clone(),
            source,
            password: None,
            limits: options.limits,
            languages: &options.languages,
        };
        let (worker, ..) = opened(&plan).await.map_err(|error| match error {
            Error::File(file) if matches!(file.problem, FileProblem::PasswordNeeded) => {
                source.failed(FileProblem::Protected).into()
            }
            other => other,
        })?;
        let mut copyist = Self { worker, source, options };
        copyist.ask(CopyRequest::Begin).await?;
        Ok(copyist)
    }

    async fn ask(&mut self, request: CopyRequest) -> Result<CopyAnswer, Error> {
        let problem = match self.worker.ask(&Request::Copy(request)).await {
            Ok(Answer::Copy(CopyAnswer::NotCopied(why))) => problem_of(why),
            Ok(Answer::Copy(answer)) => return Ok(answer),
            Ok(_) => return Err(Error::Protocol),
            Err(Death::Ended) => return Err(Error::Stopped),
            Err(death) => FileProblem::NotCopied(death.reason(self.options.limits)),
        };
        Err(self.source.failed(problem).into())
    }

    async fn piece(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let CopyAnswer::Piece(piece) = self.ask(CopyRequest::Piece).await? else {
            return Err(Error::Protocol);
        };
        let piece = STANDARD.decode(piece).map_err(|_| Error::Protocol)?;
        Ok((!piece.is_empty()).then_some(piece))
    }
}

fn problem_of(why: NotCopied) -> FileProblem {
    match why {
        NotCopied::Signed => FileProblem::Signed,
        NotCopied::Protected => FileProblem::Protected,
        NotCopied::NothingRecognised => FileProblem::NothingRecognised,
        NotCopied::Damaged { reason } => FileProblem::Damaged(reason),
    }
}
