//! The rules of forms: the lines to write on, the frames of tables. Takes them out so that what is written on them
//! stands alone: Tesseract reads them as letters, and cells beside them badly.

use image::GrayImage;

use super::{bitmap::Bitmap, components};

/// What is taken for a rule.
struct Measure {
    /// The least length, in inches.
    length: f64,
    /// A rule that is a little askew, or worn, has gaps of so many pixels on each row.
    gap: usize,
}

/// Longer than the strokes of any letter in text, and not longer than the line below an entry of three letters. The
/// feet of letters that touch may look like it.
const LIKELY: Measure = Measure { length: 0.2, gap: 2 };
/// Longer than the feet of letters that touch.
const CERTAIN: Measure = Measure { length: 0.4, gap: 1 };
/// No rule is thicker than this, in inches: the bar of a heavy frame.
const THICKNESS: f64 = 0.04;
/// What stands out from its sides by no more than this, in inches, is ragged print of it.
const EDGE: f64 = 0.005;
/// Unless it hangs from a letter, no further than this from the stroke that comes through the rule, in inches.
const BOW: f64 = 0.04;

/// Paints over the rules of a picture whose paper is white, and tells which pixels of ink that were.
pub(crate) fn paint_over(picture: &mut GrayImage, dpi: f64) -> Bitmap {
    paint_over_what(picture, |bitmap| Rules::of(bitmap, dpi, &CERTAIN).remove(bitmap))
}

/// The same of those that run down alone.
pub(crate) fn paint_over_down(picture: &mut GrayImage, dpi: f64) -> Bitmap {
    paint_over_what(picture, |bitmap| Rules::of(bitmap, dpi, &CERTAIN).erase_down(bitmap))
}

/// Paints over what is removed from the ink of a picture whose paper is white.
fn paint_over_what(picture: &mut GrayImage, remove: impl FnOnce(&mut Bitmap)) -> Bitmap {
    const WHITE: u8 = 255;
    let with = components::on_white(picture);
    let mut without = with.clone();
    remove(&mut without);
    let (width, height) = (with.width, with.height);
    let pixels = picture.as_flat_samples_mut().samples;
    let gone = with.without(&without);
    for y in 0..height {
        for x in gone.along(y) {
            // With its soft edge, which is no ink by itself.
            for row in y.saturating_sub(1)..(y + 2).min(height) {
                for column in x.saturating_sub(1)..(x + 2).min(width) {
                    if !without.is_ink(column, row) {
                        pixels[row * width + column] = WHITE;
                    }
                }
            }
        }
    }
    gone
}

/// Takes out what is likely a rule, and leaves the strokes of letters that cross it.
pub(crate) fn remove(bitmap: &mut Bitmap, dpi: f64) {
    Rules::of(bitmap, dpi, &LIKELY).remove(bitmap);
}

/// The rules of a bitmap, and what is ragged about them.
struct Rules {
    across: Bitmap,
    down: Bitmap,
    ragged: Ragged,
}

/// What of the ink at a rule's sides is the rule's own, and what a letter's, in pixels.
#[derive(Clone, Copy)]
struct Ragged {
    /// By how much its edge stands out at most.
    edge: usize,
    /// How far what hangs from a letter and stands out no more than that reaches from the stroke that it hangs from.
    bow: usize,
}

impl Rules {
    fn of(bitmap: &Bitmap, dpi: f64, rule: &Measure) -> Rules {
        let length = (rule.length * dpi).ceil() as usize;
        let thickness = (THICKNESS * dpi).ceil() as usize;
        let across = bitmap.closed_across(rule.gap).long_across(length);
        let down = bitmap.closed_down(rule.gap).long_down(length);
        let (thick_across, thick_down) = (across.long_down(thickness + 1), down.long_across(thickness + 1));
        let ragged =
            Ragged { edge: (EDGE * dpi).round().max(1.0) as usize, bow: (BOW * dpi).round() as usize };
        Rules { across: across.without(&thick_across), down: down.without(&thick_down), ragged }
    }

    fn remove(&self, bitmap: &mut Bitmap) {
        let mut without_across = bitmap.clone();
        self.erase_across(&mut without_across);
        self.erase_down(bitmap);
        *bitmap = std::mem::replace(bitmap, Bitmap::new(0, 0)).common(&without_across);
    }

