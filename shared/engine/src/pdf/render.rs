//! Drawing a part of a page into gray pixels.

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, TransformExt},
    hayro_syntax::page::Page,
    kurbo::{Affine, Rect},
    render_into,
    vello_cpu::{
        Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit, color::palette::css::WHITE,
    },
};
use image::GrayImage;

/// What Tesseract's models were trained on, and what it takes to read small print.
const DPI: f32 = 300.0;
/// An A2 page at 300 dpi. Larger pages are posters and plans, whose print is larger too.
const MAX_PIXELS: f32 = 36_000_000.0;
const MAX_SIDE: f32 = 30_000.0;

/// The picture of a part of the page, given in points on the page as shown, and the map from its pixels to points.
pub(super) fn draw(page: &Page<'_>, area: Rect) -> (GrayImage, Affine) {
    // A page as thin as a hair is still a pixel wide.
    let (width, height) = (area.width().max(0.01) as f32, area.height().max(0.01) as f32);
    let scale = (DPI / 72.0).min((MAX_PIXELS / (width * height)).sqrt()).min(MAX_SIDE / width.max(height));
    let side = |points: f32| (points * scale).round().max(1.0);
    let (columns, rows) = (side(width), side(height));
    let to_points = Affine::translate(area.origin().to_vec2())
        * Affine::scale_non_uniform(area.width() / f64::from(columns), area.height() / f64::from(rows));

    let mut context = RenderContext::new(columns as u16, rows as u16);
    let transform = to_points.inverse() * page.initial_transform(true).to_kurbo();
    let settings = InterpreterSettings::default();
    render_into(page, &RenderCache::new(), &settings, &RenderSettings::default(), &mut context, transform);
    context.flush();
    let mut pixmap = Pixmap::new(context.width(), context.height());
    let on_paper =
        RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
    context.render_with(&mut pixmap, &mut Resources::default(), on_paper);

    // The paper is opaque, so premultiplied is plain.
    let pixels = pixmap.data_as_u8_slice().chunks_exact(4);
    let gray = pixels.map(|rgba| super::luma(rgba[0], rgba[1], rgba[2])).collect();
    let image = GrayImage::from_raw(pixmap.width().into(), pixmap.height().into(), gray).unwrap_or_default();
    (image, to_points)
}
