//! Simulates an office's scanner and fax machine: skew, noise, dust and punch holes. Uses integer arithmetic and a seeded
//! generator, so that every machine produces the same pixels.

use std::convert::Infallible;

use anyhow::Context as _;
use fax::{Color, VecWriter, encoder::Encoder};
use image::{ExtendedColorType, GrayImage, Luma, codecs::jpeg::JpegEncoder};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

/// How a page is scanned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScanSettings {
    /// The tangent of the skew angle in thousandths (17 is 1°).
    pub(crate) skew_permille: i32,
    /// The grey level of the paper, 0 to 255.
    pub(crate) paper_level: u8,
    /// The grey level of the ink, 0 to 255.
    pub(crate) ink_level: u8,
    /// The standard deviation of the sensor's noise in grey levels.
    pub(crate) noise_level: u8,
    /// The count of dust specks.
    pub(crate) specks: u32,
    /// Whether the sheet has binder holes.
    pub(crate) is_punched: bool,
}

/// Scans a printed sheet.
pub(crate) fn scan(sheet: &GrayImage, settings: ScanSettings, rng: &mut ChaCha8Rng) -> GrayImage {
    let mut image = skew(&blur(sheet), settings.skew_permille);
    if settings.is_punched {
        add_binder_holes(&mut image);
    }
    add_dust(&mut image, settings.specks, rng);
    expose(&mut image, settings, rng);
    image
}

/// Binarizes with a global threshold, as an office scanner's text mode does.
pub(super) fn binarize(image: &mut GrayImage, threshold: u8) {
    for Luma([level]) in image.pixels_mut() {
        *level = if *level < threshold { 0 } else { 255 };
    }
}

/// Sends a black and white page by fax: 196 lines per inch out of `dpi`, dropped pixels and line noise.
pub(super) fn fax(sheet: &GrayImage, dpi: u32, rng: &mut ChaCha8Rng) -> GrayImage {
    let rows = sheet.height() * 196 / dpi;
    let mut image = GrayImage::from_fn(sheet.width(), rows, |x, y| *sheet.get_pixel(x, y * dpi / 196));
    binarize(&mut image, 150);
    for Luma([level]) in image.pixels_mut() {
        let die = rng.next_u32() % 20_000;
        match *level {
            0 if die < 160 => *level = 255,
            255 if die < 8 => *level = 0,
            _ => {}
        }
    }
    add_dust(&mut image, 220, rng);
    binarize(&mut image, 150);
    image
}

/// Rotates the sheet by 90° clockwise.
pub(super) fn rotate_sideways(sheet: &GrayImage) -> GrayImage {
    image::imageops::rotate90(sheet)
}

/// A white sheet of `width` × `height` pixels.
pub(super) fn blank_sheet(width: u32, height: u32) -> GrayImage {
    GrayImage::from_pixel(width, height, Luma([255]))
}

/// Encodes as baseline JPEG; `quality` is 1 to 100.
pub(super) fn encode_jpeg(image: &GrayImage, quality: u8) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode(image, image.width(), image.height(), ExtendedColorType::L8)
        .context("the page could not be encoded")?;
    Ok(bytes)
}

/// Encodes a black and white page as CCITT group 4 (ITU-T T.6).
pub(super) fn encode_group4(image: &GrayImage) -> anyhow::Result<Vec<u8>> {
    let width = u16::try_from(image.width()).context("the page is too wide for group 4")?;
    let mut encoder = Encoder::new(VecWriter::new());
    for row in image.rows() {
        let colours = row.map(|Luma([level])| if *level == 0 { Color::Black } else { Color::White });
        let Ok(()): Result<(), Infallible> = encoder.encode_line(colours, width);
    }
    let Ok(writer): Result<VecWriter, Infallible> = encoder.finish();
    Ok(writer.finish())
}

