//! Taking a picture on a page as it was embedded: drawing it again would cost time and sharpness.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
        InterpreterCache, InterpreterSettings, SoftMask, TransformExt, font::GlyphRun, interpret_page,
    },
    hayro_syntax::page::Page,
    kurbo::{Affine, BezPath, Rect},
};
use image::GrayImage;

use super::{Drawn, undecodable_images};

/// A scan may stand out over the page or leave a margin by so much, in parts of the page.
const MARGIN: f64 = 0.02;
/// Pixels may differ from squares by so much.
const OBLONG: f64 = 0.05;

/// One of the page's images, counted in the order in which they are drawn, in gray, and the map from its pixels to
/// points on the page; none if it is not simply laid on the page, upright or turned by quarters, with square pixels, or
/// cannot be decoded.
pub(super) fn take(page: &Page<'_>, number: usize) -> Option<Drawn> {
    let (width, height) = page.render_dimensions();
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let cache = InterpreterCache::new();
    let transform = page.initial_transform(true).to_kurbo();
    let mut context = Context::new(transform, bounds, &cache, page.xref(), InterpreterSettings::default());
    let mut taker = Taker { bounds, ahead: Some(number), taken: None };
    interpret_page(page, &mut context, &mut taker);
    taker.taken
}

struct Taker {
    bounds: Rect,
    /// How many images come before the one to be taken.
    ahead: Option<usize>,
    taken: Option<Drawn>,
}

impl Taker {
    /// Whether a picture of this size lies on the page so that its pixels can be read as they are.
    fn is_simple(&self, width: u32, height: u32, to_page: Affine) -> bool {
        let [a, b, c, d, ..] = to_page.as_coeffs();
        let (across, down) = (a.hypot(b), c.hypot(d));
        let is_quarter = a.abs().min(b.abs()) < 1e-3 * across && c.abs().min(d.abs()) < 1e-3 * down;
        // A negative determinant is a mirror.
        let is_square = (across / down - 1.0).abs() < OBLONG && to_page.determinant() > 0.0;
        let covered = to_page.transform_rect_bbox(Rect::new(0.0, 0.0, f64::from(width), f64::from(height)));
        let margin = MARGIN * self.bounds.width().max(self.bounds.height());
        is_quarter && is_square && self.bounds.inflate(margin, margin).contains_rect(covered)
    }
}

impl<'a> Device<'a> for Taker {
    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let is_wanted = self.ahead == Some(0);
        self.ahead = self.ahead.and_then(|ahead| ahead.checked_sub(1));
        let Image::Raster(raster) = image else { return };
        if !is_wanted {
            return;
        }
        let size = (raster.width(), raster.height());
        if !self.is_simple(size.0, size.1, props.transform) {
            return;
        }
        raster.with_rgba(
            |data, alpha| {
                if alpha.is_none() && data.scale_factors() == (1.0, 1.0) {
                    let missing = undecodable_images::missing(
                        size,
                        undecodable_images::rows(&data, raster.stream()),
                        props.transform,
                    );
                    self.taken = gray(data).map(|image| Drawn {
                        picture: Some((image, props.transform)),
                        undrawn: missing.into_iter().collect(),
                    });
                }
            },
            None,
        );
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn pop_clip(&mut self) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_transparency_group(&mut self) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
}

fn gray(data: ImageData) -> Option<GrayImage> {
    match data {
        ImageData::Luma(luma) => GrayImage::from_raw(luma.width, luma.height, luma.data),
        ImageData::Rgb(rgb) => {
            let gray =
                rgb.data.chunks_exact(3).map(|pixel| super::luma(pixel[0], pixel[1], pixel[2])).collect();
            GrayImage::from_raw(rgb.width, rgb.height, gray)
        }
    }
}
