//! Recognition of pages: how they lie, making them fit to be read, and putting what was read back in its place.

mod context_words;
mod fuzz_preprocess;
mod line_recognition;
mod number_verification;
mod reocr;
mod script_detection;
mod tesseract;
mod tesseract_ffi;
mod traineddata;

use hayro::kurbo::{Affine, Point, Rect};
use image::{GrayImage, Luma, imageops};

use maneiro_page::{BBox, Page, TextSource, UnreadReason, UnreadRegion, Word};

use crate::{
    error::{OcrEngineError, PageError, catch_panics},
    geometry::bbox_from_rect as bbox,
    inspection::{Scan, ScanPixels},
    layout::{
        dehyphenate,
        merge_layers::{
            PositionedWord, RecognisedRegion, TextLayerContent, drop_duplicate_words, merge_recognised,
        },
    },
    preprocess::{self, Ink, Prepared, Stance, Stances, Turn},
    segmentation,
};
use context_words::Carriers;
use script_detection::Chosen;
pub use tesseract::Moment;
use tesseract::{Found, Ocr, Shape};

/// A page read with less confidence than this, 0 to 100, may have been read the wrong way up.
const DOUBTFUL: u8 = 55;
/// Another way up must give so many times more to be taken instead.
const CLEARLY_BETTER: f64 = 1.5;
/// Words read with less confidence than this, 0 to 100, say nothing.
const GUESS: f64 = 40.0;
/// What was read with less confidence than this, 0 to 100, may be handwriting.
const PRINT: f64 = 65.0;
/// And with less than this, hardly is print.
const HARDLY_PRINT: f64 = 50.0;
/// A word that lies in handwriting by so much of its area was read out of it.
const WITHIN: f64 = 0.5;
/// The part of a page that is read to find out which way is up.
const SAMPLE: f64 = 0.12;
/// So many letters tell whether it is.
const ENOUGH: usize = 60;
/// Words of so many letters, read with this confidence, 0 to 100, leave no doubt.
const CLEAR_LETTERS: usize = 30;
const CLEAR: u8 = 85;
/// A picture that covers so much of a page is the page's.
const WHOLE: f32 = 0.9;
/// White around a picture that is only a part of a page, in inches.
const MARGIN: f64 = 0.3;

/// Recognises one page after the other. Making one loads the language models, so make one and keep it.
pub struct Recogniser {
    ocr: Ocr,
    chosen: Chosen,
    /// Whether lines may run downwards, which only Tesseract's own layout follows.
    has_vertical: bool,
}

impl std::fmt::Debug for Recogniser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recogniser").finish_non_exhaustive()
    }
}

impl Recogniser {
    /// Loads the models of these languages, named as Tesseract names them: `eng`, `deu`, `chi_sim`,
    /// `script/Cyrillic`. The first is the likeliest, and is tried first.
    ///
    /// # Errors
    /// Those of [`Recogniser::check`].
    pub fn new(languages: &[&str]) -> Result<Recogniser, OcrEngineError> {
        traineddata::check(languages)?;
        let ocr = Ocr::load(&languages.join("+")).ok_or_else(|| traineddata::missing(languages[0]))?;
        let has_vertical = languages.iter().any(|language| traineddata::is_vertical(language));
        Ok(Recogniser { ocr, chosen: Chosen::new(languages), has_vertical })
    }

    /// Whether a recogniser for these languages can be made; quick, for it loads nothing.
    ///
    /// # Errors
    /// `NoLanguage` if none is given, `InvalidLanguage` for a name that cannot be one, `LanguageNotInstalled` with the
    /// package to install if Tesseract does not find its model.
    pub fn check(languages: &[&str]) -> Result<(), OcrEngineError> {
        traineddata::check(languages)
    }

    /// The models that Tesseract finds, by their names in alphabetical order.
    #[must_use]
    pub fn installed() -> Vec<String> {
        traineddata::installed()
    }

    /// A recogniser for English.
    ///
    /// # Errors
    /// `LanguageNotInstalled` if its model is not installed.
    pub fn english() -> Result<Recogniser, OcrEngineError> {
        Recogniser::new(&["eng"])
    }

    /// Has `watcher` called around each call of Tesseract, so that a caller with a clock can tell how much of the time
    /// is bare recognition. Replaces the one before.
    pub fn watch(&mut self, watcher: impl FnMut(Moment) + 'static) {
        self.ocr.watch(Box::new(watcher));
    }

    /// Recognises a page. It is found to be blank here, too, if there is nothing but noise in its picture.
    ///
    /// # Errors
    /// `Damaged` if it cannot be drawn, `OcrFailed` if Tesseract gives up.
    pub fn recognise(&mut self, scan: Scan<'_>) -> Result<Page, PageError> {
        catch_panics(PageError::OcrFailed, || self.recognise_scan(scan))
    }

