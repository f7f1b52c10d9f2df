//! Records what a page draws, by running its content through hayro's interpreter without rendering.
//!
//! One pass gives the glyphs, the images, the fingerprint and the cost of rendering.

use std::{cell::RefCell, collections::HashMap};

use foldhash::fast::RandomState;
use hayro::{
    hayro_interpret::{
        BlendMode, CacheKey, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
        InterpreterCache, InterpreterSettings, Paint, RenderContent, SoftMask, StencilImage, TransformExt,
        font::{Glyph, GlyphIdentifier, GlyphRun, OutlineGlyph, Type3Glyph},
        interpret_page,
    },
    hayro_syntax::{object::Stream, page::Page},
    kurbo::{Affine, BezPath, Rect},
};

use super::{
    fingerprint::{FingerprintHasher, outline_digest},
    glyphs::{GlyphText, PositionedGlyph, UNITS_PER_EM},
    render_cost::RenderCost,
};
use crate::error::catch_panics;

/// Images that cover more than this share of the page may hide text.
const MIN_COVERING_SHARE: f64 = 0.2;
/// At most this many images are checked for the text that they hide.
const MAX_COVERING_IMAGES: usize = 8;
/// An image is shown completely if the page shows more than this share of it.
const MIN_SHOWN_SHARE: f64 = 0.96;
/// The width of a glyph without a stated width.
const DEFAULT_ADVANCE_EM: f64 = 0.5;
/// The entries of an image that make it transparent.
const MASK_KEYS: [&[u8]; 3] = [b"SMask", b"Mask", b"SMaskInData"];

/// What a page draws, as far as reading needs it. Coordinates are points on the page as shown.
pub(super) struct RecordedContent {
    pub(super) width: f32,
    pub(super) height: f32,
    /// In drawing order, spaces included.
    pub(super) glyphs: Vec<PositionedGlyph>,
    /// The number of glyphs of the page itself; the rest belongs to annotations.
    page_glyphs: usize,
    pub(super) images: Vec<PlacedImage>,
    /// Whether paths or shadings are drawn.
    pub(super) has_shapes: bool,
    /// Whether everything is drawn opaquely with the normal blend mode.
    pub(super) is_opaque: bool,
    pub(super) fingerprint: [u8; 32],
    pub(super) render_cost: RenderCost,
}

/// An image on the page.
pub(super) struct PlacedImage {
    /// In pixels.
    pub(super) width: u32,
    /// In pixels.
    pub(super) height: u32,
    /// The part of the page that it covers.
    pub(super) area: Rect,
    /// Whether it exceeds the pixel limit. Then `area` includes what the page clips away: rendering anything there would
    /// decode the image.
    pub(super) is_too_large: bool,
    /// Whether the page shows all of it.
    pub(super) is_shown_completely: bool,
    /// Whether it hides what is below it.
    is_opaque: bool,
    /// The number of glyphs drawn before it.
    glyphs_before: usize,
    /// The extent of the paths, shadings and images that are drawn after it.
    pub(super) drawn_after: Rect,
}

impl PlacedImage {
    pub(super) fn pixel_count(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

type OutlineCache = HashMap<GlyphIdentifier, OutlineSummary, RandomState>;

/// Caches what the pages of a file share: fonts, colour profiles, glyph outlines.
pub(crate) struct PdfCache<'d> {
    interpreter: InterpreterCache<'d>,
    outlines: RefCell<OutlineCache>,
}

impl PdfCache<'_> {
    pub(crate) fn new() -> Self {
        Self { interpreter: InterpreterCache::new(), outlines: RefCell::default() }
    }
}

impl RecordedContent {
    pub(super) fn record<'d>(page: &'d Page<'d>, cache: &PdfCache<'d>, max_pixels: u64) -> RecordedContent {
        let (width, height) = page.render_dimensions();
        let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut recorder = ContentRecorder {
            clips: vec![bounds],
            glyphs: Vec::new(),
            images: Vec::new(),
            has_shapes: false,
            is_opaque: true,
            type3_ink: None,
            fingerprint: FingerprintHasher::new(width, height),
            render_cost: RenderCost::new(max_pixels),
            outlines: &cache.outlines,
        };

        let transform = page.initial_transform(true).to_kurbo();
        let mut interpret = |render_content| {
            let settings = InterpreterSettings { render_content, ..InterpreterSettings::default() };
            let mut context = Context::new(transform, bounds, &cache.interpreter, page.xref(), settings);
            interpret_page(page, &mut context, &mut recorder);
            recorder.glyphs.len()
        };
        let page_glyphs = interpret(RenderContent::PAGE);
        if page.raw().contains_key(b"Annots") {
            interpret(RenderContent::ANNOTATIONS);
        }
        recorder.hide_covered_glyphs(bounds);
        recorder.extend_drawn_after();

        RecordedContent {
            width,
            height,
            glyphs: recorder.glyphs,
            page_glyphs,
            images: recorder.images,
            has_shapes: recorder.has_shapes,
            is_opaque: recorder.is_opaque,
            fingerprint: recorder.fingerprint.finish(),
            render_cost: recorder.render_cost,
        }
    }

    /// The glyphs that annotations draw.
    pub(super) fn annotation_glyphs(&self) -> &[PositionedGlyph] {
        &self.glyphs[self.page_glyphs..]
    }

    /// Whether nothing but images is visible.
    pub(super) fn shows_only_images(&self) -> bool {
        !self.has_shapes && self.glyphs.iter().all(|glyph| glyph.is_space() || !glyph.is_visible)
    }

    /// Removes the glyphs that annotations draw in this area.
    pub(super) fn remove_annotation_glyphs_in(&mut self, area: Rect) {
        let page_glyphs = self.page_glyphs;
        let mut visited = 0;
        self.glyphs.retain(|glyph| {
            visited += 1;
            visited <= page_glyphs || !area.contains(glyph.center())
        });
    }
}

