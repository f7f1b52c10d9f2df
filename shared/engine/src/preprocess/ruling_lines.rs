//! Ruling lines: the lines of forms to write on, and the frames of tables. Removes them and keeps what is written on them:
//! Tesseract reads them as letters, and reads the cells beside them badly.

use image::GrayImage;

use super::{binarize::binarize_global, bitmap::Bitmap};

/// No line is thicker than this: the bar of a heavy frame.
const MAX_THICKNESS_INCHES: f64 = 0.04;
/// What stands out from the edge of a line by no more than this is ragged print of the line.
const MAX_EDGE_ROUGHNESS_INCHES: f64 = 0.005;
/// Unless it is the bowl of a descender, which extends no further than this from the stroke that crosses the line.
const MAX_DESCENDER_BOWL_INCHES: f64 = 0.04;
/// Longer than the strokes of any letter in text, and not longer than the line below an entry of three letters. The
/// feet of letters that touch may look like it.
const LIKELY_LINE: LineCriteria = LineCriteria { min_length_inches: 0.2, max_gap_px: 2 };
/// Longer than the feet of letters that touch.
const CERTAIN_LINE: LineCriteria = LineCriteria { min_length_inches: 0.4, max_gap_px: 1 };

/// What is taken for a ruling line.
struct LineCriteria {
    min_length_inches: f64,
    /// A line that is a little skewed, or worn, has gaps of this length on each row.
    max_gap_px: usize,
}

/// Removes the ruling lines of an image whose background is white. Returns the foreground pixels that were removed.
pub(crate) fn remove_ruling_lines(image: &mut GrayImage, dpi: f64) -> Bitmap {
    remove_with(image, |bitmap| RulingLines::detect(bitmap, dpi, &CERTAIN_LINE).erase(bitmap))
}

/// Does the same for vertical lines only.
pub(crate) fn remove_vertical_lines(image: &mut GrayImage, dpi: f64) -> Bitmap {
    remove_with(image, |bitmap| RulingLines::detect(bitmap, dpi, &CERTAIN_LINE).erase_vertical(bitmap))
}

/// Paints white what `erase` clears in the foreground of an image.
fn remove_with(image: &mut GrayImage, erase: impl FnOnce(&mut Bitmap)) -> Bitmap {
    const WHITE: u8 = 255;
    let before = binarize_global(image);
    let mut after = before.clone();
    erase(&mut after);
    let (width, height) = (before.width, before.height);
    let pixels = image.as_flat_samples_mut().samples;
    let removed = before.subtract(&after);
    for y in 0..height {
        for x in removed.foreground_in_row(y) {
            // With the soft edge of the line, which is not foreground by itself.
            for row in y.saturating_sub(1)..(y + 2).min(height) {
                for column in x.saturating_sub(1)..(x + 2).min(width) {
                    if !after.is_foreground(column, row) {
                        pixels[row * width + column] = WHITE;
                    }
                }
            }
        }
    }
    removed
}

/// Erases likely ruling lines from a bitmap, and leaves the strokes of letters that cross them.
pub(crate) fn erase_likely_lines(bitmap: &mut Bitmap, dpi: f64) {
    RulingLines::detect(bitmap, dpi, &LIKELY_LINE).erase(bitmap);
}

/// The ruling lines of a bitmap.
struct RulingLines {
    horizontal: Bitmap,
    vertical: Bitmap,
    roughness: EdgeRoughness,
}

/// What separates the ragged edge of a line from the letters that touch it, in pixels.
#[derive(Clone, Copy)]
struct EdgeRoughness {
    /// The most by which the line's own edge stands out.
    edge: usize,
    /// How far the bowl of a descender extends from its stroke.
    descender_bowl: usize,
}

impl RulingLines {
    fn detect(bitmap: &Bitmap, dpi: f64, criteria: &LineCriteria) -> RulingLines {
        let length = (criteria.min_length_inches * dpi).ceil() as usize;
        let thickness = (MAX_THICKNESS_INCHES * dpi).ceil() as usize;
        let horizontal = bitmap.close_horizontal(criteria.max_gap_px).open_horizontal(length);
        let vertical = bitmap.close_vertical(criteria.max_gap_px).open_vertical(length);
        let thick_horizontal = horizontal.open_vertical(thickness + 1);
        let thick_vertical = vertical.open_horizontal(thickness + 1);
        let roughness = EdgeRoughness {
            edge: (MAX_EDGE_ROUGHNESS_INCHES * dpi).round().max(1.0) as usize,
            descender_bowl: (MAX_DESCENDER_BOWL_INCHES * dpi).round() as usize,
        };
        RulingLines {
            horizontal: horizontal.subtract(&thick_horizontal),
            vertical: vertical.subtract(&thick_vertical),
            roughness,
        }
    }

