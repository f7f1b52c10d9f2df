//! The worker's half of writing a searchable PDF: it is made in memory and sent to the parent in chunks.

use std::io::{Cursor, Read as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maneiro_engine as engine;

use super::protocol::{SearchablePdfRefusal, SearchablePdfRequest, SearchablePdfResponse};

/// A small part of a frame.
const MAX_CHUNK_BYTES: u64 = 3 * 1024 * 1024;

/// Answers the requests for the searchable PDF of one document.
pub(super) struct SearchablePdfService<'d> {
    document: &'d engine::Document,
    writer: Option<engine::SearchablePdfWriter<'d>>,
    finished: Cursor<Vec<u8>>,
}

impl<'d> SearchablePdfService<'d> {
    pub(super) fn new(document: &'d engine::Document) -> Self {
        Self { document, writer: None, finished: Cursor::default() }
    }

    pub(super) fn respond(&mut self, request: SearchablePdfRequest) -> SearchablePdfResponse {
        let response = match request {
            SearchablePdfRequest::Begin => engine::SearchablePdfWriter::new(self.document).map(|writer| {
                self.writer = Some(writer);
                SearchablePdfResponse::Ready
            }),
            SearchablePdfRequest::AddPage { page } => match &mut self.writer {
                Some(writer) => writer.add(&page).map(|()| SearchablePdfResponse::Ready),
                None => Err(engine::NotWritable::NothingRecognised),
            },
            SearchablePdfRequest::Finish => match self.writer.take() {
                Some(writer) => writer.finish().map(|pdf| self.keep(pdf)),
                None => Err(engine::NotWritable::NothingRecognised),
            },
            SearchablePdfRequest::NextChunk => Ok(SearchablePdfResponse::Chunk(self.next_chunk())),
        };
        response.unwrap_or_else(|refusal| SearchablePdfResponse::Refused(refusal.into()))
    }

    fn keep(&mut self, pdf: engine::SearchablePdf) -> SearchablePdfResponse {
        let (bytes, is_update) = match pdf {
            engine::SearchablePdf::IncrementalUpdate(bytes) => (bytes, true),
            engine::SearchablePdf::Whole(bytes) => (bytes, false),
        };
        self.finished = Cursor::new(bytes);
        SearchablePdfResponse::Finished { is_update }
    }

    fn next_chunk(&mut self) -> String {
        let mut chunk = Vec::new();
        // Reading from memory does not fail.
        let _ = self.finished.by_ref().take(MAX_CHUNK_BYTES).read_to_end(&mut chunk);
        STANDARD.encode(chunk)
    }
}

impl From<engine::NotWritable> for SearchablePdfRefusal {
    fn from(refusal: engine::NotWritable) -> Self {
        match refusal {
            engine::NotWritable::Signed => Self::Signed,
            engine::NotWritable::Protected => Self::Encrypted,
            engine::NotWritable::NothingRecognised => Self::NoOcrText,
            engine::NotWritable::Damaged { reason } => Self::Damaged { reason: reason.to_owned() },
        }
    }
}
