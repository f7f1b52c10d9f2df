//! The summary: the most important statements, by this rule.
//!
//! 1. With a focus, statements that share its words come first.
//! 2. Then by weight: a drug prescribed despite an allergy (100); other conflicts (80); laboratory results outside their
//!    range (60, and up to 15 more with the distance from it; 70 for a result that the page flags as abnormal; 25 less if
//!    the record has a newer result of the test, 10 less if it is older than the last date with results); imaging studies
//!    of the last year with a new or urgent finding (50); active problems (45, and up to 10 more with the number of pages
//!    that mention them); orders without a result (40); follow-ups with a due date (20).
//! 3. The first three are of different kinds, so that no kind hides the others. The rest follow by weight, and in the order
//!    of the record if the weight is the same.

use maneiro_api::analysis::{Assertion, ClinicalStatus, Findings, LabFlag, Statement};
use time::Duration;

use super::conflicts::ConflictKind;
use crate::{
    extract::{context::assertion_in, extractors::labs::compute_flag, input::sections::Section},
    lexicon::{FOCUS_STOPWORDS, LABS, NOTABLE_IMAGING_FINDINGS, word_keys, word_tokens},
};

const MAX_STATEMENTS: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SummaryKind {
    Conflict,
    Lab,
    Problem,
    Imaging,
    Gap,
    FollowUp,
    Medication,
    Other,
}

/// A statement that may be in the summary.
struct Candidate<'a> {
    statement: &'a Statement,
    kind: SummaryKind,
    weight: f64,
    /// Number of words of the focus in it.
    focus_matches: usize,
}

/// Ranks the findings. `conflict_kinds` are the kinds of their conflicts, in the same order.
pub(crate) fn rank_statements(
    findings: &Findings,
    conflict_kinds: &[ConflictKind],
    focus: Option<&str>,
) -> Vec<Statement> {
    let focus_words = focus.map(focus_words).unwrap_or_default();
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    let mut push = |statement, kind, weight| {
        let focus_matches = count_focus_matches(statement, &focus_words);
        candidates.push(Candidate { statement, kind, weight, focus_matches });
    };
    for (statement, kind) in findings.conflicts.iter().zip(conflict_kinds) {
        let weight = if *kind == ConflictKind::AllergyAndPrescription { 100.0 } else { 80.0 };
        push(statement, SummaryKind::Conflict, weight);
    }
    let last_date = findings.labs.iter().filter(|lab| lab.flag.is_some()).filter_map(|lab| lab.date).max();
    for lab in &findings.labs {
        let weight = match lab.flag {
            Some(LabFlag::High | LabFlag::Low) => {
                60.0 + weight_by_distance(lab.value.as_str(), lab.reference_range.as_deref())
            }
            Some(LabFlag::Abnormal) => 70.0,
            Some(LabFlag::Normal) | None => continue,
        };
        let has_newer = findings.labs.iter().any(|other| {
            other.date > lab.date && other.value != lab.value && is_same_test(&other.name, &lab.name)
        });
        let deduction = if has_newer {
            25.0
        } else if lab.date < last_date {
            10.0
        } else {
            0.0
        };
        push(&lab.statement, SummaryKind::Lab, weight - deduction);
    }
    for problem in &findings.problems {
        if problem.status == ClinicalStatus::Active && problem.statement.assertion == Assertion::Present {
            let pages = problem.statement.citations.len().min(10);
            push(
                &problem.statement,
                SummaryKind::Problem,
                45.0 + f64::from(u8::try_from(pages).unwrap_or(10)),
            );
        } else if !focus_words.is_empty() {
            push(&problem.statement, SummaryKind::Problem, 10.0);
        }
    }
    let last_study = findings.imaging.iter().filter_map(|study| study.date).max();
    for study in &findings.imaging {
        let is_old = last_study.zip(study.date).is_some_and(|(last, date)| last - date > Duration::days(365));
        let weight = if is_notable(&study.statement.text) && !is_old { 50.0 } else { 15.0 };
        push(&study.statement, SummaryKind::Imaging, weight);
    }
    for statement in &findings.gaps {
        push(statement, SummaryKind::Gap, 40.0);
    }
    for follow_up in &findings.follow_ups {
        push(&follow_up.statement, SummaryKind::FollowUp, if follow_up.due.is_some() { 20.0 } else { 5.0 });
    }
    if !focus_words.is_empty() {
        for statement in findings.medications.iter().map(|item| &item.statement) {
            push(statement, SummaryKind::Medication, 12.0);
        }
        let rest = findings
            .procedures
            .iter()
            .map(|item| &item.statement)
            .chain(findings.timeline.iter().map(|item| &item.statement));
        for statement in rest {
            push(statement, SummaryKind::Other, 11.0);
        }
    }
    choose_by_rank(candidates)
}

