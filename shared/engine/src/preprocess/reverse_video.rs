//! Pages of white print on black, as negatives and photostats have it. All other steps look for what is darker than the
//! background.

use image::{GrayImage, imageops};

use super::binarize::{MIN_CONTRAST_LUMA, TILE_PX};

/// The background of such a page is darker than this.
const MAX_BACKGROUND_LUMA: u8 = 110;

/// Inverts a page of white print on black.
pub(crate) fn invert_if_reversed(image: &mut GrayImage) {
    if is_reversed(image) {
        imageops::invert(image);
    }
}

/// Whether most of the image is dark, and what differs from that is lighter, and as thin as print: a sheet on a black
/// ground is lighter as well, but whole tiles of it are.
fn is_reversed(image: &GrayImage) -> bool {
    let Some(background) = median_luma(image).filter(|luma| *luma < MAX_BACKGROUND_LUMA) else {
        return false;
    };
    let light = background.saturating_add(MIN_CONTRAST_LUMA);
    let dark = background.saturating_sub(MIN_CONTRAST_LUMA);
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (mut darker, mut print, mut light_areas) = (0, 0, 0);
    for y in (0..height).step_by(TILE_PX) {
        for x in (0..width).step_by(TILE_PX) {
            let (columns, rows) = (x..(x + TILE_PX).min(width), y..(y + TILE_PX).min(height));
            let pixels = || rows.clone().flat_map(|y| &image.as_raw()[y * width..][columns.clone()]);
            let lighter = pixels().filter(|luma| **luma >= light).count();
            darker += pixels().filter(|luma| **luma < dark).count();
            let is_area = 2 * lighter > columns.len() * rows.len();
            *(if is_area { &mut light_areas } else { &mut print }) += lighter;
        }
    }
    print > light_areas && print > darker
}

fn median_luma(image: &GrayImage) -> Option<u8> {
    let mut histogram = [0usize; 256];
    image.as_raw().iter().for_each(|luma| histogram[usize::from(*luma)] += 1);
    let mut below = 0;
    let luma = histogram.iter().position(|count| {
        below += count;
        2 * below > image.as_raw().len()
    });
    luma.map(|luma| luma as u8)
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// A ground of this brightness, with strokes of that one.
    fn page(ground: u8, strokes: u8) -> GrayImage {
        GrayImage::from_fn(480, 480, |x, y| Luma([if x % 20 < 4 && y % 40 < 25 { strokes } else { ground }]))
    }

    #[test]
    fn white_print_on_black_is_inverted() {
        let mut image = page(25, 230);
        invert_if_reversed(&mut image);
        assert_eq!(image, page(230, 25));
    }

    #[test]
    fn dark_paper_and_sheets_on_a_black_ground_are_left_alone() {
        let sheet = GrayImage::from_fn(480, 480, |x, y| {
            Luma([if !(100..340).contains(&x) || !(100..340).contains(&y) || x % 9 == 0 { 10 } else { 240 }])
        });
        for before in [page(240, 10), page(90, 10), page(10, 20), sheet, GrayImage::new(0, 0)] {
            let mut image = before.clone();
            invert_if_reversed(&mut image);
            assert_eq!(image, before);
        }
    }
}
