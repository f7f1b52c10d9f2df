//! Pages that say the same as an earlier one: the same sheet scanned again, or a print scanned beside its original.
//! Decides from the words alone, and takes no page for a repeat whose numbers or names were surely others: the same
//! form is filled in again and again.

use std::{collections::HashMap, hash::Hasher};

use crate::{
    page::{HowRead, Page, Word},
    text::edit_distance,
};

/// Words read with at least this confidence, 0 to 100, say for sure what they say.
const SURE: u8 = 85;
/// Pages with fewer words than this repeat nothing: many sheets say next to nothing.
const FEWEST_WORDS: usize = 25;
/// Longer pages are not compared: the time would grow with the square.
const MOST_WORDS: usize = 4_000;
/// So much of two pages must agree.
const LEAST_SIMILARITY: f32 = 0.75;
/// And so many of their numbers, however unsurely they were read.
const LEAST_NUMBERS: f32 = 0.85;
/// Of a misread word at least so much is right.
const MISREAD: f32 = 0.65;
/// Lines in this part of a page's height at its top and foot may be added when a sheet is faxed or stamped.
const EDGE: f32 = 0.07;
/// So many hashes of a page are kept.
const SKETCH: usize = 48;
/// Words that are hashed together.
const SHINGLE: usize = 3;
/// So many hashes that pages have in common make it worth while to compare them.
const FEWEST_IN_COMMON: u32 = 5;
/// What so many pages have in common is a form's, and tells none of them from the others.
const COMMON: usize = 500;
/// So many pages are worth comparing with.
const CANDIDATES: usize = 3;

/// Finds the earlier pages that a page may repeat. Keeps a sketch of each page, less than a kilobyte, and not its
/// words: [`similarity`] tells from the pages themselves.
///
/// ```
/// use maneiro_engine::{Page, Repeats};
///
/// fn repeats(pages: &[Page]) -> Vec<Option<u32>> {
///     let mut repeats = Repeats::default();
///     let mut of = |page: &Page| {
///         let mut earlier = repeats.add(page).into_iter();
///         earlier.find(|number| Repeats::similarity(&pages[*number as usize - 1], page).is_some())
///     };
///     pages.iter().map(|page| of(page)).collect()
/// }
/// # assert!(repeats(&[]).is_empty());
/// ```
///
/// [`similarity`]: Repeats::similarity
#[derive(Debug, Default)]
pub struct Repeats {
    /// The numbers of the pages, in the order in which they came.
    pages: Vec<u32>,
    /// Which of them have a hash in their sketch.
    holders: HashMap<u64, Vec<u32>>,
}

impl Repeats {
    /// Takes note of a page, and gives the numbers of those before it that it may repeat, the likeliest first.
    pub fn add(&mut self, page: &Page) -> Vec<u32> {
        let tokens = tokens(page);
        if !(FEWEST_WORDS..=MOST_WORDS).contains(&tokens.len()) {
            return Vec::new();
        }
        let sketch = sketch(&tokens);
        let mut in_common: HashMap<u32, u32> = HashMap::new();
        let own = u32::try_from(self.pages.len()).unwrap_or(u32::MAX);
        for hash in sketch {
            let holders = self.holders.entry(hash).or_default();
            if holders.len() < COMMON {
                for holder in holders.iter() {
                    *in_common.entry(*holder).or_default() += 1;
                }
                holders.push(own);
            }
        }
        self.pages.push(page.number);
        let mut likely: Vec<(u32, u32)> =
            in_common.into_iter().filter(|(_, count)| *count >= FEWEST_IN_COMMON).collect();
        likely.sort_by_key(|(page, count)| (std::cmp::Reverse(*count), *page));
        likely.iter().take(CANDIDATES).map(|(page, _)| self.pages[*page as usize]).collect()
    }

    /// How much of two pages agrees, from 0 to 1, if they say the same; none if they do not.
    ///
    /// Words may be misread or missing on either. Numbers and dates that were surely read on both must be the same,
    /// and so must words where one stands in the place of the other; a text layer is always sure.
    #[must_use]
    pub fn similarity(earlier: &Page, later: &Page) -> Option<f32> {
        let (a, b) = (tokens(earlier), tokens(later));
        let comparable = [&a, &b].iter().all(|side| (FEWEST_WORDS..=MOST_WORDS).contains(&side.len()));
        if !comparable {
            return None;
        }
        let both_exact = [earlier, later].iter().all(|page| page.how == HowRead::TextLayer);
        Comparison::of(&a, &b).outcome(both_exact)
    }
}

/// A word as it is compared.
#[derive(Debug, Clone)]
struct Token {
    /// Its letters and digits, small, with what readers confuse made equal.
    key: String,
    /// As written, if it holds a digit, without what stands before and after it.
    number: Option<String>,
    confidence: u8,
    /// It stands where faxes and stamps add something.
    at_edge: bool,
}

