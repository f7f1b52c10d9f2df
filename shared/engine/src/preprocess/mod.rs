//! What can be told about a page's picture without reading it, and how it is made fit to be read.

pub(crate) mod bitmap;
mod blank_page;
pub(crate) mod components;
mod contrast;
mod despeckle;
mod orientation;
pub(crate) mod resample;
pub(crate) mod ruling_lines;
mod shaded_regions;

pub(crate) use blank_page::is_blank;
pub(crate) use components::Ink;
pub(crate) use orientation::{Stance, Stances, Turn};

use std::ops::RangeInclusive;

use bitmap::Bitmap;
use hayro::kurbo::{Affine, Rect, Vec2};
use image::{GrayImage, imageops};

/// What Tesseract's models read best; they cope with half and with a sixth more as well as with this.
const BEST_DPI: f64 = 300.0;
const GOOD_DPI: RangeInclusive<f64> = 150.0..=350.0;
const GOOD_DPI_TO_LEVEL: RangeInclusive<f64> = 280.0..=350.0;
/// Finer pictures of usual print are reduced to this: it takes less time and costs no words.
const USUAL_DPI: f64 = 225.0;
/// Print whose small letters are lower than this, in inches, is smaller than usual: about seven points.
const SMALL_PRINT: f64 = 0.044;
/// Lines that climb less than this, in degrees, are read better as they are than levelled: levelling blurs.
const LEVEL: f64 = 1.0;
/// Tesseract takes no image with a longer side.
const MAX_SIDE: f64 = 32_000.0;

/// What is no further than this from a place, in pixels, is beside it.
const BESIDE: f64 = 10.0;

/// A picture made fit for recognition.
pub(crate) struct Prepared {
    /// Upright, nearly level and of a resolution that suits.
    pub(crate) image: GrayImage,
    pub(crate) dpi: f64,
    /// From its pixels to those of the picture that it was made of.
    pub(crate) to_source: Affine,
    /// By how much its lines still fall to the right, per pixel.
    pub(crate) slope: f64,
    /// The ink of the rules that were painted over in it.
    rules: Option<Bitmap>,
}

impl Prepared {
    /// A level picture, for tests.
    #[cfg(test)]
    pub(crate) fn as_it_is(image: GrayImage, dpi: f64) -> Prepared {
        Prepared { image, dpi, to_source: Affine::IDENTITY, slope: 0.0, rules: None }
    }

    /// Without the rules between the cells of tables.
    pub(crate) fn without_rules_down(&self) -> Prepared {
        self.repainted(ruling_lines::paint_over_down)
    }

    /// Without any rules.
    pub(crate) fn without_rules(&self) -> Prepared {
        self.repainted(ruling_lines::paint_over)
    }

    fn repainted(&self, paint: fn(&mut GrayImage, f64) -> Bitmap) -> Prepared {
        let mut image = self.image.clone();
        let rules = Some(paint(&mut image, self.dpi));
        Prepared { image, rules, ..*self }
    }

    /// With the rules that were painted over in it.
    pub(crate) fn with_rules(&self) -> Prepared {
        const BLACK: u8 = 0;
        let mut image = self.image.clone();
        if let Some(rules) = &self.rules {
            for (y, row) in (0..rules.height).zip(image.chunks_exact_mut(rules.width.max(1))) {
                rules.along(y).for_each(|x| row[x] = BLACK);
            }
        }
        Prepared { image, rules: None, ..*self }
    }

    /// Whether some letter of a word in this area hangs down to where a rule was painted over, and ends there, while others
    /// stand clear of it: part of it may be lost.
    pub(crate) fn hangs_into_rule(&self, word: Rect) -> bool {
        let Some(rules) = &self.rules else { return false };
        let (x0, x1, y0, y1) = self.pixels_in(word);
        let was_rule = |letter: &Rect| {
            let (x0, x1, _, y1) = self.pixels_in(*letter);
            let (first, last) = (y1.saturating_sub(1), (y1 + 1).min(self.image.height().saturating_sub(1)));
            (first..=last).any(|y| (x0..x1).any(|x| rules.is_ink(x as usize, y as usize)))
        };
        if !was_rule(&word) {
            return false;
        }
        let cut = imageops::crop_imm(&self.image, x0, y0, x1 - x0, y1 - y0).to_image();
        let place = Vec2::new(x0.into(), y0.into());
        let letters = components::marks(&components::on_white(&cut))
            .iter()
            .map(|mark| mark.place() + place)
            .collect::<Vec<_>>();
        let hanging = letters.iter().filter(|letter| was_rule(letter)).count();
        hanging > 0 && letters.len() > hanging
    }

