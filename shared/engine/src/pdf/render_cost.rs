//! What drawing a page would cost, where a few bytes of it ask for more than any page needs. Counts while the page is
//! traced, before anything is drawn or decoded.

use hayro::{
    hayro_interpret::{DrawMode, StrokeProps},
    hayro_syntax::object::{Array, Dict, Number, Stream},
    kurbo::{BezPath, PathEl},
};

use super::image_headers;
use crate::error::PageError;

/// The most dashes on a page. The densest dotted rule has a few thousand.
const MAX_DASHES: f64 = 1_000_000.0;

/// What was counted so far.
#[derive(Debug)]
pub(super) struct Effort {
    /// The most pixels of one picture.
    max_pixels: u64,
    dashes: f64,
    /// The largest picture, in pixels across and down.
    largest: (u32, u32),
}

impl Effort {
    pub(super) fn new(max_pixels: u64) -> Effort {
        Effort { max_pixels, dashes: 0.0, largest: (0, 0) }
    }

    /// Whether the page would take longer to draw than anybody waits.
    pub(super) fn is_absurd(&self) -> bool {
        self.dashes > MAX_DASHES
    }

    /// The size of the picture with the most pixels, as it is when it is decoded, if it has more than are read.
    pub(super) fn too_large(&self) -> Option<PageError> {
        let ((width, height), max_pixels) = (self.largest, self.max_pixels);
        (pixels(self.largest) > max_pixels).then_some(PageError::TooLarge { width, height, max_pixels })
    }

    /// Counts the dashes into which the path is cut.
    pub(super) fn note_path(&mut self, path: &BezPath, mode: &DrawMode) {
        match mode {
            DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke) => self.note_stroke(path, stroke),
            DrawMode::Fill(_) | DrawMode::Invisible => {}
        }
    }

    fn note_stroke(&mut self, path: &BezPath, stroke: &StrokeProps) {
        if stroke.dash_array.iter().any(|dash| *dash < 0.0) {
            // Not allowed (ISO 32000-2, 8.4.3.6), and cutting a path so goes on forever.
            self.dashes = f64::INFINITY;
        }
        let period: f64 = stroke.dash_array.iter().map(|dash| f64::from(*dash)).sum();
        if stroke.dash_array.is_empty() || period <= 0.0 {
            return;
        }
        // Along the control points, which is never less than along the curve.
        let mut at = None;
        let mut length = 0.0;
        for point in path.elements().iter().filter_map(PathEl::end_point) {
            length += at.map_or(0.0, |at| point.distance(at));
            at = Some(point);
        }
        self.dashes += length / period * stroke.dash_array.len() as f64;
    }

    /// Notes a picture of this size. Some decoders go by a size of their own. Says whether the picture, as it is when
    /// it is decoded, has no more pixels than are read.
    pub(super) fn note_picture(&mut self, width: u32, height: u32, stream: &Stream<'_>) -> bool {
        let sizes = fax_sizes(stream.dict(), height).into_iter().chain(image_headers::size(stream));
        let largest = sizes.fold((width, height), |a, b| if pixels(b) > pixels(a) { b } else { a });
        if pixels(largest) > pixels(self.largest) {
            self.largest = largest;
        }
        pixels(largest) <= self.max_pixels
    }
}

/// The sizes that the parameters of a picture's filters give it, if it is of this height.
fn fax_sizes(dict: &Dict<'_>, height: u32) -> Vec<(u32, u32)> {
    let mut parameters: Vec<Dict<'_>> = Vec::new();
    for key in [&b"DecodeParms"[..], b"DP"] {
        parameters.extend(dict.get::<Dict<'_>>(key));
        parameters.extend(dict.get::<Array<'_>>(key).iter().flat_map(Array::iter::<Dict<'_>>));
    }
    let side = |dict: &Dict<'_>, key: &[u8]| {
        dict.get::<Number>(key).and_then(|side| u32::try_from(side.as_i64()).ok())
    };
    let size = |dict| Some((side(dict, b"Columns")?, side(dict, b"Rows").unwrap_or(height)));
    parameters.iter().filter_map(size).collect()
}

fn pixels((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}
