//! Extracts an image as it is embedded in the file, which is faster and sharper than rendering it.

use hayro::{
    hayro_interpret::{Image, ImageData, ImageDrawProps},
    hayro_syntax::page::Page,
    kurbo::{Affine, Rect},
};
use image::GrayImage;

use super::{image_visitor::visit_images, render::luma, undecodable_images};
use crate::inspection::RegionImage;

/// A scan may extend beyond the page by this share of the page's longer side.
const MAX_OVERHANG_RATIO: f64 = 0.02;
/// Pixels are square if their sides differ by less than this.
const MAX_SQUARE_DIFFERENCE_RATIO: f64 = 0.05;

/// Extracts the page's image with this index in drawing order. None if the image is not placed upright or turned by
/// quarters with square pixels, if it is masked, or if it cannot be decoded.
pub(super) fn extract_image(page: &Page<'_>, index: usize) -> Option<RegionImage> {
    let (width, height) = page.render_dimensions();
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut extractor = ImageExtractor { bounds, images_before: Some(index), extracted: None };
    visit_images(page, bounds, |image, props| extractor.visit(image, props));
    extractor.extracted
}

struct ImageExtractor {
    bounds: Rect,
    /// The number of images to skip; none after the wanted one.
    images_before: Option<usize>,
    extracted: Option<RegionImage>,
}

impl ImageExtractor {
    fn visit(&mut self, image: Image<'_, '_>, props: &ImageDrawProps<'_>) {
        let is_wanted = self.images_before == Some(0);
        self.images_before = self.images_before.and_then(|count| count.checked_sub(1));
        let Image::Raster(raster) = image else { return };
        if !is_wanted {
            return;
        }
        let size = (raster.width(), raster.height());
        if !self.is_simply_placed(size.0, size.1, props.transform) {
            return;
        }
        raster.with_rgba(
            |data, alpha| {
                if alpha.is_none() && data.scale_factors() == (1.0, 1.0) {
                    let rows = undecodable_images::decoded_rows(&data, raster.stream());
                    let missing = undecodable_images::missing_area(size, rows, props.transform);
                    self.extracted = gray_image(data).map(|image| RegionImage {
                        image: Some((image, props.transform)),
                        undecodable: missing.into_iter().collect(),
                    });
                }
            },
            None,
        );
    }

    /// Whether an image of this size is placed on the page so that its pixels can be read as they are.
    fn is_simply_placed(&self, width: u32, height: u32, to_page: Affine) -> bool {
        let [a, b, c, d, ..] = to_page.as_coeffs();
        let (pixel_width, pixel_height) = (a.hypot(b), c.hypot(d));
        let is_quarter_turn =
            a.abs().min(b.abs()) < 1e-3 * pixel_width && c.abs().min(d.abs()) < 1e-3 * pixel_height;
        // A negative determinant mirrors.
        let is_square = (pixel_width / pixel_height - 1.0).abs() < MAX_SQUARE_DIFFERENCE_RATIO
            && to_page.determinant() > 0.0;
        let covered = to_page.transform_rect_bbox(Rect::new(0.0, 0.0, f64::from(width), f64::from(height)));
        let overhang = MAX_OVERHANG_RATIO * self.bounds.width().max(self.bounds.height());
        is_quarter_turn && is_square && self.bounds.inflate(overhang, overhang).contains_rect(covered)
    }
}

fn gray_image(data: ImageData) -> Option<GrayImage> {
    match data {
        ImageData::Luma(luma) => GrayImage::from_raw(luma.width, luma.height, luma.data),
        ImageData::Rgb(rgb) => {
            let gray = rgb.data.chunks_exact(3).map(|pixel| luma(pixel[0], pixel[1], pixel[2])).collect();
            GrayImage::from_raw(rgb.width, rgb.height, gray)
        }
    }
}
