//! Medical facts that no pattern can know, in text files that a doctor can correct. Patterns find what is not listed;
//! the lists state what a term is and which names mean the same.

mod catalog;
mod phrases;
mod terms;
mod triggers;

use std::sync::LazyLock;

pub(crate) use self::{
    catalog::is_spanish_name,
    phrases::{PhraseList, WordToken, contains_phrase, find_phrase, singular, word_keys, word_tokens},
    terms::{
        DRUGS, IMAGING, LABS, PROBLEMS, PROCEDURES, SIGNS_SYMPTOMS, TermList, TermMatch, VITAL_SIGNS,
        is_term_word,
    },
    triggers::{
        TriggerEnd, TriggerMatch, TriggerReach, TriggerRole, TriggerSense, TriggerSide, find_triggers,
    },
};
use crate::word_list::{WordList, comma_separated, lines};

macro_rules! lists {
    ($type:ident: $($name:ident $file:literal),+ $(,)?) => {$(
        pub(crate) static $name: LazyLock<$type> =
            LazyLock::new(|| $type::parse(include_str!(concat!("lexicon/", $file))));
    )+};
}

lists!(
    PhraseList:
    ADMINISTRATION_CUES "administration_cues.txt",
    ALLERGENS "allergens.txt",
    BODY_PARTS "body_parts.txt",
    CHANGE_NOUNS "change_nouns.txt",
    COMPANY_WORDS "company_words.txt",
    COMPLETABLE_EVENTS "completable_events.txt",
    CONDITIONAL_CUES "conditional_cues.txt",
    COPULAS "copulas.txt",
    DENIED_HISTORY_CUES "denied_history_cues.txt",
    DOSE_CHANGE_CUES "dose_change_cues.txt",
    EMPTY_HISTORY_CUES "empty_history_cues.txt",
    FOCUS_STOPWORDS "focus_stopwords.txt",
    HISTORY_CUES "history_cues.txt",
    HYPOTHETICAL_CUES "hypothetical_cues.txt",
    IMAGING_RESULT_CUES "imaging_result_cues.txt",
    LIFE_THREATENING "life_threatening.txt",
    NOTABLE_IMAGING_FINDINGS "notable_imaging_findings.txt",
    PROCEDURE_PERFORMED_CUES "procedure_performed_cues.txt",
    PROCEDURE_PERFORMED_IN_PLAN_CUES "procedure_performed_in_plan_cues.txt",
    REPORTING_VERBS "reporting_verbs.txt",
    PART_MODIFIERS "part_modifiers.txt",
    PLACE_ADVERBS "place_adverbs.txt",
    PLACE_JOINTS "place_joints.txt",
    RESTART_CUES "restart_cues.txt",
);

lists!(
    WordList:
    ABBREVIATIONS "abbreviations.txt",
    ALLERGEN_STOPWORDS "allergen_stopwords.txt",
    CARE_ACTIVITIES "care_activities.txt",
    DEMOGRAPHIC_LABELS "demographic_labels.txt",
    DRUG_STOPWORDS "drug_stopwords.txt",
    IMAGING_ABBREVIATIONS "imaging_abbreviations.txt",
    LAB_LABEL_STOPWORDS "lab_label_stopwords.txt",
    PROBLEM_COMPOUND_HEADS "problem_compound_heads.txt",
    PROBLEM_MODIFIERS "problem_modifiers.txt",
    PROBLEM_STOPWORDS "problem_stopwords.txt",
    SENTENCE_VERBS "sentence_verbs.txt",
    SIGN_ADJECTIVES "sign_adjectives.txt",
    SIGN_COMPOUND_HEADS "sign_compound_heads.txt",
);

/// A name and what belongs to it.
pub(crate) struct Grouping {
    pub(crate) name: &'static str,
    pub(crate) members: Vec<&'static str>,
}

/// Reads lines of `name|member, member`.
fn groupings(file: &'static str) -> Vec<Grouping> {
    lines(file)
        .filter_map(|line| line.split_once('|'))
        .map(|(name, members)| Grouping { name: name.trim(), members: comma_separated(members).collect() })
        .collect()
}

/// Headings by the section that they begin.
pub(crate) static HEADINGS: LazyLock<Vec<Grouping>> =
    LazyLock::new(|| groupings(include_str!("lexicon/headings.txt")));

/// Laboratory tests by the panel that holds them.
pub(crate) static LAB_PANELS: LazyLock<Vec<Grouping>> =
    LazyLock::new(|| groupings(include_str!("lexicon/lab_panels.txt")));

/// Titles of tables' columns by what the column holds.
pub(crate) static TABLE_COLUMNS: LazyLock<Vec<Grouping>> =
    LazyLock::new(|| groupings(include_str!("lexicon/table_columns.txt")));

/// Units of laboratory results with the other ways to write them.
pub(crate) static UNITS: LazyLock<Vec<Grouping>> =
    LazyLock::new(|| groupings(include_str!("lexicon/units.txt")));

/// Specimens of laboratory tests by the words for them.
pub(crate) static SPECIMENS: LazyLock<Vec<Grouping>> =
    LazyLock::new(|| groupings(include_str!("lexicon/specimens.txt")));

/// Specific problems by the general name for them.
pub(crate) static PROBLEM_SUBTYPES: LazyLock<Vec<Grouping>> =
    LazyLock::new(|| groupings(include_str!("lexicon/problem_subtypes.txt")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_and_their_tests_are_listed() {
        for panel in LAB_PANELS.iter() {
            for name in panel.members.iter().chain([&panel.name]) {
                let entry = LABS.find_exact(name).map(|at| LABS.entry(at).name);
                assert_eq!(entry, Some(*name));
            }
        }
    }
}
