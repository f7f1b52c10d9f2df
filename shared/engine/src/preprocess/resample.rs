//! Resampling of grayscale images: affine warps, integer downsampling and area averaging.

use hayro::kurbo::{Affine, Point};
use image::GrayImage;

/// Warps `source` to an image of this size with bilinear interpolation. `to_source` maps pixels of the new image to those
/// of `source`; where it shrinks to half or less, `source` is downsampled first. Pixels beyond the edge of `source` get
/// the brightness `background`: white around gray paper would turn all of the paper into foreground.
pub(crate) fn warp(
    source: &GrayImage,
    to_source: Affine,
    width: u32,
    height: u32,
    background: u8,
) -> GrayImage {
    let shrink = to_source.determinant().abs().sqrt();
    let factor = shrink.floor() as u32;
    if factor >= 2 {
        let small = downsample(source, factor);
        let to_small = Affine::scale(1.0 / f64::from(factor)) * to_source;
        return bilinear(&small, to_small, width, height, background);
    }
    bilinear(source, to_source, width, height, background)
}

/// Downsamples by an integer: each pixel is the mean of a square with sides of `factor` pixels. Pixels at the right and
/// bottom that do not fill a square are dropped.
pub(crate) fn downsample(source: &GrayImage, factor: u32) -> GrayImage {
    if factor <= 1 {
        return source.clone();
    }
    let (width, height) = ((source.width() / factor).max(1), (source.height() / factor).max(1));
    let stride = source.width() as usize;
    let square = factor.min(source.width()).min(source.height()) as usize;
    let count = (square * square) as u32;
    let mut pixels = Vec::with_capacity((width * height) as usize);
    // The rows of a square are added first, which the compiler vectorises.
    let mut sums = vec![0u32; stride];
    for y in 0..height as usize {
        sums.fill(0);
        for line in source.as_raw()[y * square * stride..].chunks_exact(stride).take(square) {
            sums.iter_mut().zip(line).for_each(|(sum, pixel)| *sum += u32::from(*pixel));
        }
        let means = sums.chunks_exact(square).map(|sums| (sums.iter().sum::<u32>() / count) as u8);
        pixels.extend(means.take(width as usize));
    }
    GrayImage::from_raw(width, height, pixels).unwrap_or_default()
}

/// Scales down by factors of at most one with area averaging: each pixel is the mean of the source pixels it covers,
/// fractions of pixels included. Thin strokes grow paler but never vanish.
pub(crate) fn downscale(source: &GrayImage, x_scale: f64, y_scale: f64) -> GrayImage {
    let side = |pixels: u32, scale: f64| ((f64::from(pixels) * scale).round() as u32).max(1);
    let (width, height) = (side(source.width(), x_scale), side(source.height(), y_scale));
    let (columns, rows) = (pixel_coverage(source.width(), width), pixel_coverage(source.height(), height));
    let stride = source.width() as usize;
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    // One row of the new image at the width of the source, in 1/256.
    let mut sums = vec![0u16; stride];
    for row in rows {
        sums.fill(0);
        for (y, weight) in row.weights() {
            let line = &source.as_raw()[y * stride..][..stride];
            sums.iter_mut().zip(line).for_each(|(sum, pixel)| *sum += u16::from(*pixel) * weight);
        }
        pixels.extend(columns.iter().map(|column| {
            let covered = &sums[column.begin..column.end];
            let weighted = |sums: &[u16], weight: u16| {
                sums.iter().map(|sum| u32::from(*sum)).sum::<u32>() * u32::from(weight)
            };
            let sum = match covered {
                [first, between @ .., last] => {
                    weighted(&[*first], column.first)
                        + weighted(between, column.between)
                        + weighted(&[*last], column.last)
                }
                one => weighted(one, column.first),
            };
            (sum >> 16) as u8
        }));
    }
    GrayImage::from_raw(width, height, pixels).unwrap_or_default()
}

/// The source pixels that one pixel of a downscaled image covers along one axis.
#[derive(Clone, Copy)]
struct PixelCoverage {
    begin: usize,
    end: usize,
    /// The weights of the first pixel, of each in between, and of the last, in 1/256; they sum to 256.
    first: u16,
    between: u16,
    last: u16,
}

impl PixelCoverage {
    fn weights(self) -> impl Iterator<Item = (usize, u16)> {
        (self.begin..self.end).map(move |at| {
            let weight = match at {
                _ if at == self.begin => self.first,
                _ if at + 1 == self.end => self.last,
                _ => self.between,
            };
            (at, weight)
        })
    }
}

