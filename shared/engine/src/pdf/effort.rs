//! What drawing a page would cost, where a few bytes of it ask for more than any page needs. Counts while the page is
//! traced, before anything is drawn or decoded.

use hayro::{
    hayro_interpret::{DrawMode, StrokeProps},
    hayro_syntax::object::{Array, Dict, Number, Stream},
    kurbo::{BezPath, PathEl},
};

/// The most dashes on a page. The densest dotted rule has a few thousand.
const MAX_DASHES: f64 = 1_000_000.0;

/// What was counted so far.
#[derive(Debug, Default)]
pub(super) struct Effort {
    dashes: f64,
    /// The largest picture, in pixels across and down.
    largest: (u32, u32),
}

impl Effort {
    /// Whether the page would take longer to draw than anybody waits.
    pub(super) fn is_absurd(&self) -> bool {
        self.dashes > MAX_DASHES
    }

    /// The size of the picture with the most pixels, as it is when it is decoded.
    pub(super) fn largest_picture(&self) -> (u32, u32) {
        self.largest
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

    /// Notes a picture of this size. The decoder of faxes goes by a size of its own.
    pub(super) fn note_picture(&mut self, width: u32, height: u32, stream: &Stream<'_>) {
        let dict = stream.dict();
        let mut parameters: Vec<Dict<'_>> = Vec::new();
        for key in [&b"DecodeParms"[..], b"DP"] {
            parameters.extend(dict.get::<Dict<'_>>(key));
            parameters.extend(dict.get::<Array<'_>>(key).iter().flat_map(Array::iter::<Dict<'_>>));
        }
        let side = |dict: &Dict<'_>, key: &[u8]| {
            dict.get::<Number>(key).and_then(|side| u32::try_from(side.as_i64()).ok())
        };
        let claimed = parameters
            .iter()
            .filter_map(|dict| Some((side(dict, b"Columns")?, side(dict, b"Rows").unwrap_or(height))));
        for size in claimed.chain([(width, height)]) {
            if pixels(size) > pixels(self.largest) {
                self.largest = size;
            }
        }
    }
}

fn pixels((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}
