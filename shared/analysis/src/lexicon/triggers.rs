//! The triggers of ConText: phrases that say how a sentence asserts a term, and how far each of them reaches. Finds them in
//! a text. What is in their scope is decided elsewhere.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use super::phrases::{WordToken, word_keys};
use crate::word_list::{comma_separated, lines};

/// What a trigger says of the terms in its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TriggerSense {
    Present,
    Negated,
    /// A suspicion.
    Possible,
    /// A denial that is taken back: "cannot be excluded".
    Uncertain,
    Historical,
    Family,
    Planned,
}

/// On which side of a trigger its scope lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TriggerSide {
    Forward,
    Backward,
    /// Backward over a colon, a question mark or a dash: "Asthma: no".
    Reply,
}

/// How far a trigger reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TriggerReach {
    Clause,
    /// A few words without a comma.
    Near,
    /// The word beside it.
    Adjacent,
    /// The clause, if the trigger ends it.
    Final,
    /// A few words, if the trigger begins its clause.
    Initial,
}

/// Which scopes a phrase ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TriggerEnd {
    /// All but that of a relative: "her brother, who has".
    Clause,
    /// That of the past alone: "s/p stroke with weakness".
    History,
    /// All: the sentence goes on about the patient.
    Subject,
}

/// What a phrase does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TriggerRole {
    Asserts {
        sense: TriggerSense,
        side: TriggerSide,
        reach: TriggerReach,
    },
    /// Looks like a trigger and is not one.
    Pseudo,
    Ends(TriggerEnd),
}

/// A trigger in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TriggerMatch {
    pub(crate) role: TriggerRole,
    /// Byte range in the text.
    pub(crate) range: Range<usize>,
}

struct ContextRule {
    phrase: Vec<String>,
    role: TriggerRole,
}

/// The triggers by the first word of their phrase, the longest first.
static TRIGGERS: LazyLock<HashMap<String, Vec<ContextRule>>> = LazyLock::new(|| {
    let mut by_first_word: HashMap<String, Vec<ContextRule>> = HashMap::new();
    for file in [include_str!("context.txt"), include_str!("context_es.txt")] {
        for (label, phrases) in lines(file).filter_map(|line| line.split_once('|')) {
            for role in parse_roles(label) {
                for phrase in comma_separated(phrases).map(word_keys).filter(|phrase| !phrase.is_empty()) {
                    by_first_word.entry(phrase[0].clone()).or_default().push(ContextRule { phrase, role });
                }
            }
        }
    }
    for triggers in by_first_word.values_mut() {
        triggers.sort_by_key(|trigger| std::cmp::Reverse(trigger.phrase.len()));
    }
    by_first_word
});

/// The roles that a label of the lists stands for: `negated forward`, `possible both near`, `end patient`.
fn parse_roles(label: &str) -> Vec<TriggerRole> {
    let words: Vec<&str> = label.split_whitespace().collect();
    let sense = match words.as_slice() {
        ["pseudo"] => return vec![TriggerRole::Pseudo],
        ["end"] => return vec![TriggerRole::Ends(TriggerEnd::Clause)],
        ["end", "history"] => return vec![TriggerRole::Ends(TriggerEnd::History)],
        ["end", "patient"] => return vec![TriggerRole::Ends(TriggerEnd::Subject)],
        ["present", ..] => TriggerSense::Present,
        ["negated", ..] => TriggerSense::Negated,
        ["possible", ..] => TriggerSense::Possible,
        ["uncertain", ..] => TriggerSense::Uncertain,
        ["historical", ..] => TriggerSense::Historical,
        ["family", ..] => TriggerSense::Family,
        ["planned", ..] => TriggerSense::Planned,
        _ => return Vec::new(),
    };
    let reach = match words.get(2) {
        None => TriggerReach::Clause,
        Some(&"near") => TriggerReach::Near,
        Some(&"adjacent") => TriggerReach::Adjacent,
        Some(&"final") => TriggerReach::Final,
        Some(&"initial") => TriggerReach::Initial,
        Some(_) => return Vec::new(),
    };
    let sides: &[TriggerSide] = match words.get(1) {
        Some(&"forward") => &[TriggerSide::Forward],
        Some(&"backward") => &[TriggerSide::Backward],
        Some(&"both") => &[TriggerSide::Forward, TriggerSide::Backward],
        Some(&"answer") => &[TriggerSide::Reply],
        Some(_) | None => &[],
    };
    sides.iter().map(|&side| TriggerRole::Asserts { sense, side, reach }).collect()
}

/// All triggers of a text in order, the longest at each place. One phrase may have several roles.
pub(crate) fn find_triggers(tokens: &[WordToken]) -> Vec<TriggerMatch> {
    let mut matches = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        let fits = |trigger: &&ContextRule| {
            rest.len() >= trigger.phrase.len()
                && trigger.phrase.iter().zip(rest).all(|(key, token)| *key == token.key)
                && rest[..trigger.phrase.len()].windows(2).all(|pair| is_one_phrase(&pair[0], &pair[1]))
        };
        let mut fitting = TRIGGERS.get(&rest[0].key).into_iter().flatten().filter(fits).peekable();
        let length = fitting.peek().map_or(1, |longest| longest.phrase.len());
        let range = rest[0].range.start..rest[length - 1].range.end;
        matches.extend(
            fitting
                .take_while(|trigger| trigger.phrase.len() == length)
                .map(|trigger| TriggerMatch { role: trigger.role, range: range.clone() }),
        );
        at += length;
    }
    matches
}

/// Whether no more than one character parts two words: "HIV: negative" is no "HIV negative".
fn is_one_phrase(word: &WordToken, next: &WordToken) -> bool {
    next.range.start - word.range.end <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::word_tokens;

    #[test]
    fn every_line_of_the_lists_has_a_role() {
        for file in [include_str!("context.txt"), include_str!("context_es.txt")] {
            for line in lines(file) {
                let (label, phrases) = line.split_once('|').expect(line);
                assert!(!parse_roles(label).is_empty(), "{label}");
                assert!(comma_separated(phrases).next().is_some(), "{label}");
            }
        }
        assert!(parse_roles("negated sideways").is_empty() && parse_roles("negated forward far").is_empty());
    }

    #[test]
    fn longest_phrase_counts() {
        let found = |text: &str| -> Vec<(String, TriggerRole)> {
            find_triggers(&word_tokens(text))
                .into_iter()
                .map(|found| (text[found.range].to_owned(), found.role))
                .collect()
        };
        let senses: Vec<_> = found("was not ruled out").into_iter().map(|(text, _)| text).collect();
        assert!(senses.contains(&"not ruled out".to_owned()), "{senses:?}");
        assert!(found("no increase").iter().all(|(_, role)| *role == TriggerRole::Pseudo));
    }
}
