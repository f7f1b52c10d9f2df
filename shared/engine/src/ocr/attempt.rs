//! Recognition of one page image: finds the orientation in which it reads best, and turns the recognised words into words
//! on the page.

use hayro::kurbo::{Affine, Point, Rect};

use maneiro_page::{BBox, Word};

use super::{
    context_words::ContextWords,
    line_recognition::recognise_lines,
    number_verification::verify_numbers,
    page_image::PageImage,
    reocr::recognise_uncertain_lines,
    tesseract::{OcrWord, PageSegMode, Tesseract, mean_confidence},
};
use crate::{
    error::PageError,
    geometry::bbox_from_rect,
    layout::merge_layers::PositionedWord,
    preprocess::{
        self, Orientation, OrientationCandidates, PageComponents, PreprocessedPage, Rotation,
        is_low_resolution, text_metrics::has_columns,
    },
    segmentation::find_handwriting,
};

/// A page that is read with less confidence may have been read in the wrong orientation.
const MIN_ORIENTATION_CONFIDENCE_PERCENT: u8 = 55;
/// Another orientation is preferred if its score exceeds that of the first by this factor.
const MIN_ORIENTATION_SCORE_RATIO: f64 = 1.5;
/// Words with less confidence do not count for an orientation.
const MIN_CONFIDENCE_PERCENT: f64 = 40.0;
/// The number of letters that are recognised to decide an orientation.
const MAX_SAMPLE_LETTERS: usize = 60;
/// An orientation is certain if this many letters were read with this confidence.
const MIN_LEGIBLE_LETTERS: usize = 30;
const MIN_LEGIBLE_CONFIDENCE_PERCENT: u8 = 85;
/// Words with this confidence are print.
const PRINTED_CONFIDENCE_PERCENT: f64 = 65.0;
/// Words with less confidence are hardly print.
const MIN_PRINTED_CONFIDENCE_PERCENT: f64 = 50.0;
/// A word was read out of handwriting that covers this share of its area.
const MIN_HANDWRITING_SHARE: f64 = 0.5;

/// The result of recognising a page image in one orientation.
pub(super) struct OcrAttempt {
    words: Vec<OcrWord>,
    /// The page in which they were found.
    preprocessed: PreprocessedPage,
}

impl OcrAttempt {
    pub(super) fn confidence_percent(&self) -> u8 {
        mean_confidence(&self.words).round() as u8
    }

    pub(super) fn letter_count(&self) -> usize {
        self.words.iter().map(OcrWord::letter_count).sum()
    }

    /// Recognises again what was read with little confidence.
    pub(super) fn recognise_uncertain_lines(&mut self, tesseract: &mut Tesseract) -> Result<(), PageError> {
        let words = std::mem::take(&mut self.words);
        self.words = recognise_uncertain_lines(tesseract, &self.preprocessed, words)?;
        Ok(())
    }

    /// Removes the words that were read out of handwriting. Returns the regions of handwriting, in pixels of the
    /// preprocessed page.
    pub(super) fn split_off_handwriting(&mut self) -> Vec<Rect> {
        let (printed, others): (Vec<&OcrWord>, Vec<&OcrWord>) =
            self.words.iter().partition(|word| word.confidence >= PRINTED_CONFIDENCE_PERCENT);
        let doubtful =
            others.into_iter().filter(|word| word.confidence >= MIN_PRINTED_CONFIDENCE_PERCENT).collect();
        let [printed, doubtful] = [printed, doubtful]
            .map(|words: Vec<&OcrWord>| words.into_iter().map(|word| word.bounds).collect::<Vec<_>>());
        let handwriting = find_handwriting(&self.preprocessed, &printed, &doubtful);
        let is_handwritten = |word: &OcrWord| {
            let common_area = |region: &Rect| region.intersect(word.bounds).area();
            handwriting.iter().any(|region| common_area(region) >= MIN_HANDWRITING_SHARE * word.bounds.area())
        };
        self.words.retain(|word| word.confidence >= PRINTED_CONFIDENCE_PERCENT || !is_handwritten(word));
        handwriting
    }

    /// Maps an area of the preprocessed page to points on the page.
    pub(super) fn to_points(&self, image: &PageImage, area: Rect) -> BBox {
        bbox_from_rect((image.to_points * self.preprocessed.to_source).transform_rect_bbox(area))
    }

    /// The words on a page of this size, in points.
    pub(super) fn words_on_page(&self, image: &PageImage, width: f32, height: f32) -> Vec<PositionedWord> {
        let to_points = image.to_points * self.preprocessed.to_source;
        let [a, b, c, d, ..] = to_points.as_coeffs();
        let direction = (b.atan2(a).to_degrees() / 90.0).round() as i32 * 90;
        // Lines with a remaining skew are placed as they were found relative to each other, around the middle of the
        // image.
        let pixels = &self.preprocessed.image;
        let (x, y) = (f64::from(pixels.width()) / 2.0, f64::from(pixels.height()) / 2.0);
        let upright = Affine::rotate(-f64::from(direction).to_radians());
        let to_line = Affine::translate((upright * to_points * Point::new(x, y)).to_vec2())
            * Affine::scale_non_uniform(a.hypot(b), c.hypot(d))
            * Affine::translate((-x, self.preprocessed.slope * x - y));
        let on_page = |word: &OcrWord| PositionedWord {
            word: Word {
                text: word.text.clone(),
                bbox: bbox_from_rect(to_points.transform_rect_bbox(word.bounds)).clamp_to_page(width, height),
                // A confidence of 100 is for text layers.
                confidence: word.confidence.round().min(99.0) as u8,
            },
            layout_box: word.layout_box(self.preprocessed.slope).transformed(to_line),
            direction_degrees: direction.rem_euclid(360),
        };
        self.words.iter().map(on_page).collect()
    }

