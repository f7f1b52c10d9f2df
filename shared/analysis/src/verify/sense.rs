//! How a passage asserts a term, read from left to right: what the words so far say of what follows, and what the words
//! after the term take back. Shares the lists of triggers with the analyser, and none of its rules.

use std::ops::Range;

use super::passage::QuotedPassage;
use crate::lexicon::{
    CHANGE_NOUNS, COMPANY_WORDS, COPULAS, REPORTING_VERBS, TriggerEnd, TriggerMatch, TriggerReach,
    TriggerRole, TriggerSense, TriggerSide, WordToken, find_triggers, word_tokens,
};

/// How a passage asserts a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadSense {
    Affirmed,
    Denied,
    Doubted,
    Past,
    OfRelative,
    Intended,
}

/// Words after a term within which a trigger speaks of it.
const MAX_WORDS_AFTER: usize = 5;
/// Words that a trigger of near terms reaches over.
const MAX_WORDS_NEAR: usize = 4;

/// The sense of a term at `range` of a passage.
pub(super) fn read_sense(passage: &QuotedPassage, range: &Range<usize>) -> ReadSense {
    let boxes = read_boxes(&passage.text, range);
    let sense = boxes.unwrap_or_else(|| read(&passage.text, &passage.tokens, range));
    let has = |word: &str| passage.heading_keys.iter().any(|key| key == word);
    // "Northside Family Medicine" is no heading of a family history.
    let is_family = has("famlly") && (has("hlstory") || has("hx")) || has("fhx") || has("famlllares");
    match sense {
        // An empty box says nothing of relatives either.
        ReadSense::Denied | ReadSense::Doubted if boxes.is_some() => sense,
        ReadSense::Denied => ReadSense::Denied,
        _ if is_family => ReadSense::OfRelative,
        sense => sense,
    }
}

/// The sense of a term with boxes beside it: "Asthma ☒ ☐" under "Yes No", "☒ Asthma".
fn read_boxes(text: &str, term: &Range<usize>) -> Option<ReadSense> {
    const TICKED: [char; 5] = ['☒', '☑', '✓', '✔', '✗'];
    let is_box = |c: char| c == '☐' || TICKED.contains(&c);
    let boxes: Vec<bool> = text[term.end..]
        .chars()
        .filter(|c| !c.is_whitespace())
        .take_while(|c| is_box(*c))
        .map(|c| TICKED.contains(&c))
        .collect();
    if let [first, second, ..] = boxes[..] {
        let is_no_first = text[..term.start].to_lowercase().contains("no yes");
        return match (first != is_no_first, second != is_no_first, first == second) {
            (_, _, true) => Some(ReadSense::Doubted),
            (true, false, false) => Some(ReadSense::Affirmed),
            _ => Some(ReadSense::Denied),
        };
    }
    let before = text[..term.start].chars().rev().find(|c| !c.is_whitespace()).filter(|c| is_box(*c))?;
    let is_alone = boxes.is_empty();
    (is_alone).then_some(if TICKED.contains(&before) { ReadSense::Affirmed } else { ReadSense::Doubted })
}

/// The sense of a term in a sentence without its page.
pub(super) fn read_text(text: &str, range: &Range<usize>) -> ReadSense {
    read(text, &word_tokens(text), range)
}

/// What the words before a point say of what follows.
#[derive(Debug, Clone, Copy, Default)]
struct Running {
    denied: Option<usize>,
    doubted: Option<usize>,
    past: Option<usize>,
    relative: Option<usize>,
    intended: Option<usize>,
}

