//! The extractive analyser: statements made of what the pages say, each with the words it was made from. It asks
//! no network and never invents; what it does not recognise it leaves out.

mod context;
mod cross_page;
mod extractors;
mod input;
mod sig;
mod statements;

use std::collections::BTreeSet;

use maneiro_api::analysis::{Assertion, DateWindow, DuplicatePage, Findings, Statement};
use maneiro_page::{Page, TextSource};
use time::Date;

use self::{
    cross_page::{conflicts, deduplicate, pending_orders as gaps, summary},
    extractors::{
        allergies, follow_ups, imaging, labs, medications::mentions as medications, patient,
        problems::mentions as problems, procedures, timeline, vitals,
    },
    input::{
        dates, sections,
        segmentation::{self, Passage},
    },
};
use crate::{Progress, Request, SourcePage};

/// What every extractor reads: the pages, cut into passages.
pub(crate) struct Reading<'a> {
    pub(crate) pages: &'a [SourcePage],
    pub(crate) passages: Vec<Passage>,
}

/// Makes findings from what the pages say, without a network. Every item is made from a quote and verified.
///
/// A page that repeats another says nothing twice: it is listed as a duplicate. The same thing said on several
/// pages is one item with several citations, on a page that was scanned twice also if it was read in other letters.
///
/// Dates of digits alone are read month first, as clinics in the United States write them, unless the first
/// number cannot be a month.
///
/// With a window, dated vitals, labs, procedures, imaging, events and follow-ups of other days are left out, and
/// so are conflicts and gaps that stand only on them; medications, problems and allergies hold beyond a day and
/// stay, as does what has no date. A focus moves what it names to the front of the summary.
#[must_use]
pub fn extract(pages: &[SourcePage], request: &Request, progress: &Progress) -> Findings {
    let reading = Reading { pages, passages: segmentation::passages(pages) };
    let window = Window(request.window);

    let taken = medications::mentions(&reading);
    let problem_mentions = problems::mentions(&reading);
    let allergy_mentions = allergies::mentions(&reading);
    let labs = labs::labs(&reading);
    let imaging = imaging::imaging(&reading);
    let procedures = procedures::procedures(&reading);
    let medications = medications::merged(&taken);
    let allergies = allergies::merged(&allergy_mentions);
    let problems = problems::merged(&problem_mentions);
    let follow_ups = follow_ups::follow_ups(&reading);
    let gaps = gaps::gaps(&reading, &labs, &imaging, &procedures);
    let conflicts = conflicts::conflicts(&reading, &taken, &allergy_mentions, &problem_mentions);
    let mut findings = Findings {
        patient: patient::patient(&reading),
        timeline: timeline::timeline(&reading, &imaging, &procedures),
        summary: Vec::new(),
        vitals: vitals::vitals(&reading),
        duplicates: duplicates(pages),
        problems,
        medications,
        allergies,
        labs: labs.into_iter().map(|found| found.lab).collect(),
        procedures: procedures.into_iter().map(|found| found.procedure).collect(),
        imaging: imaging.into_iter().map(|found| found.imaging).collect(),
        follow_ups: window
            .keep(follow_ups, |found| found.date)
            .into_iter()
            .map(|found| found.follow_up)
            .collect(),
        conflicts: window
            .keep(conflicts, |found| found.date)
            .into_iter()
            .map(|found| found.statement)
            .collect(),
        gaps: window.keep(gaps, |found| found.date).into_iter().map(|found| found.statement).collect(),
    };
    window.apply(&mut findings);
    deduplicate::unite(&mut findings, pages);
    summarise(&mut findings, request);
    crate::verify(&mut findings, pages);
    progress.add(u32::try_from(pages.len()).unwrap_or(u32::MAX));
    findings
}

/// Adds to findings made elsewhere what only a look at all pages at once can tell: pages that repeat, and places
/// that disagree, unless the findings have the disagreement of those pages already. Honours the window.
pub(crate) fn complete(findings: &mut Findings, pages: &[SourcePage], request: &Request) {
    let reading = Reading { pages, passages: segmentation::passages(pages) };
    let window = Window(request.window);
    let conflicts = conflicts::conflicts(
        &reading,
        &medications::mentions(&reading),
        &allergies::mentions(&reading),
        &problems::mentions(&reading),
    );
    for found in window.keep(conflicts, |found| found.date) {
        let places = |statement: &Statement| -> BTreeSet<_> {
            statement.citations.iter().map(|cited| (cited.document, cited.page)).collect()
        };
        let told = places(&found.statement);
        if !findings.conflicts.iter().any(|known| places(known) == told) {
            findings.conflicts.push(found.statement);
        }
    }
    findings.duplicates = duplicates(pages);
    window.apply(findings);
    deduplicate::unite(findings, pages);
}

/// Ranks what is found into the summary, by the rule in `summary`.
pub(crate) fn summarise(findings: &mut Findings, request: &Request) {
    findings.summary = summary::summary(findings, request.focus.as_deref());
}

/// Every full date of a text.
pub(crate) fn days(text: &str) -> Vec<Date> {
    dates::find(text).into_iter().map(|found| found.date).collect()
}

/// Whether the sentence denies what stands at `range`.
pub(crate) fn denies(sentence: &str, range: &std::ops::Range<usize>) -> bool {
    context::assertion(sentence, range, sections::Section::Other) == Assertion::Negated
}

/// A statement and the day it is of, where the model of an analysis has no place for one.
pub(crate) struct Dated {
    pub(crate) statement: Statement,
    pub(crate) date: Option<Date>,
}

/// The days that were asked for.
struct Window(Option<DateWindow>);

impl Window {
    fn holds(&self, date: Option<Date>) -> bool {
        let (Some(window), Some(date)) = (self.0, date) else { return true };
        window.from.is_none_or(|from| date >= from) && window.to.is_none_or(|to| date <= to)
    }

    fn apply(&self, findings: &mut Findings) {
        findings.vitals.retain(|item| self.holds(item.date));
        findings.labs.retain(|item| self.holds(item.date));
        findings.procedures.retain(|item| self.holds(item.date));
        findings.imaging.retain(|item| self.holds(item.date));
        findings.timeline.retain(|item| self.holds(Some(item.date)));
    }

    fn keep<T>(&self, items: Vec<T>, date: impl Fn(&T) -> Option<Date>) -> Vec<T> {
        items.into_iter().filter(|item| self.holds(date(item))).collect()
    }
}

fn duplicates(pages: &[SourcePage]) -> Vec<DuplicatePage> {
    let repeated = |page: &Page| match page.text_source {
        TextSource::Duplicate { duplicate_of } => Some((duplicate_of, None)),
        TextSource::TextLayer
        | TextSource::Ocr { .. }
        | TextSource::Mixed { .. }
        | TextSource::Blank
        | TextSource::Unreadable { .. } => {
            page.near_duplicate.map(|repeat| (repeat.duplicate_of, Some(repeat.similarity)))
        }
    };
    pages
        .iter()
        .filter_map(|source| {
            let (duplicate_of, similarity) = repeated(&source.page)?;
            Some(DuplicatePage {
                document: source.document,
                page: source.page.number,
                duplicate_of,
                similarity,
            })
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
