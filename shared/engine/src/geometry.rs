//! Conversions between the boxes of pages and the rectangles of the geometry crate, and the median.

use hayro::kurbo::{Point, Rect};
use maneiro_page::BBox;

/// The rectangle as a box on a page.
pub(crate) fn bbox_from_rect(rect: Rect) -> BBox {
    BBox { x0: rect.x0 as f32, y0: rect.y0 as f32, x1: rect.x1 as f32, y1: rect.y1 as f32 }
}

/// The box as a rectangle.
pub(crate) fn rect_from_bbox(bbox: BBox) -> Rect {
    let [x0, y0, x1, y1] = [bbox.x0, bbox.y0, bbox.x1, bbox.y1].map(f64::from);
    Rect::new(x0, y0, x1, y1)
}

/// The centre of the box.
pub(crate) fn bbox_center(bbox: &BBox) -> Point {
    let (x, y) = bbox.center();
    Point::new(x.into(), y.into())
}

/// The median; of an even number of values the upper of the two in the middle. None if there are no values.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}
