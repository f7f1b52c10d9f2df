//! Shaded and black areas, as headings and the heads of tables have them: makes black print on white paper of them, where
//! they are. What is looked for on a page is darker than its paper, and they are that themselves.

use hayro::kurbo::Rect;
use image::{GrayImage, Luma, imageops};

use super::{
    components::{self, CONTRAST, Mark, Paper},
    contrast,
};

/// Such an area is at least so high and so wide, in inches: as print in it would be.
const HEIGHT: f64 = 0.1;
const WIDTH: f64 = 0.3;
/// And at least this part of it is dark.
const FULL: f64 = 0.65;
/// And at most this part of the page: larger is the page itself, or a picture.
const PAGE: f64 = 0.5;
/// Its edge is neither as dark as it is nor paper, in pixels.
const EDGE: f64 = 2.0;
const WHITE: Luma<u8> = Luma([u8::MAX]);

/// Makes black print on white paper of the shaded and black areas of a picture.
pub(crate) fn bleach(picture: &mut GrayImage, dpi: f64) {
    for area in solids(picture, dpi) {
        let [x, y, width, height] = [area.x0, area.y0, area.width(), area.height()].map(|side| side as u32);
        let inner = area.inset(-EDGE);
        let [inner_x, inner_y, inner_width, inner_height] =
            [inner.x0, inner.y0, inner.width(), inner.height()].map(|side| side as u32);
        let mut print = imageops::crop_imm(picture, inner_x, inner_y, inner_width, inner_height).to_image();
        even(&mut print);
        for (x, y) in (y..y + height).flat_map(|y| (x..x + width).map(move |x| (x, y))) {
            picture.put_pixel(x, y, WHITE);
        }
        imageops::replace(picture, &print, inner_x.into(), inner_y.into());
    }
}

/// Areas that are darker than the paper of the page.
fn solids(picture: &GrayImage, dpi: f64) -> Vec<Rect> {
    let darker = components::darker_than(picture, Paper::of(picture).usual().saturating_sub(CONTRAST));
    let page = f64::from(picture.width()) * f64::from(picture.height());
    let is_solid = |mark: &&Mark| {
        let place = mark.place();
        place.height() >= HEIGHT * dpi
            && place.width() >= WIDTH * dpi
            && f64::from(mark.area) >= FULL * place.area()
            && place.area() <= PAGE * page
    };
    components::marks(&darker).iter().filter(is_solid).map(Mark::place).collect()
}

/// Print is what differs from most of the area: makes that black and the rest white.
fn even(area: &mut GrayImage) {
    let mut levels = area.as_raw().clone();
    if levels.is_empty() {
        return;
    }
    let middle = levels.len() / 2;
    let usual = *levels.select_nth_unstable(middle).1;
    let lighter = levels.iter().filter(|level| **level >= usual.saturating_add(CONTRAST)).count();
    let darker = levels.iter().filter(|level| **level < usual.saturating_sub(CONTRAST)).count();
    if lighter > darker {
        imageops::invert(area);
    }
    contrast::stretch(area);
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
    fn print_on_shaded_and_on_black_areas_becomes_black_on_white() {
        for (band, bar) in [(190, 0), (0, 255), (90, 255), (150, 20)] {
            let mut picture = page(band, bar);
            bleach(&mut picture, 150.0);
            for (x, y, pixel) in picture.enumerate_pixels() {
                let is_bar = (60..340).contains(&x) && (168..176).contains(&y);
                let is_right = if is_bar { pixel.0[0] < 60 } else { pixel.0[0] > 230 };
                assert!(is_right, "{band} {bar}: {pixel:?} at {x} {y}");
            }
        }
    }

    #[test]
    fn letters_rules_and_frames_are_no_such_areas() {
        let is_ink = |x: u32, y: u32| {
            let frame = ((40..360).contains(&x) && (y == 150 || y == 300))
                || ((150..300).contains(&y) && (x == 40 || x == 359));
            let letter = (100..130).contains(&x) && (200..240).contains(&y);
            let rule = (60..340).contains(&x) && (270..275).contains(&y);
            frame || letter || rule
        };
        let before = GrayImage::from_fn(400, 400, |x, y| Luma([if is_ink(x, y) { 0 } else { 255 }]));
        let mut picture = before.clone();
        bleach(&mut picture, 150.0);
        assert_eq!(picture, before);
    }
}
