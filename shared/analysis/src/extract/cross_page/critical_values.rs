//! Critical laboratory values by published limits (`lexicon/critical_limits.txt` names the source).

use std::{collections::HashMap, sync::LazyLock};

use maneiro_api::analysis::LabResult;

use crate::{
    lexicon::LABS,
    word_list::{comma_separated, lines},
};

struct CriticalLimits {
    units: Vec<&'static str>,
    low: Option<f64>,
    high: Option<f64>,
}

/// The limits of each test, one entry for each group of units.
static LIMITS: LazyLock<HashMap<&'static str, Vec<CriticalLimits>>> = LazyLock::new(|| {
    let mut limits: HashMap<&'static str, Vec<CriticalLimits>> = HashMap::new();
    for line in lines(include_str!("../../lexicon/critical_limits.txt")) {
        let columns: Vec<&'static str> = line.split('|').map(str::trim).collect();
        let [test, units, low, high] = columns[..] else { continue };
        limits.entry(test).or_default().push(CriticalLimits {
            units: comma_separated(units).collect(),
            low: low.parse().ok(),
            high: high.parse().ok(),
        });
    }
    limits
});

/// Whether the value is at or beyond a critical limit of its test. A value without a unit is compared with the first limits of
/// its test, if these are the only ones.
pub(crate) fn is_critical(lab: &LabResult) -> bool {
    let test = LABS.find_exact(&lab.name).map_or(lab.name.as_str(), |entry| LABS.entry(entry).name);
    // The pH of urine, which is often lower, is called pH too.
    let is_other_ph =
        test == "pH" && !lab.reference_range.as_deref().is_some_and(|range| range.starts_with("7.3"));
    let Some(limits) = LIMITS.get(test).filter(|_| !is_other_ph) else { return false };
    let Ok(value) = lab.value.replace(',', "").parse::<f64>() else { return false };
    let fitting = match lab.unit.as_deref() {
        Some(unit) => limits.iter().find(|limits| {
            limits.units.is_empty() || limits.units.iter().any(|known| known.eq_ignore_ascii_case(unit))
        }),
        None => limits.first().filter(|_| limits.len() == 1),
    };
    fitting.is_some_and(|limits| {
        limits.low.is_some_and(|low| value <= low) || limits.high.is_some_and(|high| value >= high)
    })
}

#[cfg(test)]
mod tests {
    use maneiro_api::analysis::{Assertion, LabFlag};

    use super::*;
    use crate::extract::statements::unverified;

    fn lab(name: &str, value: &str, unit: Option<&str>) -> LabResult {
        LabResult {
            statement: unverified(String::new(), Assertion::Present, Vec::new()),
            name: name.to_owned(),
            value: value.to_owned(),
            value_as_read: None,
            unit: unit.map(str::to_owned),
            reference_range: (name == "pH").then(|| "7.35-7.45".to_owned()),
            flag: Some(LabFlag::High),
            date: None,
        }
    }

    #[test]
    fn values_beyond_the_published_limits_are_critical() {
        for (name, value, unit) in [
            ("Potassium", "6.4", Some("mmol/L")),
            ("K", "2.4", Some("mEq/L")),
            ("Sodium", "118", None),
            ("Glucose", "30", Some("mmol/L")),
            ("pH", "7.14", None),
            ("Hgb", "6.1", Some("g/dL")),
            ("Platelets", "20", Some("K/uL")),
        ] {
            assert!(is_critical(&lab(name, value, unit)), "{name} {value}");
        }
    }

    #[test]
    fn other_values_and_other_specimens_are_not_critical() {
        for (name, value, unit) in [
            ("Potassium", "5.4", Some("mmol/L")),
            ("Glucose", "300", Some("mg/dL")),
            ("Glucose", "300", None),
            ("Ascites sodium", "110", Some("mmol/L")),
            ("Platelets", "168", Some("K/uL")),
            ("Potassium", "pending", None),
        ] {
            assert!(!is_critical(&lab(name, value, unit)), "{name} {value}");
        }
        let urine = LabResult { reference_range: Some("5.0-8.0".to_owned()), ..lab("pH", "6.5", None) };
        assert!(!is_critical(&urine));
    }

    #[test]
    fn each_limit_is_of_a_listed_test() {
        for test in LIMITS.keys() {
            assert!(LABS.find_exact(test).is_some(), "{test}");
        }
    }
}
