//! Values of an analysis in words: assertion status, flags, clinical status and dates.

use maneiro_api::analysis::{Assertion, ClinicalStatus, DateWindow, LabFlag};
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
