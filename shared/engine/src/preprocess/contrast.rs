//! Making the paper white and the ink black. Tesseract's models see gray, and were trained on sharp black print: pale
//! strokes and decimal points on gray paper are lost on them that are read well with full contrast.

use image::GrayImage;

use super::components::{Paper, TILE, ink_levels};

/// This share of the ink is as dark as it gets; the rest is edges, and strokes thinner than a pixel.
const BLACK: f64 = 0.2;
/// Paper is uneven: what is darker than its level by no more than this, of 255, is as white.
const UNEVEN: i32 = 8;
/// Less contrast than this, of 255, is not stretched any further: it would blacken grain.
const LEAST: i32 = 40;

/// Stretches the picture's levels so that its paper is white, square by square, and its ink is black.
pub(crate) fn stretch(picture: &mut GrayImage) {
    let paper = Paper::of(picture);
    let black = black(&ink_levels(picture, &paper));
    let width = (picture.width() as usize).max(1);
    for (y, line) in picture.as_flat_samples_mut().samples.chunks_exact_mut(width).enumerate() {
        for (begin, level) in paper.along(y) {
            let white = i32::from(level) - UNEVEN;
            // In parts of 65,536, as a division for each pixel would take longer than all the rest.
            let factor = (255 << 16) / (white - black).max(LEAST);
            for pixel in line[begin..].iter_mut().take(TILE) {
                *pixel = (((i32::from(*pixel) - black) * factor) >> 16).clamp(0, 255) as u8;
            }
        }
    }
}

/// The brightness that the darker part of the ink does not exceed.
fn black(ink: &[usize; 256]) -> i32 {
    let wanted = BLACK * ink.iter().sum::<usize>() as f64;
    let mut below = 0;
    let level = ink.iter().position(|count| {
        below += count;
        below as f64 >= wanted
    });
    level.unwrap_or(0) as i32
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn pale_print_on_gray_paper_becomes_black_on_white() {
        // A shadow falls from the left; the print is a bar with a soft edge.
        let mut picture = GrayImage::from_fn(200, 96, |x, _| Luma([(150 + x / 4) as u8]));
        for x in 20..180 {
            picture.put_pixel(x, 40, Luma([130]));
            (41..50).for_each(|y| picture.put_pixel(x, y, Luma([70])));
        }
        stretch(&mut picture);
        assert!((20..180).all(|x| picture.get_pixel(x, 45).0[0] <= 10), "the ink is black");
        assert!((0..200).all(|x| picture.get_pixel(x, 10).0[0] >= 240), "the paper is white");
        let edge = picture.get_pixel(100, 40).0[0];
        assert!((60..220).contains(&edge), "the edge stays soft: {edge}");
    }

    #[test]
    fn an_empty_page_stays_empty() {
        let mut picture = GrayImage::from_fn(100, 100, |x, y| Luma([200 + ((x * 7 + y * 3) % 9) as u8]));
        stretch(&mut picture);
        assert!(picture.pixels().all(|pixel| pixel.0[0] > 200));
    }
}
