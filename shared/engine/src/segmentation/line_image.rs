//! A single line cut out of a picture, level, as large and as wide as recognition is to see it.

use hayro::kurbo::{Affine, Rect, Vec2};
use image::{GrayImage, Luma, imageops};

use super::Strip;
use crate::preprocess::{Prepared, resample};

/// A strip is cut out with so much paper around it, in parts of its letters' height.
const MARGIN: f64 = 0.35;
/// And with this much in any case, in pixels.
const LEAST_MARGIN: f64 = 2.0;
/// A number with so much, in inches: no more than is between a table's rules and its cells.
const NUMBER_MARGIN: f64 = 0.02;
/// Between a carrier and what is read beside it, in parts of its height.
const SPACE: f64 = 0.6;

/// How a line is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A fifth narrower than it is. Recognition takes steps of equal width along a line, so this saves a fifth of them;
    /// the models know letters of many widths.
    Narrow,
    /// As it is.
    Plain,
    /// Half as large again.
    Large,
}

impl Look {
    /// By how much the line becomes wider and higher.
    fn factors(self) -> (f64, f64) {
        match self {
            Look::Narrow => (0.8, 1.0),
            Look::Plain => (1.0, 1.0),
            Look::Large => (1.5, 1.5),
        }
    }
}

/// A piece of a picture that holds a single line.
pub(crate) struct Cut {
    pub(crate) image: GrayImage,
    pub(crate) dpi: f64,
    pub(crate) look: Look,
    /// The line that it holds, in pixels of the picture.
    pub(crate) line: Rect,
    /// Where it begins in the picture; what stands before is a carrier.
    pub(crate) begin: f64,
    /// From its pixels to those of the picture, once each of those is moved up by `slope` times its column.
    to_level: Affine,
    slope: f64,
}

impl Cut {
    /// A strip with a little paper around it, beside a carrier if there is one.
    pub(crate) fn strip(picture: &Prepared, strip: &Strip, look: Look, carrier: Option<&Carrier>) -> Cut {
        let Strip { level, slope, .. } = *strip;
        let (left, right) = (slope * level.x0, slope * level.x1);
        let line = Rect::new(level.x0, level.y0 + left.min(right), level.x1, level.y1 + left.max(right));
        let margin = MARGIN * strip.letter_height + LEAST_MARGIN;
        Cut::new(picture, level, slope, margin, line, look, carrier)
    }

    /// A part of a line that holds a number.
    pub(crate) fn number(
        picture: &Prepared,
        area: Rect,
        line: Rect,
        look: Look,
        carrier: Option<&Carrier>,
    ) -> Cut {
        Cut::new(picture, area, 0.0, NUMBER_MARGIN * picture.dpi, line, look, carrier)
    }

    fn new(
        picture: &Prepared,
        level: Rect,
        slope: f64,
        margin: f64,
        line: Rect,
        look: Look,
        carrier: Option<&Carrier>,
    ) -> Cut {
        let level = level.inflate(margin, margin).expand();
        let image = levelled(&picture.image, level, slope);
        let (image, before) = match carrier {
            Some(carrier) => carrier.beside(&image, margin as u32),
            None => (image, Vec2::ZERO),
        };
        let (across, down) = look.factors();
        let (columns, rows) = (f64::from(image.width()), f64::from(image.height()));
        let image = match look {
            Look::Plain => image,
            Look::Narrow => resample::shrink(&image, across, down),
            Look::Large => {
                let (width, height) = ((columns * across) as u32, (rows * down) as u32);
                let to_small = Affine::scale_non_uniform(1.0 / across, 1.0 / down);
                resample::warp(&image, to_small, width.max(1), height.max(1), u8::MAX)
            }
        };
        let scale =
            Affine::scale_non_uniform(columns / f64::from(image.width()), rows / f64::from(image.height()));
        let to_level = Affine::translate(level.origin().to_vec2() - before) * scale;
        Cut { image, dpi: picture.dpi * down, look, line, begin: level.x0, to_level, slope }
    }

    /// Where this area of it lies in the picture.
    pub(crate) fn place(&self, area: Rect) -> Rect {
        let level = self.to_level.transform_rect_bbox(area);
        let fall = self.slope * level.center().x;
        Rect::new(level.x0, level.y0 + fall, level.x1, level.y1 + fall)
    }
}

/// A word that was read well. Tesseract goes by what stands beside a letter, and takes a lone "7" for a "Y" and a ".5" for a
/// "5"; beside a word of the same print it reads them.
pub(crate) struct Carrier {
    image: GrayImage,
    /// How high it is, in pixels.
    pub(crate) height: f64,
}

impl Carrier {
    /// The word that these letters of a strip are; they stand on their line, none reaches below it.
    pub(crate) fn new(picture: &Prepared, strip: &Strip, letters: &[Rect]) -> Option<Carrier> {
        let level = |letter: &Rect| *letter - Vec2::new(0.0, strip.slope * letter.center().x);
        let word = letters.iter().map(level).reduce(|one, other| one.union(other))?;
        let image = levelled(&picture.image, word.inflate(LEAST_MARGIN, LEAST_MARGIN).expand(), strip.slope);
        Some(Carrier { image, height: word.height() })
    }

    /// The image, whose line is `foot` pixels above its lower edge, with the carrier before it on the same line; and by how
    /// much what was in it is further to the right and further down.
    fn beside(&self, image: &GrayImage, foot: u32) -> (GrayImage, Vec2) {
        let gap = (SPACE * self.height) as u32;
        let own_foot = LEAST_MARGIN as u32;
        let rise = image.height().saturating_sub(foot);
        let own_rise = self.image.height().saturating_sub(own_foot);
        let size = (self.image.width() + gap + image.width(), rise.max(own_rise) + foot.max(own_foot));
        let (right, down) = (self.image.width() + gap, rise.max(own_rise) - rise);
        let mut both = GrayImage::from_pixel(size.0, size.1, Luma([u8::MAX]));
        imageops::replace(&mut both, &self.image, 0, (rise.max(own_rise) - own_rise).into());
        imageops::replace(&mut both, image, right.into(), down.into());
        (both, Vec2::new(right.into(), down.into()))
    }
}

