//! Tesseract: gray pixels in, words in pixels out.

use std::ffi::CString;

use hayro::kurbo::Rect;
use image::GrayImage;
use tesseract_sys::{
    TessPageSegMode_PSM_AUTO, TessPageSegMode_PSM_SINGLE_COLUMN, TessPageSegMode_PSM_SINGLE_LINE,
};

use super::tesseract_ffi::{RawWord, Sides, Tesseract};
use crate::{
    error::PageError,
    layout::reading_order,
    segmentation::{Cut, Look},
};

/// A loaded Tesseract.
pub(super) struct Ocr {
    tesseract: Tesseract,
    watcher: Option<Box<dyn FnMut(Moment)>>,
}

/// When a [watcher](crate::Recogniser::watch) is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Tesseract is about to be called.
    Begins,
    /// It has returned.
    Ends,
}

/// How the lines of a page are to be found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Across the whole page: the numbers of a list stay with its items.
    Rows,
    /// Within columns, wherever Tesseract sees some.
    Blocks,
}

impl Ocr {
    /// A Tesseract with these models, joined by `+`, if it finds them all.
    pub(super) fn load(languages: &str) -> Option<Ocr> {
        let mut tesseract = Tesseract::new();
        if !tesseract.load(&CString::new(languages).ok()?) {
            return None;
        }
        // The pitch of letters is for Tesseract's older engine; its newer one finds the spaces itself.
        tesseract.set(c"textord_all_prop", c"1");
        Some(Ocr { tesseract, watcher: None })
    }

    pub(super) fn watch(&mut self, watcher: Box<dyn FnMut(Moment)>) {
        self.watcher = Some(watcher);
    }

    /// The words in a picture of this resolution.
    pub(super) fn words(
        &mut self,
        image: &GrayImage,
        dpi: f64,
        shape: Shape,
    ) -> Result<Vec<Found>, PageError> {
        self.told(|ocr| {
            ocr.show(image, dpi)?;
            ocr.tesseract.find_lines_by(match shape {
                Shape::Rows => TessPageSegMode_PSM_SINGLE_COLUMN,
                Shape::Blocks => TessPageSegMode_PSM_AUTO,
            });
            ocr.read()
        })
    }

    /// The words of a single line, from left to right, in pixels of the picture that it was cut out of.
    pub(super) fn line(&mut self, cut: &Cut) -> Result<Vec<Found>, PageError> {
        let mut words = self.told(|ocr| {
            ocr.show(&cut.image, cut.dpi)?;
            ocr.tesseract.find_lines_by(TessPageSegMode_PSM_SINGLE_LINE);
            ocr.read()
        })?;
        // Tesseract gives some words the place of those after them, too.
        for at in 1..words.len() {
            let next = words[at].area.x0;
            let area = &mut words[at - 1].area;
            area.x1 = area.x1.min(next.max(area.x0 + 1.0));
        }
        for word in &mut words {
            (word.area, word.line, word.look) = (cut.place(word.area), cut.line, cut.look);
        }
        // What it is read beside is none of it.
        words.retain(|word| word.area.center().x >= cut.begin);
        Ok(words)
    }

    /// What `work` with Tesseract gives; the watcher hears of its beginning and end.
    fn told<T>(&mut self, work: impl FnOnce(&mut Ocr) -> T) -> T {
        self.tell(Moment::Begins);
        let given = work(self);
        self.tell(Moment::Ends);
        given
    }

    fn tell(&mut self, moment: Moment) {
        if let Some(watcher) = &mut self.watcher {
            watcher(moment);
        }
    }

    fn show(&mut self, image: &GrayImage, dpi: f64) -> Result<(), PageError> {
        if !self.tesseract.show(image) {
            return Err(PageError::OcrFailed);
        }
        self.tesseract.set_resolution(dpi);
        Ok(())
    }

    fn read(&mut self) -> Result<Vec<Found>, PageError> {
        let words = self.tesseract.recognise().ok_or(PageError::OcrFailed)?;
        Ok(words.into_iter().filter_map(found).collect())
    }
}

