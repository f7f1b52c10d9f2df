//! The image of a single line as recognition sees it: cropped from a page, rectified, scaled, and placed beside a context
//! word if it is too short to be read alone.

use hayro::kurbo::{Affine, Rect, Vec2};
use image::{GrayImage, Luma, imageops};

use super::text_lines::TextLine;
use crate::preprocess::{PreprocessedPage, resample};

/// The margin around a text line, in parts of its letters' height, and the least margin that is added to it.
const LINE_MARGIN_RATIO: f64 = 0.35;
const MIN_MARGIN_PX: f64 = 2.0;
/// The margin around a number: no more than the space between the ruling lines and the cells of a table.
const NUMBER_MARGIN_INCHES: f64 = 0.02;
/// How far a line of prose is shown above its x-height and below its baseline, in parts of the x-height; what reaches further
/// is shown too. The models know lines with the room that Tesseract's own page segmentation gives them: a line that is cut
/// closer is enlarged until its letters are higher than those that they learnt.
const ASCENDER_RATIO: f64 = 0.5;
const DESCENDER_RATIO: f64 = 0.5;
/// The white margin around it, in pixels, as Tesseract pads a line.
const PROSE_MARGIN_PX: f64 = 4.0;
/// The space between a context word and the line beside it, in parts of the word's height.
const CONTEXT_SPACE_RATIO: f64 = 0.6;
/// The width and height of an enlarged line, in parts of its own.
const ENLARGED_SIZE_RATIO: f64 = 1.5;

/// The scaling of a line image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineScaling {
    Unscaled,
    /// Half as large again.
    Enlarged,
}

impl LineScaling {
    /// The factor of the width and the height.
    fn factor(self) -> f64 {
        match self {
            LineScaling::Unscaled => 1.0,
            LineScaling::Enlarged => ENLARGED_SIZE_RATIO,
        }
    }
}

/// The image of a single line, and where it is on its page.
pub(crate) struct LineImage {
    pub(crate) image: GrayImage,
    pub(crate) dpi: f64,
    /// Whether the image is the line, so that Tesseract looks for none in it.
    pub(crate) is_prose: bool,
    /// The bounds of the whole line, in pixels of the page.
    pub(crate) line: Rect,
    /// The column of the page where the cropped part begins. What is before it is a context word.
    pub(crate) begin: f64,
    /// From its pixels to those of the page, after each of the latter is moved up by `slope` times its column.
    to_deskewed: Affine,
    slope: f64,
}

/// The part of a page that a line image shows.
struct LineCrop {
    /// The part after each pixel is moved up by `slope` times its column.
    deskewed: Rect,
    slope: f64,
    /// The margin around it, in pixels.
    margin: f64,
    /// The bounds of the whole line on the page.
    line: Rect,
}

impl LineImage {
    /// The image of a text line.
    pub(crate) fn from_text_line(
        page: &PreprocessedPage,
        line: &TextLine,
        scaling: LineScaling,
        context: Option<&ContextWord>,
    ) -> LineImage {
        let TextLine { deskewed_bounds: deskewed, slope, .. } = *line;
        let (left, right) = (slope * deskewed.x0, slope * deskewed.x1);
        let crop = LineCrop {
            deskewed,
            slope,
            margin: LINE_MARGIN_RATIO * line.letter_height + MIN_MARGIN_PX,
            line: Rect::new(
                deskewed.x0,
                deskewed.y0 + left.min(right),
                deskewed.x1,
                deskewed.y1 + left.max(right),
            ),
        };
        LineImage::new(page, &crop, scaling, context)
    }

    /// The image of a line of prose, with the room above and below that its x-height asks for.
    pub(crate) fn from_prose_line(page: &PreprocessedPage, line: &TextLine, x_height: f64) -> LineImage {
        let TextLine { deskewed_bounds: bounds, slope, deskewed_baseline: baseline, .. } = *line;
        let top = bounds.y0.min(baseline - (1.0 + ASCENDER_RATIO) * x_height);
        let bottom = bounds.y1.max(baseline + DESCENDER_RATIO * x_height);
        let (left, right) = (slope * bounds.x0, slope * bounds.x1);
        let crop = LineCrop {
            deskewed: Rect::new(bounds.x0, top, bounds.x1, bottom),
            slope,
            margin: PROSE_MARGIN_PX,
            line: Rect::new(bounds.x0, bounds.y0 + left.min(right), bounds.x1, bounds.y1 + left.max(right)),
        };
        LineImage { is_prose: true, ..LineImage::new(page, &crop, LineScaling::Unscaled, None) }
    }

    /// The image of the part of a line that holds a number.
    pub(crate) fn from_number(
        page: &PreprocessedPage,
        number: Rect,
        line: Rect,
        scaling: LineScaling,
        context: Option<&ContextWord>,
    ) -> LineImage {
        let crop = LineCrop { deskewed: number, slope: 0.0, margin: NUMBER_MARGIN_INCHES * page.dpi, line };
        LineImage::new(page, &crop, scaling, context)
    }

