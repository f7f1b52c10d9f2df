//! Whether there is anything on a page but dust, punch holes and the scanner's shadow.

use super::components::{Ink, Mark};

/// Smaller marks are dust, in square millimetres: less than a full stop in ten-point print.
const DUST: f64 = 0.25;
/// Shorter marks are grain, in millimetres.
const GRAIN: f64 = 0.7;
/// Marks that stay this close to the edge of the sheet are its shadow, in millimetres.
const EDGE: f64 = 6.0;
/// Punch holes have about this diameter and lie within this distance from an edge, in millimetres.
const HOLE: std::ops::RangeInclusive<f64> = 4.0..=9.0;
const HOLE_MARGIN: f64 = 20.0;

pub(crate) fn is_blank(ink: &Ink) -> bool {
    !ink.marks.iter().any(|mark| is_content(ink, mark))
}

fn is_content(ink: &Ink, mark: &Mark) -> bool {
    let square_millimetre = ink.millimetres(1.0).powi(2);
    let (width, height) = (f64::from(mark.width()), f64::from(mark.height()));
    if f64::from(mark.area) < DUST * square_millimetre || width.max(height) < ink.millimetres(GRAIN) {
        return false;
    }
    !is_shadow(ink, mark) && !is_hole(ink, mark)
}

/// The distance of each side of the mark from each edge of the page: left, top, right, bottom.
fn margins(ink: &Ink, mark: &Mark) -> [f64; 4] {
    [mark.x0, mark.y0, ink.width - mark.x1, ink.height - mark.y1].map(f64::from)
}

/// Whether the mark lies along an edge of the sheet and nowhere else.
fn is_shadow(ink: &Ink, mark: &Mark) -> bool {
    let edge = ink.millimetres(EDGE);
    let [left, top, right, bottom] = margins(ink, mark);
    let (width, height) = (f64::from(mark.width()), f64::from(mark.height()));
    left.min(right) + width <= edge || top.min(bottom) + height <= edge
}

/// Whether the mark is round, near an edge, and as large as a punch makes it.
fn is_hole(ink: &Ink, mark: &Mark) -> bool {
    let size = ink.millimetres(1.0);
    let (width, height) = (f64::from(mark.width()) / size, f64::from(mark.height()) / size);
    let is_round = HOLE.contains(&width) && HOLE.contains(&height) && (width / height - 1.0).abs() < 0.25;
    // A disk fills 0.785 of its square; the shadow on one side of a hole, a sickle, less.
    let filled = f64::from(mark.area) / (f64::from(mark.width()) * f64::from(mark.height()));
    let margin = margins(ink, mark).into_iter().fold(f64::INFINITY, f64::min);
    is_round && filled < 0.9 && margin <= HOLE_MARGIN * size
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter page with these marks, at 150 dpi.
    fn page(marks: Vec<Mark>) -> Ink {
        Ink { width: 1275, height: 1650, dpi: 150.0, marks }
    }

    fn mark(x: u32, y: u32, width: u32, height: u32, area: u32) -> Mark {
        Mark { x0: x, y0: y, x1: x + width, y1: y + height, area }
    }

    #[test]
    fn dust_holes_and_shadows_are_nothing() {
        let hole = mark(60, 300, 36, 36, 1000);
        let shadow = mark(0, 0, 12, 1650, 9000);
        let dust = mark(600, 700, 2, 3, 5);
        assert!(is_blank(&page(vec![hole, shadow, dust])));
    }

    #[test]
    fn a_single_letter_is_something() {
        assert!(!is_blank(&page(vec![mark(600, 700, 12, 18, 90)])));
    }

    #[test]
    fn a_round_mark_in_the_middle_is_no_punch_hole() {
        assert!(!is_blank(&page(vec![mark(600, 700, 36, 36, 1000)])));
    }
}
