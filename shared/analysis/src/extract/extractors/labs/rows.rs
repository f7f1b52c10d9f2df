//! Laboratory results in the rows of tables with a head: one for each filled column of results.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::LabFlag;
use regex::Regex;
use time::Date;

use super::{
    flags::{compute_flag, parse_flag},
    results::{WordValues, WrittenResult, parse_result, plain_number, plain_range},
    units::{parse_unit, unit_of_cell},
};
use crate::{
    dates::{DateOrder, first_date},
    extract::input::{
        passage::{GridCell, Passage},
        tables::ColumnRole,
    },
    text::NUMBER,
};

/// A result of a row.
pub(super) struct RowResult {
    /// Where the name stands in the passage.
    pub(super) name: Range<usize>,
    /// Where the value stands in the passage.
    pub(super) value: Range<usize>,
    pub(super) result: WrittenResult,
    /// The day of its column or its cell.
    pub(super) date: Option<Date>,
    /// Whether it is of an earlier day than the report, which is not known.
    pub(super) is_previous: bool,
}

/// The name of a row's test: the cell that names it, without specimen marks at its end.
pub(super) fn row_name(passage: &Passage) -> Option<Range<usize>> {
    let cell = passage.cells.iter().find(|cell| cell.role.is_name())?;
    let text = &passage.text[cell.range.clone()];
    let trimmed = text.trim_end_matches([':', ' ', '|', ',', '.', '*']);
    let has_letters = trimmed.chars().filter(|c| c.is_alphabetic()).count() >= 1;
    (has_letters && trimmed.len() <= 60).then(|| cell.range.start..cell.range.start + trimmed.len())
}

/// The results of a row; none if the passage is not the row of a table of results.
pub(super) fn row_results(passage: &Passage) -> Vec<RowResult> {
    let Some(name) = row_name(passage) else { return Vec::new() };
    let text_of = |cell: &GridCell| passage.text[cell.range.clone()].trim().to_owned();
    let cell_of = |role| passage.cells.iter().find(move |cell: &&GridCell| cell.role == role).map(text_of);
    let unit = cell_of(ColumnRole::Unit).and_then(|cell| unit_of_cell(&cell));
    let (range, range_mark) = cell_of(ColumnRole::Range).map_or((None, None), |cell| parse_range_cell(&cell));
    let flag = cell_of(ColumnRole::Flag).and_then(|cell| parse_flag(&cell));
    let row_date = cell_of(ColumnRole::Date).and_then(|cell| first_date(&cell, passage.date_order));
    let is_result = |role| matches!(role, ColumnRole::Result | ColumnRole::PreviousResult);
    let values: Vec<&GridCell> = passage.cells.iter().filter(|cell| is_result(cell.role)).collect();
    values
        .iter()
        .enumerate()
        .filter_map(|(at, cell)| {
            let written = &passage.text[cell.range.clone()];
            let value = parse_value_cell(written, passage.date_order)?;
            let is_first = at == 0;
            let mut result = value.result;
            result.unit = result.unit.or_else(|| unit.clone());
            result.reference_range = result.reference_range.or_else(|| range.clone());
            let computed = result
                .reference_range
                .as_ref()
                .and_then(|range| compute_flag(&result.value, range))
                .map(|(flag, _)| flag);
            // A mark beside the row belongs to its newest result.
            let beside = flag.or_else(|| range_mark.map(|mark| mark.as_flag(computed))).filter(|_| is_first);
            result.flag = result.flag.or(beside);
            Some(RowResult {
                name: name.clone(),
                value: cell.range.start + value.range.start..cell.range.start + value.range.end,
                result,
                date: value.date.or(cell.date).or(row_date),
                is_previous: cell.role == ColumnRole::PreviousResult || !is_first && cell.date.is_none(),
            })
        })
        .collect()
}

/// A mark of European laboratories: above or below the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RangeMark {
    Plus,
    Minus,
    Letter(LabFlag),
}

impl RangeMark {
    /// What the mark means for a value that compares so with its range.
    fn as_flag(self, computed: Option<LabFlag>) -> LabFlag {
        match (self, computed) {
            (Self::Letter(flag), _) => flag,
            (_, Some(flag @ (LabFlag::High | LabFlag::Low))) => flag,
            (Self::Plus, _) => LabFlag::High,
            (Self::Minus, _) => LabFlag::Low,
        }
    }
}

/// The range of a cell, and the mark that stands beside it.
fn parse_range_cell(cell: &str) -> (Option<String>, Option<RangeMark>) {
    static MARK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\s(?P<mark>\+{1,3}|-{1,3}|–|\*|HH|LL|H|L|A|↑|↓)$").expect("a fixed pattern")
    });
    let cell = cell.trim();
    let (bare, mark) = match MARK.captures(cell) {
        Some(found) => {
            let mark = match &found["mark"] {
                mark if mark.starts_with('+') => Some(RangeMark::Plus),
                mark if mark.starts_with(['-', '–']) => Some(RangeMark::Minus),
                mark => parse_flag(mark).map(RangeMark::Letter),
            };
            (cell[..found.get(0).map_or(cell.len(), |all| all.start())].trim_end(), mark)
        }
        None => (cell, None),
    };
    let bare = bare.trim_matches(['(', ')', '[', ']', ' ']);
    if bare.is_empty() || bare.chars().all(|c| matches!(c, '-' | '–' | '—')) {
        return (None, mark);
    }
    let has_digit = bare.chars().any(|c| c.is_ascii_digit());
    (Some(if has_digit { plain_range(bare) } else { bare.to_owned() }), mark)
}

