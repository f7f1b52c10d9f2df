//! Vital signs.

use std::{ops::RangeInclusive, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, VitalSign, capitalise};
use regex::Regex;
use time::Date;

use crate::{
    extract::{
        input::{
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
            tables::ColumnRole,
        },
        statements::{cite_page_once, group_by_key, unverified},
    },
    text::restore_digits,
};

/// How a vital sign is written.
struct VitalSignPattern {
    name: &'static str,
    /// Group `v` is the value, `u` the unit.
    pattern: Regex,
    /// Values outside it are something else, such as a room number.
    plausible_range: RangeInclusive<f64>,
    /// Whether the name is so common that it counts only in a section of vital signs.
    is_ambiguous: bool,
}

static PATTERNS: LazyLock<Vec<VitalSignPattern>> = LazyLock::new(|| {
    let n = r"[0-9OlI]{1,3}(?:\.[0-9OlI]{1,2})?";
    let is = r"\s*(?:is|was|of|at|[:=;])?\s*";
    let sign = |name, pattern: String, plausible_range, is_ambiguous| VitalSignPattern {
        name,
        pattern: Regex::new(&pattern).expect("a fixed pattern"),
        plausible_range,
        is_ambiguous,
    };
    vec![
        sign(
            "blood pressure",
            format!(r"\b(?:B/?P|(?i:blood\s+pressure))(?:\s*\([^)]{{1,20}}\))?{is}(?P<v>[0-9OlI]{{2,3}}\s?/\s?[0-9OlI]{{2,3}})(?:\s*(?P<u>(?i:mm\s?hg)))?"),
            40.0..=300.0,
            false,
        ),
        sign(
            "heart rate",
            format!(r"\b(?:HR|(?i:heart\s+rate|pulse(?:\s+rate)?)|P)(?:\s*\([^)]{{1,20}}\))?{is}(?P<v>[0-9OlI]{{2,3}})\b(?:\s*(?P<u>(?i:bpm|beats/min|/min)))?"),
            20.0..=300.0,
            false,
        ),
        sign(
            "respiratory rate",
            format!(r"\b(?:RR|(?i:resp(?:iratory)?(?:\s+rate)?|respirations?))\.?{is}(?P<v>[0-9OlI]{{1,2}})\b(?:\s*(?P<u>(?i:breaths/min|/min|bpm)))?"),
            4.0..=80.0,
            false,
        ),
        sign(
            "temperature",
            format!(r"\b(?:(?i:temp(?:erature)?)|T)\.?{is}(?P<v>[0-9OlI]{{2,3}}(?:\.[0-9OlI]{{1,2}})?)\s*(?P<u>°\s?[FC]\b|º\s?[FC]\b|[FC]\b|(?i:degrees\s+[FC]))?"),
            30.0..=115.0,
            false,
        ),
        sign(
            "oxygen saturation",
            format!(r"\b(?:S[pa]?[O0]2|[O0]2\s*[Ss]at(?:uration)?|(?i:oxygen\s+saturation|pulse\s+ox(?:imetry)?|sats?))(?:\s*\([^)]{{1,20}}\))?{is}(?P<v>[0-9OlI]{{2,3}})\s*(?P<u>%)?"),
            40.0..=100.0,
            false,
        ),
        sign(
            "weight",
            format!(r"\b(?:(?i:weight)|Wt|WT|wt)\.?{is}(?P<v>{n})\s*(?P<u>(?i:kg|kgs|lbs?|pounds|kilograms))\b"),
            1.0..=900.0,
            false,
        ),
        sign(
            "height",
            format!(r#"\b(?:(?i:height)|Ht|HT|ht)\.?{is}(?P<v>[0-9]['’]\s?[0-9]{{1,2}}(?:["”]|'')?|{n}\s*(?i:ft)\s*{n}\s*(?i:in)|{n})\s*(?P<u>(?i:cm|in(?:ches)?|m|ft))?"#),
            1.0..=260.0,
            false,
        ),
        sign("BMI", format!(r"\b(?:BMI|(?i:body\s+mass\s+index)|BMl){is}(?P<v>{n})(?:\s*(?P<u>kg/m2|kg/m²))?"), 8.0..=120.0, false),
        sign("pain", r"\b(?i:pain(?:\s+(?:score|level|scale))?)\s*(?:is|[:=])?\s*(?P<v>[0-9]{1,2}\s?/\s?10)\b(?P<u>x)?".to_owned(), 0.0..=10.0, true),
    ]
});

/// A mention of a measured vital sign.
pub(crate) struct VitalMention {
    name: &'static str,
    value: String,
    unit: Option<String>,
    date: Option<Date>,
    citation: Citation,
}

/// The mentions of a page, in order.
pub(crate) fn find_vital_mentions(page: &SegmentedPage<'_>) -> Vec<VitalMention> {
    let mut mentions = Vec::new();
    for passage in &page.passages {
        if !passage.section.is_searched_for(SearchTarget::VitalSign) {
            continue;
        }
        // A row of a flow sheet begins with its own date.
        let date = passage.dates().first().map(|found| found.date).or(passage.encounter_date);
        let is_vitals_section = passage.section == Section::Vitals;
        mentions.extend(vitals_of_row(page, passage, date));
        if is_vitals_section {
            mentions.extend(vital_in_words(page, passage, date));
        }
        for sign in PATTERNS.iter().filter(|sign| !sign.is_ambiguous || is_vitals_section) {
            for capture in sign.pattern.captures_iter(&passage.text) {
                let (Some(all), Some(value)) = (capture.get(0), capture.name("v")) else { continue };
                let value = restore_digits(&value.as_str().replace(' ', ""));
                let number: Option<f64> =
                    value.split(['/', '\'', '’', 'f']).next().and_then(|number| number.parse().ok());
                if number.is_none_or(|number| !sign.plausible_range.contains(&number))
                    || passage.text[all.end()..].starts_with(|c: char| c.is_ascii_digit() || c == '/')
                {
                    continue;
                }
                let unit = capture.name("u").map(|unit| unit.as_str().to_owned());
                let citation = passage.cite(page.source, &all.range());
                mentions.push(VitalMention { name: sign.name, value, unit, date, citation });
            }
        }
    }
    mentions
}

/// The vital signs of a row whose columns have them as titles.
fn vitals_of_row(page: &SegmentedPage<'_>, passage: &Passage, date: Option<Date>) -> Vec<VitalMention> {
    let cells = passage.cells.iter().filter(|cell| cell.role == ColumnRole::Measurement);
    cells
        .filter_map(|cell| {
            let labelled = format!("{} {}", cell.title, passage.text[cell.range.clone()].trim());
            let (sign, found) =
                PATTERNS.iter().find_map(|sign| Some((sign, sign.pattern.captures(&labelled)?)))?;
            let value = restore_digits(&found.name("v")?.as_str().replace(' ', ""));
            let number: f64 = value.split(['/', '\'', '’', 'f']).next()?.parse().ok()?;
            sign.plausible_range.contains(&number).then(|| VitalMention {
                name: sign.name,
                value,
                unit: found.name("u").map(|unit| unit.as_str().to_owned()),
                date,
                citation: passage.cite(page.source, &passage.range()),
            })
        })
        .collect()
}

/// A vital sign that is only described: "Blood pressure: elevated".
fn vital_in_words(page: &SegmentedPage<'_>, passage: &Passage, date: Option<Date>) -> Option<VitalMention> {
    static DESCRIBED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?P<n>blood\s+pressure|bp|heart\s+rate|pulse|respiratory\s+rate|temperature|temp|oxygen\s+saturation|weight)\b\s*(?:is|was|:|-)?\s*(?P<v>(?:mildly|slightly|moderately|very)?\s?(?:elevated|normal|high|low|stable|regular|irregular|within\s+normal\s+limits|afebrile))\b")
            .expect("a fixed pattern")
    });
    let found = DESCRIBED.captures(&passage.text)?;
    let name = match found["n"].to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ").as_str() {
        "blood pressure" | "bp" => "blood pressure",
        "heart rate" | "pulse" => "heart rate",
        "respiratory rate" => "respiratory rate",
        "oxygen saturation" => "oxygen saturation",
        "weight" => "weight",
        _ => "temperature",
    };
    Some(VitalMention {
        name,
        value: found["v"].trim().to_lowercase(),
        unit: None,
        date,
        citation: passage.cite(page.source, &found.get(0)?.range()),
    })
}

/// All vital signs, one for each sign, value and date.
pub(crate) fn merge_vitals(mentions: Vec<VitalMention>) -> Vec<VitalSign> {
    let keyed =
        mentions.into_iter().map(|mention| ((mention.name, mention.value.clone(), mention.date), mention));
    group_by_key(keyed)
        .into_iter()
        .map(|group| {
            let (name, value, date) = (group[0].name, group[0].value.clone(), group[0].date);
            let unit = group.iter().find_map(|mention| mention.unit.clone());
            let mut citations = Vec::new();
            for mention in group {
                cite_page_once(&mut citations, &mention.citation);
            }
            let gap = if unit.as_deref().is_none_or(|unit| unit == "%") { "" } else { " " };
            let text = format!("{} {value}{gap}{}", capitalise(name), unit.as_deref().unwrap_or_default());
            VitalSign {
                statement: unverified(text, Assertion::Present, citations),
                name: name.to_owned(),
                value,
                value_as_read: None,
                unit,
                date,
            }
        })
        .collect()
}
