//! What can go wrong, each in one sentence that a user can act on. No sentence holds text of the page.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a file could not be opened. Nothing of it was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes are of none of the formats that hold pages.
    #[error("the file is not a PDF, PNG, JPEG or TIFF")]
    NotAPageFile,
    /// More bytes than `Limits::max_bytes`.
    #[error("the file has {bytes} bytes, more than the {max_bytes} that are read")]
    TooLarge {
        /// The file's size.
        bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
    /// More pages than `Limits::max_pages`.
    #[error("the file has {pages} pages, more than the {max_pages} that are read")]
    TooManyPages {
        /// The file's pages; where counting was stopped, what was counted so far.
        pages: u32,
        /// The limit.
        max_pages: u32,
    },
    /// The file opens only with a password, and none was given.
    #[error("the file is protected by a password")]
    PasswordNeeded,
    /// The file does not open with the password that was given.
    #[error("the password does not open the file")]
    PasswordWrong,
    /// The format is right, but no page can be reached.
    #[error("the file is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Why one page could not be read. Other pages of the same file may well be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// The file has no page with this number.
    #[error("there is no page {page} in a file of {page_count} pages")]
    NoSuchPage {
        /// What was asked for.
        page: u32,
        /// How many there are.
        page_count: u32,
    },
    /// An image on the page has more pixels than `Limits::max_pixels`, and nothing else on it can be read.
    #[error("an image on the page has {width} × {height} pixels, more than the {max_pixels} that are read")]
    TooLarge {
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
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The recogniser gave up on the page.
    #[error("the page could not be recognised")]
    NotRecognised,
}

/// Why a recogniser could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecogniserError {
    /// No language was given.
    #[error("name at least one language to recognise")]
    NoLanguage,
    /// The name is not that of a Tesseract model, such as `eng` or `script/Cyrillic`.
    #[error("{language:?} is not the name of a language model")]
    NotALanguage {
        /// The name as given.
        language: String,
    },
    /// Tesseract has no model for this language.
    #[error(
        "the language model {language:?} is not installed; it is in Debian's {package} and Homebrew's tesseract-lang"
    )]
    MissingLanguage {
        /// Tesseract's name of the language.
        language: String,
        /// The Debian package that brings it.
        package: String,
    },
}

/// Runs `work` and turns a panic of a parser below us into `fallback`: no file may take the caller down.
pub(crate) fn contained<T, E>(fallback: E, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // What `work` borrows is either dropped with it or only read afterwards, so a broken invariant cannot be seen.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(fallback))
}
