//! The façade of reading: an opened file, and the inspection of its pages. Never calls OCR.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder as _, codecs::png};
use maneiro_page::BBox;

use crate::{
    error::{DocumentError, PageError, catch_panics},
    input::ImageFile,
    inspection::{Finding, PageInspection},
    language,
    limits::Limits,
    pdf::{PdfCache, PdfFile},
    source::SourceBytes,
};

/// A file whose pages can be read.
pub struct Document {
    file: OpenedFile,
    limits: Limits,
}

/// The file by its format.
pub(crate) enum OpenedFile {
    Pdf(PdfFile),
    Image(ImageFile),
}

/// A page drawn for people.
#[derive(Clone, PartialEq)]
pub struct DrawnPage {
    /// The pixels, as PNG.
    pub png: Vec<u8>,
    /// Width of the whole page as shown, in points.
    pub width: f32,
    /// Height of the whole page as shown, in points.
    pub height: f32,
}

/// The pixels are the patient's.
impl std::fmt::Debug for DrawnPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DrawnPage").field("bytes", &self.png.len()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("page_count", &self.page_count()).finish_non_exhaustive()
    }
}

impl Document {
    /// Opens a PDF, PNG, JPEG or TIFF. Parses only what is needed to count the pages.
    ///
    /// A PDF that is encrypted with an empty user password opens without one. The bytes may be owned, shared, or those
    /// of a file that is mapped into memory; they are not copied, and must not change.
    ///
    /// # Errors
    /// See [`DocumentError`]: each variant is one sentence on why nothing of the file can be read.
    pub fn open(
        bytes: impl AsRef<[u8]> + Send + Sync + 'static,
        password: Option<&str>,
        limits: Limits,
    ) -> Result<Document, DocumentError> {
        let bytes = SourceBytes::new(bytes);
        let size = bytes.len() as u64;
        if bytes.is_empty() {
            return Err(DocumentError::Empty);
        }
        if size > limits.max_bytes {
            return Err(DocumentError::TooLarge { bytes: size, max_bytes: limits.max_bytes });
        }
        let damaged = DocumentError::Damaged { reason: "its structure cannot be followed" };
        let file = catch_panics(damaged, || {
            if PdfFile::is_pdf(&bytes) {
                PdfFile::open(bytes, password).map(OpenedFile::Pdf)
            } else {
                ImageFile::open(bytes, limits.max_pages).map(OpenedFile::Image)
            }
        })?;
        let document = Document { file, limits };
        let pages = document.page_count();
        if pages > limits.max_pages {
            return Err(DocumentError::TooManyPages { pages, max_pages: limits.max_pages });
        }
        Ok(document)
    }

    /// The number of pages; at least one.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        match &self.file {
            OpenedFile::Pdf(pdf) => pdf.page_count(),
            OpenedFile::Image(image) => image.page_count(),
        }
    }

    /// A reader of the document's pages. Keep it: it caches the fonts and colour profiles that pages share.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader { document: self, cache: PdfCache::new(), inspected_pages: 0 }
    }

    /// The image of a page as shown, or of the part of it in `area` (in points), `width_px` wide, for people to look at.
    ///
    /// # Errors
    /// `NoSuchPage`; `TooLarge` if the page is an image above the pixel limit; `Damaged` if it cannot be drawn.
    pub fn render(&self, page: u32, area: Option<BBox>, width_px: u16) -> Result<DrawnPage, PageError> {
        let page_count = self.page_count();
        if page == 0 || page > page_count {
            return Err(PageError::NoSuchPage { page, page_count });
        }
        let not_drawn = PageError::Damaged { reason: "its content cannot be drawn" };
        let (image, (width, height)) = catch_panics(not_drawn.clone(), || match &self.file {
            OpenedFile::Pdf(pdf) => pdf.render(page, area, width_px.max(1), &self.limits),
            OpenedFile::Image(file) => file.render(page, area, width_px.max(1), &self.limits),
        })?;
        let mut bytes = Cursor::new(Vec::new());
        png::PngEncoder::new_with_quality(&mut bytes, png::CompressionType::Fast, png::FilterType::Adaptive)
            .write_image(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8)
            .map_err(|_| not_drawn)?;
        Ok(DrawnPage { png: bytes.into_inner(), width, height })
    }

    pub(crate) fn file(&self) -> &OpenedFile {
        &self.file
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// The cache is emptied after this many pages: a file may have its own fonts on every page, and memory must not grow
/// with the number of pages.
const MAX_PAGES_PER_CACHE: u32 = 100;

/// Inspects the pages of a document, in any order.
pub struct Reader<'d> {
    document: &'d Document,
    cache: PdfCache<'d>,
    inspected_pages: u32,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("document", self.document).finish_non_exhaustive()
    }
}

impl<'d> Reader<'d> {
    /// Inspects one page, counted from 1: reads its size, its text layer and its fingerprint. Calls no OCR.
    ///
    /// # Errors
    /// `NoSuchPage`; `TooLarge` if the page shows nothing but an image above the pixel limit; `Damaged` if its content
    /// cannot be decoded.
    pub fn inspect(&mut self, page: u32) -> Result<PageInspection<'d>, PageError> {
        let document = self.document;
        let page_count = document.page_count();
        if page == 0 || page > page_count {
            return Err(PageError::NoSuchPage { page, page_count });
        }
        let cache = &self.cache;
        let inspection =
            catch_panics(PageError::Damaged { reason: "its content cannot be followed" }, || match &document
                .file
            {
                OpenedFile::Pdf(pdf) => pdf.inspect(page, &document.limits, cache),
                OpenedFile::Image(image) => image.inspect(page, &document.limits),
            })
            .map(with_language);
        self.inspected_pages += 1;
        // A parser that panicked may have left the cache broken.
        if inspection.is_err() || self.inspected_pages.is_multiple_of(MAX_PAGES_PER_CACHE) {
            self.cache = PdfCache::new();
        }
        inspection
    }
}

/// The inspection, with the page's language if the page needs no OCR.
fn with_language(mut inspection: PageInspection<'_>) -> PageInspection<'_> {
    if let Finding::Page(page) = &mut inspection.finding {
        page.language = language::detect_model(page).map(language::from_model);
    }
    inspection
}
