//! Values of an analysis in words: assertion status, flags, clinical status and dates.

use maneiro_api::analysis::{Assertion, ClinicalStatus, DateWindow, DoubtReason, LabFlag, Statement};
use time::{Date, OffsetDateTime, format_description::StaticFormatDescription, macros::format_description};

use crate::model::ReportCell;

const LONG_DATE: StaticFormatDescription = format_description!("[day padding:none] [month repr:long] [year]");
const ISO_DATE: StaticFormatDescription = format_description!("[year]-[month]-[day]");
const DATE_AND_MINUTE: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

/// The assertion status, unless it is present.
pub(crate) fn assertion_label(assertion: Assertion) -> Option<&'static str> {
    match assertion {
        Assertion::Present => None,
        Assertion::Negated => Some("negated"),
        Assertion::Possible => Some("possible"),
        Assertion::Family => Some("family"),
        Assertion::Historical => Some("historical"),
        Assertion::Planned => Some("planned"),
    }
}

/// That a language model left a statement out.
pub(crate) const fn origin_label(statement: &Statement) -> Option<&'static str> {
    if statement.also_in_record { Some("also in the record") } else { None }
}

/// The assertion status, unless it is present, and whether a language model left the statement out.
pub(crate) fn statement_label(statement: &Statement) -> Option<&'static str> {
    let also = statement.also_in_record;
    match statement.assertion {
        Assertion::Negated if also => Some("negated; also in the record"),
        Assertion::Possible if also => Some("possible; also in the record"),
        Assertion::Family if also => Some("family; also in the record"),
        Assertion::Historical if also => Some("historical; also in the record"),
        Assertion::Planned if also => Some("planned; also in the record"),
        Assertion::Present => origin_label(statement),
        assertion => assertion_label(assertion),
    }
}

/// Why a statement is doubtful, in words.
pub(crate) fn doubt_label(statement: &Statement) -> String {
    let reasons: Vec<&str> = statement.doubts.iter().map(|doubt| doubt_words(*doubt)).collect();
    if reasons.is_empty() { "it was not checked".to_owned() } else { reasons.join("; ") }
}

fn doubt_words(doubt: DoubtReason) -> &'static str {
    match doubt {
        DoubtReason::QuoteNotFound => "the quoted words were not found on the page",
        DoubtReason::Patient => "the page is of another patient",
        DoubtReason::Name => "the passage does not name it",
        DoubtReason::Assertion => "the passage says it otherwise, or of somebody else or another time",
        DoubtReason::Status => "whether it is current is not what the passage says",
        DoubtReason::Dose => "the dose is not that of the passage",
        DoubtReason::Route => "the route is not that of the passage",
        DoubtReason::Frequency => "the frequency is not that of the passage",
        DoubtReason::Value => "the value is not that of the passage",
        DoubtReason::Unit => "the unit is not that of the passage",
        DoubtReason::ReferenceRange => "the reference range is not that of the passage",
        DoubtReason::Date => "the day is not that of the passage or its encounter",
        DoubtReason::Text => "the sentence says more than the passage",
    }
}

pub(crate) fn flag_cell(flag: LabFlag) -> ReportCell {
    let (text, emphasis) = match flag {
        LabFlag::Low => ("Low", Some("low")),
        LabFlag::Normal => ("Normal", None),
        LabFlag::High => ("High", Some("high")),
        LabFlag::Abnormal => ("Abnormal", Some("abnormal")),
    };
    ReportCell { text: text.to_owned(), emphasis }
}

pub(crate) fn medication_status_cell(status: ClinicalStatus) -> ReportCell {
    match status {
        ClinicalStatus::Active => ReportCell { text: "Active".to_owned(), emphasis: None },
        ClinicalStatus::Past => ReportCell { text: "Stopped".to_owned(), emphasis: Some("past") },
    }
}

pub(crate) fn long_date(date: Date) -> String {
    date.format(LONG_DATE).unwrap_or_default()
}

/// The date as in tables: ISO 8601, which is unambiguous in every country.
pub(crate) fn iso_date(date: Date) -> String {
    date.format(ISO_DATE).unwrap_or_default()
}

pub(crate) fn date_and_minute(at: OffsetDateTime) -> String {
    at.format(DATE_AND_MINUTE).unwrap_or_default()
}

pub(crate) fn describe_window(window: DateWindow) -> Option<String> {
    match (window.from, window.to) {
        (Some(from), Some(to)) => Some(format!("{} to {}", long_date(from), long_date(to))),
        (Some(from), None) => Some(format!("from {}", long_date(from))),
        (None, Some(to)) => Some(format!("until {}", long_date(to))),
        (None, None) => None,
    }
}
