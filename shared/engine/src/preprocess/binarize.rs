//! Binarization: which pixels of a grayscale image are foreground. The background's brightness is estimated tile by tile,
//! so that shadows and gray paper do not become foreground.

use image::GrayImage;

use super::bitmap::Bitmap;

/// Foreground is darker than the background around it by this much.
pub(crate) const MIN_CONTRAST_LUMA: u8 = 44;
/// The side of the square tiles in which the background is estimated, about 8 mm at
/// [`ANALYSIS_DPI`](super::components::ANALYSIS_DPI).
pub(crate) const TILE_PX: usize = 48;
/// The share of a tile's pixels that are no brighter than its background.
const BACKGROUND_SHARE: f64 = 0.85;

/// The brightness of the background, tile by tile.
pub(crate) struct Background {
    luma: Vec<u8>,
    /// The number of tiles side by side.
    columns: usize,
}

impl Background {
    pub(crate) fn estimate(image: &GrayImage) -> Background {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let (columns, rows) = (width.div_ceil(TILE_PX), height.div_ceil(TILE_PX));
        let mut luma = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let (x0, x1) = (column * TILE_PX, ((column + 1) * TILE_PX).min(width));
                let mut histogram = [0usize; 256];
                let mut count = 0;
                for y in row * TILE_PX..((row + 1) * TILE_PX).min(height) {
                    for pixel in &image.as_raw()[y * width + x0..y * width + x1] {
                        histogram[usize::from(*pixel)] += 1;
                        count += 1;
                    }
                }
                let darker_count = (count as f64 * BACKGROUND_SHARE) as usize;
                let mut below = 0;
                let tile_luma = histogram.iter().position(|count| {
                    below += count;
                    below > darker_count
                });
                luma.push(tile_luma.unwrap_or(255) as u8);
            }
        }
        Background { luma, columns }
    }

    /// The median brightness of the tiles.
    pub(crate) fn median_luma(&self) -> u8 {
        let mut luma = self.luma.clone();
        luma.sort_unstable();
        luma.get(luma.len() / 2).copied().unwrap_or(u8::MAX)
    }

    /// The tiles that the pixel row `y` crosses, each as its first column of pixels and its brightness.
    pub(crate) fn tiles_in_row(&self, y: usize) -> impl Iterator<Item = (usize, u8)> {
        let luma = &self.luma[y / TILE_PX * self.columns..][..self.columns];
        luma.iter().enumerate().map(|(column, luma)| (column * TILE_PX, *luma))
    }
}

/// The brightness below which a pixel on this background is foreground.
fn threshold_for(background_luma: u8) -> u8 {
    background_luma.saturating_sub(MIN_CONTRAST_LUMA)
}

/// The number of foreground pixels of each brightness.
pub(crate) fn foreground_histogram(image: &GrayImage, background: &Background) -> [usize; 256] {
    let mut histogram = [0; 256];
    for (y, row) in image.as_raw().chunks_exact((image.width() as usize).max(1)).enumerate() {
        for (begin, luma) in background.tiles_in_row(y) {
            let pixels = row[begin..].iter().take(TILE_PX).filter(|pixel| **pixel < threshold_for(luma));
            pixels.for_each(|pixel| histogram[usize::from(*pixel)] += 1);
        }
    }
    histogram
}

/// Takes the pixels that are darker than the background around them.
pub(crate) fn binarize_adaptive(image: &GrayImage) -> Bitmap {
    let background = Background::estimate(image);
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut bitmap = Bitmap::new(width, height);
    let mut thresholds = Vec::with_capacity(width);
    for (y, row) in image.as_raw().chunks_exact(width.max(1)).enumerate() {
        if y % TILE_PX == 0 {
            thresholds.clear();
            for (begin, luma) in background.tiles_in_row(y) {
                thresholds.resize((begin + TILE_PX).min(width), threshold_for(luma));
            }
        }
        bitmap.set_row(y, row, &thresholds);
    }
    bitmap
}

/// Takes the pixels that are darker than a white background.
pub(crate) fn binarize_global(image: &GrayImage) -> Bitmap {
    threshold(image, threshold_for(u8::MAX))
}

/// Takes the pixels that are darker than `luma`.
pub(crate) fn threshold(image: &GrayImage, luma: u8) -> Bitmap {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut bitmap = Bitmap::new(width, height);
    let thresholds = vec![luma; width];
    for (y, row) in image.as_raw().chunks_exact(width.max(1)).enumerate() {
        bitmap.set_row(y, row, &thresholds);
    }
    bitmap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gray_background_with_a_gradient_is_not_foreground() {
        let image = GrayImage::from_fn(400, 400, |x, _| image::Luma([(120 + x / 4) as u8]));
        let bitmap = binarize_adaptive(&image);
        assert!((0..400).all(|y| bitmap.next_run(y, 0).is_none()));
    }
}
