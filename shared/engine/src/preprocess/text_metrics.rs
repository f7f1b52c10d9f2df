//! What the components of a page tell about its text before any of it is recognised: where it is densest, how high small
//! print is, and whether it is set in columns.

use super::{
    components::{Component, PageComponents},
    orientation::{Orientation, Rotation},
};
use crate::layout::reading_order::{self, LayoutBox};

/// Small print is not measured on a page with fewer characters.
const MIN_CHARACTERS: usize = 50;
/// A component with a greater aspect ratio counts as a dash. Some letters have one, but never most of them.
const MIN_DASH_ASPECT_RATIO: u32 = 2;
/// A page is divided into this many steps to find the band with the most characters.
const DENSITY_STEPS: usize = 100;

/// The band of the page that holds the most characters, from and to in parts of the page's side. `band_share` is the
/// band's share of that side, which has `side` pixels; `position` is where a component is on it.
pub(crate) fn densest_band(
    page: &PageComponents,
    band_share: f64,
    position: impl Fn(&Component) -> u32,
    side: u32,
) -> (f64, f64) {
    let mut counts = [0usize; DENSITY_STEPS];
    // The dashes of a dotted line would outnumber any letters.
    let is_dash = |component: &&Component| {
        let (width, height) = (component.width(), component.height());
        width.max(height) > MIN_DASH_ASPECT_RATIO * width.min(height)
    };
    for component in page.character_candidates().filter(|component| !is_dash(component)) {
        let step = position(component) as usize * DENSITY_STEPS / side.max(1) as usize;
        counts[step.min(DENSITY_STEPS - 1)] += 1;
    }
    let length = (band_share * DENSITY_STEPS as f64) as usize;
    let densest = (0..=DENSITY_STEPS - length)
        .max_by_key(|begin| counts[*begin..begin + length].iter().sum::<usize>())
        .unwrap_or(0);
    (densest as f64 / DENSITY_STEPS as f64, (densest + length) as f64 / DENSITY_STEPS as f64)
}

/// Whether the text of a page with this orientation is set in columns of prose.
pub(crate) fn has_columns(page: &PageComponents, orientation: Orientation) -> bool {
    let mut heights: Vec<u32> =
        page.character_candidates().map(|component| component.height().max(component.width())).collect();
    if heights.is_empty() {
        return false;
    }
    let middle = heights.len() / 2;
    let median_height = *heights.select_nth_unstable(middle).1;
    let deskew = orientation.deskew_transform();
    // Dots and dashes are not aligned with the letters.
    let letters = page
        .character_candidates()
        .filter(|component| 2 * component.height().max(component.width()) > median_height);
    let items: Vec<LayoutBox> = letters
        .map(|component| {
            let area = deskew.transform_rect_bbox(component.bounding_box());
            LayoutBox { x0: area.x0, x1: area.x1, y0: area.y0, y1: area.y1 }
        })
        .collect();
    reading_order::has_columns(&items)
}

/// The height of small print on a page with this rotation, in inches: four in five of its characters are at least as
/// high. None on a page with few characters.
pub(crate) fn small_print_inches(page: &PageComponents, rotation: Rotation) -> Option<f64> {
    let height = |component: &Component| {
        if rotation.has_horizontal_lines() { component.height() } else { component.width() }
    };
    let mut heights: Vec<u32> = page.character_candidates().map(height).collect();
    let (fifth, is_enough) = (heights.len() / 5, heights.len() >= MIN_CHARACTERS);
    is_enough.then(|| f64::from(*heights.select_nth_unstable(fifth).1) / page.dpi)
}
