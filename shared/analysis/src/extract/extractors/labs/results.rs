//! The result after the name of a laboratory test: value, unit, reference range and flag.

use std::sync::LazyLock;

use maneiro_api::analysis::LabFlag;
use regex::Regex;

use super::flags::parse_flag;
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

const UNIT: &str = r"(?:(?:ing|rng|ug)/d[Ll]|10\s?[\^*x°º'’]?\s?[369E]\s?/\s?[uµμ]?L|x\s?10\s?[\^*]?\s?[0-9]+\s?/\s?[uµμ]?L|x10E[0-9]/[uµμ]?L|[KkMm]/[uµμ]?[Ll]|[KM]/mm3|thou/[uµ]L|mil/[uµ]L|cells/[uµ]?L|/[uµ]L|m[gcq]?[gG]?/d[Ll1I]|[mM]g/24h|mg/g(?:\s?[Cc]r)?|mg/[Ll]|m?[Ee][qQ]/[Ll1I]|mmol/(?:L|mol)|[µu]mol/L|nmol/L|pmol/L|g/d[Ll1I]|g/L|[µumn]?IU/m?L|[mµu]?U/m?L|IU/L|U/L|ng/m[Ll]|ng/d[Ll]|pg/m[Ll]|pg|mcg/d[Ll]|[µu]g/d[Ll]|[µu]g/L|mcg/L|ng/L|f[Ll]|mm/hr?|mL/min(?:/1\.73\s?m?[2²]?)?|sec(?:onds)?\.?|mOsm/kg|mmHg|copies/mL|%|ratio|s\b)";

static RESULT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?x)^
        [\s,]*(?:\([^)]{{1,30}}\)\s*)?
        [,]?\s*(?i:(?:fasting|random|plasma|blood|calculated|calc|\([a-z0-9 -]{{2,20}}\)|level|result|today|repeat|count|panel|screen|total|serum|value|was|is|of|at|up\s+to|down\s+to|now|remains|still|=|:|;|-|–|\.{{2,}}|\.\s|[,'‘’\x22“”_~|])\s*){{0,5}}
        (?P<v>[<>≤≥]?\s?{NUMBER}|(?i:positive|negative|non-?reactive|reactive|detected|not\s+detected|trace|pending)\b)
        (?:[\s.'‘’\x22“”_|–-]{{0,4}}(?P<f1>(?:\*|\(?\b(?:HH|LL|H|L|A)\b\)?|\b(?i:high|low|abnormal|abn|critical)\b|↑|↓)\s*\*?))?
        \s*(?P<n>£)?
        (?:[\s,.'‘’_|]{{1,5}}(?P<u0>{UNIT}))?
        \s*(?P<u>{UNIT})?
        \s*(?P<f2>(?:\*|\(?\b(?:HH|LL|H|L|A)\b\)?|\b(?i:high|low|abnormal|abn|critical)\b|↑|↓)\s*\*?)?
        (?:[\s,'‘’_|]|\.\s)*(?P<r>[\[(]?\s*(?i:ref(?:erence)?\.?(?:\s+range)?|normal|nl|range)?\s*[:=]?\s*(?:[<>≤≥]?\s?{NUMBER}\s?:?(?:-|–|—|to)\s?{NUMBER}|[<>≤≥]\s?=?\s?(?:[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+))\s*(?:{UNIT})?\s*[\])]?)?
        \s*(?P<u2>{UNIT})?
        \s*(?P<f3>(?:\*|\(?\b(?:HH|LL|H|L|A|N)\b\)?|\b(?i:high|low|abnormal|abn|critical|normal)\b|↑|↓)\s*\*?)?
        "
    ))
    .expect("a fixed pattern")
});

/// Parses the result at the beginning of a text. `allow_words` accepts words such as "negative" as values.
pub(super) fn parse_result(after: &str, allow_words: bool) -> Option<WrittenResult> {
    let found = RESULT.captures(after)?;
    let value = found.name("v")?;
    let is_word = value.as_str().starts_with(|c: char| c.is_alphabetic() && c != 'l' && c != 'I' && c != 'O');
    if is_word && (!allow_words || value.as_str().eq_ignore_ascii_case("pending")) {
        return None;
    }
    if !is_word && !value.as_str().chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let plain = if is_word {
        value.as_str().to_lowercase()
    } else {
        with_leading_zero(&restore_digits(&value.as_str().replace(' ', "")))
    };
    let text_of = |name: &str| found.name(name).map(|part| part.as_str().trim().to_owned());
    let reference_range = text_of("r").map(|range| {
        let range = with_leading_zero(&range);
        let bare = range.trim_matches(['(', ')', '[', ']', ' ']);
        let from = bare.find(|c: char| c.is_ascii_digit() || matches!(c, '<' | '>' | '≤' | '≥')).unwrap_or(0);
        restore_decimal_points(&bare[from..]).replace(":-", " -")
    });
    let flag = ["f1", "f2", "f3"]
        .iter()
        .find_map(|name| found.name(name))
        .and_then(|mark| parse_flag(mark.as_str()))
        // A lone `L` is often recognised as a pound sign.
        .or_else(|| found.name("n").map(|_| LabFlag::Low));
    let end = ["f3", "u2", "r", "f2", "u", "u0", "n", "f1", "v"]
        .iter()
        .filter_map(|name| found.name(name))
        .map(|part| part.start() + part.as_str().trim_end().len())
        .max()?;
    // "140 to 210" is a range, not a result.
    static RANGE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*(?:to|and|through)\s+\d").expect("a fixed pattern"));
    if RANGE.is_match(&after[value.end()..]) {
        return None;
    }
    // "10/12" and "3-5" are not values.
    let next = after[value.end()..].chars().next();
    if matches!(next, Some('/')) && found.name("u").is_none()
        || matches!(next, Some(c) if c.is_alphabetic() && found.name("u").is_none() && found.name("f1").is_none())
    {
        return None;
    }
    Some(WrittenResult {
        value: plain,
        unit: text_of("u")
            .or_else(|| text_of("u0"))
            .or_else(|| text_of("u2"))
            .map(|unit| normalise_unit(&unit)),
        reference_range,
        flag,
        end,
    })
}

/// The unit without recognition errors.
fn normalise_unit(unit: &str) -> String {
    let plain = unit.replace("ing/d", "mg/d").replace("rng/d", "mg/d");
    ["10*", "10°", "10º"]
        .iter()
        .find_map(|power| plain.strip_prefix(power))
        .map_or(plain.clone(), |rest| format!("10^{rest}"))
}

/// Writes `0,57` as `0.57`, unless the comma may separate thousands.
fn restore_decimal_points(range: &str) -> String {
    static COMMA: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?P<a>\d),(?P<b>\d{1,2})\b").expect("a fixed pattern"));
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
        ] {
            let found = parse_result(row, false).unwrap_or_else(|| panic!("{row}"));
            assert_eq!(found.value, value, "{row}");
            assert_eq!(found.unit.unwrap_or_default(), unit, "{row}");
            assert_eq!(found.reference_range.unwrap_or_default(), range, "{row}");
            assert_eq!(found.flag, flag, "{row}");
        }
    }
}
