//! Answers of forms: ticked and empty boxes, columns of Yes and No, "Asthma: No", "Asthma? N". What is not answered says
//! nothing.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

/// What a form answers about the item that a passage names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormAnswer {
    Yes,
    No,
    /// The item is printed, and nothing says that it applies or does not.
    Open,
}

const TICKED: [&str; 18] =
    ["☒", "☑", "✓", "✔", "✗", "✘", "⊠", "■", "●", "◉", "[x]", "[X]", "(x)", "(X)", "[✓]", "[*]", "X", "x"];
const EMPTY: [&str; 10] = ["☐", "□", "❏", "❑", "○", "◯", "[]", "()", "[_]", "(_)"];

/// Whether a word is the mark of a ticked box, or an answer in a column of its own.
pub(super) fn is_ticked(word: &str) -> bool {
    TICKED.contains(&word) || matches!(word.to_lowercase().as_str(), "yes" | "y" | "no" | "n" | "sí")
}

/// Whether a word is a box, ticked or empty, or an answer.
pub(super) fn is_mark(word: &str) -> bool {
    is_ticked(word) || EMPTY.contains(&word) || matches!(word, "[" | "(") || word.chars().all(|c| c == '_')
}

/// A box: its words, and whether it is ticked.
struct BoxMark {
    words: Range<usize>,
    is_ticked: bool,
}

/// The boxes among words. A lone "x" or "●" is none without brackets, as it may be a letter or a bullet.
fn find_boxes(words: &[&str]) -> Vec<BoxMark> {
    let mut boxes = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        let next = words.get(at + 1).copied();
        let third = words.get(at + 2).copied();
        let (is_ticked, length) = match (word, next, third) {
            ("[" | "(", Some("]" | ")"), _) => (Some(false), 2),
            ("[" | "(", Some("x" | "X" | "✓" | "✔"), Some("]" | ")")) => (Some(true), 3),
            ("x" | "X" | "●" | "■" | "○", _, _) => (None, 1),
            (word, _, _) if TICKED.contains(&word) => (Some(true), 1),
            (word, _, _) if EMPTY.contains(&word) => (Some(false), 1),
            (_, _, _) => (None, 1),
        };
        if let Some(is_ticked) = is_ticked {
            boxes.push(BoxMark { words: at..at + length, is_ticked });
        }
        at += length;
    }
    boxes
}

fn polarity(word: &str) -> Option<bool> {
    match word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().as_str() {
        "yes" | "y" | "sí" | "si" => Some(true),
        "no" | "n" => Some(false),
        _ => None,
    }
}

/// A part of a line with the answer that it gives.
pub(super) struct AnsweredPart {
    pub(super) words: Range<usize>,
    pub(super) answer: Option<FormAnswer>,
}

/// Parts the words of a line into items with their answers; none if the line is no form.
pub(super) fn answered_parts(words: &[&str]) -> Option<Vec<AnsweredPart>> {
    let boxes = find_boxes(words);
    if boxes.is_empty() { colon_parts(words) } else { Some(box_parts(words, &boxes)) }
}

/// Items with boxes: "☒ Asthma ☐ Gout", or "Asthma ☐ Yes ☒ No".
fn box_parts(words: &[&str], boxes: &[BoxMark]) -> Vec<AnsweredPart> {
    let label_of = |at: usize| {
        let start = boxes[at].words.end;
        start..boxes.get(at + 1).map_or(words.len(), |next| next.words.start)
    };
    let answer_word = |at: usize| words.get(boxes[at].words.end).and_then(|word| polarity(word));
    let mut parts = Vec::new();
    let has_question = boxes[0].words.start > 0;
    let mut item_start = 0;
    let mut at = 0;
    while at < boxes.len() {
        if answer_word(at).is_none() {
            if boxes[at].words.start > item_start && parts.is_empty() {
                parts.push(AnsweredPart { words: item_start..boxes[at].words.start, answer: None });
            }
            let label = label_of(at);
            let answer = if boxes[at].is_ticked { FormAnswer::Yes } else { FormAnswer::Open };
            item_start = label.end;
            parts.push(AnsweredPart { words: boxes[at].words.start..label.end, answer: Some(answer) });
            at += 1;
            continue;
        }
        // A group of answers: the item stands before it, or after its last answer.
        let first = at;
        while at + 1 < boxes.len()
            && answer_word(at + 1).is_some()
            && label_of(at).len() == 1
            && answer_word(at + 1) != answer_word(first)
        {
            at += 1;
        }
        let ticked: Vec<bool> =
            (first..=at).filter(|&at| boxes[at].is_ticked).filter_map(answer_word).collect();
        let answer = match ticked.as_slice() {
            [true] => FormAnswer::Yes,
            [false] => FormAnswer::No,
            _ => FormAnswer::Open,
        };
        let label = label_of(at);
        let end = if has_question { label.start + 1 } else { label.end };
        parts.push(AnsweredPart { words: item_start..end, answer: Some(answer) });
        item_start = end;
        at += 1;
    }
    if item_start < words.len() {
        parts.push(AnsweredPart { words: item_start..words.len(), answer: None });
    }
    parts
}

