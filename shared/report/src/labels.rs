//! Values of an analysis in words: assertion status, doubts, flags and dates.

use maneiro_api::analysis::{DateWindow, LabFlag, Statement};
use time::{Date, format_description::StaticFormatDescription, macros::format_description};

use crate::{model::ReportCell, texts::Texts};

const ISO_DATE: StaticFormatDescription = format_description!("[year]-[month]-[day]");

/// That a language model left a statement out.
pub(crate) fn origin_label(statement: &Statement, texts: &Texts) -> Option<String> {
    statement.also_in_record.then(|| texts.also_in_record.to_owned())
}

/// The assertion status, unless it is present, and whether a language model left the statement out.
pub(crate) fn statement_label(statement: &Statement, texts: &Texts) -> Option<String> {
    let assertion = (texts.assertion)(statement.assertion).map(str::to_owned);
    let labels: Vec<String> = assertion.into_iter().chain(origin_label(statement, texts)).collect();
    (!labels.is_empty()).then(|| labels.join("; "))
}

/// Why a statement is doubtful, in words.
pub(crate) fn doubt_label(statement: &Statement, texts: &Texts) -> String {
    let reasons: Vec<&str> = statement.doubts.iter().map(|doubt| (texts.doubt)(*doubt)).collect();
    if reasons.is_empty() { texts.not_checked.to_owned() } else { reasons.join("; ") }
}

pub(crate) fn flag_cell(flag: LabFlag, texts: &Texts) -> ReportCell {
    let emphasis = match flag {
        LabFlag::Low => Some("low"),
        LabFlag::Normal => None,
        LabFlag::High => Some("high"),
        LabFlag::Abnormal => Some("abnormal"),
    };
    ReportCell { text: (texts.flag)(flag).to_owned(), emphasis }
}

/// The date as in tables: ISO 8601, which is unambiguous in every country.
pub(crate) fn iso_date(date: Date) -> String {
    date.format(ISO_DATE).unwrap_or_default()
}

pub(crate) fn describe_window(window: DateWindow, texts: &Texts) -> Option<String> {
    (texts.days)(window.from.map(texts.long_date), window.to.map(texts.long_date))
}
