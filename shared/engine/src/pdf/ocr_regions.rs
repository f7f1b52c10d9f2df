//! Which parts of a page must be recognised. Knows what the page draws, never its pixels.

use hayro::kurbo::{Rect, Size};

use super::content_recorder::{PlacedImage, Trace};

/// A part of a page that must be recognised.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    /// In points on the page as shown.
    pub(crate) area: Rect,
    /// Which of the page's images fills it, counted in the order in which they are drawn, if there is nothing else.
    pub(super) image: Option<usize>,
    /// Whether its pixels can be had. What is not drawable is not read, and the page says so.
    pub(super) is_drawable: bool,
}

/// Pictures this close to each other, in points, are parts of one: scans are often cut into strips.
const TOUCHING: f64 = 2.0;
/// A picture that holds print worth reading is at least so high and wide, and has at least so much area, in points.
/// Most logos have less: 10,000 square points are a label of 7 by 5 centimetres.
const LEAST_SIDE: f64 = 20.0;
const LEAST_AREA: f64 = 10_000.0;
/// Print on paper cannot be read at fewer pixels per inch. Shadings and backgrounds have fewer.
const LEAST_DPI: f64 = 50.0;
/// With more pictures to recognise than this, they are recognised as one.
const MANY: usize = 12;
/// With more parts than this, it is not asked which of them touch.
const SCATTERED: usize = 500;
/// A lone picture may leave so much of the page uncovered.
const LONE_MARGIN: f64 = 0.06;

/// Of the places of pictures that are not in the file, those that may have held text.
pub(super) fn lost(places: Vec<Rect>) -> Vec<Region> {
    let places = places.into_iter().filter(|area| is_worth_reading(*area));
    places.map(|area| Region { area, image: None, is_drawable: false }).collect()
}

/// The whole page; if it has a picture that is too large to be drawn and nothing but pictures, each by itself.
pub(super) fn whole(trace: &Trace) -> Vec<Region> {
    if trace.shows_only_pictures() && trace.images.iter().any(|image| image.is_too_large) {
        return to_recognise(trace, |_| false, &[]);
    }
    let area = Size::new(f64::from(trace.width), f64::from(trace.height)).to_rect();
    let is_lone = match &trace.images[..] {
        [image] => {
            is_alone(trace, 0) && !trace.has_shapes && image.area.area() > (1.0 - LONE_MARGIN) * area.area()
        }
        _ => false,
    };
    vec![Region { area, image: is_lone.then_some(0), is_drawable: is_drawable(trace, area) }]
}

/// Whether no picture lies there that is too large: to draw a part of it is to decode all of it.
fn is_drawable(trace: &Trace, area: Rect) -> bool {
    !trace.images.iter().any(|image| image.is_too_large && touch(image.area, area))
}

/// The pictures that may hold text and are not `known` to have been read, and the areas of `unsound` text.
pub(super) fn to_recognise(trace: &Trace, known: impl Fn(Rect) -> bool, unsound: &[Rect]) -> Vec<Region> {
    let parts = trace.images.iter().enumerate().map(|(number, image)| Part::of(number, image)).collect();
    let pictures = clusters(parts).into_iter().filter(|part| part.may_hold_print() && !known(part.area));
    let unsound = unsound.iter().map(|area| Part { area: *area, pixels: 0.0, painted: 0.0, image: None });
    let mut parts = clusters(pictures.chain(unsound).collect());
    if parts.len() > MANY {
        parts = parts.into_iter().reduce(Part::with).into_iter().collect();
    }
    parts.sort_by(|a, b| a.area.y0.total_cmp(&b.area.y0));
    let image = |part: &Part| part.image.filter(|number| is_alone(trace, *number));
    let region = |part: &Part| Region {
        area: part.area,
        image: image(part),
        is_drawable: is_drawable(trace, part.area),
    };
    parts.iter().map(region).collect()
}

/// Whether what the page shows of an image is all of it, and no drawing lies on it.
fn is_alone(trace: &Trace, number: usize) -> bool {
    let image = &trace.images[number];
    // Rectangles that only touch do not count: nothing at all lies in the corner of the page.
    let is_drawn_over = image.drawn_after.intersect(image.area).area() > 0.0;
    trace.is_plain && image.is_whole && !is_drawn_over
}

/// One or several pictures.
#[derive(Debug)]
struct Part {
    area: Rect,
    /// How many pixels its pictures have, and how much of the page they cover.
    pixels: f64,
    painted: f64,
    image: Option<usize>,
}

impl Part {
    fn of(number: usize, image: &PlacedImage) -> Part {
        Part {
            area: image.area,
            pixels: image.pixels() as f64,
            painted: image.area.area(),
            image: Some(number),
        }
    }

    fn with(self, other: Part) -> Part {
        Part {
            area: self.area.union(other.area),
            pixels: self.pixels + other.pixels,
            painted: self.painted + other.painted,
            image: None,
        }
    }

    fn may_hold_print(&self) -> bool {
        let dpi = 72.0 * (self.pixels / self.painted.max(1.0)).sqrt();
        is_worth_reading(self.area) && dpi >= LEAST_DPI
    }
}

fn is_worth_reading(area: Rect) -> bool {
    area.width().min(area.height()) >= LEAST_SIDE && area.area() >= LEAST_AREA
}

/// Joins parts that touch each other until none do.
fn clusters(parts: Vec<Part>) -> Vec<Part> {
    let parts: Vec<Part> =
        parts.into_iter().filter(|part| part.area.width() > 0.0 && part.area.height() > 0.0).collect();
    if parts.len() > SCATTERED {
        return parts.into_iter().reduce(Part::with).into_iter().collect();
    }
    let mut clusters: Vec<Part> = Vec::new();
    for mut part in parts {
        // What a joined part has grown to may touch others in turn.
        while let Some(at) = clusters.iter().position(|other| touch(other.area, part.area)) {
            part = part.with(clusters.swap_remove(at));
        }
        clusters.push(part);
    }
    clusters
}

fn touch(a: Rect, b: Rect) -> bool {
    a.inflate(TOUCHING, TOUCHING).overlaps(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(x0: f64, y0: f64, x1: f64, y1: f64, dpi: f64) -> Part {
        let area = Rect::new(x0, y0, x1, y1);
        Part { area, pixels: area.area() * (dpi / 72.0).powi(2), painted: area.area(), image: Some(0) }
    }

    #[test]
    fn strips_of_a_scan_are_one_picture_and_pictures_apart_are_two() {
        let strips = (0..20).map(|n| part(0.0, 10.0 * f64::from(n), 200.0, 10.0 * f64::from(n + 1), 200.0));
        let found = clusters(strips.chain([part(300.0, 0.0, 400.0, 200.0, 200.0)]).collect());
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(Part::may_hold_print), "{found:?}");
    }

    #[test]
    fn logos_rules_and_shadings_hold_no_print() {
        assert!(!part(0.0, 0.0, 110.0, 50.0, 300.0).may_hold_print(), "a logo");
        assert!(!part(0.0, 0.0, 600.0, 4.0, 300.0).may_hold_print(), "a rule");
        assert!(!part(0.0, 0.0, 600.0, 800.0, 2.0).may_hold_print(), "a shading");
        assert!(part(0.0, 0.0, 300.0, 40.0, 100.0).may_hold_print(), "two lines of print");
    }
}
