//! Orders in context: whether a sentence orders something or reports it.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::{extract::input::passage::Passage, lexicon::CONDITIONAL_CUES};

static ORDER_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:order(?:ed|ing)?|obtain|check|recheck|repeat(?:ed)?|schedul(?:e|ed|ing)|await(?:ing)?|recommend(?:s|ed|ing)?|will\s+(?:also\s+)?(?:get|have|need|obtain|order|check|repeat|schedule|perform|do|send|draw|proceed\s+with)|sent|send|refer(?:red|ral)?\s+(?:for|to)|needs?|due\s+for|plan(?:ned)?\s+for|plan:?|arrang(?:e|ed|ing)|request(?:ed)?|pending|to\s+(?:get|have|obtain)|advise[ds]?|follow[- ]?up)\b").expect("a fixed pattern")
});
static ORDER_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[^.;]{0,40}?\b(?:(?:was|is|are|were|has\s+been)?\s*(?:ordered|pending|scheduled|recommended|requested|sent|advised|planned|outstanding|awaited|deferred|overdue|due)|\(refer|to\s+be\s+(?:done|scheduled|obtained|performed)|not\s+(?:yet\s+)?(?:done|resulted|available|back|received|on\s+file)|no\s+(?:report|result)s?)\b").expect("a fixed pattern")
});

/// Whether the sentence orders the study or test at `range`, rather than reports it.
pub(crate) fn is_ordered(text: &str, range: &Range<usize>) -> bool {
    let before = &text[..range.start];
    let follows_order = ORDER_BEFORE.find_iter(before).last().is_some_and(|cue| {
        let between = &before[cue.end()..];
        between.split_whitespace().count() <= 8 && !between.contains([';', ':']) && !between.contains(". ")
    });
    // "Repeat lactate 4.1": a value follows, so it was done.
    let mut rest = text[range.end..].trim_start();
    if let Some(bracket) = rest.strip_prefix('(') {
        rest = bracket.split_once(')').map_or(bracket, |(_, rest)| rest.trim_start());
    }
    let has_value = rest.starts_with(|c: char| c.is_ascii_digit() || c == ':');
    (follows_order && !has_value) || ORDER_AFTER.is_match(&text[range.end..])
}

/// Whether the order of what stands at `range` depends on a condition. "To see if" asks for a result.
pub(crate) fn is_conditional(passage: &Passage, range: &Range<usize>) -> bool {
    static PURPOSE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:see|determine|check|find\s+out|assess|evaluate)\s+(?:if|whether)\b")
            .expect("a fixed pattern")
    });
    let purpose = PURPOSE.find(&passage.text[range.end..]).map(|found| range.end + found.start());
    let end = purpose.unwrap_or(passage.text.len());
    CONDITIONAL_CUES.is_in(&passage.tokens_in(0..end))
}
