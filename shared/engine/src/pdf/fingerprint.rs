//! The fingerprint of a page: a hash that is equal exactly for pages that draw the same in the same order.

use hayro::{
    hayro_interpret::{BlendMode, CacheKey, DrawMode, DrawProps, SoftMask, StrokeProps},
    hayro_syntax::object::{Object, Stream},
    kurbo::{Affine, BezPath, PathEl, Point},
};
use sha2::{Digest, Sha256};

/// References between objects are followed this deep; an image's colour space with its profile needs four.
const MAX_OBJECT_DEPTH: u32 = 6;
/// Small writes are collected and hashed in blocks of this size.
const BLOCK_BYTES: usize = 8192;

/// The entries of an image that define the meaning of its samples (ISO 32000-2, 8.9.5, and 8.9.7 for inline images), and
/// of the streams that those refer to.
const IMAGE_KEYS: [&[u8]; 21] = [
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

/// Hashes what a page draws.
pub(super) struct FingerprintHasher {
    hash: Sha256,
    /// Bytes that are not hashed yet.
    buffer: Vec<u8>,
    /// The scale and slant of the previous glyph: most glyphs differ from it in position only.
    scale: [f64; 4],
}

impl FingerprintHasher {
    /// A hasher for a page of this size.
    pub(super) fn new(width: f32, height: f32) -> FingerprintHasher {
        let buffer = Vec::with_capacity(BLOCK_BYTES + 128);
        let mut hasher = FingerprintHasher { hash: Sha256::new(), buffer, scale: [0.0; 4] };
        hasher.write(&width.to_le_bytes());
        hasher.write(&height.to_le_bytes());
        hasher
    }

    pub(super) fn finish(mut self) -> [u8; 32] {
        self.hash.update(&self.buffer);
        self.hash.finalize().into()
    }

    /// Adds bytes. Their number must follow from what was added before.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        if self.buffer.len() + bytes.len() > BLOCK_BYTES {
            self.hash.update(&self.buffer);
            self.buffer.clear();
        }
        if bytes.len() > BLOCK_BYTES {
            self.hash.update(bytes);
        } else {
            self.buffer.extend_from_slice(bytes);
        }
    }

    pub(super) fn add_key(&mut self, tag: u8, key: u128) {
        self.write(&[tag]);
        self.write(&key.to_le_bytes());
    }

    pub(super) fn add_transform(&mut self, transform: Affine) {
        for coefficient in transform.as_coeffs() {
            self.write(&coefficient.to_le_bytes());
        }
    }

    /// Adds a glyph: its transform, its code in the font, and the digest of its outline; none for a Type 3 glyph.
    pub(super) fn add_glyph(&mut self, transform: Affine, code: u32, outline: Option<u128>) {
        let [a, b, c, d, x, y] = transform.as_coeffs();
        if self.scale.map(f64::to_bits) == [a, b, c, d].map(f64::to_bits) {
            self.write(b"=");
        } else {
            self.write(b"#");
            self.scale = [a, b, c, d];
            for coefficient in self.scale {
                self.write(&coefficient.to_le_bytes());
            }
        }
        self.write(&x.to_le_bytes());
        self.write(&y.to_le_bytes());
        self.write(&code.to_le_bytes());
        match outline {
            Some(digest) => self.add_key(b'g', digest),
            None => self.write(b"3"),
        }
    }

    pub(super) fn add_props(&mut self, props: &DrawProps<'_>) {
        self.add_transform(props.transform);
        self.add_key(b'p', props.paint.cache_key());
        self.add_blend(props.soft_mask.as_ref(), props.blend_mode);
    }

    pub(super) fn add_blend(&mut self, mask: Option<&SoftMask<'_>>, blend_mode: BlendMode) {
        self.add_key(b's', mask.map_or(0, CacheKey::cache_key));
        self.write(&[blend_mode as u8]);
    }

    pub(super) fn add_mode(&mut self, mode: &DrawMode) {
        match mode {
            DrawMode::Fill(rule) => self.write(&[b'f', *rule as u8]),
            DrawMode::Stroke(stroke) => {
                self.write(b"t");
                self.add_stroke(stroke);
            }
            DrawMode::FillAndStroke(rule, stroke) => {
                self.write(&[b'b', *rule as u8]);
                self.add_stroke(stroke);
            }
            DrawMode::Invisible => self.write(b"i"),
        }
    }

    fn add_stroke(&mut self, stroke: &StrokeProps) {
        let StrokeProps { line_width, line_cap, line_join, miter_limit, dash_array, dash_offset } = stroke;
        self.write(&(dash_array.len() as u64).to_le_bytes());
        for number in [line_width, miter_limit, dash_offset].into_iter().chain(dash_array) {
            self.write(&number.to_le_bytes());
        }
        self.write(&[*line_cap as u8, *line_join as u8]);
    }

    pub(super) fn add_path(&mut self, path: &BezPath) {
        self.write(&(path.elements().len() as u64).to_le_bytes());
        for element in path.elements() {
            let (tag, points): (u8, &[Point]) = match element {
                PathEl::MoveTo(a) => (b'm', &[*a]),
                PathEl::LineTo(a) => (b'l', &[*a]),
                PathEl::QuadTo(a, b) => (b'q', &[*a, *b]),
                PathEl::CurveTo(a, b, c) => (b'c', &[*a, *b, *c]),
                PathEl::ClosePath => (b'h', &[]),
            };
            self.write(&[tag]);
            for point in points {
                self.write(&point.x.to_le_bytes());
                self.write(&point.y.to_le_bytes());
            }
        }
    }

    /// Adds an image's samples and the entries that define their meaning. References are followed, so that equal images
    /// have equal fingerprints whatever their object numbers.
    pub(super) fn add_image(&mut self, stream: &Stream<'_>) {
        self.add_stream(stream, MAX_OBJECT_DEPTH);
    }

    fn add_stream(&mut self, stream: &Stream<'_>, depth: u32) {
        for key in IMAGE_KEYS {
            if let Some(value) = stream.dict().get::<Object<'_>>(key) {
                self.write(key);
                self.add_object(&value, depth);
            }
        }
        let data = stream.raw_data();
        self.write(&(data.len() as u64).to_le_bytes());
        self.write(&data);
    }

    fn add_object(&mut self, object: &Object<'_>, depth: u32) {
        if depth == 0 {
            return self.add_key(b'd', object.cache_key());
        }
        match object {
            Object::Stream(stream) => self.add_stream(stream, depth - 1),
            Object::Dict(dict) => {
                for (name, _) in dict.entries() {
                    self.write(&name);
                    if let Some(value) = dict.get::<Object<'_>>(&*name) {
                        self.add_object(&value, depth - 1);
                    }
                }
            }
            Object::Array(array) => {
                for item in array.iter::<Object<'_>>() {
                    self.add_object(&item, depth - 1);
                }
            }
            Object::Null(_)
            | Object::Boolean(_)
            | Object::Number(_)
            | Object::String(_)
            | Object::Name(_) => {
                self.add_key(b'o', object.cache_key());
            }
        }
    }
}

/// A digest of an outline.
pub(super) fn outline_digest(path: &BezPath) -> u128 {
    let mut hasher = FingerprintHasher::new(0.0, 0.0);
    hasher.add_path(path);
    u128::from_le_bytes(hasher.finish()[..16].try_into().unwrap_or_default())
}
