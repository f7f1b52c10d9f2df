//! A searchable copy as a page worker makes it: in memory, given to the parent in pieces.

use std::io::{Cursor, Read as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use maneiro_engine as engine;

use super::protocol::{CopyAnswer, CopyRequest, NotCopied};

/// The largest piece, in bytes: a small part of a frame.
const PIECE: u64 = 3 * 1024 * 1024;

/// A copy in the making.
pub(crate) struct Copying<'d> {
    document: &'d engine::Document,
    copier: Option<engine::SearchablePdfWriter<'d>>,
    made: Cursor<Vec<u8>>,
}

impl<'d> Copying<'d> {
    pub(crate) fn of(document: &'d engine::Document) -> Self {
        Self { document, copier: None, made: Cursor::default() }
    }

    pub(crate) fn answer(&mut self, request: CopyRequest) -> CopyAnswer {
        let answer = match request {
            CopyRequest::Begin => engine::SearchablePdfWriter::new(self.document).map(|copier| {
                self.copier = Some(copier);
                CopyAnswer::Ready
            }),
            CopyRequest::Lay { page } => match &mut self.copier {
                Some(copier) => copier.add(&page).map(|()| CopyAnswer::Ready),
                None => Err(engine::NotWritable::NothingRecognised),
            },
            CopyRequest::Finish => match self.copier.take() {
                Some(copier) => copier.finish().map(|copy| self.keep(copy)),
                None => Err(engine::NotWritable::NothingRecognised),
            },
            CopyRequest::Piece => Ok(CopyAnswer::Piece(self.piece())),
        };
        answer.unwrap_or_else(|why| CopyAnswer::NotCopied(not_copied(why)))
    }

    fn keep(&mut self, copy: engine::SearchablePdf) -> CopyAnswer {
        let (bytes, is_update) = match copy {
            engine::SearchablePdf::IncrementalUpdate(bytes) => (bytes, true),
            engine::SearchablePdf::Whole(bytes) => (bytes, false),
        };
        self.made = Cursor::new(bytes);
        CopyAnswer::Made { is_update }
    }

    fn piece(&mut self) -> String {
        let mut piece = Vec::new();
        // Reading from memory does not fail.
        let _ = self.made.by_ref().take(PIECE).read_to_end(&mut piece);
        STANDARD.encode(piece)
    }
}

fn not_copied(why: engine::NotWritable) -> NotCopied {
    match why {
        engine::NotWritable::Signed => NotCopied::Signed,
        engine::NotWritable::Protected => NotCopied::Protected,
        engine::NotWritable::NothingRecognised => NotCopied::NothingRecognised,
        engine::NotWritable::Damaged { reason } => NotCopied::Damaged { reason: reason.to_owned() },
    }
}
