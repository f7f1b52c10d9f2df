//! The fingerprint of a page: equal exactly for pages that draw the same in the same order.

use hayro::{
    hayro_interpret::{BlendMode, CacheKey, DrawMode, DrawProps, SoftMask, StrokeProps},
    hayro_syntax::object::{Object, Stream},
    kurbo::{Affine, BezPath, PathEl, Point},
};
use sha2::{Digest, Sha256};

/// Objects that refer to each other are followed this deep; an image's colour space with its profile needs four.
const MAX_DEPTH: u32 = 6;
/// A page draws many small things: so many bytes of them are hashed at once.
const BLOCK: usize = 8192;

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

/// A fingerprint in the making.
pub(super) struct Fingerprint {
    hash: Sha256,
    /// What is still to be hashed.
    buffer: Vec<u8>,
    /// The scale and slant of the glyph before: most glyphs differ from it in their place only.
    scale: [f64; 4],
}

impl Fingerprint {
    /// That of a page of this size on which nothing is drawn yet.
    pub(super) fn new(width: f32, height: f32) -> Fingerprint {
        let buffer = Vec::with_capacity(BLOCK + 128);
        let mut fingerprint = Fingerprint { hash: Sha256::new(), buffer, scale: [0.0; 4] };
        fingerprint.put(&width.to_le_bytes());
        fingerprint.put(&height.to_le_bytes());
        fingerprint
    }

    pub(super) fn finish(mut self) -> [u8; 32] {
        self.hash.update(&self.buffer);
        self.hash.finalize().into()
    }

    /// Takes note of bytes whose number what was noted before tells.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        if self.buffer.len() + bytes.len() > BLOCK {
            self.hash.update(&self.buffer);
            self.buffer.clear();
        }
        if bytes.len() > BLOCK {
            self.hash.update(bytes);
        } else {
            self.buffer.extend_from_slice(bytes);
        }
    }

    pub(super) fn note(&mut self, tag: u8, key: u128) {
        self.put(&[tag]);
        self.put(&key.to_le_bytes());
    }

    pub(super) fn note_transform(&mut self, transform: Affine) {
        for coefficient in transform.as_coeffs() {
            self.put(&coefficient.to_le_bytes());
        }
    }

    /// Where a glyph is drawn, which character it stands for in its font, and what it looks like.
    pub(super) fn note_glyph(&mut self, transform: Affine, code: u32, looks: Option<u128>) {
        let [a, b, c, d, x, y] = transform.as_coeffs();
        if self.scale.map(f64::to_bits) == [a, b, c, d].map(f64::to_bits) {
            self.put(b"=");
        } else {
            self.put(b"#");
            self.scale = [a, b, c, d];
            for coefficient in self.scale {
                self.put(&coefficient.to_le_bytes());
            }
        }
        self.put(&x.to_le_bytes());
        self.put(&y.to_le_bytes());
        self.put(&code.to_le_bytes());
        match looks {
            Some(digest) => self.note(b'g', digest),
            None => self.put(b"3"),
        }
    }

    pub(super) fn note_props(&mut self, props: &DrawProps<'_>) {
        self.note_transform(props.transform);
        self.note(b'p', props.paint.cache_key());
        self.note_blend(props.soft_mask.as_ref(), props.blend_mode);
    }

    pub(super) fn note_blend(&mut self, mask: Option<&SoftMask<'_>>, blend_mode: BlendMode) {
        self.note(b's', mask.map_or(0, CacheKey::cache_key));
        self.put(&[blend_mode as u8]);
    }

    pub(super) fn note_mode(&mut self, mode: &DrawMode) {
        match mode {
            DrawMode::Fill(rule) => self.put(&[b'f', *rule as u8]),
            DrawMode::Stroke(stroke) => {
                self.put(b"t");
                self.note_stroke(stroke);
            }
            DrawMode::FillAndStroke(rule, stroke) => {
                self.put(&[b'b', *rule as u8]);
                self.note_stroke(stroke);
            }
            DrawMode::Invisible => self.put(b"i"),
        }
    }

    fn note_stroke(&mut self, stroke: &StrokeProps) {
        let StrokeProps { line_width, line_cap, line_join, miter_limit, dash_array, dash_offset } = stroke;
        self.put(&(dash_array.len() as u64).to_le_bytes());
        for number in [line_width, miter_limit, dash_offset].into_iter().chain(dash_array) {
            self.put(&number.to_le_bytes());
        }
        self.put(&[*line_cap as u8, *line_join as u8]);
    }

    pub(super) fn note_path(&mut self, path: &BezPath) {
        self.put(&(path.elements().len() as u64).to_le_bytes());
        for element in path.elements() {
            let (tag, points): (u8, &[Point]) = match element {
                PathEl::MoveTo(a) => (b'm', &[*a]),
                PathEl::LineTo(a) => (b'l', &[*a]),
                PathEl::QuadTo(a, b) => (b'q', &[*a, *b]),
                PathEl::CurveTo(a, b, c) => (b'c', &[*a, *b, *c]),
                PathEl::ClosePath => (b'h', &[]),
            };
            self.put(&[tag]);
            for point in points {
                self.put(&point.x.to_le_bytes());
                self.put(&point.y.to_le_bytes());
            }
        }
    }

    /// An image's samples and everything that says what they mean. References are followed, so that equal images
    /// are equal whatever numbers their objects have.
    pub(super) fn note_image(&mut self, stream: &Stream<'_>) {
        self.note_stream(stream, MAX_DEPTH);
    }

    fn note_stream(&mut self, stream: &Stream<'_>, depth: u32) {
        for key in PICTURE_KEYS {
            if let Some(value) = stream.dict().get::<Object<'_>>(key) {
                self.put(key);
                self.note_object(&value, depth);
            }
        }
        let data = stream.raw_data();
        self.put(&(data.len() as u64).to_le_bytes());
        self.put(&data);
    }

    fn note_object(&mut self, object: &Object<'_>, depth: u32) {
        if depth == 0 {
            return self.note(b'd', object.cache_key());
        }
        match object {
            Object::Stream(stream) => self.note_stream(stream, depth - 1),
            Object::Dict(dict) => {
                for (name, _) in dict.entries() {
                    self.put(&name);
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
}

/// The same number for the same outline.
pub(super) fn of_outline(path: &BezPath) -> u128 {
    let mut fingerprint = Fingerprint::new(0.0, 0.0);
    fingerprint.note_path(path);
    u128::from_le_bytes(fingerprint.finish()[..16].try_into().unwrap_or_default())
}
