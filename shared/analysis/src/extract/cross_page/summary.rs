//! The summary: the most important statements, by this rule.
//!
//! 1. With a focus, statements that share its words come first.
//! 2. Danger: a drug that is prescribed despite an allergy; a critical laboratory value that no later result replaces
//!    (`critical_values` names the limits and their source); an active life-threatening condition or event
//!    (`lexicon/life_threatening.txt`); a code status that limits treatment; two birth dates or sexes. A page of another
//!    patient stands before the summary, in a list of its own.
//! 3. What is new or changed in the latest encounter: other conflicts, active problems that no earlier page names, results
//!    outside their range, notable imaging, medications started or stopped.
//! 4. What is active and often said: active problems by the number of pages, then orders without a result, earlier results
//!    outside their range, notable imaging of the last year, follow-ups with a due date.
//! 5. The first three are of different kinds as far as one of these three groups allows it, so that no kind hides the
//!    others. The rest follow by weight, and in the order of the record if the weight is the same.
//!
//! A heading or the mere title of a study is never in it.

use std::collections::HashMap;

use maneiro_api::analysis::{
    Assertion, Citation, ClinicalStatus, Findings, LabFlag, LabResult, ObservationKind, Statement,
};
use time::{Date, Duration};

use super::{conflicts::ConflictKind, critical_values::is_critical};
use crate::{
    extract::{
        context::assertion_in,
        extractors::{labs::compute_flag, timeline::is_limited_code_status},
        input::sections::{Section, detect_heading},
        statements::PageKey,
    },
    lexicon::{FOCUS_STOPWORDS, LABS, LIFE_THREATENING, NOTABLE_IMAGING_FINDINGS, word_keys, word_tokens},
};

const MAX_STATEMENTS: usize = 8;

/// What the ranking knows beyond the findings.
pub(crate) struct RankingContext<'a> {
    /// The kinds of the conflicts, in their order.
    conflict_kinds: &'a [ConflictKind],
    /// The date of the encounter that each page documents.
    encounter_dates: &'a HashMap<PageKey, Date>,
    focus: Option<&'a str>,
    latest_encounter: Option<Date>,
    has_earlier_encounters: bool,
}

impl<'a> RankingContext<'a> {
    pub(crate) fn new(
        conflict_kinds: &'a [ConflictKind],
        encounter_dates: &'a HashMap<PageKey, Date>,
        focus: Option<&'a str>,
    ) -> Self {
        let latest_encounter = encounter_dates.values().max().copied();
        let has_earlier_encounters = encounter_dates.values().any(|date| Some(*date) < latest_encounter);
        Self { conflict_kinds, encounter_dates, focus, latest_encounter, has_earlier_encounters }
    }

    fn is_on_page_of_latest(&self, citation: &Citation) -> bool {
        let date = self.encounter_dates.get(&(citation.document, citation.page)).copied();
        date.is_some() && date == self.latest_encounter
    }

    /// Whether only pages of the latest encounter state it, and there are earlier ones.
    fn is_new(&self, statement: &Statement) -> bool {
        self.has_earlier_encounters
            && !statement.citations.is_empty()
            && statement.citations.iter().all(|cited| self.is_on_page_of_latest(cited))
    }

    /// Whether a page of the latest encounter states it.
    fn is_of_latest(&self, statement: &Statement) -> bool {
        statement.citations.iter().any(|cited| self.is_on_page_of_latest(cited))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SummaryKind {
    Conflict,
    Lab,
    Problem,
    CodeStatus,
    Imaging,
    Gap,
    FollowUp,
    Medication,
    Other,
}

/// The groups of the rule, the most important last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ImportanceGroup {
    Standing,
    New,
    Danger,
}

/// A statement that may be in the summary.
struct Candidate<'a> {
    statement: &'a Statement,
    kind: SummaryKind,
    group: ImportanceGroup,
    /// Orders the candidates of a group.
    weight: f64,
    /// Number of words of the focus in it.
    focus_matches: usize,
}

