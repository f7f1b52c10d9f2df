//! The programs that the benchmark compares.

use anyhow::Context as _;

use super::{competitors, corpus::Corpus, maneiro, measurement::BenchmarkRun};

/// A program that reads the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcrProgram {
    /// Maneiro's engine in worker processes.
    Maneiro,
    /// OCRmyPDF. It skips pages that have text.
    OcrMyPdf,
    /// Tesseract alone, one process for each worker, on images that were extracted before.
    Tesseract,
    /// Poppler's text extraction with word boxes. It uses one core only.
    PdfToText,
}

impl OcrProgram {
    /// The name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            OcrProgram::Maneiro => "maneiro",
            OcrProgram::OcrMyPdf => "ocrmypdf",
            OcrProgram::Tesseract => "tesseract",
            OcrProgram::PdfToText => "pdftotext -bbox",
        }
    }

    /// Reads the record once.
    ///
    /// # Errors
    /// If the program is missing or fails.
    pub fn read(self, corpus: &Corpus, workers: usize) -> anyhow::Result<BenchmarkRun> {
        let folder = tempfile::tempdir()?;
        match self {
            OcrProgram::Maneiro => maneiro::read(corpus, workers, folder.path()),
            OcrProgram::OcrMyPdf => competitors::ocrmypdf(corpus, workers, folder.path()),
            OcrProgram::Tesseract => competitors::tesseract(corpus, workers, folder.path()),
            OcrProgram::PdfToText => competitors::pdftotext(corpus, folder.path()),
        }
        .with_context(|| format!("{} failed", self.name()))
    }
}
