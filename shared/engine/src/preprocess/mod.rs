//! Preprocessing of page images before recognition: orientation, resolution, contrast, ruling lines and noise. Recognises
//! nothing.

pub(crate) mod binarize;
pub(crate) mod bitmap;
mod blank_page;
pub(crate) mod components;
mod contrast;
mod despeckle;
mod orientation;
mod preprocessed_page;
pub(crate) mod resample;
mod reverse_video;
pub(crate) mod ruling_lines;
mod shaded_regions;
pub(crate) mod text_metrics;

pub(crate) use blank_page::is_blank;
pub(crate) use components::PageComponents;
pub(crate) use orientation::{Orientation, OrientationCandidates, Rotation};
pub(crate) use preprocessed_page::PreprocessedPage;
pub(crate) use reverse_video::invert_if_reversed;

use std::ops::RangeInclusive;

use hayro::kurbo::Affine;
use image::{GrayImage, imageops};

use binarize::Background;
use bitmap::Bitmap;

/// Tesseract's models read this resolution best.
const TARGET_DPI: f64 = 300.0;
/// They read these resolutions as well as the best.
const READABLE_DPI: RangeInclusive<f64> = 150.0..=350.0;
/// Images of these resolutions are deskewed without scaling.
const DESKEWABLE_DPI: RangeInclusive<f64> = 280.0..=350.0;
/// Finer images of normal print are scaled down to this: it takes less time and costs no words.
const NORMAL_PRINT_DPI: f64 = 225.0;
/// Print whose small letters are lower than this is not normal: about seven points.
const MIN_NORMAL_PRINT_INCHES: f64 = 0.044;
/// Lines with less skew than this are read better as they are: deskewing blurs.
const MIN_DESKEW_DEGREES: f64 = 1.0;
/// Tesseract refuses images with a longer side.
const MAX_SIDE_PX: f64 = 32_000.0;

/// Whether print of this resolution must be scaled up to be read, and is still hard to read then.
pub(crate) fn is_low_resolution(dpi: f64) -> bool {
    dpi < *READABLE_DPI.start()
}

/// Rotates, deskews, scales and cleans an image of this resolution and orientation.
pub(crate) fn prepare(
    source: &GrayImage,
    dpi: f64,
    components: &PageComponents,
    orientation: Orientation,
) -> PreprocessedPage {
    let Orientation { rotation, skew_degrees } = orientation;
    let (width, height) = (f64::from(source.width()), f64::from(source.height()));
    let (rotated, to_source) = match rotation {
        Rotation::Upright => (None, Affine::IDENTITY),
        Rotation::Clockwise => {
            (Some(imageops::rotate270(source)), Affine::new([0.0, 1.0, -1.0, 0.0, width, 0.0]))
        }
        Rotation::UpsideDown => {
            (Some(imageops::rotate180(source)), Affine::new([-1.0, 0.0, 0.0, -1.0, width, height]))
        }
        Rotation::Counterclockwise => {
            (Some(imageops::rotate90(source)), Affine::new([0.0, -1.0, 1.0, 0.0, 0.0, height]))
        }
    };
    let rotated = rotated.as_ref().unwrap_or(source);
    let (width, height) = (f64::from(rotated.width()), f64::from(rotated.height()));

    let is_horizontal = skew_degrees.abs() < MIN_DESKEW_DEGREES;
    let skew = if is_horizontal { 0.0 } else { skew_degrees.to_radians() };
    let slope = if is_horizontal { skew_degrees.to_radians().tan() } else { 0.0 };
    // Deskewing blurs, which low-resolution print survives only if it is scaled up at the same time.
    let accepted_dpi = if skew == 0.0 { READABLE_DPI } else { DESKEWABLE_DPI };
    let is_normal_print = skew == 0.0
        && text_metrics::small_print_inches(components, rotation)
            .is_some_and(|height| height >= MIN_NORMAL_PRINT_INCHES);
    let wanted = if is_normal_print && dpi > NORMAL_PRINT_DPI {
        NORMAL_PRINT_DPI / dpi
    } else if accepted_dpi.contains(&dpi) {
        1.0
    } else {
        TARGET_DPI / dpi
    };
    let scale = wanted.min(MAX_SIDE_PX / width.max(height));
    if skew == 0.0 && scale <= 1.0 {
        let mut image =
            if scale < 1.0 { resample::downscale(rotated, scale, scale) } else { rotated.clone() };
        let to_rotated =
            Affine::scale_non_uniform(width / f64::from(image.width()), height / f64::from(image.height()));
        let removed_lines = Some(clean(&mut image, dpi * scale));
        let to_source = to_source * to_rotated;
        return PreprocessedPage { image, dpi: dpi * scale, to_source, slope, removed_lines };
    }
    // The new image is as large as the rotated rectangle, so that the deskewed page keeps its corners.
    let (sin, cos) = (skew.sin().abs(), skew.cos());
    let new_width = ((width * cos + height * sin) * scale).round().max(1.0);
    let new_height = ((width * sin + height * cos) * scale).round().max(1.0);
    let to_rotated = Affine::translate((width / 2.0, height / 2.0))
        * Affine::rotate(skew)
        * Affine::scale(1.0 / scale)
        * Affine::translate((-new_width / 2.0, -new_height / 2.0));
    let mut image = resample::warp(
        rotated,
        to_rotated,
        new_width as u32,
        new_height as u32,
        Background::estimate(rotated).median_luma(),
    );
    let removed_lines = (scale <= 1.0).then(|| clean(&mut image, dpi * scale));
    PreprocessedPage { image, dpi: dpi * scale, to_source: to_source * to_rotated, slope, removed_lines }
}

/// Leaves only black print on a white background. Returns the foreground pixels of the ruling lines that were removed.
fn clean(image: &mut GrayImage, dpi: f64) -> Bitmap {
    shaded_regions::flatten(image, dpi);
    contrast::stretch_contrast(image);
    let removed_lines = ruling_lines::remove_ruling_lines(image, dpi);
    despeckle::despeckle(image, dpi);
    removed_lines
}
