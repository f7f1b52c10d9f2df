//! Page headers and footers: lines at the top or bottom of consecutive pages that are equal except for the page number and
//! dates. A line whose other numbers change belongs to its page and is body text.

use maneiro_page::{Line, LineRole, Page};

/// A header or footer is on at least this many pages.
const MIN_PAGES: usize = 3;
/// The pages that share it are at most this many pages apart: left and right pages have different headers, and a file may
/// be bound from several documents, each with its own.
const MAX_PAGE_DISTANCE: usize = 4;
/// Headers are among this many lines at the top, in this share of the page height.
const MAX_HEADER_LINES: usize = 4;
const HEADER_ZONE_RATIO: f32 = 0.16;
/// Footers are among this many lines at the bottom, in this share of the page height.
const MAX_FOOTER_LINES: usize = 3;
const FOOTER_ZONE_RATIO: f32 = 0.12;
/// From page to page a header or footer shifts by at most this share of the page height.
const MAX_SHIFT_RATIO: f32 = 0.03;
/// At most one letter in this many is misread.
const MIN_LETTERS_PER_ERROR: usize = 6;
/// A header or footer without a page number has at least this many letters.
const MIN_LETTERS: usize = 4;
/// In numbers of at least this many digits, such as a patient's, one digit may be misread.
const MIN_MISREAD_DIGITS: usize = 5;

/// Detects page headers and footers. Keeps a few lines of each page.
///
/// ```
/// use maneiro_engine::HeaderFooterDetector;
/// use maneiro_page::Page;
///
/// fn mark_headers_and_footers(pages: &mut [Page]) {
///     let mut detector = HeaderFooterDetector::default();
///     pages.iter().for_each(|page| detector.add(page));
///     for (page, roles) in pages.iter_mut().zip(detector.detect()) {
///         for (line, role) in roles {
///             page.lines[line].role = role;
///         }
///     }
/// }
/// # mark_headers_and_footers(&mut []);
/// ```
#[derive(Debug, Default)]
pub struct HeaderFooterDetector {
    pages: Vec<PageEdges>,
}

/// The lines of a page that may be headers or footers.
#[derive(Debug)]
struct PageEdges {
    page_number: u32,
    top: Vec<EdgeLine>,
    bottom: Vec<EdgeLine>,
}

/// A line at the top or bottom of a page.
#[derive(Debug)]
struct EdgeLine {
    /// The line's index on the page.
    index: usize,
    /// The line's centre, as a share of the page height.
    center_y_ratio: f32,
    /// The letters, with `#` for each number and `@` for each date.
    letters: Vec<char>,
    /// The numbers that are not dates.
    numbers: Vec<String>,
}

impl HeaderFooterDetector {
    /// Adds the next page, in the order of the file. Leave out blank pages and duplicates: a blank page would separate
    /// its neighbours, and a duplicate would count twice. For duplicates see
    /// [`detect_in_duplicate`](Self::detect_in_duplicate).
    pub fn add(&mut self, page: &Page) {
        self.pages.push(PageEdges::from_page(page));
    }

    /// The headers and footers of each page, in the order in which the pages were added, as index of the line and role.
    #[must_use]
    pub fn detect(&self) -> Vec<Vec<(usize, LineRole)>> {
        (0..self.pages.len()).map(|at| self.roles(at, &self.pages[at])).collect()
    }

    /// The headers and footers of a page that was not added because it duplicates the added page with the number
    /// `original`.
    #[must_use]
    pub fn detect_in_duplicate(&self, duplicate: &Page, original: u32) -> Vec<(usize, LineRole)> {
        let Some(at) = self.pages.iter().position(|page| page.page_number == original) else {
            return Vec::new();
        };
        self.roles(at, &PageEdges { page_number: original, ..PageEdges::from_page(duplicate) })
    }