struct ValueCell {
    result: WrittenResult,
    /// Where the value stands in the cell, with the marks around it.
    range: Range<usize>,
    date: Option<Date>,
}

/// The result of a cell: a number or words, with a flag before, after or glued to it, and a day in brackets.
fn parse_value_cell(cell: &str, order: DateOrder) -> Option<ValueCell> {
    static BRACKETS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\((?P<in>[^)]*)\)").expect("a fixed pattern"));
    static SPAN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(r"^(?P<a>{NUMBER})\s?[-–]\s?(?P<b>{NUMBER})(?:\s|$)")).expect("a fixed pattern")
    });
    static NO_VALUE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:pending|see\b.*|cancel\w*|not\s+(?:done|performed|reported|available|given|applicable)|tnp|n/?a|nd|in\s+progress|ordered|comment.*|note.*|refer\s.*)$")
            .expect("a fixed pattern")
    });
    let date = first_date(cell, order);
    let mut bare = cell.to_owned();
    let mut flag = None;
    for found in BRACKETS.captures_iter(cell) {
        let inside = &found["in"];
        flag = flag.or_else(|| parse_flag(inside).filter(|_| !inside.contains(|c: char| c.is_ascii_digit())));
    }
    if let Some(bracket) = bare.find('(') {
        bare.truncate(bracket);
    }
    let start = bare.len() - bare.trim_start().len();
    let bare = bare.trim().to_owned();
    let range = start..cell.trim_end().len();
    if !bare.chars().any(char::is_alphanumeric) || NO_VALUE.is_match(&bare) {
        return None;
    }
    static BLOOD_GROUP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:a|b|ab|o)\s*(?:rh\s*)?(?:positive|negative|pos|neg)$").expect("a fixed pattern")
    });
    if BLOOD_GROUP.is_match(&bare) {
        let result = WrittenResult { value: bare, flag, ..WrittenResult::default() };
        return Some(ValueCell { result, range, date });
    }
    if let Some(span) = SPAN.captures(&bare) {
        let value = format!("{}-{}", plain_number(&span["a"]), plain_number(&span["b"]));
        let unit = parse_unit(bare[span[0].len()..].trim_start()).map(|unit| unit.text);
        let result = WrittenResult { value, unit, flag, ..WrittenResult::default() };
        return Some(ValueCell { result, range, date });
    }
    if let Some(mut result) = parse_result(&bare, WordValues::Accepted).filter(|result| {
        let is_whole = bare[result.end..].trim().chars().all(|c| !c.is_alphanumeric());
        is_whole && bare.starts_with(|c: char| !c.is_alphabetic() || result.end > 0)
    }) {
        result.flag = flag.or(result.flag.filter(|_| result.value.chars().any(|c| c.is_ascii_digit())));
        return Some(ValueCell { result, range, date });
    }
    // Whatever else a laboratory prints as a result, in its own words.
    let words = bare.split_whitespace().count();
    (words <= 5 && date.is_none_or(|_| words > 1)).then(|| ValueCell {
        result: WrittenResult { value: bare.clone(), flag, ..WrittenResult::default() },
        range,
        date,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_flag_before_after_or_glued() {
        use LabFlag::{High, Low, Normal};
        for (cell, value, flag) in [
            ("7.7 (Normal)", "7.7", Some(Normal)),
            ("H 5.9", "5.9", Some(High)),
            ("5.9 H", "5.9", Some(High)),
            ("5.9H", "5.9", Some(High)),
            ("10.1 (Low)", "10.1", Some(Low)),
            ("<0.01", "<0.01", None),
            ("2-4", "2-4", None),
            ("2,4", "2.4", None),
            ("trace", "trace", None),
            ("Not Detected", "not detected", None),
            ("A positive", "A positive", None),
            ("Bright orange", "Bright orange", None),
            ("13.6 (05/01/2024)", "13.6", None),
        ] {
            let found = parse_value_cell(cell, DateOrder::default()).unwrap_or_else(|| panic!("{cell}"));
            assert_eq!((found.result.value.as_str(), found.result.flag), (value, flag), "{cell}");
        }
        assert!(parse_value_cell("13.6 (05/01/2024)", DateOrder::MonthFirst).unwrap().date.is_some());
        for cell in ["", "-", "pending", "See note", "N/A"] {
            assert!(parse_value_cell(cell, DateOrder::default()).is_none(), "{cell}");
        }
    }

    #[test]
    fn ranges_have_one_bound_or_two_and_a_mark() {
        for (cell, range, mark) in [
            ("3.9-9.8", "3.9-9.8", None),
            ("< 0.45", "< 0.45", None),
            ("< 0.11 +", "< 0.11", Some(RangeMark::Plus)),
            ("0.27-4.20 -", "0.27-4.20", Some(RangeMark::Minus)),
            ("0,9-1,2", "0.9-1.2", None),
            ("negative", "negative", None),
        ] {
            assert_eq!(parse_range_cell(cell), (Some(range.to_owned()), mark), "{cell}");
        }
        assert_eq!(parse_range_cell("-"), (None, None));
    }
}