/// This part of the picture, each column moved up by `slope` times its place, by whole pixels: that keeps it sharp. White
/// beyond the picture's edge.
fn levelled(picture: &GrayImage, level: Rect, slope: f64) -> GrayImage {
    let (columns, rows) = (level.width().max(1.0) as u32, level.height().max(1.0) as u32);
    let mut image = GrayImage::from_pixel(columns, rows, Luma([u8::MAX]));
    for column in 0..columns {
        let x = level.x0 as i64 + i64::from(column);
        let top = level.y0 as i64 + (slope * x as f64).round() as i64;
        let Some(x) = u32::try_from(x).ok().filter(|x| *x < picture.width()) else { continue };
        for row in 0..rows {
            if let Some(y) = u32::try_from(top + i64::from(row)).ok().filter(|y| *y < picture.height()) {
                image.put_pixel(column, row, *picture.get_pixel(x, y));
            }
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slanting_line_is_cut_out_level_and_its_parts_are_found_again() {
        let mut image = GrayImage::from_pixel(400, 100, Luma([255]));
        for x in 100..300 {
            let y = 40 + x / 50;
            (y..y + 10).for_each(|y| image.put_pixel(x, y, Luma([0])));
        }
        let picture = Prepared::as_it_is(image, 200.0);
        let level = Rect::new(100.0, 40.0, 300.0, 50.0);
        let strip = Strip { letters: vec![level], level, slope: 0.02, letter_height: 10.0 };
        for look in [Look::Narrow, Look::Plain, Look::Large] {
            let cut = Cut::strip(&picture, &strip, look, None);
            let (across, down) = look.factors();
            let (width, height) = cut.image.dimensions();
            assert_eq!(width, (212.0 * across).round() as u32, "{look:?}");
            // The bar is level: black along its middle from end to end, white above and below.
            let row = |y: f64| (20..width - 20).map(move |x| (x, (y * down) as u32));
            let level_at = |(x, y): (u32, u32)| cut.image.get_pixel(x, y).0[0];
            assert!(row(f64::from(height) / down / 2.0).all(|at| level_at(at) < 20), "{look:?}");
            assert!(row(2.0).all(|at| level_at(at) > 235), "{look:?}");
            let end = Rect::new(f64::from(width) - 20.0, 6.0, f64::from(width), 16.0 * down);
            let place = cut.place(end);
            assert!(
                (place.x1 - 306.0).abs() < 1.0 && (place.center().y - 51.0).abs() < 6.0,
                "{look:?} {place:?}"
            );
        }
    }

    #[test]
    fn beside_a_carrier_a_strip_stands_on_the_same_line_and_is_found_where_it_is() {
        let mut image = GrayImage::from_pixel(400, 200, Luma([255]));
        let carrier = Rect::new(20.0, 20.0, 60.0, 50.0);
        let lone = Rect::new(300.0, 130.0, 315.0, 150.0);
        for (place, ink) in [(carrier, 0), (lone, 90)] {
            for (x, y) in (place.x0 as u32..place.x1 as u32)
                .flat_map(|x| (place.y0 as u32..place.y1 as u32).map(move |y| (x, y)))
            {
                image.put_pixel(x, y, Luma([ink]));
            }
        }
        let picture = Prepared::as_it_is(image, 200.0);
        let strip =
            |level: Rect| Strip { letters: vec![level], level, slope: 0.0, letter_height: level.height() };
        let word = Carrier::new(&picture, &strip(carrier), &[carrier]).expect("a word");
        for look in [Look::Plain, Look::Large] {
            let cut = Cut::strip(&picture, &strip(lone), look, Some(&word));
            let place_of = |is_ink: fn(u8) -> bool| {
                let ink = cut.image.enumerate_pixels().filter(|(_, _, pixel)| is_ink(pixel.0[0]));
                let pixels =
                    ink.map(|(x, y, _)| Rect::new(x.into(), y.into(), (x + 1).into(), (y + 1).into()));
                pixels.reduce(|one, other| one.union(other)).expect("ink")
            };
            let (before, read) = (place_of(|level| level < 20), place_of(|level| (85..95).contains(&level)));
            assert!(
                (before.y1 - read.y1).abs() <= 2.0 && before.x1 < read.x0,
                "{look:?} {before:?} {read:?}"
            );
            let found = cut.place(read);
            assert!(
                (found.x0 - lone.x0).abs() < 2.0 && (found.y1 - lone.y1).abs() < 2.0,
                "{look:?} {found:?}"
            );
            assert!(cut.place(before).x1 < cut.begin && cut.begin < lone.x0, "{look:?}");
        }
    }

    #[test]
    fn beyond_the_edge_of_the_picture_is_paper() {
        let image = GrayImage::from_pixel(20, 20, Luma([0]));
        let picture = Prepared::as_it_is(image, 200.0);
        let area = Rect::new(-5.0, -5.0, 30.0, 10.0);
        let cut = Cut::new(&picture, area, 0.0, 0.0, area, Look::Plain, None);
        assert_eq!(cut.image.dimensions(), (35, 15));
        assert_eq!(
            [(2, 10), (10, 2), (30, 10), (10, 10)].map(|(x, y)| cut.image.get_pixel(x, y).0[0]),
            [255, 255, 255, 0]
        );
    }
}
