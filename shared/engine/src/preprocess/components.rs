//! The dark marks on a page: what stands out from the paper around it, in connected pieces.

use hayro::kurbo::Rect;
use image::GrayImage;

use super::{
    bitmap::Bitmap,
    orientation::{Stance, Turn},
    resample::reduce,
};
use crate::layout::reading_order::{self, LayoutBox};

/// Marks are looked for at about this resolution: small print still has several pixels, and grain has none.
pub(crate) const DPI: f64 = 150.0;
/// Ink is darker than the paper around it by so many levels of 255.
pub(crate) const CONTRAST: u8 = 44;
/// The paper's brightness is taken from squares of so many pixels, about 8 mm.
pub(crate) const TILE: usize = 48;
/// In each square, this share of the pixels is no brighter than the paper.
const PAPER: f64 = 0.85;
/// With fewer characters than this, nothing is said about the print.
const FEW_CHARACTERS: usize = 50;
/// A mark so many times longer than wide is a dash; some letters are, too, but never most of them.
const DASH: u32 = 2;

/// A connected piece of ink. In pixels of the reduced picture; `x1` and `y1` are one past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) x0: u32,
    pub(crate) y0: u32,
    pub(crate) x1: u32,
    pub(crate) y1: u32,
    /// How many pixels it has.
    pub(crate) area: u32,
}

impl Mark {
    pub(crate) fn width(&self) -> u32 {
        self.x1 - self.x0
    }

    pub(crate) fn height(&self) -> u32 {
        self.y1 - self.y0
    }

    pub(crate) fn place(&self) -> Rect {
        Rect::new(self.x0.into(), self.y0.into(), self.x1.into(), self.y1.into())
    }
}

/// All marks on a page.
pub(crate) struct Ink {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Pixels of the reduced picture per inch.
    pub(crate) dpi: f64,
    pub(crate) marks: Vec<Mark>,
}

impl Ink {
    /// Finds the marks in a picture of this resolution.
    pub(crate) fn of(picture: &GrayImage, dpi: f64) -> Ink {
        let factor = (dpi / DPI).round().max(1.0) as u32;
        let reduced;
        let small = if factor > 1 {
            reduced = reduce(picture, factor);
            &reduced
        } else {
            picture
        };
        let marks = marks(&on_paper(small));
        Ink { width: small.width(), height: small.height(), dpi: dpi / f64::from(factor), marks }
    }

    /// A length on the page, in pixels.
    pub(crate) fn millimetres(&self, length: f64) -> f64 {
        length / 25.4 * self.dpi
    }

    /// The strip of the page, from and to in parts of the whole, that holds the most characters; `place` is where a
    /// mark stands on a side of this length.
    pub(crate) fn fullest_strip(&self, strip: f64, place: impl Fn(&Mark) -> u32, side: u32) -> (f64, f64) {
        const STEPS: usize = 100;
        let mut counts = [0usize; STEPS];
        // The dashes of a dotted line would outnumber any letters.
        let is_dash = |mark: &&Mark| {
            let (width, height) = (mark.width(), mark.height());
            width.max(height) > DASH * width.min(height)
        };
        for mark in self.characters().filter(|mark| !is_dash(mark)) {
            counts[(place(mark) as usize * STEPS / side.max(1) as usize).min(STEPS - 1)] += 1;
        }
        let length = (strip * STEPS as f64) as usize;
        let fullest = (0..=STEPS - length)
            .max_by_key(|from| counts[*from..from + length].iter().sum::<usize>())
            .unwrap_or(0);
        (fullest as f64 / STEPS as f64, (fullest + length) as f64 / STEPS as f64)
    }

    /// Whether the letters on a page that lies so stand in columns of prose.
    pub(crate) fn has_columns(&self, stance: Stance) -> bool {
        let mut heights: Vec<u32> = self.characters().map(|mark| mark.height().max(mark.width())).collect();
        if heights.is_empty() {
            return false;
        }
        let middle = heights.len() / 2;
        let usual = *heights.select_nth_unstable(middle).1;
        let to_level = stance.to_level();
        // Dots and dashes stand at heights of their own.
        let letters = self.characters().filter(|mark| 2 * mark.height().max(mark.width()) > usual);
        let items: Vec<LayoutBox> = letters
            .map(|mark| {
                let area = to_level.transform_rect_bbox(mark.place());
                LayoutBox { x0: area.x0, x1: area.x1, y0: area.y0, y1: area.y1 }
            })
            .collect();
        reading_order::has_columns(&items)
    }

