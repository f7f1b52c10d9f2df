//! Errors, each one sentence that a user can act on. No error text quotes the page.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a file could not be opened. Nothing of it was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes are in none of the supported formats.
    #[error("the file is not a PDF, PNG, JPEG or TIFF")]
    UnsupportedFormat,
    /// More bytes than `Limits::max_bytes`.
    #[error("the file has {bytes} bytes, more than the limit of {max_bytes}")]
    TooLarge {
        /// The file's size.
        bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
    /// More pages than `Limits::max_pages`.
    #[error("the file has {pages} pages, more than the limit of {max_pages}")]
    TooManyPages {
        /// The file's pages; the count so far where counting stopped at the limit.
        pages: u32,
        /// The limit.
        max_pages: u32,
    },
    /// The file opens only with a password, and none was given.
    #[error("the file is protected by a password")]
    PasswordRequired,
    /// The file does not open with the password that was given.
    #[error("the password does not open the file")]
    WrongPassword,
    /// The format is supported, but no page can be reached.
    #[error("the file is damaged: {reason}")]
    Damaged {
        /// What is wrong.
        reason: &'static str,
    },
}

/// Why one page could not be read. Other pages of the same file may be readable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// The file has no page with this number.
    #[error("there is no page {page} in a file of {page_count} pages")]
    NoSuchPage {
        /// The requested page.
        page: u32,
        /// The number of pages.
        page_count: u32,
    },
    /// An image on the page has more pixels than `Limits::max_pixels`, and nothing else on the page can be read.
    #[error("an image on the page has {width} × {height} pixels, more than the limit of {max_pixels}")]
    ImageTooLarge {
        /// The image's width in pixels.
        width: u32,
        /// The image's height in pixels.
        height: u32,
        /// The limit.
        max_pixels: u64,
    },
    /// The page's content cannot be decoded.
    #[error("the page is damaged: {reason}")]
    Damaged {
        /// What is wrong.
        reason: &'static str,
    },
    /// OCR failed on the page.
    #[error("the page could not be recognised")]
    OcrFailed,
}

/// Why the OCR engine could not be created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OcrEngineError {
    /// No language was given.
    #[error("name at least one language to recognise")]
    NoLanguage,
    /// The name is not that of a Tesseract model, such as `eng` or `script/Cyrillic`.
    #[error("{language:?} is not the name of a language model")]
    InvalidLanguage {
        /// The name as given.
        language: String,
    },
    /// Tesseract has no model for this language.
    #[error(
        "the language model {language:?} is not installed; it is in Debian's {package} and Homebrew's tesseract-lang"
    )]
    LanguageNotInstalled {
        /// Tesseract's name of the language.
        language: String,
        /// The Debian package that provides it.
        package: String,
    },
}

/// Why there is no searchable PDF of a file. The file should be kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWritable {
    /// The file holds a signature, which any change would invalidate.
    #[error("the file is signed, so it must not be changed")]
    Signed,
    /// The file is encrypted, even if its password is empty.
    #[error("the file is protected, so it must not be changed")]
    Protected,
    /// No page was added whose words come from OCR.
    #[error("no text was recognised in the file: its own text can be searched")]
    NothingRecognised,
    /// The file cannot be extended without guessing at its structure.
    #[error("the file is damaged: {reason}")]
    Damaged {
        /// What is wrong.
        reason: &'static str,
    },
}

/// Runs `work` and turns a panic in a parser into `fallback`: no file may take the caller down.
pub(crate) fn catch_panics<T, E>(fallback: E, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // What `work` borrows is dropped with it or only read afterwards, so a broken invariant cannot be observed.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(fallback))
}