/// A recognised word, in pixels.
pub(super) struct Found {
    pub(super) text: String,
    /// 0 to 100.
    pub(super) confidence: f64,
    pub(super) area: Rect,
    /// The line that it stands on.
    pub(super) line: Rect,
    /// How the line was shown.
    pub(super) look: Look,
}

impl Found {
    /// Whether it has neither a letter nor a digit.
    pub(super) fn is_signs(&self) -> bool {
        !self.text.chars().any(char::is_alphanumeric)
    }

    pub(super) fn digits(&self) -> usize {
        self.text.chars().filter(char::is_ascii_digit).count()
    }

    pub(super) fn letters(&self) -> usize {
        self.text.chars().count()
    }

    /// Its place for those who look for rows, where lines fall by `slope` to the right: as if they were level.
    pub(super) fn layout_box(&self, slope: f64) -> reading_order::LayoutBox {
        let line = self.line;
        let middle = line.center().y - slope * line.center().x;
        // A slanting line's box is higher than its letters.
        let height = (line.height() - slope.abs() * line.width()).max(self.area.height() / 2.0);
        reading_order::LayoutBox {
            x0: self.area.x0,
            x1: self.area.x1,
            y0: middle - height / 2.0,
            y1: middle + height / 2.0,
        }
    }
}

/// Mean confidence of the words, 0 to 100, weighted by their length; 0 if there are none.
pub(super) fn confidence<'w>(words: impl IntoIterator<Item = &'w Found>) -> f64 {
    let (letters, sum) = words.into_iter().fold((0.0, 0.0), |(letters, sum), word| {
        let length = word.letters() as f64;
        (letters + length, sum + length * word.confidence)
    });
    if letters == 0.0 { 0.0 } else { sum / letters }
}

/// A word without what is none of it; none if nothing is left.
fn found(RawWord { text, confidence, area, line }: RawWord) -> Option<Found> {
    // Tesseract marks where the direction of writing changes.
    let is_mark = |sign: char| sign.is_whitespace() || matches!(sign, '\u{200e}' | '\u{200f}');
    let text: String = text.chars().filter(|sign| !is_mark(*sign)).collect();
    // Rules are no letters: what is left of one at a word's end, or stands alone, is not part of the text.
    let text = text.trim_matches('_').to_owned();
    let place = |[x0, y0, x1, y1]: Sides| Rect::new(x0.into(), y0.into(), x1.into(), y1.into());
    (!text.is_empty() && text != "|").then(|| Found {
        text,
        confidence: f64::from(confidence).clamp(0.0, 100.0),
        area: place(area),
        line: place(line),
        look: Look::Plain,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_with_its_place_and_without_what_is_left_of_rules() {
        let raw = |text: &str| RawWord {
            text: text.to_owned(),
            confidence: 96.28,
            area: [10, 25, 100, 55],
            line: [10, 20, 310, 60],
        };
        let word = found(raw("_Aspirin\u{200e}_")).expect("a word");
        assert_eq!(word.text, "Aspirin");
        assert!((word.confidence - 96.28).abs() < 0.001);
        assert_eq!(word.area, Rect::new(10.0, 25.0, 100.0, 55.0));
        assert_eq!(word.line, Rect::new(10.0, 20.0, 310.0, 60.0));
        for nothing in ["", " ", "|", "__"] {
            assert!(found(raw(nothing)).is_none(), "{nothing:?}");
        }
    }

    #[test]
    fn words_on_a_slanting_line_are_on_one_row_with_those_far_to_the_right() {
        let found = |x: f64, y: f64, width: f64| {
            let area = Rect::new(x, y, x + width, y + 30.0 + 0.01 * width);
            Found { text: "word".to_owned(), confidence: 90.0, area, line: area, look: Look::Plain }
        };
        let (left, right) =
            (found(0.0, 100.0, 900.0).layout_box(0.01), found(1800.0, 118.0, 100.0).layout_box(0.01));
        assert!((left.y0 - right.y0).abs() < 0.01 && (left.y1 - right.y1).abs() < 0.01, "{left:?} {right:?}");
    }
}
