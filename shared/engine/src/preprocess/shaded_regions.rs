//! Shaded regions and reverse video, as headings and table headers have them. Turns them into black print on white in
//! place: binarization looks for what is darker than the page's background, and would take the whole region for that.

use hayro::kurbo::Rect;
use image::{GrayImage, Luma, imageops};

use super::{
    binarize::{self, Background, MIN_CONTRAST_LUMA},
    components::{Component, connected_components},
    contrast::stretch_contrast,
};

/// A region is at least as high and wide as print in it would be.
const MIN_HEIGHT_INCHES: f64 = 0.1;
const MIN_WIDTH_INCHES: f64 = 0.3;
/// The share of its bounding box that is dark.
const MIN_FILL_SHARE: f64 = 0.65;
/// The share of the page that it covers. What is larger is the page itself, or a photograph.
const MAX_PAGE_SHARE: f64 = 0.5;
/// The width of its soft edge, which is neither as dark as the region nor background.
const SOFT_EDGE_PX: f64 = 2.0;
const WHITE: Luma<u8> = Luma([u8::MAX]);

/// Turns the shaded and black regions of an image into black print on white.
pub(crate) fn flatten(image: &mut GrayImage, dpi: f64) {
    for area in find_solid_regions(image, dpi) {
        let [x, y, width, height] = [area.x0, area.y0, area.width(), area.height()].map(|side| side as u32);
        let inner = area.inset(-SOFT_EDGE_PX);
        let [inner_x, inner_y, inner_width, inner_height] =
            [inner.x0, inner.y0, inner.width(), inner.height()].map(|side| side as u32);
        let mut print = imageops::crop_imm(image, inner_x, inner_y, inner_width, inner_height).to_image();
        normalise_background(&mut print);
        for (x, y) in (y..y + height).flat_map(|y| (x..x + width).map(move |x| (x, y))) {
            image.put_pixel(x, y, WHITE);
        }
        imageops::replace(image, &print, inner_x.into(), inner_y.into());
    }
}

/// The solid regions that are darker than the background of the page.
fn find_solid_regions(image: &GrayImage, dpi: f64) -> Vec<Rect> {
    let background = Background::estimate(image).median_luma();
    let darker = binarize::threshold(image, background.saturating_sub(MIN_CONTRAST_LUMA));
    let page_area = f64::from(image.width()) * f64::from(image.height());
    let is_solid = |component: &&Component| {
        let bounds = component.bounding_box();
        bounds.height() >= MIN_HEIGHT_INCHES * dpi
            && bounds.width() >= MIN_WIDTH_INCHES * dpi
            && f64::from(component.area) >= MIN_FILL_SHARE * bounds.area()
            && bounds.area() <= MAX_PAGE_SHARE * page_area
    };
    connected_components(&darker).iter().filter(is_solid).map(Component::bounding_box).collect()
}

/// Makes the region's background white and its print black. Print is what differs from most of the region.
fn normalise_background(region: &mut GrayImage) {
    let mut pixels = region.as_raw().clone();
    if pixels.is_empty() {
        return;
    }
    let middle = pixels.len() / 2;
    let median = *pixels.select_nth_unstable(middle).1;
    let lighter = pixels.iter().filter(|luma| **luma >= median.saturating_add(MIN_CONTRAST_LUMA)).count();
    let darker = pixels.iter().filter(|luma| **luma < median.saturating_sub(MIN_CONTRAST_LUMA)).count();
    if lighter > darker {
        imageops::invert(region);
    }
    stretch_contrast(region);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with a band of this brightness, on which there is a bar of that.
    fn page(band: u8, bar: u8) -> GrayImage {
        GrayImage::from_fn(400, 400, |x, y| match (x, y) {
            (60..340, 168..176) => Luma([bar]),
            (40..360, 150..200) => Luma([band]),
            _ => WHITE,
        })
    }

    #[test]
    fn print_in_shaded_regions_becomes_black_on_white() {
        for (band, bar) in [(190, 0), (0, 255), (90, 255), (150, 20)] {
            let mut image = page(band, bar);
            flatten(&mut image, 150.0);
            for (x, y, pixel) in image.enumerate_pixels() {
                let is_bar = (60..340).contains(&x) && (168..176).contains(&y);
                let is_right = if is_bar { pixel.0[0] < 60 } else { pixel.0[0] > 230 };
                assert!(is_right, "{band} {bar}: {pixel:?} at {x} {y}");
            }
        }
    }

    #[test]
    fn letters_ruling_lines_and_frames_are_left_alone() {
        let is_dark = |x: u32, y: u32| {
            let frame = ((40..360).contains(&x) && (y == 150 || y == 300))
                || ((150..300).contains(&y) && (x == 40 || x == 359));
            let letter = (100..130).contains(&x) && (200..240).contains(&y);
            let line = (60..340).contains(&x) && (270..275).contains(&y);
            frame || letter || line
        };
        let before = GrayImage::from_fn(400, 400, |x, y| Luma([if is_dark(x, y) { 0 } else { 255 }]));
        let mut image = before.clone();
        flatten(&mut image, 150.0);
        assert_eq!(image, before);
    }
}
