//! The extractive analyser: statements made of what the pages say, each with the quote that it is made from. It uses no
//! network and adds nothing; what it does not recognise, it leaves out.

mod context;
mod cross_page;
mod extractors;
mod input;
mod sig;
mod statements;

use std::collections::BTreeSet;

use maneiro_api::analysis::{DateWindow, DuplicatePage, Findings, Statement};
use maneiro_page::{Page, TextSource};
use time::Date;

pub(crate) use self::{
    context::assertion_in,
    cross_page::conflicts::ConflictKind,
    input::{dates::find_dates, sections::Section},
};
use self::{
    cross_page::{
        conflicts::{Conflict, find_conflicts},
        deduplicate::merge_duplicate_pages,
        pending_orders::{Results, find_pending_orders},
        summary::rank_statements,
    },
    extractors::{
        allergies::{find_allergy_mentions, merge_allergies},
        follow_ups::extract_follow_ups,
        imaging::extract_imaging,
        labs::extract_labs,
        medications::{find_medication_mentions, merge_medications},
        patient::extract_patient,
        problems::{find_problem_mentions, merge_problems},
        procedures::extract_procedures,
        timeline::extract_timeline,
        vitals::extract_vitals,
    },
    input::segmentation::SegmentedRecord,
};
use crate::{AnalysisProgress, AnalysisRequest, SourcePage, verify};

/// Makes findings from what the pages say, without a network. Every item is made from a quote and verified.
///
/// An exact duplicate of a page is only listed as such. What several pages state is one item with several citations, also
/// if a near-duplicate has it with other recognition errors.
///
/// Dates of digits alone are read month first, as is usual in the United States, unless the first number cannot be a
/// month.
///
/// A date window leaves out vitals, labs, procedures, imaging, events and follow-ups of other dates, and conflicts and
/// gaps that rest on them alone. Medications, problems and allergies hold beyond a date and are kept, as is what has no
/// date. A focus moves what it names to the front of the summary.
#[must_use]
pub fn extract(pages: &[SourcePage], request: &AnalysisRequest, progress: &AnalysisProgress) -> Findings {
    let record = SegmentedRecord::new(pages);
    let window = WindowFilter(request.window);

    let medications = find_medication_mentions(&record);
    let problems = find_problem_mentions(&record);
    let allergies = find_allergy_mentions(&record);
    let labs = extract_labs(&record);
    let studies = extract_imaging(&record);
    let procedures = extract_procedures(&record);
    let results = Results { labs: &labs, studies: &studies, procedures: &procedures };
    let gaps = find_pending_orders(&record, &results);
    let mut conflicts = find_conflicts(&record, &medications, &allergies, &problems);
    window.retain(&mut conflicts, |conflict| conflict.date);

    let mut findings = Findings {
        patient: extract_patient(&record),
        summary: Vec::new(),
        encounters: Vec::new(),
        signs_symptoms: Vec::new(),
        problems: merge_problems(&problems),
        medications: merge_medications(&medications),
        allergies: merge_allergies(&allergies),
        vitals: extract_vitals(&record),
        timeline: extract_timeline(&record, &studies, &procedures),
        labs: labs.into_iter().map(|lab| lab.result).collect(),
        procedures: procedures.into_iter().map(|found| found.procedure).collect(),
        imaging: studies.into_iter().map(|found| found.study).collect(),
        follow_ups: window
            .filter(extract_follow_ups(&record), |found| found.date)
            .map(|found| found.follow_up)
            .collect(),
        conflicts: Vec::new(),
        gaps: window.filter(gaps, |gap| gap.date).map(|gap| gap.statement).collect(),
        duplicates: list_duplicates(pages),
    };
    window.apply(&mut findings);
    let conflict_kinds = merge_pages(&mut findings, conflicts, pages);
    summarise(&mut findings, &conflict_kinds, request);
    verify(&mut findings, pages);
    progress.add_pages_done(u32::try_from(pages.len()).unwrap_or(u32::MAX));
    findings
}