    fn recognise_scan(&mut self, mut scan: Scan<'_>) -> Result<Page, PageError> {
        let known = std::mem::take(&mut scan.text_layer);
        let (mut read, mut undrawn, mut strange) = (Vec::new(), Vec::new(), None);
        for part in parts(&mut scan) {
            undrawn.extend(part.undrawn);
            if let Some(picture) = part.picture {
                read.extend(self.read_picture(&picture, part.area, &scan, &mut strange)?);
            }
        }
        if !undrawn.is_empty()
            && read.is_empty()
            && known.words.is_empty()
            && known.annotation_lines.is_empty()
        {
            return Err(PageError::Damaged { reason: "its picture cannot be decoded" });
        }
        let mut page = finished(&scan, known, read, undrawn);
        page.language = self.chosen.language(&page, strange);
        Ok(page)
    }

    /// What a picture of this area says; none if there is nothing but noise in it. Sets `strange` if it is in a script
    /// that the models cannot read.
    fn read_picture(
        &mut self,
        picture: &Picture,
        area: BBox,
        scan: &Scan<'_>,
        strange: &mut Option<&'static str>,
    ) -> Result<Option<RecognisedRegion>, PageError> {
        let ink = Ink::of(&picture.image, picture.dpi);
        if preprocess::is_blank(&ink) {
            return Ok(None);
        }
        let mut attempt = self.attempt(picture, &ink)?;
        let letters = attempt.found.iter().map(Found::letters).sum();
        // One picture in a strange script is enough, and asking is slow.
        *strange =
            strange.or_else(|| self.chosen.strange_script(&picture.image, attempt.confidence(), letters));
        if preprocess::is_coarse(picture.dpi) {
            let first = std::mem::take(&mut attempt.found);
            attempt.found = reocr::take(&mut self.ocr, &attempt.prepared, first)?;
        }
        // Print in a script that cannot be read looks as if it were written by hand.
        let written = if strange.is_none() { attempt.take_handwriting() } else { Vec::new() };
        let place = |area: &Rect| attempt.place(picture, *area).clamp_to_page(scan.width, scan.height);
        Ok(Some(RecognisedRegion {
            area,
            words: attempt.words(picture, scan.width, scan.height),
            handwriting: written.iter().map(place).collect(),
        }))
    }

    /// Reads the picture as it most probably lies; if that gives little, as it reads best.
    fn attempt(&mut self, picture: &Picture, ink: &Ink) -> Result<Attempt, PageError> {
        let stances = Stances::of(ink);
        let first = self.most_legible(picture, ink, stances.likely())?;
        let attempt = self.read_as(picture, ink, first, usize::MAX)?;
        if attempt.confidence() >= DOUBTFUL || stances.likely().len() == stances.all().len() {
            return Ok(attempt);
        }
        let other = self.most_legible(picture, ink, stances.all())?;
        if other.turn == first.turn {
            return Ok(attempt);
        }
        let second = self.read_as(picture, ink, other, usize::MAX)?;
        Ok(if second.evidence() > CLEARLY_BETTER * attempt.evidence() { second } else { attempt })
    }

    /// Of several ways in which the picture may lie, the one in which a part of it reads best. Most pages lie upright, so
    /// that is tried first, and no other if it reads well.
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
        let (upright, others): (Vec<Stance>, Vec<Stance>) =
            stances.iter().partition(|stance| stance.turn == Turn::None);
        for stance in upright.into_iter().chain(others) {
            let sample = picture.sample(ink, stance.turn);
            let attempt = self.read_as(&sample, ink, stance, ENOUGH)?;
            if attempt.is_clear() {
                return Ok(stance);
            }
            let evidence = attempt.evidence();
            if evidence > best.1 {
                best = (stance, evidence);
            }
        }
        Ok(best.0)
    }

    /// Reads the picture as if it lay so, no further than it must once it has seen so many letters.
    fn read_as(
        &mut self,
        picture: &Picture,
        ink: &Ink,
        stance: Stance,
        letters: usize,
    ) -> Result<Attempt, PageError> {
        let prepared = preprocess::prepare(&picture.image, picture.dpi, ink, stance);
        let mut found = if preprocess::is_coarse(picture.dpi) {
            self.ocr.words(&prepared.image, prepared.dpi, shape(ink, stance))?
        } else if self.has_vertical {
            let words = self.ocr.words(&prepared.image, prepared.dpi, shape(ink, stance))?;
            number_verification::checked(&mut self.ocr, &prepared, &Carriers::default(), words)?
        } else {
            line_recognition::read(&mut self.ocr, &prepared, letters)?
        };
        // Tesseract sees dashes and equals signs in the wide gaps between cells, where nothing is.
        found.retain(|word| !word.is_signs() || prepared.has_ink(word.area));
        Ok(Attempt { found, prepared })
    }
}

