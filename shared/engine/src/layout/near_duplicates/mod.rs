//! Pages that say the same as an earlier one: the same sheet scanned again, or a print scanned beside its original.
//! Decides from the words alone, and takes no page for a repeat whose numbers or names were surely others: the same
//! form is filled in again and again.

mod alignment;

use std::{collections::HashMap, hash::Hasher};

use alignment::Comparison;
use maneiro_page::{BBox, Page, TextSource, Word};

/// Words read with at least this confidence, 0 to 100, say for sure what they say.
const SURE: u8 = 85;
/// And numbers with at least this: a value that differs is rather another value than misread.
const SURE_NUMBER: u8 = 50;
/// Pages with fewer words than this repeat nothing: many sheets say next to nothing.
const FEWEST_WORDS: usize = 25;
/// Longer pages are not compared: the time would grow with the square.
const MOST_WORDS: usize = 4_000;
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
/// use maneiro_engine::{Repeats};
/// use maneiro_page::{Page};
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
    /// and so must words where one stands in the place of the other; a text layer is always sure. A word that only one
    /// of them has, a `not` for instance, makes them differ if the other has no room for it; a point that was passed
    /// over in a number has left its room and does not.
    #[must_use]
    pub fn similarity(earlier: &Page, later: &Page) -> Option<f32> {
        let (a, b) = (tokens(earlier), tokens(later));
        let comparable = [&a, &b].iter().all(|side| (FEWEST_WORDS..=MOST_WORDS).contains(&side.len()));
        if !comparable {
            return None;
        }
        let both_exact = [earlier, later].iter().all(|page| page.text_source == TextSource::TextLayer);
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
    bbox: BBox,
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
        let number = is_number.then(|| bare.to_owned());
        Some(Token { key, number, confidence: word.confidence, at_edge, bbox: word.bbox })
    }

    fn is_sure(&self) -> bool {
        self.confidence >= if self.is_number() { SURE_NUMBER } else { SURE }
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

#[cfg(test)]
mod tests {
    use super::*;
    use maneiro_page::{BBox, Line};

    const REPORT: &str = "Hill Clinic Laboratory\nPatient: Rosa Lindqvist MRN 4471203\nCollected 03/12/2024 08:15\n\
        Sodium 139 mmol/L 135 to 145\nPotassium 4.2 mmol/L 3.5 to 5.1\nCreatinine 0.9 mg/dL 0.6 to 1.2\n\
        Glucose 98 mg/dL 70 to 99\nHemoglobin 13.2 g/dL 12.0 to 16.0\nPlatelets 250 10*9/L 150 to 400\n\
        All values were checked by the laboratory before they were released to the physician";

    fn page(number: u32, text: &str, how: TextSource, confidence: u8) -> Page {
        // Letters and digits are six points wide, points three.
        let width = |text: &str| text.chars().map(|char| if char == '.' { 3.0 } else { 6.0 }).sum::<f32>();
        let line = |(row, line): (usize, &str)| {
            let (mut x0, y0) = (36.0, 100.0 + 20.0 * row as f32);
            let word = |text: &str| {
                let bbox = BBox { x0, y0, x1: x0 + width(text), y1: y0 + 10.0 };
                x0 = bbox.x1 + 4.0;
                Word { text: text.to_owned(), bbox, confidence }
            };
            Line::body(line.split(' ').map(word).collect())
        };
        Page::new(number, 612.0, 792.0, how, text.lines().enumerate().map(line).collect())
    }

    fn scan(number: u32, text: &str) -> Page {
        page(number, text, TextSource::Ocr { confidence: 92 }, 92)
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
                    word.confidence = 45;
                }
            }
            page
        };
        assert!(Repeats::similarity(&scan(1, REPORT), &doubtful(2, &[("0.9", "6.9")])).is_some());
        let many =
            [("0.9", "6.9"), ("139", "180"), ("13.2", "18.7"), ("250", "290"), ("98", "38"), ("4.2", "1.2")];
        assert_eq!(Repeats::similarity(&scan(1, REPORT), &doubtful(2, &many)), None);
    }

    /// The page with what was passed over in its reading: the rest stands where it stood.
    fn passing_over(text: &str, from: &str, to: &str) -> Page {
        let mut page = scan(2, text);
        for word in page.lines.iter_mut().flat_map(|line| &mut line.words) {
            if word.text == from {
                word.text = to.to_owned();
            }
        }
        page.lines.iter_mut().for_each(|line| line.words.retain(|word| !word.text.is_empty()));
        page
    }

    #[test]
    fn a_point_that_was_passed_over_has_left_its_room_and_one_that_was_never_there_has_not() {
        assert!(Repeats::similarity(&scan(1, REPORT), &passing_over(REPORT, "4.2", "42")).is_some());
        assert!(Repeats::similarity(&passing_over(REPORT, "4.2", "42"), &scan(1, REPORT)).is_some());
        let other = REPORT.replace("4.2", "42");
        assert_eq!(Repeats::similarity(&scan(1, REPORT), &scan(2, &other)), None);
    }

    #[test]
    fn a_word_that_was_passed_over_has_left_its_room_and_one_that_was_never_there_has_not() {
        let denied = REPORT.replace("were checked", "were not checked");
        assert!(Repeats::similarity(&scan(1, &denied), &passing_over(&denied, "not", "")).is_some());
        assert_eq!(Repeats::similarity(&scan(1, &denied), &scan(2, REPORT)), None);
        assert_eq!(Repeats::similarity(&scan(1, REPORT), &scan(2, &denied)), None);
    }

    #[test]
    fn two_texts_that_are_exactly_known_must_not_differ_at_all() {
        let exact = |number, text: &str| page(number, text, TextSource::TextLayer, 100);
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
            page(2, "03/15/2024 16:20 FAX 555 0134 P.02/09", TextSource::Ocr { confidence: 92 }, 92).lines;
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
