//! What can be told about a page's picture without reading it, and how it is made fit to be read.

mod blank;
mod dust;
mod handwriting;
mod ink;
mod rules;
mod stance;
mod strips;
mod warp;

pub(crate) use blank::is_blank;
pub(crate) use handwriting::handwriting;
pub(crate) use ink::Ink;
pub(crate) use stance::{Stance, Stances, Turn};
pub(crate) use strips::{Strip, strips};

use std::ops::RangeInclusive;

use hayro::kurbo::Affine;
use image::{GrayImage, imageops};

/// What Tesseract's models read best; they cope with half and with a sixth more as well as with this.
const BEST_DPI: f64 = 300.0;
const GOOD_DPI: RangeInclusive<f64> = 150.0..=350.0;
const GOOD_DPI_TO_LEVEL: RangeInclusive<f64> = 280.0..=350.0;
/// Lines that climb less than this, in degrees, are read better as they are than levelled: levelling blurs.
const LEVEL: f64 = 1.0;
/// Tesseract takes no image with a longer side.
const MAX_SIDE: f64 = 32_000.0;

/// A picture made fit for recognition.
pub(crate) struct Prepared {
    /// Upright, nearly level and of a resolution that suits.
    pub(crate) image: GrayImage,
    pub(crate) dpi: f64,
    /// From its pixels to those of the picture that it was made of.
    pub(crate) to_source: Affine,
    /// By how much its lines still fall to the right, per pixel.
    pub(crate) slope: f64,
}

/// Whether print of this resolution must be enlarged to be read, and then still is hard to read.
pub(crate) fn is_coarse(dpi: f64) -> bool {
    dpi < *GOOD_DPI.start()
}

/// Turns back, levels and scales a picture of this resolution that lies so.
pub(crate) fn prepare(source: &GrayImage, dpi: f64, Stance { turn, skew_degrees }: Stance) -> Prepared {
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
    let wanted = if good.contains(&dpi) { 1.0 } else { BEST_DPI / dpi };
    let scale = wanted.min(MAX_SIDE / width.max(height));
    if skew == 0.0 && scale == 1.0 {
        let mut image = turned.clone();
        dust::remove(&mut image, dpi);
        return Prepared { image, dpi, to_source, slope };
    }
    // The level page's corners must not fall off: the new picture is as large as the turned rectangle.
    let (sin, cos) = (skew.sin().abs(), skew.cos());
    let new_width = ((width * cos + height * sin) * scale).round().max(1.0);
    let new_height = ((width * sin + height * cos) * scale).round().max(1.0);
    let to_turned = Affine::translate((width / 2.0, height / 2.0))
        * Affine::rotate(skew)
        * Affine::scale(1.0 / scale)
        * Affine::translate((-new_width / 2.0, -new_height / 2.0));
    let mut image = warp::warp(turned, to_turned, new_width as u32, new_height as u32);
    if scale <= 1.0 {
        dust::remove(&mut image, dpi * scale);
    }
    Prepared { image, dpi: dpi * scale, to_source: to_source * to_turned, slope }
}
