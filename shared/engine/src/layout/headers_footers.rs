//! Running heads and feet: lines at the top or the foot of page after page that stay the same but for the page's
//! number and dates. A line whose other numbers change says something of its page and is none.

use maneiro_page::{Line, LineRole, Page};

use crate::text::edit_distance;

/// A running line is on so many pages at least.
const LEAST_PAGES: usize = 3;
/// And those are at most so many pages apart: left and right pages have other heads, and files are bound from several
/// documents, each with its own.
const REACH: usize = 4;
/// Heads are among so many lines at the top, in this part of the page's height.
const HEAD: (usize, f32) = (4, 0.16);
/// Feet are among so many lines at its end.
const FOOT: (usize, f32) = (3, 0.12);
/// From page to page a line is displaced by at most this part of the height.
const SHIFT: f32 = 0.03;
/// Of a line's letters at most one in so many is misread.
const MISREAD: usize = 6;
/// A line that is no page number has at least so many letters.
const FEWEST_LETTERS: usize = 4;

/// Finds running heads and feet. Keeps a few lines of each page.
///
/// ```
/// use maneiro_engine::{RunningLines};
/// use maneiro_page::{Page};
///
/// fn mark(pages: &mut [Page]) {
///     let mut running = RunningLines::default();
///     pages.iter().for_each(|page| running.add(page));
///     for (page, marks) in pages.iter_mut().zip(running.find()) {
///         for (line, role) in marks {
///             page.lines[line].role = role;
///         }
///     }
/// }
/// # mark(&mut []);
/// ```
#[derive(Debug, Default)]
pub struct RunningLines {
    pages: Vec<Ends>,
}

/// The lines that may be running heads or feet.
#[derive(Debug)]
struct Ends {
    number: u32,
    head: Vec<End>,
    foot: Vec<End>,
}

/// One of them.
#[derive(Debug)]
struct End {
    /// Which of the page's lines.
    line: usize,
    /// Its middle in parts of the page's height.
    y: f32,
    /// Its letters, with a mark for each number and another for each date.
    letters: Vec<char>,
    /// The numbers that are no dates.
    numbers: Vec<String>,
}

impl RunningLines {
    /// Takes the next page, in the order of the file. Blank pages and repeats are best left out: they would come
    /// between, or vouch for, the pages that they repeat. [`of_copy`](Self::of_copy) is for repeats.
    pub fn add(&mut self, page: &Page) {
        let (from_top, from_end) = ends(page);
        self.pages.push(Ends { number: page.number, head: from_top, foot: from_end });
    }

    /// For each page, in the order in which they were added: which of its lines run, and whether as head or foot.
    #[must_use]
    pub fn find(&self) -> Vec<Vec<(usize, LineRole)>> {
        (0..self.pages.len()).map(|at| self.marks(at, &self.pages[at])).collect()
    }

    /// Which lines of a page run that was not added, since it is another scan of the added page with the number `of`.
    #[must_use]
    pub fn of_copy(&self, copy: &Page, of: u32) -> Vec<(usize, LineRole)> {
        let Some(at) = self.pages.iter().position(|page| page.number == of) else { return Vec::new() };
        let (head, foot) = ends(copy);
        self.marks(at, &Ends { number: of, head, foot })
    }

    /// The lines that run of a page that stands here.
    fn marks(&self, at: usize, page: &Ends) -> Vec<(usize, LineRole)> {
        let near = &self.pages[at.saturating_sub(REACH)..(at + REACH + 1).min(self.pages.len())];
        let heads = running(page, near, |ends| &ends.head).into_iter().map(|line| (line, LineRole::Header));
        let feet = running(page, near, |ends| &ends.foot).into_iter().map(|line| (line, LineRole::Footer));
        heads.chain(feet).collect()
    }
}

/// The lines at one end of a page that pages near it have too.
fn running(page: &Ends, near: &[Ends], end: fn(&Ends) -> &[End]) -> Vec<usize> {
    let runs = |line: &&End| {
        let has =
            |other: &&Ends| end(other).iter().any(|theirs| is_same(line, page.number, theirs, other.number));
        near.iter().filter(has).count() >= LEAST_PAGES
    };
    end(page).iter().filter(runs).map(|line| line.line).collect()
}

