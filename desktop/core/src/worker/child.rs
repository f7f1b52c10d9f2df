//! The page worker: the child process in which files are parsed and pages recognised. It has no secrets, limited
//! memory, writes no file, and ends when its parent does.

use std::{
    ffi::OsString,
    io::{self, BufReader, Write as _},
    path::Path,
    process::ExitCode,
    sync::mpsc::{Receiver, sync_channel},
};

use maneiro_api::limits::MAX_PAGES_PER_DOCUMENT;
use maneiro_engine as engine;
use secrecy::{ExposeSecret, SecretString};

use super::{
    protocol::{self, Answer, Fingerprint, Refusal, Request},
    searchable_pdf::Copying,
};
use crate::files::sha256_hex;

/// The first argument that makes the binary a page worker; the second is the memory it may take, in bytes.
pub const COMMAND: &str = "page-worker";

/// Answers the parent's requests on standard input and output until it closes them. `arguments` are those after
/// [`COMMAND`].
#[must_use]
pub fn main(arguments: &[OsString]) -> ExitCode {
    let memory = arguments.first().and_then(|bytes| bytes.to_str()).and_then(|bytes| bytes.parse().ok());
    let Some(memory) = memory else {
        // Started by hand: there is nothing to do without a parent.
        return ExitCode::from(2);
    };
    if limit_self(memory).is_err() {
        return ExitCode::FAILURE;
    }
    match serve(&requests()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Takes from this process what a hostile file could use: memory, files to write, and dumps of its memory.
#[cfg(unix)]
fn limit_self(memory: u64) -> nix::Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_FSIZE, 0, 0)?;
    // On Linux this counts what was really asked for; the address space would count reserved and shared parts too.
    let (_, most) = getrlimit(Resource::RLIMIT_DATA)?;
    let memory = memory.min(most);
    setrlimit(Resource::RLIMIT_DATA, memory, memory)
}

#[cfg(not(unix))]
fn limit_self(_: u64) -> io::Result<()> {
    Ok(())
}

/// Requests as they come in. A thread of its own reads them, so that the end of the parent ends the worker even in
/// the middle of a page.
fn requests() -> Receiver<Request> {
    let (sender, receiver) = sync_channel(1);
    std::thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        while let Ok(Some(request)) = protocol::read(&mut input) {
            if sender.send(request).is_err() {
                break;
            }
        }
        std::process::exit(0);
    });
    receiver
}

fn answer(answer: &Answer) -> io::Result<()> {
    let mut output = io::stdout().lock();
    protocol::write(&mut output, answer)?;
    output.flush()
}

fn serve(requests: &Receiver<Request>) -> io::Result<()> {
    let Ok(Request::Open { path, sha256, password, languages }) = requests.recv() else {
        return Err(io::Error::other("the first request must open a file"));
    };
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    // Models are loaded when the first scan comes. Whether they are there is known before any page is read.
    if let Err(error) = engine::OcrEngine::check_languages(&languages) {
        return answer(&Answer::NoRecogniser { reason: error.to_string() });
    }
    let document = match open(Path::new(&path), &sha256, password) {
        Ok((document, media_type)) => {
            answer(&Answer::Opened { pages: document.page_count(), media_type })?;
            document
        }
        Err(refusal) => return answer(&Answer::Refused(refusal)),
    };
    let mut reader = document.reader();
    let mut recogniser = None;
    let mut held: Option<Held<'_>> = None;
    let mut copying = Copying::of(&document);
    while let Ok(request) = requests.recv() {
        let reply = match request {
            Request::Open { .. } => return Err(io::Error::other("a worker opens one file only")),
            Request::Look { page } => {
                // What is held is large, and is let go before the next is made.
                drop(held.take());
                match reader.inspect(page) {
                    Ok(inspection) => {
                        let fingerprint = Fingerprint(inspection.fingerprint);
                        match inspection.finding {
                            engine::Finding::Page(page) => Answer::Read { fingerprint, page },
                            engine::Finding::Scan(scan) => {
                                held = Some(Held { page, fingerprint, scan });
                                Answer::Scan { fingerprint }
                            }
                        }
                    }
                    Err(error) => Answer::Unreadable { reason: error.to_string() },
                }
            }
            Request::Recognise { page } => {
                recognise(&mut reader, &mut recogniser, &languages, held.take(), page)
            }
            Request::Copy(request) => Answer::Copy(copying.answer(request)),
        };
        answer(&reply)?;
    }
    Ok(())
}

