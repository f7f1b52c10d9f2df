//! An opened file and the first, cheap look at each of its pages.

use std::{ops::Deref, sync::Arc};

use image::GrayImage;

use maneiro_page::Page;

use crate::{
    error::{OpenError, PageError, contained},
    input::ImageFile,
    language,
    layout::merge_layers::Known,
    pdf::{self, PdfFile, Region},
    searchable_pdf::{Copier, Unaltered},
};

/// The bytes of a file, wherever they are.
#[derive(Clone)]
pub(crate) struct Bytes(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl Bytes {
    pub(crate) fn of(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Bytes {
        Bytes(Arc::new(bytes))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// What is refused before it can cost anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// The most pages of one file.
    pub max_pages: u32,
    /// The most pixels of one image. A page is read around a larger one.
    pub max_pixels: u64,
}

impl Default for Limits {
    /// 2 GiB, 100,000 pages, and 144 million pixels (an A4 page at 1,200 dpi has 139 million).
    fn default() -> Self {
        Self { max_bytes: 2 << 30, max_pages: 100_000, max_pixels: 144_000_000 }
    }
}

/// A file whose pages can be read.
pub struct Document {
    source: Source,
    limits: Limits,
}

enum Source {
    Pdf(PdfFile),
    Image(ImageFile),
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("page_count", &self.page_count()).finish_non_exhaustive()
    }
}

impl Document {
    /// Opens a PDF, PNG, JPEG or TIFF. Reads only as much as it takes to count the pages.
    ///
    /// A PDF that is encrypted with an empty user password opens without one. The bytes may be owned, shared, or those of
    /// a file that is mapped into memory; they are kept as they are, and must not change.
    ///
    /// # Errors
    /// See [`OpenError`]: each says in one sentence why nothing of the file can be read.
    pub fn open(
        bytes: impl AsRef<[u8]> + Send + Sync + 'static,
        password: Option<&str>,
        limits: Limits,
    ) -> Result<Document, OpenError> {
        let bytes = Bytes::of(bytes);
        let size = bytes.len() as u64;
        if bytes.is_empty() {
            return Err(OpenError::Empty);
        }
        if size > limits.max_bytes {
            return Err(OpenError::TooLarge { bytes: size, max_bytes: limits.max_bytes });
        }
        let damaged = OpenError::Damaged { reason: "its structure cannot be followed" };
        let source = contained(damaged, || {
            if PdfFile::is_pdf(&bytes) {
                PdfFile::open(bytes, password).map(Source::Pdf)
            } else {
                ImageFile::open(bytes, limits.max_pages).map(Source::Image)
            }
        })?;
        let document = Document { source, limits };
        let pages = document.page_count();
        if pages > limits.max_pages {
            return Err(OpenError::TooManyPages { pages, max_pages: limits.max_pages });
        }
        Ok(document)
    }

    /// How many pages the file has; at least one.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        match &self.source {
            Source::Pdf(pdf) => pdf.page_count(),
            Source::Image(image) => image.page_count(),
        }
    }

    /// Looks at one page, counted from 1: all that can be known about it without recognising anything. For several
    /// pages, take a [reader](Document::reader).
    ///
    /// # Errors
    /// `NoSuchPage`; `TooLarge` if it shows nothing but an image with too many pixels; `Damaged` if it cannot be decoded.
    pub fn look(&self, page: u32) -> Result<Looked<'_>, PageError> {
        self.reader().look(page)
    }

    /// Looks at page after page, and prepares the fonts and colour profiles that they share only once.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader { document: self, shared: pdf::Shared::new(), looks: 0 }
    }

    /// Begins a searchable copy of the file, to which the pages are added as they were read.
    ///
    /// # Errors
    /// `Signed`, `Protected` or `Damaged` if the file must stay as it is.
    pub fn copier(&self) -> Result<Copier<'_>, Unaltered> {
        match &self.source {
            Source::Pdf(pdf) => Copier::of_pdf(pdf),
            Source::Image(image) => Ok(Copier::of_image(image, &self.limits)),
        }
    }
}

/// After so many looks, what pages share is prepared anew: a file may have fonts of its own on every page, and memory
/// must not grow with the number of pages.
const LOOKS: u32 = 100;

/// Looks at the pages of a document, in any order.
pub struct Reader<'d> {
    document: &'d Document,
    shared: pdf::Shared<'d>,
    looks: u32,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("document", self.document).finish_non_exhaustive()
    }
}

impl<'d> Reader<'d> {
    /// Looks at one page, counted from 1: all that can be known about it without recognising anything.
    ///
    /// # Errors
    /// Those of [`Document::look`].
    pub fn look(&mut self, page: u32) -> Result<Looked<'d>, PageError> {
        let document = self.document;
        let page_count = document.page_count();
        if page == 0 || page > page_count {
            return Err(PageError::NoSuchPage { page, page_count });
        }
        let shared = &self.shared;
        let looked = contained(PageError::Damaged { reason: "its content cannot be followed" }, || {
            match &document.source {
                Source::Pdf(pdf) => pdf.look(page, &document.limits, shared),
                Source::Image(image) => image.look(page, &document.limits),
            }
        });
        let looked = looked.map(|mut looked| {
            if let Finding::Page(page) = &mut looked.finding {
                page.language = language::detect_model(page).map(language::with_model);
            }
            looked
        });
        self.looks += 1;
        // What a parser left behind when it gave up is of no use to the next page either.
        if looked.is_err() || self.looks.is_multiple_of(LOOKS) {
            self.shared = pdf::Shared::new();
        }
        looked
    }
}

/// What a look at a page found.
#[derive(Debug)]
pub struct Looked<'d> {
    /// The page's number, from 1.
    pub number: u32,
    /// Width as shown, in points.
    pub width: f32,
    /// Height as shown, in points.
    pub height: f32,
    /// Equal for two pages of one document exactly if they show the same, so that a repeat need not be read again.
    pub fingerprint: [u8; 32],
    /// The page itself, or what it takes to recognise it.
    pub finding: Finding<'d>,
}

/// What reading a page takes.
#[derive(Debug)]
pub enum Finding<'d> {
    /// The page is read: a sound text layer says all of it, or nothing is on it.
    Page(Page),
    /// The page, or pictures on it, must be recognised: see [`Recogniser::recognise`](crate::Recogniser::recognise).
    Scan(Scan<'d>),
}

/// A page of which all or some must be recognised; the pixels are made only when it is.
#[derive(Debug)]
pub struct Scan<'d> {
    pub(crate) number: u32,
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) pixels: Pixels<'d>,
    /// What the page says beside what must be recognised.
    pub(crate) known: Known,
}

/// Where a scan's pixels are.
pub(crate) enum Pixels<'d> {
    /// To be taken from a PDF or made by drawing parts of its page.
    InPdf { pdf: &'d PdfFile, regions: Vec<Region> },
    /// Decoded from an image file. They cover the whole page.
    Ready(GrayImage),
}

impl std::fmt::Debug for Pixels<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Pixels::InPdf { regions, .. } => write!(f, "InPdf {{ regions: {regions:?} }}"),
            Pixels::Ready(image) => write!(f, "Ready({} × {})", image.width(), image.height()),
        }
    }
}
