//! The messages between a worker and its analysis process: JSON in frames of a length (4 bytes, little-endian) and that many
//! bytes. Pages are sent one after another without replies; each other message has one reply.

use std::io::{self, Read, Write};

use maneiro_analysis::{
    AnalysisOutput, AnalysisRequest, SourcePage,
    model::{ModelRequest, PromptLimits},
};
use maneiro_api::analysis::ModelFailure;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The largest message is the findings of a record. A worker takes no more from a child that may have been taken over.
const MAX_FRAME_BYTES: u32 = 64 * 1024 * 1024;

/// A message of the worker, in this order.
#[derive(Debug, Serialize, Deserialize)]
pub enum AnalysisStep {
    /// Begins the analysis: by a language model if there are limits for its prompts. Has no reply.
    Begin { request: AnalysisRequest, prompt_limits: Option<PromptLimits> },
    /// The next page of the record. Has no reply.
    Page(SourcePage),
    /// All pages were sent.
    Analyse,
    /// The answer of the language model to the last request.
    ModelAnswer { content: Option<String> },
    /// The language model does not answer: the analysis is finished without it. Has the same replies.
    GiveUpModel { failure: ModelFailure },
}

/// A reply of the child.
#[derive(Debug, Serialize, Deserialize)]
pub enum AnalysisReply {
    /// The language model is to be asked this.
    AskModel {
        request: ModelRequest,
        pages_done: u32,
    },
    Finished(Box<AnalysisOutput>),
}

fn length(frame: &[u8]) -> io::Result<[u8; 4]> {
    let length = u32::try_from(frame.len()).ok().filter(|length| *length <= MAX_FRAME_BYTES);
    length.map(u32::to_le_bytes).ok_or_else(|| io::Error::other("a message is too large"))
}

fn checked_length(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME_BYTES {
        return Err(io::Error::other("a message is too large"));
    }
    usize::try_from(length).map_err(io::Error::other)
}

/// Reads a message; none at the end of the input.
pub(super) fn read_message<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut prefix = [0; 4];
    match input.read_exact(&mut prefix) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut frame = vec![0; checked_length(prefix)?];
    input.read_exact(&mut frame)?;
    Ok(Some(serde_json::from_slice(&frame)?))
}

pub(super) fn write_message(output: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let frame = serde_json::to_vec(message)?;
    output.write_all(&length(&frame)?)?;
    output.write_all(&frame)?;
    output.flush()
}

pub(super) async fn send_message(
    output: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
) -> io::Result<()> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let prefix = length(&frame[4..])?;
    frame[..4].copy_from_slice(&prefix);
    output.write_all(&frame).await?;
    output.flush().await
}

pub(super) async fn receive_message<T: DeserializeOwned>(
    input: &mut (impl AsyncRead + Unpin),
) -> io::Result<T> {
    let mut prefix = [0; 4];
    input.read_exact(&mut prefix).await?;
    let mut frame = vec![0; checked_length(prefix)?];
    input.read_exact(&mut frame).await?;
    Ok(serde_json::from_slice(&frame)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_that_announces_too_much_is_refused() {
        let mut huge: &[u8] = &u32::MAX.to_le_bytes();
        assert!(read_message::<AnalysisStep>(&mut huge).is_err());
        assert!(read_message::<AnalysisStep>(&mut [].as_slice()).unwrap().is_none());
    }
}