/// A glyph's outline, independent of its size.
#[derive(Clone, Copy)]
struct OutlineSummary {
    /// In thousandths of an em, y upwards.
    ink: Rect,
    digest: u128,
}

struct ContentRecorder<'s> {
    /// The clip boxes, innermost last; never empty.
    clips: Vec<Rect>,
    glyphs: Vec<PositionedGlyph>,
    images: Vec<PlacedImage>,
    has_shapes: bool,
    is_opaque: bool,
    /// The extent of the Type 3 glyph that is being drawn; none outside of one.
    type3_ink: Option<Rect>,
    fingerprint: FingerprintHasher,
    render_cost: RenderCost,
    outlines: &'s RefCell<OutlineCache>,
}

impl ContentRecorder<'_> {
    fn clip(&self) -> Rect {
        self.clips.last().copied().unwrap_or(Rect::ZERO)
    }

    /// Draws a Type 3 glyph, and returns its extent on the page.
    fn draw_type3<'a>(&mut self, glyph: &Type3Glyph<'a>, to_page: Affine, paint: &Paint<'a>) -> Rect {
        let outer = self.type3_ink.replace(Rect::ZERO);
        glyph.interpret(self, to_page, Affine::IDENTITY, paint);
        std::mem::replace(&mut self.type3_ink, outer).unwrap_or(Rect::ZERO)
    }

    fn outline(&mut self, glyph: &OutlineGlyph) -> OutlineSummary {
        *self.outlines.borrow_mut().entry(glyph.identifier()).or_insert_with(|| {
            let path = glyph.outline();
            let ink = if path.is_empty() { Rect::ZERO } else { path.control_box() };
            OutlineSummary { ink, digest: outline_digest(&path) }
        })
    }

    /// Records that something other than text is drawn in `area`.
    fn record_shape(&mut self, area: Rect) {
        match &mut self.type3_ink {
            Some(ink) if ink.area() > 0.0 => *ink = ink.union(area),
            Some(ink) => *ink = area,
            None => {
                self.has_shapes = true;
                if let Some(image) = self.images.last_mut() {
                    image.drawn_after =
                        union_non_empty(image.drawn_after, area.intersect(self.clips[self.clips.len() - 1]));
                }
            }
        }
    }

    /// Marks glyphs below opaque images as invisible: some OCR programs put their text layer below the scan.
    fn hide_covered_glyphs(&mut self, page: Rect) {
        let is_covering =
            |image: &&PlacedImage| image.is_opaque && image.area.area() > MIN_COVERING_SHARE * page.area();
        for image in self.images.iter().filter(is_covering).take(MAX_COVERING_IMAGES) {
            for glyph in &mut self.glyphs[..image.glyphs_before] {
                glyph.is_visible &= !image.area.contains(glyph.center());
            }
        }
    }

    /// Each image has recorded what is drawn between it and the next image; adds everything drawn later.
    fn extend_drawn_after(&mut self) {
        let mut after = Rect::ZERO;
        for image in self.images.iter_mut().rev() {
            after = union_non_empty(after, image.drawn_after);
            image.drawn_after = after;
            after = union_non_empty(after, image.area);
        }
    }
}

/// A key for the paint of a stencil, 0 if the stencil cannot be decoded. hayro gives the paint only together with pixels;
/// one pixel is requested, to decode as little as possible.
fn stencil_paint_key(stencil: &StencilImage<'_, '_>) -> u128 {
    let mut key = 0;
    let decoded = catch_panics((), || {
        stencil.with_stencil(|_, paint| key = paint.cache_key(), Some((1, 1)));
        Ok(())
    });
    if decoded.is_ok() { key } else { 0 }
}

