//! Drawing a page into gray pixels.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings,
    hayro_syntax::page::Page, kurbo::Affine, vello_cpu::color::palette::css::WHITE,
};
use image::GrayImage;

/// What Tesseract's models were trained on, and what it takes to read small print.
const DPI: f32 = 300.0;
/// An A2 page at 300 dpi. Larger pages are posters and plans, whose print is larger too.
const MAX_PIXELS: f32 = 36_000_000.0;
const MAX_SIDE: f32 = 30_000.0;

/// The page's picture, and the map from its pixels to points.
pub(super) fn draw(page: &Page<'_>) -> (GrayImage, Affine) {
    let (width, height) = page.render_dimensions();
    let scale = (DPI / 72.0).min((MAX_PIXELS / (width * height)).sqrt()).min(MAX_SIDE / width.max(height));
    // A page as thin as a hair is still a pixel wide.
    let side = |points: f32| (points * scale).round().max(1.0) / points;
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings { x_scale: side(width), y_scale: side(height), bg_color: WHITE },
    );
    // The paper is opaque, so premultiplied is plain.
    let pixels = pixmap.data_as_u8_slice().chunks_exact(4);
    let gray = pixels.map(|rgba| super::luma(rgba[0], rgba[1], rgba[2])).collect();
    let (columns, rows) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    let image = GrayImage::from_raw(columns, rows, gray).unwrap_or_default();
    let to_points =
        Affine::scale_non_uniform(f64::from(width) / f64::from(columns), f64::from(height) / f64::from(rows));
    (image, to_points)
}