    /// Erases those that run down the bitmap.
    fn erase_down(&self, bitmap: &mut Bitmap) {
        let mut crossings = Vec::new();
        for y in 0..bitmap.height {
            let mut next = 0;
            while let Some((from, to)) = self.down.stretch(y, next) {
                next = to;
                let is_stroke = |x: usize| bitmap.is_ink(x, y) && !self.across.is_ink(x, y);
                crossings.push(Crossing::new(y, (from, to), bitmap.width, self.ragged, is_stroke));
            }
        }
        for (y, from, to) in erasable(crossings, self.ragged) {
            bitmap.erase(y, from, to);
        }
    }

    /// Erases those that run across it.
    fn erase_across(&self, bitmap: &mut Bitmap) {
        let mut crossings = Vec::new();
        for y in 0..bitmap.height {
            for x in self.across.along(y) {
                if y > 0 && self.across.is_ink(x, y - 1) {
                    continue;
                }
                let to = (y..bitmap.height).find(|y| !self.across.is_ink(x, *y)).unwrap_or(bitmap.height);
                let is_stroke = |y: usize| bitmap.is_ink(x, y) && !self.down.is_ink(x, y);
                crossings.push(Crossing::new(x, (y, to), bitmap.height, self.ragged, is_stroke));
            }
        }
        for (x, from, to) in erasable(crossings, self.ragged) {
            (from..to).for_each(|y| bitmap.erase(y, x, x + 1));
        }
    }
}

/// Where a rule is crossed by a line of pixels, square to it.
#[derive(Clone, Copy)]
struct Crossing {
    /// The line: a column for a rule that runs across, else a row.
    at: usize,
    /// The sides of the rule.
    from: usize,
    to: usize,
    /// How much ink stands out from either side, as far as one pixel more than a ragged edge.
    before: usize,
    after: usize,
}

impl Crossing {
    /// Of a line of so many `pixels`.
    fn new(
        at: usize,
        (from, to): (usize, usize),
        pixels: usize,
        Ragged { edge, .. }: Ragged,
        is_stroke: impl Fn(usize) -> bool,
    ) -> Crossing {
        let before = (0..from).rev().take(edge + 1).take_while(|at| is_stroke(*at)).count();
        let after = (to..pixels).take(edge + 1).take_while(|at| is_stroke(*at)).count();
        Crossing { at, from, to, before, after }
    }
}

/// What is erased where rules are crossed so: a line, from and to.
fn erasable(crossings: Vec<Crossing>, ragged: Ragged) -> Vec<(usize, usize, usize)> {
    rules(crossings).iter().flat_map(|rule| erasable_of(rule, ragged)).collect()
}

/// The crossings of each rule, side by side.
fn rules(mut crossings: Vec<Crossing>) -> Vec<Vec<Crossing>> {
    crossings.sort_by_key(|crossing| (crossing.at, crossing.from));
    let (mut rules, mut open): (Vec<Vec<Crossing>>, Vec<Vec<Crossing>>) = (Vec::new(), Vec::new());
    for line in crossings.chunk_by(|one, other| one.at == other.at) {
        // Both lie in the same order: these rules on the line before, and those that cross this one.
        let mut before = std::mem::take(&mut open).into_iter().peekable();
        for crossing in line {
            let has_ended = |rule: &Vec<Crossing>| {
                let last = rule[rule.len() - 1];
                last.at + 1 < crossing.at || last.to < crossing.from
            };
            rules.extend(std::iter::from_fn(|| before.next_if(has_ended)));
            let goes_on = before.next_if(|rule| rule[rule.len() - 1].from <= crossing.to);
            let mut rule = goes_on.unwrap_or_default();
            rule.push(*crossing);
            open.push(rule);
        }
        rules.extend(before);
    }
    rules.append(&mut open);
    rules
}

