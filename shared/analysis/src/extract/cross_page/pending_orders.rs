//! Orders without a later result in the record.

use std::{cmp::Reverse, collections::HashMap, ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, Statement};
use regex::Regex;
use time::Date;

use crate::{
    extract::{
        context::{self, orders::is_ordered},
        extractors::{
            imaging::{ExtractedStudy, StudyType, identify_study},
            labs::ExtractedLab,
            procedures::ExtractedProcedure,
        },
        input::{sections::SearchTarget, segmentation::SegmentedPage},
        statements::{DatedStatement, cite_page_once, group_by_key, unverified},
    },
    lexicon::{CONDITIONAL_CUES, IMAGING, LAB_PANELS, LABS, PROCEDURES, WordToken},
};

/// When things of one kind have results, as far as orders are compared with them.
#[derive(Default)]
struct ResultTimes {
    newest: Option<Date>,
    /// The last positions in the record: of all, of those without a date, and of those of a date.
    last: Option<usize>,
    last_undated: Option<usize>,
    last_of_date: HashMap<Date, usize>,
}

impl ResultTimes {
    fn add(&mut self, date: Option<Date>, position: usize) {
        self.newest = self.newest.max(date);
        self.last = self.last.max(Some(position));
        match date {
            Some(date) => {
                let last = self.last_of_date.entry(date).or_insert(position);
                *last = (*last).max(position);
            }
            None => self.last_undated = self.last_undated.max(Some(position)),
        }
    }

    /// Whether a result is later than an order: by date, or else by position in the record.
    fn is_after(&self, ordered: Option<Date>, position: usize) -> bool {
        let Some(ordered) = ordered else { return self.last > Some(position) };
        self.is_after_day(ordered)
            || self.last_undated > Some(position)
            || self.last_of_date.get(&ordered) > Some(&position)
    }

    fn is_after_day(&self, day: Date) -> bool {
        self.newest > Some(day)
    }
}

/// Results in the record, which may fulfil orders, by what they are of.
#[derive(Default)]
pub(crate) struct Results<'a> {
    labs: HashMap<&'a str, ResultTimes>,
    studies: HashMap<&'a StudyType, ResultTimes>,
    procedures: HashMap<&'a str, ResultTimes>,
}

impl<'a> Results<'a> {
    /// What is only planned is no result.
    pub(crate) fn new(
        labs: &'a [ExtractedLab],
        studies: &'a [ExtractedStudy],
        procedures: &'a [ExtractedProcedure],
    ) -> Self {
        let mut results = Self::default();
        for lab in labs.iter().filter(|lab| is_done(&lab.result.statement)) {
            results.labs.entry(&lab.test).or_default().add(lab.result.date, lab.position);
        }
        for found in studies.iter().filter(|found| is_done(&found.study.statement)) {
            results.studies.entry(&found.study_type).or_default().add(found.study.date, found.position);
        }
        for found in procedures.iter().filter(|found| is_done(&found.procedure.statement)) {
            results.procedures.entry(&found.key).or_default().add(found.procedure.date, found.position);
        }
        results
    }

    fn any(&self, kind: &OrderKind, is_later: impl Fn(&ResultTimes) -> bool) -> bool {
        match kind {
            OrderKind::Lab(name) => {
                let panel = LAB_PANELS.iter().find(|panel| panel.name == *name);
                let members = panel.into_iter().flat_map(|panel| &panel.members);
                members.chain([name]).filter_map(|test| self.labs.get(test)).any(is_later)
            }
            OrderKind::Study(ordered) => {
                self.studies.iter().any(|(study, times)| study.fulfils(ordered) && is_later(times))
            }
            OrderKind::Procedure(name) => self.procedures.get(name).is_some_and(is_later),
        }
    }
}

