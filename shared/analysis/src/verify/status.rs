//! Whether a passage says of a medicine that it is not being taken: stopped, held, cancelled, or only intended.

use std::{ops::Range, sync::LazyLock};

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
        r"(?ix)\b(?:stopped|discontinued|aborted|cancell?ed|on\ hold|held|not\ (?:currently\ )?taking|no\ longer\ (?:taken|taking)
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
    let from = others.iter().map(|term| term.range.end).filter(|&end| end <= name.start).max().unwrap_or(0);
    let next = others.iter().map(|term| term.range.start).filter(|&start| start >= name.end).min();
    let after = &text[name.end..next.unwrap_or(text.len())];
    let is_meant = |found: &regex::Match<'_>, within: &str| {
        !NOT_BEFORE.is_match(&within[..found.start()]) && !NOT_AFTER.is_match(&within[found.end()..])
    };
    let before = &text[from..name.start];
    BEFORE.find(before).is_some_and(|found| is_meant(&found, before))
        || AFTER.find(after).is_some_and(|found| {
            let gap = after[..found.start()].split_whitespace().count();
            // "…, then stop losartan": the words before the next medicine are about that one.
            let is_of_next = next.is_some() && BEFORE.is_match(after) && found.end() + 12 > after.len();
            gap <= MAX_WORDS_AFTER && is_meant(&found, after) && !is_of_next
        })
}

static OVER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:completed|finished|complet(?:ing|ion)|previous(?:ly)?|former(?:ly)?|past|prior|ended|last\ dose|once|single\ dose|until|through|tapered
          |was\ (?:on|taking|given|started|treated|held|stopped)|were\ (?:held|stopped|given)|history\ of|took|used|tried|failed|replaced|switched|changed
          |stop(?:ped|s)?|discontinu\w*|d/c['’]?e?d?|held|hold(?:ing)?|cancell?ed|suspend\w*|inactive|resume|restart|not|no\ longer|plan(?:ned|s)?|will|start|begin|consider
          |antes|previo|suspend\w*|complet[oó])\b",
    )
    .expect("a fixed pattern")
});

/// Whether the sentence or the heading says that a medicine is over, held, cancelled or only planned.
pub(super) fn says_over(passage: &QuotedPassage, name: &Range<usize>) -> bool {
    const HEADINGS: &str = "discontinued stopped inactive past previous prior held plan";
    static HEADING_KEYS: LazyLock<Vec<String>> = LazyLock::new(|| word_keys(HEADINGS));
    is_not_taken(passage, name)
        || OVER.is_match(&passage.text)
        || passage.heading_keys.iter().any(|key| HEADING_KEYS.contains(key))
}