fn read(text: &str, tokens: &[WordToken], term: &Range<usize>) -> ReadSense {
    let triggers = find_triggers(tokens);
    let reader = PassageReader { text, tokens, triggers: &triggers, term };
    if let Some(sense) = reader.reply() {
        return sense;
    }
    let running = reader.before();
    let after = reader.after();
    let is_taken_back = after.contains(&TriggerSense::Uncertain);
    if is_taken_back {
        return ReadSense::Doubted;
    }
    let mut denied = running.denied.is_some() || after.contains(&TriggerSense::Negated);
    if running.denied.is_some() && !after.contains(&TriggerSense::Negated) && reader.begins_statement() {
        denied = false;
    }
    let has = |slot: Option<usize>, sense| slot.is_some() || after.contains(&sense);
    if denied {
        ReadSense::Denied
    } else if has(running.relative, TriggerSense::Family) {
        ReadSense::OfRelative
    } else if has(running.intended, TriggerSense::Planned) {
        ReadSense::Intended
    } else if has(running.doubted, TriggerSense::Possible) || text[term.end..].starts_with('?') {
        ReadSense::Doubted
    } else if has(running.past, TriggerSense::Historical) {
        ReadSense::Past
    } else {
        ReadSense::Affirmed
    }
}

struct PassageReader<'a> {
    text: &'a str,
    tokens: &'a [WordToken],
    triggers: &'a [TriggerMatch],
    term: &'a Range<usize>,
}