impl Token {
    fn of(word: &Word, page: &Page) -> Option<Token> {
        let bare = word.text.trim_matches(|char: char| !char.is_alphanumeric());
        let key: String = bare.chars().filter(|char| char.is_alphanumeric()).flat_map(folded).collect();
        if key.is_empty() {
            return None;
        }
        let is_number = bare.chars().any(|char| char.is_ascii_digit());
        let middle = (word.bbox.y0 + word.bbox.y1) / 2.0;
        let at_edge = middle < EDGE * page.height || middle > (1.0 - EDGE) * page.height;
        Some(Token { key, number: is_number.then(|| bare.to_owned()), confidence: word.confidence, at_edge })
    }

    fn is_sure(&self) -> bool {
        self.confidence >= SURE
    }

    fn is_number(&self) -> bool {
        self.number.is_some()
    }
}

/// A letter as it is compared: in small print, and as the digit that it is confused with.
fn folded(char: char) -> impl Iterator<Item = char> {
    char.to_lowercase().map(|char| match char {
        'o' => '0',
        'l' | 'i' | '|' => '1',
        other => other,
    })
}

fn tokens(page: &Page) -> Vec<Token> {
    page.words().filter_map(|word| Token::of(word, page)).collect()
}

/// The least of the hashes of all words in a row, numbers included: they tell the filled-in form from its twins.
fn sketch(tokens: &[Token]) -> Vec<u64> {
    let mut hashes: Vec<u64> = tokens.windows(SHINGLE).map(hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(SKETCH);
    hashes
}

/// The same in every run, so that what is found is.
fn hash(tokens: &[Token]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    for token in tokens {
        hasher.write(token.key.as_bytes());
        hasher.write_u8(b' ');
    }
    hasher.finish()
}

/// Two pages side by side.
struct Comparison<'t> {
    /// Letters of both pages, and how many of them agree.
    letters: usize,
    agreeing: f32,
    numbers: usize,
    numbers_agreeing: usize,
    /// What stands in one place on one page and on the other, and does not agree.
    gaps: Vec<Gap<'t>>,
}

/// Words between two that agree, on either page.
struct Gap<'t> {
    a: Vec<&'t Token>,
    b: Vec<&'t Token>,
}

impl<'t> Comparison<'t> {
    fn of(a: &'t [Token], b: &'t [Token]) -> Comparison<'t> {
        let count = |side: &[Token]| side.iter().map(|token| token.key.chars().count()).sum::<usize>();
        let numbers = [a, b].iter().map(|side| side.iter().filter(|token| token.is_number()).count()).sum();
        let mut comparison = Comparison {
            letters: count(a) + count(b),
            agreeing: 0.0,
            numbers,
            numbers_agreeing: 0,
            gaps: Vec::new(),
        };
        let (mut from_a, mut from_b) = (0, 0);
        for (at_a, at_b) in in_step(a, b).into_iter().chain([(a.len(), b.len())]) {
            comparison.settle(a[from_a..at_a].iter().collect(), b[from_b..at_b].iter().collect());
            if let (Some(one), Some(other)) = (a.get(at_a), b.get(at_b)) {
                comparison.agree(&[one], &[other], 1.0);
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
    fn settle(&mut self, a: Vec<&'t Token>, b: Vec<&'t Token>) {
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
        // The same digits may be another number: they are parted elsewhere.
        let other_number = a.len() == b.len()
            && a.iter().zip(&b).any(|(one, other)| one.key == other.key && !agrees(one, other));
        let same_numbers = part >= 1.0 || digits(&a) == digits(&b);
        if part >= MISREAD && same_numbers && !other_number {
            self.agree(&a, &b, part);
        } else {
            self.gaps.push(Gap { a, b });
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
                let Some(at) = twins.iter().position(|twin| agrees(token, twin)) else { return true };
                moved.push((*token, twins.swap_remove(at)));
                false
            });
        }
        for gap in &mut self.gaps {
            gap.b.retain(|token| !moved.iter().any(|(_, twin)| std::ptr::eq(*twin, *token)));
        }
        for (one, other) in moved {
            self.agree(&[one], &[other], 1.0);
        }
    }

