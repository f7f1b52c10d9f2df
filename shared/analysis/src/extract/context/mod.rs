//! Assertion status in context: whether a sentence affirms, denies or doubts something, or says it of a relative or of the
//! past.
//!
//! The method is that of NegEx (Chapman, Bridewell, Hanbury, Cooper, Buchanan 2001: "A simple algorithm for
//! identifying negated findings and diseases in discharge summaries", J Biomed Inform 34:301-310) and ConText
//! (Harkema, Dowling, Thornblade, Chapman 2009, J Biomed Inform 42:839-851): the scope of a trigger phrase runs forward or
//! backward to the end of the sentence or to a termination term; pseudo-triggers only look like triggers.
//! The word lists are our own.

pub(crate) mod orders;

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use maneiro_api::analysis::Assertion;

use crate::{
    extract::input::{passage::Passage, sections::Section},
    lexicon::{CONTEXT_RULES, WordToken, word_keys},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ContextCategory {
    Asserts(Assertion),
    /// Looks like a trigger and is not one.
    PseudoTrigger,
    /// Ends the scope of triggers on both sides.
    Termination,
}

/// Where the scope of a trigger lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScopeDirection {
    Forward,
    Backward,
}

struct ContextRule {
    phrase: Vec<String>,
    category: ContextCategory,
    direction: ScopeDirection,
}

/// The rules by the first word of their phrase, the longest first.
static RULES: LazyLock<HashMap<String, Vec<ContextRule>>> = LazyLock::new(|| {
    let mut rules: Vec<ContextRule> = CONTEXT_RULES
        .iter()
        .filter_map(|group| Some((category_and_direction(group.name)?, &group.members)))
        .flat_map(|((category, direction), phrases)| {
            phrases.iter().map(move |phrase| ContextRule { phrase: word_keys(phrase), category, direction })
        })
        .filter(|rule| !rule.phrase.is_empty())
        .collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.phrase.len()));
    let mut by_first_word: HashMap<String, Vec<ContextRule>> = HashMap::new();
    for rule in rules {
        by_first_word.entry(rule.phrase[0].clone()).or_default().push(rule);
    }
    by_first_word
});

fn category_and_direction(label: &str) -> Option<(ContextCategory, ScopeDirection)> {
    use ContextCategory::{Asserts, PseudoTrigger, Termination};
    use ScopeDirection::{Backward, Forward};
    Some(match label {
        "negated forward" => (Asserts(Assertion::Negated), Forward),
        "negated backward" => (Asserts(Assertion::Negated), Backward),
        "possible forward" => (Asserts(Assertion::Possible), Forward),
        "possible backward" => (Asserts(Assertion::Possible), Backward),
        "historical forward" => (Asserts(Assertion::Historical), Forward),
        "historical backward" => (Asserts(Assertion::Historical), Backward),
        "family forward" => (Asserts(Assertion::Family), Forward),
        "family backward" => (Asserts(Assertion::Family), Backward),
        "pseudo" => (PseudoTrigger, Forward),
        "terminate" => (Termination, Forward),
        _ => return None,
    })
}

/// Longest scope. NegEx found five words enough for prose, but lists after `denies` run to the end of the sentence.
const MAX_SCOPE_WORDS: usize = 40;
/// Longest backward scope: a trigger after a term refers to the words next to it.
const MAX_BACKWARD_SCOPE_WORDS: usize = 5;

/// A phrase of a rule in a sentence.
struct ContextMatch {
    category: ContextCategory,
    direction: ScopeDirection,
    range: Range<usize>,
}

fn find_context_matches(text: &str, tokens: &[WordToken]) -> Vec<ContextMatch> {
    let mut matches = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let mut length = 1;
        let rest = &tokens[at..];
        let matching: Vec<&ContextRule> = RULES
            .get(&rest[0].key)
            .into_iter()
            .flatten()
            .filter(|rule| {
                rest.len() >= rule.phrase.len()
                    && rule.phrase.iter().zip(rest).all(|(key, token)| *key == token.key)
            })
            .collect();
        if let Some(longest) = matching.first() {
            length = longest.phrase.len();
            let range = rest[0].range.start..rest[length - 1].range.end;
            matches.extend(matching.iter().filter(|rule| rule.phrase.len() == length).map(|rule| {
                ContextMatch { category: rule.category, direction: rule.direction, range: range.clone() }
            }));
        }
        at += length;
    }
    let clause_ends = text.match_indices(';').chain(text.match_indices(". ")).map(|(at, _)| at);
    matches.extend(clause_ends.map(|at| ContextMatch {
        category: ContextCategory::Termination,
        direction: ScopeDirection::Forward,
        range: at..at + 1,
    }));
    matches
}

/// The assertion status of the term at `range` of a passage.
pub(crate) fn assertion(passage: &Passage, range: &Range<usize>) -> Assertion {
    assertion_in(&passage.text, &passage.tokens, range, passage.section)
}

