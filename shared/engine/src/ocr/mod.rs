//! OCR: recognises the text of scanned pages. Each image of a page is preprocessed and recognised in the orientation in
//! which it reads best, and the words are mapped back to the page.

mod assemble;
mod attempt;
mod context_words;
#[cfg(feature = "fuzzing")]
mod fuzz_preprocess;
mod line_recognition;
mod number_verification;
mod page_image;
mod reocr;
mod script_detection;
mod tesseract;
mod tesseract_ffi;
mod traineddata;
mod tsv;

use hayro::kurbo::Rect;

use maneiro_page::{BBox, Page};

use self::tesseract::Tesseract;
use crate::{
    error::{OcrEngineError, PageError, catch_panics},
    inspection::Scan,
    layout::merge_layers::RecognisedRegion,
    preprocess::{PageComponents, invert_if_reversed, is_blank, is_low_resolution},
};
use assemble::assemble_page;
use attempt::OrientationSearch;
#[cfg(feature = "fuzzing")]
pub use fuzz_preprocess::fuzz_preprocess;
use page_image::{PageImage, scan_regions};
use script_detection::EnabledScripts;

/// Recognises pages, one after the other. Creating an engine loads the language models, so create one and keep it.
pub struct OcrEngine {
    tesseract: Tesseract,
    scripts: EnabledScripts,
    has_vertical_text: bool,
}

impl std::fmt::Debug for OcrEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OcrEngine").finish_non_exhaustive()
    }
}

impl OcrEngine {
    /// Loads the models of these languages by their Tesseract names: `eng`, `deu`, `chi_sim`, `script/Cyrillic`. The
    /// first is the most likely and is tried first.
    ///
    /// # Errors
    /// Those of [`OcrEngine::check_languages`].
    pub fn new(languages: &[&str]) -> Result<OcrEngine, OcrEngineError> {
        traineddata::check_installed(languages)?;
        let tesseract = Tesseract::load(&languages.join("+"))
            .ok_or_else(|| traineddata::missing_language(languages[0]))?;
        let has_vertical_text = languages.iter().any(|language| traineddata::is_vertical(language));
        Ok(OcrEngine { tesseract, scripts: EnabledScripts::new(languages), has_vertical_text })
    }

    /// Checks whether an engine for these languages can be created. Loads no model, so it is fast.
    ///
    /// # Errors
    /// `NoLanguage` if none is given, `InvalidLanguage` for a name that cannot be one, `LanguageNotInstalled` with the
    /// package to install if Tesseract does not find its model.
    pub fn check_languages(languages: &[&str]) -> Result<(), OcrEngineError> {
        traineddata::check_installed(languages)
    }

    /// The names of the installed models, in alphabetical order.
    #[must_use]
    pub fn installed_models() -> Vec<String> {
        traineddata::installed_models()
    }

    /// An engine for English.
    ///
    /// # Errors
    /// `LanguageNotInstalled` if its model is not installed.
    pub fn english() -> Result<OcrEngine, OcrEngineError> {
        OcrEngine::new(&["eng"])
    }

    /// Recognises a page. The page is blank if its images hold only noise.
    ///
    /// Each call of Tesseract is a `tracing` span named `tesseract`.
    ///
    /// # Errors
    /// `Damaged` if the page cannot be rendered, `OcrFailed` if Tesseract fails.
    pub fn recognise(&mut self, scan: Scan<'_>) -> Result<Page, PageError> {
        catch_panics(PageError::OcrFailed, || self.recognise_scan(scan))
    }

    fn recognise_scan(&mut self, mut scan: Scan<'_>) -> Result<Page, PageError> {
        let text_layer = std::mem::take(&mut scan.text_layer);
        let (mut recognised, mut undecodable, mut unsupported_script) = (Vec::new(), Vec::new(), None);
        for region in scan_regions(&mut scan) {
            undecodable.extend(region.undecodable);
            if let Some(mut image) = region.image {
                invert_if_reversed(&mut image.image);
                recognised.extend(self.recognise_image(
                    &image,
                    region.area,
                    &scan,
                    &mut unsupported_script,
                )?);
            }
        }
        let is_empty =
            recognised.is_empty() && text_layer.words.is_empty() && text_layer.annotation_lines.is_empty();
        if !undecodable.is_empty() && is_empty {
            return Err(PageError::Damaged { reason: "its image cannot be decoded" });
        }
        let mut page = assemble_page(&scan, text_layer, recognised, undecodable);
        page.language = self.scripts.detect_language(&page, unsupported_script);
        Ok(page)
    }

    /// Recognises the image of an area; none if it holds only noise. Sets `unsupported_script` to the model of its script
    /// if the enabled models cannot read that.
    fn recognise_image(
        &mut self,
        image: &PageImage,
        area: BBox,
        scan: &Scan<'_>,
        unsupported_script: &mut Option<&'static str>,
    ) -> Result<Option<RecognisedRegion>, PageError> {
        let components = PageComponents::detect(&image.image, image.dpi);
        if is_blank(&components) {
            return Ok(None);
        }
        let mut search = OrientationSearch {
            tesseract: &mut self.tesseract,
            has_vertical_text: self.has_vertical_text,
            image,
            components: &components,
        };
        let mut attempt = search.best_attempt()?;
        // Detection is slow, and one image in an unsupported script is enough.
        *unsupported_script = unsupported_script.or_else(|| {
            let (confidence, letters) = (attempt.confidence_percent(), attempt.letter_count());
            self.scripts.detect_unsupported_script(&image.image, confidence, letters)
        });
        if is_low_resolution(image.dpi) {
            attempt.recognise_uncertain_lines(&mut self.tesseract)?;
        }
        // Print in an unsupported script looks like handwriting.
        let handwriting =
            if unsupported_script.is_none() { attempt.split_off_handwriting() } else { Vec::new() };
        let on_page = |area: &Rect| attempt.to_points(image, *area).clamp_to_page(scan.width, scan.height);
        Ok(Some(RecognisedRegion {
            area,
            words: attempt.words_on_page(image, scan.width, scan.height),
            handwriting: handwriting.iter().map(on_page).collect(),
        }))
    }
}
