//! Finding the pictures of a page that cannot be decoded, or not to their end: they would be taken for white paper.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
        InterpreterCache, InterpreterSettings, SoftMask, TransformExt, font::GlyphRun, interpret_page,
    },
    hayro_syntax::page::Page,
    kurbo::{Affine, BezPath, Rect},
};

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

/// How many rows of the undecoded picture these pixels are.
pub(super) fn rows(data: &ImageData) -> u32 {
    let (rows, scale) = match data {
        ImageData::Luma(luma) => (luma.height, luma.scale_factors.1),
        ImageData::Rgb(rgb) => (rgb.height, rgb.scale_factors.1),
    };
    (f64::from(rows) * f64::from(scale)).round() as u32
}

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
                stencil.with_stencil(|data, _| decoded = rows(&ImageData::Luma(data)), None);
            }
            Image::Raster(raster) => raster.with_rgba(|data, _| decoded = rows(&data), None),
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
