//! The child process that parses a file and recognises its pages. It has no secrets and limited memory, writes no
//! files, and ends when its parent does.

use std::{
    ffi::OsString,
    io::{self, BufReader},
    path::Path,
    process::ExitCode,
    sync::mpsc::{Receiver, sync_channel},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maneiro_api::limits::MAX_PAGES_PER_DOCUMENT;
use maneiro_engine as engine;
use secrecy::{ExposeSecret, SecretString};

use super::{
    protocol::{self, FileContent, OpenRefusal, WorkerRequest, WorkerResponse},
    searchable_pdf::SearchablePdfService,
};
use crate::{files::sha256_hex, page_fingerprint::PageFingerprint};

/// The first argument that makes this binary a page worker. The second is its memory limit in bytes.
pub const COMMAND: &str = "page-worker";

/// Answers the parent's requests on standard input and output until the parent closes them. `arguments` are those
/// after [`COMMAND`].
#[must_use]
pub fn run(arguments: &[OsString]) -> ExitCode {
    let memory = arguments.first().and_then(|bytes| bytes.to_str()).and_then(|bytes| bytes.parse().ok());
    let Some(memory) = memory else {
        // Started by hand, without a parent.
        return ExitCode::from(2);
    };
    if limit_resources(memory).is_err() {
        return ExitCode::FAILURE;
    }
    match serve(&receive_requests()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Takes from this process what a hostile file could abuse: memory beyond the limit, files to write, and core dumps.
#[cfg(unix)]
fn limit_resources(memory: u64) -> nix::Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_FSIZE, 0, 0)?;
    // On Linux this counts allocated memory. A limit on the address space would count reserved and shared parts too.
    let (_, hard_limit) = getrlimit(Resource::RLIMIT_DATA)?;
    let memory = memory.min(hard_limit);
    setrlimit(Resource::RLIMIT_DATA, memory, memory)
}

#[cfg(not(unix))]
fn limit_resources(_: u64) -> io::Result<()> {
    Ok(())
}

/// Receives requests on a thread of its own, so that the end of the parent ends the worker even in the middle of a page.
fn receive_requests() -> Receiver<WorkerRequest> {
    let (sender, receiver) = sync_channel(1);
    std::thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        while let Ok(Some(request)) = protocol::read_message(&mut input) {
            if sender.send(request).is_err() {
                break;
            }
        }
        std::process::exit(0);
    });
    receiver
}

fn send_response(response: &WorkerResponse) -> io::Result<()> {
    protocol::write_message(&mut io::stdout().lock(), response)
}

fn serve(requests: &Receiver<WorkerRequest>) -> io::Result<()> {
    let Ok(WorkerRequest::Open { content, password, languages }) = requests.recv() else {
        return Err(io::Error::other("the first request must open a file"));
    };
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    // Models are loaded for the first scan. Whether they are installed is checked before any page is read.
    if let Err(error) = engine::OcrEngine::check_languages(&languages) {
        return send_response(&WorkerResponse::LanguageNotInstalled { reason: error.to_string() });
    }
    let document = match open_document(content, password) {
        Ok((document, media_type)) => {
            send_response(&WorkerResponse::Opened { pages: document.page_count(), media_type })?;
            document
        }
        Err(refusal) => return send_response(&WorkerResponse::OpenRefused(refusal)),
    };
    let mut reader = document.reader();
    let mut ocr = None;
    let mut inspected: Option<InspectedScan<'_>> = None;
    let mut searchable_pdf = SearchablePdfService::new(&document);
    while let Ok(request) = requests.recv() {
        let response = match request {
            WorkerRequest::Open { .. } => return Err(io::Error::other("a worker opens one file only")),
            WorkerRequest::Inspect { page } => {
                // An inspected scan is large. It is freed before the next is made.
                drop(inspected.take());
                match reader.inspect(page) {
                    Ok(inspection) => {
                        let fingerprint = PageFingerprint(inspection.fingerprint);
                        match inspection.finding {
                            engine::Finding::Page(page) => WorkerResponse::PageRead { fingerprint, page },
                            engine::Finding::Scan(scan) => {
                                inspected = Some(InspectedScan { page, fingerprint, scan });
                                WorkerResponse::NeedsOcr { fingerprint }
                            }
                        }
                    }
                    Err(error) => WorkerResponse::Unreadable { reason: error.to_string() },
                }
            }
            WorkerRequest::Recognise { page } => {
                recognise(&mut reader, &mut ocr, &languages, inspected.take(), page)
            }
            WorkerRequest::Render { page, area, width_px } => match document.render(page, area, width_px) {
                Ok(image) => WorkerResponse::Rendered {
                    png: STANDARD.encode(image.png),
                    width: image.width,
                    height: image.height,
                },
                Err(error) => WorkerResponse::Unreadable { reason: error.to_string() },
            },
            WorkerRequest::SearchablePdf(request) => {
                WorkerResponse::SearchablePdf(searchable_pdf.respond(request))
            }
        };
        send_response(&response)?;
    }
    Ok(())
}