    /// Whether a picture of the same size shows something else in this area, in pixels, or right beside it.
    pub(crate) fn differs_from(&self, other: &Prepared, area: Rect) -> bool {
        let (x0, x1, y0, y1) = self.pixels_in(area.inflate(BESIDE, BESIDE));
        (y0..y1).any(|y| (x0..x1).any(|x| self.image.get_pixel(x, y) != other.image.get_pixel(x, y)))
    }

    /// Whether anything dark is in this area, in pixels.
    pub(crate) fn has_ink(&self, area: Rect) -> bool {
        const DARK: u8 = 128;
        let (x0, x1, y0, y1) = self.pixels_in(area);
        (y0..y1).any(|y| (x0..x1).any(|x| self.image.get_pixel(x, y).0[0] < DARK))
    }

    /// The columns and rows of an area, from and to, as far as they are in the picture.
    fn pixels_in(&self, area: Rect) -> (u32, u32, u32, u32) {
        let (width, height) = self.image.dimensions();
        let [x0, x1] = [area.x0, area.x1].map(|x| (x.max(0.0) as u32).min(width));
        let [y0, y1] = [area.y0, area.y1].map(|y| (y.max(0.0) as u32).min(height));
        (x0, x1, y0, y1)
    }
}

/// Whether print of this resolution must be enlarged to be read, and then still is hard to read.
pub(crate) fn is_coarse(dpi: f64) -> bool {
    dpi < *GOOD_DPI.start()
}

/// Turns back, levels and scales a picture of this resolution that lies so.
pub(crate) fn prepare(source: &GrayImage, dpi: f64, ink: &Ink, stance: Stance) -> Prepared {
    let Stance { turn, skew_degrees } = stance;
    let (width, height) = (f64::from(source.width()), f64::from(source.height()));
    let (turned, to_source) = match turn {
        Turn::None => (None, Affine::IDENTITY),
        Turn::Clockwise => {
            (Some(imageops::rotate270(source)), Affine::new([0.0, 1.0, -1.0, 0.0, width, 0.0]))
        }
        Turn::Half => (Some(imageops::rotate180(source)), Affine::new([-1.0, 0.0, 0.0, -1.0, width, height])),
        Turn::Anticlockwise => {
            (Some(imageops::rotate90(source)), Affine::new([0.0, -1.0, 1.0, 0.0, 0.0, height]))
        }
    };
    let turned = turned.as_ref().unwrap_or(source);
    let (width, height) = (f64::from(turned.width()), f64::from(turned.height()));

    let is_level = skew_degrees.abs() < LEVEL;
    let skew = if is_level { 0.0 } else { skew_degrees.to_radians() };
    let slope = if is_level { skew_degrees.to_radians().tan() } else { 0.0 };
    // Levelling blurs, which coarse print does not survive unless it is enlarged at the same time.
    let good = if skew == 0.0 { GOOD_DPI } else { GOOD_DPI_TO_LEVEL };
    let is_usual = skew == 0.0 && ink.small_print(turn).is_some_and(|height| height >= SMALL_PRINT);
    let wanted = if is_usual && dpi > USUAL_DPI {
        USUAL_DPI / dpi
    } else if good.contains(&dpi) {
        1.0
    } else {
        BEST_DPI / dpi
    };
    let scale = wanted.min(MAX_SIDE / width.max(height));
    if skew == 0.0 && scale <= 1.0 {
        let mut image = if scale < 1.0 { resample::shrink(turned, scale, scale) } else { turned.clone() };
        let to_turned =
            Affine::scale_non_uniform(width / f64::from(image.width()), height / f64::from(image.height()));
        let rules = Some(clean(&mut image, dpi * scale));
        return Prepared { image, dpi: dpi * scale, to_source: to_source * to_turned, slope, rules };
    }
    // The level page's corners must not fall off: the new picture is as large as the turned rectangle.
    let (sin, cos) = (skew.sin().abs(), skew.cos());
    let new_width = ((width * cos + height * sin) * scale).round().max(1.0);
    let new_height = ((width * sin + height * cos) * scale).round().max(1.0);
    let to_turned = Affine::translate((width / 2.0, height / 2.0))
        * Affine::rotate(skew)
        * Affine::scale(1.0 / scale)
        * Affine::translate((-new_width / 2.0, -new_height / 2.0));
    let mut image = resample::warp(
        turned,
        to_turned,
        new_width as u32,
        new_height as u32,
        components::Paper::of(turned).usual(),
    );
    let rules = (scale <= 1.0).then(|| clean(&mut image, dpi * scale));
    Prepared { image, dpi: dpi * scale, to_source: to_source * to_turned, slope, rules }
}

/// Leaves black print on white paper and nothing else; tells which ink was that of rules.
fn clean(picture: &mut GrayImage, dpi: f64) -> Bitmap {
    shaded_regions::bleach(picture, dpi);
    contrast::stretch(picture);
    let rules = ruling_lines::paint_over(picture, dpi);
    despeckle::remove(picture, dpi);
    rules
}
