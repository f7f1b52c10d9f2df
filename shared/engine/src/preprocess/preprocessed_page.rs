//! The result of preprocessing: the image that is recognised, and how its pixels relate to those of the source.

use hayro::kurbo::{Affine, Rect, Vec2};
use image::{GrayImage, imageops};

use super::{
    binarize::binarize_global,
    bitmap::Bitmap,
    components::connected_components,
    ruling_lines::{remove_ruling_lines, remove_vertical_lines},
};

/// Two images of an area are also compared this far around it.
const COMPARISON_MARGIN_PX: f64 = 10.0;
/// A pixel below this brightness is not background.
const MAX_FOREGROUND_LUMA: u8 = 128;

/// An image that is ready for recognition.
pub(crate) struct PreprocessedPage {
    /// Upright, deskewed up to a small slope, and of a resolution that Tesseract reads well.
    pub(crate) image: GrayImage,
    pub(crate) dpi: f64,
    /// From its pixels to those of the source image.
    pub(crate) to_source: Affine,
    /// The remaining slope of its lines: how far they fall per pixel to the right.
    pub(crate) slope: f64,
    /// The foreground pixels of the ruling lines that were removed from it.
    pub(crate) removed_lines: Option<Bitmap>,
}

impl PreprocessedPage {
    /// A page whose image needs no preprocessing.
    #[cfg(test)]
    pub(crate) fn unchanged(image: GrayImage, dpi: f64) -> PreprocessedPage {
        PreprocessedPage { image, dpi, to_source: Affine::IDENTITY, slope: 0.0, removed_lines: None }
    }

    pub(crate) fn without_vertical_lines(&self) -> PreprocessedPage {
        self.without_lines(remove_vertical_lines)
    }

    pub(crate) fn without_ruling_lines(&self) -> PreprocessedPage {
        self.without_lines(remove_ruling_lines)
    }

    fn without_lines(&self, remove: fn(&mut GrayImage, f64) -> Bitmap) -> PreprocessedPage {
        let mut image = self.image.clone();
        let removed_lines = Some(remove(&mut image, self.dpi));
        PreprocessedPage { image, removed_lines, ..*self }
    }

    /// Puts the removed ruling lines back.
    pub(crate) fn with_ruling_lines(&self) -> PreprocessedPage {
        const BLACK: u8 = 0;
        let mut image = self.image.clone();
        if let Some(lines) = &self.removed_lines {
            for (y, row) in (0..lines.height).zip(image.chunks_exact_mut(lines.width.max(1))) {
                lines.foreground_in_row(y).for_each(|x| row[x] = BLACK);
            }
        }
        PreprocessedPage { image, removed_lines: None, ..*self }
    }

    /// Whether some letters of the word with these bounds end at a removed ruling line while others do not. Parts of
    /// those letters may have been removed with the line.
    pub(crate) fn touches_removed_line(&self, word: Rect) -> bool {
        let Some(lines) = &self.removed_lines else { return false };
        let (x0, x1, y0, y1) = self.pixel_range(word);
        let ends_at_line = |bounds: &Rect| {
            let (x0, x1, _, y1) = self.pixel_range(*bounds);
            let (first, last) = (y1.saturating_sub(1), (y1 + 1).min(self.image.height().saturating_sub(1)));
            (first..=last).any(|y| (x0..x1).any(|x| lines.is_foreground(x as usize, y as usize)))
        };
        if !ends_at_line(&word) {
            return false;
        }
        let crop = imageops::crop_imm(&self.image, x0, y0, x1 - x0, y1 - y0).to_image();
        let offset = Vec2::new(x0.into(), y0.into());
        let letters = connected_components(&binarize_global(&crop))
            .iter()
            .map(|component| component.bounding_box() + offset)
            .collect::<Vec<_>>();
        let touching = letters.iter().filter(|letter| ends_at_line(letter)).count();
        touching > 0 && letters.len() > touching
    }

    /// Whether another page of the same size differs from this one in an area or close around it.
    pub(crate) fn differs_from(&self, other: &PreprocessedPage, area: Rect) -> bool {
        let (x0, x1, y0, y1) = self.pixel_range(area.inflate(COMPARISON_MARGIN_PX, COMPARISON_MARGIN_PX));
        (y0..y1).any(|y| (x0..x1).any(|x| self.image.get_pixel(x, y) != other.image.get_pixel(x, y)))
    }

    /// Whether an area holds any dark pixel.
    pub(crate) fn has_foreground(&self, area: Rect) -> bool {
        let (x0, x1, y0, y1) = self.pixel_range(area);
        (y0..y1).any(|y| (x0..x1).any(|x| self.image.get_pixel(x, y).0[0] < MAX_FOREGROUND_LUMA))
    }

    /// The columns and rows of an area within the image: first and end column, first and end row.
    fn pixel_range(&self, area: Rect) -> (u32, u32, u32, u32) {
        let (width, height) = self.image.dimensions();
        let [x0, x1] = [area.x0, area.x1].map(|x| (x.max(0.0) as u32).min(width));
        let [y0, y1] = [area.y0, area.y1].map(|y| (y.max(0.0) as u32).min(height));
        (x0, x1, y0, y1)
    }
}