    fn new(
        page: &PreprocessedPage,
        crop: &LineCrop,
        scaling: LineScaling,
        context: Option<&ContextWord>,
    ) -> LineImage {
        let LineCrop { deskewed, slope, margin, line } = *crop;
        let deskewed = deskewed.inflate(margin, margin).expand();
        let image = rectify(&page.image, deskewed, slope);
        let (image, offset) = match context {
            Some(context) => context.prepend_to(&image, margin as u32),
            None => (image, Vec2::ZERO),
        };
        let scale = scaling.factor();
        let (columns, rows) = (f64::from(image.width()), f64::from(image.height()));
        let image = match scaling {
            LineScaling::Unscaled => image,
            LineScaling::Enlarged => {
                let (width, height) = ((columns * scale) as u32, (rows * scale) as u32);
                let to_unscaled = Affine::scale(1.0 / scale);
                resample::warp(&image, to_unscaled, width.max(1), height.max(1), u8::MAX)
            }
        };
        let to_unscaled =
            Affine::scale_non_uniform(columns / f64::from(image.width()), rows / f64::from(image.height()));
        let to_deskewed = Affine::translate(deskewed.origin().to_vec2() - offset) * to_unscaled;
        LineImage {
            image,
            dpi: page.dpi * scale,
            is_prose: false,
            line,
            begin: deskewed.x0,
            to_deskewed,
            slope,
        }
    }

    /// Maps an area of the image to pixels of the page.
    pub(crate) fn to_page(&self, area: Rect) -> Rect {
        let deskewed = self.to_deskewed.transform_rect_bbox(area);
        let fall = self.slope * deskewed.center().x;
        Rect::new(deskewed.x0, deskewed.y0 + fall, deskewed.x1, deskewed.y1 + fall)
    }
}

/// A word that was recognised with high confidence. Tesseract goes by what is beside a letter, and takes a lone "7" for a
/// "Y" and a ".5" for a "5"; beside a word in the same print it reads them.
pub(crate) struct ContextWord {
    image: GrayImage,
    /// The height of its letters, in pixels.
    pub(crate) height: f64,
}

impl ContextWord {
    /// The word that these letters of a line form. They are on the baseline and none has a descender.
    pub(crate) fn from_letters(
        page: &PreprocessedPage,
        line: &TextLine,
        letters: &[Rect],
    ) -> Option<ContextWord> {
        let deskew = |letter: &Rect| *letter - Vec2::new(0.0, line.slope * letter.center().x);
        let word = letters.iter().map(deskew).reduce(|one, other| one.union(other))?;
        let image = rectify(&page.image, word.inflate(MIN_MARGIN_PX, MIN_MARGIN_PX).expand(), line.slope);
        Some(ContextWord { image, height: word.height() })
    }

    /// Places the word before an image, both on the same baseline; that of the image is `margin` pixels above its lower
    /// edge. Returns the new image and the offset of the old one in it.
    fn prepend_to(&self, image: &GrayImage, margin: u32) -> (GrayImage, Vec2) {
        let gap = (CONTEXT_SPACE_RATIO * self.height) as u32;
        let own_margin = MIN_MARGIN_PX as u32;
        let ascent = image.height().saturating_sub(margin);
        let own_ascent = self.image.height().saturating_sub(own_margin);
        let baseline = ascent.max(own_ascent);
        let (x, y) = (self.image.width() + gap, baseline - ascent);
        let mut combined =
            GrayImage::from_pixel(x + image.width(), baseline + margin.max(own_margin), Luma([u8::MAX]));
        imageops::replace(&mut combined, &self.image, 0, (baseline - own_ascent).into());
        imageops::replace(&mut combined, image, x.into(), y.into());
        (combined, Vec2::new(x.into(), y.into()))
    }
}

