//! Finding the pictures of a page that cannot be decoded, or not to their end: they would be taken for white paper.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
        InterpreterCache, InterpreterSettings, SoftMask, TransformExt, font::GlyphRun, interpret_page,
    },
    hayro_syntax::{object::Stream, page::Page},
    kurbo::{Affine, BezPath, Rect},
};

use super::image_headers::{self, JpegEnd};

/// Where in this area, in points on the page as shown, pictures are that cannot be decoded. Decodes all that lie there.
pub(super) fn in_area(page: &Page<'_>, area: Rect) -> Vec<Rect> {
    let cache = InterpreterCache::new();
    let transform = page.initial_transform(true).to_kurbo();
    let mut context = Context::new(transform, area, &cache, page.xref(), InterpreterSettings::default());
    let mut finder = Finder { area, found: Vec::new() };
    interpret_page(page, &mut context, &mut finder);
    finder.found
}

/// Where a picture of this size is on the page of which only so many rows could be decoded; none if all were.
pub(super) fn missing((width, height): (u32, u32), rows: u32, to_page: Affine) -> Option<Rect> {
    let pixels = Rect::new(0.0, f64::from(rows), f64::from(width), f64::from(height));
    (rows < height).then(|| to_page.transform_rect_bbox(pixels))
}

/// How many rows of the picture in `stream` these pixels, decoded from it, are.
pub(super) fn rows(data: &ImageData, stream: &Stream<'_>) -> u32 {
    let rows = match image_headers::jpeg_end(stream) {
        Some(JpegEnd::Whole) | None => data.height(),
        Some(JpegEnd::InRows) => rows_before_filling(data),
        Some(JpegEnd::InScans) => 0,
    };
    (f64::from(rows) * f64::from(data.scale_factors().1)).round() as u32
}

/// The rows of a JPEG that breaks off which come before the even gray in place of those that are missing. Neither
/// black nor white is such a gray.
fn rows_before_filling(data: &ImageData) -> u32 {
    let (samples, per_pixel) = match data {
        ImageData::Luma(luma) => (&luma.data, 1),
        ImageData::Rgb(rgb) => (&rgb.data, 3),
    };
    let Some(last) = samples.last_chunk::<3>().map(|last| &last[3 - per_pixel..]) else {
        return data.height();
    };
    let is_filling = |row: &&[u8]| row.chunks(per_pixel).all(|pixel| pixel == last);
    let rows = samples.chunks_exact(data.width() as usize * per_pixel).rev();
    let filled = rows.take_while(is_filling).count() as u32;
    if filled == 0 || last.iter().any(|sample| matches!(*sample, u8::MIN | u8::MAX)) {
        return data.height();
    }
    data.height().saturating_sub(filled + BLOCKS)
}

/// The row of blocks in which a JPEG breaks off is so many pixels high at most, and only begun.
const BLOCKS: u32 = 16;

struct Finder {
    area: Rect,
    found: Vec<Rect>,
}

impl<'a> Device<'a> for Finder {
    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let size = (image.width(), image.height());
        let place = missing(size, 0, props.transform).map_or(Rect::ZERO, |place| place.intersect(self.area));
        if place.area() <= 0.0 {
            return;
        }
        let mut decoded = 0;
        match image {
            Image::Stencil(stencil) => {
                stencil
                    .with_stencil(|data, _| decoded = rows(&ImageData::Luma(data), stencil.stream()), None);
            }
            Image::Raster(raster) => {
                raster.with_rgba(|data, _| decoded = rows(&data, raster.stream()), None);
            }
        }
        let missing = missing(size, decoded, props.transform).map(|place| place.intersect(self.area));
        self.found.extend(missing.filter(|place| place.area() > 0.0));
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn pop_clip(&mut self) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_transparency_group(&mut self) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
}
