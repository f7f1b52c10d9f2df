//! Renders a region of a page: into gray pixels for OCR, into colours for people.

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
use image::{GrayImage, RgbImage};

/// The resolution that Tesseract's models were trained on, and that small print needs.
const RENDER_DPI: f32 = 300.0;
/// An A2 page at 300 dpi. Larger pages are posters and plans, whose print is larger too.
const MAX_AREA_PX: f32 = 36_000_000.0;
const MAX_SIDE_PX: f32 = 30_000.0;
/// The least side of a region: a page as thin as a hair is still a pixel wide.
const MIN_SIDE_PT: f64 = 0.01;

/// The image of an area of the page, given in points on the page as shown, and the map from its pixels to points.
pub(super) fn render_area(page: &Page<'_>, area: Rect) -> (GrayImage, Affine) {
    let (width, height) = (area.width().max(MIN_SIDE_PT) as f32, area.height().max(MIN_SIDE_PT) as f32);
    let scale =
        (RENDER_DPI / 72.0).min((MAX_AREA_PX / (width * height)).sqrt()).min(MAX_SIDE_PX / width.max(height));
    let pixels = |points: f32| (points * scale).round().max(1.0);
    let (pixmap, to_points) = rasterize(page, area, pixels(width) as u16, pixels(height) as u16);
    // The background is opaque, so premultiplied colours are plain ones.
    let pixels = pixmap.data_as_u8_slice().chunks_exact(4);
    let gray = pixels.map(|rgba| luma(rgba[0], rgba[1], rgba[2])).collect();
    let image = GrayImage::from_raw(pixmap.width().into(), pixmap.height().into(), gray).unwrap_or_default();
    (image, to_points)
}

/// The image of an area of the page, given in points on the page as shown, in colours and of this width in pixels.
pub(super) fn render_colours(page: &Page<'_>, area: Rect, width_px: u16) -> RgbImage {
    let rows = area.height().max(MIN_SIDE_PT) * f64::from(width_px) / area.width().max(MIN_SIDE_PT);
    let rows = rows.round().clamp(1.0, f64::from(MAX_SIDE_PX)) as u16;
    let (pixmap, _) = rasterize(page, area, width_px, rows);
    let pixels = pixmap.data_as_u8_slice().chunks_exact(4);
    let colours = pixels.flat_map(|rgba| [rgba[0], rgba[1], rgba[2]]).collect();
    RgbImage::from_raw(pixmap.width().into(), pixmap.height().into(), colours).unwrap_or_default()
}

/// Draws an area of the page on white, and returns the map from its pixels to points.
fn rasterize(page: &Page<'_>, area: Rect, columns: u16, rows: u16) -> (Pixmap, Affine) {
    let to_points = Affine::translate(area.origin().to_vec2())
        * Affine::scale_non_uniform(area.width() / f64::from(columns), area.height() / f64::from(rows));
    let mut context = RenderContext::new(columns, rows);
    let transform = to_points.inverse() * page.initial_transform(true).to_kurbo();
    let settings = InterpreterSettings::default();
    render_into(page, &RenderCache::new(), &settings, &RenderSettings::default(), &mut context, transform);
    context.flush();
    let mut pixmap = Pixmap::new(context.width(), context.height());
    let on_white =
        RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
    context.render_with(&mut pixmap, &mut Resources::default(), on_white);
    (pixmap, to_points)
}

/// Brightness: ITU-R BT.601 in 8-bit fixed point.
pub(super) fn luma(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8) as u8
}