/// Items with an answer after a colon or a question mark: "Asthma: No", "Gout? Y", "Hepatitis C: negative".
fn colon_parts(words: &[&str]) -> Option<Vec<AnsweredPart>> {
    static ANSWER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:no|n|none|never|negative|neg|denies|denied|absent|yes|y|positive|present|s[íi]|ninguna?|niega)[.,;)]*$")
            .expect("a fixed pattern")
    });
    const MAX_LABEL_WORDS: usize = 8;
    let mut parts: Vec<AnsweredPart> = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        // "apnea:no" is one word.
        let glued =
            word.split_once([':', '?']).filter(|(label, rest)| label.len() > 1 && ANSWER.is_match(rest));
        let separate = word.ends_with([':', '?']).then(|| words.get(at + 1)).flatten();
        let answer = glued
            .map(|(_, rest)| (rest, at + 1))
            .or_else(|| separate.filter(|next| ANSWER.is_match(next)).map(|next| (*next, at + 2)));
        let Some((answer, end)) = answer.filter(|_| at + 1 - start <= MAX_LABEL_WORDS) else {
            at += 1;
            continue;
        };
        let is_yes = matches!(
            answer.trim_end_matches(['.', ',', ';', ')']).to_lowercase().as_str(),
            "yes" | "y" | "positive" | "present" | "sí" | "si"
        );
        let ends = answer.ends_with(['.', ';', ',', ')']) || end == words.len();
        let is_letter = answer.trim_end_matches(['.', ',', ';', ')']).chars().count() == 1;
        let next_label = words.get(end).filter(|word| word.ends_with([':', '?']));
        // "Chest: no wheezes" denies the wheezes, not the chest.
        if !is_yes && !ends && !is_letter && next_label.is_none() {
            at = end;
            continue;
        }
        // What follows a Yes belongs to it up to the next item.
        let part_end = if is_yes {
            words[end..]
                .iter()
                .position(|word| word.ends_with([';', '.']))
                .map_or(if next_label.is_some() { end } else { words.len() }, |stop| end + stop + 1)
        } else {
            end
        };
        let answer = if is_yes { FormAnswer::Yes } else { FormAnswer::No };
        parts.push(AnsweredPart { words: start..part_end, answer: Some(answer) });
        start = part_end;
        at = part_end;
    }
    if parts.is_empty() {
        return None;
    }
    if start < words.len() {
        parts.push(AnsweredPart { words: start..words.len(), answer: None });
    }
    Some(parts)
}

/// Whether a line asks about the items below it, which without a mark say nothing.
pub(super) fn opens_question(text: &str) -> bool {
    static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:do\s+you|have\s+you|has\s+the\s+patient|are\s+you|did\s+you|does\s+(?:the\s+patient|anyone)|any\s+of\s+(?:these|the\s+following)|check\s+(?:all|any|if|each|the)|circle\s+(?:all|any|if|each)|mark\s+(?:all|any|each)|tick\s+(?:all|any|each)|tiene\s+usted|ha\s+tenido|marque)\b")
            .expect("a fixed pattern")
    });
    let text = text.trim_end();
    (text.ends_with('?') || text.ends_with(':')) && QUESTION.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(String, Option<FormAnswer>)> {
        let words: Vec<&str> = text.split_whitespace().collect();
        answered_parts(&words)
            .into_iter()
            .flatten()
            .map(|part| (words[part.words].join(" "), part.answer))
            .collect()
    }

    fn part(text: &str, answer: FormAnswer) -> (String, Option<FormAnswer>) {
        (text.to_owned(), Some(answer))
    }

    #[test]
    fn ticked_boxes_answer_and_empty_ones_do_not() {
        use FormAnswer::{No, Open, Yes};
        assert_eq!(parts("☒ Asthma ☐ Gout"), [part("☒ Asthma", Yes), part("☐ Gout", Open)]);
        assert_eq!(parts("[x] Asthma [ ] Gout"), [part("[x] Asthma", Yes), part("[ ] Gout", Open)]);
        assert_eq!(parts("( ) Asthma"), [part("( ) Asthma", Open)]);
        assert_eq!(
            parts("Asthma ☐ Yes ☒ No Gout ☒ Yes ☐ No"),
            [part("Asthma ☐ Yes ☒ No", No), part("Gout ☒ Yes ☐ No", Yes)]
        );
        assert_eq!(parts("☐ Yes ☒ No Asthma"), [part("☐ Yes ☒ No Asthma", No)]);
        assert_eq!(parts("Asthma ☐ Yes ☐ No"), [part("Asthma ☐ Yes ☐ No", Open)]);
    }

    #[test]
    fn answers_stand_after_a_colon_or_question_mark() {
        use FormAnswer::{No, Yes};
        assert_eq!(parts("Asthma: No"), [part("Asthma: No", No)]);
        assert_eq!(parts("Sleep apnea:no"), [part("Sleep apnea:no", No)]);
        assert_eq!(parts("Gout? N Asthma? Y"), [part("Gout? N", No), part("Asthma? Y", Yes)]);
        assert_eq!(parts("Diabetes: Yes, type 2"), [part("Diabetes: Yes, type 2", Yes)]);
        assert_eq!(parts("Stroke: denies"), [part("Stroke: denies", No)]);
    }

    #[test]
    fn denials_of_something_else_are_no_answers() {
        for text in
            ["Chest: No wheezes or rales", "Plan: yesterday", "Asthma since 2010", "Blood pressure: 120/80"]
        {
            assert!(parts(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn questions_open_lists() {
        assert!(opens_question("Do you have any of these?") && opens_question("Check all that apply:"));
        assert!(!opens_question("Asthma?") && !opens_question("Medications:"));
    }
}