/// Adds to the findings of the language model what only a comparison of all pages shows: duplicate pages, and conflicts,
/// unless the findings have a conflict of the same pages. Applies the date window. Returns the kinds of the conflicts.
pub(crate) fn complete_model_findings(
    findings: &mut Findings,
    pages: &[SourcePage],
    request: &AnalysisRequest,
) -> Vec<ConflictKind> {
    let record = SegmentedRecord::new(pages);
    let window = WindowFilter(request.window);
    let mut conflicts: Vec<Conflict> = std::mem::take(&mut findings.conflicts)
        .into_iter()
        .map(|statement| Conflict { kind: ConflictKind::Reported, statement, date: None })
        .collect();
    let found = find_conflicts(
        &record,
        &find_medication_mentions(&record),
        &find_allergy_mentions(&record),
        &find_problem_mentions(&record),
    );
    for conflict in window.filter(found, |conflict| conflict.date) {
        let cited_pages = |conflict: &Conflict| -> BTreeSet<_> {
            conflict.statement.citations.iter().map(|cited| (cited.document, cited.page)).collect()
        };
        let pages = cited_pages(&conflict);
        if !conflicts.iter().any(|known| cited_pages(known) == pages) {
            conflicts.push(conflict);
        }
    }
    findings.duplicates = list_duplicates(pages);
    window.apply(findings);
    merge_pages(findings, conflicts, pages)
}

/// Ranks the findings into the summary.
pub(crate) fn summarise(findings: &mut Findings, conflict_kinds: &[ConflictKind], request: &AnalysisRequest) {
    findings.summary = rank_statements(findings, conflict_kinds, request.focus.as_deref());
}

/// Merges the statements of near-duplicate pages and stores the conflicts, whose kinds are returned.
fn merge_pages(
    findings: &mut Findings,
    mut conflicts: Vec<Conflict>,
    pages: &[SourcePage],
) -> Vec<ConflictKind> {
    merge_duplicate_pages(findings, &mut conflicts, pages);
    let (kinds, statements): (Vec<ConflictKind>, Vec<Statement>) =
        conflicts.into_iter().map(|conflict| (conflict.kind, conflict.statement)).unzip();
    findings.conflicts = statements;
    kinds
}

/// The dates that a request is limited to.
struct WindowFilter(Option<DateWindow>);

impl WindowFilter {
    fn contains(&self, date: Option<Date>) -> bool {
        let (Some(window), Some(date)) = (self.0, date) else { return true };
        window.from.is_none_or(|from| date >= from) && window.to.is_none_or(|to| date <= to)
    }

    fn apply(&self, findings: &mut Findings) {
        self.retain(&mut findings.vitals, |item| item.date);
        self.retain(&mut findings.labs, |item| item.date);
        self.retain(&mut findings.procedures, |item| item.date);
        self.retain(&mut findings.imaging, |item| item.date);
        self.retain(&mut findings.timeline, |item| Some(item.date));
    }

    fn retain<T>(&self, items: &mut Vec<T>, date: impl Fn(&T) -> Option<Date>) {
        items.retain(|item| self.contains(date(item)));
    }

    fn filter<T>(&self, items: Vec<T>, date: impl Fn(&T) -> Option<Date>) -> impl Iterator<Item = T> {
        items.into_iter().filter(move |item| self.contains(date(item)))
    }
}

fn list_duplicates(pages: &[SourcePage]) -> Vec<DuplicatePage> {
    let duplicated = |page: &Page| match page.text_source {
        TextSource::Duplicate { duplicate_of } => Some((duplicate_of, None)),
        TextSource::TextLayer
        | TextSource::Ocr { .. }
        | TextSource::Mixed { .. }
        | TextSource::Blank
        | TextSource::Unreadable { .. } => {
            page.near_duplicate.map(|duplicate| (duplicate.duplicate_of, Some(duplicate.similarity)))
        }
    };
    pages
        .iter()
        .filter_map(|source| {
            let (duplicate_of, similarity) = duplicated(&source.page)?;
            let (document, page) = (source.document, source.page.number);
            Some(DuplicatePage { document, page, duplicate_of, similarity })
        })
        .collect()
}

#[cfg(test)]
mod tests;
