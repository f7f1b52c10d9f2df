//! Mentions of problems: listed terms in any section, and the entries of problem lists as they are written.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, ClinicalStatus, capitalise};
use regex::Regex;
use time::Date;

use super::names::{lowercase_words, specific_name};
use crate::{
    extract::{
        context,
        input::{
            passage::{ListMarker, Passage},
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
        },
    },
    lexicon::{
        CARE_ACTIVITIES, DENIED_HISTORY_CUES, DRUGS, HISTORY_CUES, IMAGING, LABS, PROBLEM_COMPOUND_HEADS,
        PROBLEM_STOPWORDS, PROBLEM_SUBTYPES, PROBLEMS, PROCEDURES, SENTENCE_VERBS, TermMatch,
        contains_phrase, is_spanish_name, word_tokens,
    },
};

/// A mention of a problem.
#[derive(Debug, Clone)]
pub(crate) struct ProblemMention {
    /// The same for all names of the problem.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) assertion: Assertion,
    pub(crate) status: ClinicalStatus,
    pub(crate) date: Option<Date>,
    /// Position of the passage in the record.
    pub(crate) position: usize,
    /// Whether it is in a problem list or an assessment.
    pub(crate) is_list_entry: bool,
    /// Whether it is denied for the whole history ("no history of"), not only for today.
    pub(crate) is_never: bool,
    /// Whether the text itself calls it resolved.
    pub(super) is_resolved: bool,
    /// Whether its words are Spanish.
    pub(crate) is_spanish: bool,
    pub(crate) citation: Citation,
}

impl ProblemMention {
    /// Orders mentions in time: by date as far as they have one, then by position in the record.
    pub(super) fn chronological_key(&self) -> (Option<Date>, usize) {
        (self.date, self.position)
    }

    pub(crate) fn is_active_list_entry(&self) -> bool {
        self.is_list_entry && self.assertion == Assertion::Present && self.status == ClinicalStatus::Active
    }
}

/// The mentions of a page, in order.
pub(crate) fn find_problem_mentions(page: &SegmentedPage<'_>) -> Vec<ProblemMention> {
    let mut mentions = Vec::new();
    for (position, passage) in page.positioned_passages() {
        if !passage.section.is_searched_for(SearchTarget::Problem) || passage.is_head {
            continue;
        }
        // Among results only what a study shows is a problem, not what a test is named after.
        if passage.section == Section::Labs
            && (!passage.cells.is_empty() || IMAGING.find(&passage.text, &passage.tokens).is_empty())
        {
            continue;
        }
        let before = mentions.len();
        find_listed_problems(page, passage, position, &mut mentions);
        let is_problem_entry = passage.section.is_problem_list() || is_own_problem(passage);
        if is_problem_entry && mentions.len() == before && passage.starts_block {
            mentions.extend(unlisted_problem(page, passage, position));
        }
    }
    mentions
}

/// "Diabetes" in a record of type 2 diabetes means that one.
pub(crate) fn specify_general_names(mentions: &mut [ProblemMention]) {
    for group in PROBLEM_SUBTYPES.iter() {
        let is_active = |subtype: &&&str| {
            mentions.iter().any(|mention| mention.key == **subtype && mention.is_active_list_entry())
        };
        let active: Vec<&&str> = group.members.iter().filter(|subtype| is_active(subtype)).collect();
        if let [subtype] = active.as_slice() {
            for mention in mentions.iter_mut().filter(|mention| mention.key == group.name) {
                if mention.assertion == Assertion::Present {
                    mention.key = (**subtype).to_owned();
                    mention.is_list_entry = false;
                }
            }
        }
    }
}

static RESOLVED_CUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:resolved|in\s+remission|cured|s/p|status\s+post|remote|childhood|former|as\s+a\s+(?:child|teenager)|inactive|healed)\b").expect("a fixed pattern")
});

/// Words after which the name of a test is that of the disease: "positive for HIV".
static IS_HAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:positive\s+for|history\s+of|diagnosed\s+with|lives\s+with|living\s+with)\s+$")
        .expect("a fixed pattern")
});

