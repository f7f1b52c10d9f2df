//! The lines of a page as they are read: cards that stand beside each other one after the other, and list entries that
//! share a line each by itself.

use std::ops::Range;

use maneiro_page::{Hyphen, Line, LineRole, Page, Word};

use super::{
    list_markers::begins_with_marker,
    sections::{Section, detect_heading},
    tables::{runs, text_height},
};

/// Smallest gap between two cards or two entries on a line, relative to the text height.
const MIN_CARD_GAP_RATIO: f32 = 1.5;
/// Largest gap between two words, relative to the text height.
const MAX_WORD_GAP_RATIO: f32 = 0.8;
/// Largest gap between two lines of a card, relative to the text height.
const MAX_CARD_LINE_GAP_RATIO: f32 = 4.0;

/// A line as it is read.
#[derive(Clone)]
pub(super) struct LogicalLine<'a> {
    pub(super) words: Vec<&'a Word>,
    /// Position of each word among the page's words.
    pub(super) indices: Vec<usize>,
    /// Position of the line on the page.
    pub(super) number: usize,
    pub(super) role: LineRole,
    pub(super) hyphen: Option<Hyphen>,
    /// Where a full line ends.
    pub(super) right_margin: f32,
}

impl<'a> LogicalLine<'a> {
    fn part(&self, range: Range<usize>, right_margin: f32) -> Self {
        let is_last = range.end == self.words.len();
        Self {
            words: self.words[range.clone()].to_vec(),
            indices: self.indices[range].to_vec(),
            hyphen: self.hyphen.filter(|_| is_last),
            right_margin,
            ..*self
        }
    }

    /// The words, joined by single spaces.
    pub(super) fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    fn top(&self) -> f32 {
        self.words.iter().map(|word| word.bbox.y0).fold(f32::MAX, f32::min)
    }

    fn bottom(&self) -> f32 {
        self.words.iter().map(|word| word.bbox.y1).fold(0.0, f32::max)
    }
}

/// The lines of a page that have words.
pub(super) fn logical_lines(page: &Page) -> Vec<LogicalLine<'_>> {
    let right_margin = page
        .lines
        .iter()
        .filter_map(|line| line.words.last())
        .map(|word| word.bbox.x1)
        .fold(page.width * 0.8, f32::max);
    let mut first = 0;
    let mut lines = Vec::new();
    for (number, Line { words, role, hyphen }) in page.lines.iter().enumerate() {
        if !words.is_empty() {
            let indices = (first..first + words.len()).collect();
            let words = words.iter().collect::<Vec<_>>();
            first += words.len();
            lines.push(LogicalLine { words, indices, number, role: *role, hyphen: *hyphen, right_margin });
        }
    }
    split_entries(part_cards(lines))
}

/// Puts cards that stand beside each other under headings of their own one after the other.
fn part_cards(lines: Vec<LogicalLine<'_>>) -> Vec<LogicalLine<'_>> {
    let mut parted = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let Some(starts) = card_starts(&lines[at]) else {
            parted.push(lines[at].clone());
            at += 1;
            continue;
        };
        let height = text_height(&lines[at].words);
        let mut end = at + 1;
        while end < lines.len()
            && lines[end].top() - lines[end - 1].bottom() <= height * MAX_CARD_LINE_GAP_RATIO
            && card_starts(&lines[end]).is_none()
            && parts_of(&lines[end], &starts, height).is_some()
        {
            end += 1;
        }
        for card in 0..starts.len() {
            let margin = starts
                .get(card + 1)
                .map_or(lines[at].right_margin, |next| next - height * MAX_WORD_GAP_RATIO);
            for line in &lines[at..end] {
                let parts = parts_of(line, &starts, height).unwrap_or_default();
                let part = parts.into_iter().find(|(of, _)| *of == card);
                if let Some((_, range)) = part {
                    parted.push(line.part(range, margin));
                }
            }
        }
        at = end;
    }
    parted
}

/// Where cards begin, if the line is a row of headings: "Allergies      Medications".
fn card_starts(line: &LogicalLine<'_>) -> Option<Vec<f32>> {
    if line.role != LineRole::Body {
        return None;
    }
    let height = text_height(&line.words);
    let runs = runs(&line.words, height * MIN_CARD_GAP_RATIO);
    let is_heading = |run: &Range<usize>| {
        let words: Vec<&str> = line.words[run.clone()].iter().map(|word| word.text.as_str()).collect();
        let text = words.join(" ");
        let heading = detect_heading(&text);
        heading
            .is_some_and(|heading| heading.section != Section::Other && text[heading.end..].trim().is_empty())
    };
    (runs.len() >= 2 && runs.iter().all(is_heading))
        .then(|| runs.iter().map(|run| line.words[run.start].bbox.x0 - height * MAX_WORD_GAP_RATIO).collect())
}

/// The words of each card; none if the line runs across two.
fn parts_of(line: &LogicalLine<'_>, starts: &[f32], height: f32) -> Option<Vec<(usize, Range<usize>)>> {
    let card_of = |x: f32| starts.iter().rposition(|start| x >= *start).unwrap_or(0);
    let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
    for run in runs(&line.words, height * MAX_WORD_GAP_RATIO) {
        let card = card_of(line.words[run.start].bbox.x0);
        if card_of(line.words[run.end - 1].bbox.x1) != card {
            return None;
        }
        match parts.last_mut() {
            Some((last, range)) if *last == card => range.end = run.end,
            _ => parts.push((card, run)),
        }
    }
    Some(parts)
}

/// Parts list entries that stand on one line: "• Asthma        • Gout".
fn split_entries(lines: Vec<LogicalLine<'_>>) -> Vec<LogicalLine<'_>> {
    let mut split = Vec::with_capacity(lines.len());
    for line in lines {
        let first_is_entry = begins_with_marker(&line.words);
        let runs = if first_is_entry {
            runs(&line.words, text_height(&line.words) * MIN_CARD_GAP_RATIO)
        } else {
            Vec::new()
        };
        let entries: Vec<usize> = runs
            .iter()
            .filter(|run| begins_with_marker(&line.words[run.start..run.end]))
            .map(|run| run.start)
            .collect();
        if entries.len() < 2 {
            split.push(line);
            continue;
        }
        for (at, start) in entries.iter().enumerate() {
            let end = entries.get(at + 1).copied().unwrap_or(line.words.len());
            let margin = line.words.get(end).map_or(line.right_margin, |next| next.bbox.x0);
            split.push(line.part(*start..end, margin));
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::page;

    fn texts(text: &str) -> Vec<String> {
        logical_lines(&page(1, text).page).iter().map(LogicalLine::text).collect()
    }

    #[test]
    fn cards_beside_each_other_are_read_one_by_one() {
        let found = texts(
            "Allergies           Medications\n\
             Zymopen             Zorbex 10 mg daily\n\
             Latex               Branderol 5 mg\n\
             She brought a list of all of these to the visit today",
        );
        assert_eq!(
            found,
            [
                "Allergies",
                "Zymopen",
                "Latex",
                "Medications",
                "Zorbex 10 mg daily",
                "Branderol 5 mg",
                "She brought a list of all of these to the visit today",
            ]
        );
    }

    #[test]
    fn entries_on_one_line_are_read_one_by_one() {
        assert_eq!(texts("• Asthma        • Gout"), ["• Asthma", "• Gout"]);
        assert_eq!(texts("1. Asthma       2. Gout"), ["1. Asthma", "2. Gout"]);
        assert_eq!(texts("• Asthma        since 2010"), ["• Asthma since 2010"]);
    }
}
