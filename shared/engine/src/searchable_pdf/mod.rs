//! Writes searchable PDFs: the file as it is, with the recognised words as an invisible text layer that can be searched and
//! selected.
//!
//! Never changes a byte of the original, and never extends a signed or encrypted file. An unusable text layer of another
//! program therefore stays beside the new one: it is part of the page's content, which an update cannot remove.

mod cid_font;
mod from_image;
mod from_pdf;
mod objects;
mod signatures;
mod text_layer;
mod text_placement;
mod trailer;

use maneiro_page::Page;

use crate::{
    document::{Document, OpenedFile},
    error::{NotWritable, catch_panics},
};
use from_image::ImagePdfWriter;
use from_pdf::PdfUpdateWriter;

/// A finished searchable PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchablePdf {
    /// For a PDF: an incremental update (ISO 32000-2, 7.5.6), to be appended to all bytes of the file. Without it the
    /// file is what it was.
    IncrementalUpdate(Vec<u8>),
    /// For an image file: a whole PDF with the images as pages. A JPEG is embedded as it is, other images without loss.
    Whole(Vec<u8>),
}

/// Writes a searchable PDF of a document, to which pages are added after OCR.
pub struct SearchablePdfWriter<'d> {
    writer: FormatWriter<'d>,
}

enum FormatWriter<'d> {
    Pdf(Box<PdfUpdateWriter<'d>>),
    Image(ImagePdfWriter<'d>),
}

const UNREADABLE_STRUCTURE: NotWritable = NotWritable::Damaged { reason: "its structure cannot be followed" };

impl<'d> SearchablePdfWriter<'d> {
    /// A writer for this document.
    ///
    /// # Errors
    /// `Signed`, `Protected` or `Damaged` if the file must be kept as it is.
    pub fn new(document: &'d Document) -> Result<SearchablePdfWriter<'d>, NotWritable> {
        let writer = match document.file() {
            OpenedFile::Pdf(pdf) => {
                FormatWriter::Pdf(Box::new(catch_panics(UNREADABLE_STRUCTURE, || PdfUpdateWriter::new(pdf))?))
            }
            OpenedFile::Image(image) => FormatWriter::Image(ImagePdfWriter::new(image, document.limits())),
        };
        Ok(SearchablePdfWriter { writer })
    }

    /// Adds a page. Pages may come in any order, each once. Its text layer gets the words with a confidence below 100,
    /// which come from OCR, except for those that the file already has from another OCR program. A page without such
    /// words stays as it is.
    ///
    /// # Errors
    /// `Damaged` if the page cannot be found in the file, or its image cannot be decoded; then nothing can be written.
    pub fn add(&mut self, page: &Page) -> Result<(), NotWritable> {
        catch_panics(UNREADABLE_STRUCTURE, || match &mut self.writer {
            FormatWriter::Pdf(writer) => writer.add(page),
            FormatWriter::Image(writer) => writer.add(page),
        })
    }

    /// Finishes the PDF.
    ///
    /// # Errors
    /// `NothingRecognised` if no page got a text layer; `Damaged` if an image cannot be decoded.
    pub fn finish(self) -> Result<SearchablePdf, NotWritable> {
        catch_panics(UNREADABLE_STRUCTURE, || match self.writer {
            FormatWriter::Pdf(writer) => writer.finish().map(SearchablePdf::IncrementalUpdate),
            FormatWriter::Image(writer) => writer.finish().map(SearchablePdf::Whole),
        })
    }
}

impl std::fmt::Debug for SearchablePdfWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SearchablePdfWriter").finish_non_exhaustive()
    }
}
