//! Near-duplicate pages: the same sheet scanned again, or a print scanned beside its original.
//!
//! Decides from the words alone. Pages whose numbers or names surely differ are not duplicates, because the same form is
//! filled in again and again.

mod alignment;
mod compared_word;

use std::{collections::HashMap, hash::Hasher, ops::RangeInclusive};

use alignment::PageAlignment;
use compared_word::ComparedWord;
use maneiro_page::{Page, TextSource};

/// Pages with fewer words are not compared: many sheets say next to nothing. Nor are pages with more: the time grows with
/// the square of the number of words.
const COMPARABLE_WORDS: RangeInclusive<usize> = 25..=4_000;
/// The number of hashes that are kept of a page.
const MAX_SKETCH_HASHES: usize = 48;
/// The number of consecutive words in one hash.
const SHINGLE_WORDS: usize = 3;
/// Pages that share fewer hashes are not compared.
const MIN_SHARED_HASHES: u32 = 5;
/// A hash of this many pages belongs to a form and does not tell pages apart.
const MAX_PAGES_PER_HASH: usize = 500;
/// A page is compared with at most this many earlier pages.
const MAX_CANDIDATES: usize = 3;

/// Finds the earlier pages that a page may duplicate. Keeps a sketch of each page, less than a kilobyte, and not its
/// words: [`similarity`] compares the pages themselves.
///
/// ```
/// use maneiro_engine::NearDuplicateDetector;
/// use maneiro_page::Page;
///
/// /// The earlier page that each page duplicates.
/// fn near_duplicates(pages: &[Page]) -> Vec<Option<u32>> {
///     let mut detector = NearDuplicateDetector::default();
///     let mut original = |page: &Page| {
///         let mut candidates = detector.add(page).into_iter();
///         candidates.find(|number| {
///             NearDuplicateDetector::similarity(&pages[*number as usize - 1], page).is_some()
///         })
///     };
///     pages.iter().map(|page| original(page)).collect()
/// }
/// # assert!(near_duplicates(&[]).is_empty());
/// ```
///
/// [`similarity`]: NearDuplicateDetector::similarity
#[derive(Debug, Default)]
pub struct NearDuplicateDetector {
    /// The numbers of the pages, in the order in which they were added.
    page_numbers: Vec<u32>,
    /// The pages with a hash in their sketch, as indices into `page_numbers`.
    pages_by_hash: HashMap<u64, Vec<u32>>,
}

impl NearDuplicateDetector {
    /// Adds a page, and returns the numbers of the earlier pages that it may duplicate, the likeliest first.
    pub fn add(&mut self, page: &Page) -> Vec<u32> {
        let words = ComparedWord::all_from_page(page);
        if !COMPARABLE_WORDS.contains(&words.len()) {
            return Vec::new();
        }
        let mut shared_hashes: HashMap<u32, u32> = HashMap::new();
        let index = u32::try_from(self.page_numbers.len()).unwrap_or(u32::MAX);
        for hash in min_hash_sketch(&words) {
            let pages = self.pages_by_hash.entry(hash).or_default();
            if pages.len() < MAX_PAGES_PER_HASH {
                for earlier in pages.iter() {
                    *shared_hashes.entry(*earlier).or_default() += 1;
                }
                pages.push(index);
            }
        }
        self.page_numbers.push(page.number);
        let mut candidates: Vec<(u32, u32)> =
            shared_hashes.into_iter().filter(|(_, count)| *count >= MIN_SHARED_HASHES).collect();
        candidates.sort_by_key(|(page, count)| (std::cmp::Reverse(*count), *page));
        candidates.iter().take(MAX_CANDIDATES).map(|(page, _)| self.page_numbers[*page as usize]).collect()
    }

    /// The share of the two pages' text that agrees, from 0 to 1, if the pages are near-duplicates.
    ///
    /// Words may be misread or missing on either page. Numbers and dates that are surely read on both must be equal, and
    /// so must words where one is in the place of the other; words of a text layer are always sure. A word that only one
    /// page has, for instance `not`, makes the pages differ if the other has no gap for it; a decimal point that OCR
    /// dropped leaves a gap and does not.
    #[must_use]
    pub fn similarity(earlier: &Page, later: &Page) -> Option<f32> {
        let (a, b) = (ComparedWord::all_from_page(earlier), ComparedWord::all_from_page(later));
        if ![&a, &b].iter().all(|words| COMPARABLE_WORDS.contains(&words.len())) {
            return None;
        }
        let are_exact = [earlier, later].iter().all(|page| page.text_source == TextSource::TextLayer);
        PageAlignment::new(&a, &b).similarity(are_exact)
    }
}

