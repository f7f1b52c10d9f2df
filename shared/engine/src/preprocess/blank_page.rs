//! Blank page detection: whether a page holds anything besides dust, punch holes and the scanner's shadow.

use std::ops::RangeInclusive;

use super::components::{Component, PageComponents};

/// Smaller components are dust: less than the full stop of ten-point print.
const MIN_CONTENT_AREA_SQUARE_MM: f64 = 0.25;
/// Shorter components are noise.
const MIN_CONTENT_LENGTH_MM: f64 = 0.7;
/// Components that stay this close to the edge of the sheet are its shadow.
const MAX_SHADOW_MARGIN_MM: f64 = 6.0;
/// The diameter of punch holes, and their distance from the edge of the sheet.
const PUNCH_HOLE_MM: RangeInclusive<f64> = 4.0..=9.0;
const MAX_PUNCH_HOLE_MARGIN_MM: f64 = 20.0;
/// The width of a punch hole differs from its height by less than this share.
const MAX_ASPECT_DEVIATION_RATIO: f64 = 0.25;
/// A disk fills 0.785 of its square. The crescent shadow on one side of a hole fills less.
const MAX_PUNCH_HOLE_FILL_RATIO: f64 = 0.9;

pub(crate) fn is_blank(page: &PageComponents) -> bool {
    !page.components.iter().any(|component| is_content(page, component))
}

fn is_content(page: &PageComponents, component: &Component) -> bool {
    let square_mm = page.mm_to_px(1.0).powi(2);
    let (width, height) = (f64::from(component.width()), f64::from(component.height()));
    let is_dust = f64::from(component.area) < MIN_CONTENT_AREA_SQUARE_MM * square_mm;
    let is_noise = width.max(height) < page.mm_to_px(MIN_CONTENT_LENGTH_MM);
    !is_dust && !is_noise && !is_edge_shadow(page, component) && !is_punch_hole(page, component)
}

/// The distances of the component from the edges of the page: left, top, right, bottom.
fn margins(page: &PageComponents, component: &Component) -> [f64; 4] {
    [component.x0, component.y0, page.width - component.x1, page.height - component.y1].map(f64::from)
}

/// Whether the whole component is close to one edge of the sheet.
fn is_edge_shadow(page: &PageComponents, component: &Component) -> bool {
    let max_margin = page.mm_to_px(MAX_SHADOW_MARGIN_MM);
    let [left, top, right, bottom] = margins(page, component);
    let (width, height) = (f64::from(component.width()), f64::from(component.height()));
    left.min(right) + width <= max_margin || top.min(bottom) + height <= max_margin
}

/// Whether the component is round, near an edge, and of the size of a punch hole.
fn is_punch_hole(page: &PageComponents, component: &Component) -> bool {
    let mm = page.mm_to_px(1.0);
    let (width, height) = (f64::from(component.width()) / mm, f64::from(component.height()) / mm);
    let is_round = PUNCH_HOLE_MM.contains(&width)
        && PUNCH_HOLE_MM.contains(&height)
        && (width / height - 1.0).abs() < MAX_ASPECT_DEVIATION_RATIO;
    let fill = f64::from(component.area) / (f64::from(component.width()) * f64::from(component.height()));
    let margin = margins(page, component).into_iter().fold(f64::INFINITY, f64::min);
    is_round && fill < MAX_PUNCH_HOLE_FILL_RATIO && margin <= MAX_PUNCH_HOLE_MARGIN_MM * mm
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter page with these components, at 150 dpi.
    fn page(components: Vec<Component>) -> PageComponents {
        PageComponents { width: 1275, height: 1650, dpi: 150.0, components }
    }

    fn component(x: u32, y: u32, width: u32, height: u32, area: u32) -> Component {
        Component { x0: x, y0: y, x1: x + width, y1: y + height, area }
    }

    #[test]
    fn dust_punch_holes_and_shadows_leave_a_page_blank() {
        let hole = component(60, 300, 36, 36, 1000);
        let shadow = component(0, 0, 12, 1650, 9000);
        let dust = component(600, 700, 2, 3, 5);
        assert!(is_blank(&page(vec![hole, shadow, dust])));
    }

    #[test]
    fn single_letter_is_content() {
        assert!(!is_blank(&page(vec![component(600, 700, 12, 18, 90)])));
    }

    #[test]
    fn round_shape_in_the_middle_is_not_a_punch_hole() {
        assert!(!is_blank(&page(vec![component(600, 700, 36, 36, 1000)])));
    }
}
