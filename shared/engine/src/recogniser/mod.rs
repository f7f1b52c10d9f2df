//! Recognition of pages: how they lie, making them fit to be read, and putting what was read back in its place.

mod ocr;

use hayro::kurbo::Affine;
use image::{GrayImage, imageops};

use crate::{
    document::{Document, Finding, Pixels, Scan},
    error::{PageError, RecogniserError, contained},
    layout,
    page::{BBox, HowRead, Line, Page, Word},
    scan::{self, Ink, Stance, Stances, Turn},
};
use ocr::{Found, Ocr, Shape};

/// A page read with less confidence than this, 0 to 100, may have been read the wrong way up.
const DOUBTFUL: u8 = 55;
/// Another way up must give so many times more to be taken instead.
const CLEARLY_BETTER: f64 = 1.5;
/// Words read with less confidence than this, 0 to 100, say nothing.
const GUESS: f64 = 40.0;
/// The part of a page that is read to find out which way is up.
const SAMPLE: f64 = 0.12;

/// Recognises one page after the other. Making one loads the language models, so make one and keep it.
pub struct Recogniser {
    ocr: Ocr,
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
        let missing = |language: &&str| RecogniserError::MissingLanguage {
            language: (**language).to_owned(),
            package: format!("tesseract-ocr-{}", language.to_lowercase().replace('_', "-")),
        };
        // Of several languages Tesseract passes over those that it misses, so each is tried alone.
        if languages.len() > 1
            && let Some(absent) = languages.iter().find(|language| Ocr::load(language).is_none())
        {
            return Err(missing(absent));
        }
        let ocr = Ocr::load(&languages.join("+")).ok_or_else(|| missing(&languages[0]))?;
        Ok(Recogniser { ocr })
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
    pub fn recognise(&mut self, scan: Scan<'_>) -> Result<Page, PageError> {
        contained(PageError::NotRecognised, || self.recognise_scan(scan))
    }

    fn recognise_scan(&mut self, mut scan: Scan<'_>) -> Result<Page, PageError> {
        let picture = Picture::of(&mut scan)?;
        let ink = Ink::of(&picture.image, picture.dpi);
        if scan::is_blank(&ink) {
            return Ok(scan.page(HowRead::Blank, Vec::new()));
        }
        let attempt = self.attempt(&picture, &ink)?;
        let points = picture.to_points * attempt.to_picture;
        let words: Vec<Word> =
            attempt.found.iter().map(|found| word(found, points, scan.width, scan.height)).collect();
        let items: Vec<layout::Item> = attempt.found.iter().map(|found| found.item(attempt.slope)).collect();
        let lines = layout::reading_order(&items)
            .into_iter()
            .map(|line| Line::body(line.into_iter().map(|index| words[index].clone()).collect()))
            .collect();
        Ok(scan.page(HowRead::Ocr { confidence: attempt.confidence() }, lines))
    }

    /// Reads the picture as it most probably lies; if that gives little, as it reads best.
    fn attempt(&mut self, picture: &Picture, ink: &Ink) -> Result<Attempt, PageError> {
        let stances = Stances::of(ink);
        let first = self.most_legible(picture, ink, stances.likely())?;
        let attempt = self.read_as(picture, first, shape(ink, first))?;
        if attempt.confidence() >= DOUBTFUL || stances.likely().len() == stances.all().len() {
            return Ok(attempt);
        }
        let other = self.most_legible(picture, ink, stances.all())?;
        if other.turn == first.turn {
            return Ok(attempt);
        }
        let second = self.read_as(picture, other, shape(ink, other))?;
        Ok(if second.evidence() > CLEARLY_BETTER * attempt.evidence() { second } else { attempt })
    }

    /// Of several ways in which the picture may lie, the one in which a part of it reads best.
    fn most_legible(
        &mut self,
        picture: &Picture,
        ink: &Ink,
        stances: &[Stance],
    ) -> Result<Stance, PageError> {
        let mut best = (stances[0], -1.0);
        if stances.len() == 1 {
            return Ok(best.0);
        }
        for stance in stances {
            let sample = picture.sample(ink, stance.turn);
            let evidence = self.read_as(&sample, *stance, Shape::Rows)?.evidence();
            if evidence > best.1 {
                best = (*stance, evidence);
            }
        }
        Ok(best.0)
    }

