//! What the parent and a page worker say to each other: JSON in frames of a length (4 bytes, little-endian) and that
//! many bytes. The parent asks one thing at a time; the worker answers each.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
};

use maneiro_page::Page;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

/// The longest frame: a page has at most 20,000 words of about 100 bytes each.
const MAX_FRAME_BYTES: u32 = 64 * 1024 * 1024;

/// What the parent asks.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Opens the file. The first request, and asked once.
    Open {
        path: OsString,
        /// What its bytes must be, so that a file that changed is noticed.
        sha256: String,
        #[serde(serialize_with = "exposed")]
        password: Option<SecretString>,
        /// The models to recognise with.
        languages: Vec<String>,
    },
    /// Looks at a page.
    Look { page: u32 },
    /// Recognises a page; quicker if it is the one looked at last.
    Recognise { page: u32 },
    /// Something about a searchable copy of the file.
    Copy(CopyRequest),
}

/// What the parent asks of a worker that makes a searchable copy, in this order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum CopyRequest {
    /// Begins one.
    Begin,
    /// Lays a page's words over it; asked for each page.
    Lay { page: Page },
    /// Ends it.
    Finish,
    /// Gives the next piece of it.
    Piece,
}

/// What the worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// The file is open.
    Opened { pages: u32, media_type: String },
    /// The file cannot be opened.
    Refused(Refusal),
    /// The page is read.
    Read { fingerprint: Fingerprint, page: Page },
    /// The page was looked at, and must be recognised to be read.
    Scan { fingerprint: Fingerprint },
    /// The page cannot be read; everything else of the file may well be.
    Unreadable { reason: String },
    /// No page can be recognised in these languages; said instead of opening the file.
    NoRecogniser { reason: String },
    /// About a searchable copy.
    Copy(CopyAnswer),
}

/// What a worker says of a searchable copy.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum CopyAnswer {
    /// It is begun, or the page is laid.
    Ready,
    /// There can be none.
    NotCopied(NotCopied),
    /// It is made. Its pieces come after the original's bytes, or stand for themselves.
    Made { is_update: bool },
    /// The next piece in Base64; the last one is empty.
    Piece(String),
}

/// Why there can be no searchable copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NotCopied {
    Signed,
    Protected,
    NothingRecognised,
    Damaged { reason: String },
}

/// Why a worker could not open a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refusal {
    Empty,
    NotAPageFile,
    TooLarge,
    TooManyPages {
        pages: u32,
        limit: u32,
    },
    PasswordNeeded,
    PasswordWrong,
    Damaged {
        reason: String,
    },
    /// It is no longer there, or not to be read.
    Gone,
    Changed,
}

/// Equal for two pages of one file exactly if they show the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Fingerprint(pub(crate) [u8; 32]);

/// The worker is the one that the password is meant for.
fn exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}

fn frame(message: &impl Serialize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut frame = Zeroizing::new(vec![0; 4]);
    serde_json::to_writer(&mut *frame, message)?;
    let length = u32::try_from(frame.len() - 4).ok().filter(|&length| length <= MAX_FRAME_BYTES);
    let length = length.ok_or_else(|| io::Error::other("the message is too long for a frame"))?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

fn length_of(header: [u8; 4]) -> io::Result<usize> {
    match u32::from_le_bytes(header) {
        length if length > MAX_FRAME_BYTES => Err(io::Error::other("the frame is too long")),
        length => Ok(length as usize),
    }
}

/// Writes one message.
pub(crate) fn write(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    to.write_all(&frame(message)?)?;
    to.flush()
}

/// Reads one message; none at the end.
pub(crate) fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut header = [0; 4];
    match from.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut body = Zeroizing::new(vec![0; length_of(header)?]);
    from.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

/// Writes one message without blocking.
pub(crate) async fn send(to: &mut (impl AsyncWrite + Unpin), message: &impl Serialize) -> io::Result<()> {
    to.write_all(&frame(message)?).await?;
    to.flush().await
}

/// Reads one message without blocking.
pub(crate) async fn receive<T: DeserializeOwned>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let mut header = [0; 4];
    from.read_exact(&mut header).await?;
    let mut body = vec![0; length_of(header)?];
    from.read_exact(&mut body).await?;
    Ok(serde_json::from_slice(&body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_as_it_was_sent_and_the_end_is_no_error() {
        let mut pipe = Vec::new();
        write(&mut pipe, &Request::Look { page: 7 }).unwrap();
        let mut reader = pipe.as_slice();
        assert!(matches!(read(&mut reader).unwrap(), Some(Request::Look { page: 7 })));
        assert!(read::<Request>(&mut reader).unwrap().is_none());
    }

    #[test]
    fn a_frame_that_claims_to_be_endless_is_refused_before_memory_is_taken() {
        let mut reader: &[u8] = &[255, 255, 255, 255, 0];
        assert!(read::<Request>(&mut reader).is_err());
    }
}
