//! Flags of laboratory results: as written, and as computed from the reference range.

use maneiro_api::analysis::LabFlag;

use crate::text;

/// The flag that a mark beside a value means.
pub(super) fn parse_flag(mark: &str) -> Option<LabFlag> {
    let bare =
        mark.trim_matches(|c: char| !c.is_alphabetic() && !matches!(c, '↑' | '↓' | '*')).to_lowercase();
    match bare.trim_matches('*') {
        "h" | "hh" | "high" | "↑" => Some(LabFlag::High),
        "l" | "ll" | "low" | "↓" => Some(LabFlag::Low),
        "n" | "normal" => Some(LabFlag::Normal),
        "a" | "abnormal" | "abn" | "critical" | "" => Some(LabFlag::Abnormal),
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
    let bare = value.trim_start_matches(['<', '>', '≤', '≥', ' ']);
    let (is_below, is_above) = (value.starts_with(['<', '≤']), value.starts_with(['>', '≥']));
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
        ] {
            assert_eq!(compute_flag(value, range).map(|(flag, _)| flag), Some(flag), "{value} in {range}");
        }
    }
}
