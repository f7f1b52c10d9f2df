//! Flags of laboratory results: as written, and as computed from the reference range.

use maneiro_api::analysis::LabFlag;

use crate::text;

/// The flag that a mark beside a value means.
pub(super) fn parse_flag(mark: &str) -> Option<LabFlag> {
    let bare = mark
        .trim_matches(|c: char| !c.is_alphabetic() && !matches!(c, '↑' | '↓' | '▲' | '▼' | '*' | '!'))
        .to_lowercase();
    match bare.trim_matches('*') {
        "h" | "hh" | "high" | "above" | "above high normal" | "critical high" | "panic high" | "↑" | "▲" => {
            Some(LabFlag::High)
        }
        "l" | "ll" | "low" | "below" | "below low normal" | "critical low" | "panic low" | "↓" | "▼" => {
            Some(LabFlag::Low)
        }
        "n" | "normal" | "within range" | "in range" => Some(LabFlag::Normal),
        "a" | "abnormal" | "abn" | "critical" | "crit" | "!" | "out of range" | "" => Some(LabFlag::Abnormal),
        _ => None,
    }
}

/// The flag by the reference range, and the distance beyond its limit relative to the limit.
pub(crate) fn compute_flag(value: &str, range: &str) -> Option<(LabFlag, f64)> {
    let number = |text: &str| -> Option<f64> {
        let digits: String =
            text::restore_digits(text).chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        digits.parse().ok()
    };
    if !value.chars().any(|c| c.is_ascii_digit()) || !range.chars().any(|c| c.is_ascii_digit()) {
        return compare_words(value, range).map(|flag| (flag, 0.0));
    }
    let bare = value.trim_start_matches(['<', '>', '≤', '≥', '=', ' ']);
    let (is_below, is_above) = (value.starts_with(['<', '≤']), value.starts_with(['>', '≥']));
    // "2-4" lies in a range if both of its ends do.
    if let Some((from, to)) = bare.split_once(['-', '–']).filter(|(from, _)| !from.is_empty()) {
        let ends = [compute_flag(from, range)?, compute_flag(to, range)?];
        return ends.into_iter().find(|(flag, _)| *flag != LabFlag::Normal).or(Some(ends[0]));
    }
    let value = number(bare)?;
    let limit =
        |text: &str| number(text.split([' ', 'm', 'g', 'u', 'U', 'K', '%']).find(|part| !part.is_empty())?);
    let (low, high) = if let Some(rest) = range.strip_prefix(['<', '≤']) {
        (None, limit(rest.trim_start_matches(['=', ' '])))
    } else if let Some(rest) = range.strip_prefix(['>', '≥']) {
        (limit(rest.trim_start_matches(['=', ' '])), None)
    } else {
        let (low, high) = range.split_once(['-', '–', '—']).or_else(|| range.split_once(" to "))?;
        (Some(limit(low.trim())?), limit(high.trim()))
    };
    if let Some(high) = high.filter(|high| value > *high || (is_above && value >= *high)) {
        return (!is_below).then_some((LabFlag::High, if high > 0.0 { value / high - 1.0 } else { 1.0 }));
    }
    if let Some(low) = low.filter(|low| value < *low || (is_below && value <= *low)) {
        return (!is_above).then_some((LabFlag::Low, if low > 0.0 { 1.0 - value / low } else { 0.0 }));
    }
    Some((LabFlag::Normal, 0.0))
}

/// How a result in words compares with the expected one: "trace" where "negative" is expected is abnormal.
fn compare_words(value: &str, expected: &str) -> Option<LabFlag> {
    const NEGATIVE: [&str; 9] = [
        "negative",
        "neg",
        "not detected",
        "none",
        "none detected",
        "absent",
        "non-reactive",
        "nonreactive",
        "no growth",
    ];
    let is_negative = |text: &str| NEGATIVE.contains(&text.trim().to_lowercase().as_str());
    let (value, expected) = (value.trim(), expected.trim());
    if value.eq_ignore_ascii_case(expected) || is_negative(value) && is_negative(expected) {
        Some(LabFlag::Normal)
    } else {
        (is_negative(expected) && !value.is_empty()).then_some(LabFlag::Abnormal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_flags_are_computed_from_the_range() {
        for (value, range, flag) in [
            ("5.32", "0.30-4.00", LabFlag::High),
            ("10.2", "12.0-15.5", LabFlag::Low),
            ("138", "135-145", LabFlag::Normal),
            ("58", ">60", LabFlag::Low),
            ("58", "> 59", LabFlag::Low),
            ("120", "<100", LabFlag::High),
            ("<10", "0-20", LabFlag::Normal),
            ("<0.01", "0.27-4.20", LabFlag::Low),
            ("2-4", "0-5", LabFlag::Normal),
            ("6-8", "0-5", LabFlag::High),
            ("trace", "negative", LabFlag::Abnormal),
            ("not detected", "Negative", LabFlag::Normal),
        ] {
            assert_eq!(compute_flag(value, range).map(|(flag, _)| flag), Some(flag), "{value} in {range}");
        }
    }
}
