//! What a page draws, taken down by running its content through hayro's interpreter without painting.

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
    fingerprint::{self, Fingerprint},
    glyphs::{Meaning, Placed},
    render_cost::Effort,
};
use crate::error::contained;

/// Images that cover more of the page than this, in parts of it, may hide text.
const LARGE: f64 = 0.2;
/// So many of them are asked what they hide.
const MOST_LARGE: usize = 8;
/// A picture that stands out over the page by less than the rest is shown whole.
const MOSTLY: f64 = 0.96;
/// The entries of an image that let through what is below it.
const MASKS: [&[u8]; 3] = [b"SMask", b"Mask", b"SMaskInData"];

/// Everything a page draws, as far as reading it needs to know. Coordinates are points on the page as shown.
pub(super) struct Trace {
    pub(super) width: f32,
    pub(super) height: f32,
    /// In the order in which they are drawn, spaces included.
    pub(super) glyphs: Vec<Placed>,
    /// How many of them belong to the page's content; the rest to its annotations.
    of_content: usize,
    pub(super) images: Vec<PlacedImage>,
    /// Whether lines, areas or shadings are drawn.
    pub(super) has_shapes: bool,
    /// Whether everything is opaque and painted over what is below.
    pub(super) is_plain: bool,
    pub(super) fingerprint: [u8; 32],
    /// What it would cost to draw.
    pub(super) effort: Effort,
}

/// An image on the page.
pub(super) struct PlacedImage {
    /// In pixels.
    pub(super) width: u32,
    /// In pixels.
    pub(super) height: u32,
    /// The part of the page that it covers.
    pub(super) area: Rect,
    /// Whether it has more pixels than are read. Then all of its area counts, also what the page does not show: it
    /// would be decoded with whatever is drawn there.
    pub(super) is_too_large: bool,
    /// Whether the page shows all of it.
    pub(super) is_whole: bool,
    /// What is below cannot be seen through it.
    is_opaque: bool,
    /// How many glyphs were drawn before it.
    glyphs_before: usize,
    /// The extent of what is drawn after it: lines, areas and shadings, not text.
    pub(super) drawn_after: Rect,
}

impl PlacedImage {
    pub(super) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

type Outlines = HashMap<GlyphIdentifier, Outline, RandomState>;

/// What the pages of a file share, and what is therefore made once for all of them: fonts, colour profiles, outlines.
pub(crate) struct Shared<'d> {
    interpreter: InterpreterCache<'d>,
    outlines: RefCell<Outlines>,
}

impl Shared<'_> {
    pub(crate) fn new() -> Self {
        Self { interpreter: InterpreterCache::new(), outlines: RefCell::default() }
    }
}

impl Trace {
    pub(super) fn of<'d>(page: &'d Page<'d>, shared: &Shared<'d>, max_pixels: u64) -> Trace {
        let (width, height) = page.render_dimensions();
        let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut tracer = Tracer {
            clips: vec![bounds],
            glyphs: Vec::new(),
            images: Vec::new(),
            has_shapes: false,
            is_plain: true,
            glyph_ink: None,
            fingerprint: Fingerprint::new(width, height),
            effort: Effort::new(max_pixels),
            outlines: &shared.outlines,
        };

        let transform = page.initial_transform(true).to_kurbo();
        let mut interpret = |render_content| {
            let settings = InterpreterSettings { render_content, ..InterpreterSettings::default() };
            let mut context = Context::new(transform, bounds, &shared.interpreter, page.xref(), settings);
            interpret_page(page, &mut context, &mut tracer);
            tracer.glyphs.len()
        };
        let of_content = interpret(RenderContent::PAGE);
        if page.raw().contains_key(b"Annots") {
            interpret(RenderContent::ANNOTATIONS);
        }
        tracer.hide_what_images_cover(bounds);
        tracer.extend_drawn_after();

        Trace {
            width,
            height,
            glyphs: tracer.glyphs,
            of_content,
            images: tracer.images,
            has_shapes: tracer.has_shapes,
            is_plain: tracer.is_plain,
            fingerprint: tracer.fingerprint.finish(),
            effort: tracer.effort,
        }
    }
}

impl Trace {
    /// The glyphs that annotations draw.
    pub(super) fn of_annotations(&self) -> &[Placed] {
        &self.glyphs[self.of_content..]
    }