    fn outcome(&self, both_exact: bool) -> Option<f32> {
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
        number || self.says_other_words()
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
            longest[i * width + j] = if agrees(&a[i], &b[j]) {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if agrees(&a[i], &b[j]) {
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

/// Whether two words are one. Of numbers the points and dashes count too, if both were surely read.
fn agrees(one: &Token, other: &Token) -> bool {
    one.key == other.key
        && match (&one.number, &other.number) {
            (Some(one_number), Some(other_number)) if one.is_sure() && other.is_sure() => {
                marks(one_number) == marks(other_number)
            }
            _ => true,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{BBox, Line};

    const REPORT: &str = "Hill Clinic Laboratory\nPatient: Rosa Lindqvist MRN 4471203\nCollected 03/12/2024 08:15\n\
        Sodium 139 mmol/L 135 to 145\nPotassium 4.2 mmol/L 3.5 to 5.1\nCreatinine 0.9 mg/dL 0.6 to 1.2\n\
        Glucose 98 mg/dL 70 to 99\nHemoglobin 13.2 g/dL 12.0 to 16.0\nPlatelets 250 10*9/L 150 to 400\n\
        All values were checked by the laboratory before they were released to the physician";

    fn page(number: u32, text: &str, how: HowRead, confidence: u8) -> Page {
        let bbox = |row: usize| {
            let y0 = 100.0 + 20.0 * row as f32;
            BBox { x0: 72.0, y0, x1: 300.0, y1: y0 + 10.0 }
        };
        let word = |word: &str, row| Word { text: word.to_owned(), bbox: bbox(row), confidence };
        let line =
            |(row, line): (usize, &str)| Line::body(line.split(' ').map(|text| word(text, row)).collect());
        Page::new(number, 612.0, 792.0, how, text.lines().enumerate().map(line).collect())
    }

    fn scan(number: u32, text: &str) -> Page {
        page(number, text, HowRead::Ocr { confidence: 92 }, 92)
    }

    #[test]
    fn the_same_words_are_a_repeat_though_some_are_misread() {
        let other = REPORT
            .replace("Laboratory", "Labaratory")
            .replace("Glucose", "G1ucose")
            .replace("mg/dL", "mgldL");
        let similarity = Repeats::similarity(&scan(1, REPORT), &scan(2, &other)).unwrap();
        assert!((0.9..1.0).contains(&similarity), "{similarity}");
        assert_eq!(Repeats::similarity(&scan(1, REPORT), &scan(2, REPORT)), Some(1.0));
    }

    #[test]
    fn one_other_value_date_or_name_decides() {
        for (from, to) in [
            ("Potassium 4.2", "Potassium 4.8"),
            ("Potassium 4.2", "Potassium 42"),
            ("03/12/2024", "03/13/2024"),
            ("Rosa", "Emilia"),
            ("Glucose 98 mg/dL", "Glucose mg/dL"),
        ] {
            let other = REPORT.replace(from, to);
            assert_ne!(other, REPORT);
            assert_eq!(Repeats::similarity(&scan(1, REPORT), &scan(2, &other)), None, "{to}");
            assert_eq!(Repeats::similarity(&scan(1, &other), &scan(2, REPORT)), None, "{from}");
        }
    }

    #[test]
    fn a_number_that_was_hardly_read_decides_nothing_but_several_do() {
        let doubtful = |number, misread: &[(&str, &str)]| {
            let other = misread.iter().fold(REPORT.to_owned(), |text, (from, to)| text.replace(from, to));
            let mut page = scan(number, &other);
            for word in page.lines.iter_mut().flat_map(|line| &mut line.words) {
                if misread.iter().any(|(_, to)| *to == word.text) {
                    word.confidence = 55;
                }
            }
            page
        };
        assert!(Repeats::similarity(&scan(1, REPORT), &doubtful(2, &[("0.9", "6.9")])).is_some());
        let many =
            [("0.9", "6.9"), ("139", "180"), ("13.2", "18.7"), ("250", "290"), ("98", "38"), ("4.2", "1.2")];
        assert_eq!(Repeats::similarity(&scan(1, REPORT), &doubtful(2, &many)), None);
    }

    #[test]
    fn two_texts_that_are_exactly_known_must_not_differ_at_all() {
        let exact = |number, text: &str| page(number, text, HowRead::TextLayer, 100);
        let other = REPORT.replace("were checked", "were not checked");
        assert_eq!(Repeats::similarity(&exact(1, REPORT), &exact(2, &other)), None);
        assert_eq!(Repeats::similarity(&exact(1, REPORT), &exact(2, REPORT)), Some(1.0));
    }

    #[test]
    fn lines_in_another_order_and_a_fax_machines_line_are_forgiven() {
        let mut lines: Vec<&str> = REPORT.lines().collect();
        lines.swap(4, 7);
        let mut other = scan(2, &lines.join("\n"));
        let mut fax =
            page(2, "03/15/2024 16:20 FAX 555 0134 P.02/09", HowRead::Ocr { confidence: 92 }, 92).lines;
        for word in fax.iter_mut().flat_map(|line| &mut line.words) {
            (word.bbox.y0, word.bbox.y1) = (10.0, 20.0);
        }
        other.lines.splice(..0, fax);
        assert!(Repeats::similarity(&scan(1, REPORT), &other).is_some());
    }

    #[test]
    fn nearly_empty_pages_repeat_nothing() {
        let note = "This page was left blank on purpose";
        assert_eq!(Repeats::similarity(&scan(1, note), &scan(2, note)), None);
        let mut repeats = Repeats::default();
        assert!(repeats.add(&scan(1, note)).is_empty() && repeats.add(&scan(2, note)).is_empty());
    }

    #[test]
    fn of_many_filled_in_forms_the_one_with_the_same_values_is_the_likeliest() {
        let form = |n: u32| REPORT.replace("139", &(130 + n).to_string()).replace("13.2", &format!("{n}.2"));
        let mut repeats = Repeats::default();
        for n in 0..20 {
            repeats.add(&scan(n + 1, &form(n)));
        }
        assert_eq!(repeats.add(&scan(21, &form(7)))[0], 8);
    }
}
