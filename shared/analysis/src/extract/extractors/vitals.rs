//! Vital signs.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, VitalSign};
use regex::Regex;

use crate::extract::{
    Reading,
    input::dates,
    input::sections::Section,
    statements::{self, capital, grouped},
};
use crate::text;

struct Sign {
    name: &'static str,
    /// `v` is the value, `u` the unit.
    pattern: Regex,
    /// Values outside are something else, such as a room number.
    plausible: (f64, f64),
    /// The name is a word that other things begin with too: only where vitals stand.
    only_in_vitals: bool,
}

static SIGNS: LazyLock<Vec<Sign>> = LazyLock::new(|| {
    let n = r"[0-9OlI]{1,3}(?:\.[0-9OlI]{1,2})?";
    let is = r"\s*(?:is|was|of|at|[:=;])?\s*";
    let sign = |name, pattern: String, plausible, only_in_vitals| Sign {
        name,
        pattern: Regex::new(&pattern).expect("a fixed pattern"),
        plausible,
        only_in_vitals,
    };
    vec![
        sign(
            "blood pressure",
            format!(r"\b(?:B/?P|(?i:blood\s+pressure))(?:\s*\([^)]{{1,20}}\))?{is}(?P<v>[0-9OlI]{{2,3}}\s?/\s?[0-9OlI]{{2,3}})(?:\s*(?P<u>(?i:mm\s?hg)))?"),
            (40.0, 300.0),
            false,
        ),
        sign(
            "heart rate",
            format!(r"\b(?:HR|(?i:heart\s+rate|pulse(?:\s+rate)?)|P)(?:\s*\([^)]{{1,20}}\))?{is}(?P<v>[0-9OlI]{{2,3}})\b(?:\s*(?P<u>(?i:bpm|beats/min|/min)))?"),
            (20.0, 300.0),
            false,
        ),
        sign(
            "respiratory rate",
            format!(r"\b(?:RR|(?i:resp(?:iratory)?(?:\s+rate)?|respirations?))\.?{is}(?P<v>[0-9OlI]{{1,2}})\b(?:\s*(?P<u>(?i:breaths/min|/min|bpm)))?"),
            (4.0, 80.0),
            false,
        ),
        sign(
            "temperature",
            format!(r"\b(?:(?i:temp(?:erature)?)|T)\.?{is}(?P<v>[0-9OlI]{{2,3}}(?:\.[0-9OlI]{{1,2}})?)\s*(?P<u>°\s?[FC]\b|º\s?[FC]\b|[FC]\b|(?i:degrees\s+[FC]))?"),
            (30.0, 115.0),
            false,
        ),
        sign(
            "oxygen saturation",
            format!(r"\b(?:S[pa]?[O0]2|[O0]2\s*[Ss]at(?:uration)?|(?i:oxygen\s+saturation|pulse\s+ox(?:imetry)?|sats?))(?:\s*\([^)]{{1,20}}\))?{is}(?P<v>[0-9OlI]{{2,3}})\s*(?P<u>%)?"),
            (40.0, 100.0),
            false,
        ),
        sign(
            "weight",
            format!(r"\b(?:(?i:weight)|Wt|WT|wt)\.?{is}(?P<v>{n})\s*(?P<u>(?i:kg|kgs|lbs?|pounds|kilograms))\b"),
            (1.0, 900.0),
            false,
        ),
        sign(
            "height",
            format!(r#"\b(?:(?i:height)|Ht|HT|ht)\.?{is}(?P<v>[0-9]['’]\s?[0-9]{{1,2}}(?:["”]|'')?|{n}\s*(?i:ft)\s*{n}\s*(?i:in)|{n})\s*(?P<u>(?i:cm|in(?:ches)?|m|ft))?"#),
            (1.0, 260.0),
            false,
        ),
        sign("BMI", format!(r"\b(?:BMI|(?i:body\s+mass\s+index)|BMl){is}(?P<v>{n})(?:\s*(?P<u>kg/m2|kg/m²))?"), (8.0, 120.0), false),
        sign("pain", r"\b(?i:pain(?:\s+(?:score|level|scale))?)\s*(?:is|[:=])?\s*(?P<v>[0-9]{1,2}\s?/\s?10)\b(?P<u>x)?".to_owned(), (0.0, 10.0), true),
    ]
});

/// All vital signs, one per sign, value and day.
pub(crate) fn vitals(reading: &Reading<'_>) -> Vec<VitalSign> {
    let mut found = Vec::new();
    for passage in &reading.passages {
        if matches!(
            passage.section,
            Section::Furniture
                | Section::Family
                | Section::Medications
                | Section::Stopped
                | Section::Allergies
        ) {
            continue;
        }
        // A row of a flow sheet begins with its own day.
        let date = dates::first(&passage.text).or(passage.date);
        for sign in SIGNS.iter().filter(|sign| !sign.only_in_vitals || passage.section == Section::Vitals) {
            for capture in sign.pattern.captures_iter(&passage.text) {
                let (Some(all), Some(value)) = (capture.get(0), capture.name("v")) else { continue };
                let value = text::digits(&value.as_str().replace(' ', ""));
                let number: Option<f64> =
                    value.split(['/', '\'', '’', 'f']).next().and_then(|number| number.parse().ok());
                if number.is_none_or(|number| number < sign.plausible.0 || number > sign.plausible.1)
                    || passage.text[all.end()..].starts_with(|c: char| c.is_ascii_digit() || c == '/')
                {
                    continue;
                }
                let unit = capture.name("u").map(|unit| unit.as_str().to_owned());
                found.push(((sign.name, value, date), (unit, passage.cite(reading.pages, &all.range()))));
            }
        }
    }
    let keyed = found.into_iter().map(|(key, item)| (key.clone(), (key, item)));
    grouped(keyed)
        .into_iter()
        .map(|group| {
            let ((name, value, date), _) = group[0].clone();
            let unit = group.iter().find_map(|(_, (unit, _))| unit.clone());
            let mut citations = Vec::new();
            for (_, (_, citation)) in group {
                statements::cite(&mut citations, citation);
            }
            let shown = unit
                .as_ref()
                .map_or_else(String::new, |unit| if unit == "%" { unit.clone() } else { format!(" {unit}") });
            VitalSign {
                statement: statements::statement(
                    format!("{} {value}{shown}", capital(name)),
                    Assertion::Present,
                    citations,
                ),
                name: name.to_owned(),
                value,
                unit,
                date,
            }
        })
        .collect()
}