/// Tables are read across the page: within blocks, a column of short numbers may be passed over as a whole.
fn shape(ink: &Ink, stance: Stance) -> Shape {
    if ink.has_columns(stance) { Shape::Blocks } else { Shape::Rows }
}

/// A part of a page that is to be recognised.
struct Part {
    /// Where it is.
    area: BBox,
    /// What it shows; none if that cannot be drawn.
    picture: Option<Picture>,
    /// What of it cannot be drawn.
    undrawn: Vec<BBox>,
}

/// The parts of a scan, each drawn when it is asked for: they take much memory.
fn parts<'d>(scan: &mut Scan<'d>) -> Box<dyn Iterator<Item = Part> + 'd> {
    let (number, width, height) = (scan.number, scan.width, scan.height);
    match std::mem::replace(&mut scan.pixels, ScanPixels::Decoded(GrayImage::default())) {
        ScanPixels::Decoded(image) => {
            let picture = Picture::over_page(image, width, height);
            let (area, undrawn) = (picture.area(), Vec::new());
            Box::new(std::iter::once(Part { area, picture: Some(picture), undrawn }))
        }
        ScanPixels::Deferred { renderer, regions } => Box::new(regions.into_iter().map(move |region| {
            let drawn = renderer.render_region(number, &region);
            let undrawn =
                drawn.undecodable.iter().map(|area| bbox(*area).clamp_to_page(width, height)).collect();
            let picture = drawn.image.map(|(image, to_points)| Picture::new(image, to_points));
            let area = picture.as_ref().map_or(bbox(region.area), Picture::area);
            let is_part = |picture: &Picture| !picture.covers(width, height);
            let picture =
                picture.map(|picture| if is_part(&picture) { picture.with_margin() } else { picture });
            Part { area, picture, undrawn }
        })),
    }
}

/// The page that these words and pictures make.
fn finished(
    scan: &Scan<'_>,
    known: TextLayerContent,
    mut pictures: Vec<RecognisedRegion>,
    undrawn: Vec<BBox>,
) -> Page {
    let TextLayerContent { words, annotation_lines: notes, fields } = known;
    for picture in &mut pictures {
        // What is left of a picture that breaks off may look like a word.
        picture.words.retain(|found| !undrawn.iter().any(|area| area.contains_center(&found.word.bbox)));
        picture.words = drop_duplicate_words(std::mem::take(&mut picture.words), &words);
    }
    let confidence = confidence(pictures.iter().flat_map(|picture| &picture.words));
    let how = match (words.is_empty(), pictures.iter().all(|picture| picture.words.is_empty())) {
        (true, _) if pictures.is_empty() && notes.is_empty() => TextSource::Blank,
        (true, _) if pictures.is_empty() => TextSource::TextLayer,
        (true, _) => TextSource::Ocr { confidence },
        (false, true) => TextSource::TextLayer,
        (false, false) => TextSource::Mixed { confidence },
    };
    let unread_for = |reason| move |bbox| UnreadRegion { bbox, reason };
    let handwriting = pictures.iter().flat_map(|picture| &picture.handwriting).copied();
    let unread = undrawn.into_iter().map(unread_for(UnreadReason::DamagedPicture));
    let unread = unread.chain(handwriting.map(unread_for(UnreadReason::Handwriting))).collect();
    let mut lines = merge_recognised(words, pictures);
    dehyphenate::mark_hyphens(&mut lines);
    lines.extend(notes);
    Page { fields, unread, ..Page::new(scan.number, scan.width, scan.height, how, lines) }
}

/// Mean confidence of the words, weighted by their length; 0 if there are none.
fn confidence<'w>(words: impl Iterator<Item = &'w PositionedWord>) -> u8 {
    let (mut letters, mut sum) = (0, 0);
    for PositionedWord { word, .. } in words {
        let length = word.text.chars().count();
        letters += length;
        sum += length * usize::from(word.confidence);
    }
    if letters == 0 { 0 } else { (sum as f64 / letters as f64).round() as u8 }
}

/// The pixels of a page or of a part of it.
struct Picture {
    image: GrayImage,
    dpi: f64,
    /// From its pixels to points on the page.
    to_points: Affine,
}

impl Picture {
    fn new(image: GrayImage, to_points: Affine) -> Picture {
        Picture { image, dpi: 72.0 / to_points.determinant().abs().sqrt(), to_points }
    }

