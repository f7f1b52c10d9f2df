//! Handwriting detection. Tells handwriting from print by the shape of its components alone: joined strokes, longer and
//! higher than the letters of the page, of a pen's thickness, that wind. Letters written one by one look like print and
//! are not found. Recognises nothing.

use hayro::kurbo::Rect;

use crate::preprocess::{
    PreprocessedPage,
    binarize::binarize_adaptive,
    bitmap::Bitmap,
    components::{ANALYSIS_DPI, Component, connected_components},
    resample::downsample,
    ruling_lines::erase_likely_lines,
};

/// The least width and height of joined strokes, in parts of the height of the page's capitals.
const MIN_WIDTH_RATIO: f64 = 2.2;
const MIN_HEIGHT_RATIO: f64 = 1.3;
/// What is wider or higher is a drawing, a curve, or a crease.
const MAX_WIDTH_MM: f64 = 90.0;
const MAX_HEIGHT_MM: f64 = 35.0;
/// The greatest thickness of a pen's stroke.
const MAX_STROKE_THICKNESS_MM: f64 = 1.1;
/// Handwriting winds: its strokes are this many times longer than the diagonal of its bounding box.
const MIN_WINDING_RATIO: f64 = 1.7;
/// The share of its bounding box that is foreground.
const MAX_FILL_SHARE: f64 = 0.36;
/// The height of capitals on a page with too little print to measure it: that of ten-point print.
const DEFAULT_CAPITAL_HEIGHT_MM: f64 = 2.5;
/// The height of capitals is measured on pages with as many letters.
const MIN_LETTERS: usize = 20;
/// The share of the letters that are lower than capitals, or as high.
const CAPITAL_HEIGHT_SHARE: f64 = 0.8;
/// Components that are no further apart, horizontally and vertically, belong to the same handwriting.
const MAX_HORIZONTAL_GAP_MM: f64 = 4.0;
const MAX_VERTICAL_GAP_MM: f64 = 1.0;
/// Smaller components are noise.
const MIN_COMPONENT_MM: f64 = 0.5;
/// Shorter handwriting is not reported.
const MIN_LENGTH_MM: f64 = 8.0;
/// The most components per square millimetre. Where there are more, they are the grain of a photograph.
const MAX_DENSITY_PER_SQUARE_MM: f64 = 0.3;
/// A component belongs to words that cover this share of its bounding box.
const MIN_COVERED_SHARE: f64 = 0.4;

/// The regions of handwriting on a page, in its pixels; none overlap. Nothing inside `confident_words` is handwriting. A
/// component inside `doubtful_words` may be the core of a region, but does not extend one.
pub(crate) fn find_handwriting(
    page: &PreprocessedPage,
    confident_words: &[Rect],
    doubtful_words: &[Rect],
) -> Vec<Rect> {
    let factor = (page.dpi / ANALYSIS_DPI).round().max(1.0);
    let mut bitmap = binarize_adaptive(&downsample(&page.image, factor as u32));
    let dpi = page.dpi / factor;
    erase_likely_lines(&mut bitmap, dpi);
    let mm = dpi / 25.4;
    let [confident_words, doubtful_words] = [confident_words, doubtful_words]
        .map(|words| words.iter().map(|word| scale_rect(word, 1.0 / factor)).collect::<Vec<_>>());
    let components = connected_components(&bitmap);
    let (letters, unread): (Vec<Component>, Vec<Component>) =
        components.iter().partition(|component| is_covered_by(&component.bounding_box(), &confident_words));
    let capital_height = capital_height(&letters, mm);
    let (joined, single): (Vec<Component>, Vec<Component>) = unread.into_iter().partition(|component| {
        has_size_of_joined_strokes(component, capital_height, mm) && has_pen_strokes(&bitmap, component, mm)
    });
    let single = single
        .iter()
        .filter(|component| can_extend_handwriting(component, mm))
        .map(Component::bounding_box)
        .filter(|component| !is_covered_by(component, &doubtful_words))
        .collect();

    let cores = merge_adjacent(joined.iter().map(Component::bounding_box).collect(), mm);
    let mut regions = merge_adjacent(extend_sideways(cores, single, mm), mm);
    regions.retain(|region| {
        let component_count =
            components.iter().filter(|component| region.contains(component.bounding_box().center())).count();
        region.width() >= MIN_LENGTH_MM * mm
            && component_count as f64 <= MAX_DENSITY_PER_SQUARE_MM * region.area() / (mm * mm)
    });
    regions.iter().map(|region| scale_rect(region, factor)).collect()
}

