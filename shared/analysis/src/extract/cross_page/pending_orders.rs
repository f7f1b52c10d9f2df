//! Orders without a later result in the record.

use std::{cmp::Reverse, ops::Range, sync::LazyLock};

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

/// Results in the record, which may fulfil orders.
pub(crate) struct Results<'a> {
    pub(crate) labs: &'a [ExtractedLab],
    pub(crate) studies: &'a [ExtractedStudy],
    pub(crate) procedures: &'a [ExtractedProcedure],
}

/// What is ordered.
pub(crate) enum OrderKind {
    /// A test or a panel of tests.
    Lab(&'static str),
    Study(StudyType),
    Procedure(&'static str),
}

impl OrderKind {
    /// Whether a result is dated after a day.
    pub(crate) fn has_result_after(&self, day: Date, results: &Results<'_>) -> bool {
        let is_later = |date: Option<Date>| date.is_some_and(|date| date > day);
        match self {
            Self::Lab(name) => {
                results.labs.iter().any(|lab| includes_test(name, &lab.test) && is_later(lab.result.date))
            }
            Self::Study(ordered) => results
                .studies
                .iter()
                .any(|found| found.study_type.fulfils(ordered) && is_later(found.study.date)),
            Self::Procedure(name) => {
                results.procedures.iter().any(|found| found.key == *name && is_later(found.procedure.date))
            }
        }
    }

    fn key(&self) -> String {
        match self {
            Self::Lab(name) | Self::Procedure(name) => (*name).to_owned(),
            Self::Study(study) => format!("{} {:?}", study.modality, study.body_parts),
        }
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
        match &self.kind {
            OrderKind::Lab(name) => results.labs.iter().any(|lab| {
                is_done(&lab.result.statement)
                    && includes_test(name, &lab.test)
                    && self.is_before(lab.result.date, lab.position)
            }),
            OrderKind::Study(ordered) => results.studies.iter().any(|found| {
                is_done(&found.study.statement)
                    && found.study_type.fulfils(ordered)
                    && self.is_before(found.study.date, found.position)
            }),
            OrderKind::Procedure(name) => results.procedures.iter().any(|found| {
                is_done(&found.procedure.statement)
                    && found.key == *name
                    && self.is_before(found.procedure.date, found.position)
            }),
        }
    }

    /// Whether a result is later than the order: by date, or else by position in the record.
    fn is_before(&self, result_date: Option<Date>, result_position: usize) -> bool {
        match (result_date, self.date) {
            (Some(result), Some(ordered)) if result != ordered => result > ordered,
            _ => result_position > self.position,
        }
    }
}

/// Whether a result or procedure is there and not only planned.
fn is_done(statement: &Statement) -> bool {
    matches!(statement.assertion, Assertion::Present | Assertion::Historical)
}

/// Whether a test is the ordered test or part of the ordered panel.
fn includes_test(ordered: &str, test: &str) -> bool {
    ordered == test || LAB_PANELS.iter().any(|panel| panel.name == ordered && panel.members.contains(&test))
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
    group_by_key(pending.map(|order| (order.kind.key(), order)))
        .into_iter()
        .map(|mut orders| {
            orders.sort_by_key(|order| Reverse((order.date, order.position)));
            let text = format!("No result found for {}, asked for in the record", orders[0].name);
            let date = orders[0].date;
            let mut citations = Vec::new();
            for order in orders {
                cite_page_once(&mut citations, order.citation);
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

/// Tests, studies and procedures in a passage. In plans, "PT" is physical therapy, which has no result.
pub(crate) fn find_orderables(text: &str, tokens: &[WordToken]) -> Vec<(OrderKind, Range<usize>)> {
    let labs = LABS
        .find(text, tokens)
        .into_iter()
        .filter(|lab| lab.name != "PT")
        .map(|lab| (OrderKind::Lab(LABS.entry(lab.entry).name), lab.range));
    let studies = IMAGING.find(text, tokens).into_iter().map(|modality| {
        let (study, range) = identify_study(text, &modality);
        (OrderKind::Study(study), range)
    });
    let procedures = PROCEDURES
        .find(text, tokens)
        .into_iter()
        .map(|procedure| (PROCEDURES.entry(procedure.entry).name, procedure.range))
        .filter(|(name, _)| *name != "physical therapy")
        .map(|(name, range)| (OrderKind::Procedure(name), range));
    labs.chain(studies).chain(procedures).collect()
}
