//! Where somebody has written by hand: marks that no printer makes and that nothing was read of. Tells it from print by
//! its shape alone: joined strokes, longer and higher than the page's letters, of a pen's thickness, that wind. Letters
//! written one by one look like print and are not found. Never says what is written.

use hayro::kurbo::Rect;

use crate::preprocess::{
    Prepared,
    bitmap::Bitmap,
    components::{self, DPI, Mark},
    resample::reduce,
    ruling_lines,
};

/// Joined strokes are this long and this high, in parts of a capital's height, or more.
const LENGTH: f64 = 2.2;
const HEIGHT: f64 = 1.3;
/// And at most this long and high, in millimetres. What is larger is a drawing, a curve, or a crease.
const LONGEST: f64 = 90.0;
const HIGHEST: f64 = 35.0;
/// A pen's stroke is at most this thick, in millimetres.
const THICKNESS: f64 = 1.1;
/// Writing winds: its strokes are so many times longer than the way from one end of it to the other.
const WINDING: f64 = 1.7;
/// And leaves the paper about it white: so much of its area is ink at most.
const FILL: f64 = 0.36;
/// A capital's height in millimetres, if too little was read to measure it: that of ten-point print.
const CAPITAL: f64 = 2.5;
/// As many letters are enough to measure it.
const ENOUGH: usize = 20;
/// The part of the letters that are lower than capitals, or as high.
const CAPITALS: f64 = 0.8;
/// What is no further away than this, to the side and up or down, in millimetres, is of the same writing.
const BESIDE: f64 = 4.0;
const ABOVE: f64 = 1.0;
/// Smaller marks are grain, in millimetres.
const GRAIN: f64 = 0.5;
/// Shorter writing is not worth telling, in millimetres.
const SHORTEST: f64 = 8.0;
/// Where there are more marks to a square millimetre, it is the grain of a picture.
const CROWDED: f64 = 0.3;
/// A mark lies in words if so much of its area does.
const WITHIN: f64 = 0.4;

/// The places of handwriting in a picture, in its pixels; none overlap. Nothing is handwriting that lies in the areas
/// of words that were `read`, and what lies in those of `doubtful` words is not taken for the rest of any.
pub(crate) fn handwriting(picture: &Prepared, read: &[Rect], doubtful: &[Rect]) -> Vec<Rect> {
    let factor = (picture.dpi / DPI).round().max(1.0);
    let mut bitmap = components::on_paper(&reduce(&picture.image, factor as u32));
    let dpi = picture.dpi / factor;
    ruling_lines::remove(&mut bitmap, dpi);
    let millimetre = dpi / 25.4;
    let [read, doubtful] =
        [read, doubtful].map(|words| words.iter().map(|word| scaled(word, 1.0 / factor)).collect::<Vec<_>>());
    let marks = components::marks(&bitmap);
    let (letters, open): (Vec<Mark>, Vec<Mark>) =
        marks.iter().partition(|mark| lies_in(&mark.place(), &read));
    let capital = capital(&letters, millimetre);
    let (joined, single): (Vec<Mark>, Vec<Mark>) = open
        .into_iter()
        .partition(|mark| is_joined(mark, capital, millimetre) && is_penned(&bitmap, mark, millimetre));
    let single = single.iter().filter(|mark| may_belong(mark, millimetre)).map(Mark::place);
    let single = single.filter(|mark| !lies_in(mark, &doubtful)).collect();

    let cores = together(joined.iter().map(Mark::place).collect(), millimetre);
    let mut places = together(completed(cores, single, millimetre), millimetre);
    places.retain(|place| {
        let inside = marks.iter().filter(|mark| place.contains(mark.place().center())).count();
        place.width() >= SHORTEST * millimetre
            && inside as f64 <= CROWDED * place.area() / (millimetre * millimetre)
    });
    places.iter().map(|place| scaled(place, factor)).collect()
}

