//! The result after the name of a laboratory test: value, unit, reference range and flag.

use std::sync::LazyLock;

use maneiro_api::analysis::LabFlag;
use regex::Regex;

use super::{flags::parse_flag, units::parse_unit};
use crate::text::{NUMBER, restore_digits, with_leading_zero};

/// The result of a test as it is written after the name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct WrittenResult {
    pub(super) value: String,
    pub(super) unit: Option<String>,
    pub(super) reference_range: Option<String>,
    pub(super) flag: Option<LabFlag>,
    /// Length of the result in bytes.
    pub(super) end: usize,
}

impl WrittenResult {
    /// Whether more than a value is given, so that it is certainly a result.
    pub(super) fn is_certain(&self) -> bool {
        self.unit.is_some() || self.reference_range.is_some() || self.flag.is_some()
    }
}

/// Whether words such as "negative" and "elevated" are accepted as values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordValues {
    Refused,
    /// Words that stand directly after the name, a colon or a verb.
    Accepted,
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a fixed pattern")
}

/// What may stand between the name of a test and its value.
static FILLER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^[\s,]*(?:\([^)]{1,30}\)\s*)?(?:(?:
        fasting|non-fasting|random|plasma|blood|calculated|calc|\([a-z0-9\ -]{2,20}\)|levels?|results?|tests?|today|repeat
        |count|panel|screen|total|serum|values?|was|is|are|were|has|had|have|been|of|at|to|as|a|an|up\s+to|down\s+to|now
        |remains?|remained|still|=|:|;|-|–|→|\.{2,}|\.\s|[,'‘’\x22“”_~|]|measured|reviewed|checked|came\s+back|returned|found
        |reported|noted|showed|slightly|mildly|markedly|moderately|significantly|which|higher\s+than|lower\s+than
        |greater\s+than|less\s+than|they|it|performed|done|in\s+(?:the\s+)?(?:office|clinic)|approximately|about|around|recently|most\s+recent|last|his|her|the
        )(?:\s+|$|(?:\b|$)\s*|\s*)){0,8}\s*",
    )
});

/// An adjective before the number: "was elevated at 156".
static ADJECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?P<flag>elevated|high|low|normal|decreased|increased|abnormal|reduced)\b,?\s+(?:at|to|of|with|value|:)*\s*",
    )
});

static VALUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^(?:(?P<f0>\*|\(?\b(?:HH|LL|H|L)\b\)?|↑|↓)\s*)?(?P<v>(?:<=|>=|[<>≤≥])?\s?{NUMBER})(?P<to>\s?[-–]\s?{NUMBER})?"
    ))
});

static WORD_VALUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^(?P<v>
        not\s+detected|not\s+identified|none\s+detected|no\s+growth|non-?reactive|reactive|positive|negative|detected|trace
        |indeterminate|equivocal|pending|absent|present|few|many|moderate|occasional|rare|[1-4]\+|1:\d{2,5}
        |within\s+normal\s+limits|WNL|unremarkable|(?:high[\s-]|low[\s-])normal|borderline(?:\s+(?:high|low|elevated))?|normal|stable
        |not\s+increased|elevated|abnormal|decreased|increased|reduced|high|low|clear|yellow|cloudy|hazy
        |[OAB]{1,2}\s(?:positive|negative|pos|neg)
        )(?:$|[^\w+])",
    )
});

static FLAG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:\*{1,2}|\(?\b(?:HH|LL|H|L|A|N)\b\)?|\(?\b(?i:high|low|abnormal|abn|critical|normal)\b\)?|[↑↓▲▼]|£)\s*\*?",
    )
});

static RANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^[\[(]?\s*(?i:ref(?:erence)?\.?(?:\s+range)?|normal(?:\s+range)?|nl|range)?\s*[:=]?\s*(?P<r>(?:[<>≤≥]\s?=?\s?)?{NUMBER}\s?:?(?:-|–|—|to)\s?{NUMBER}|(?:[<>≤≥]\s?=?|(?i:up\s+to|less\s+than))\s?(?:[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+))"
    ))
});

