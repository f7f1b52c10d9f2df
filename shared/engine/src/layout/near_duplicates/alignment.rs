//! Two pages word by word: where they agree, where they do not, and whether what does not surely says something else.

use std::collections::HashMap;

use super::Token;
use crate::text::edit_distance;

/// So much of two pages must agree.
const LEAST_SIMILARITY: f32 = 0.75;
/// And so many of their numbers, however unsurely they were read.
const LEAST_NUMBERS: f32 = 0.85;
/// Numbers with the same digits are as wide as each other by at least so much, if both have the same points.
const SAME_WIDTH: f32 = 0.9;
/// A word that was passed over leaves at least this part of its width, beside a space of this part of the letters'
/// height.
const ROOM: f32 = 0.6;
const SPACE: f32 = 0.4;
/// Of a misread word at least so much is right.
const MISREAD: f32 = 0.65;

/// Two pages side by side.
pub(super) struct Comparison<'t> {
    /// Letters of both pages, and how many of them agree.
    letters: usize,
    agreeing: f32,
    numbers: usize,
    numbers_agreeing: usize,
    /// What stands in one place on one page and on the other, and does not agree.
    gaps: Vec<Gap<'t>>,
    /// Words that agree, but perhaps for the points of numbers.
    pairs: Vec<(&'t Token, &'t Token)>,
}

/// Words between two that agree, on either page.
struct Gap<'t> {
    a: Vec<&'t Token>,
    b: Vec<&'t Token>,
    /// Where nothing stands on one page, there is no room there for what stands on the other.
    is_closed: bool,
}

impl<'t> Comparison<'t> {
    pub(super) fn of(a: &'t [Token], b: &'t [Token]) -> Comparison<'t> {
        let count = |side: &[Token]| side.iter().map(|token| token.key.chars().count()).sum::<usize>();
        let numbers = [a, b].iter().map(|side| side.iter().filter(|token| token.is_number()).count()).sum();
        let mut comparison = Comparison {
            letters: count(a) + count(b),
            agreeing: 0.0,
            numbers,
            numbers_agreeing: 0,
            gaps: Vec::new(),
            pairs: Vec::new(),
        };
        let (mut from_a, mut from_b) = (0, 0);
        for (at_a, at_b) in in_step(a, b).into_iter().chain([(a.len(), b.len())]) {
            let is_closed = match (from_a == at_a, from_b == at_b) {
                (false, true) => lacks_room(&a[from_a..at_a], b, from_b),
                (true, false) => lacks_room(&b[from_b..at_b], a, from_a),
                (true, true) | (false, false) => false,
            };
            comparison.settle(a[from_a..at_a].iter().collect(), b[from_b..at_b].iter().collect(), is_closed);
            if let (Some(one), Some(other)) = (a.get(at_a), b.get(at_b)) {
                comparison.agree(&[one], &[other], 1.0);
                comparison.pairs.push((one, other));
            }
            (from_a, from_b) = (at_a + 1, at_b + 1);
        }
        comparison.cancel_moved();
        comparison
    }

    /// Notes that so much of these words agrees.
    fn agree(&mut self, a: &[&Token], b: &[&Token], part: f32) {
        for token in a.iter().chain(b) {
            self.agreeing += part * token.key.chars().count() as f32;
            self.numbers_agreeing += usize::from(token.is_number());
        }
    }

    /// Compares what stands between two words that agree: joined, since a reader may join or break words.
    fn settle(&mut self, a: Vec<&'t Token>, b: Vec<&'t Token>, is_closed: bool) {
        if a.is_empty() && b.is_empty() {
            return;
        }
        let joined = |side: &[&Token]| side.iter().map(|token| token.key.as_str()).collect::<String>();
        let part = likeness(&joined(&a), &joined(&b));
        let digits = |side: &[&Token]| {
            side.iter()
                .filter(|token| token.is_number())
                .flat_map(|token| token.key.chars())
                .collect::<String>()
        };
        let same_numbers = part >= 1.0 || digits(&a) == digits(&b);
        if part >= MISREAD && same_numbers {
            self.agree(&a, &b, part);
        } else {
            self.gaps.push(Gap { a, b, is_closed });
        }
    }

    /// Takes out of the gaps what stands in another place on the other page: reading order is not always the same.
    fn cancel_moved(&mut self) {
        let mut left: HashMap<&str, Vec<&'t Token>> = HashMap::new();
        for token in self.gaps.iter().flat_map(|gap| &gap.b) {
            left.entry(&token.key).or_default().push(token);
        }
        let mut moved = Vec::new();
        for gap in &mut self.gaps {
            gap.a.retain(|token| {
                let Some(twins) = left.get_mut(token.key.as_str()) else { return true };
                let Some(twin) = twins.pop() else { return true };
                moved.push((*token, twin));
                false
            });
        }
        for gap in &mut self.gaps {
            gap.b.retain(|token| !moved.iter().any(|(_, twin)| std::ptr::eq(*twin, *token)));
        }
        for (one, other) in moved {
            self.agree(&[one], &[other], 1.0);
            self.pairs.push((one, other));
        }
    }

    /// Whether of two numbers with the same digits one has a point, and the other surely has none: where a point was
    /// only passed over, its room is left.
    fn has_other_points(&self, both_exact: bool) -> bool {
        let ratio = |(one, other): &(&Token, &Token)| other.bbox.width() / one.bbox.width().max(0.1);
        let mut scales: Vec<f32> =
            self.pairs.iter().filter(|(one, _)| one.key.chars().count() > 4).map(ratio).collect();
        scales.sort_by(f32::total_cmp);
        let scale = scales.get(scales.len() / 2).copied().unwrap_or(1.0);
        self.pairs.iter().any(|pair| match (&pair.0.number, &pair.1.number) {
            (Some(one), Some(other)) if marks(one) != marks(other) => {
                let ratio = ratio(pair) / scale;
                both_exact || !(SAME_WIDTH..1.0 / SAME_WIDTH).contains(&ratio)
            }
            (Some(_) | None, Some(_) | None) => false,
        })
    }

    /// How much of the pages agrees, if nothing says that they are others. `both_exact` if neither can be misread.
    pub(super) fn outcome(&self, both_exact: bool) -> Option<f32> {
        if self.has_other_points(both_exact) {
            return None;
        }
        if self.gaps.iter().any(|gap| gap.is_decisive(both_exact)) {
            return None;
        }
        let similarity = self.agreeing / self.letters as f32;
        let numbers = self.numbers_agreeing as f32 >= LEAST_NUMBERS * self.numbers as f32;
        (similarity >= LEAST_SIMILARITY && numbers).then(|| similarity.min(1.0))
    }
}