/// Blurs as a lens does: a 3 × 3 binomial kernel in two passes.
fn blur(sheet: &GrayImage) -> GrayImage {
    let (width, height) = (sheet.width() as usize, sheet.height() as usize);
    let mut across = vec![0_u16; width * height];
    for (from, to) in sheet.as_raw().chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        let mut left = u16::from(from[0]);
        let mut here = left;
        for x in 0..width {
            let right = u16::from(from[(x + 1).min(width - 1)]);
            to[x] = left + 2 * here + right;
            (left, here) = (here, right);
        }
    }
    let mut soft = Vec::with_capacity(width * height);
    for y in 0..height {
        let row = |y: usize| &across[y * width..(y + 1) * width];
        let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(height - 1)));
        for x in 0..width {
            soft.push(((above[x] + 2 * here[x] + below[x]) / 16) as u8);
        }
    }
    GrayImage::from_raw(sheet.width(), sheet.height(), soft).expect("one byte for each pixel")
}

/// Rotates by a small angle about the centre, with bilinear interpolation in 1/256 of a pixel.
fn skew(sheet: &GrayImage, skew_permille: i32) -> GrayImage {
    let (width, height) = (sheet.width() as i32, sheet.height() as i32);
    let levels = sheet.as_raw();
    // How far a pixel's origin moves for each pixel of distance from the centre.
    let slope = skew_permille * 256 / 1000;
    let mut skewed = Vec::with_capacity(levels.len());
    for y in 0..height {
        for x in 0..width {
            let from_x = x * 256 + (y - height / 2) * slope;
            let from_y = y * 256 - (x - width / 2) * slope;
            let (left, top) = (from_x >> 8, from_y >> 8);
            if left < 0 || top < 0 || left >= width - 1 || top >= height - 1 {
                skewed.push(255);
                continue;
            }
            let (right_share, lower_share) = (from_x & 255, from_y & 255);
            let corner = (top * width + left) as usize;
            let below = corner + width as usize;
            let mix = |a: u8, b: u8| i32::from(a) * (256 - right_share) + i32::from(b) * right_share;
            let upper = mix(levels[corner], levels[corner + 1]);
            let lower = mix(levels[below], levels[below + 1]);
            skewed.push(((upper * (256 - lower_share) + lower * lower_share) >> 16) as u8);
        }
    }
    GrayImage::from_raw(sheet.width(), sheet.height(), skewed).expect("one byte for each pixel")
}

/// Adds three binder holes at the left edge. The scanner's black lid shows through them.
fn add_binder_holes(image: &mut GrayImage) {
    let (width, height) = image.dimensions();
    let radius = i64::from(width) / 62;
    for tenths in [2, 5, 8] {
        let (centre_x, centre_y) = (i64::from(width) * 4 / 100, i64::from(height) * tenths / 10);
        for y in centre_y - radius..=centre_y + radius {
            for x in centre_x - radius..=centre_x + radius {
                if (x - centre_x).pow(2) + (y - centre_y).pow(2) <= radius * radius {
                    image.put_pixel(x as u32, y as u32, Luma([70]));
                }
            }
        }
    }
}

fn add_dust(image: &mut GrayImage, specks: u32, rng: &mut ChaCha8Rng) {
    for _ in 0..specks {
        let x = rng.next_u32() % (image.width() - 3);
        let y = rng.next_u32() % (image.height() - 3);
        let size = 1 + rng.next_u32() % 3;
        let level = (rng.next_u32() % 120) as u8;
        for dy in 0..size {
            for dx in 0..size {
                image.put_pixel(x + dx, y + dy, Luma([level]));
            }
        }
    }
}

/// Maps white and black to the levels of paper and ink, darker towards the spine, and adds noise.
fn expose(image: &mut GrayImage, settings: ScanSettings, rng: &mut ChaCha8Rng) {
    let width = image.width() as usize;
    let (paper, ink) = (i32::from(settings.paper_level), i32::from(settings.ink_level));
    let noise = i32::from(settings.noise_level);
    let mut random = vec![0_u8; width * 4];
    for row in image.chunks_exact_mut(width) {
        rng.fill_bytes(&mut random);
        for (x, level) in row.iter_mut().enumerate() {
            let shade = (10 * (width - x) / width) as i32;
            let clean = ink + i32::from(*level) * (paper - shade - ink) / 255;
            // Four uniform bytes are close enough to a bell: they sum to 510 on average, with a standard
            // deviation of 148.
            let at = x * 4;
            let [a, b, c, d] = [random[at], random[at + 1], random[at + 2], random[at + 3]].map(i32::from);
            *level = (clean + (a + b + c + d - 510) * noise / 148).clamp(0, 255) as u8;
        }
    }
}