/// A range is not followed by more of a date, a dose or a time.
static RANGE_TAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(?:/\d|hours?\b|hrs?\b|weeks?\b|days?\b|months?\b)"));

const SEPARATORS: [char; 12] = [' ', ',', '.', '\'', '‘', '’', '"', '“', '”', '_', '|', '–'];

/// The parts of a result that are still to come, and what was found of them.
struct ResultScanner<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl<'a> ResultScanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_separators(&mut self) {
        let rest = self.rest();
        let bare = rest.trim_start_matches(SEPARATORS);
        // "109 - H" and "40 -100" have stray marks; "- 5" is the rest of a list.
        let bare = bare.strip_prefix("- ").unwrap_or(bare);
        // ".60" begins with its decimal point.
        let is_point =
            rest[..rest.len() - bare.len()].ends_with('.') && bare.starts_with(|c: char| c.is_ascii_digit());
        let bare = if is_point { &rest[rest.len() - bare.len() - 1..] } else { bare };
        let skipped = rest.len() - bare.len();
        if skipped <= 6 {
            self.at += skipped;
        }
    }

    fn take(&mut self, length: usize) {
        self.at += length;
        self.end = self.text[..self.at].trim_end().len();
    }
}

/// Parses the result at the beginning of a text.
pub(super) fn parse_result(after: &str, words: WordValues) -> Option<WrittenResult> {
    let mut scanner =
        ResultScanner { text: after, at: FILLER.find(after).map_or(0, |found| found.end()), end: 0 };
    let mut result = WrittenResult::default();
    let before_adjective = scanner.at;
    if let Some(found) = ADJECTIVE.captures(scanner.rest()) {
        let is_number_next = VALUE.is_match(&scanner.rest()[found[0].len()..]);
        if is_number_next {
            result.flag = adjective_flag(&found["flag"]);
            scanner.at += found[0].len();
        }
    }
    match parse_number(scanner.rest()) {
        Some(number) => {
            // The value of a range of values, such as "2-4 /HPF", has the unit of a count.
            result.flag = result.flag.or(number.flag);
            result.value = number.value;
            scanner.take(number.length);
        }
        None => {
            scanner.at = before_adjective;
            let found = WORD_VALUE.captures(scanner.rest()).filter(|_| words == WordValues::Accepted)?;
            let value = found.name("v")?;
            let lower = value.as_str().to_lowercase();
            if lower == "pending" {
                return None;
            }
            result.flag = adjective_flag(&lower);
            result.value = if value.as_str() == "WNL" { lower.to_uppercase() } else { lower };
            scanner.take(value.end());
        }
    }
    scan_parts(&mut scanner, &mut result);
    result.end = scanner.end;
    Some(result)
}

fn adjective_flag(word: &str) -> Option<LabFlag> {
    match word.to_lowercase().as_str() {
        "elevated" | "high" | "increased" | "borderline high" | "borderline elevated" => Some(LabFlag::High),
        "low" | "decreased" | "reduced" | "borderline low" => Some(LabFlag::Low),
        "normal"
        | "within normal limits"
        | "wnl"
        | "unremarkable"
        | "high normal"
        | "high-normal"
        | "low normal"
        | "low-normal" => Some(LabFlag::Normal),
        "abnormal" => Some(LabFlag::Abnormal),
        _ => None,
    }
}

struct ParsedNumber {
    value: String,
    flag: Option<LabFlag>,
    length: usize,
}

