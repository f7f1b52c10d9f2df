//! Contrast stretching: makes the background white and the print black. Tesseract's models see gray and were trained on
//! sharp black print. They lose pale strokes and decimal points on gray paper, and read them with full contrast.

use image::GrayImage;

use super::binarize::{Background, TILE_PX, foreground_histogram};

/// The share of the foreground that becomes black. The rest is edges, and strokes thinner than a pixel.
const BLACK_SHARE: f64 = 0.2;
/// Paper is uneven: what is darker than the background by no more than this becomes white as well.
const MAX_BACKGROUND_NOISE_LUMA: i32 = 8;
/// A lower contrast is stretched as if it were this: more would blacken noise.
const MIN_CONTRAST_LUMA: i32 = 40;

/// Stretches the image's contrast so that its background becomes white, tile by tile, and its foreground black.
pub(crate) fn stretch_contrast(image: &mut GrayImage) {
    let background = Background::estimate(image);
    let black = black_point(&foreground_histogram(image, &background));
    let width = (image.width() as usize).max(1);
    for (y, row) in image.as_flat_samples_mut().samples.chunks_exact_mut(width).enumerate() {
        for (begin, luma) in background.tiles_in_row(y) {
            let white = i32::from(luma) - MAX_BACKGROUND_NOISE_LUMA;
            // Fixed point with 16 fractional bits: a division per pixel would take longer than all the rest.
            let factor = (255 << 16) / (white - black).max(MIN_CONTRAST_LUMA);
            for pixel in row[begin..].iter_mut().take(TILE_PX) {
                *pixel = (((i32::from(*pixel) - black) * factor) >> 16).clamp(0, 255) as u8;
            }
        }
    }
}

/// The brightness that the darkest share of the foreground does not exceed.
fn black_point(histogram: &[usize; 256]) -> i32 {
    let black_count = BLACK_SHARE * histogram.iter().sum::<usize>() as f64;
    let mut below = 0;
    let luma = histogram.iter().position(|count| {
        below += count;
        below as f64 >= black_count
    });
    luma.unwrap_or(0) as i32
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn pale_print_on_gray_paper_becomes_black_on_white() {
        // A shadow falls from the left; the print is a bar with a soft edge.
        let mut image = GrayImage::from_fn(200, 96, |x, _| Luma([(150 + x / 4) as u8]));
        for x in 20..180 {
            image.put_pixel(x, 40, Luma([130]));
            (41..50).for_each(|y| image.put_pixel(x, y, Luma([70])));
        }
        stretch_contrast(&mut image);
        assert!((20..180).all(|x| image.get_pixel(x, 45).0[0] <= 10), "the print is black");
        assert!((0..200).all(|x| image.get_pixel(x, 10).0[0] >= 240), "the paper is white");
        let edge = image.get_pixel(100, 40).0[0];
        assert!((60..220).contains(&edge), "the edge stays soft: {edge}");
    }

    #[test]
    fn empty_page_stays_empty() {
        let mut image = GrayImage::from_fn(100, 100, |x, y| Luma([200 + ((x * 7 + y * 3) % 9) as u8]));
        stretch_contrast(&mut image);
        assert!(image.pixels().all(|pixel| pixel.0[0] > 200));
    }
}