    fn erase(&self, bitmap: &mut Bitmap) {
        let mut without_horizontal = bitmap.clone();
        self.erase_horizontal(&mut without_horizontal);
        self.erase_vertical(bitmap);
        *bitmap = std::mem::replace(bitmap, Bitmap::new(0, 0)).intersect(&without_horizontal);
    }

    fn erase_vertical(&self, bitmap: &mut Bitmap) {
        let mut crossings = Vec::new();
        for y in 0..bitmap.height {
            let mut next = 0;
            while let Some((from, to)) = self.vertical.next_run(y, next) {
                next = to;
                let is_stroke = |x: usize| bitmap.is_foreground(x, y) && !self.horizontal.is_foreground(x, y);
                crossings.push(StrokeCrossing::new(y, (from, to), bitmap.width, self.roughness, is_stroke));
            }
        }
        for (y, from, to) in removable_runs(crossings, self.roughness) {
            bitmap.clear_run(y, from, to);
        }
    }

    fn erase_horizontal(&self, bitmap: &mut Bitmap) {
        let mut crossings = Vec::new();
        for y in 0..bitmap.height {
            for x in self.horizontal.foreground_in_row(y) {
                if y > 0 && self.horizontal.is_foreground(x, y - 1) {
                    continue;
                }
                let to = (y..bitmap.height)
                    .find(|y| !self.horizontal.is_foreground(x, *y))
                    .unwrap_or(bitmap.height);
                let is_stroke = |y: usize| bitmap.is_foreground(x, y) && !self.vertical.is_foreground(x, y);
                crossings.push(StrokeCrossing::new(x, (y, to), bitmap.height, self.roughness, is_stroke));
            }
        }
        for (x, from, to) in removable_runs(crossings, self.roughness) {
            (from..to).for_each(|y| bitmap.clear_run(y, x, x + 1));
        }
    }
}

/// A cross-section of a ruling line, and the strokes that touch the line there.
#[derive(Clone, Copy)]
struct StrokeCrossing {
    /// The position along the line: a column of a horizontal line, a row of a vertical one.
    position: usize,
    /// The sides of the line.
    from: usize,
    to: usize,
    /// The pixels of foreground that stand out from either side, counted up to one more than a ragged edge.
    before: usize,
    after: usize,
}

impl StrokeCrossing {
    /// A cross-section within `pixels` pixels.
    fn new(
        position: usize,
        (from, to): (usize, usize),
        pixels: usize,
        EdgeRoughness { edge, .. }: EdgeRoughness,
        is_stroke: impl Fn(usize) -> bool,
    ) -> StrokeCrossing {
        let before = (0..from).rev().take(edge + 1).take_while(|at| is_stroke(*at)).count();
        let after = (to..pixels).take(edge + 1).take_while(|at| is_stroke(*at)).count();
        StrokeCrossing { position, from, to, before, after }
    }
}

/// The pixels of lines with these cross-sections that are not a letter's: position along the line, from and to.
fn removable_runs(crossings: Vec<StrokeCrossing>, roughness: EdgeRoughness) -> Vec<(usize, usize, usize)> {
    group_by_line(crossings).iter().flat_map(|line| removable_runs_of_line(line, roughness)).collect()
}

/// The cross-sections of each line, in order of their positions.
fn group_by_line(mut crossings: Vec<StrokeCrossing>) -> Vec<Vec<StrokeCrossing>> {
    crossings.sort_by_key(|crossing| (crossing.position, crossing.from));
    let (mut lines, mut open): (Vec<Vec<StrokeCrossing>>, Vec<Vec<StrokeCrossing>>) =
        (Vec::new(), Vec::new());
    for same_position in crossings.chunk_by(|one, other| one.position == other.position) {
        // Both are in the same order: the lines of the position before, and the cross-sections at this one.
        let mut before = std::mem::take(&mut open).into_iter().peekable();
        for crossing in same_position {
            let has_ended = |line: &Vec<StrokeCrossing>| {
                let last = line[line.len() - 1];
                last.position + 1 < crossing.position || last.to < crossing.from
            };
            lines.extend(std::iter::from_fn(|| before.next_if(has_ended)));
            let continued = before.next_if(|line| line[line.len() - 1].from <= crossing.to);
            let mut line = continued.unwrap_or_default();
            line.push(*crossing);
            open.push(line);
        }
        lines.extend(before);
    }
    lines.append(&mut open);
    lines
}

