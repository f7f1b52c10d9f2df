//! Finds the images of a page that cannot be decoded, or not completely. They would otherwise be taken for white paper.

use hayro::{
    hayro_interpret::{Image, ImageData},
    hayro_syntax::{object::Stream, page::Page},
    kurbo::{Affine, Rect},
};

use super::{
    image_headers::{self, JpegEnding},
    image_visitor::visit_images,
};

/// A JPEG is cut off within a row of blocks of at most this height, which is only begun.
const MAX_BLOCK_HEIGHT_PX: u32 = 16;

/// The parts of this area, in points on the page as shown, where images cannot be decoded. Decodes all images in it.
pub(super) fn undecodable_areas(page: &Page<'_>, area: Rect) -> Vec<Rect> {
    let mut undecodable = Vec::new();
    visit_images(page, area, |image, props| {
        let size = (image.width(), image.height());
        let covered =
            missing_area(size, 0, props.transform).map_or(Rect::ZERO, |covered| covered.intersect(area));
        if covered.area() <= 0.0 {
            return;
        }
        let mut rows = 0;
        match image {
            Image::Stencil(stencil) => {
                stencil.with_stencil(
                    |data, _| rows = decoded_rows(&ImageData::Luma(data), stencil.stream()),
                    None,
                );
            }
            Image::Raster(raster) => {
                raster.with_rgba(|data, _| rows = decoded_rows(&data, raster.stream()), None);
            }
        }
        let missing = missing_area(size, rows, props.transform).map(|missing| missing.intersect(area));
        undecodable.extend(missing.filter(|missing| missing.area() > 0.0));
    });
    undecodable
}

/// The area on the page of the rows that are missing from an image of this size; none if all rows were decoded.
pub(super) fn missing_area((width, height): (u32, u32), decoded_rows: u32, to_page: Affine) -> Option<Rect> {
    let pixels = Rect::new(0.0, f64::from(decoded_rows), f64::from(width), f64::from(height));
    (decoded_rows < height).then(|| to_page.transform_rect_bbox(pixels))
}

/// The number of rows of the image in `stream` that these decoded pixels hold.
pub(super) fn decoded_rows(data: &ImageData, stream: &Stream<'_>) -> u32 {
    let rows = match image_headers::jpeg_ending(stream) {
        Some(JpegEnding::Complete) | None => data.height(),
        Some(JpegEnding::CutInRows) => rows_before_filling(data),
        Some(JpegEnding::CutInScans) => 0,
    };
    (f64::from(rows) * f64::from(data.scale_factors().1)).round() as u32
}

/// The rows of a JPEG that is cut off, without those that the decoder fills with an even gray, neither black nor white.
fn rows_before_filling(data: &ImageData) -> u32 {
    let (samples, channels) = match data {
        ImageData::Luma(luma) => (&luma.data, 1),
        ImageData::Rgb(rgb) => (&rgb.data, 3),
    };
    let Some(last) = samples.last_chunk::<3>().map(|last| &last[3 - channels..]) else {
        return data.height();
    };
    let is_filling = |row: &&[u8]| row.chunks(channels).all(|pixel| pixel == last);
    let rows = samples.chunks_exact(data.width() as usize * channels).rev();
    let filled = rows.take_while(is_filling).count() as u32;
    if filled == 0 || last.iter().any(|sample| matches!(*sample, u8::MIN | u8::MAX)) {
        return data.height();
    }
    data.height().saturating_sub(filled + MAX_BLOCK_HEIGHT_PX)
}