    /// The headers and footers of a page at this index among the added pages.
    fn roles(&self, at: usize, page: &PageEdges) -> Vec<(usize, LineRole)> {
        let end = (at + MAX_PAGE_DISTANCE + 1).min(self.pages.len());
        let neighbours = &self.pages[at.saturating_sub(MAX_PAGE_DISTANCE)..end];
        let headers = repeated_lines(page, neighbours, |edges| &edges.top);
        let footers = repeated_lines(page, neighbours, |edges| &edges.bottom);
        let headers = headers.into_iter().map(|line| (line, LineRole::Header));
        headers.chain(footers.into_iter().map(|line| (line, LineRole::Footer))).collect()
    }
}

/// The lines at one edge of a page that enough of its neighbours have too.
fn repeated_lines(
    page: &PageEdges,
    neighbours: &[PageEdges],
    edge: fn(&PageEdges) -> &[EdgeLine],
) -> Vec<usize> {
    let is_repeated = |line: &&EdgeLine| {
        let has_line = |other: &&PageEdges| {
            edge(other).iter().any(|theirs| is_same_line(line, page.page_number, theirs, other.page_number))
        };
        neighbours.iter().filter(has_line).count() >= MIN_PAGES
    };
    edge(page).iter().filter(is_repeated).map(|line| line.index).collect()
}

impl PageEdges {
    fn from_page(page: &Page) -> PageEdges {
        let center_y_ratio = |line: &Line| -> Option<f32> {
            let first = line.words.first()?.bbox;
            let bbox = line.words.iter().fold(first, |bbox, word| bbox.union(&word.bbox));
            Some(bbox.center().1 / page.height)
        };
        let mut lines: Vec<(usize, f32)> = page
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.role != LineRole::Annotation)
            .filter_map(|(index, line)| Some((index, center_y_ratio(line)?)))
            .collect();
        lines.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let edge_line = |&(index, center_y_ratio): &(usize, f32)| {
            let (letters, numbers) = mask_numbers(&page.lines[index].text());
            EdgeLine { index, center_y_ratio, letters, numbers }
        };
        let top = lines.iter().take(MAX_HEADER_LINES).filter(|(_, y)| *y < HEADER_ZONE_RATIO);
        let bottom = lines.iter().rev().take(MAX_FOOTER_LINES).filter(|(_, y)| *y > 1.0 - FOOTER_ZONE_RATIO);
        PageEdges {
            page_number: page.number,
            top: top.map(edge_line).collect(),
            bottom: bottom.map(edge_line).collect(),
        }
    }
}

/// The letters of a line with `#` for its numbers and `@` for its dates and times, and those numbers.
fn mask_numbers(text: &str) -> (Vec<char>, Vec<String>) {
    let (mut letters, mut numbers) = (Vec::new(), Vec::new());
    let words: Vec<&str> =
        text.split_whitespace().map(|word| word.trim_matches(|char: char| !char.is_alphanumeric())).collect();
    for (at, word) in words.iter().enumerate() {
        let neighbours = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        let may_be_day = word.len() <= 2 && word.chars().all(|char| char.is_ascii_digit());
        let is_day = may_be_day && neighbours.filter_map(|at| words.get(at)).any(|word| is_month_name(word));
        if is_date_or_time(word) || is_day {
            // A date of several words is one date.
            if letters.last() != Some(&'@') {
                letters.push('@');
            }
            continue;
        }
        let mut number = String::new();
        for char in letters_for_misread_digits(word).chars().chain([' ']) {
            if char.is_ascii_digit() {
                number.push(char);
                continue;
            }
            if !number.is_empty() {
                letters.push('#');
                numbers.push(std::mem::take(&mut number));
            }
            letters.extend(char.to_lowercase().filter(|char| char.is_alphabetic()));
        }
    }
    (letters, numbers)
}

/// A word that is mostly letters, with letters in place of the digits that OCR confuses with them.
fn letters_for_misread_digits(word: &str) -> String {
    let letters = word.chars().filter(|char| char.is_alphabetic()).count();
    if 2 * letters > word.chars().count() {
        word.replace('1', "l").replace('0', "o")
    } else {
        word.to_owned()
    }
}