    fn read_as(&mut self, picture: &Picture, stance: Stance, shape: Shape) -> Result<Attempt, PageError> {
        let prepared = scan::prepare(&picture.image, picture.dpi, stance);
        let found = self.ocr.words(&prepared.image, prepared.dpi, shape)?;
        Ok(Attempt { found, to_picture: prepared.to_source, slope: prepared.slope })
    }
}

fn shape(ink: &Ink, stance: Stance) -> Shape {
    if ink.has_frame() || ink.has_columns(stance) { Shape::Blocks } else { Shape::Rows }
}

/// A page's pixels.
struct Picture {
    image: GrayImage,
    dpi: f64,
    /// From its pixels to points on the page.
    to_points: Affine,
}

impl Picture {
    /// Takes the scan's pixels.
    fn of(scan: &mut Scan<'_>) -> Result<Picture, PageError> {
        let (image, to_points) =
            match std::mem::replace(&mut scan.pixels, Pixels::Ready(GrayImage::default())) {
                Pixels::InPdf { pdf, is_lone } => pdf.picture(scan.number, is_lone)?,
                Pixels::Ready(image) => {
                    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
                    let to_points = Affine::scale_non_uniform(
                        f64::from(scan.width) / width,
                        f64::from(scan.height) / height,
                    );
                    (image, to_points)
                }
            };
        Ok(Picture { image, dpi: 72.0 / to_points.determinant().abs().sqrt(), to_points })
    }

    /// The strip along the lines of a page turned so that holds the most letters.
    fn sample(&self, ink: &Ink, turn: Turn) -> Picture {
        let (width, height) = (self.image.width(), self.image.height());
        let [x, y, width, height] = match turn {
            Turn::None | Turn::Half => {
                let (from, to) = ink.fullest_strip(SAMPLE, |mark| mark.y0, ink.height);
                [0, (from * f64::from(height)) as u32, width, ((to - from) * f64::from(height)) as u32]
            }
            Turn::Clockwise | Turn::Anticlockwise => {
                let (from, to) = ink.fullest_strip(SAMPLE, |mark| mark.x0, ink.width);
                [(from * f64::from(width)) as u32, 0, ((to - from) * f64::from(width)) as u32, height]
            }
        };
        Picture {
            image: imageops::crop_imm(&self.image, x, y, width.max(1), height.max(1)).to_image(),
            dpi: self.dpi,
            to_points: self.to_points,
        }
    }
}

/// What was read of a picture.
struct Attempt {
    found: Vec<Found>,
    /// From the pixels in which the words were found to those of the picture.
    to_picture: Affine,
    /// By how much the lines fall to the right in the former.
    slope: f64,
}

impl Attempt {
    /// Mean confidence of the words, weighted by their length; 0 if there are none.
    fn confidence(&self) -> u8 {
        let letters: usize = self.found.iter().map(Found::letters).sum();
        let sum: f64 = self.found.iter().map(|word| word.confidence * word.letters() as f64).sum();
        if letters == 0 { 0 } else { (sum / letters as f64).round() as u8 }
    }

    /// How much was read that is more than guessing.
    fn evidence(&self) -> f64 {
        self.found.iter().map(|word| (word.confidence - GUESS).max(0.0) * word.letters() as f64).sum()
    }
}

fn word(found: &Found, points: Affine, width: f32, height: f32) -> Word {
    let area = points.transform_rect_bbox(found.area);
    let bbox = BBox { x0: area.x0 as f32, y0: area.y0 as f32, x1: area.x1 as f32, y1: area.y1 as f32 };
    Word {
        text: found.text.clone(),
        bbox: bbox.on_page(width, height),
        confidence: found.confidence.round() as u8,
    }
}
