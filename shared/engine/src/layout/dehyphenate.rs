//! Words that a line's end breaks: whether the hyphen there is the break's or the word's own. Changes no word; what is
//! shown stays as it is printed.
//!
//! A hyphen at a line's end does not tell which it is, so what would be lost by a wrong guess decides. Digits and
//! capitals keep theirs: `B-12`, `10-20` and `COVID-19` are other things without it. Small letters go on after a
//! break, as they do in all languages that are hyphenated; what is known of words without a dictionary, most of all
//! how the page itself writes them elsewhere, tells the exceptions.

use std::collections::HashSet;

use maneiro_page::{BBox, Hyphen, Line};

/// The signs with which lines break words. The second is never anything else; the third is meant for breaks, and
/// stands in many files for every hyphen.
const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{ad}'];
/// A word goes on in a line that is away by at most so many heights of its letters.
const FARTHEST: f32 = 2.0;
/// What stands between two words of which the first lacks its end: `pre- and postoperative`. English, German, French,
/// Spanish, Italian, Portuguese, Dutch, Danish, Norwegian, Swedish, Polish, Czech.
const BETWEEN: [&str; 25] = [
    "and", "or", "to", "nor", "und", "oder", "bis", "sowie", "et", "ou", "y", "o", "e", "ed", "od", "en",
    "of", "og", "eller", "och", "i", "lub", "oraz", "a", "nebo",
];

/// Marks the lines of a page, in reading order, whose last words go on in the next.
pub(crate) fn mark(lines: &mut [Line]) {
    let may_break = |line: &Line| line.words.last().is_some_and(|word| word.text.ends_with(HYPHENS));
    if !lines.iter().any(may_break) {
        return;
    }
    let words: Vec<&str> = lines.iter().flat_map(|line| &line.words).map(|word| bare(&word.text)).collect();
    let known: HashSet<String> = words.into_iter().map(str::to_lowercase).collect();
    let broken: Vec<Option<Hyphen>> = lines
        .windows(2)
        .map(|pair| {
            let (last, first) = (pair[0].words.last()?, pair[1].words.first()?);
            let goes_on = pair[0].role == pair[1].role && is_near(&last.bbox, &first.bbox);
            if goes_on { between(&last.text, &first.text, &known) } else { None }
        })
        .collect();
    for (line, hyphen) in lines.iter_mut().zip(broken) {
        line.hyphen = hyphen;
    }
}

/// A word without the marks around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|char: char| !char.is_alphanumeric())
}

/// Whether a line that begins here may go on from one that ends there: it stands below it, or in the next column.
fn is_near(end: &BBox, begin: &BBox) -> bool {
    let thickness = |bbox: &BBox| bbox.width().min(bbox.height());
    let height = thickness(end).max(thickness(begin));
    let below = begin.y0 - end.y1;
    // Lines that run down or up the page follow each other from side to side.
    let beside = (begin.x0 - end.x1).max(end.x0 - begin.x1);
    let is_column = begin.x0 > end.x1 && begin.y0 < end.y1;
    is_column || below <= FARTHEST * height || beside <= FARTHEST * height && end.height() > end.width()
}

/// The hyphen between two parts of a word, if they are that. `known` are the page's words in small letters.
fn between(last: &str, first: &str, known: &HashSet<String>) -> Option<Hyphen> {
    let head = last.strip_suffix(HYPHENS)?;
    let end = head.chars().next_back().filter(|char| char.is_alphanumeric())?;
    let begin = first.chars().next().filter(|char| char.is_alphanumeric())?;
    if !end.is_alphabetic() || !begin.is_alphabetic() {
        return Some(Hyphen::Hard);
    }
    if BETWEEN.contains(&bare(first)) {
        return None;
    }
    let (head, tail) = (bare(head).to_lowercase(), bare(first).to_lowercase());
    if known.contains(&format!("{head}-{tail}")) {
        return Some(Hyphen::Hard);
    }
    if known.contains(&format!("{head}{tail}")) {
        return Some(Hyphen::Soft);
    }
    let piece: Vec<char> = last.chars().rev().skip(1).take_while(|char| char.is_alphabetic()).collect();
    // A compound is broken where its parts meet: `non-insulin-dependent`, `x-ray`.
    let is_compound = head.contains(HYPHENS) || piece.len() == 1;
    let is_acronym = piece.iter().all(|char| char.is_uppercase());
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
        mark(&mut lines);
        Page::new(1, 600.0, 800.0, TextSource::TextLayer, lines)
    }

    fn searched(text: &str) -> String {
        page(text).search_text().as_str().to_owned()
    }

    #[test]
    fn a_word_that_a_line_breaks_is_whole() {
        for (broken, whole) in [
            ("known hyper-\ntension since", "known hypertension since"),
            ("die Kranken-\nhausaufnahme", "die Krankenhausaufnahme"),
            ("l'hospitali\u{2010}\nsation, puis", "l'hospitalisation, puis"),
            ("вели\u{ad}\nкий", "великий"),
            ("HYPERTENSION: HYPER-\nTENSION", "HYPERTENSION: HYPERTENSION"),
        ] {
            assert_eq!(searched(broken), whole);
        }
    }

    #[test]
    fn a_hyphen_that_is_the_words_own_is_kept() {
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
            assert_eq!(searched(broken), whole);
        }
    }

    #[test]
    fn words_that_stand_apart_are_not_joined() {
        for (lines, apart) in [
            ("pre-\nand postoperative", "pre- and postoperative"),
            ("Vor-\nund Nachsorge", "Vor- und Nachsorge"),
            ("Result -\nnegative", "Result - negative"),
            ("Rh --\nnegative", "Rh -- negative"),
            ("allergies-\n(none)", "allergies- (none)"),
            ("one\ntwo", "one two"),
        ] {
            assert_eq!(searched(lines), apart);
        }
    }

    #[test]
    fn what_is_shown_stays_as_it_is_and_a_hit_leads_to_its_words() {
        let page = page("known hyper-\ntension since");
        assert_eq!(page.text(), "known hyper-\ntension since");
        let text = page.search_text();
        let hit = text.as_str().find("hypertension").unwrap();
        assert_eq!(text.words(hit..hit + 12).collect::<Vec<_>>(), [(0, 1), (1, 0)]);
        let hit = text.as_str().find("since").unwrap();
        assert_eq!(text.words(hit..hit + 5).collect::<Vec<_>>(), [(1, 1)]);
    }

    #[test]
    fn a_word_does_not_go_on_far_below_nor_in_a_note() {
        let mut far = page("hyper-\ntension");
        far.lines[1].words[0].bbox.y0 += 200.0;
        far.lines[1].words[0].bbox.y1 += 200.0;
        mark(&mut far.lines);
        assert_eq!(far.lines[0].hyphen, None);
        let mut noted = page("hyper-\ntension");
        noted.lines[1].role = LineRole::Annotation;
        mark(&mut noted.lines);
        assert_eq!(noted.lines[0].hyphen, None);
    }

    #[test]
    fn a_word_goes_on_at_the_top_of_the_next_column() {
        let mut page = page("hyper-\ntension");
        let word = &mut page.lines[1].words[0];
        word.bbox = BBox { x0: 300.0, y0: 10.0, x1: 340.0, y1: 20.0 };
        page.lines[0].words[0].bbox = BBox { x0: 40.0, y0: 700.0, x1: 80.0, y1: 710.0 };
        mark(&mut page.lines);
        assert_eq!(page.lines[0].hyphen, Some(Hyphen::Soft));
    }
}
