//! Hyphens at line ends: whether a word continues on the next line, and whether the hyphen belongs to it. Changes no word.
//!
//! Without a dictionary the cost of a wrong guess decides. After digits and before capitals the hyphen is kept: `B-12`,
//! `10-20` and `COVID-19` mean something else without it. Before a small letter it is dropped, as in all languages that
//! are hyphenated; exceptions are known from the shape of the word and from how the page writes it elsewhere.

use std::collections::HashSet;

use maneiro_page::{BBox, Hyphen, Line};

/// Hyphen-minus, hyphen, and soft hyphen; many files use the last for every hyphen.
const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{ad}'];
/// A word continues on a line that is at most this many letter heights away.
const MAX_LINE_DISTANCE_RATIO: f32 = 2.0;
/// Words after a suspended hyphen: `pre- and postoperative`. English, German, French, Spanish, Italian, Portuguese,
/// Dutch, Danish, Norwegian, Swedish, Polish, Czech.
const SUSPENDED_HYPHEN_CONJUNCTIONS: [&str; 25] = [
    "and", "or", "to", "nor", "und", "oder", "bis", "sowie", "et", "ou", "y", "o", "e", "ed", "od", "en",
    "of", "og", "eller", "och", "i", "lub", "oraz", "a", "nebo",
];

/// Marks the lines of a page, in reading order, whose last word continues on the next line.
pub(crate) fn mark_hyphens(lines: &mut [Line]) {
    let ends_with_hyphen = |line: &Line| line.words.last().is_some_and(|word| word.text.ends_with(HYPHENS));
    if !lines.iter().any(ends_with_hyphen) {
        return;
    }
    let words = lines.iter().flat_map(|line| &line.words).map(|word| trim_punctuation(&word.text));
    let page_words: HashSet<String> = words.map(str::to_lowercase).collect();
    let hyphens: Vec<Option<Hyphen>> = lines
        .windows(2)
        .map(|pair| {
            let (last, first) = (pair[0].words.last()?, pair[1].words.first()?);
            let can_continue = pair[0].role == pair[1].role && follows(&last.bbox, &first.bbox);
            if can_continue { classify_hyphen(&last.text, &first.text, &page_words) } else { None }
        })
        .collect();
    for (line, hyphen) in lines.iter_mut().zip(hyphens) {
        line.hyphen = hyphen;
    }
}

fn trim_punctuation(word: &str) -> &str {
    word.trim_matches(|char: char| !char.is_alphanumeric())
}

/// Whether a line that begins at `begin` can continue one that ends at `end`: it is below it, or in the next column.
fn follows(end: &BBox, begin: &BBox) -> bool {
    let letter_height = |bbox: &BBox| bbox.width().min(bbox.height());
    let height = letter_height(end).max(letter_height(begin));
    let gap_y = begin.y0 - end.y1;
    // Lines of vertical text follow each other from side to side.
    let gap_x = (begin.x0 - end.x1).max(end.x0 - begin.x1);
    let is_next_column = begin.x0 > end.x1 && begin.y0 < end.y1;
    is_next_column
        || gap_y <= MAX_LINE_DISTANCE_RATIO * height
        || gap_x <= MAX_LINE_DISTANCE_RATIO * height && end.height() > end.width()
}

/// The hyphen between the last word of a line and the first of the next, if they are one word. `page_words` are the
/// page's words in lower case.
fn classify_hyphen(last: &str, first: &str, page_words: &HashSet<String>) -> Option<Hyphen> {
    let head = last.strip_suffix(HYPHENS)?;
    let end = head.chars().next_back().filter(|char| char.is_alphanumeric())?;
    let begin = first.chars().next().filter(|char| char.is_alphanumeric())?;
    if !end.is_alphabetic() || !begin.is_alphabetic() {
        return Some(Hyphen::Hard);
    }
    if SUSPENDED_HYPHEN_CONJUNCTIONS.contains(&trim_punctuation(first)) {
        return None;
    }
    let (head, tail) = (trim_punctuation(head).to_lowercase(), trim_punctuation(first).to_lowercase());
    if page_words.contains(&format!("{head}-{tail}")) {
        return Some(Hyphen::Hard);
    }
    if page_words.contains(&format!("{head}{tail}")) {
        return Some(Hyphen::Soft);
    }
    let last_part: Vec<char> = last.chars().rev().skip(1).take_while(|char| char.is_alphabetic()).collect();
    // A compound is broken where its parts meet: `non-insulin-dependent`, `x-ray`.
    let is_compound = head.contains(HYPHENS) || last_part.len() == 1;
    let is_acronym = last_part.iter().all(|char| char.is_uppercase());
    Some(if is_compound || is_acronym || begin.is_uppercase() { Hyphen::Hard } else { Hyphen::Soft })
}