    /// Whether nothing else than pictures is to be seen.
    pub(super) fn shows_only_pictures(&self) -> bool {
        !self.has_shapes && self.glyphs.iter().all(|glyph| glyph.is_space() || !glyph.visible)
    }

    /// Takes out the glyphs that annotations draw in this area.
    pub(super) fn remove_annotations_in(&mut self, area: Rect) {
        let of_content = self.of_content;
        let mut number = 0;
        self.glyphs.retain(|glyph| {
            number += 1;
            number <= of_content || !area.contains(glyph.middle())
        });
    }
}

/// What a glyph looks like, whatever size it is drawn in.
#[derive(Clone, Copy)]
struct Outline {
    /// In thousandths of the font's size, y upwards.
    ink: Rect,
    digest: u128,
}

struct Tracer<'s> {
    /// What can still be seen, innermost last; never empty.
    clips: Vec<Rect>,
    glyphs: Vec<Placed>,
    images: Vec<PlacedImage>,
    has_shapes: bool,
    is_plain: bool,
    /// What was drawn so far of a glyph that is itself a little drawing; none outside of one.
    glyph_ink: Option<Rect>,
    fingerprint: Fingerprint,
    effort: Effort,
    outlines: &'s RefCell<Outlines>,
}

impl Tracer<'_> {
    fn visible(&self) -> Rect {
        self.clips.last().copied().unwrap_or(Rect::ZERO)
    }

    /// Draws a glyph that is a little drawing; its ink on the page.
    fn draw_type3<'a>(&mut self, glyph: &Type3Glyph<'a>, to_page: Affine, paint: &Paint<'a>) -> Rect {
        let outer = self.glyph_ink.replace(Rect::ZERO);
        glyph.interpret(self, to_page, Affine::IDENTITY, paint);
        std::mem::replace(&mut self.glyph_ink, outer).unwrap_or(Rect::ZERO)
    }

    /// The outline's extent, and the same number for the same outline.
    fn outline(&mut self, glyph: &OutlineGlyph) -> Outline {
        *self.outlines.borrow_mut().entry(glyph.identifier()).or_insert_with(|| {
            let path = glyph.outline();
            let ink = if path.is_empty() { Rect::ZERO } else { path.control_box() };
            Outline { ink, digest: fingerprint::of_outline(&path) }
        })
    }

    /// Takes note that something other than text covers `area`.
    fn shape(&mut self, area: Rect) {
        match &mut self.glyph_ink {
            Some(ink) if ink.area() > 0.0 => *ink = ink.union(area),
            Some(ink) => *ink = area,
            None => {
                self.has_shapes = true;
                if let Some(image) = self.images.last_mut() {
                    image.drawn_after =
                        joined(image.drawn_after, area.intersect(self.clips[self.clips.len() - 1]));
                }
            }
        }
    }

    /// Some programs lay the text that they have recognised below the scan.
    fn hide_what_images_cover(&mut self, page: Rect) {
        let is_large = |image: &&PlacedImage| image.is_opaque && image.area.area() > LARGE * page.area();
        for image in self.images.iter().filter(is_large).take(MOST_LARGE) {
            for glyph in &mut self.glyphs[..image.glyphs_before] {
                glyph.visible &= !image.area.contains(glyph.middle());
            }
        }
    }

    /// Each image has noted what is drawn between it and the next; what comes later lies on it as well.
    fn extend_drawn_after(&mut self) {
        let mut after = Rect::ZERO;
        for image in self.images.iter_mut().rev() {
            after = joined(after, image.drawn_after);
            image.drawn_after = after;
            after = joined(after, image.area);
        }
    }
}

/// What stands for the colour of a stencil. It is only shown together with the pixels; one is asked for, to decode as
/// little as possible. A stencil that cannot be decoded shows none.
fn paint(stencil: &StencilImage<'_, '_>) -> u128 {
    let mut paint = 0;
    let shown = contained((), || {
        stencil.with_stencil(|_, with| paint = with.cache_key(), Some((1, 1)));
        Ok(())
    });
    if shown.is_ok() { paint } else { 0 }
}

/// The smallest rectangle around both, of which either may be empty.
fn joined(a: Rect, b: Rect) -> Rect {
    let is_empty = |rect: &Rect| rect.width() <= 0.0 && rect.height() <= 0.0;
    if is_empty(&a) {
        b
    } else if is_empty(&b) {
        a
    } else {
        a.union(b)
    }
}

