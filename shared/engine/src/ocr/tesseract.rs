//! The Tesseract engine: grayscale images in, words with bounds in pixels out.
//!
//! Uses the crate `tesseract`, whose plumbing layer wraps Tesseract's C API in safe calls. Words come as TSV, the only
//! format of that layer with bounds and fractional confidences. `tesseract_ffi` has the calls that it lacks.

use std::ffi::{CStr, CString, c_int};

use hayro::kurbo::Rect;
use image::GrayImage;
pub(super) use tesseract::PageSegMode;
use tesseract::plumbing::{TessBaseApi, Text};

use super::{
    tesseract_ffi::c_dimensions,
    tsv::{TsvWord, parse_words},
};
use crate::{error::PageError, layout::reading_order, segmentation::LineImage};

/// Tesseract with loaded models.
pub(super) struct Tesseract {
    api: TessBaseApi,
}

impl Tesseract {
    /// Loads models, joined by `+`. None if one cannot be loaded.
    pub(super) fn load(models: &str) -> Option<Tesseract> {
        let mut api = TessBaseApi::create();
        // Silences Tesseract's warnings about single pages.
        set_variable(&mut api, c"debug_file", c"/dev/null");
        api.init_2(None, Some(&CString::new(models).ok()?)).ok()?;
        // The pitch of letters matters only to Tesseract's older engine. The LSTM finds the spaces itself.
        set_variable(&mut api, c"textord_all_prop", c"1");
        Some(Tesseract { api })
    }

    /// Recognises the words of an image. Their bounds are in pixels of the image.
    pub(super) fn recognise(
        &mut self,
        image: &GrayImage,
        dpi: f64,
        mode: PageSegMode,
    ) -> Result<Vec<OcrWord>, PageError> {
        let _span = tracing::trace_span!("tesseract").entered();
        let tsv = self.recognise_tsv(image, dpi, mode).ok_or(PageError::OcrFailed)?;
        let tsv = tsv.as_ref().to_string_lossy();
        let words = parse_words(&tsv).ok_or(PageError::OcrFailed)?;
        Ok(words.into_iter().filter_map(OcrWord::from_tsv).collect())
    }

    /// Recognises an image as TSV. None if Tesseract fails.
    fn recognise_tsv(&mut self, image: &GrayImage, dpi: f64, mode: PageSegMode) -> Option<Text> {
        let [width, height] = c_dimensions(image)?;
        // A gray image has one byte per pixel and no padding between rows.
        self.api.set_image(image.as_raw(), width, height, 1, width).ok()?;
        self.api.set_source_resolution(dpi.round() as c_int);
        self.api.set_page_seg_mode(mode.as_tess_page_seg_mode());
        self.api.recognize().ok()?;
        self.api.get_tsv_text(0).ok()
    }

    /// Recognises the words of a line image. Their bounds are in pixels of the line's page.
    pub(super) fn recognise_line(&mut self, line: &LineImage) -> Result<Vec<OcrWord>, PageError> {
        let mode = if line.is_prose { PageSegMode::PsmRawLine } else { PageSegMode::PsmSingleLine };
        let mut words = self.recognise(&line.image, line.dpi, mode)?;
        // Tesseract extends the bounds of some words over the words after them.
        for at in 1..words.len() {
            let next = words[at].bounds.x0;
            let bounds = &mut words[at - 1].bounds;
            bounds.x1 = bounds.x1.min(next.max(bounds.x0 + 1.0));
        }
        for word in &mut words {
            word.bounds = line.to_page(word.bounds);
            word.line_bounds = line.line;
        }
        // Drops the context word.
        words.retain(|word| word.bounds.center().x >= line.begin);
        Ok(words)
    }
}

fn set_variable(api: &mut TessBaseApi, name: &CStr, value: &CStr) {
    let is_known = api.set_variable(name, value).is_ok();
    debug_assert!(is_known, "{name:?} is not a variable of Tesseract");
}

/// A recognised word. Bounds are in pixels of the preprocessed page.
pub(super) struct OcrWord {
    pub(super) text: String,
    /// In percent.
    pub(super) confidence: f64,
    pub(super) bounds: Rect,
    /// The bounds of its line.
    pub(super) line_bounds: Rect,
}

