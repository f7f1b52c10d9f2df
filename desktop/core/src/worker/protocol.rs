//! The messages between the parent and a page worker: JSON in frames of a length (4 bytes, little-endian) and that many
//! bytes. The parent sends one request at a time; the worker answers each.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
};

use maneiro_page::{BBox, Page};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

use crate::{files::FileProblem, page_fingerprint::PageFingerprint};

/// A page has at most 20,000 words of about 100 bytes each.
const MAX_FRAME_BYTES: u32 = 64 * 1024 * 1024;

/// A request of the parent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum WorkerRequest {
    /// Opens the file. The first request, sent once.
    Open {
        content: FileContent,
        #[serde(serialize_with = "serialize_exposed")]
        password: Option<SecretString>,
        /// The Tesseract models to recognise with.
        languages: Vec<String>,
    },
    /// Inspects a page: reads its text layer, or finds that it needs OCR.
    Inspect {
        page: u32,
    },
    /// Runs OCR on a page. Quicker if it is the one inspected last.
    Recognise {
        page: u32,
    },
    /// Draws a page for people, or the part of it in `area`.
    Render {
        page: u32,
        area: Option<BBox>,
        width_px: u16,
    },
    SearchablePdf(SearchablePdfRequest),
}

/// Where a worker finds the bytes of its file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FileContent {
    /// On the disk, with the expected digest, so that a changed file is noticed.
    Path { path: OsString, sha256: String },
    /// In the message, in Base64: what must not lie on the disk in clear.
    Inline(String),
}

/// A step of writing a searchable PDF, in this order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum SearchablePdfRequest {
    Begin,
    /// Adds a page's words as invisible text. Sent for every page.
    AddPage {
        page: Page,
    },
    Finish,
    NextChunk,
}

/// A response of the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum WorkerResponse {
    Opened {
        pages: u32,
        media_type: String,
    },
    OpenRefused(OpenRefusal),
    PageRead {
        fingerprint: PageFingerprint,
        page: Page,
    },
    /// The inspected page must be recognised to be read.
    NeedsOcr {
        fingerprint: PageFingerprint,
    },
    /// The page cannot be read. The rest of the file may be readable.
    Unreadable {
        reason: String,
    },
    /// A language's model is missing. The response to `Open` in place of opening the file.
    LanguageNotInstalled {
        reason: String,
    },
    /// A page as PNG in Base64, and the size of the whole page in points.
    Rendered {
        png: String,
        width: f32,
        height: f32,
    },
    SearchablePdf(SearchablePdfResponse),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum SearchablePdfResponse {
    /// The writer has begun, or has added the page.
    Ready,
    Refused(SearchablePdfRefusal),
    /// The PDF is ready to be fetched. An update is appended to the original's bytes; otherwise it is a file of its own.
    Finished {
        is_update: bool,
    },
    /// The next chunk in Base64. The last one is empty.
    Chunk(String),
}

/// Why a file cannot be made searchable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SearchablePdfRefusal {
    Signed,
    Encrypted,
    NoOcrText,
    Damaged { reason: String },
}

/// Why a worker could not open a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OpenRefusal {
    Empty,
    UnsupportedFormat,
    TooLarge,
    TooManyPages {
        pages: u32,
        limit: u32,
    },
    PasswordRequired,
    WrongPassword,
    Damaged {
        reason: String,
    },
    /// The file no longer exists, or cannot be read.
    NotFound,
    Changed,
}

impl From<OpenRefusal> for FileProblem {
    fn from(refusal: OpenRefusal) -> Self {
        match refusal {
            OpenRefusal::Empty => Self::Empty,
            OpenRefusal::UnsupportedFormat => Self::UnsupportedFormat,
            OpenRefusal::TooLarge => Self::TooLarge,
            OpenRefusal::TooManyPages { pages, limit } => Self::TooManyPages { pages, limit },
            OpenRefusal::PasswordRequired => Self::PasswordRequired,
            OpenRefusal::WrongPassword => Self::WrongPassword,
            OpenRefusal::Damaged { reason } => Self::Damaged(reason),
            OpenRefusal::NotFound => Self::NotFound,
            OpenRefusal::Changed => Self::Changed,
        }
    }
}

impl From<SearchablePdfRefusal> for FileProblem {
    fn from(refusal: SearchablePdfRefusal) -> Self {
        match refusal {
            SearchablePdfRefusal::Signed => Self::Signed,
            SearchablePdfRefusal::Encrypted => Self::Encrypted,
            SearchablePdfRefusal::NoOcrText => Self::NoOcrText,
            SearchablePdfRefusal::Damaged { reason } => Self::Damaged(reason),
        }
    }
}

/// The worker is meant to have the password.
fn serialize_exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}

fn encode_frame(message: &impl Serialize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut frame = Zeroizing::new(vec![0; 4]);
    serde_json::to_writer(&mut *frame, message)?;
    let length = u32::try_from(frame.len() - 4).ok().filter(|&length| length <= MAX_FRAME_BYTES);
    let length = length.ok_or_else(|| io::Error::other("the message is too long for a frame"))?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

fn decode_length(header: [u8; 4]) -> io::Result<usize> {
    match u32::from_le_bytes(header) {
        length if length > MAX_FRAME_BYTES => Err(io::Error::other("the frame is too long")),
        length => Ok(length as usize),
    }
}

pub(super) fn write_message(output: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    output.write_all(&encode_frame(message)?)?;
    output.flush()
}

/// Reads one message; none at the end of the input.
pub(super) fn read_message<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut header = [0; 4];
    match input.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut body = Zeroizing::new(vec![0; decode_length(header)?]);
    input.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

pub(super) async fn send_message(
    output: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
) -> io::Result<()> {
    output.write_all(&encode_frame(message)?).await?;
    output.flush().await
}

pub(super) async fn receive_message<T: DeserializeOwned>(
    input: &mut (impl AsyncRead + Unpin),
) -> io::Result<T> {
    let mut header = [0; 4];
    input.read_exact(&mut header).await?;
    let mut body = vec![0; decode_length(header)?];
    input.read_exact(&mut body).await?;
    Ok(serde_json::from_slice(&body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_as_sent_and_the_end_is_not_an_error() {
        let mut pipe = Vec::new();
        write_message(&mut pipe, &WorkerRequest::Inspect { page: 7 }).unwrap();
        let mut reader = pipe.as_slice();
        assert!(matches!(read_message(&mut reader).unwrap(), Some(WorkerRequest::Inspect { page: 7 })));
        assert!(read_message::<WorkerRequest>(&mut reader).unwrap().is_none());
    }

    #[test]
    fn an_oversized_frame_is_refused_before_it_is_allocated() {
        let mut reader: &[u8] = &[255, 255, 255, 255, 0];
        assert!(read_message::<WorkerRequest>(&mut reader).is_err());
    }
}