/// Extends each core by the single components to its left and right.
fn extend_sideways(cores: Vec<Rect>, mut single: Vec<Rect>, mm: f64) -> Vec<Rect> {
    let mut regions = Vec::with_capacity(cores.len());
    for core in cores {
        let mut region = core;
        let mut is_growing = true;
        while is_growing {
            let count_before = single.len();
            single.retain(|component| {
                let is_beside = (core.y0..=core.y1).contains(&component.center().y)
                    && component.x0 <= region.x1 + MAX_HORIZONTAL_GAP_MM * mm
                    && component.x1 >= region.x0 - MAX_HORIZONTAL_GAP_MM * mm;
                if is_beside {
                    region = region.union(*component);
                }
                !is_beside
            });
            is_growing = single.len() < count_before;
        }
        regions.push(region);
    }
    regions
}

/// Whether a component may be a letter, a dot or a dash of handwriting.
fn can_extend_handwriting(component: &Component, mm: f64) -> bool {
    let (width, height) = (f64::from(component.width()), f64::from(component.height()));
    width.max(height) >= MIN_COMPONENT_MM * mm && width <= MAX_WIDTH_MM * mm && height <= MAX_HEIGHT_MM * mm
}

/// The height of the capitals of the page's print, in pixels.
fn capital_height(letters: &[Component], mm: f64) -> f64 {
    let mut heights: Vec<u32> = letters
        .iter()
        .map(Component::height)
        .filter(|height| f64::from(*height) >= MIN_COMPONENT_MM * mm)
        .collect();
    if heights.len() < MIN_LETTERS {
        return DEFAULT_CAPITAL_HEIGHT_MM * mm;
    }
    let at = (CAPITAL_HEIGHT_SHARE * heights.len() as f64) as usize;
    f64::from(*heights.select_nth_unstable(at).1)
}

fn is_covered_by(component: &Rect, words: &[Rect]) -> bool {
    let covered: f64 = words.iter().map(|word| word.intersect(*component).area()).sum();
    covered >= MIN_COVERED_SHARE * component.area()
}

/// Whether a component is longer and higher than letters are.
fn has_size_of_joined_strokes(component: &Component, capital_height: f64, mm: f64) -> bool {
    let (width, height) = (f64::from(component.width()), f64::from(component.height()));
    (MIN_WIDTH_RATIO * capital_height..=MAX_WIDTH_MM * mm).contains(&width)
        && (MIN_HEIGHT_RATIO * capital_height..=MAX_HEIGHT_MM * mm).contains(&height)
}

/// Whether a component consists of the thin and winding strokes of a pen.
fn has_pen_strokes(bitmap: &Bitmap, component: &Component, mm: f64) -> bool {
    let (mut pixels, mut horizontal_runs, mut vertical_runs) = (0usize, 0usize, 0usize);
    for y in component.y0 as usize..component.y1 as usize {
        for x in component.x0 as usize..component.x1 as usize {
            if bitmap.is_foreground(x, y) {
                pixels += 1;
                horizontal_runs += usize::from(x == 0 || !bitmap.is_foreground(x - 1, y));
                vertical_runs += usize::from(y == 0 || !bitmap.is_foreground(x, y - 1));
            }
        }
    }
    // A straight stroke is one run on each row and on each column that it crosses.
    let stroke_length = (horizontal_runs as f64).hypot(vertical_runs as f64).max(1.0);
    let (width, height) = (f64::from(component.width()), f64::from(component.height()));
    pixels as f64 <= MAX_STROKE_THICKNESS_MM * mm * stroke_length
        && stroke_length >= MIN_WINDING_RATIO * width.hypot(height)
        && pixels as f64 <= MAX_FILL_SHARE * width * height
}

/// Merges areas that are adjacent until none are.
fn merge_adjacent(areas: Vec<Rect>, mm: f64) -> Vec<Rect> {
    let mut merged: Vec<Rect> = Vec::new();
    for mut area in areas {
        while let Some(at) = merged.iter().position(|other| is_adjacent(other, &area, mm)) {
            area = area.union(merged.swap_remove(at));
        }
        merged.push(area);
    }
    merged
}

fn is_adjacent(one: &Rect, other: &Rect, mm: f64) -> bool {
    one.inflate(MAX_HORIZONTAL_GAP_MM * mm, MAX_VERTICAL_GAP_MM * mm).overlaps(*other)
}

fn scale_rect(area: &Rect, factor: f64) -> Rect {
    Rect::new(area.x0 * factor, area.y0 * factor, area.x1 * factor, area.y1 * factor)
}
