//! Resampling a picture through an affine map.

use hayro::kurbo::{Affine, Point};
use image::GrayImage;

/// A picture of this size whose pixels come from `source` by way of `to_source`, interpolated; averaged first where
/// the map shrinks it to half or less. What lies beyond its edge is as bright as `paper`: white about gray paper would
/// make print of all of it.
pub(crate) fn warp(source: &GrayImage, to_source: Affine, width: u32, height: u32, paper: u8) -> GrayImage {
    let shrink = to_source.determinant().abs().sqrt();
    let factor = shrink.floor() as u32;
    if factor >= 2 {
        let reduced = reduce(source, factor);
        return bilinear(&reduced, Affine::scale(1.0 / f64::from(factor)) * to_source, width, height, paper);
    }
    bilinear(source, to_source, width, height, paper)
}

/// Each pixel the mean of a square of `factor` pixels; what does not fill a square at the right and bottom is lost.
pub(crate) fn reduce(source: &GrayImage, factor: u32) -> GrayImage {
    if factor <= 1 {
        return source.clone();
    }
    let (width, height) = ((source.width() / factor).max(1), (source.height() / factor).max(1));
    let stride = source.width() as usize;
    let square = factor.min(source.width()).min(source.height()) as usize;
    let count = (square * square) as u32;
    let mut pixels = Vec::with_capacity((width * height) as usize);
    // The rows of a square are added first, as many columns at a time as the processor can.
    let mut sums = vec![0u32; stride];
    for y in 0..height as usize {
        sums.fill(0);
        for line in source.as_raw()[y * square * stride..].chunks_exact(stride).take(square) {
            sums.iter_mut().zip(line).for_each(|(sum, pixel)| *sum += u32::from(*pixel));
        }
        let means = sums.chunks_exact(square).map(|part| (part.iter().sum::<u32>() / count) as u8);
        pixels.extend(means.take(width as usize));
    }
    GrayImage::from_raw(width, height, pixels).unwrap_or_default()
}

/// The picture made smaller by these factors, which are at most one: each pixel the mean of what it covers, parts of
/// pixels included, so that thin strokes grow paler but never vanish.
pub(crate) fn shrink(source: &GrayImage, across: f64, down: f64) -> GrayImage {
    let side = |pixels: u32, scale: f64| ((f64::from(pixels) * scale).round() as u32).max(1);
    let (width, height) = (side(source.width(), across), side(source.height(), down));
    let (columns, rows) = (cover(source.width(), width), cover(source.height(), height));
    let stride = source.width() as usize;
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    // One row of the new picture, not yet narrowed, in parts of 1/256.
    let mut tall = vec![0u16; stride];
    for row in rows {
        tall.fill(0);
        for (y, weight) in row.weights() {
            let line = &source.as_raw()[y * stride..][..stride];
            tall.iter_mut().zip(line).for_each(|(sum, pixel)| *sum += u16::from(*pixel) * weight);
        }
        pixels.extend(columns.iter().map(|column| {
            let covered = &tall[column.begin..column.end];
            let part = |sums: &[u16], weight: u16| {
                sums.iter().map(|sum| u32::from(*sum)).sum::<u32>() * u32::from(weight)
            };
            let sum = match covered {
                [first, between @ .., last] => {
                    part(&[*first], column.first)
                        + part(between, column.between)
                        + part(&[*last], column.last)
                }
                one => part(one, column.first),
            };
            (sum >> 16) as u8
        }));
    }
    GrayImage::from_raw(width, height, pixels).unwrap_or_default()
}

/// Which pixels a pixel of a smaller picture covers, along one side.
#[derive(Clone, Copy)]
struct Cover {
    begin: usize,
    end: usize,
    /// How much of the first, of each in between, and of the last, in 256 parts that are spent on all together.
    first: u16,
    between: u16,
    last: u16,
}

impl Cover {
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

/// For each of `to` pixels, which of `from` it covers; there are not more of the former.
fn cover(from: u32, to: u32) -> Vec<Cover> {
    let ratio = f64::from(from) / f64::from(to);
    (0..to)
        .map(|pixel| {
            let (begin, end) = (f64::from(pixel) * ratio, (f64::from(pixel) + 1.0) * ratio);
            let first = begin.floor() as usize;
            let last = ((end - 1e-6).ceil() as usize).clamp(first + 1, from as usize);
            let parts = |length: f64| (256.0 * length / ratio).round() as u16;
            let between = parts(1.0);
            let inner = (last - first).saturating_sub(2) as u16;
            let begins = if last - first == 1 { 256 } else { parts(1.0 - begin.fract()) };
            // What rounding leaves over goes to the last, so that white stays white.
            let ends = 256u16.saturating_sub(begins + inner * between);
            Cover { begin: first, end: last, first: begins, between, last: ends }
        })
        .collect()
}

fn bilinear(source: &GrayImage, to_source: Affine, width: u32, height: u32, paper: u8) -> GrayImage {
    let [a, b, ..] = to_source.as_coeffs();
    let (columns, rows) = (source.width() as i64, source.height() as i64);
    let stride = source.width() as usize;
    let raw = source.as_raw();
    let mut pixels = vec![paper; width as usize * height as usize];
    // Sixteen binary places: a step's error stays below a hundredth of a pixel over any page.
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
    fn the_identity_changes_nothing_and_a_shift_shifts() {
        let source = GrayImage::from_fn(5, 4, |x, y| image::Luma([(x * 40 + y * 10) as u8]));
        assert_eq!(warp(&source, Affine::IDENTITY, 5, 4, 255), source);
        let shifted = warp(&source, Affine::translate((1.0, 0.0)), 4, 4, 255);
        assert_eq!(shifted.get_pixel(0, 2), source.get_pixel(1, 2));
    }

    #[test]
    fn shrinking_keeps_white_white_and_thin_strokes_visible() {
        let mut source = GrayImage::from_pixel(401, 300, image::Luma([255]));
        (0..300).for_each(|y| source.put_pixel(200, y, image::Luma([0])));
        let small = shrink(&source, 0.75, 0.75);
        assert_eq!(small.dimensions(), (301, 225));
        let row: Vec<u8> = (0..301).map(|x| small.get_pixel(x, 100).0[0]).collect();
        let ink: u32 = row.iter().map(|pixel| u32::from(255 - pixel)).sum();
        assert!((185..=197).contains(&ink), "three quarters of a black pixel are left: {ink}");
        assert!(row.iter().enumerate().all(|(x, pixel)| (149..=151).contains(&x) || *pixel == 255));
    }

    #[test]
    fn shrinking_averages() {
        let source = GrayImage::from_fn(6, 6, |x, _| image::Luma([if x % 2 == 0 { 0 } else { 200 }]));
        assert!(reduce(&source, 2).pixels().all(|pixel| pixel.0[0] == 100));
    }
}