    /// How high small print is on a page that lies so, in inches: what four in five of its characters exceed. None on a
    /// page of few characters.
    pub(crate) fn small_print(&self, turn: Turn) -> Option<f64> {
        let height = |mark: &Mark| if turn.is_level() { mark.height() } else { mark.width() };
        let mut heights: Vec<u32> = self.characters().map(height).collect();
        let (fifth, enough) = (heights.len() / 5, heights.len() >= FEW_CHARACTERS);
        enough.then(|| f64::from(*heights.select_nth_unstable(fifth).1) / self.dpi)
    }

    /// The marks that may be characters: between half a millimetre and 12 millimetres, and not a rule.
    pub(crate) fn characters(&self) -> impl Iterator<Item = &Mark> {
        let (least, most) = (self.millimetres(0.9), self.millimetres(12.0));
        self.marks.iter().filter(move |mark| {
            let (longer, shorter) = (mark.width().max(mark.height()), mark.width().min(mark.height()));
            let (longer, shorter) = (f64::from(longer), f64::from(shorter));
            longer >= least && longer <= most && longer <= 15.0 * shorter && mark.area >= 6
        })
    }
}

/// How bright the paper is, square by square.
pub(crate) struct Paper {
    levels: Vec<u8>,
    /// Squares side by side.
    columns: usize,
}

impl Paper {
    pub(crate) fn of(picture: &GrayImage) -> Paper {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let (columns, rows) = (width.div_ceil(TILE), height.div_ceil(TILE));
        let mut levels = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let (x0, x1) = (column * TILE, ((column + 1) * TILE).min(width));
                let mut histogram = [0usize; 256];
                let mut count = 0;
                for y in row * TILE..((row + 1) * TILE).min(height) {
                    for pixel in &picture.as_raw()[y * width + x0..y * width + x1] {
                        histogram[usize::from(*pixel)] += 1;
                        count += 1;
                    }
                }
                let wanted = (count as f64 * PAPER) as usize;
                let mut below = 0;
                let level = histogram.iter().position(|at_level| {
                    below += at_level;
                    below > wanted
                });
                levels.push(level.unwrap_or(255) as u8);
            }
        }
        Paper { levels, columns }
    }

    /// How bright most of the paper is.
    pub(crate) fn usual(&self) -> u8 {
        let mut levels = self.levels.clone();
        levels.sort_unstable();
        levels.get(levels.len() / 2).copied().unwrap_or(u8::MAX)
    }

    /// The squares along row `y` of pixels: the pixels in each begin at so many, and its paper is so bright.
    pub(crate) fn along(&self, y: usize) -> impl Iterator<Item = (usize, u8)> {
        let levels = &self.levels[y / TILE * self.columns..][..self.columns];
        levels.iter().enumerate().map(|(column, level)| (column * TILE, *level))
    }
}

/// The brightness below which a pixel on such paper is ink.
fn limit(paper: u8) -> u8 {
    paper.saturating_sub(CONTRAST)
}

/// How many pixels of ink there are of each brightness.
pub(crate) fn ink_levels(picture: &GrayImage, paper: &Paper) -> [usize; 256] {
    let mut histogram = [0; 256];
    for (y, line) in picture.as_raw().chunks_exact((picture.width() as usize).max(1)).enumerate() {
        for (begin, paper) in paper.along(y) {
            let pixels = line[begin..].iter().take(TILE).filter(|pixel| **pixel < limit(paper));
            pixels.for_each(|pixel| histogram[usize::from(*pixel)] += 1);
        }
    }
    histogram
}

/// Which pixels of a picture stand out from the paper around them.
pub(crate) fn on_paper(picture: &GrayImage) -> Bitmap {
    let paper = Paper::of(picture);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut bitmap = Bitmap::new(width, height);
    let mut limits = Vec::with_capacity(width);
    for (y, line) in picture.as_raw().chunks_exact(width.max(1)).enumerate() {
        if y % TILE == 0 {
            limits.clear();
            for (begin, level) in paper.along(y) {
                limits.resize((begin + TILE).min(width), limit(level));
            }
        }
        bitmap.set_row(y, line, &limits);
    }
    bitmap
}