#[cfg(test)]
mod tests {
    use super::*;
    use maneiro_page::{LineRole, Page, TextSource, Word};

    fn page(text: &str) -> Page {
        let line = |(row, line): (usize, &str)| {
            let y0 = 40.0 + 12.0 * row as f32;
            let bbox = BBox { x0: 40.0, y0, x1: 80.0, y1: y0 + 10.0 };
            let word = |text: &str| Word { text: text.to_owned(), bbox, confidence: 90 };
            Line::body(line.split(' ').map(word).collect())
        };
        let mut lines: Vec<Line> = text.lines().enumerate().map(line).collect();
        mark_hyphens(&mut lines);
        Page::new(1, 600.0, 800.0, TextSource::TextLayer, lines)
    }

    fn search_text(text: &str) -> String {
        page(text).search_text().as_str().to_owned()
    }

    #[test]
    fn soft_hyphen_is_removed_from_the_search_text() {
        for (broken, whole) in [
            ("known hyper-\ntension since", "known hypertension since"),
            ("die Kranken-\nhausaufnahme", "die Krankenhausaufnahme"),
            ("l'hospitali\u{2010}\nsation, puis", "l'hospitalisation, puis"),
            ("вели\u{ad}\nкий", "великий"),
            ("HYPERTENSION: HYPER-\nTENSION", "HYPERTENSION: HYPERTENSION"),
        ] {
            assert_eq!(search_text(broken), whole);
        }
    }

    #[test]
    fn hard_hyphen_is_kept_in_the_search_text() {
        for (broken, whole) in [
            ("Vitamin B-\n12 daily", "Vitamin B-12 daily"),
            ("COVID-\n19", "COVID-19"),
            ("10-\n20 mg", "10-20 mg"),
            ("10\u{ad}\n20 mg and 1020", "10-20 mg and 1020"),
            ("2024-\n01-14", "2024-01-14"),
            ("Dr. Miller-\nSmith", "Dr. Miller-Smith"),
            ("an x-\nray of", "an x-ray of"),
            ("HIV-\npositive", "HIV-positive"),
            ("non-insulin-\ndependent", "non-insulin-dependent"),
            ("long-acting or long-\nacting", "long-acting or long-acting"),
        ] {
            assert_eq!(search_text(broken), whole);
        }
    }

    #[test]
    fn separate_words_are_not_joined() {
        for (lines, apart) in [
            ("pre-\nand postoperative", "pre- and postoperative"),
            ("Vor-\nund Nachsorge", "Vor- und Nachsorge"),
            ("Result -\nnegative", "Result - negative"),
            ("Rh --\nnegative", "Rh -- negative"),
            ("allergies-\n(none)", "allergies- (none)"),
            ("one\ntwo", "one two"),
        ] {
            assert_eq!(search_text(lines), apart);
        }
    }

    #[test]
    fn match_in_the_search_text_leads_to_both_words() {
        let page = page("known hyper-\ntension since");
        assert_eq!(page.text(), "known hyper-\ntension since");
        let text = page.search_text();
        let found = text.as_str().find("hypertension").unwrap();
        assert_eq!(text.words(found..found + 12).collect::<Vec<_>>(), [(0, 1), (1, 0)]);
        let found = text.as_str().find("since").unwrap();
        assert_eq!(text.words(found..found + 5).collect::<Vec<_>>(), [(1, 1)]);
    }

    #[test]
    fn word_does_not_continue_far_below_or_in_an_annotation() {
        let mut far = page("hyper-\ntension");
        far.lines[1].words[0].bbox.y0 += 200.0;
        far.lines[1].words[0].bbox.y1 += 200.0;
        mark_hyphens(&mut far.lines);
        assert_eq!(far.lines[0].hyphen, None);
        let mut annotated = page("hyper-\ntension");
        annotated.lines[1].role = LineRole::Annotation;
        mark_hyphens(&mut annotated.lines);
        assert_eq!(annotated.lines[0].hyphen, None);
    }

    #[test]
    fn word_continues_at_the_top_of_the_next_column() {
        let mut page = page("hyper-\ntension");
        let word = &mut page.lines[1].words[0];
        word.bbox = BBox { x0: 300.0, y0: 10.0, x1: 340.0, y1: 20.0 };
        page.lines[0].words[0].bbox = BBox { x0: 40.0, y0: 700.0, x1: 80.0, y1: 710.0 };
        mark_hyphens(&mut page.lines);
        assert_eq!(page.lines[0].hyphen, Some(Hyphen::Soft));
    }
}