/// The assertion status of the term at `range` of a sentence.
pub(crate) fn assertion_in(
    sentence: &str,
    tokens: &[WordToken],
    range: &Range<usize>,
    section: Section,
) -> Assertion {
    let assertion = assertion_by_triggers(sentence, tokens, range);
    // "Family history: no diabetes" denies it of the family.
    if section == Section::FamilyHistory && assertion != Assertion::Negated {
        return Assertion::Family;
    }
    if section == Section::ResolvedProblems && assertion == Assertion::Present {
        return Assertion::Historical;
    }
    assertion
}

fn assertion_by_triggers(sentence: &str, tokens: &[WordToken], range: &Range<usize>) -> Assertion {
    let matches = find_context_matches(sentence, tokens);
    let words_between = |from: usize, to: usize| {
        tokens.iter().filter(|token| token.range.start >= from && token.range.end <= to).count()
    };
    let mut strongest = Assertion::Present;
    for trigger in &matches {
        let ContextCategory::Asserts(assertion) = trigger.category else { continue };
        let (between, max_words) = match trigger.direction {
            ScopeDirection::Forward if trigger.range.end <= range.start => {
                (trigger.range.end..range.start, MAX_SCOPE_WORDS)
            }
            ScopeDirection::Backward if trigger.range.start >= range.end => {
                (range.end..trigger.range.start, MAX_BACKWARD_SCOPE_WORDS)
            }
            ScopeDirection::Forward | ScopeDirection::Backward => continue,
        };
        let is_terminated = matches.iter().any(|end| {
            end.category == ContextCategory::Termination
                && end.range.start >= between.start
                && end.range.end <= between.end
        });
        if is_terminated || words_between(between.start, between.end) > max_words {
            continue;
        }
        if precedence(assertion) > precedence(strongest) {
            strongest = assertion;
        }
    }
    if strongest == Assertion::Present && sentence[..range.start].ends_with('?') {
        strongest = Assertion::Possible;
    }
    strongest
}

/// Which assertion counts if a sentence has several: "no family history of diabetes" denies.
fn precedence(assertion: Assertion) -> u8 {
    match assertion {
        Assertion::Present => 0,
        Assertion::Historical => 1,
        Assertion::Possible => 2,
        Assertion::Family => 3,
        Assertion::Negated => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::word_tokens;

    fn assertion_in_section(sentence: &str, range: &Range<usize>, section: Section) -> Assertion {
        assertion_in(sentence, &word_tokens(sentence), range, section)
    }

    fn assertion_of(sentence: &str, thing: &str) -> Assertion {
        let at = sentence.find(thing).unwrap_or_else(|| panic!("{thing} in {sentence}"));
        assertion_in_section(sentence, &(at..at + thing.len()), Section::Hpi)
    }

    #[test]
    fn each_assertion_status_is_recognised() {
        use Assertion::{Family, Historical, Negated, Possible, Present};
        for (sentence, thing, expected) in [
            ("No evidence of pneumonia.", "pneumonia", Negated),
            ("Patient denies chest pain, dyspnea, or syncope.", "syncope", Negated),
            ("Denies fever but reports cough.", "cough", Present),
            ("Denies fever but reports cough.", "fever", Negated),
            ("Pulmonary embolism was ruled out.", "Pulmonary embolism", Negated),
            ("DVT is unlikely.", "DVT", Possible),
            ("Negative for malignancy", "malignancy", Negated),
            ("There is no increase in edema.", "edema", Present),
            ("Not only hypertension is present.", "hypertension", Present),
            ("Possible pneumonia in the right lower lobe", "pneumonia", Possible),
            ("Findings are concerning for malignancy.", "malignancy", Possible),
            ("Cannot rule out fracture.", "fracture", Possible),
            ("r/o DVT", "DVT", Possible),
            ("History of stroke in 2011", "stroke", Historical),
            ("h/o breast cancer", "breast cancer", Historical),
            ("Mother had diabetes.", "diabetes", Family),
            ("Family history of colon cancer", "colon cancer", Family),
            ("No family history of colon cancer", "colon cancer", Negated),
            ("Father died of MI at 68; patient has hypertension.", "hypertension", Present),
            ("Without evidence of fracture", "fracture", Negated),
            ("Type 2 diabetes, well controlled", "diabetes", Present),
            ("She has hypertension and no diabetes.", "hypertension", Present),
            ("She has hypertension and no diabetes.", "diabetes", Negated),
            ("Hypertension, without chest pain", "Hypertension", Present),
            ("Pneumonia has resolved.", "Pneumonia", Historical),
            ("Status post stroke", "stroke", Historical),
            ("Gram negative sepsis", "sepsis", Present),
            ("N0 evidence of pneumonia", "pneumonia", Negated),
        ] {
            assert_eq!(assertion_of(sentence, thing), expected, "{thing} in {sentence:?}");
        }
    }

    #[test]
    fn family_history_is_about_relatives() {
        let sentence = "Diabetes, hypertension";
        assert_eq!(assertion_in_section(sentence, &(0..8), Section::FamilyHistory), Assertion::Family);
        let sentence = "No diabetes";
        assert_eq!(assertion_in_section(sentence, &(3..11), Section::FamilyHistory), Assertion::Negated);
    }
}
