//! What a sentence says about the truth of something in it: present, negated, possible, of a relative, or past.
//!
//! The method is that of NegEx (Chapman, Bridewell, Hanbury, Cooper, Buchanan 2001: "A simple algorithm for
//! identifying negated findings and diseases in discharge summaries", J Biomed Inform 34:301-310) and ConText
//! (Harkema, Dowling, Thornblade, Chapman 2009, J Biomed Inform 42:839-851): trigger phrases reach forward or
//! backward to the end of the sentence or to a word that ends their scope; pseudo-triggers only look like one.
//! The word lists are our own.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use maneiro_api::analysis::Assertion;

use crate::extract::input::sections::Section;
use crate::{
    lexicon::{self, Key},
    text,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Asserts(Assertion),
    /// Looks like a trigger and is none.
    Pseudo,
    /// Ends the scope of triggers on both sides.
    Ends,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Forward,
    Backward,
}

struct Trigger {
    keys: Vec<String>,
    effect: Effect,
    reach: Reach,
}

/// By their first word, longest first.
static TRIGGERS: LazyLock<HashMap<String, Vec<Trigger>>> = LazyLock::new(|| {
    let mut triggers: Vec<Trigger> = include_str!("../../lexicon/context.txt")
        .lines()
        .filter_map(|line| line.split_once('|'))
        .flat_map(|(kind, phrases)| phrases.split(',').map(move |phrase| (kind.trim(), phrase.trim())))
        .filter_map(|(kind, phrase)| {
            let (effect, reach) = match kind {
                "not before" => (Effect::Asserts(Assertion::Negated), Reach::Forward),
                "not after" => (Effect::Asserts(Assertion::Negated), Reach::Backward),
                "maybe before" => (Effect::Asserts(Assertion::Possible), Reach::Forward),
                "maybe after" => (Effect::Asserts(Assertion::Possible), Reach::Backward),
                "past before" => (Effect::Asserts(Assertion::Historical), Reach::Forward),
                "past after" => (Effect::Asserts(Assertion::Historical), Reach::Backward),
                "family before" => (Effect::Asserts(Assertion::Family), Reach::Forward),
                "family after" => (Effect::Asserts(Assertion::Family), Reach::Backward),
                "pseudo" => (Effect::Pseudo, Reach::Forward),
                "end" => (Effect::Ends, Reach::Forward),
                _ => return None,
            };
            let keys: Vec<String> = lexicon::keys(phrase).into_iter().map(|key| key.key).collect();
            (!keys.is_empty()).then_some(Trigger { keys, effect, reach })
        })
        .collect();
    triggers.sort_by_key(|trigger| std::cmp::Reverse(trigger.keys.len()));
    let mut by_first: HashMap<String, Vec<Trigger>> = HashMap::new();
    for trigger in triggers {
        by_first.entry(trigger.keys[0].clone()).or_default().push(trigger);
    }
    by_first
});

/// Words between a negation and what it negates; NegEx found five enough for prose. Lists after `denies` run on
/// to the end of the sentence.
const FAR: usize = 40;

struct Cue {
    effect: Effect,
    reach: Reach,
    range: Range<usize>,
}

fn cues(text: &str, keys: &[Key]) -> Vec<Cue> {
    let mut cues = Vec::new();
    let mut at = 0;
    while at < keys.len() {
        let mut length = 1;
        let rest = &keys[at..];
        let matching: Vec<&Trigger> = TRIGGERS
            .get(&rest[0].key)
            .into_iter()
            .flatten()
            .filter(|trigger| {
                rest.len() >= trigger.keys.len()
                    && trigger.keys.iter().zip(rest).all(|(key, word)| *key == word.key)
            })
            .collect();
        if let Some(longest) = matching.first() {
            length = longest.keys.len();
            let range = rest[0].range.start..rest[length - 1].range.end;
            cues.extend(matching.iter().filter(|trigger| trigger.keys.len() == length).map(|trigger| Cue {
                effect: trigger.effect,
                reach: trigger.reach,
                range: range.clone(),
            }));
        }
        at += length;
    }
    cues.extend(text.match_indices([';']).map(|(at, _)| Cue {
        effect: Effect::Ends,
        reach: Reach::Forward,
        range: at..at + 1,
    }));
    cues.extend(text.match_indices(". ").map(|(at, _)| Cue {
        effect: Effect::Ends,
        reach: Reach::Forward,
        range: at..at + 1,
    }));
    cues
}