impl PassageReader<'_> {
    /// Walks from the beginning to the term. Each slot holds the end of the trigger that set it.
    fn before(&self) -> Running {
        let mut state = Running::default();
        let sign = self.text[..self.term.start].trim_end();
        if sign.ends_with("(-)") || sign.ends_with("[-]") {
            state.denied = Some(sign.len());
        }
        let mut position = 0;
        for (at, trigger) in self.triggers.iter().enumerate() {
            // "No acute fracture": a trigger may reach into the name.
            if trigger.range.start >= self.term.start {
                break;
            }
            if self.has_full_stop(position..trigger.range.start) {
                state = Running::default();
            }
            position = trigger.range.end;
            match trigger.role {
                TriggerRole::Ends(TriggerEnd::Subject) => state = Running::default(),
                TriggerRole::Ends(TriggerEnd::Clause) => {
                    state = Running { relative: state.relative, ..Running::default() };
                }
                TriggerRole::Ends(TriggerEnd::History) => state.past = None,
                TriggerRole::Asserts { sense, side: TriggerSide::Forward, reach } => {
                    if self.is_reply(trigger) || !self.reaches(trigger, reach) {
                        continue;
                    }
                    let end = Some(trigger.range.end);
                    match sense {
                        TriggerSense::Negated => {
                            if !self.is_of_change(trigger) && !self.is_cancelled(at) {
                                state.denied = end;
                            }
                        }
                        TriggerSense::Possible | TriggerSense::Uncertain => {
                            state.doubted = end;
                            if sense == TriggerSense::Uncertain {
                                state.denied = None;
                            }
                        }
                        TriggerSense::Historical => state.past = end,
                        TriggerSense::Family => {
                            if !self.only_tells(trigger) {
                                state.relative = end;
                            }
                        }
                        TriggerSense::Planned => state.intended = end,
                        TriggerSense::Present => {}
                    }
                }
                TriggerRole::Asserts { .. } | TriggerRole::Pseudo => {}
            }
        }
        if self.has_full_stop(position..self.term.start) {
            return Running::default();
        }
        state
    }

    /// What the triggers after the term say of it.
    fn after(&self) -> Vec<TriggerSense> {
        let mut senses = Vec::new();
        for trigger in self.triggers.iter().filter(|trigger| trigger.range.start >= self.term.end) {
            let between = self.term.end..trigger.range.start;
            if self.count(&between) > MAX_WORDS_AFTER || self.has_full_stop(between.clone()) {
                break;
            }
            match trigger.role {
                TriggerRole::Ends(TriggerEnd::Clause | TriggerEnd::Subject) => break,
                TriggerRole::Asserts { sense, side: TriggerSide::Backward, reach } => {
                    let words = self.count(&between);
                    let reaches = match reach {
                        TriggerReach::Adjacent => self.text[between.clone()].trim().is_empty(),
                        TriggerReach::Near => words <= MAX_WORDS_NEAR,
                        TriggerReach::Final => self.ends(trigger),
                        TriggerReach::Clause | TriggerReach::Initial => true,
                    };
                    let gap = &self.text[between];
                    let is_apart = gap.rfind(',').is_some_and(|comma| {
                        gap[comma..].chars().any(char::is_alphanumeric)
                            && !gap.contains(" and ")
                            && !gap.contains(" or ")
                    });
                    if reaches && !is_apart {
                        senses.push(sense);
                    }
                }
                TriggerRole::Asserts { .. }
                | TriggerRole::Ends(TriggerEnd::History)
                | TriggerRole::Pseudo => {}
            }
        }
        senses
    }

    /// "Asthma: no".
    fn reply(&self) -> Option<ReadSense> {
        let reply = self.triggers.iter().find(|trigger| {
            trigger.range.start >= self.term.end
                && matches!(trigger.role, TriggerRole::Asserts { side: TriggerSide::Reply, .. })
                && self.is_reply(trigger)
        })?;
        let between = self.term.end..reply.range.start;
        let gap = &self.text[between.clone()];
        if self.count(&between) > MAX_WORDS_NEAR
            || gap.contains([';', '.', '•'])
            || gap.matches([':', '?', '=']).count() > 1
        {
            return None;
        }
        Some(match reply.role {
            TriggerRole::Asserts { sense: TriggerSense::Negated, .. } => ReadSense::Denied,
            _ => ReadSense::Affirmed,
        })
    }

    fn is_reply(&self, trigger: &TriggerMatch) -> bool {
        let before = self.text[..trigger.range.start].trim_end();
        let after = self.text[trigger.range.end..].trim_start();
        let is_asked = before.ends_with([':', '?', '=']) || before.ends_with(" -") || before.ends_with(" –");
        let next_label = after.starts_with(char::is_uppercase)
            && after.find([':', '?']).is_some_and(|at| at < 40 && !after[..at].contains([',', '.']));
        is_asked && (after.is_empty() || after.starts_with([',', '.', ';', ')', '|', '•', '/']) || next_label)
    }

    fn reaches(&self, trigger: &TriggerMatch, reach: TriggerReach) -> bool {
        let between = trigger.range.end..self.term.start;
        match reach {
            TriggerReach::Clause => true,
            TriggerReach::Near => {
                self.count(&between) <= MAX_WORDS_NEAR
                    && !self.text.get(between).is_some_and(|text| text.contains(','))
            }
            TriggerReach::Initial => {
                let before = self.text[..trigger.range.start].trim_end();
                self.count(&between) <= MAX_WORDS_NEAR
                    && !self.text.get(between).is_some_and(|text| text.contains(','))
                    && (before.is_empty() || before.ends_with([',', ';', '.', ':', '(', '•']))
            }
            TriggerReach::Adjacent => self.count(&between) == 0,
            TriggerReach::Final => false,
        }
    }

    /// A denial of a change: "no worsening of".
    fn is_of_change(&self, trigger: &TriggerMatch) -> bool {
        let next: Vec<&WordToken> =
            self.tokens.iter().filter(|token| token.range.start >= trigger.range.end).take(5).collect();
        next.windows(2).any(|pair| {
            CHANGE_NOUNS.contains_word(&pair[0].key)
                && matches!(pair[1].key.as_str(), "ln" | "of" | "from" | "to")
                && pair[1].range.end <= self.term.start
                && !self.text[trigger.range.end..pair[0].range.start].contains(',')
        })
    }

    /// Two denials that cancel each other: "cannot stand without".
    fn is_cancelled(&self, at: usize) -> bool {
        const DENIALS: [&str; 4] = ["not", "cannot", "unable", "never"];
        let trigger = &self.triggers[at];
        let words = |range: Range<usize>| {
            self.tokens
                .iter()
                .filter(move |token| token.range.start >= range.start && token.range.end <= range.end)
        };
        match self.text[trigger.range.clone()].to_lowercase().as_str() {
            "without" => {
                let mut before: Vec<&WordToken> = words(0..trigger.range.start).collect();
                before.reverse();
                before.iter().take(5).any(|token| DENIALS.contains(&token.key.as_str()))
            }
            "not" | "never" => {
                words(trigger.range.end..self.term.start).take(5).any(|token| token.key == "wlthout")
            }
            _ => false,
        }
    }

    /// Whether a relative only tells or keeps company.
    fn only_tells(&self, trigger: &TriggerMatch) -> bool {
        let after: Vec<&str> = self
            .tokens
            .iter()
            .filter(|token| token.range.start >= trigger.range.end)
            .take(2)
            .map(|token| token.key.as_str())
            .collect();
        if after.iter().any(|key| REPORTING_VERBS.contains_word(key)) || after.first() == Some(&"of") {
            return true;
        }
        if after
            .first()
            .is_some_and(|key| ["who", "wlth", "had", "has", "was", "dled", "tuvo", "con"].contains(key))
        {
            return false;
        }
        let before: Vec<&str> = self
            .tokens
            .iter()
            .filter(|token| token.range.end <= trigger.range.start)
            .rev()
            .take(3)
            .map(|token| token.key.as_str())
            .filter(|key| !["her", "hls", "the", "thelr", "my", "a", "to"].contains(key))
            .collect();
        before.first().is_some_and(|key| COMPANY_WORDS.contains_word(key))
    }

    /// Whether a list has turned into a statement about the term: "no fever, cough is present".
    fn begins_statement(&self) -> bool {
        let before = self.text[..self.term.start].trim_end();
        let next = self.tokens.iter().find(|token| token.range.start >= self.term.end);
        (before.ends_with(',') || before.ends_with(" and"))
            && next.is_some_and(|next| {
                self.text[self.term.end..next.range.start].trim().is_empty()
                    && COPULAS.contains_word(&next.key)
            })
    }

    fn ends(&self, trigger: &TriggerMatch) -> bool {
        let after = self.text[trigger.range.end..].trim_start();
        after.is_empty() || after.starts_with([',', ';', '.', ')', '•'])
    }

    fn has_full_stop(&self, range: Range<usize>) -> bool {
        let Some(text) = self.text.get(range) else { return false };
        let has_label = text.match_indices(':').any(|(at, _)| {
            let word = text[..at].rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            word.len() >= 3 && word.starts_with(char::is_uppercase)
        });
        text.contains([';', '•', '|']) || text.contains(". ") || text.contains("? ") || has_label
    }

    fn count(&self, range: &Range<usize>) -> usize {
        self.tokens
            .iter()
            .filter(|token| token.range.start >= range.start && token.range.end <= range.end)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The classes that a falsified sense would move a statement between.
    fn class(label: &str) -> &'static str {
        match label {
            "negated" => "denied",
            "family" => "of a relative",
            "possible" | "planned" => "uncertain",
            _ => "affirmed",
        }
    }

    fn read_class(sense: ReadSense) -> &'static str {
        match sense {
            ReadSense::Affirmed | ReadSense::Past => "affirmed",
            ReadSense::Denied => "denied",
            ReadSense::Doubted | ReadSense::Intended => "uncertain",
            ReadSense::OfRelative => "of a relative",
        }
    }

    #[test]
    fn sentences_are_read_as_they_are_marked() {
        let files = [include_str!("../../polarity/tuning.tsv"), include_str!("../../polarity/held_out.tsv")];
        let mut wrong = Vec::new();
        let mut total = 0;
        for line in files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let at = columns[0].find(columns[1]).unwrap();
            let read = read_class(read_text(columns[0], &(at..at + columns[1].len())));
            total += 1;
            if read != class(columns[2]) {
                wrong.push(format!("{}: {read}, not {}: {}", columns[1], columns[2], columns[0]));
            }
        }
        assert!(wrong.len() * 100 <= total * 3, "{} of {total}: {wrong:#?}", wrong.len());
    }
}