/// The lines at the top and at the foot of a page.
fn ends(page: &Page) -> (Vec<End>, Vec<End>) {
    let middle = |line: &Line| -> Option<f32> {
        let first = line.words.first()?.bbox;
        let bbox = line.words.iter().fold(first, |bbox, word| bbox.union(&word.bbox));
        Some((bbox.y0 + bbox.y1) / 2.0 / page.height)
    };
    let mut lines: Vec<(usize, f32)> = page
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.role != LineRole::Annotation)
        .filter_map(|(at, line)| Some((at, middle(line)?)))
        .collect();
    lines.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let end = |&(line, y): &(usize, f32)| {
        let (letters, numbers) = masked(&page.lines[line].text());
        End { line, y, letters, numbers }
    };
    let head = lines.iter().take(HEAD.0).filter(|(_, y)| *y < HEAD.1).map(end).collect();
    let foot = lines.iter().rev().take(FOOT.0).filter(|(_, y)| *y > 1.0 - FOOT.1).map(end).collect();
    (head, foot)
}

/// A line with `#` for its numbers and `@` for its dates and times, and those numbers.
fn masked(text: &str) -> (Vec<char>, Vec<String>) {
    let (mut letters, mut numbers) = (Vec::new(), Vec::new());
    let words: Vec<&str> =
        text.split_whitespace().map(|word| word.trim_matches(|char: char| !char.is_alphanumeric())).collect();
    for (at, word) in words.iter().enumerate() {
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        let day = word.len() <= 2 && word.chars().all(|char| char.is_ascii_digit());
        let in_month = day && beside.filter_map(|at| words.get(at)).any(|word| is_month(word));
        if is_date(word) || in_month {
            // A date of several words is one date.
            if letters.last() != Some(&'@') {
                letters.push('@');
            }
            continue;
        }
        let mut number = String::new();
        for char in unconfused(word).chars().chain([' ']) {
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

/// A word of letters, without the digits that readers take some of them for.
fn unconfused(word: &str) -> String {
    let letters = word.chars().filter(|char| char.is_alphabetic()).count();
    if 2 * letters > word.chars().count() {
        word.replace('1', "l").replace('0', "o")
    } else {
        word.to_owned()
    }
}

/// Whether a word is a date, a time, or a part of a written date: `03/12/2024`, `12.3.24`, `14:30`, `March`, `2024`.
fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['/', '.', '-', ':']).collect();
    let digits = parts.iter().all(|part| !part.is_empty() && part.chars().all(|char| char.is_ascii_digit()));
    let year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    digits && (parts.len() == 3 || word.contains(':') || year) || is_month(word)
}

/// Whether a word is the English name of a month, or its beginning.
fn is_month(word: &str) -> bool {
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

/// Whether two lines are the same running line on these two pages.
fn is_same(one: &End, one_page: u32, other: &End, other_page: u32) -> bool {
    if (one.y - other.y).abs() > SHIFT || one.numbers.len() != other.numbers.len() {
        return false;
    }
    let letters = |end: &End| end.letters.iter().filter(|char| char.is_alphabetic()).count();
    let counts = |one: &String, other: &String| {
        let (Ok(one), Ok(other)) = (one.parse::<i64>(), other.parse::<i64>()) else { return false };
        one - other == i64::from(one_page) - i64::from(other_page)
    };
    let numbers = one.numbers.iter().zip(&other.numbers);
    let counting = numbers.clone().filter(|(one, other)| counts(one, other)).count();
    // One number may be the page's own. Of a long one, such as a patient's, a digit may be misread.
    let as_expected =
        numbers.filter(|(one, other)| one == other || counts(one, other) || is_misread(one, other)).count();
    if as_expected < one.numbers.len() {
        return false;
    }
    // A lone number is a page number only if it counts.
    if letters(one) < FEWEST_LETTERS && (one.numbers.is_empty() || counting == 0) {
        return false;
    }
    is_near(&one.letters, &other.letters)
}

fn is_misread(one: &str, other: &str) -> bool {
    one.len() >= 5
        && one.len() == other.len()
        && one.chars().zip(other.chars()).filter(|(a, b)| a != b).count() == 1
}

/// Whether two rows of letters are one but for a few misreadings.
fn is_near(one: &[char], other: &[char]) -> bool {
    let longer = one.len().max(other.len());
    one.len().abs_diff(other.len()) <= longer / MISREAD && edit_distance(one, other) <= longer / MISREAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use maneiro_page::{BBox, TextSource, Word};

    /// A page with these lines from the top, and these from the foot upwards.
    fn page(number: u32, top: &[&str], foot: &[&str]) -> Page {
        let line = |text: &str, y: f32| {
            let bbox = BBox { x0: 72.0, y0: y, x1: 300.0, y1: y + 10.0 };
            let word = |word: &str| Word { text: word.to_owned(), bbox, confidence: 90 };
            Line::body(text.split(' ').map(word).collect())
        };
        let mut lines: Vec<Line> =
            (0..).zip(top).map(|(n, text)| line(text, 36.0 + 14.0 * n as f32)).collect();
        lines.push(line(&format!("What page {number} says is its own"), 300.0));
        lines.push(line("and this it has in common with others", 314.0));
        lines.extend((0..).zip(foot).map(|(n, text)| line(text, 760.0 - 14.0 * n as f32)));
        Page::new(number, 612.0, 792.0, TextSource::TextLayer, lines)
    }

    fn found(pages: &[Page]) -> Vec<Vec<(usize, LineRole)>> {
        let mut running = RunningLines::default();
        pages.iter().for_each(|page| running.add(page));
        running.find()
    }

    #[test]
    fn a_head_and_a_foot_with_the_pages_number_and_dates_run() {
        let dates = ["03/12/2024 14:30", "4 March 2024 9:15", "28.3.2024 10:02"];
        let pages: Vec<Page> = (9..)
            .zip(dates)
            .map(|(n, date)| {
                page(n, &[&format!("Hill Clinic printed {date}")], &[&format!("Page {n} of 12")])
            })
            .collect();
        let both = vec![(0, LineRole::Header), (3, LineRole::Footer)];
        assert_eq!(found(&pages), [both.clone(), both.clone(), both]);
        assert_eq!(found(&pages[..2]), [[], []], "two pages are too few");
    }

    #[test]
    fn a_copy_has_its_originals_running_lines_and_vouches_for_none() {
        let pages: Vec<Page> =
            (1..=3).map(|n| page(n, &["Hill Clinic", "Seen today"], &[&format!("Page {n} of 3")])).collect();
        let copy = Page { number: 9, ..page(2, &["Hi1l Clinic", "Not seen"], &["Page 2 of 3"]) };
        let mut running = RunningLines::default();
        pages.iter().for_each(|page| running.add(page));
        assert_eq!(running.of_copy(&copy, 2), [(0, LineRole::Header), (4, LineRole::Footer)]);
        assert_eq!(running.of_copy(&copy, 7), [], "no such page was added");
        let mut two = RunningLines::default();
        pages[..2].iter().for_each(|page| two.add(page));
        assert_eq!(two.of_copy(&copy, 2), [], "two pages and a copy are too few");
    }

    #[test]
    fn a_line_whose_numbers_are_its_pages_own_does_not_run() {
        let pressures = ["BP 120/80 Pulse 72", "BP 132/84 Pulse 80", "BP 128/82 Pulse 76"];
        let pages: Vec<Page> =
            (1..).zip(pressures).map(|(n, line)| page(n, &["Visit", line], &["7.2"])).collect();
        assert!(
            found(&pages).iter().all(|marks| marks.iter().all(|(line, _)| *line == 0)),
            "{:?}",
            found(&pages)
        );
    }

    #[test]
    fn misreadings_and_small_shifts_are_forgiven() {
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
        assert_eq!(found(&pages), [both.clone(), both.clone(), both]);
    }

    #[test]
    fn left_and_right_pages_and_the_documents_of_one_file_have_heads_of_their_own() {
        let of = |head: &'static str, pages: std::ops::RangeInclusive<u32>| {
            pages.map(move |number| page(number, &[head], &[]))
        };
        let sides = (1..=6)
            .map(|n| page(n, &[if n % 2 == 0 { "Hill Clinic" } else { "Ada Hill, orthopaedics" }], &[]));
        assert!(found(&sides.collect::<Vec<_>>()).iter().all(|marks| *marks == [(0, LineRole::Header)]));
        let bound: Vec<Page> = of("Hill Clinic", 1..=3)
            .chain(of("A letter", 4..=4))
            .chain(of("Valley Hospital", 5..=7))
            .collect();
        let heads: Vec<usize> = found(&bound).iter().map(Vec::len).collect();
        assert_eq!(heads, [1, 1, 1, 0, 1, 1, 1]);
    }
}
