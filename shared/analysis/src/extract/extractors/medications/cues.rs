//! Words that state a change of a medication: started, stopped, held, another dose.

use std::{ops::Range, sync::LazyLock};

use regex::{Captures, Regex};

use super::clauses::last_words;
use crate::{
    extract::input::passage::Passage,
    lexicon::{COMPLETABLE_EVENTS, DOSE_CHANGE_CUES, HYPOTHETICAL_CUES},
};

/// What the words next to a drug say about its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeCue {
    Taken,
    Stopped,
    Held,
}

static CUE_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?P<home>\bd/?c(?:'?d|ed)?\s+(?:home|on|with|to|meds?|summary|instructions)\b)
        | (?P<next>\breplaced\ (?:by|with)\b)
        | (?P<stop>\b(?:discontinu(?:e|ed|ing|ation\ of)|stop(?:s|ped|ping)?|d/?c['’]?e?d?|no\ longer\ (?:on|tak(?:es|ing)|using)|(?:come|came|taken|tapered|weaned)\ off|off|previously\ (?:on|took|taking|treated\ with|tried)|used\ to\ take|was\ (?:previously\ )?(?:on|taking)|prior|former|past|failed|completed|finished|(?:switch|chang|transition)(?:ed|ing)?\ from|instead\ of|in\ place\ of|replac(?:es|ed|ing)|intoleran(?:t|ce)\ (?:of|to)|ran\ out\ of|declin(?:ed|es)|refus(?:ed|es))\b)
        | (?P<hold>\b(?:hold|holding|held)\b)
        | (?P<take>\b(?:on|start(?:ed|ing)?|continu(?:e|es|ed|ing)|resum(?:e|ed|ing)|restart(?:ed|ing)?|tak(?:es|ing|e|en)|took|alternat(?:es|ing)|tri(?:es|ed)|has\ an?|prescriptions?(?:\ for)?|appl(?:y|ies|ying)|recommend(?:ed)?|begin|began|initiat(?:e|ed|ing)|add(?:ed|ing)?|increas(?:e|ed|ing)|decreas(?:e|ed|ing)|reduc(?:e|ed|ing)|prescrib(?:ed|e)|given|receiv(?:ed|ing)|(?:switch|chang|transition)(?:ed|ing)?\ to|us(?:es|ing)|titrat(?:e|ed|ing)|home|treated\ with|maintained\ on|refill(?:ed)?|trial\ of|administered|rx)\b)",
    )
    .expect("a fixed pattern")
});
static CUE_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?P<stop>\b(?:aborted|not\ (?:currently\ )?taking|no\ longer\ (?:taking|on|using)|cancell?ed|expired|withdrawn|suspendid[oa]|discontinued|stopped|d/c['’]?e?d|dc['’]d|completed|finished|(?:was|were|is|been)\ (?:discontinued|stopped)|(?:then\ )?(?:switched|changed|transitioned)\ to|replaced\ (?:by|with)|no\ longer\ taking|ended|self-discontinued|ran\ out|inactive|d/c)\b)
        | (?P<hold>\b(?:on\ hold|held\ until|suspended|en\ pausa|(?:was|is|being)?\ ?held|hold)\b)
        | (?P<take>\b(?:continued|resumed|restarted|was\ started|started|active|ongoing)\b)",
    )
    .expect("a fixed pattern")
});

/// The last cue before the name of a drug. Farther away it is about something else: "stopped smoking; her blood pressure
/// on …".
pub(super) fn cue_before(before: &str) -> Option<ChangeCue> {
    let found = CUE_BEFORE.captures_iter(before).last()?;
    // "…, then stop" ends the sig of the drug before.
    if before[..found.get(0)?.start()].trim_end().to_lowercase().ends_with("then") {
        return None;
    }
    let gap = before[found.get(0)?.end()..].split_whitespace().count();
    (gap <= 6).then(|| from_captures(&found))
}

/// The first cue after the name of a drug, within its clause at `range`.
pub(super) fn cue_after(passage: &Passage, range: Range<usize>) -> Option<ChangeCue> {
    let after = &passage.text[range.clone()];
    let found = CUE_AFTER.captures(after)?;
    let cue = found.get(0)?;
    let gap = after[..cue.start()].split_whitespace().count();
    // "HCQ eye exam was completed" is not about the drug.
    let is_completion = matches!(cue.as_str().to_lowercase().as_str(), "completed" | "finished" | "ended");
    let is_about_drug = !is_completion || !COMPLETABLE_EVENTS.is_in(&passage.tokens_in(range));
    (gap <= 12 && is_about_drug).then(|| from_captures(&found))
}

fn from_captures(found: &Captures<'_>) -> ChangeCue {
    if found.name("stop").is_some() {
        ChangeCue::Stopped
    } else if found.name("hold").is_some() {
        ChangeCue::Held
    } else {
        ChangeCue::Taken
    }
}

/// Whether the entry says that it should not be there.
pub(super) fn is_entered_in_error(after: &str) -> bool {
    after.to_lowercase().contains("entered in error") || after.to_lowercase().contains("entered-in-error")
}

/// Whether another drug takes the place of the one before these words: "was replaced by", "switched to".
pub(super) fn is_replaced_by_next(after: &str) -> bool {
    static REPLACED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:replaced\s+(?:by|with)|(?:switched|changed|transitioned|converted)\s+to)\s*$")
            .expect("a fixed pattern")
    });
    REPLACED.is_match(after.trim_end())
}

/// Whether the sentence considers a medication rather than reports it.
pub(super) fn is_hypothetical(passage: &Passage) -> bool {
    HYPOTHETICAL_CUES.is_in(&passage.tokens)
}

/// Whether the sentence changes a dose.
pub(super) fn has_dose_change(passage: &Passage) -> bool {
    DOSE_CHANGE_CUES.is_in(&passage.tokens) || passage.text.contains('→') || passage.text.contains("->")
}

/// Whether the drug was given once, so that the medication is over.
pub(super) fn is_single_dose(after: &str) -> bool {
    static ONCE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:once|x\s?1|single\s+dose|one\s+dose|one-time|stat|bolus)\b(?P<on>\s*(?:,\s*)?(?:daily|a\b|per\b|every|each|weekly|monthly|at\b|in\b|nightly))?").expect("a fixed pattern")
    });
    ONCE.captures(after).is_some_and(|found| found.name("on").is_none())
}

/// Whether the drug at `range` is mentioned as an allergen.
pub(super) fn is_allergy_mention(text: &str, range: &Range<usize>) -> bool {
    let after = text[range.end..].chars().take(30).collect::<String>().to_lowercase();
    let before = text[..range.start].to_lowercase();
    let near = last_words(&before, 4);
    static AFTER: LazyLock<Regex> = LazyLock::new(|| {
        // An entry of an allergy list, or what a germ is tested against.
        Regex::new(r"^\W*(?:allerg|(?:drug|food)\s+(?:allerg|intoleran)|intoleran|adverse\s+reaction|(?:is\s+)?(?:susceptib|sensitiv|resistan))")
            .expect("a fixed pattern")
    });
    AFTER.is_match(&after)
        || near.contains("allerg")
        || near.contains("anaphylaxis to")
        || near.trim_start().starts_with("reaction to")
}