    /// Whether the text is read so well that no other orientation needs to be tried.
    fn is_legible(&self) -> bool {
        self.letter_count() >= MIN_LEGIBLE_LETTERS
            && self.confidence_percent() >= MIN_LEGIBLE_CONFIDENCE_PERCENT
    }

    /// The amount of text that was read with more confidence than a guess has.
    fn orientation_score(&self) -> f64 {
        self.words
            .iter()
            .map(|word| (word.confidence - MIN_CONFIDENCE_PERCENT).max(0.0) * word.letter_count() as f64)
            .sum()
    }
}

/// The search for the orientation in which a page image reads best.
pub(super) struct OrientationSearch<'i> {
    pub(super) tesseract: &'i mut Tesseract,
    /// Whether lines may run downwards, which only Tesseract's own page segmentation follows.
    pub(super) has_vertical_text: bool,
    pub(super) image: &'i PageImage,
    pub(super) components: &'i PageComponents,
}

impl OrientationSearch<'_> {
    /// Recognises the image in its most likely orientation, and if it is read badly there, in the one that reads best.
    pub(super) fn best_attempt(&mut self) -> Result<OcrAttempt, PageError> {
        let candidates = OrientationCandidates::detect(self.components);
        let likely = self.most_legible(candidates.likely())?;
        let attempt = self.recognise_at(self.image, likely, usize::MAX)?;
        let has_no_other = candidates.likely().len() == candidates.all().len();
        if attempt.confidence_percent() >= MIN_ORIENTATION_CONFIDENCE_PERCENT || has_no_other {
            return Ok(attempt);
        }
        let other = self.most_legible(candidates.all())?;
        if other.rotation == likely.rotation {
            return Ok(attempt);
        }
        let second = self.recognise_at(self.image, other, usize::MAX)?;
        let is_better =
            second.orientation_score() > MIN_ORIENTATION_SCORE_RATIO * attempt.orientation_score();
        Ok(if is_better { second } else { attempt })
    }

    /// The candidate in which a sample of the image reads best. Most pages are upright, so that is tried first, and no
    /// other if it reads well.
    fn most_legible(&mut self, candidates: &[Orientation]) -> Result<Orientation, PageError> {
        let mut best = (candidates[0], -1.0);
        if candidates.len() == 1 {
            return Ok(best.0);
        }
        let (upright, others): (Vec<Orientation>, Vec<Orientation>) =
            candidates.iter().partition(|candidate| candidate.rotation == Rotation::Upright);
        for candidate in upright.into_iter().chain(others) {
            let sample = self.image.sample_band(self.components, candidate.rotation);
            let attempt = self.recognise_at(&sample, candidate, MAX_SAMPLE_LETTERS)?;
            if attempt.is_legible() {
                return Ok(candidate);
            }
            let score = attempt.orientation_score();
            if score > best.1 {
                best = (candidate, score);
            }
        }
        Ok(best.0)
    }

    /// Recognises an image in this orientation. Stops after the line in which `max_letters` are reached.
    fn recognise_at(
        &mut self,
        image: &PageImage,
        orientation: Orientation,
        max_letters: usize,
    ) -> Result<OcrAttempt, PageError> {
        let preprocessed = preprocess::prepare(&image.image, image.dpi, self.components, orientation);
        let mode = page_seg_mode(self.components, orientation);
        let mut words = if is_low_resolution(image.dpi) {
            self.tesseract.recognise(&preprocessed.image, preprocessed.dpi, mode)?
        } else if self.has_vertical_text {
            let words = self.tesseract.recognise(&preprocessed.image, preprocessed.dpi, mode)?;
            verify_numbers(self.tesseract, &preprocessed, &ContextWords::default(), words)?
        } else {
            recognise_lines(self.tesseract, &preprocessed, max_letters)?
        };
        // Tesseract sees dashes and equals signs in the empty gaps between cells.
        words.retain(|word| !word.is_punctuation() || preprocessed.has_foreground(word.bounds));
        Ok(OcrAttempt { words, preprocessed })
    }
}

/// As a single column, lines cross the whole page: the numbers of a list stay with its items. Tables are read so, too:
/// within columns, Tesseract may pass over a whole column of short numbers.
fn page_seg_mode(components: &PageComponents, orientation: Orientation) -> PageSegMode {
    if has_columns(components, orientation) { PageSegMode::PsmAuto } else { PageSegMode::PsmSingleColumn }
}