/// The number that a text begins with, with the flag before it. "10/12", "140 to 210" and "3-5 days" are no values.
fn parse_number(text: &str) -> Option<ParsedNumber> {
    let found = VALUE.captures(text)?;
    let number = found.name("v")?;
    if !number.as_str().chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let mut end = number.end();
    let mut value = plain_number(number.as_str());
    if let Some(to) = found.name("to") {
        let rest = &text[to.end()..];
        let is_count = parse_unit(rest.trim_start()).is_some_and(|unit| {
            unit.text.starts_with('/')
                || unit.text.to_lowercase().contains("pf")
                || unit.text.contains("cells")
        });
        if is_count {
            value = format!("{value}{}", plain_number(to.as_str()).replace('–', "-"));
            end = to.end();
        } else if !to.as_str().starts_with(' ') {
            // "3-5" without a unit is an interval or a date.
            return None;
        }
    }
    let rest = &text[end..];
    let next = rest.chars().next();
    static INTERVAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:\s*(?:to|and|through)\s+\d|:\d)"));
    let has_glued_unit = parse_unit(rest).is_some();
    let has_glued_flag =
        rest.starts_with(['H', 'L']) && !rest[1..].starts_with(|c: char| c.is_alphanumeric());
    if INTERVAL.is_match(rest)
        || matches!(next, Some(c) if (c == '/' || c.is_alphabetic()) && !has_glued_unit && !has_glued_flag)
    {
        return None;
    }
    let flag = found.name("f0").and_then(|mark| parse_flag(mark.as_str()));
    Some(ParsedNumber { value, flag, length: end })
}

/// The number without recognition errors and with a decimal point.
pub(super) fn plain_number(written: &str) -> String {
    with_leading_zero(&restore_decimal_points(&restore_digits(&written.replace(' ', ""))))
}

/// Flag, unit and range in any order, each once.
fn scan_parts(scanner: &mut ResultScanner<'_>, result: &mut WrittenResult) {
    let mut has_mark = false;
    for _ in 0..6 {
        scanner.skip_separators();
        let rest = scanner.rest();
        if let Some(unit) =
            parse_unit(rest).filter(|_| result.unit.is_none() || result.reference_range.is_some())
        {
            // A unit may be repeated after the range.
            result.unit.get_or_insert(unit.text);
            scanner.take(unit.end);
            continue;
        }
        if let Some(found) = RANGE.captures(rest).filter(|_| result.reference_range.is_none()) {
            let length = found.get(0).map_or(0, |all| all.end());
            if !RANGE_TAIL.is_match(&rest[length..]) {
                result.reference_range = found.name("r").map(|range| plain_range(range.as_str()));
                let closing = rest[length..].len() - rest[length..].trim_start_matches([')', ']']).len();
                let unit = parse_unit(rest[length..].trim_start()).map_or(0, |unit| {
                    let gap = rest[length..].len() - rest[length..].trim_start().len();
                    let unit_end = gap + unit.end;
                    result.unit.get_or_insert(unit.text);
                    unit_end
                });
                let mut taken = length + closing.max(unit);
                if unit > 0 && rest[taken..].starts_with([')', ']']) {
                    taken += 1;
                }
                scanner.take(taken);
                continue;
            }
        }
        let Some(mark) = FLAG.find(rest).filter(|_| !has_mark) else { break };
        // "A" and "normal" in prose are words.
        let is_word =
            mark.as_str().trim() == "A" && rest[mark.end()..].starts_with(|c: char| c.is_lowercase());
        if is_word {
            break;
        }
        has_mark = true;
        // A lone `L` is often recognised as a pound sign.
        let flag =
            if mark.as_str().starts_with('£') { Some(LabFlag::Low) } else { parse_flag(mark.as_str()) };
        result.flag = result.flag.or(flag);
        scanner.take(mark.end());
    }
}

/// A range without recognition errors, brackets and decimal commas.
pub(super) fn plain_range(written: &str) -> String {
    let range = with_leading_zero(written);
    let from = range.find(|c: char| c.is_ascii_digit() || matches!(c, '<' | '>' | '≤' | '≥')).unwrap_or(0);
    let bare = restore_decimal_points(&range[from..]).replace(":-", " -");
    let lower = written.to_lowercase();
    if lower.starts_with("up") || lower.starts_with("less") { format!("<{bare}") } else { bare }
}

