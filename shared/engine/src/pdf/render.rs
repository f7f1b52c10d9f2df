//! Drawing a page into gray pixels.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings,
    hayro_syntax::page::Page, vello_cpu::color::palette::css::WHITE,
};
use image::GrayImage;

/// What Tesseract's models were trained on, and what it takes to read small print.
const DPI: f32 = 300.0;
/// An A2 page at 300 dpi. Larger pages are posters and plans, whose print is larger too.
const MAX_PIXELS: f32 = 36_000_000.0;
const MAX_SIDE: f32 = 30_000.0;

pub(super) fn draw(page: &Page<'_>) -> GrayImage {
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
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    // ITU-R BT.601 luma in 8-bit fixed point. The paper is opaque, so premultiplied is plain.
    let gray: Vec<u8> = pixmap
        .data_as_u8_slice()
        .chunks_exact(4)
        .map(|rgba| {
            ((u32::from(rgba[0]) * 77 + u32::from(rgba[1]) * 150 + u32::from(rgba[2]) * 29) >> 8) as u8
        })
        .collect();
    GrayImage::from_raw(width, height, gray).unwrap_or_default()
}
