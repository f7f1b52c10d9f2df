//! The extractive analyser: statements made of what the pages say, each with the words it was made from. It asks
//! no network and never invents; what it does not recognise it leaves out.

mod allergies;
mod conflicts;
mod context;
mod dates;
mod dosing;
mod follow_ups;
mod gaps;
mod imaging;
mod labs;
mod medications;
mod merge;
mod passages;
mod patient;
mod problems;
mod procedures;
mod sections;
mod summary;
mod timeline;
mod vitals;

use maneiro_api::{
    analysis::{DateWindow, Duplicate, Findings},
    page::HowRead,
};
use time::Date;

use crate::{Progress, Request, SourcePage, extract::passages::Passage};

/// What every extractor reads: the pages, cut into passages.
pub(crate) struct Reading<'a> {
    pub(crate) pages: &'a [SourcePage],
    pub(crate) passages: Vec<Passage>,
}

/// Makes findings from what the pages say, without a network. Every item is made from a quote and verified.
///
/// A page that repeats another says nothing twice: it is listed as a duplicate. The same thing said on several
/// pages is one item with several citations.
///
/// Dates of digits alone are read month first, as clinics in the United States write them, unless the first
/// number cannot be a month.
///
/// With a window, dated vitals, labs, procedures, imaging, events and follow-ups of other days are left out, and
/// so are conflicts and gaps that stand only on them; medications, problems and allergies hold beyond a day and
/// stay, as does what has no date. A focus moves what it names to the front of the summary.
#[must_use]
pub fn extract(pages: &[SourcePage], request: &Request, progress: &Progress) -> Findings {
    let reading = Reading { pages, passages: passages::passages(pages) };
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
    findings.vitals.retain(|item| window.holds(item.date));
    findings.labs.retain(|item| window.holds(item.date));
    findings.procedures.retain(|item| window.holds(item.date));
    findings.imaging.retain(|item| window.holds(item.date));
    findings.timeline.retain(|item| window.holds(Some(item.date)));
    findings.summary = summary::summary(&findings, request.focus.as_deref());
    crate::verify(&mut findings, pages);
    progress.add(u32::try_from(pages.len()).unwrap_or(u32::MAX));
    findings
}

/// A statement and the day it is of, where the model of an analysis has no place for one.
pub(crate) struct Dated {
    pub(crate) statement: maneiro_api::analysis::Statement,
    pub(crate) date: Option<Date>,
}

/// The days that were asked for.
struct Window(Option<DateWindow>);

impl Window {
    fn holds(&self, date: Option<Date>) -> bool {
        let (Some(window), Some(date)) = (self.0, date) else { return true };
        window.from.is_none_or(|from| date >= from) && window.to.is_none_or(|to| date <= to)
    }

    fn keep<T>(&self, items: Vec<T>, date: impl Fn(&T) -> Option<Date>) -> Vec<T> {
        items.into_iter().filter(|item| self.holds(date(item))).collect()
    }
}

fn duplicates(pages: &[SourcePage]) -> Vec<Duplicate> {
    pages
        .iter()
        .filter_map(|source| match source.page.how {
            HowRead::Repeat { of } => {
                Some(Duplicate { document: source.document, page: source.page.number, of })
            }
            HowRead::TextLayer | HowRead::Ocr { .. } | HowRead::Blank | HowRead::Unreadable { .. } => None,
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