/// Writes `0,57` as `0.57`, unless the comma may separate thousands.
fn restore_decimal_points(range: &str) -> String {
    static COMMA: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?P<a>\d),(?P<b>\d{1,2})\b"));
    COMMA.replace_all(range, "${a}.${b}").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_in_any_usual_order_of_columns() {
        for (row, value, unit, range, flag) in [
            (" 7.8 % H 4.0-5.6", "7.8", "%", "4.0-5.6", Some(LabFlag::High)),
            (" 7.8 H % 4.0-5.6", "7.8", "%", "4.0-5.6", Some(LabFlag::High)),
            (" 7.8 % 4.0 - 5.6 H", "7.8", "%", "4.0 - 5.6", Some(LabFlag::High)),
            (" 10.2 (L) g/dL (12.0-15.5)", "10.2", "g/dL", "12.0-15.5", Some(LabFlag::Low)),
            (": 5.32 (reference 0.30-4.00)", "5.32", "", "0.30-4.00", None),
            (" 138 mmol/L 135-145", "138", "mmol/L", "135-145", None),
            (" 1.9 mg/dL <1.2 H", "1.9", "mg/dL", "<1.2", Some(LabFlag::High)),
            (" 1O.2 g/dL 12.0-15.5", "10.2", "g/dL", "12.0-15.5", None),
            (" of 8.2%", "8.2", "%", "", None),
            (" 4,500 /uL", "4,500", "/uL", "", None),
            (" 2,4 0,9-1,2", "2.4", "", "0.9-1.2", None),
            (" H 5.9 mmol/L 3.5 – 5.2", "5.9", "mmol/L", "3.5 – 5.2", Some(LabFlag::High)),
            (" 5.9H mmol/L", "5.9", "mmol/L", "", Some(LabFlag::High)),
            (" 2-4 /HPF 0-5", "2-4", "/HPF", "0-5", None),
            (" was elevated at 156", "156", "", "", Some(LabFlag::High)),
            (" 7.7 x10³/µL 3.8 – 11.0", "7.7", "x10³/µL", "3.8 – 11.0", None),
            (" 0.27 /nl < 0.45", "0.27", "/nl", "< 0.45", None),
        ] {
            let found = parse_result(row, WordValues::Refused).unwrap_or_else(|| panic!("{row}"));
            assert_eq!(found.value, value, "{row}");
            assert_eq!(found.unit.unwrap_or_default(), unit, "{row}");
            assert_eq!(found.reference_range.unwrap_or_default(), range, "{row}");
            assert_eq!(found.flag, flag, "{row}");
        }
    }

    #[test]
    fn words_are_values_where_they_are_accepted() {
        for (row, value, flag) in [
            (": Within normal limits", "within normal limits", Some(LabFlag::Normal)),
            (" was unremarkable", "unremarkable", Some(LabFlag::Normal)),
            (" slightly elevated.", "elevated", Some(LabFlag::High)),
            (" not detected", "not detected", None),
            (": 1:80", "1:80", None),
        ] {
            assert_eq!(parse_result(row, WordValues::Refused).map(|found| found.value), None, "{row}");
            let found = parse_result(row, WordValues::Accepted).unwrap_or_else(|| panic!("{row}"));
            assert_eq!((found.value.as_str(), found.flag), (value, flag), "{row}");
        }
    }

    #[test]
    fn intervals_and_fractions_are_no_values() {
        for row in [" 10/12", " 140 to 210", " in 3-5 days", " 3-5 days", " recheck in 6 weeks", " pending"] {
            assert_eq!(parse_result(row, WordValues::Accepted), None, "{row}");
        }
    }
}
