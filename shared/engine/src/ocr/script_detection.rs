//! Detects pages in a language or script that the enabled models do not read, and which model does.

use image::GrayImage;

use maneiro_page::{Language, ModelUnused, Page, TextSource};

use super::{tesseract_ffi, traineddata};
use crate::language;

/// Print in an unsupported script is read with less confidence: its letters are only guessed at.
const MAX_UNSUPPORTED_CONFIDENCE_PERCENT: u8 = 50;
/// The number of letters that it takes to detect a script.
const MIN_LETTERS: usize = 60;
/// Tesseract's confidence in a script: the lead of its score over that of the next script, in parts of the lead that
/// Tesseract accepts. Noisy forms in English reach up to 1.5 for other scripts; a paragraph in another script reaches 4
/// and more.
const MIN_SCRIPT_CONFIDENCE_RATIO: f32 = 2.5;

/// The models that pages are recognised with, and the scripts that these read.
pub(super) struct EnabledScripts {
    models: Vec<String>,
}

impl EnabledScripts {
    pub(super) fn new(models: &[&str]) -> EnabledScripts {
        EnabledScripts { models: models.iter().map(|&model| model.to_owned()).collect() }
    }

    /// The model for the script of an image that was read as `letters` letters with this confidence, if no enabled model
    /// reads that script. Detects nothing in an image that was read well.
    pub(super) fn detect_unsupported_script(
        &self,
        image: &GrayImage,
        confidence_percent: u8,
        letters: usize,
    ) -> Option<&'static str> {
        if confidence_percent >= MAX_UNSUPPORTED_CONFIDENCE_PERCENT || letters < MIN_LETTERS {
            return None;
        }
        let (script, script_confidence) = tesseract_ffi::detect_script(image)?;
        let model = traineddata::model_for_script(&script)
            .filter(|_| script_confidence >= MIN_SCRIPT_CONFIDENCE_RATIO)?;
        let script = traineddata::script_of_model(model);
        let is_enabled = self.models.iter().any(|enabled| traineddata::script_of_model(enabled) == script);
        (!is_enabled).then_some(model)
    }

    /// The language of a page. `unsupported_script` is the model of the script that was detected in its images.
    pub(super) fn detect_language(&self, page: &Page, unsupported_script: Option<&str>) -> Option<Language> {
        let model = unsupported_script.or_else(|| language::detect_model(page))?;
        let is_readable = match page.text_source {
            TextSource::Ocr { .. } | TextSource::Mixed { .. } => self.supports(model),
            TextSource::TextLayer
            | TextSource::Blank
            | TextSource::Duplicate { .. }
            | TextSource::Unreadable { .. } => true,
        };
        let model_unused = (!is_readable).then(|| {
            if traineddata::installed_models().iter().any(|installed| installed == model) {
                ModelUnused::NotEnabled
            } else {
                ModelUnused::NotInstalled { package: traineddata::debian_package(model) }
            }
        });
        Some(Language { model_unused, ..language::from_model(model) })
    }

    /// Whether one of the enabled models reads the language of `model`: the same model, or that of its whole script.
    fn supports(&self, model: &str) -> bool {
        let script = format!("script/{}", traineddata::script_of_model(model));
        self.models.iter().any(|enabled| enabled == model || *enabled == script)
    }
}