/// What is erased of one rule. A stroke that comes in on one side and goes out on the other stays, also if it slants and
/// its end hardly shows; and what hangs from it, as the bow of a "g" that looks out below the line.
fn erasable_of(
    rule: &[Crossing],
    Ragged { edge, bow }: Ragged,
) -> impl Iterator<Item = (usize, usize, usize)> {
    let mut stays = vec![false; rule.len()];
    for (one, Crossing { from, to, before, after, .. }) in rule.iter().enumerate() {
        let goes_out = |other: &usize| {
            (*before > edge && rule[*other].after >= edge) || (*after > edge && rule[*other].before >= edge)
        };
        // A stroke slants by no more than the rule is thick, and begins and ends in its ragged edges.
        let reach = to - from + 2 * edge;
        let near = one.saturating_sub(reach)..(one + reach + 1).min(rule.len());
        if let Some(exit) = near.filter(goes_out).min_by_key(|other| other.abs_diff(one)) {
            stays[one.min(exit)..=one.max(exit)].fill(true);
        }
    }
    let mut hangs = vec![false; rule.len()];
    let looks_out = |at: &usize| rule[*at].after >= edge;
    for from in (0..rule.len()).filter(|at| stays[*at]) {
        let left = (0..=from).rev().take(bow).take_while(looks_out);
        let right = (from..rule.len()).take(bow).take_while(looks_out);
        left.chain(right).for_each(|at| hangs[at] = true);
    }
    let own = move |ink: usize| if ink > edge { 0 } else { ink };
    let gone = rule.iter().zip(hangs).zip(stays).filter(|(_, stays)| !stays);
    gone.map(move |((rule, hangs), _)| {
        // The farther half of the rule stands for what hangs there.
        let to = if hangs { rule.from.midpoint(rule.to) } else { rule.to + own(rule.after) };
        (rule.at, rule.from - own(rule.before), to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitmap(width: usize, height: usize, is_ink: impl Fn(usize, usize) -> bool) -> Bitmap {
        let mut bitmap = Bitmap::new(width, height);
        for y in 0..height {
            let pixels: Vec<u8> = (0..width).map(|x| u8::from(!is_ink(x, y))).collect();
            bitmap.set_row(y, &pixels, &vec![1; width]);
        }
        bitmap
    }

    #[test]
    fn rules_go_and_the_strokes_across_them_stay() {
        let is_rule = |x: usize, y: usize| (50..53).contains(&y) || (100..103).contains(&x);
        let is_stroke = |x: usize, y: usize| (30..34).contains(&x) && (40..65).contains(&y);
        let mut page = bitmap(200, 150, |x, y| is_rule(x, y) || is_stroke(x, y));
        remove(&mut page, 300.0);
        for y in 0..150 {
            for x in 0..200 {
                assert_eq!(page.is_ink(x, y), is_stroke(x, y), "{x} {y}");
            }
        }
    }

    #[test]
    fn what_stands_on_a_rule_keeps_its_foot_and_what_hangs_out_below_it_stays() {
        let is_rule = |x: usize, y: usize| (10..190).contains(&x) && (50..54).contains(&y);
        // An "E" whose lowest stroke lies on the rule, a slanting tail, and the bow of a "g" that hardly looks out.
        let is_foot = |x: usize, y: usize| (30..50).contains(&x) && (46..50).contains(&y);
        let is_tail = |x: usize, y: usize| (40..62).contains(&y) && (126..130).contains(&(x + y));
        let is_stem = |x: usize, y: usize| (140..144).contains(&x) && (30..56).contains(&y);
        let is_bow = |x: usize, y: usize| (130..144).contains(&x) && (54..56).contains(&y);
        let mut page = bitmap(200, 80, |x, y| {
            [is_rule(x, y), is_foot(x, y), is_tail(x, y), is_stem(x, y), is_bow(x, y)].contains(&true)
        });
        remove(&mut page, 300.0);
        let is_left = |from: usize, to: usize| (from..to).map(|x| page.is_ink(x, 52)).collect::<Vec<_>>();
        for y in 0..80 {
            for x in 0..200 {
                let is_letter = is_foot(x, y) || is_tail(x, y) || is_stem(x, y) || is_bow(x, y);
                assert!(page.is_ink(x, y) || !is_letter, "{x} {y}");
            }
        }
        assert_eq!(is_left(10, 70), [false; 60], "no rule below the foot");
        assert_eq!(is_left(130, 144), [true; 14], "the bow is as thick as a stroke");
        assert!(!page.is_ink(120, 52) && !page.is_ink(150, 52));
    }

    #[test]
    fn bars_and_letters_are_no_rules() {
        let is_bar = |x: usize, y: usize| (20..180).contains(&x) && (20..45).contains(&y);
        let is_letter = |x: usize, y: usize| (20..70).contains(&x) && (80..84).contains(&y);
        let mut page = bitmap(200, 150, |x, y| is_bar(x, y) || is_letter(x, y));
        let before = page.clone();
        remove(&mut page, 300.0);
        assert_eq!(page, before);
    }
}
