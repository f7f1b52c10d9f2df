//! What matters most. The rule, so that a reader knows why a statement stands where it does:
//!
//! 1. With a focus, statements that share its words come before all that do not.
//! 2. Then by weight: a medicine prescribed against an allergy (100); other conflicts (80); results outside
//!    their range (60, and up to 15 more the further outside; 70 where the page itself calls the result
//!    critical; 25 less where the record has a newer result of the test, 10 less where it is not of the last
//!    day of results); studies of the last year whose impression tells of something new or urgent (50); active
//!    problems (45, and up to 10 more the more pages tell of them); what was asked for and has no result (40);
//!    follow-ups with a due date (20).
//! 3. The first three are of different kinds, so that one kind never hides the others; the rest follow by
//!    weight, in the order of the record where they weigh the same.

use maneiro_api::analysis::{Assertion, ClinicalStatus, Findings, LabFlag, Statement};
use time::Duration;

use crate::extract::{context, cross_page::conflicts, input::sections::Section};
use crate::{lexicon, text};

/// Statements in a summary.
const LENGTH: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Conflict,
    Lab,
    Problem,
    Imaging,
    Gap,
    FollowUp,
    Medication,
    Other,
}

struct Candidate<'a> {
    statement: &'a Statement,
    kind: Kind,
    weight: f64,
    matches: usize,
}

/// The summary by the rule above. It repeats statements; it makes none.
pub(crate) fn summary(findings: &Findings, focus: Option<&str>) -> Vec<Statement> {
    let wanted = focus.map(focus_words).unwrap_or_default();
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    let mut push = |statement, kind, weight| {
        let matches = matching(statement, &wanted);
        candidates.push(Candidate { statement, kind, weight, matches });
    };
    for statement in &findings.conflicts {
        let weight = if statement.text.starts_with(conflicts::DANGEROUS) { 100.0 } else { 80.0 };
        push(statement, Kind::Conflict, weight);
    }
    let last_day = findings.labs.iter().filter(|lab| lab.flag.is_some()).filter_map(|lab| lab.date).max();
    for lab in &findings.labs {
        let weight = match lab.flag {
            Some(LabFlag::High | LabFlag::Low) => {
                60.0 + beyond(lab.value.as_str(), lab.reference_range.as_deref())
            }
            Some(LabFlag::Abnormal) => 70.0,
            Some(LabFlag::Normal) | None => continue,
        };
        let newer = findings.labs.iter().any(|other| {
            other.date > lab.date && other.value != lab.value && same_test(&other.name, &lab.name)
        });
        // Results of the last day on which there are any stand for how things are.
        let stale = if newer {
            25.0
        } else if lab.date < last_day {
            10.0
        } else {
            0.0
        };
        push(&lab.statement, Kind::Lab, weight - stale);
    }
    for problem in &findings.problems {
        if problem.status == ClinicalStatus::Active && problem.statement.assertion == Assertion::Present {
            let pages = problem.statement.citations.len().min(10);
            push(&problem.statement, Kind::Problem, 45.0 + f64::from(u8::try_from(pages).unwrap_or(10)));
        } else if !wanted.is_empty() {
            push(&problem.statement, Kind::Problem, 10.0);
        }
    }
    let last_study = findings.imaging.iter().filter_map(|study| study.date).max();
    for study in &findings.imaging {
        let old = last_study.zip(study.date).is_some_and(|(last, date)| last - date > Duration::days(365));
        let weight = if notable(&study.statement.text) && !old { 50.0 } else { 15.0 };
        push(&study.statement, Kind::Imaging, weight);
    }
    for statement in &findings.gaps {
        push(statement, Kind::Gap, 40.0);
    }
    for follow_up in &findings.follow_ups {
        push(&follow_up.statement, Kind::FollowUp, if follow_up.due.is_some() { 20.0 } else { 5.0 });
    }
    if !wanted.is_empty() {
        for statement in findings.medications.iter().map(|item| &item.statement) {
            push(statement, Kind::Medication, 12.0);
        }
        let rest = findings
            .procedures
            .iter()
            .map(|item| &item.statement)
            .chain(findings.timeline.iter().map(|item| &item.statement));
        for statement in rest {
            push(statement, Kind::Other, 11.0);
        }
    }
    choose(candidates)
}

