//! What a page draws, taken down by running its content through hayro's interpreter without painting.

use std::{cell::RefCell, collections::HashMap};

use hayro::{
    hayro_interpret::{
        BlendMode, CacheKey, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
        InterpreterCache, InterpreterSettings, Paint, RenderContent, SoftMask, TransformExt,
        font::{Glyph, GlyphRun, OutlineGlyph, Type3Glyph},
        interpret_page,
    },
    hayro_syntax::{
        object::{Object, Stream},
        page::Page,
    },
    kurbo::{Affine, BezPath, PathEl, Point, Rect},
};
use sha2::{Digest, Sha256};

use super::glyphs::{self, Placed};

/// Objects that refer to each other are followed this deep; an image's colour space with its profile needs four.
const MAX_DEPTH: u32 = 6;

/// Images that cover more of the page than this, in parts of it, may hide text.
const LARGE: f64 = 0.2;
/// So many of them are asked what they hide.
const MOST_LARGE: usize = 8;
/// A picture that stands out over the page by less than the rest is shown whole.
const MOSTLY: f64 = 0.96;
/// The entries of an image that let through what is below it.
const MASKS: [&[u8]; 3] = [b"SMask", b"Mask", b"SMaskInData"];

/// The entries of an image that say what its samples mean (ISO 32000-2, 8.9.5, and 8.9.7 for inline images), and of
/// the streams that those refer to.
const PICTURE_KEYS: [&[u8]; 21] = [
    b"Width",
    b"W",
    b"Height",
    b"H",
    b"ColorSpace",
    b"CS",
    b"BitsPerComponent",
    b"BPC",
    b"Decode",
    b"D",
    b"DecodeParms",
    b"DP",
    b"Filter",
    b"F",
    b"ImageMask",
    b"IM",
    b"Mask",
    b"SMask",
    b"Matte",
    b"N",
    b"Alternate",
];

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
}

/// An image on the page.
pub(super) struct PlacedImage {
    /// In pixels.
    pub(super) width: u32,
    /// In pixels.
    pub(super) height: u32,
    /// The part of the page that it covers.
    pub(super) area: Rect,
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

/// What the pages of a file share, and what is therefore made once for all of them: fonts, colour profiles, outlines.
pub(crate) struct Shared<'d> {
    interpreter: InterpreterCache<'d>,
    outlines: RefCell<HashMap<u128, Outline>>,
}

impl Shared<'_> {
    pub(crate) fn new() -> Self {
        Self { interpreter: InterpreterCache::new(), outlines: RefCell::default() }
    }
}

impl Trace {
    pub(super) fn of<'d>(page: &'d Page<'d>, shared: &Shared<'d>) -> Trace {
        let (width, height) = page.render_dimensions();
        let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut tracer = Tracer {
            clips: vec![bounds],
            glyphs: Vec::new(),
            images: Vec::new(),
            has_shapes: false,
            is_plain: true,
            glyph_ink: None,
            hash: Sha256::new(),
            outlines: &shared.outlines,
        };
        tracer.hash.update(width.to_le_bytes());
        tracer.hash.update(height.to_le_bytes());

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
            fingerprint: tracer.hash.finalize().into(),
        }
    }
}

impl Trace {
    /// The glyphs that annotations draw.
    pub(super) fn of_annotations(&self) -> &[Placed] {
        &self.glyphs[self.of_content..]
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
    hash: Sha256,
    outlines: &'s RefCell<HashMap<u128, Outline>>,
}

impl Tracer<'_> {
    fn visible(&self) -> Rect {
        self.clips.last().copied().unwrap_or(Rect::ZERO)
    }

    fn note(&mut self, tag: u8, key: u128) {
        self.hash.update([tag]);
        self.hash.update(key.to_le_bytes());
    }

    fn note_transform(&mut self, transform: Affine) {
        for coefficient in transform.as_coeffs() {
            self.hash.update(coefficient.to_le_bytes());
        }
    }

    fn note_mode(&mut self, mode: &DrawMode) {
        // Widths and dashes included: their debug form holds every field.
        self.hash.update(format!("{mode:?}"));
    }

    fn note_props(&mut self, props: &DrawProps<'_>) {
        self.note_transform(props.transform);
        self.note(b'p', props.paint.cache_key());
        self.note(b's', props.soft_mask.as_ref().map_or(0, CacheKey::cache_key));
        self.hash.update([props.blend_mode as u8]);
    }