/// Ranks the findings.
pub(crate) fn rank_statements(findings: &Findings, context: &RankingContext<'_>) -> Vec<Statement> {
    use ImportanceGroup::{Danger, New, Standing};
    let focus_words = context.focus.map(focus_words).unwrap_or_default();
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    let mut push = |statement, kind, group, weight| {
        let focus_matches = count_focus_matches(statement, &focus_words);
        if !is_heading(statement) {
            candidates.push(Candidate { statement, kind, group, weight, focus_matches });
        }
    };
    for (statement, kind) in findings.conflicts.iter().zip(context.conflict_kinds) {
        let (group, weight) = match kind {
            ConflictKind::AllergyAndPrescription => (Danger, 100.0),
            ConflictKind::Identity => (Danger, 60.0),
            ConflictKind::Allergies => (New, 90.0),
            _ => (New, 80.0),
        };
        push(statement, SummaryKind::Conflict, group, weight);
    }
    for (lab, group, weight) in rank_labs(&findings.labs) {
        push(&lab.statement, SummaryKind::Lab, group, weight);
    }
    for problem in &findings.problems {
        let pages = f64::from(u8::try_from(problem.statement.citations.len().min(10)).unwrap_or(10));
        if problem.status == ClinicalStatus::Active && problem.statement.assertion == Assertion::Present {
            let (group, weight) = if LIFE_THREATENING.is_in(&word_tokens(&problem.name)) {
                (Danger, 80.0 + pages)
            } else if context.is_new(&problem.statement) {
                (New, 75.0)
            } else {
                (Standing, 45.0 + pages)
            };
            push(&problem.statement, SummaryKind::Problem, group, weight);
        } else if !focus_words.is_empty() {
            push(&problem.statement, SummaryKind::Problem, Standing, 10.0);
        }
    }
    let stated = findings.observations.iter().rev().filter(|it| it.kind == ObservationKind::CodeStatus);
    let code_statuses =
        stated.map(|it| &it.statement).chain(findings.timeline.iter().rev().map(|event| &event.statement));
    if let Some(status) = code_statuses.clone().find(|it| is_limited_code_status(&it.text).is_some())
        && is_limited_code_status(&status.text) == Some(true)
    {
        push(status, SummaryKind::CodeStatus, Danger, 70.0);
    }
    let last_study = findings.imaging.iter().filter_map(|study| study.date).max();
    for study in findings.imaging.iter().filter(|study| study.statement.text != study.study) {
        let is_old = last_study.zip(study.date).is_some_and(|(last, date)| last - date > Duration::days(365));
        let is_notable = is_notable(&study.statement.text) && !is_old;
        let (group, weight) = match (is_notable, context.is_of_latest(&study.statement)) {
            (true, true) => (New, 70.0),
            (true, false) => (Standing, 50.0),
            (false, _) => (Standing, 15.0),
        };
        push(&study.statement, SummaryKind::Imaging, group, weight);
    }
    for medication in &findings.medications {
        let is_change = context.is_new(&medication.statement)
            && (medication.status == ClinicalStatus::Past
                || medication.statement.assertion == Assertion::Present);
        if is_change {
            push(&medication.statement, SummaryKind::Medication, New, 40.0);
        } else if !focus_words.is_empty() {
            push(&medication.statement, SummaryKind::Medication, Standing, 12.0);
        }
    }
    for statement in &findings.gaps {
        push(statement, SummaryKind::Gap, Standing, 40.0);
    }
    for follow_up in &findings.follow_ups {
        let weight = if follow_up.due.is_some() { 20.0 } else { 5.0 };
        push(&follow_up.statement, SummaryKind::FollowUp, Standing, weight);
    }
    if !focus_words.is_empty() {
        let procedures = findings.procedures.iter().map(|item| &item.statement);
        for statement in procedures.chain(findings.timeline.iter().map(|item| &item.statement)) {
            push(statement, SummaryKind::Other, Standing, 11.0);
        }
    }
    choose_by_rank(candidates)
}