/// Joined strokes with the single marks to their left and right.
fn completed(cores: Vec<Rect>, mut single: Vec<Rect>, millimetre: f64) -> Vec<Rect> {
    let mut places = Vec::with_capacity(cores.len());
    for core in cores {
        let mut place = core;
        let mut is_growing = true;
        while is_growing {
            let before = single.len();
            single.retain(|mark| {
                let follows = (core.y0..=core.y1).contains(&mark.center().y)
                    && mark.x0 <= place.x1 + BESIDE * millimetre
                    && mark.x1 >= place.x0 - BESIDE * millimetre;
                if follows {
                    place = place.union(*mark);
                }
                !follows
            });
            is_growing = single.len() < before;
        }
        places.push(place);
    }
    places
}

/// Whether a mark can be a letter, a dot or a dash of writing.
fn may_belong(mark: &Mark, millimetre: f64) -> bool {
    let (width, height) = (f64::from(mark.width()), f64::from(mark.height()));
    width.max(height) >= GRAIN * millimetre && width <= LONGEST * millimetre && height <= HIGHEST * millimetre
}

/// How high a capital of the page's print is, in pixels.
fn capital(letters: &[Mark], millimetre: f64) -> f64 {
    let mut heights: Vec<u32> =
        letters.iter().map(Mark::height).filter(|height| f64::from(*height) >= GRAIN * millimetre).collect();
    if heights.len() < ENOUGH {
        return CAPITAL * millimetre;
    }
    let at = (CAPITALS * heights.len() as f64) as usize;
    f64::from(*heights.select_nth_unstable(at).1)
}

/// Whether a mark lies in words.
fn lies_in(mark: &Rect, words: &[Rect]) -> bool {
    let covered: f64 = words.iter().map(|word| word.intersect(*mark).area()).sum();
    covered >= WITHIN * mark.area()
}

/// Whether a mark is longer and higher than letters are.
fn is_joined(mark: &Mark, capital: f64, millimetre: f64) -> bool {
    let (width, height) = (f64::from(mark.width()), f64::from(mark.height()));
    (LENGTH * capital..=LONGEST * millimetre).contains(&width)
        && (HEIGHT * capital..=HIGHEST * millimetre).contains(&height)
}

/// Whether a mark is made of the thin and winding strokes of a pen.
fn is_penned(bitmap: &Bitmap, mark: &Mark, millimetre: f64) -> bool {
    let (mut ink, mut across, mut down) = (0usize, 0usize, 0usize);
    for y in mark.y0 as usize..mark.y1 as usize {
        for x in mark.x0 as usize..mark.x1 as usize {
            if bitmap.is_ink(x, y) {
                ink += 1;
                across += usize::from(x == 0 || !bitmap.is_ink(x - 1, y));
                down += usize::from(y == 0 || !bitmap.is_ink(x, y - 1));
            }
        }
    }
    // A straight stroke begins once on each row and on each column that it crosses.
    let length = (across as f64).hypot(down as f64).max(1.0);
    let (width, height) = (f64::from(mark.width()), f64::from(mark.height()));
    ink as f64 <= THICKNESS * millimetre * length
        && length >= WINDING * width.hypot(height)
        && ink as f64 <= FILL * width * height
}

/// Joins areas that are side by side until none are.
fn together(areas: Vec<Rect>, millimetre: f64) -> Vec<Rect> {
    let mut places: Vec<Rect> = Vec::new();
    for mut area in areas {
        while let Some(at) = places.iter().position(|place| is_beside(place, &area, millimetre)) {
            area = area.union(places.swap_remove(at));
        }
        places.push(area);
    }
    places
}

fn is_beside(one: &Rect, other: &Rect, millimetre: f64) -> bool {
    one.inflate(BESIDE * millimetre, ABOVE * millimetre).overlaps(*other)
}

fn scaled(area: &Rect, factor: f64) -> Rect {
    Rect::new(area.x0 * factor, area.y0 * factor, area.x1 * factor, area.y1 * factor)
}