    /// A picture that covers a page of this size.
    fn over_page(image: GrayImage, width: f32, height: f32) -> Picture {
        let (columns, rows) = (f64::from(image.width()), f64::from(image.height()));
        let to_points = Affine::scale_non_uniform(f64::from(width) / columns, f64::from(height) / rows);
        Picture::new(image, to_points)
    }

    /// Where it lies on the page.
    fn area(&self) -> BBox {
        let pixels = Rect::new(0.0, 0.0, f64::from(self.image.width()), f64::from(self.image.height()));
        bbox(self.to_points.transform_rect_bbox(pixels))
    }

    /// Whether it is the picture of nearly all of a page of this size.
    fn covers(&self, width: f32, height: f32) -> bool {
        let area = self.area().clamp_to_page(width, height);
        area.width() * area.height() > WHOLE * width * height
    }

    /// Print that is cut out closely is read badly, and taken for the shadow of a sheet's edge.
    fn with_margin(self) -> Picture {
        let margin = (MARGIN * self.dpi).round() as u32;
        let (width, height) = (self.image.width() + 2 * margin, self.image.height() + 2 * margin);
        let mut image = GrayImage::from_pixel(width, height, Luma([u8::MAX]));
        imageops::replace(&mut image, &self.image, i64::from(margin), i64::from(margin));
        let shift = Affine::translate((-f64::from(margin), -f64::from(margin)));
        Picture { image, dpi: self.dpi, to_points: self.to_points * shift }
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
    /// The picture in which they were found.
    prepared: Prepared,
}

impl Attempt {
    fn confidence(&self) -> u8 {
        tesseract::confidence(&self.found).round() as u8
    }

    /// Takes out what was made of handwriting, and tells where that is, in pixels of the prepared picture.
    fn take_handwriting(&mut self) -> Vec<Rect> {
        let (print, open): (Vec<&Found>, Vec<&Found>) =
            self.found.iter().partition(|word| word.confidence >= PRINT);
        let doubtful = open.into_iter().filter(|word| word.confidence >= HARDLY_PRINT);
        let [print, doubtful] = [print, doubtful.collect()]
            .map(|words| words.into_iter().map(|word| word.area).collect::<Vec<_>>());
        let written = segmentation::handwriting(&self.prepared, &print, &doubtful);
        let is_within = |word: &Found| {
            let common = |place: &Rect| place.intersect(word.area).area();
            written.iter().any(|place| common(place) >= WITHIN * word.area.area())
        };
        self.found.retain(|word| word.confidence >= PRINT || !is_within(word));
        written
    }

    /// Where a part of the prepared picture lies on the page.
    fn place(&self, picture: &Picture, area: Rect) -> BBox {
        bbox((picture.to_points * self.prepared.to_source).transform_rect_bbox(area))
    }

    /// The words on a page of this size.
    fn words(&self, picture: &Picture, width: f32, height: f32) -> Vec<PositionedWord> {
        let points = picture.to_points * self.prepared.to_source;
        let [a, b, c, d, ..] = points.as_coeffs();
        let direction = (b.atan2(a).to_degrees() / 90.0).round() as i32 * 90;
        // Lines that are not quite level on the page are as level among each other as they were found, about the
        // middle of the picture.
        let image = &self.prepared.image;
        let (x, y) = (f64::from(image.width()) / 2.0, f64::from(image.height()) / 2.0);
        let upright = Affine::rotate(-f64::from(direction).to_radians());
        let to_line = Affine::translate((upright * points * Point::new(x, y)).to_vec2())
            * Affine::scale_non_uniform(a.hypot(b), c.hypot(d))
            * Affine::translate((-x, self.prepared.slope * x - y));
        let standing = |found: &Found| PositionedWord {
            word: Word {
                text: found.text.clone(),
                bbox: bbox(points.transform_rect_bbox(found.area)).clamp_to_page(width, height),
                // To be certain is for what the file itself says.
                confidence: found.confidence.round().min(99.0) as u8,
            },
            layout_box: found.layout_box(self.prepared.slope).transformed(to_line),
            direction_degrees: direction.rem_euclid(360),
        };
        self.found.iter().map(standing).collect()
    }

    fn is_clear(&self) -> bool {
        let letters: usize = self.found.iter().map(Found::letters).sum();
        letters >= CLEAR_LETTERS && self.confidence() >= CLEAR
    }

    /// How much was read that is more than guessing.
    fn evidence(&self) -> f64 {
        self.found.iter().map(|word| (word.confidence - GUESS).max(0.0) * word.letters() as f64).sum()
    }
}