/// Whether a word is a date, a time, or part of a date in words: `03/12/2024`, `12.3.24`, `14:30`, `March`, `2024`.
fn is_date_or_time(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['/', '.', '-', ':']).collect();
    let are_numbers =
        parts.iter().all(|part| !part.is_empty() && part.chars().all(|char| char.is_ascii_digit()));
    let is_year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    are_numbers && (parts.len() == 3 || word.contains(':') || is_year) || is_month_name(word)
}

/// Whether a word is the English name of a month or an abbreviation of it.
fn is_month_name(word: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    word.len() >= 3 && MONTHS.iter().any(|month| month.starts_with(&word.to_lowercase()))
}

/// Whether two lines are the same header or footer on their pages.
fn is_same_line(one: &EdgeLine, one_page: u32, other: &EdgeLine, other_page: u32) -> bool {
    if (one.center_y_ratio - other.center_y_ratio).abs() > MAX_SHIFT_RATIO
        || one.numbers.len() != other.numbers.len()
    {
        return false;
    }
    let letters = |line: &EdgeLine| line.letters.iter().filter(|char| char.is_alphabetic()).count();
    let counts_pages = |one: &String, other: &String| {
        let (Ok(one), Ok(other)) = (one.parse::<i64>(), other.parse::<i64>()) else { return false };
        one - other == i64::from(one_page) - i64::from(other_page)
    };
    let numbers = one.numbers.iter().zip(&other.numbers);
    let page_numbers = numbers.clone().filter(|(one, other)| counts_pages(one, other)).count();
    let matching = numbers
        .filter(|(one, other)| one == other || counts_pages(one, other) || differs_by_one_digit(one, other))
        .count();
    if matching < one.numbers.len() {
        return false;
    }
    // A number alone is a page number only if it counts the pages.
    if letters(one) < MIN_LETTERS && (one.numbers.is_empty() || page_numbers == 0) {
        return false;
    }
    have_similar_letters(one, other)
}

/// Whether two long numbers differ in one digit, which may be misread.
fn differs_by_one_digit(one: &str, other: &str) -> bool {
    one.len() >= MIN_MISREAD_DIGITS
        && one.len() == other.len()
        && one.chars().zip(other.chars()).filter(|(a, b)| a != b).count() == 1
}

