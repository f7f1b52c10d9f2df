//! Recognition of page images with Tesseract.

use std::ffi::{CStr, CString};

use hayro::kurbo::{Affine, Rect};
use image::GrayImage;
use tesseract::plumbing::{TessBaseApi, tesseract_sys::TessPageSegMode_PSM_AUTO};

use crate::{
    document::{Document, Finding, Pixels, Scan},
    error::{PageError, RecogniserError},
    layout,
    page::{BBox, HowRead, Line, Page, Word},
};

/// Recognises one page after the other. Making one loads the language models, so make one and keep it.
pub struct Recogniser {
    tesseract: TessBaseApi,
}

impl std::fmt::Debug for Recogniser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recogniser").finish_non_exhaustive()
    }
}

impl Recogniser {
    /// Loads the models of these languages, named as Tesseract names them: `eng`, `deu`, `chi_sim`.
    ///
    /// # Errors
    /// `NoLanguage` if none is given, `NotALanguage` for a name that cannot be one, `MissingLanguage` with the
    /// package to install if Tesseract does not find its model.
    pub fn new(languages: &[&str]) -> Result<Recogniser, RecogniserError> {
        if languages.is_empty() {
            return Err(RecogniserError::NoLanguage);
        }
        for language in languages {
            let is_name = !language.is_empty()
                && language.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
            if !is_name {
                return Err(RecogniserError::NotALanguage { language: (*language).to_owned() });
            }
        }
        let tesseract = load(&languages.join("+")).ok_or_else(|| {
            // Tesseract does not say which one it missed.
            let missing = languages.iter().find(|language| load(language).is_none()).unwrap_or(&languages[0]);
            RecogniserError::MissingLanguage {
                language: (*missing).to_owned(),
                package: format!("tesseract-ocr-{}", missing.to_lowercase().replace('_', "-")),
            }
        })?;
        let mut recogniser = Recogniser { tesseract };
        // Its remarks on single pages are of no use to anybody.
        recogniser.set(c"debug_file", c"/dev/null");
        Ok(recogniser)
    }

    /// A recogniser for English.
    ///
    /// # Errors
    /// `MissingLanguage` if its model is not installed.
    pub fn english() -> Result<Recogniser, RecogniserError> {
        Recogniser::new(&["eng"])
    }

    /// Reads one page of a document: what a look found, recognised if it must be.
    ///
    /// # Errors
    /// Those of [`Document::look`] and [`Recogniser::recognise`].
    pub fn read(&mut self, document: &Document, page: u32) -> Result<Page, PageError> {
        match document.look(page)?.finding {
            Finding::Page(page) => Ok(page),
            Finding::Scan(scan) => self.recognise(scan),
        }
    }

    /// Recognises a page. It is found to be blank here, too, if there is nothing but noise in its picture.
    ///
    /// # Errors
    /// `Damaged` if it cannot be drawn, `NotRecognised` if Tesseract gives up.
    pub fn recognise(&mut self, mut scan: Scan<'_>) -> Result<Page, PageError> {
        let image = match std::mem::replace(&mut scan.pixels, Pixels::Ready(GrayImage::default())) {
            Pixels::Ready(image) => image,
            Pixels::Render(pdf) => pdf.draw(scan.number)?,
        };
        let to_page = Affine::scale_non_uniform(
            f64::from(scan.width) / f64::from(image.width()),
            f64::from(scan.height) / f64::from(image.height()),
        );
        let dpi = image.width() as f32 * 72.0 / scan.width;
        let found = self.words(&image, dpi)?;
        let words: Vec<Word> =
            found.iter().map(|word| word.on_page(to_page, scan.width, scan.height)).collect();
        let items: Vec<layout::Item> = found.iter().map(Found::item).collect();
        let lines = layout::reading_order(&items)
            .into_iter()
            .map(|line| Line { words: line.into_iter().map(|index| words[index].clone()).collect() })
            .collect();
        let how = HowRead::Ocr { confidence: mean_confidence(&words) };
        Ok(scan.page(how, lines))
    }

    /// The words in an image of this resolution.
    fn words(&mut self, image: &GrayImage, dpi: f32) -> Result<Vec<Found>, PageError> {
        let failed = |_| PageError::NotRecognised;
        let (width, height) = (image.width() as i32, image.height() as i32);
        self.tesseract
            .set_image(image.as_raw(), width, height, 1, width)
            .map_err(|_| PageError::NotRecognised)?;
        self.tesseract.set_source_resolution(dpi.round() as i32);
        self.tesseract.set_page_seg_mode(TessPageSegMode_PSM_AUTO);
        self.tesseract.recognize().map_err(|_| PageError::NotRecognised)?;
        let table = self.tesseract.get_tsv_text(0).map_err(|_| PageError::NotRecognised)?;
        let table = table.as_ref().to_str().map_err(failed)?;
        Ok(parse(table))
    }

    fn set(&mut self, name: &CStr, value: &CStr) {
        // It fails only for names that Tesseract does not know, and ours are literals.
        let known = self.tesseract.set_variable(name, value);
        debug_assert!(known.is_ok(), "{name:?} is not a variable of Tesseract");
    }
}

/// A Tesseract with these models, if it finds them.
fn load(languages: &str) -> Option<TessBaseApi> {
    let languages = CString::new(languages).ok()?;
    let mut tesseract = TessBaseApi::create();
    tesseract.init_2(None, Some(&languages)).ok()?;
    Some(tesseract)
}

/// A recognised word, in pixels.
struct Found {
    text: String,
    confidence: f32,
    area: Rect,
    /// Top and bottom of the line that it stands on.
    line: (f64, f64),
}

impl Found {
    fn item(&self) -> layout::Item {
        layout::Item { x0: self.area.x0, x1: self.area.x1, y0: self.line.0, y1: self.line.1 }
    }

    fn on_page(&self, to_page: Affine, width: f32, height: f32) -> Word {
        let area = to_page.transform_rect_bbox(self.area);
        let bbox = BBox { x0: area.x0 as f32, y0: area.y0 as f32, x1: area.x1 as f32, y1: area.y1 as f32 };
        let confidence = self.confidence.clamp(0.0, 100.0).round() as u8;
        Word { text: self.text.clone(), bbox: bbox.on_page(width, height), confidence }
    }
}

/// Reads Tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
fn parse(table: &str) -> Vec<Found> {
    let mut words = Vec::new();
    let mut line = (0.0, 0.0);
    for row in table.lines() {
        let fields: Vec<&str> = row.split('\t').collect();
        let [level, _, _, _, _, _, left, top, width, height, confidence, text] = fields[..] else { continue };
        let number = |field: &str| field.parse::<f64>().unwrap_or(0.0);
        let (x, y) = (number(left), number(top));
        let area = Rect::new(x, y, x + number(width), y + number(height));
        match level {
            "4" => line = (area.y0, area.y1),
            "5" => {
                let text: String = text.split_whitespace().collect();
                if !text.is_empty() {
                    words.push(Found { text, confidence: number(confidence) as f32, area, line });
                }
            }
            _ => {}
        }
    }
    words
}

/// Weighted by the words' length; 0 if there are none.
fn mean_confidence(words: &[Word]) -> u8 {
    let (sum, letters) = words.iter().fold((0, 0), |(sum, letters), word| {
        let length = word.text.chars().count();
        (sum + length * usize::from(word.confidence), letters + length)
    });
    sum.checked_div(letters).unwrap_or(0) as u8
}