/// What is ordered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum OrderKind {
    /// A test or a panel of tests.
    Lab(&'static str),
    Study(StudyType),
    Procedure(&'static str),
}

impl OrderKind {
    /// Whether a result is dated after a day.
    pub(crate) fn has_result_after(&self, day: Date, results: &Results<'_>) -> bool {
        results.any(self, |times| times.is_after_day(day))
    }
}

/// An order of a test, study or procedure.
pub(crate) struct Order {
    kind: OrderKind,
    name: String,
    date: Option<Date>,
    /// Position of the passage in the record.
    position: usize,
    /// Whether the text itself says that the result is missing.
    is_overdue: bool,
    citation: Citation,
}

impl Order {
    fn is_fulfilled_by(&self, results: &Results<'_>) -> bool {
        results.any(&self.kind, |times| times.is_after(self.date, self.position))
    }
}

/// Whether a result or procedure is there and not only planned.
fn is_done(statement: &Statement) -> bool {
    matches!(statement.assertion, Assertion::Present | Assertion::Historical)
}

/// The orders that no later result fulfils, one statement for each thing ordered. Results of orders of the newest encounter
/// cannot be in the record yet, unless the text says that they are overdue: these are follow-ups.
pub(crate) fn find_pending_orders(
    orders: Vec<Order>,
    newest_encounter: Option<Date>,
    results: &Results<'_>,
) -> Vec<DatedStatement> {
    let pending = orders.into_iter().filter(|order| {
        let is_newest = order.date.is_some() && order.date == newest_encounter;
        (!is_newest || order.is_overdue) && !order.is_fulfilled_by(results)
    });
    group_by_key(pending.map(|order| (order.kind.clone(), order)))
        .into_iter()
        .map(|mut orders| {
            orders.sort_by_key(|order| Reverse((order.date, order.position)));
            let text = format!("No result found for {}, asked for in the record", orders[0].name);
            let date = orders[0].date;
            let mut citations = Vec::new();
            for order in &orders {
                cite_page_once(&mut citations, &order.citation);
            }
            DatedStatement { statement: unverified(text, Assertion::Present, citations), date }
        })
        .collect()
}

/// The orders of a page.
pub(crate) fn find_orders(page: &SegmentedPage<'_>) -> Vec<Order> {
    let mut orders = Vec::new();
    for (position, passage) in page.positioned_passages() {
        if !passage.section.is_searched_for(SearchTarget::Order) {
            continue;
        }
        for (kind, range) in find_orderables(&passage.text, &passage.tokens) {
            let is_denied = match context::assertion(passage, &range) {
                Assertion::Negated | Assertion::Family => true,
                Assertion::Present | Assertion::Possible | Assertion::Historical | Assertion::Planned => {
                    false
                }
            };
            if is_ordered(&passage.text, &range) && !is_denied && !CONDITIONAL_CUES.is_in(&passage.tokens) {
                orders.push(Order {
                    kind,
                    name: passage.text[range.clone()].trim().to_owned(),
                    date: passage.encounter_date,
                    position,
                    is_overdue: OVERDUE.is_match(&passage.text),
                    citation: passage.cite_with_context(page.source, &range),
                });
            }
        }
    }
    orders
}

static OVERDUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:no\s+(?:report|result)s?|not\s+(?:yet\s+)?(?:done|received|on\s+file|back|available)|overdue|outstanding|never\s+(?:done|received))\b").expect("a fixed pattern")
});

/// Whether a procedure is an examination, whose result can be missing: a sling or the removal of sutures has none.
fn gives_result(procedure: &str) -> bool {
    static EXAMINATION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:scopy|gram|graphy|graph|metry|opsy|centesis)\b|\b(?:exam\w*|test\w*|stud(?:y|ies)|screen\w*|monitor\w*|evaluation|culture|smear|ECG|EKG|EEG|EMG|EGD|ERCP)\b")
            .expect("a fixed pattern")
    });
    EXAMINATION.is_match(procedure)
}

/// Tests, studies and procedures in a passage that may have a result.
pub(crate) fn find_orderables(text: &str, tokens: &[WordToken]) -> Vec<(OrderKind, Range<usize>)> {
    let labs = LABS
        .find(text, tokens)
        .into_iter()
        // "PT" is physical therapy, and "routine labs" are no test that could be looked for.
        .filter(|lab| lab.name != "PT" && LABS.entry(lab.entry).name != "routine labs")
        .map(|lab| (OrderKind::Lab(LABS.entry(lab.entry).name), lab.range));
    let studies = IMAGING.find(text, tokens).into_iter().map(|modality| {
        let (study, range) = identify_study(text, &modality);
        (OrderKind::Study(study), range)
    });
    let procedures = PROCEDURES
        .find(text, tokens)
        .into_iter()
        .map(|procedure| (PROCEDURES.entry(procedure.entry).name, procedure.range))
        .filter(|(name, _)| gives_result(name))
        .map(|(name, range)| (OrderKind::Procedure(name), range));
    labs.chain(studies).chain(procedures).collect()
}
