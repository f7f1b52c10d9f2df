//! Searchable copies: a file as it is, with what was recognised as a text layer that can be searched and selected
//! and is not seen. Never changes a byte of the file itself, and never alters what is signed or protected. So an unseen
//! layer of an earlier program stays as well, also one that was not trusted and now lies beside ours: it is a part of the
//! page's own content, which cannot be without it but written anew.

mod cid_font;
mod from_image;
mod from_pdf;
mod objects;
mod signatures;
mod text_layer;
mod text_placement;
mod trailer;

use maneiro_page::Page;

use crate::{document::Limits, error::contained, input::ImageFile, pdf::PdfFile};
use from_image::ImageCopy;
use from_pdf::PdfCopy;

/// A searchable copy, as it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchableCopy {
    /// Of a PDF: these bytes, written after all bytes of the file. They are an incremental update (ISO 32000-2,
    /// 7.5.6); without them the file is what it was.
    Update(Vec<u8>),
    /// Of an image file: a PDF with its images as pages. A JPEG is in it as it is, other images without loss.
    Pdf(Vec<u8>),
}

/// Why there is no searchable copy of a file. The file is best kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unaltered {
    /// It holds a signature, which a changed file would no longer bear out.
    #[error("the file is signed, and is not altered")]
    Signed,
    /// It is encrypted, be it with an empty password.
    #[error("the file is protected, and is not altered")]
    Protected,
    /// No page was given whose words were recognised.
    #[error("nothing was recognised in the file: its own text can be searched")]
    NothingRecognised,
    /// It cannot be continued without guessing.
    #[error("the file is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// A searchable copy in the making: see [`Document::copier`](crate::Document::copier).
pub struct Copier<'d> {
    copy: Copy<'d>,
}

enum Copy<'d> {
    Pdf(Box<PdfCopy<'d>>),
    Image(ImageCopy<'d>),
}

const NOT_FOLLOWED: Unaltered = Unaltered::Damaged { reason: "its structure cannot be followed" };

impl<'d> Copier<'d> {
    pub(crate) fn of_pdf(pdf: &'d PdfFile) -> Result<Copier<'d>, Unaltered> {
        let copy = contained(NOT_FOLLOWED, || PdfCopy::new(pdf))?;
        Ok(Copier { copy: Copy::Pdf(Box::new(copy)) })
    }

    pub(crate) fn of_image(image: &'d ImageFile, limits: &'d Limits) -> Copier<'d> {
        Copier { copy: Copy::Image(ImageCopy::new(image, limits)) }
    }

    /// Adds a page as it was read. Pages may come in any order, each once. The words that were recognised, of which
    /// the reader is less sure than 100, are laid over it, but for those that an earlier program has laid in the file;
    /// a page of which none was stays as it is.
    ///
    /// # Errors
    /// `Damaged` if the page cannot be found in the file, or its image not decoded: then there is no copy.
    pub fn add(&mut self, page: &Page) -> Result<(), Unaltered> {
        contained(NOT_FOLLOWED, || match &mut self.copy {
            Copy::Pdf(copy) => copy.add(page),
            Copy::Image(copy) => copy.add(page),
        })
    }

    /// The copy.
    ///
    /// # Errors
    /// `NothingRecognised` if no page needed a text layer; `Damaged` if an image cannot be decoded.
    pub fn finish(self) -> Result<SearchableCopy, Unaltered> {
        contained(NOT_FOLLOWED, || match self.copy {
            Copy::Pdf(copy) => copy.finish().map(SearchableCopy::Update),
            Copy::Image(copy) => copy.finish().map(SearchableCopy::Pdf),
        })
    }
}

impl std::fmt::Debug for Copier<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Copier").finish_non_exhaustive()
    }
}
