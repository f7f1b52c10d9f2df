//! Whether a passage says of a medicine that it is not being taken: stopped, held, cancelled, or only intended.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::MedicationState;
use regex::Regex;

use super::passage::QuotedPassage;
use crate::lexicon::{DRUGS, word_keys};

/// What may stand between the words of change and the name: "stop the oral metformin".
const MAX_WORDS_AFTER: usize = 12;

static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?: \b(?:stop(?:s|ped|ping)?|discontinu(?:e|ed|ing)|suspend(?:ed)?|hold(?:ing)?|held|no\ longer\ (?:on|tak(?:es|ing))|not\ (?:currently\ )?taking
            |consider(?:ing)?(?:\ starting)?|(?:will|plan(?:s|ning)?\ to|to\ be)\ (?:start|begin|initiate)(?:ed|\ on)?)\s+(?:(?:the|his|her|oral|home|your)\s+){0,2}
          | \b(?:d/c['’]?e?d?|dc['’]d|off)\s+ )$",
    )
    .expect("a fixed pattern")
});
static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:stopped|stop\ taking|discontinued|aborted|cancell?ed|on\ hold|held|not\ (?:currently\ )?taking|no\ longer\ (?:taken|taking)
          |entered[\ -]in[\ -]error|suspended|withdrawn|inactive|d/c['’]?e?d|dc['’]d|suspendid[oa]|not\ (?:yet\ )?started)\b",
    )
    .expect("a fixed pattern")
});
/// Words before or after a word of change that take it back: "do not stop", "held if the pressure is low".
static NOT_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b(?:not|never|don['’]?t|without|if|unless|when|until|may be|can be|should not be|no)\s+(?:be\s+)?)$")
        .expect("a fixed pattern")
});
static NOT_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(?:if\b|when\b|for\s+(?:sbp|map|hr|systolic|heart|bp|pulse|glucose)\b|by\s+mistake)")
        .expect("a fixed pattern")
});
static STOPPED_HEADING: LazyLock<Vec<String>> = LazyLock::new(|| word_keys("discontinued stopped inactive"));

/// Whether a sentence about one medicine says that it is not being taken.
pub(super) fn says_not_taken(sentence: &str) -> bool {
    AFTER.is_match(sentence)
}

/// Whether the words beside the medicine at `name`, or the heading above, say that it is not being taken.
pub(super) fn is_not_taken(passage: &QuotedPassage, name: &Range<usize>) -> bool {
    if passage.heading_keys.iter().any(|key| STOPPED_HEADING.contains(key)) {
        return true;
    }
    let text = &passage.text;
    // Each word of change is about the medicine that it stands next to.
    let others = DRUGS.find(text, &passage.tokens);
    let previous = |start: usize| {
        others.iter().map(|term| &term.range).filter(move |it| it.end <= start).max_by_key(|it| it.end)
    };
    // "Stop lisinopril and amlodipine": it is about both.
    let mut start = name.start;
    while let Some(other) = previous(start) {
        if !matches!(text[other.end..start].trim(), "and" | "or" | "," | ", and" | ", or" | "&" | "y" | "o") {
            break;
        }
        start = other.start;
    }
    let from = previous(start).map_or(0, |other| other.end);
    let next = others.iter().map(|term| term.range.start).filter(|&start| start >= name.end).min();
    let after = &text[name.end..next.unwrap_or(text.len())];
    let is_meant = |found: &regex::Match<'_>, within: &str| {
        !NOT_BEFORE.is_match(&within[..found.start()]) && !NOT_AFTER.is_match(&within[found.end()..])
    };
    let before = &text[from..start];
    BEFORE.find(before).is_some_and(|found| is_meant(&found, before))
        || AFTER.find(after).is_some_and(|found| {
            let gap = after[..found.start()].split_whitespace().count();
            // "…, then stop losartan": the words before the next medicine are about that one.
            let is_of_next = next.is_some() && BEFORE.is_match(after) && found.end() + 12 > after.len();
            gap <= MAX_WORDS_AFTER && is_meant(&found, after) && !is_of_next
        })
}

/// Words of a sentence that speak of an end, whichever side of the name they stand on.
static ENDED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:completed|finished|complet(?:ing|ion)|previous(?:ly)?|former(?:ly)?|past|prior|ended|last\ dose|single\ dose|one\ dose|one[\ -]time
          |bolus|x\s?1\s*(?:$|[.,;)])|tapered|was\ (?:on|taking|given|treated)|were\ given|history\ of|took|used\ to
          |tried|failed|no\ longer|not\ taking|inactive|antes|previo|complet[oó])",
    )
    .expect("a fixed pattern")
});
/// What was taken before another medicine: "metformin was changed to", "switched from metformin to".
static REPLACED_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:replaced|switched|changed|converted)\b").expect("a fixed pattern")
});
static REPLACED_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:switch|chang|convert)\w*\s+from\s+$").expect("a fixed pattern"));
/// Words of what is only intended, or interrupted.
static INTENDED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:plan(?:ned|s)?|will|start|begin|initiat\w*|consider\w*|hold(?:ing)?|held|resume|restart|suspend\w*|cancell?ed|once|if|when|not|discontinu\w*)\b",
    )
    .expect("a fixed pattern")
});

/// Whether the sentence or the heading says that a medicine is over; with a `state`, that it is held, cancelled or only
/// planned.
pub(super) fn says_over(
    passage: &QuotedPassage,
    name: &Range<usize>,
    state: Option<MedicationState>,
) -> bool {
    static INTENDED_HEADING: LazyLock<Vec<String>> = LazyLock::new(|| word_keys("held plan"));
    let text = &passage.text;
    is_not_taken(passage, name)
        || ENDED.is_match(text)
        || REPLACED_AFTER.is_match(&text[name.end..])
        || REPLACED_BEFORE.is_match(&text[..name.start])
        || is_given_once(passage, name)
        || state.is_some()
            && (INTENDED.is_match(text)
                || passage.heading_keys.iter().any(|key| INTENDED_HEADING.contains(key)))
}

/// Whether the words after a name say that it is given once: "1 g IV once", but not "once daily".
pub(super) fn is_given_once(passage: &QuotedPassage, name: &Range<usize>) -> bool {
    const REPEATS: [&str; 9] = ["daily", "a", "per", "every", "each", "weekly", "monthly", "nightly", "in"];
    let others = DRUGS.find(&passage.text, &passage.tokens);
    let next = others.iter().map(|term| term.range.start).filter(|&start| start >= name.end).min();
    let after = &passage.text[name.end..next.unwrap_or(passage.text.len())];
    let mut words = after.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.by_ref().any(|word| word.eq_ignore_ascii_case("once"))
        && words.next().is_none_or(|next| !REPEATS.contains(&next.to_lowercase().as_str()))
}