/// The smallest rectangle around both, either of which may be empty.
fn union_non_empty(a: Rect, b: Rect) -> Rect {
    let is_empty = |rect: &Rect| rect.width() <= 0.0 && rect.height() <= 0.0;
    if is_empty(&a) {
        b
    } else if is_empty(&b) {
        a
    } else {
        a.union(b)
    }
}

impl<'a> Device<'a> for ContentRecorder<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.fingerprint.write(b"path");
        self.fingerprint.add_path(path);
        self.fingerprint.add_props(&props);
        self.fingerprint.add_mode(mode);
        self.render_cost.add_path(path, mode);
        self.record_shape(props.transform.transform_rect_bbox(path.control_box()));
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.fingerprint.write(b"clip");
        self.fingerprint.add_path(&clip.path);
        self.fingerprint.write(&[clip.fill as u8]);
        self.clips.push(self.clip().intersect(clip.path.control_box()));
    }

    fn pop_clip(&mut self) {
        self.fingerprint.write(b"unclip");
        if self.clips.len() > 1 {
            self.clips.pop();
        }
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend_mode: BlendMode) {
        self.fingerprint.write(b"group");
        self.is_opaque &= opacity == 1.0 && mask.is_none() && blend_mode == BlendMode::Normal;
        self.fingerprint.write(&opacity.to_le_bytes());
        self.fingerprint.add_blend(mask.as_ref(), blend_mode);
    }

    fn pop_transparency_group(&mut self) {
        self.fingerprint.write(b"ungroup");
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.fingerprint.write(b"text");
        self.fingerprint.add_props(&props);
        self.fingerprint.add_mode(mode);
        for glyph in run.glyphs() {
            let to_page = props.transform * glyph.transform();
            let (ink, advance) = match &**glyph {
                Glyph::Outline(outlined) => {
                    let outline = self.outline(outlined);
                    self.fingerprint.add_glyph(to_page, glyph.char_code(), Some(outline.digest));
                    (to_page.transform_rect_bbox(outline.ink), outlined.advance_width())
                }
                Glyph::Type3(drawing) => {
                    self.fingerprint.add_glyph(to_page, glyph.char_code(), None);
                    (self.draw_type3(drawing, to_page, &props.paint), drawing.advance_width())
                }
            };
            // A glyph within a Type 3 glyph is part of its drawing.
            if self.type3_ink.is_some() {
                self.record_shape(ink);
                continue;
            }
            let positioned = PositionedGlyph::new(
                GlyphText::from_unicode(glyph.as_unicode()),
                to_page,
                advance.map_or(DEFAULT_ADVANCE_EM * UNITS_PER_EM, f64::from),
                ink,
                !matches!(mode, DrawMode::Invisible),
            );
            if self.clip().contains(positioned.center()) {
                self.glyphs.push(positioned);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.fingerprint.write(b"image");
        self.fingerprint.add_transform(props.transform);
        self.fingerprint.add_blend(props.soft_mask.as_ref(), props.blend_mode);
        let (width, height) = (image.width(), image.height());
        let (is_opaque, is_too_large) = match &image {
            Image::Stencil(stencil) => {
                self.fingerprint.add_image(stencil.stream());
                let is_too_large = !self.render_cost.add_image(width, height, stencil.stream());
                if !is_too_large {
                    self.fingerprint.add_key(b'p', stencil_paint_key(stencil));
                }
                (false, is_too_large)
            }
            Image::Raster(raster) => {
                self.fingerprint.add_image(raster.stream());
                let dict = raster.stream().dict();
                let mut is_too_large = !self.render_cost.add_image(width, height, raster.stream());
                for mask in MASK_KEYS.iter().filter_map(|key| dict.get::<Stream<'_>>(*key)) {
                    let [width, height] =
                        [&b"Width"[..], b"Height"].map(|key| mask.dict().get(key).unwrap_or(0));
                    is_too_large |= !self.render_cost.add_image(width, height, &mask);
                }
                let has_mask = MASK_KEYS.iter().any(|key| dict.contains_key(key));
                let is_opaque = self.is_opaque
                    && !has_mask
                    && props.soft_mask.is_none()
                    && props.blend_mode == BlendMode::Normal;
                (is_opaque, is_too_large)
            }
        };
        // The transform maps from pixels.
        let whole =
            props.transform.transform_rect_bbox(Rect::new(0.0, 0.0, f64::from(width), f64::from(height)));
        if self.type3_ink.is_some() && !is_too_large {
            return self.record_shape(whole);
        }
        let area = whole.intersect(if is_too_large { self.clips[0] } else { self.clip() });
        self.images.push(PlacedImage {
            width,
            height,
            area,
            is_too_large,
            is_shown_completely: area.area() > MIN_SHOWN_SHARE * whole.area(),
            is_opaque,
            glyphs_before: self.glyphs.len(),
            drawn_after: Rect::ZERO,
        });
    }
}
