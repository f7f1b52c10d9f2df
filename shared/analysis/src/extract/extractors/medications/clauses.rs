//! The part of a sentence that is about one of several drugs in it.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::extract::sig::find_dose;

/// Where the clause about a drug ends: at the next drug, a semicolon or the end of the sentence.
pub(super) fn clause_end(text: &str, from: usize, next_drug: Option<usize>) -> usize {
    let limit = next_drug.unwrap_or(text.len());
    let stop = text[from..limit]
        .match_indices([';', '•'])
        .map(|(at, _)| from + at)
        .chain(full_stops(text, from..limit))
        .min()
        .unwrap_or(limit);
    let end =
        if next_drug.is_some() && stop == limit { without_conjunction(text, from, limit) } else { stop };
    end.max(from)
}

/// Leaves out "and", "," and "with" at the end, which belong to the next drug.
fn without_conjunction(text: &str, from: usize, limit: usize) -> usize {
    let mut end = limit;
    loop {
        let trimmed = text[from..end].trim_end_matches([' ', ',', '+', '/', '(', '&']);
        let length = ["and", "plus", "with", "or", "then"]
            .iter()
            .find_map(|word| trimmed.strip_suffix(word).filter(|rest| rest.ends_with(' ')))
            .map_or(trimmed.len(), str::len);
        if from + length == end {
            return end;
        }
        end = from + length;
    }
}

pub(super) fn clause_start(text: &str, to: usize) -> usize {
    let stop =
        text[..to].match_indices([';', '•']).map(|(at, found)| at + found.len()).next_back().unwrap_or(0);
    let start = stop.max(full_stops(text, 0..to).last().unwrap_or(0));
    start + (text[start..to].len() - text[start..to].trim_start().len())
}

/// The ends of the full stops in a part of a text. One after a space is noise.
fn full_stops(text: &str, part: Range<usize>) -> impl Iterator<Item = usize> {
    let stops = text[part.clone()].match_indices(". ").map(move |(at, _)| part.start + at);
    stops.filter(|at| !text[..*at].ends_with(' ')).map(|at| at + 1)
}

pub(super) fn last_words(text: &str, count: usize) -> &str {
    let mut starts = text.char_indices().rev().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    let start = starts.nth(count).unwrap_or(0);
    &text[start..]
}

/// The last phase of a sig: in "10 mg BID x 7 days then 5 mg BID" the later dose is the current one.
pub(super) fn last_phase(after: &str) -> &str {
    static NEXT_PHASE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)\b(?:then|now)\s+(?P<dose>[0-9])").expect("a fixed pattern"));
    NEXT_PHASE
        .captures_iter(after)
        .filter_map(|found| Some(&after[found.name("dose")?.start()..]))
        .filter(|rest| find_dose(rest).is_some_and(|dose| dose.range.start == 0))
        .last()
        .unwrap_or(after)
}

/// Whether a list of drugs goes on after the sig of the one before: "Lipitor 40 mg a day, aspirin and metoprolol".
pub(super) fn continues_list(between: &str) -> bool {
    const MAX_SIG_WORDS: usize = 6;
    let trimmed = between.trim_end();
    (trimmed.ends_with(',') || trimmed.ends_with(" and"))
        && !between.contains([';', '.', ':', '('])
        && between.split_whitespace().count() <= MAX_SIG_WORDS
        && find_dose(between).is_some()
}

/// Whether only conjunctions and pronouns join two drugs: "lisinopril and her amlodipine".
pub(super) fn is_conjunction_only(between: &str) -> bool {
    let mut words = between.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.all(|word| {
        matches!(word.to_lowercase().as_str(), "and" | "or" | "both" | "her" | "his" | "the" | "as" | "well")
    })
}