/// The smallest hashes of all shingles. Numbers are included: they tell copies of a form apart.
fn min_hash_sketch(words: &[ComparedWord]) -> Vec<u64> {
    let mut hashes: Vec<u64> = words.windows(SHINGLE_WORDS).map(shingle_hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(MAX_SKETCH_HASHES);
    hashes
}

/// Equal in every run, so that results are reproducible.
fn shingle_hash(words: &[ComparedWord]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    for word in words {
        hasher.write(word.key.as_bytes());
        hasher.write_u8(b' ');
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use maneiro_page::{BBox, Line, Word};

    const REPORT: &str = "Hill Clinic Laboratory\nPatient: Rosa Lindqvist MRN 4471203\nCollected 03/12/2024 08:15\n\
        Sodium 139 mmol/L 135 to 145\nPotassium 4.2 mmol/L 3.5 to 5.1\nCreatinine 0.9 mg/dL 0.6 to 1.2\n\
        Glucose 98 mg/dL 70 to 99\nHemoglobin 13.2 g/dL 12.0 to 16.0\nPlatelets 250 10*9/L 150 to 400\n\
        All values were checked by the laboratory before they were released to the physician";

    fn page(number: u32, text: &str, text_source: TextSource, confidence: u8) -> Page {
        // Letters and digits are six points wide, full stops three.
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
        Page::new(number, 612.0, 792.0, text_source, text.lines().enumerate().map(line).collect())
    }

    fn scan(number: u32, text: &str) -> Page {
        page(number, text, TextSource::Ocr { confidence: 92 }, 92)
    }

    #[test]
    fn pages_with_a_few_misread_words_are_near_duplicates() {
        let other = REPORT
            .replace("Laboratory", "Labaratory")
            .replace("Glucose", "G1ucose")
            .replace("mg/dL", "mgldL");
        let similarity = NearDuplicateDetector::similarity(&scan(1, REPORT), &scan(2, &other)).unwrap();
        assert!((0.9..1.0).contains(&similarity), "{similarity}");
        assert_eq!(NearDuplicateDetector::similarity(&scan(1, REPORT), &scan(2, REPORT)), Some(1.0));
    }

    #[test]
    fn one_different_value_date_or_name_makes_pages_differ() {
        for (from, to) in [
            ("Potassium 4.2", "Potassium 4.8"),
            ("Potassium 4.2", "Potassium 42"),
            ("03/12/2024", "03/13/2024"),
            ("Rosa", "Emilia"),
            ("Glucose 98 mg/dL", "Glucose mg/dL"),
        ] {
            let other = REPORT.replace(from, to);
            assert_ne!(other, REPORT);
            assert_eq!(NearDuplicateDetector::similarity(&scan(1, REPORT), &scan(2, &other)), None, "{to}");
            assert_eq!(NearDuplicateDetector::similarity(&scan(1, &other), &scan(2, REPORT)), None, "{from}");
        }
    }

    #[test]
    fn one_doubtful_number_is_tolerated_and_several_are_not() {
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
        assert!(
            NearDuplicateDetector::similarity(&scan(1, REPORT), &doubtful(2, &[("0.9", "6.9")])).is_some()
        );
        let many =
            [("0.9", "6.9"), ("139", "180"), ("13.2", "18.7"), ("250", "290"), ("98", "38"), ("4.2", "1.2")];
        assert_eq!(NearDuplicateDetector::similarity(&scan(1, REPORT), &doubtful(2, &many)), None);
    }

    /// The page as OCR reads it if it drops something: all other words keep their places.
    fn with_dropped(text: &str, from: &str, to: &str) -> Page {
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
    fn dropped_decimal_point_leaves_a_gap() {
        assert!(
            NearDuplicateDetector::similarity(&scan(1, REPORT), &with_dropped(REPORT, "4.2", "42")).is_some()
        );
        assert!(
            NearDuplicateDetector::similarity(&with_dropped(REPORT, "4.2", "42"), &scan(1, REPORT)).is_some()
        );
        let other = REPORT.replace("4.2", "42");
        assert_eq!(NearDuplicateDetector::similarity(&scan(1, REPORT), &scan(2, &other)), None);
    }

    #[test]
    fn dropped_word_leaves_a_gap() {
        let denied = REPORT.replace("were checked", "were not checked");
        assert!(
            NearDuplicateDetector::similarity(&scan(1, &denied), &with_dropped(&denied, "not", "")).is_some()
        );
        assert_eq!(NearDuplicateDetector::similarity(&scan(1, &denied), &scan(2, REPORT)), None);
        assert_eq!(NearDuplicateDetector::similarity(&scan(1, REPORT), &scan(2, &denied)), None);
    }

    #[test]
    fn two_text_layers_must_not_differ_at_all() {
        let exact = |number, text: &str| page(number, text, TextSource::TextLayer, 100);
        let other = REPORT.replace("were checked", "were not checked");
        assert_eq!(NearDuplicateDetector::similarity(&exact(1, REPORT), &exact(2, &other)), None);
        assert_eq!(NearDuplicateDetector::similarity(&exact(1, REPORT), &exact(2, REPORT)), Some(1.0));
    }

    #[test]
    fn reordered_lines_and_a_fax_header_are_tolerated() {
        let mut lines: Vec<&str> = REPORT.lines().collect();
        lines.swap(4, 7);
        let mut other = scan(2, &lines.join("\n"));
        let mut fax =
            page(2, "03/15/2024 16:20 FAX 555 0134 P.02/09", TextSource::Ocr { confidence: 92 }, 92).lines;
        for word in fax.iter_mut().flat_map(|line| &mut line.words) {
            (word.bbox.y0, word.bbox.y1) = (10.0, 20.0);
        }
        other.lines.splice(..0, fax);
        assert!(NearDuplicateDetector::similarity(&scan(1, REPORT), &other).is_some());
    }

    #[test]
    fn nearly_empty_pages_are_not_near_duplicates() {
        let note = "This page was left blank on purpose";
        assert_eq!(NearDuplicateDetector::similarity(&scan(1, note), &scan(2, note)), None);
        let mut detector = NearDuplicateDetector::default();
        assert!(detector.add(&scan(1, note)).is_empty() && detector.add(&scan(2, note)).is_empty());
    }

    #[test]
    fn form_with_the_same_values_is_the_likeliest_candidate() {
        let form = |n: u32| REPORT.replace("139", &(130 + n).to_string()).replace("13.2", &format!("{n}.2"));
        let mut detector = NearDuplicateDetector::default();
        for n in 0..20 {
            detector.add(&scan(n + 1, &form(n)));
        }
        assert_eq!(detector.add(&scan(21, &form(7)))[0], 8);
    }
}