/// Whether the letters of two lines are equal except for a few misreadings.
fn have_similar_letters(one: &EdgeLine, other: &EdgeLine) -> bool {
    let (one, other) = (&one.letters, &other.letters);
    let max_errors = one.len().max(other.len()) / MIN_LETTERS_PER_ERROR;
    one.len().abs_diff(other.len()) <= max_errors && strsim::generic_levenshtein(one, other) <= max_errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use maneiro_page::{BBox, TextSource, Word};

    /// A page with these lines from the top downwards, and these from the bottom upwards.
    fn page(number: u32, top: &[&str], bottom: &[&str]) -> Page {
        let line = |text: &str, y: f32| {
            let bbox = BBox { x0: 72.0, y0: y, x1: 300.0, y1: y + 10.0 };
            let word = |word: &str| Word { text: word.to_owned(), bbox, confidence: 90 };
            Line::body(text.split(' ').map(word).collect())
        };
        let mut lines: Vec<Line> =
            (0..).zip(top).map(|(n, text)| line(text, 36.0 + 14.0 * n as f32)).collect();
        lines.push(line(&format!("What page {number} says is its own"), 300.0));
        lines.push(line("and this it has in common with others", 314.0));
        lines.extend((0..).zip(bottom).map(|(n, text)| line(text, 760.0 - 14.0 * n as f32)));
        Page::new(number, 612.0, 792.0, TextSource::TextLayer, lines)
    }

    fn detect(pages: &[Page]) -> Vec<Vec<(usize, LineRole)>> {
        let mut detector = HeaderFooterDetector::default();
        pages.iter().for_each(|page| detector.add(page));
        detector.detect()
    }

    #[test]
    fn page_number_and_dates_may_change_in_headers_and_footers() {
        let dates = ["03/12/2024 14:30", "4 March 2024 9:15", "28.3.2024 10:02"];
        let pages: Vec<Page> = (9..)
            .zip(dates)
            .map(|(n, date)| {
                page(n, &[&format!("Hill Clinic printed {date}")], &[&format!("Page {n} of 12")])
            })
            .collect();
        let both = vec![(0, LineRole::Header), (3, LineRole::Footer)];
        assert_eq!(detect(&pages), [both.clone(), both.clone(), both]);
        assert_eq!(detect(&pages[..2]), [[], []], "two pages are too few");
    }

    #[test]
    fn duplicate_has_the_headers_of_its_original_and_adds_none() {
        let pages: Vec<Page> =
            (1..=3).map(|n| page(n, &["Hill Clinic", "Seen today"], &[&format!("Page {n} of 3")])).collect();
        let duplicate = Page { number: 9, ..page(2, &["Hi1l Clinic", "Not seen"], &["Page 2 of 3"]) };
        let mut detector = HeaderFooterDetector::default();
        pages.iter().for_each(|page| detector.add(page));
        assert_eq!(
            detector.detect_in_duplicate(&duplicate, 2),
            [(0, LineRole::Header), (4, LineRole::Footer)]
        );
        assert_eq!(detector.detect_in_duplicate(&duplicate, 7), [], "no such page was added");
        let mut two = HeaderFooterDetector::default();
        pages[..2].iter().for_each(|page| two.add(page));
        assert_eq!(two.detect_in_duplicate(&duplicate, 2), [], "two pages and a duplicate are too few");
    }

    #[test]
    fn line_whose_other_numbers_change_is_not_a_header() {
        let pressures = ["BP 120/80 Pulse 72", "BP 132/84 Pulse 80", "BP 128/82 Pulse 76"];
        let pages: Vec<Page> =
            (1..).zip(pressures).map(|(n, line)| page(n, &["Visit", line], &["7.2"])).collect();
        assert!(
            detect(&pages).iter().all(|roles| roles.iter().all(|(line, _)| *line == 0)),
            "{:?}",
            detect(&pages)
        );
    }

    #[test]
    fn misreadings_and_small_shifts_are_tolerated() {
        let mut pages = vec![
            page(1, &["Hill Clinic, MRN 4471203"], &["1"]),
            page(2, &["Hi1l Clinlc, MRN 4471203"], &["2"]),
            page(3, &["Hill Clinic, MRN 4471208"], &["3"]),
        ];
        for line in &mut pages[1].lines {
            line.words.iter_mut().for_each(|word| {
                word.bbox.y0 += 8.0;
                word.bbox.y1 += 8.0;
            });
        }
        let both = vec![(0, LineRole::Header), (3, LineRole::Footer)];
        assert_eq!(detect(&pages), [both.clone(), both.clone(), both]);
    }

    #[test]
    fn left_right_and_bound_documents_keep_separate_headers() {
        let with_header = |header: &'static str, pages: std::ops::RangeInclusive<u32>| {
            pages.map(move |number| page(number, &[header], &[]))
        };
        let sides = (1..=6)
            .map(|n| page(n, &[if n % 2 == 0 { "Hill Clinic" } else { "Ada Hill, orthopaedics" }], &[]));
        assert!(detect(&sides.collect::<Vec<_>>()).iter().all(|roles| *roles == [(0, LineRole::Header)]));
        let bound: Vec<Page> = with_header("Hill Clinic", 1..=3)
            .chain(with_header("A letter", 4..=4))
            .chain(with_header("Valley Hospital", 5..=7))
            .collect();
        let headers: Vec<usize> = detect(&bound).iter().map(Vec::len).collect();
        assert_eq!(headers, [1, 1, 1, 0, 1, 1, 1]);
    }
}
