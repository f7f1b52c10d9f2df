//! Rectangles on a page.

use serde::{Deserialize, Serialize};

/// A rectangle on a page as it is shown (after the file's own rotation), in points (1/72 inch), origin at the top left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BBox {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge, not less than `x0`.
    pub x1: f32,
    /// Bottom edge, not less than `y0`.
    pub y1: f32,
}

impl BBox {
    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(&self, other: &BBox) -> BBox {
        BBox {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// Width in points.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// Height in points.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// The centre, `x` and `y`.
    #[must_use]
    pub fn center(&self) -> (f32, f32) {
        ((self.x0 + self.x1) / 2.0, (self.y0 + self.y1) / 2.0)
    }

    /// Whether the centre of `other` lies in this rectangle.
    #[must_use]
    pub fn contains_center(&self, other: &BBox) -> bool {
        let (x, y) = other.center();
        (self.x0..=self.x1).contains(&x) && (self.y0..=self.y1).contains(&y)
    }

    /// The part that lies on a page of this size, in points.
    #[must_use]
    pub fn clamp_to_page(self, width: f32, height: f32) -> BBox {
        BBox {
            x0: self.x0.clamp(0.0, width),
            y0: self.y0.clamp(0.0, height),
            x1: self.x1.clamp(0.0, width),
            y1: self.y1.clamp(0.0, height),
        }
    }
}