fn choose(mut candidates: Vec<Candidate<'_>>) -> Vec<Statement> {
    candidates.sort_by(|a, b| b.matches.cmp(&a.matches).then(b.weight.total_cmp(&a.weight)));
    let mut chosen: Vec<Candidate<'_>> = Vec::new();
    let first_matches = candidates.first().map_or(0, |candidate| candidate.matches);
    while chosen.len() < 3 && !candidates.is_empty() {
        // Another kind may go first only among those that match the focus, where there is one.
        let next = candidates
            .iter()
            .position(|candidate| {
                chosen.iter().all(|known| known.kind != candidate.kind)
                    && (candidate.matches > 0 || first_matches == 0)
                    && candidate.weight >= 40.0_f64.min(candidates[0].weight)
            })
            .unwrap_or(0);
        chosen.push(candidates.remove(next));
    }
    chosen
        .extend(candidates.into_iter().filter(|candidate| candidate.weight >= 20.0 || candidate.matches > 0));
    let mut statements: Vec<Statement> = Vec::new();
    for candidate in chosen {
        if statements.len() < LENGTH && !statements.contains(candidate.statement) {
            statements.push(candidate.statement.clone());
        }
    }
    statements
}

/// The words of a focus that say something.
fn focus_words(focus: &str) -> Vec<String> {
    const EMPTY: [&str; 34] = [
        "the",
        "and",
        "after",
        "before",
        "with",
        "for",
        "from",
        "about",
        "what",
        "when",
        "any",
        "all",
        "patient",
        "s",
        "history",
        "of",
        "in",
        "on",
        "to",
        "a",
        "an",
        "is",
        "was",
        "her",
        "his",
        "please",
        "look",
        "at",
        "since",
        "related",
        "regarding",
        "status",
        "review",
        "summary",
    ];
    let empty: Vec<String> = EMPTY.iter().map(|word| text::fold(word)).collect();
    let mut words: Vec<String> = lexicon::keys(focus)
        .into_iter()
        .map(|key| key.key)
        .filter(|key| key.len() > 1 && !empty.contains(key))
        .collect();
    words.dedup();
    words
}

/// How many words of the focus the statement or its quotes have.
fn matching(statement: &Statement, wanted: &[String]) -> usize {
    if wanted.is_empty() {
        return 0;
    }
    let mut keys: Vec<String> = lexicon::keys(&statement.text).into_iter().map(|key| key.key).collect();
    for citation in statement.citations.iter().take(3) {
        keys.extend(lexicon::keys(&citation.quote).into_iter().map(|key| key.key));
    }
    wanted.iter().filter(|word| keys.iter().any(|key| key == *word || stem(key) == stem(word))).count()
}

fn stem(word: &str) -> &str {
    word.strip_suffix("es").or_else(|| word.strip_suffix('s')).filter(|stem| stem.len() >= 4).unwrap_or(word)
}

/// How far beyond its range, as up to 15 points.
fn beyond(value: &str, range: Option<&str>) -> f64 {
    range
        .and_then(|range| crate::extract::extractors::labs::computed(value, range))
        .map_or(0.0, |(_, beyond)| (beyond * 15.0).min(15.0))
}

fn same_test(a: &str, b: &str) -> bool {
    let entry = |name: &str| lexicon::LABS.exact(name).map(|entry| lexicon::LABS.entry(entry).name);
    entry(a).map_or_else(|| a.eq_ignore_ascii_case(b), |known| entry(b) == Some(known))
}

/// Whether a study tells of something new or urgent, and does not deny it.
fn notable(text: &str) -> bool {
    const WORDS: [&str; 25] = [
        "acute",
        "new",
        "mass",
        "nodule",
        "tear",
        "fracture",
        "thrombus",
        "embolism",
        "suspicious",
        "malignancy",
        "hemorrhage",
        "infarct",
        "effusion",
        "consolidation",
        "obstruction",
        "stenosis",
        "rupture",
        "lesion",
        "severe",
        "thrombosis",
        "pneumonia",
        "abscess",
        "aneurysm",
        "dissection",
        "metastases",
    ];
    let wanted: Vec<String> = WORDS.iter().map(|word| text::fold(word)).collect();
    lexicon::keys(text)
        .into_iter()
        .filter(|key| wanted.contains(&key.key))
        .any(|key| context::assertion(text, &key.range, Section::Impression) == Assertion::Present)
}