fn choose_by_rank(mut candidates: Vec<Candidate<'_>>) -> Vec<Statement> {
    candidates.sort_by(|a, b| b.focus_matches.cmp(&a.focus_matches).then(b.weight.total_cmp(&a.weight)));
    let mut chosen: Vec<Candidate<'_>> = Vec::new();
    let most_matches = candidates.first().map_or(0, |candidate| candidate.focus_matches);
    while chosen.len() < 3 && !candidates.is_empty() {
        // Another kind may precede only if it matches the focus, if anything does.
        let next = candidates
            .iter()
            .position(|candidate| {
                chosen.iter().all(|known| known.kind != candidate.kind)
                    && (candidate.focus_matches > 0 || most_matches == 0)
                    && candidate.weight >= 40.0_f64.min(candidates[0].weight)
            })
            .unwrap_or(0);
        chosen.push(candidates.remove(next));
    }
    chosen.extend(
        candidates.into_iter().filter(|candidate| candidate.weight >= 20.0 || candidate.focus_matches > 0),
    );
    let mut statements: Vec<Statement> = Vec::new();
    for candidate in chosen {
        if statements.len() < MAX_STATEMENTS && !statements.contains(candidate.statement) {
            statements.push(candidate.statement.clone());
        }
    }
    statements
}

/// The folded words of a focus that name its subject.
fn focus_words(focus: &str) -> Vec<String> {
    let mut words: Vec<String> = word_keys(focus)
        .into_iter()
        .filter(|key| key.len() > 1 && !FOCUS_STOPWORDS.contains_word(key))
        .collect();
    words.dedup();
    words
}

/// The number of words of the focus in the statement or its quotes.
fn count_focus_matches(statement: &Statement, focus_words: &[String]) -> usize {
    if focus_words.is_empty() {
        return 0;
    }
    let mut keys = word_keys(&statement.text);
    for citation in statement.citations.iter().take(3) {
        keys.extend(word_keys(&citation.quote));
    }
    focus_words.iter().filter(|word| keys.iter().any(|key| key == *word || stem(key) == stem(word))).count()
}

fn stem(word: &str) -> &str {
    word.strip_suffix("es").or_else(|| word.strip_suffix('s')).filter(|stem| stem.len() >= 4).unwrap_or(word)
}

/// Up to 15, by the distance of the value from its range.
fn weight_by_distance(value: &str, range: Option<&str>) -> f64 {
    range
        .and_then(|range| compute_flag(value, range))
        .map_or(0.0, |(_, distance)| (distance * 15.0).min(15.0))
}

fn is_same_test(a: &str, b: &str) -> bool {
    let entry = |name: &str| LABS.find_exact(name).map(|entry| LABS.entry(entry).name);
    entry(a).map_or_else(|| a.eq_ignore_ascii_case(b), |known| entry(b) == Some(known))
}

/// Whether the impression of a study has a new or urgent finding.
fn is_notable(text: &str) -> bool {
    let tokens = word_tokens(text);
    tokens
        .iter()
        .filter(|token| NOTABLE_IMAGING_FINDINGS.contains_word(&token.key))
        .any(|token| assertion_in(text, &tokens, &token.range, Section::Impression) == Assertion::Present)
}