/// The laboratory results outside their range, with group and weight.
fn rank_labs(labs: &[LabResult]) -> impl Iterator<Item = (&LabResult, ImportanceGroup, f64)> {
    use ImportanceGroup::{Danger, New, Standing};
    let newest = newest_results(labs);
    let last_date = labs.iter().filter(|lab| lab.flag.is_some()).filter_map(|lab| lab.date).max();
    labs.iter().filter_map(move |lab| {
        let is_replaced = newest.get(&test_key(&lab.name)).is_some_and(|date| lab.date < *date);
        let is_critical = is_critical(lab);
        let weight = match lab.flag {
            Some(LabFlag::High | LabFlag::Low) => {
                45.0 + weight_by_distance(lab.value.as_str(), lab.reference_range.as_deref())
            }
            Some(LabFlag::Abnormal) => 55.0,
            Some(LabFlag::Normal) | None if is_critical => 45.0,
            Some(LabFlag::Normal) | None => return None,
        };
        let (group, weight) = match (is_critical, is_replaced) {
            (true, false) => (Danger, 90.0),
            (false, false) if lab.date == last_date => (New, weight),
            (true, true) => (Standing, weight + 10.0),
            (false, false) => (Standing, weight),
            (false, true) => (Standing, weight - 25.0),
        };
        Some((lab, group, weight))
    })
}

/// The last date with a result of each test.
fn newest_results(labs: &[LabResult]) -> HashMap<String, Option<Date>> {
    let mut newest: HashMap<String, Option<Date>> = HashMap::new();
    for lab in labs {
        let date = newest.entry(test_key(&lab.name)).or_default();
        *date = (*date).max(lab.date);
    }
    newest
}

/// The same for all names of a test.
fn test_key(name: &str) -> String {
    LABS.find_exact(name).map_or_else(|| name.to_lowercase(), |entry| LABS.entry(entry).name.to_owned())
}

/// Whether a statement only repeats a heading of the record.
fn is_heading(statement: &Statement) -> bool {
    let text = statement.text.trim_end_matches([':', '.', ' ']);
    detect_heading(text).is_some_and(|heading| heading.end >= text.len())
}

fn choose_by_rank(mut candidates: Vec<Candidate<'_>>) -> Vec<Statement> {
    candidates.sort_by(|a, b| {
        let by_focus = b.focus_matches.cmp(&a.focus_matches);
        by_focus.then(b.group.cmp(&a.group)).then(b.weight.total_cmp(&a.weight))
    });
    let mut chosen: Vec<Candidate<'_>> = Vec::new();
    let most_matches = candidates.first().map_or(0, |candidate| candidate.focus_matches);
    while chosen.len() < 3 && !candidates.is_empty() {
        // Another kind may precede only within the group, and only if it matches the focus, if anything does.
        let next = candidates
            .iter()
            .position(|candidate| {
                chosen.iter().all(|known| known.kind != candidate.kind)
                    && (candidate.focus_matches > 0 || most_matches == 0)
                    && candidate.group == candidates[0].group
                    && candidate.weight >= 40.0_f64.min(candidates[0].weight)
            })
            .unwrap_or(0);
        chosen.push(candidates.remove(next));
    }
    chosen.extend(candidates.into_iter().filter(|candidate| {
        candidate.group > ImportanceGroup::Standing || candidate.weight >= 20.0 || candidate.focus_matches > 0
    }));
    let mut statements: Vec<Statement> = Vec::new();
    for candidate in chosen {
        let is_known = statements.iter().any(|known| known.text == candidate.statement.text);
        if statements.len() < MAX_STATEMENTS && !is_known {
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

/// Whether the impression of a study has a new or urgent finding.
fn is_notable(text: &str) -> bool {
    let tokens = word_tokens(text);
    tokens
        .iter()
        .filter(|token| NOTABLE_IMAGING_FINDINGS.contains_word(&token.key))
        .any(|token| assertion_in(text, &tokens, &token.range, Section::Impression) == Assertion::Present)
}
