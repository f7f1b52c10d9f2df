//! The cost of rendering a page, for pages where a few bytes ask for more than any page needs. Counted while the content is
//! recorded, before anything is rendered or decoded.

use hayro::{
    hayro_interpret::{DrawMode, StrokeProps},
    hayro_syntax::object::{Array, Dict, Number, Stream},
    kurbo::{BezPath, PathEl},
};

use super::image_headers;
use crate::error::PageError;

/// The densest dotted rule has a few thousand dashes.
const MAX_DASHES: u32 = 1_000_000;

/// The cost of what was recorded so far.
#[derive(Debug)]
pub(super) struct RenderCost {
    /// The pixel limit of one image.
    max_pixels: u64,
    dashes: f64,
    /// The size in pixels of the largest image.
    largest_image: (u32, u32),
}

impl RenderCost {
    pub(super) fn new(max_pixels: u64) -> RenderCost {
        RenderCost { max_pixels, dashes: 0.0, largest_image: (0, 0) }
    }

    /// Whether the page has more dashes than can be rendered in reasonable time.
    pub(super) fn exceeds_limit(&self) -> bool {
        self.dashes > f64::from(MAX_DASHES)
    }

    /// The error for the largest image, if its decoded size exceeds the pixel limit.
    pub(super) fn too_large_image(&self) -> Option<PageError> {
        let ((width, height), max_pixels) = (self.largest_image, self.max_pixels);
        (pixel_count(self.largest_image) > max_pixels).then_some(PageError::ImageTooLarge {
            width,
            height,
            max_pixels,
        })
    }

    /// Counts the dashes of a path.
    pub(super) fn add_path(&mut self, path: &BezPath, mode: &DrawMode) {
        match mode {
            DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke) => self.add_stroke(path, stroke),
            DrawMode::Fill(_) | DrawMode::Invisible => {}
        }
    }

    fn add_stroke(&mut self, path: &BezPath, stroke: &StrokeProps) {
        if stroke.dash_array.iter().any(|dash| *dash < 0.0) {
            // Not allowed (ISO 32000-2, 8.4.3.6); dashing would not end.
            self.dashes = f64::INFINITY;
        }
        let period: f64 = stroke.dash_array.iter().map(|dash| f64::from(*dash)).sum();
        if stroke.dash_array.is_empty() || period <= 0.0 {
            return;
        }
        // The length along the control points is never less than along the curve.
        let mut previous = None;
        let mut length = 0.0;
        for point in path.elements().iter().filter_map(PathEl::end_point) {
            length += previous.map_or(0.0, |previous| point.distance(previous));
            previous = Some(point);
        }
        self.dashes += length / period * stroke.dash_array.len() as f64;
    }

    /// Adds an image of this stated size. Some decoders go by a size in the data instead. Returns whether the decoded
    /// image is within the pixel limit.
    pub(super) fn add_image(&mut self, width: u32, height: u32, stream: &Stream<'_>) -> bool {
        let sizes =
            filter_sizes(stream.dict(), height).into_iter().chain(image_headers::decoded_size(stream));
        let largest = sizes.fold((width, height), |a, b| if pixel_count(b) > pixel_count(a) { b } else { a });
        if pixel_count(largest) > pixel_count(self.largest_image) {
            self.largest_image = largest;
        }
        pixel_count(largest) <= self.max_pixels
    }
}

/// The sizes that the parameters of the filters state (CCITTFaxDecode), with this height where they state none.
fn filter_sizes(dict: &Dict<'_>, height: u32) -> Vec<(u32, u32)> {
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

fn pixel_count((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}