/// Which pixels of a picture stand out from white paper.
pub(crate) fn on_white(picture: &GrayImage) -> Bitmap {
    darker_than(picture, limit(u8::MAX))
}

/// Which pixels of a picture are darker than this.
pub(crate) fn darker_than(picture: &GrayImage, limit: u8) -> Bitmap {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut bitmap = Bitmap::new(width, height);
    let limits = vec![limit; width];
    for (y, line) in picture.as_raw().chunks_exact(width.max(1)).enumerate() {
        bitmap.set_row(y, line, &limits);
    }
    bitmap
}

/// The marks of a bitmap: horizontal stretches of ink, joined where they touch those of the row above, also at a corner.
pub(crate) fn marks(bitmap: &Bitmap) -> Vec<Mark> {
    let mut pieces = Pieces::default();
    let mut above: Vec<(u32, u32, usize)> = Vec::new();
    let mut here: Vec<(u32, u32, usize)> = Vec::new();
    for y in 0..bitmap.height {
        here.clear();
        let (mut x, mut reachable) = (0, 0);
        while let Some((begin, end)) = bitmap.stretch(y, x) {
            x = end;
            let (begin, end) = (begin as u32, end as u32);
            let piece =
                pieces.add(Mark { x0: begin, x1: end, y0: y as u32, y1: y as u32 + 1, area: end - begin });
            while reachable < above.len() && above[reachable].1 < begin {
                reachable += 1;
            }
            for (_, _, other) in above[reachable..].iter().take_while(|stretch| stretch.0 <= end) {
                pieces.join(piece, *other);
            }
            here.push((begin, end, piece));
        }
        std::mem::swap(&mut above, &mut here);
    }
    pieces.into_marks()
}

/// Disjoint sets of stretches; each knows its extent at its root.
#[derive(Default)]
struct Pieces {
    parents: Vec<usize>,
    marks: Vec<Mark>,
}

impl Pieces {
    fn add(&mut self, mark: Mark) -> usize {
        self.parents.push(self.parents.len());
        self.marks.push(mark);
        self.parents.len() - 1
    }

    fn root(&mut self, mut piece: usize) -> usize {
        while self.parents[piece] != piece {
            self.parents[piece] = self.parents[self.parents[piece]];
            piece = self.parents[piece];
        }
        piece
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let (to, from) = (a.min(b), a.max(b));
        self.parents[from] = to;
        let (first, second) = (self.marks[to], self.marks[from]);
        self.marks[to] = Mark {
            x0: first.x0.min(second.x0),
            y0: first.y0.min(second.y0),
            x1: first.x1.max(second.x1),
            y1: first.y1.max(second.y1),
            area: first.area + second.area,
        };
    }

    fn into_marks(self) -> Vec<Mark> {
        let roots = self.parents.iter().enumerate().filter(|(index, parent)| index == *parent);
        roots.map(|(index, _)| self.marks[index]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_touch_are_one_mark() {
        // A ring, and a dot inside it that does not touch it.
        let mut picture = GrayImage::from_pixel(60, 60, image::Luma([250]));
        for n in 10..31 {
            for (x, y) in [(n, 10), (n, 30), (10, n), (30, n)] {
                picture.put_pixel(x, y, image::Luma([20]));
            }
        }
        picture.put_pixel(20, 20, image::Luma([20]));
        let ink = Ink::of(&picture, 150.0);
        let ring = Mark { x0: 10, y0: 10, x1: 31, y1: 31, area: 80 };
        assert_eq!(ink.marks, [ring, Mark { x0: 20, y0: 20, x1: 21, y1: 21, area: 1 }]);
    }

    #[test]
    fn gray_paper_with_a_gradient_is_not_ink() {
        let picture = GrayImage::from_fn(400, 400, |x, _| image::Luma([(120 + x / 4) as u8]));
        assert!(Ink::of(&picture, 150.0).marks.is_empty());
    }
}