/// The removable pixels of one line. A stroke that enters on one side and leaves on the other stays, also if it slants
/// and its end hardly shows. So does the bowl of a "g" that hangs from it and extends a little below the line.
fn removable_runs_of_line(
    line: &[StrokeCrossing],
    EdgeRoughness { edge, descender_bowl }: EdgeRoughness,
) -> impl Iterator<Item = (usize, usize, usize)> {
    let mut is_stroke = vec![false; line.len()];
    for (entry, StrokeCrossing { from, to, before, after, .. }) in line.iter().enumerate() {
        let leaves_at = |exit: &usize| {
            (*before > edge && line[*exit].after >= edge) || (*after > edge && line[*exit].before >= edge)
        };
        // A stroke slants by no more than the line is thick, and begins and ends in the ragged edges.
        let max_slant = to - from + 2 * edge;
        let near = entry.saturating_sub(max_slant)..(entry + max_slant + 1).min(line.len());
        if let Some(exit) = near.filter(leaves_at).min_by_key(|exit| exit.abs_diff(entry)) {
            is_stroke[entry.min(exit)..=entry.max(exit)].fill(true);
        }
    }
    let mut is_bowl = vec![false; line.len()];
    let extends_below = |at: &usize| line[*at].after >= edge;
    for stroke in (0..line.len()).filter(|at| is_stroke[*at]) {
        let left = (0..=stroke).rev().take(descender_bowl).take_while(extends_below);
        let right = (stroke..line.len()).take(descender_bowl).take_while(extends_below);
        left.chain(right).for_each(|at| is_bowl[at] = true);
    }
    let ragged = move |pixels: usize| if pixels > edge { 0 } else { pixels };
    let removable = line.iter().zip(is_bowl).zip(is_stroke).filter(|(_, is_stroke)| !is_stroke);
    removable.map(move |((crossing, is_bowl), _)| {
        // The farther half of the line is left to the bowl.
        let to =
            if is_bowl { crossing.from.midpoint(crossing.to) } else { crossing.to + ragged(crossing.after) };
        (crossing.position, crossing.from - ragged(crossing.before), to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitmap(width: usize, height: usize, is_foreground: impl Fn(usize, usize) -> bool) -> Bitmap {
        let mut bitmap = Bitmap::new(width, height);
        for y in 0..height {
            let pixels: Vec<u8> = (0..width).map(|x| u8::from(!is_foreground(x, y))).collect();
            bitmap.set_row(y, &pixels, &vec![1; width]);
        }
        bitmap
    }

    #[test]
    fn lines_are_erased_and_strokes_across_them_kept() {
        let is_line = |x: usize, y: usize| (50..53).contains(&y) || (100..103).contains(&x);
        let is_stroke = |x: usize, y: usize| (30..34).contains(&x) && (40..65).contains(&y);
        let mut page = bitmap(200, 150, |x, y| is_line(x, y) || is_stroke(x, y));
        erase_likely_lines(&mut page, 300.0);
        for y in 0..150 {
            for x in 0..200 {
                assert_eq!(page.is_foreground(x, y), is_stroke(x, y), "{x} {y}");
            }
        }
    }

    #[test]
    fn letters_on_a_line_keep_their_feet_and_descenders() {
        let is_line = |x: usize, y: usize| (10..190).contains(&x) && (50..54).contains(&y);
        // An "E" whose lowest stroke is on the line, a slanting tail, and the bowl of a "g" that hardly shows.
        let is_foot = |x: usize, y: usize| (30..50).contains(&x) && (46..50).contains(&y);
        let is_tail = |x: usize, y: usize| (40..62).contains(&y) && (126..130).contains(&(x + y));
        let is_stem = |x: usize, y: usize| (140..144).contains(&x) && (30..56).contains(&y);
        let is_bowl = |x: usize, y: usize| (130..144).contains(&x) && (54..56).contains(&y);
        let mut page = bitmap(200, 80, |x, y| {
            [is_line(x, y), is_foot(x, y), is_tail(x, y), is_stem(x, y), is_bowl(x, y)].contains(&true)
        });
        erase_likely_lines(&mut page, 300.0);
        let remains =
            |from: usize, to: usize| (from..to).map(|x| page.is_foreground(x, 52)).collect::<Vec<_>>();
        for y in 0..80 {
            for x in 0..200 {
                let is_letter = is_foot(x, y) || is_tail(x, y) || is_stem(x, y) || is_bowl(x, y);
                assert!(page.is_foreground(x, y) || !is_letter, "{x} {y}");
            }
        }
        assert_eq!(remains(10, 70), [false; 60], "no line below the foot");
        assert_eq!(remains(130, 144), [true; 14], "the bowl is as thick as a stroke");
        assert!(!page.is_foreground(120, 52) && !page.is_foreground(150, 52));
    }

    #[test]
    fn bars_and_letters_are_not_ruling_lines() {
        let is_bar = |x: usize, y: usize| (20..180).contains(&x) && (20..45).contains(&y);
        let is_letter = |x: usize, y: usize| (20..70).contains(&x) && (80..84).contains(&y);
        let mut page = bitmap(200, 150, |x, y| is_bar(x, y) || is_letter(x, y));
        let before = page.clone();
        erase_likely_lines(&mut page, 300.0);
        assert_eq!(page, before);
    }
}