/// Crops a part of an image whose columns are each moved up by `slope` times their position. Moves by whole pixels, which
/// keeps the image sharp. White beyond the edge of the image.
fn rectify(image: &GrayImage, deskewed: Rect, slope: f64) -> GrayImage {
    let (columns, rows) = (deskewed.width().max(1.0) as u32, deskewed.height().max(1.0) as u32);
    let mut rectified = GrayImage::from_pixel(columns, rows, Luma([u8::MAX]));
    for column in 0..columns {
        let x = deskewed.x0 as i64 + i64::from(column);
        let top = deskewed.y0 as i64 + (slope * x as f64).round() as i64;
        let Some(x) = u32::try_from(x).ok().filter(|x| *x < image.width()) else { continue };
        for row in 0..rows {
            if let Some(y) = u32::try_from(top + i64::from(row)).ok().filter(|y| *y < image.height()) {
                rectified.put_pixel(column, row, *image.get_pixel(x, y));
            }
        }
    }
    rectified
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of one letter with these bounds.
    fn text_line(bounds: Rect, slope: f64) -> TextLine {
        TextLine {
            letters: vec![bounds],
            deskewed_bounds: bounds,
            slope,
            letter_height: bounds.height(),
            deskewed_baseline: bounds.y1,
        }
    }

    #[test]
    fn skewed_line_is_rectified_and_maps_back_to_the_page() {
        let mut image = GrayImage::from_pixel(400, 100, Luma([255]));
        for x in 100..300 {
            let y = 40 + x / 50;
            (y..y + 10).for_each(|y| image.put_pixel(x, y, Luma([0])));
        }
        let page = PreprocessedPage::unchanged(image, 200.0);
        let bounds = Rect::new(100.0, 40.0, 300.0, 50.0);
        let line = text_line(bounds, 0.02);
        for scaling in [LineScaling::Unscaled, LineScaling::Enlarged] {
            let line_image = LineImage::from_text_line(&page, &line, scaling, None);
            let scale = scaling.factor();
            let (width, height) = line_image.image.dimensions();
            assert_eq!(width, (212.0 * scale).round() as u32, "{scaling:?}");
            // The bar is horizontal: black along its middle from end to end, white above and below.
            let row = |y: f64| (20..width - 20).map(move |x| (x, (y * scale) as u32));
            let luma_at = |(x, y): (u32, u32)| line_image.image.get_pixel(x, y).0[0];
            assert!(row(f64::from(height) / scale / 2.0).all(|at| luma_at(at) < 20), "{scaling:?}");
            assert!(row(2.0).all(|at| luma_at(at) > 235), "{scaling:?}");
            let end = Rect::new(f64::from(width) - 20.0, 6.0, f64::from(width), 16.0 * scale);
            let area = line_image.to_page(end);
            assert!(
                (area.x1 - 306.0).abs() < 1.0 && (area.center().y - 51.0).abs() < 6.0,
                "{scaling:?} {area:?}"
            );
        }
    }

    #[test]
    fn line_beside_a_context_word_shares_its_baseline() {
        let mut image = GrayImage::from_pixel(400, 200, Luma([255]));
        let word = Rect::new(20.0, 20.0, 60.0, 50.0);
        let digit = Rect::new(300.0, 130.0, 315.0, 150.0);
        for (area, luma) in [(word, 0), (digit, 90)] {
            for (x, y) in (area.x0 as u32..area.x1 as u32)
                .flat_map(|x| (area.y0 as u32..area.y1 as u32).map(move |y| (x, y)))
            {
                image.put_pixel(x, y, Luma([luma]));
            }
        }
        let page = PreprocessedPage::unchanged(image, 200.0);
        let context = ContextWord::from_letters(&page, &text_line(word, 0.0), &[word]).expect("a word");
        for scaling in [LineScaling::Unscaled, LineScaling::Enlarged] {
            let line_image =
                LineImage::from_text_line(&page, &text_line(digit, 0.0), scaling, Some(&context));
            let bounds_of = |matches: fn(u8) -> bool| {
                let pixels = line_image.image.enumerate_pixels().filter(|(_, _, pixel)| matches(pixel.0[0]));
                let pixels =
                    pixels.map(|(x, y, _)| Rect::new(x.into(), y.into(), (x + 1).into(), (y + 1).into()));
                pixels.reduce(|one, other| one.union(other)).expect("pixels")
            };
            let (before, after) = (bounds_of(|luma| luma < 20), bounds_of(|luma| (85..95).contains(&luma)));
            assert!(
                (before.y1 - after.y1).abs() <= 2.0 && before.x1 < after.x0,
                "{scaling:?} {before:?} {after:?}"
            );
            let on_page = line_image.to_page(after);
            assert!(
                (on_page.x0 - digit.x0).abs() < 2.0 && (on_page.y1 - digit.y1).abs() < 2.0,
                "{scaling:?} {on_page:?}"
            );
            let begin = line_image.begin;
            assert!(line_image.to_page(before).x1 < begin && begin < digit.x0, "{scaling:?}");
        }
    }

    #[test]
    fn line_image_is_white_beyond_the_edge_of_the_page() {
        let image = GrayImage::from_pixel(20, 20, Luma([0]));
        let page = PreprocessedPage::unchanged(image, 200.0);
        let area = Rect::new(-5.0, -5.0, 30.0, 10.0);
        let crop = LineCrop { deskewed: area, slope: 0.0, margin: 0.0, line: area };
        let line_image = LineImage::new(&page, &crop, LineScaling::Unscaled, None);
        assert_eq!(line_image.image.dimensions(), (35, 15));
        assert_eq!(
            [(2, 10), (10, 2), (30, 10), (10, 10)].map(|(x, y)| line_image.image.get_pixel(x, y).0[0]),
            [255, 255, 255, 0]
        );
    }
}