    /// An image's samples and everything that says what they mean. References are followed, so that equal images
    /// are equal whatever numbers their objects have.
    fn note_stream(&mut self, stream: &Stream<'_>, depth: u32) {
        for key in PICTURE_KEYS {
            if let Some(value) = stream.dict().get::<Object<'_>>(key) {
                self.hash.update(key);
                self.note_object(&value, depth);
            }
        }
        let data = stream.raw_data();
        self.hash.update((data.len() as u64).to_le_bytes());
        self.hash.update(&data);
    }

    fn note_object(&mut self, object: &Object<'_>, depth: u32) {
        if depth == 0 {
            return self.note(b'd', object.cache_key());
        }
        match object {
            Object::Stream(stream) => self.note_stream(stream, depth - 1),
            Object::Dict(dict) => {
                for (name, _) in dict.entries() {
                    self.hash.update(&*name);
                    if let Some(value) = dict.get::<Object<'_>>(&*name) {
                        self.note_object(&value, depth - 1);
                    }
                }
            }
            Object::Array(array) => {
                for item in array.iter::<Object<'_>>() {
                    self.note_object(&item, depth - 1);
                }
            }
            Object::Null(_)
            | Object::Boolean(_)
            | Object::Number(_)
            | Object::String(_)
            | Object::Name(_) => {
                self.note(b'o', object.cache_key());
            }
        }
    }

    /// Draws a glyph that is a little drawing; its ink on the page.
    fn draw_type3<'a>(&mut self, glyph: &Type3Glyph<'a>, to_page: Affine, paint: &Paint<'a>) -> Rect {
        let outer = self.glyph_ink.replace(Rect::ZERO);
        glyph.interpret(self, to_page, Affine::IDENTITY, paint);
        std::mem::replace(&mut self.glyph_ink, outer).unwrap_or(Rect::ZERO)
    }

    /// The outline's extent, and the same number for the same outline.
    fn outline(&mut self, glyph: &OutlineGlyph) -> Outline {
        let key = glyph.identifier().cache_key();
        *self.outlines.borrow_mut().entry(key).or_insert_with(|| {
            let path = glyph.outline();
            let digest = Sha256::digest(path_bytes(&path));
            let ink = if path.is_empty() { Rect::ZERO } else { path.control_box() };
            Outline { ink, digest: u128::from_le_bytes(digest[..16].try_into().unwrap_or_default()) }
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

/// The path as bytes: equal for equal paths.
fn path_bytes(path: &BezPath) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.elements().len() * 20);
    let mut put = |tag: u8, points: &[Point]| {
        bytes.push(tag);
        for point in points {
            bytes.extend(point.x.to_le_bytes());
            bytes.extend(point.y.to_le_bytes());
        }
    };
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(a) => put(b'm', &[a]),
            PathEl::LineTo(a) => put(b'l', &[a]),
            PathEl::QuadTo(a, b) => put(b'q', &[a, b]),
            PathEl::CurveTo(a, b, c) => put(b'c', &[a, b, c]),
            PathEl::ClosePath => put(b'h', &[]),
        }
    }
    bytes
}

impl<'a> Device<'a> for Tracer<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.hash.update(b"path");
        self.hash.update(path_bytes(path));
        self.note_props(&props);
        self.note_mode(mode);
        self.shape(props.transform.transform_rect_bbox(path.control_box()));
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.hash.update(b"clip");
        self.hash.update(path_bytes(&clip.path));
        self.hash.update([clip.fill as u8]);
        self.clips.push(self.visible().intersect(clip.path.control_box()));
    }

    fn pop_clip(&mut self) {
        self.hash.update(b"unclip");
        if self.clips.len() > 1 {
            self.clips.pop();
        }
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend_mode: BlendMode) {
        self.hash.update(b"group");
        self.is_plain &= opacity == 1.0 && mask.is_none() && blend_mode == BlendMode::Normal;
        self.hash.update(opacity.to_le_bytes());
        self.note(b's', mask.as_ref().map_or(0, CacheKey::cache_key));
        self.hash.update([blend_mode as u8]);
    }

    fn pop_transparency_group(&mut self) {
        self.hash.update(b"ungroup");
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.hash.update(b"text");
        self.note_props(&props);
        self.note_mode(mode);
        for glyph in run.glyphs() {
            let to_page = props.transform * glyph.transform();
            self.note_transform(to_page);
            self.hash.update(glyph.char_code().to_le_bytes());
            let text = glyphs::text_of(glyph.as_unicode());
            let (ink, advance) = match &**glyph {
                Glyph::Outline(outlined) => {
                    let outline = self.outline(outlined);
                    self.note(b'g', outline.digest);
                    (to_page.transform_rect_bbox(outline.ink), outlined.advance_width())
                }
                Glyph::Type3(drawing) => {
                    (self.draw_type3(drawing, to_page, &props.paint), drawing.advance_width())
                }
            };
            // A glyph inside a glyph is part of a drawing.
            if self.glyph_ink.is_some() {
                self.shape(ink);
                continue;
            }
            let placed = Placed::new(
                text,
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
        self.hash.update(b"image");
        self.note_transform(props.transform);
        self.note(b's', props.soft_mask.as_ref().map_or(0, CacheKey::cache_key));
        self.hash.update([props.blend_mode as u8]);
        let (width, height) = (image.width(), image.height());
        let is_opaque = match &image {
            Image::Stencil(stencil) => {
                self.note_stream(stencil.stream(), MAX_DEPTH);
                // Its colour is only shown together with its pixels; one is asked for, to decode as little as possible.
                let mut paint = 0;
                stencil.with_stencil(|_, with| paint = with.cache_key(), Some((1, 1)));
                self.note(b'p', paint);
                false
            }
            Image::Raster(raster) => {
                self.note_stream(raster.stream(), MAX_DEPTH);
                let has_mask = MASKS.iter().any(|key| raster.stream().dict().contains_key(key));
                self.is_plain
                    && !has_mask
                    && props.soft_mask.is_none()
                    && props.blend_mode == BlendMode::Normal
            }
        };
        // hayro's image space is in pixels.
        let whole =
            props.transform.transform_rect_bbox(Rect::new(0.0, 0.0, f64::from(width), f64::from(height)));
        if self.glyph_ink.is_some() {
            return self.shape(whole);
        }
        let area = whole.intersect(self.visible());
        self.images.push(PlacedImage {
            width,
            height,
            area,
            is_whole: area.area() > MOSTLY * whole.area(),
            is_opaque,
            glyphs_before: self.glyphs.len(),
            drawn_after: Rect::ZERO,
        });
    }
}