impl Gap<'_> {
    /// Whether the two pages surely say something else here.
    fn is_decisive(&self, both_exact: bool) -> bool {
        let says = |side: &[&Token], number: fn(&Token) -> bool| {
            side.iter().any(|token| !token.at_edge && number(token))
        };
        if both_exact {
            return says(&self.a, |_| true) || says(&self.b, |_| true);
        }
        // A number that was surely read here may stand where another was misread there.
        let sure = |side: &[&Token]| says(side, |token| token.is_number() && token.is_sure());
        let doubtful = |side: &[&Token]| side.iter().any(|token| token.is_number() && !token.is_sure());
        let number = (sure(&self.a) && !doubtful(&self.b)) || (sure(&self.b) && !doubtful(&self.a));
        number || self.says_other_words() || self.lacks_a_word()
    }

    /// Whether words that were surely read stand where the other page has no room for them.
    fn lacks_a_word(&self) -> bool {
        let sure = |token: &&Token| token.is_sure() && !token.at_edge && token.key.chars().count() > 1;
        self.is_closed && self.a.iter().chain(&self.b).any(sure)
    }

    /// Whether words that were surely read stand in the place of others that were.
    fn says_other_words(&self) -> bool {
        let sure = |side: &[&Token]| {
            side.iter().all(|token| token.is_sure() && !token.at_edge)
                && side.iter().map(|token| token.key.chars().count()).sum::<usize>() > 2
        };
        sure(&self.a) && sure(&self.b)
    }
}

/// The words that agree, in the same order on both pages: a longest common subsequence.
fn in_step(a: &[Token], b: &[Token]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut longest = vec![0_u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i].key == b[j].key {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i].key == b[j].key {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Whether a page has no room for these words before its word `before`: the words around the place stand there side
/// by side.
fn lacks_room(words: &[Token], page: &[Token], before: usize) -> bool {
    let around = before.checked_sub(1).and_then(|last| Some((page[last].bbox, page.get(before)?.bbox)));
    around.is_some_and(|(last, next)| {
        let height = last.height().min(next.height());
        let on_line = (last.y0 + last.y1 - next.y0 - next.y1).abs() < height;
        let wanted: f32 = words.iter().map(|word| word.bbox.width()).sum();
        on_line && next.x0 - last.x1 < ROOM * wanted + SPACE * height
    })
}

/// Where the digits of a number are parted.
fn marks(number: &str) -> Vec<usize> {
    let parts = number.char_indices().filter(|(_, char)| !char.is_alphanumeric());
    parts.map(|(at, _)| at).collect()
}

/// How much of two words agrees, 0 to 1: one less their edit distance in parts of the longer one.
fn likeness(one: &str, other: &str) -> f32 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let longer = one.len().max(other.len()).max(1);
    1.0 - edit_distance(&one, &other) as f32 / longer as f32
}
