//! Tesseract: gray pixels in, words in pixels out.

use std::ffi::{CStr, CString};

use hayro::kurbo::Rect;
use image::GrayImage;
use tesseract::plumbing::{
    TessBaseApi,
    tesseract_sys::{
        TessPageSegMode_PSM_AUTO, TessPageSegMode_PSM_SINGLE_COLUMN, TessPageSegMode_PSM_SINGLE_LINE,
    },
};

use crate::{error::PageError, layout};

/// A loaded Tesseract.
pub(super) struct Ocr {
    tesseract: TessBaseApi,
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
        let languages = CString::new(languages).ok()?;
        let mut tesseract = TessBaseApi::create();
        tesseract.init_2(None, Some(&languages)).ok()?;
        let mut ocr = Ocr { tesseract, watcher: None };
        // Its remarks on single pages are of no use to anybody.
        ocr.set(c"debug_file", c"/dev/null");
        // The pitch of letters is for Tesseract's older engine; its newer one finds the spaces itself.
        ocr.set(c"textord_all_prop", c"1");
        Some(ocr)
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
            ocr.tesseract.set_page_seg_mode(match shape {
                Shape::Rows => TessPageSegMode_PSM_SINGLE_COLUMN,
                Shape::Blocks => TessPageSegMode_PSM_AUTO,
            });
            ocr.read()
        })
    }

    /// The words in parts of a picture of this resolution that hold a single line each.
    pub(super) fn lines(
        &mut self,
        image: &GrayImage,
        dpi: f64,
        parts: &[Rect],
    ) -> Result<Vec<Found>, PageError> {
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let page = Rect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        self.told(|ocr| {
            ocr.show(image, dpi)?;
            ocr.tesseract.set_page_seg_mode(TessPageSegMode_PSM_SINGLE_LINE);
            let mut words = Vec::new();
            for part in parts {
                let part = part.intersect(page).expand();
                let [x, y, width, height] =
                    [part.x0, part.y0, part.width(), part.height()].map(|side| side as i32);
                ocr.tesseract.set_rectangle(x, y, width, height);
                words.extend(ocr.read()?);
            }
            Ok(words)
        })
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
        let size = |side: u32| i32::try_from(side).map_err(|_| PageError::NotRecognised);
        let (width, height) = (size(image.width())?, size(image.height())?);
        self.tesseract
            .set_image(image.as_raw(), width, height, 1, width)
            .map_err(|_| PageError::NotRecognised)?;
        self.tesseract.set_source_resolution(dpi.round() as i32);
        Ok(())
    }

    fn read(&mut self) -> Result<Vec<Found>, PageError> {
        self.tesseract.recognize().map_err(|_| PageError::NotRecognised)?;
        let table = self.tesseract.get_tsv_text(0).map_err(|_| PageError::NotRecognised)?;
        Ok(parse(&table.as_ref().to_string_lossy()))
    }

    fn set(&mut self, name: &CStr, value: &CStr) {
        // It fails only for names that Tesseract does not know, and ours are literals.
        let known = self.tesseract.set_variable(name, value);
        debug_assert!(known.is_ok(), "{name:?} is not a variable of Tesseract");
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
    pub(super) fn item(&self, slope: f64) -> layout::Item {
        let line = self.line;
        let middle = line.center().y - slope * line.center().x;
        // A slanting line's box is higher than its letters.
        let height = (line.height() - slope.abs() * line.width()).max(self.area.height() / 2.0);
        layout::Item {
            x0: self.area.x0,
            x1: self.area.x1,
            y0: middle - height / 2.0,
            y1: middle + height / 2.0,
        }
    }
}

/// Reads Tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
fn parse(table: &str) -> Vec<Found> {
    let mut words = Vec::new();
    let mut line = Rect::ZERO;
    for row in table.lines() {
        let fields: Vec<&str> = row.split('\t').collect();
        let [level, _, _, _, _, _, left, top, width, height, confidence, text] = fields[..] else { continue };
        let number = |field: &str| field.parse::<f64>().unwrap_or(0.0);
        let (x, y) = (number(left), number(top));
        let area = Rect::new(x, y, x + number(width), y + number(height));
        match level {
            "4" => line = area,
            "5" => {
                let text: String = text.split_whitespace().collect();
                // Rules are no letters: what is left of one at a word's end, or stands alone, is not part of the text.
                let text = text.trim_matches('_').to_owned();
                if !text.is_empty() && text != "|" {
                    words.push(Found { text, confidence: number(confidence).clamp(0.0, 100.0), area, line });
                }
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_gives_words_with_their_place_and_their_lines_height() {
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
                     4\t1\t1\t1\t1\t0\t10\t20\t300\t40\t-1\t\n\
                     5\t1\t1\t1\t1\t1\t10\t25\t90\t30\t96.28\tAspirin\n\
                     5\t1\t1\t1\t1\t2\t120\t25\t20\t30\t95\t \n";
        let words = parse(table);
        assert_eq!(words.len(), 1);
        assert_eq!(words[0].text, "Aspirin");
        assert_eq!(words[0].confidence, 96.28);
        assert_eq!(words[0].area, Rect::new(10.0, 25.0, 100.0, 55.0));
        assert_eq!(words[0].line, Rect::new(10.0, 20.0, 310.0, 60.0));
    }

    #[test]
    fn words_on_a_slanting_line_are_on_one_row_with_those_far_to_the_right() {
        let found = |x: f64, y: f64, width: f64| {
            let area = Rect::new(x, y, x + width, y + 30.0 + 0.01 * width);
            Found { text: "word".to_owned(), confidence: 90.0, area, line: area }
        };
        let (left, right) = (found(0.0, 100.0, 900.0).item(0.01), found(1800.0, 118.0, 100.0).item(0.01));
        assert!((left.y0 - right.y0).abs() < 0.01 && (left.y1 - right.y1).abs() < 0.01, "{left:?} {right:?}");
    }
}