impl OcrWord {
    /// Removes what is not text. None if nothing is left.
    fn from_tsv(TsvWord { text, confidence, bounds, line_bounds }: TsvWord<'_>) -> Option<OcrWord> {
        // Tesseract inserts marks where the direction of writing changes.
        let is_invisible = |char: char| char.is_whitespace() || matches!(char, '\u{200e}' | '\u{200f}');
        let text: String = text.chars().filter(|char| !is_invisible(*char)).collect();
        // The remains of ruling lines are read as underscores and bars.
        let text = text.trim_matches('_').to_owned();
        (!text.is_empty() && text != "|").then(|| OcrWord {
            text,
            confidence: f64::from(confidence).clamp(0.0, 100.0),
            bounds,
            line_bounds,
        })
    }

    /// Whether it has neither a letter nor a digit.
    pub(super) fn is_punctuation(&self) -> bool {
        !self.text.chars().any(char::is_alphanumeric)
    }

    pub(super) fn digit_count(&self) -> usize {
        self.text.chars().filter(char::is_ascii_digit).count()
    }

    /// The number of its characters, digits and punctuation included.
    pub(super) fn letter_count(&self) -> usize {
        self.text.chars().count()
    }

    /// Its box for the reading order, deskewed: `slope` is how far lines fall per pixel to the right.
    pub(super) fn layout_box(&self, slope: f64) -> reading_order::LayoutBox {
        let line = self.line_bounds;
        let middle = line.center().y - slope * line.center().x;
        // The bounds of a skewed line are higher than its letters.
        let height = (line.height() - slope.abs() * line.width()).max(self.bounds.height() / 2.0);
        reading_order::LayoutBox {
            x0: self.bounds.x0,
            x1: self.bounds.x1,
            y0: middle - height / 2.0,
            y1: middle + height / 2.0,
        }
    }
}

/// Mean confidence of the words in percent, weighted by their length; 0 if there are none.
pub(super) fn mean_confidence<'w>(words: impl IntoIterator<Item = &'w OcrWord>) -> f64 {
    weighted_mean(words.into_iter().map(|word| (word.letter_count(), word.confidence)))
}

/// Mean of pairs of weight and value; 0 if there are none.
pub(super) fn weighted_mean(values: impl Iterator<Item = (usize, f64)>) -> f64 {
    let (weights, sum) = values.fold((0.0, 0.0), |(weights, sum), (weight, value)| {
        let weight = weight as f64;
        (weights + weight, sum + weight * value)
    });
    if weights == 0.0 { 0.0 } else { sum / weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_keeps_its_bounds_and_loses_remains_of_ruling_lines() {
        let (bounds, line_bounds) = (Rect::new(10.0, 25.0, 100.0, 55.0), Rect::new(10.0, 20.0, 310.0, 60.0));
        let from_text = |text| OcrWord::from_tsv(TsvWord { text, confidence: 96.28, bounds, line_bounds });
        let word = from_text("_Aspirin\u{200e}_").expect("a word");
        assert_eq!(word.text, "Aspirin");
        assert!((word.confidence - 96.28).abs() < 0.001);
        assert_eq!((word.bounds, word.line_bounds), (bounds, line_bounds));
        for nothing in ["", " ", "|", "__"] {
            assert!(from_text(nothing).is_none(), "{nothing:?}");
        }
    }

    #[test]
    fn words_far_apart_on_a_skewed_line_are_on_one_row() {
        let item = |x: f64, y: f64, width: f64| {
            let bounds = Rect::new(x, y, x + width, y + 30.0 + 0.01 * width);
            let word = OcrWord { text: "word".to_owned(), confidence: 90.0, bounds, line_bounds: bounds };
            word.layout_box(0.01)
        };
        let (left, right) = (item(0.0, 100.0, 900.0), item(1800.0, 118.0, 100.0));
        assert!((left.y0 - right.y0).abs() < 0.01 && (left.y1 - right.y1).abs() < 0.01, "{left:?} {right:?}");
    }
}
