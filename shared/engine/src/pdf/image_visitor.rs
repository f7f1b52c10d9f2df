//! Visits the images that a page draws. Everything else on the page is interpreted and ignored.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
        InterpreterSettings, SoftMask, TransformExt, font::GlyphRun, interpret_page,
    },
    hayro_syntax::page::Page,
    kurbo::{BezPath, Rect},
};

/// Calls `visit` for each image in drawing order. `area` is the part of the page that is interpreted, in points on the page
/// as shown; the transform of an image maps its pixels to such points.
pub(super) fn visit_images<'a>(
    page: &Page<'a>,
    area: Rect,
    visit: impl for<'i> FnMut(Image<'a, 'i>, &ImageDrawProps<'a>),
) {
    let cache = InterpreterCache::new();
    let transform = page.initial_transform(true).to_kurbo();
    let mut context = Context::new(transform, area, &cache, page.xref(), InterpreterSettings::default());
    interpret_page(page, &mut context, &mut ImageVisitor(visit));
}

struct ImageVisitor<F>(F);

impl<'a, F> Device<'a> for ImageVisitor<F>
where
    F: for<'i> FnMut(Image<'a, 'i>, &ImageDrawProps<'a>),
{
    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        (self.0)(image, &props);
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn pop_clip(&mut self) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_transparency_group(&mut self) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
}