/// The scan that was inspected last and may be recognised next.
struct InspectedScan<'d> {
    page: u32,
    fingerprint: PageFingerprint,
    scan: engine::Scan<'d>,
}

fn open_document(
    content: FileContent,
    password: Option<SecretString>,
) -> Result<(engine::Document, String), OpenRefusal> {
    match content {
        FileContent::Path { path, sha256 } => {
            let bytes = map_file(Path::new(&path))?;
            if sha256_hex(&bytes) != sha256 {
                return Err(OpenRefusal::Changed);
            }
            open_bytes(bytes, password)
        }
        FileContent::Inline(base64) => {
            let damaged = |_| OpenRefusal::Damaged { reason: "its bytes did not arrive".to_owned() };
            open_bytes(STANDARD.decode(base64).map_err(damaged)?, password)
        }
    }
}

fn map_file(path: &Path) -> Result<memmap2::Mmap, OpenRefusal> {
    let file = std::fs::File::open(path).map_err(|_| OpenRefusal::NotFound)?;
    // A mapping shares the file's bytes between all workers, and the system can free those that are not in use. An empty
    // file cannot be mapped.
    #[expect(unsafe_code, reason = "no check can keep others from changing a file on the disk")]
    // SAFETY: The bytes are only read. Whoever changes them meanwhile changes what is read; whoever truncates the file
    // ends this process, and no other.
    unsafe { memmap2::Mmap::map(&file) }.map_err(|_| OpenRefusal::NotFound)
}

fn open_bytes(
    bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    password: Option<SecretString>,
) -> Result<(engine::Document, String), OpenRefusal> {
    let media_type = media_type(bytes.as_ref()).to_owned();
    let limits = engine::Limits { max_pages: MAX_PAGES_PER_DOCUMENT, ..engine::Limits::default() };
    let password = password.as_ref().map(ExposeSecret::expose_secret);
    let document = engine::Document::open(bytes, password, limits).map_err(|error| match error {
        engine::DocumentError::Empty => OpenRefusal::Empty,
        engine::DocumentError::UnsupportedFormat => OpenRefusal::UnsupportedFormat,
        engine::DocumentError::TooLarge { .. } => OpenRefusal::TooLarge,
        engine::DocumentError::TooManyPages { pages, max_pages } => {
            OpenRefusal::TooManyPages { pages, limit: max_pages }
        }
        engine::DocumentError::PasswordRequired => OpenRefusal::PasswordRequired,
        engine::DocumentError::WrongPassword => OpenRefusal::WrongPassword,
        engine::DocumentError::Damaged { reason } => OpenRefusal::Damaged { reason: reason.to_owned() },
    })?;
    Ok((document, media_type))
}

/// The media type of a file that the engine has opened. It opens only these formats.
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
    ocr: &mut Option<engine::OcrEngine>,
    languages: &[&str],
    inspected: Option<InspectedScan<'d>>,
    page: u32,
) -> WorkerResponse {
    let (fingerprint, scan) = match inspected {
        Some(inspected) if inspected.page == page => (inspected.fingerprint, inspected.scan),
        Some(_) | None => match reader.inspect(page) {
            Ok(inspection) => {
                let fingerprint = PageFingerprint(inspection.fingerprint);
                match inspection.finding {
                    engine::Finding::Scan(scan) => (fingerprint, scan),
                    engine::Finding::Page(page) => return WorkerResponse::PageRead { fingerprint, page },
                }
            }
            Err(error) => return WorkerResponse::Unreadable { reason: error.to_string() },
        },
    };
    let ocr = match ocr {
        Some(ocr) => ocr,
        None => match engine::OcrEngine::new(languages) {
            Ok(created) => ocr.insert(created),
            Err(error) => return WorkerResponse::LanguageNotInstalled { reason: error.to_string() },
        },
    };
    match ocr.recognise(scan) {
        Ok(page) => WorkerResponse::PageRead { fingerprint, page },
        Err(error) => WorkerResponse::Unreadable { reason: error.to_string() },
    }
}