fn find_listed_problems(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    position: usize,
    mentions: &mut Vec<ProblemMention>,
) {
    let text = &passage.text;
    let is_list_entry = passage.section.is_problem_list() || is_own_problem(passage);
    let labs = LABS.find(text, &passage.tokens);
    let problems = PROBLEMS.find(text, &passage.tokens);
    for (at, problem) in problems.iter().enumerate() {
        let range = &problem.range;
        let entry = PROBLEMS.entry(problem.entry);
        // "HIV antibody", "lupus anticoagulant" and "PT" are tests.
        let is_in_lab_test = labs.iter().any(|lab| {
            let holds = lab.range.start <= range.start && lab.range.end >= range.end;
            holds && !(lab.range == *range && (is_list_entry || IS_HAD.is_match(&text[..range.start])))
        });
        let assertion = context::assertion(passage, range);
        if is_in_lab_test
            || is_compound_modifier(text, range)
            || (assertion == Assertion::Negated
                && !passage.section.has_relevant_denials()
                && passage.section != Section::Labs
                && passage.answer.is_none())
            // What would be under a condition, or is to be prevented, is nobody's problem yet.
            || assertion == Assertion::Planned
        {
            continue;
        }
        // An entry of a list is about one problem, also after a comma: "anemia, resolved 2021".
        let next = problems.get(at + 1).map_or(text.len(), |next| next.range.start);
        let clause_end = if is_list_entry { next } else { clause_end(text, range.end) };
        let clause = clause_start(text, range.start)..clause_end;
        let is_resolved = RESOLVED_CUE.is_match(&text[clause.clone()])
            && !contains_phrase(&passage.tokens_in(clause), &["not resolved", "not yet resolved"]);
        // "PMH: asthma" is history only by its heading and is still active, unless it is acute.
        let is_history_by_heading = assertion == Assertion::Historical
            && is_list_entry
            && !is_resolved
            && !entry.has_tag("acute")
            && !has_history_cue(passage, range);
        let is_over = match assertion {
            Assertion::Historical => !is_history_by_heading,
            Assertion::Present | Assertion::Possible | Assertion::Family => is_resolved,
            Assertion::Negated | Assertion::Planned => false,
        };
        mentions.push(ProblemMention {
            key: grouping_key(problem),
            name: specific_name(text, range, entry.name, problem.name),
            assertion: if is_history_by_heading { Assertion::Present } else { assertion },
            status: if is_over { ClinicalStatus::Past } else { ClinicalStatus::Active },
            date: passage.encounter_date,
            position,
            is_list_entry,
            is_never: assertion == Assertion::Negated
                && DENIED_HISTORY_CUES.is_in(&passage.tokens_in(0..range.start)),
            is_resolved: is_resolved || passage.section == Section::ResolvedProblems,
            is_spanish: is_spanish_name(&text[range.clone()]),
            citation: passage.cite_with_context(page.source, range),
        });
    }
}

/// The listed name; with its side for what each side has of its own.
fn grouping_key(problem: &TermMatch) -> String {
    match (PROBLEMS.entry(problem.entry).name, problem.name.split(' ').next()) {
        ("osteoarthritis", Some(side @ ("left" | "right"))) => format!("{side} osteoarthritis"),
        (name, _) => name.to_owned(),
    }
}

/// Whether the author marks it as a problem: "#Acute VTE – continue heparin", or a short line with a list below it in the
/// assessment.
fn is_own_problem(passage: &Passage) -> bool {
    passage.list_marker == Some(ListMarker::Problem)
        || passage.precedes_list
            && passage.list_marker.is_none()
            && matches!(passage.section, Section::Assessment | Section::Plan)
            && passage.text.split_whitespace().count() <= MAX_HEAD_WORDS
}

const MAX_HEAD_WORDS: usize = 8;

fn has_history_cue(passage: &Passage, range: &Range<usize>) -> bool {
    HISTORY_CUES.is_in(&passage.tokens_in(clause_start(&passage.text, range.start)..range.start))
}

