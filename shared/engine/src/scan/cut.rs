//! A single line cut out of a picture, level, as large and as wide as recognition is to see it.

use hayro::kurbo::{Affine, Rect};
use image::{GrayImage, Luma};

use super::{Prepared, Strip, warp};

/// A strip is cut out with so much paper around it, in parts of its letters' height.
const MARGIN: f64 = 0.35;
/// And with this much in any case, in pixels.
const LEAST_MARGIN: f64 = 2.0;

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
    /// From its pixels to those of the picture, once each of those is moved up by `slope` times its column.
    to_level: Affine,
    slope: f64,
}

impl Cut {
    pub(crate) fn strip(picture: &Prepared, strip: &Strip, look: Look) -> Cut {
        let margin = MARGIN * strip.letter_height + LEAST_MARGIN;
        let Strip { level, slope, .. } = *strip;
        let (left, right) = (slope * level.x0, slope * level.x1);
        let line = Rect::new(level.x0, level.y0 + left.min(right), level.x1, level.y1 + left.max(right));
        Cut::new(picture, level.inflate(margin, margin), slope, line, look)
    }

    /// A part of a line, with nothing around it.
    pub(crate) fn part(picture: &Prepared, area: Rect, line: Rect, look: Look) -> Cut {
        Cut::new(picture, area, 0.0, line, look)
    }

    fn new(picture: &Prepared, level: Rect, slope: f64, line: Rect, look: Look) -> Cut {
        let level = level.expand();
        let image = levelled(&picture.image, level, slope);
        let (across, down) = look.factors();
        let (columns, rows) = (f64::from(image.width()), f64::from(image.height()));
        let image = match look {
            Look::Plain => image,
            Look::Narrow => warp::shrink(&image, across, down),
            Look::Large => {
                let (width, height) = ((columns * across) as u32, (rows * down) as u32);
                let to_small = Affine::scale_non_uniform(1.0 / across, 1.0 / down);
                warp::warp(&image, to_small, width.max(1), height.max(1), u8::MAX)
            }
        };
        let scale =
            Affine::scale_non_uniform(columns / f64::from(image.width()), rows / f64::from(image.height()));
        let to_level = Affine::translate(level.origin().to_vec2()) * scale;
        Cut { image, dpi: picture.dpi * down, look, line, to_level, slope }
    }

    /// Where this area of it lies in the picture.
    pub(crate) fn place(&self, area: Rect) -> Rect {
        let level = self.to_level.transform_rect_bbox(area);
        let fall = self.slope * level.center().x;
        Rect::new(level.x0, level.y0 + fall, level.x1, level.y1 + fall)
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
        let picture = Prepared { image, dpi: 200.0, to_source: Affine::IDENTITY, slope: 0.0 };
        let level = Rect::new(100.0, 40.0, 300.0, 50.0);
        let strip = Strip { letters: vec![level], level, slope: 0.02, letter_height: 10.0 };
        for look in [Look::Narrow, Look::Plain, Look::Large] {
            let cut = Cut::strip(&picture, &strip, look);
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
    fn beyond_the_edge_of_the_picture_is_paper() {
        let image = GrayImage::from_pixel(20, 20, Luma([0]));
        let picture = Prepared { image, dpi: 200.0, to_source: Affine::IDENTITY, slope: 0.0 };
        let area = Rect::new(-5.0, -5.0, 30.0, 10.0);
        let cut = Cut::part(&picture, area, area, Look::Plain);
        assert_eq!(cut.image.dimensions(), (35, 15));
        assert_eq!(
            [(2, 10), (10, 2), (30, 10), (10, 10)].map(|(x, y)| cut.image.get_pixel(x, y).0[0]),
            [255, 255, 255, 0]
        );
    }
}
