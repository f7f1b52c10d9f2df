//! Pages in another language than they were recognised in: whether a page is one, and what it takes to read it well.

use image::GrayImage;

use super::{tesseract_ffi, traineddata};
use maneiro_page::{Language, ModelUnused, Page, TextSource};

use crate::language;

/// Print in another script is read with less confidence than this, 0 to 100: its letters are only guessed at.
const STRANGE: u8 = 50;
/// So many letters are enough to tell their script.
const ENOUGH: usize = 60;
/// Tesseract's own measure of how sure it is of a script. Of noisy forms in English it is sure of others up to 1.5;
/// a paragraph in another script gives 4 and more.
const CERTAIN: f32 = 2.5;

/// The models that pages are recognised with.
pub(super) struct Chosen(Vec<String>);

impl Chosen {
    pub(super) fn new(models: &[&str]) -> Chosen {
        Chosen(models.iter().map(|&model| model.to_owned()).collect())
    }

    /// The model for the script of a picture that was read with this confidence as so many letters, if it is another
    /// script than those chosen. What is read well costs nothing here.
    pub(super) fn strange_script(
        &self,
        image: &GrayImage,
        confidence: u8,
        letters: usize,
    ) -> Option<&'static str> {
        if confidence >= STRANGE || letters < ENOUGH {
            return None;
        }
        let (script, certainty) = tesseract_ffi::script(image)?;
        let model = traineddata::of_script(&script).filter(|_| certainty >= CERTAIN)?;
        (!self.0.iter().any(|chosen| traineddata::script(chosen) == traineddata::script(model)))
            .then_some(model)
    }

    /// The language of a page in which this other script was found.
    pub(super) fn language(&self, page: &Page, strange: Option<&str>) -> Option<Language> {
        let model = strange.or_else(|| language::detect_model(page))?;
        let known = match page.text_source {
            TextSource::Ocr { .. } | TextSource::Mixed { .. } => self.reads(model),
            TextSource::TextLayer
            | TextSource::Blank
            | TextSource::Duplicate { .. }
            | TextSource::Unreadable { .. } => true,
        };
        let model_unused =
            (!known).then(|| match traineddata::installed().iter().any(|installed| installed == model) {
                true => ModelUnused::NotEnabled,
                false => ModelUnused::NotInstalled { package: traineddata::package(model) },
            });
        Some(Language { model_unused, ..language::from_model(model) })
    }

    /// Whether one of the chosen models reads a language: its own, or that of its whole script.
    fn reads(&self, model: &str) -> bool {
        let script = format!("script/{}", traineddata::script(model));
        self.0.iter().any(|chosen| chosen == model || *chosen == script)
    }
}