impl<'a> Device<'a> for Tracer<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.fingerprint.put(b"path");
        self.fingerprint.note_path(path);
        self.fingerprint.note_props(&props);
        self.fingerprint.note_mode(mode);
        self.effort.note_path(path, mode);
        self.shape(props.transform.transform_rect_bbox(path.control_box()));
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.fingerprint.put(b"clip");
        self.fingerprint.note_path(&clip.path);
        self.fingerprint.put(&[clip.fill as u8]);
        self.clips.push(self.visible().intersect(clip.path.control_box()));
    }

    fn pop_clip(&mut self) {
        self.fingerprint.put(b"unclip");
        if self.clips.len() > 1 {
            self.clips.pop();
        }
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend_mode: BlendMode) {
        self.fingerprint.put(b"group");
        self.is_plain &= opacity == 1.0 && mask.is_none() && blend_mode == BlendMode::Normal;
        self.fingerprint.put(&opacity.to_le_bytes());
        self.fingerprint.note_blend(mask.as_ref(), blend_mode);
    }

    fn pop_transparency_group(&mut self) {
        self.fingerprint.put(b"ungroup");
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.fingerprint.put(b"text");
        self.fingerprint.note_props(&props);
        self.fingerprint.note_mode(mode);
        for glyph in run.glyphs() {
            let to_page = props.transform * glyph.transform();
            let (ink, advance) = match &**glyph {
                Glyph::Outline(outlined) => {
                    let outline = self.outline(outlined);
                    self.fingerprint.note_glyph(to_page, glyph.char_code(), Some(outline.digest));
                    (to_page.transform_rect_bbox(outline.ink), outlined.advance_width())
                }
                Glyph::Type3(drawing) => {
                    self.fingerprint.note_glyph(to_page, glyph.char_code(), None);
                    (self.draw_type3(drawing, to_page, &props.paint), drawing.advance_width())
                }
            };
            // A glyph inside a glyph is part of a drawing.
            if self.glyph_ink.is_some() {
                self.shape(ink);
                continue;
            }
            let placed = Placed::new(
                Meaning::of(glyph.as_unicode()),
                to_page,
                f64::from(advance.unwrap_or(500.0)),
                ink,
                !matches!(mode, DrawMode::Invisible),
            );
            if self.visible().contains(placed.middle()) {
                self.glyphs.push(placed);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.fingerprint.put(b"image");
        self.fingerprint.note_transform(props.transform);
        self.fingerprint.note_blend(props.soft_mask.as_ref(), props.blend_mode);
        let (width, height) = (image.width(), image.height());
        let (is_opaque, is_too_large) = match &image {
            Image::Stencil(stencil) => {
                self.fingerprint.note_image(stencil.stream());
                let is_too_large = !self.effort.note_picture(width, height, stencil.stream());
                if !is_too_large {
                    self.fingerprint.note(b'p', paint(stencil));
                }
                (false, is_too_large)
            }
            Image::Raster(raster) => {
                self.fingerprint.note_image(raster.stream());
                let dict = raster.stream().dict();
                let mut is_too_large = !self.effort.note_picture(width, height, raster.stream());
                for mask in MASKS.iter().filter_map(|key| dict.get::<Stream<'_>>(*key)) {
                    let [width, height] =
                        [&b"Width"[..], b"Height"].map(|key| mask.dict().get(key).unwrap_or(0));
                    is_too_large |= !self.effort.note_picture(width, height, &mask);
                }
                let has_mask = MASKS.iter().any(|key| dict.contains_key(key));
                let is_opaque = self.is_plain
                    && !has_mask
                    && props.soft_mask.is_none()
                    && props.blend_mode == BlendMode::Normal;
                (is_opaque, is_too_large)
            }
        };
        // hayro's image space is in pixels.
        let whole =
            props.transform.transform_rect_bbox(Rect::new(0.0, 0.0, f64::from(width), f64::from(height)));
        if self.glyph_ink.is_some() && !is_too_large {
            return self.shape(whole);
        }
        let area = whole.intersect(if is_too_large { self.clips[0] } else { self.visible() });
        self.images.push(PlacedImage {
            width,
            height,
            area,
            is_too_large,
            is_whole: area.area() > MOSTLY * whole.area(),
            is_opaque,
            glyphs_before: self.glyphs.len(),
            drawn_after: Rect::ZERO,
        });
    }
}