/// What the sentence says about the thing at `range`.
pub(crate) fn assertion(sentence: &str, range: &Range<usize>, section: Section) -> Assertion {
    if section == Section::Family {
        // "Family history: no diabetes" denies it of the family.
        return match scan(sentence, range) {
            Assertion::Negated => Assertion::Negated,
            Assertion::Present | Assertion::Possible | Assertion::Family | Assertion::Historical => {
                Assertion::Family
            }
        };
    }
    let said = scan(sentence, range);
    if section == Section::Resolved && said == Assertion::Present { Assertion::Historical } else { said }
}

fn scan(sentence: &str, range: &Range<usize>) -> Assertion {
    let keys = lexicon::keys(sentence);
    let cues = cues(sentence, &keys);
    let word_gap = |from: usize, to: usize| {
        keys.iter().filter(|key| key.range.start >= from && key.range.end <= to).count()
    };
    let mut said = Assertion::Present;
    for cue in &cues {
        let Effect::Asserts(assertion) = cue.effect else { continue };
        let between = match cue.reach {
            Reach::Forward if cue.range.end <= range.start => cue.range.end..range.start,
            Reach::Backward if cue.range.start >= range.end => range.end..cue.range.start,
            Reach::Forward | Reach::Backward => continue,
        };
        let ended = cues.iter().any(|end| {
            end.effect == Effect::Ends && end.range.start >= between.start && end.range.end <= between.end
        });
        if ended || word_gap(between.start, between.end) > FAR {
            continue;
        }
        // What stands after is about what stands next to it.
        if cue.reach == Reach::Backward && word_gap(between.start, between.end) > 5 {
            continue;
        }
        if weight(assertion) > weight(said) {
            said = assertion;
        }
    }
    if said == Assertion::Present && sentence[..range.start].ends_with(['?']) {
        said = Assertion::Possible;
    }
    said
}

/// Which of two contexts counts when a sentence has both: "no family history of diabetes" denies.
fn weight(assertion: Assertion) -> u8 {
    match assertion {
        Assertion::Present => 0,
        Assertion::Historical => 1,
        Assertion::Possible => 2,
        Assertion::Family => 3,
        Assertion::Negated => 4,
    }
}

/// Whether a phrase of the folded text stands as whole words in it.
pub(crate) fn says(text: &str, phrases: &[&str]) -> bool {
    let keys = lexicon::keys(text);
    phrases.iter().any(|phrase| {
        let wanted: Vec<String> = phrase.split(' ').map(text::fold).collect();
        keys.windows(wanted.len())
            .any(|words| words.iter().zip(&wanted).all(|(word, want)| word.key == *want))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(sentence: &str, thing: &str) -> Assertion {
        let at = sentence.find(thing).unwrap_or_else(|| panic!("{thing} in {sentence}"));
        assertion(sentence, &(at..at + thing.len()), Section::Hpi)
    }

    #[test]
    fn negation_uncertainty_family_and_history_are_told_apart() {
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
            assert_eq!(said(sentence, thing), expected, "{thing} in {sentence:?}");
        }
    }

    #[test]
    fn a_family_section_is_about_relatives() {
        let sentence = "Diabetes, hypertension";
        assert_eq!(assertion(sentence, &(0..8), Section::Family), Assertion::Family);
        let sentence = "No diabetes";
        assert_eq!(assertion(sentence, &(3..11), Section::Family), Assertion::Negated);
    }
}