/// Whether the term only specifies the noun after it: "diabetes clinic", "cancer screening", "stroke unit".
fn is_compound_modifier(text: &str, range: &Range<usize>) -> bool {
    let next = text[range.end..].split_whitespace().next().unwrap_or_default().to_lowercase();
    PROBLEM_COMPOUND_HEADS.contains(next.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// The end of the clause, with a bracket after the name: "anemia (2018, resolved with iron)".
fn clause_end(text: &str, from: usize) -> usize {
    text[from..].find([';', ',']).map_or(text.len(), |at| {
        let bracket = text[from..].find('(').filter(|open| *open < at);
        bracket
            .and_then(|open| text[from + open..].find(')').map(|close| from + open + close))
            .unwrap_or(from + at)
    })
}

fn clause_start(text: &str, to: usize) -> usize {
    text[..to].rfind([';', ',']).map_or(0, |at| at + 1)
}

static NAME_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s[-–—]\s|\s*[:;(,=]|\.\s|\.$|\s(?i:with|on|s/p|status|since|diagnosed|due|secondary|managed|followed|well|for|in|is|was|from|per|vs|currently)\b").expect("a fixed pattern")
});

/// An entry of a problem list without a listed problem: its words up to the first punctuation.
fn unlisted_problem(page: &SegmentedPage<'_>, passage: &Passage, position: usize) -> Option<ProblemMention> {
    // The row of a table names it in a cell of its own.
    let cell = passage.cells.iter().find(|cell| cell.role.is_name());
    if cell.is_none() && !passage.cells.is_empty() {
        return None;
    }
    let whole = cell.map_or(passage.range(), |cell| cell.range.clone());
    let text = passage.text[whole.clone()].trim_start_matches(|c: char| !c.is_alphanumeric());
    let skipped = whole.end - text.len();
    let end = NAME_END.find(text).map_or(text.len(), |found| found.start());
    let name = text[..end].trim();
    let range = skipped..skipped + end;
    if !could_be_problem(passage, name) {
        return None;
    }
    let assertion = context::assertion(passage, &range);
    if matches!(assertion, Assertion::Negated | Assertion::Family | Assertion::Planned) {
        return None;
    }
    let is_resolved = RESOLVED_CUE.is_match(&passage.text) || passage.section == Section::ResolvedProblems;
    Some(ProblemMention {
        key: name.to_lowercase(),
        name: capitalise(&lowercase_words(name)),
        assertion: if is_resolved { Assertion::Historical } else { assertion },
        status: if is_resolved { ClinicalStatus::Past } else { ClinicalStatus::Active },
        date: passage.encounter_date,
        position,
        is_list_entry: true,
        is_never: false,
        is_resolved,
        is_spanish: false,
        citation: passage.cite_with_context(page.source, &range),
    })
}

fn could_be_problem(passage: &Passage, name: &str) -> bool {
    let words: Vec<String> = name
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let is_list_entry = match passage.section {
        Section::Assessment => passage.list_marker == Some(ListMarker::Number) || is_own_problem(passage),
        Section::Pmh | Section::ResolvedProblems => true,
        _ => is_own_problem(passage),
    };
    // A sentence with a verb, or half of a bracket, is no name.
    let is_sentence = words.iter().any(|word| SENTENCE_VERBS.contains(word))
        || name.matches('(').count() != name.matches(')').count()
        || passage.text.matches('(').count() != passage.text.matches(')').count();
    let is_activity = CARE_ACTIVITIES.contains(first) || CARE_ACTIVITIES.contains(last);
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let is_long_sentence = passage.text.ends_with('.') && passage.text.split_whitespace().count() > 14;
    is_list_entry
        && !is_activity
        && !is_sentence
        && words.len() <= 9
        && (4..=80).contains(&name.len())
        && !PROBLEM_STOPWORDS.contains(first)
        && letters * 10 >= name.len() * 7
        && DRUGS.find_exact(first).is_none()
        && [&*LABS, &*IMAGING, &*PROCEDURES]
            .iter()
            .all(|terms| terms.find(name, &word_tokens(name)).is_empty())
        && !is_long_sentence
}