/// The coverage of each of `to` pixels over `from` source pixels. `to` is at most `from`.
fn pixel_coverage(from: u32, to: u32) -> Vec<PixelCoverage> {
    let ratio = f64::from(from) / f64::from(to);
    (0..to)
        .map(|pixel| {
            let (begin, end) = (f64::from(pixel) * ratio, (f64::from(pixel) + 1.0) * ratio);
            let first = begin.floor() as usize;
            let last = ((end - 1e-6).ceil() as usize).clamp(first + 1, from as usize);
            let weight = |length: f64| (256.0 * length / ratio).round() as u16;
            let between = weight(1.0);
            let inner = (last - first).saturating_sub(2) as u16;
            let first_weight = if last - first == 1 { 256 } else { weight(1.0 - begin.fract()) };
            // The last weight takes the rounding error, so that white stays white.
            let last_weight = 256u16.saturating_sub(first_weight + inner * between);
            PixelCoverage { begin: first, end: last, first: first_weight, between, last: last_weight }
        })
        .collect()
}

fn bilinear(source: &GrayImage, to_source: Affine, width: u32, height: u32, background: u8) -> GrayImage {
    let [a, b, ..] = to_source.as_coeffs();
    let (columns, rows) = (source.width() as i64, source.height() as i64);
    let stride = source.width() as usize;
    let raw = source.as_raw();
    let mut pixels = vec![background; width as usize * height as usize];
    // Fixed point with 16 fractional bits: the error stays below a hundredth of a pixel over any page.
    let fixed = |value: f64| (value * 65536.0).round() as i64;
    let (step_x, step_y) = (fixed(a), fixed(b));
    for (y, line) in pixels.chunks_exact_mut(width.max(1) as usize).enumerate() {
        let begin = to_source * Point::new(0.5, y as f64 + 0.5);
        let (mut sx, mut sy) = (fixed(begin.x - 0.5), fixed(begin.y - 0.5));
        for pixel in line {
            let (column, row) = (sx >> 16, sy >> 16);
            if column >= -1 && row >= -1 && column < columns && row < rows {
                let (fx, fy) = (((sx & 0xffff) >> 8) as u32, ((sy & 0xffff) >> 8) as u32);
                let (left, right) = (column.max(0) as usize, (column + 1).min(columns - 1) as usize);
                let above = row.max(0) as usize * stride;
                let below = (row + 1).min(rows - 1) as usize * stride;
                let at = |index: usize| u32::from(raw[index]);
                let upper = at(above + left) * (256 - fx) + at(above + right) * fx;
                let lower = at(below + left) * (256 - fx) + at(below + right) * fx;
                *pixel = ((upper * (256 - fy) + lower * fy) >> 16) as u8;
            }
            sx += step_x;
            sy += step_y;
        }
    }
    GrayImage::from_raw(width, height, pixels).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_warp_keeps_and_translation_shifts_pixels() {
        let source = GrayImage::from_fn(5, 4, |x, y| image::Luma([(x * 40 + y * 10) as u8]));
        assert_eq!(warp(&source, Affine::IDENTITY, 5, 4, 255), source);
        let shifted = warp(&source, Affine::translate((1.0, 0.0)), 4, 4, 255);
        assert_eq!(shifted.get_pixel(0, 2), source.get_pixel(1, 2));
    }

    #[test]
    fn downscaling_keeps_white_white_and_thin_strokes_visible() {
        let mut source = GrayImage::from_pixel(401, 300, image::Luma([255]));
        (0..300).for_each(|y| source.put_pixel(200, y, image::Luma([0])));
        let small = downscale(&source, 0.75, 0.75);
        assert_eq!(small.dimensions(), (301, 225));
        let row: Vec<u8> = (0..301).map(|x| small.get_pixel(x, 100).0[0]).collect();
        let darkness: u32 = row.iter().map(|pixel| u32::from(255 - pixel)).sum();
        assert!((185..=197).contains(&darkness), "three quarters of a black pixel are left: {darkness}");
        assert!(row.iter().enumerate().all(|(x, pixel)| (149..=151).contains(&x) || *pixel == 255));
    }

    #[test]
    fn downsampling_averages() {
        let source = GrayImage::from_fn(6, 6, |x, _| image::Luma([if x % 2 == 0 { 0 } else { 200 }]));
        assert!(downsample(&source, 2).pixels().all(|pixel| pixel.0[0] == 100));
    }
}