/// A page that was looked at and may be recognised next.
struct Held<'d> {
    page: u32,
    fingerprint: Fingerprint,
    scan: engine::Scan<'d>,
}

fn open(
    path: &Path,
    sha256: &str,
    password: Option<SecretString>,
) -> Result<(engine::Document, String), Refusal> {
    let file = std::fs::File::open(path).map_err(|_| Refusal::Gone)?;
    // All workers share the file's bytes with each other in this way, and give back those that nobody looks at. An empty
    // file cannot be mapped.
    #[expect(unsafe_code, reason = "no check can keep others from changing a file on the disk")]
    // SAFETY: The bytes are only read. Who changes them meanwhile changes what is read; who cuts the file off ends this
    // process, and no other.
    let bytes = unsafe { memmap2::Mmap::map(&file) }.map_err(|_| Refusal::Gone)?;
    if sha256_hex(&bytes) != sha256 {
        return Err(Refusal::Changed);
    }
    let media_type = media_type(&bytes).to_owned();
    let limits = engine::Limits { max_pages: MAX_PAGES_PER_DOCUMENT, ..engine::Limits::default() };
    let password = password.as_ref().map(ExposeSecret::expose_secret);
    let document = engine::Document::open(bytes, password, limits).map_err(|error| match error {
        engine::OpenError::Empty => Refusal::Empty,
        engine::OpenError::UnsupportedFormat => Refusal::NotAPageFile,
        engine::OpenError::TooLarge { .. } => Refusal::TooLarge,
        engine::OpenError::TooManyPages { pages, max_pages } => {
            Refusal::TooManyPages { pages, limit: max_pages }
        }
        engine::OpenError::PasswordRequired => Refusal::PasswordNeeded,
        engine::OpenError::WrongPassword => Refusal::PasswordWrong,
        engine::OpenError::Damaged { reason } => Refusal::Damaged { reason: reason.to_owned() },
    })?;
    Ok((document, media_type))
}

/// The media type of what the engine opened; it opens nothing else than these.
fn media_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xFF, 0xD8, ..] => "image/jpeg",
        [b'I', b'I', ..] | [b'M', b'M', ..] => "image/tiff",
        _ => "application/pdf",
    }
}

fn recognise<'d>(
    reader: &mut engine::Reader<'d>,
    recogniser: &mut Option<engine::OcrEngine>,
    languages: &[&str],
    held: Option<Held<'d>>,
    page: u32,
) -> Answer {
    let (fingerprint, scan) = match held {
        Some(held) if held.page == page => (held.fingerprint, held.scan),
        Some(_) | None => match reader.inspect(page) {
            Ok(inspection) => {
                let fingerprint = Fingerprint(inspection.fingerprint);
                match inspection.finding {
                    engine::Finding::Scan(scan) => (fingerprint, scan),
                    engine::Finding::Page(page) => return Answer::Read { fingerprint, page },
                }
            }
            Err(error) => return Answer::Unreadable { reason: error.to_string() },
        },
    };
    let recogniser = match recogniser {
        Some(recogniser) => recogniser,
        None => match engine::OcrEngine::new(languages) {
            Ok(made) => recogniser.insert(made),
            Err(error) => return Answer::NoRecogniser { reason: error.to_string() },
        },
    };
    match recogniser.recognise(scan) {
        Ok(page) => Answer::Read { fingerprint, page },
        Err(error) => Answer::Unreadable { reason: error.to_string() },
    }
}
