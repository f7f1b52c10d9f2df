//! Laboratory results, from the rows of a table and from prose.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, LabFlag, LabResult};
use regex::Regex;
use time::Date;

use crate::extract::{
    Reading, context,
    input::dates,
    input::sections::Section,
    input::segmentation::Passage,
    statements::{self, capital, grouped},
};
use crate::{
    lexicon::{self, DRUGS, Hit, LABS},
    text::{self, NUMBER},
};

/// A result and the test it is of.
pub(crate) struct Found {
    pub(crate) lab: LabResult,
    /// What all names of the test have in common.
    pub(crate) key: String,
    /// The last place in the record that gives it.
    pub(crate) order: usize,
}

struct Mention {
    key: String,
    page: usize,
    name: String,
    result: Value,
    date: Option<Date>,
    order: usize,
    citation: Citation,
}

/// What stands after a test's name.
#[derive(Debug, Clone, Default, PartialEq)]
struct Value {
    value: String,
    unit: Option<String>,
    range: Option<String>,
    mark: Option<LabFlag>,
    /// Where it ends.
    end: usize,
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
/// A row whose test nobody listed: a name, a value, and a unit or a range.
static ROW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<name>[A-Za-z][A-Za-z ,()/.%-]{1,40}?)\s*[:|]?\s+[<>]?\.?[0-9]")
        .expect("a fixed pattern")
});

/// All results, one per test, value and day.
pub(crate) fn labs(reading: &Reading<'_>) -> Vec<Found> {
    let mut mentions = Vec::new();
    let mut collected: Option<(usize, Date)> = None;
    for (order, passage) in reading.passages.iter().enumerate() {
        if let Some(date) = collection_date(&passage.text) {
            collected = Some((passage.page, date));
        }
        if matches!(
            passage.section,
            Section::Furniture
                | Section::Family
                | Section::Medications
                | Section::Stopped
                | Section::Allergies
                | Section::Social
                | Section::Immunizations
        ) {
            continue;
        }
        let date = collected.filter(|(page, _)| *page == passage.page).map(|(_, date)| date).or(passage.date);
        of_passage(reading, passage, order, date, &mut mentions);
    }
    merged(mentions)
}

/// "Collected: 03/04/2024" holds for the rows below it on its page.
fn collection_date(text: &str) -> Option<Date> {
    static COLLECTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:collected|collection\s+date|date\s+collected|drawn|specimen\s+date|results?|resulted|reported|labs?)\b[^0-9A-Z]{0,12}(?:(?:on|of|from)\s+)?").expect("a fixed pattern")
    });
    let label = COLLECTED.find(text)?;
    dates::find(text)
        .into_iter()
        .find(|found| found.range.start >= label.start() && found.range.start <= label.end() + 14)
        .map(|found| found.date)
}

fn of_passage(
    reading: &Reading<'_>,
    passage: &Passage,
    order: usize,
    date: Option<Date>,
    mentions: &mut Vec<Mention>,
) {
    let text = &passage.text;
    let in_labs = passage.section == Section::Labs;
    let drugs = DRUGS.find(text, &passage.keys);
    let hits: Vec<_> = LABS
        .find(text, &passage.keys)
        .into_iter()
        .filter(|hit| !LABS.entry(hit.entry).tags.contains(&"panel"))
        // "calcium carbonate" and "iron sucrose" are medicines.
        .filter(|hit| {
            !drugs.iter().any(|drug| {
                drug.range.start <= hit.range.start
                    && drug.range.end >= hit.range.end
                    && drug.range.len() > hit.range.len()
            })
        })
        .collect();
    let hits = without_echo(text, hits);
    let before = mentions.len();
    for (at, hit) in hits.iter().enumerate() {
        let until = hits.get(at + 1).map_or(text.len(), |next| next.range.start);
        let entry = LABS.entry(hit.entry);
        let Some(result) = result(&text[hit.range.end..until], in_labs || entry.tags.contains(&"titer"))
        else {
            continue;
        };
        if !believable(passage, entry.name, &result, &text[hit.range.end + result.end..]) {
            continue;
        }
        // "hemoglobin 12.6" in prose about a relative or a plan is no result of the patient.
        match context::assertion(text, &hit.range, passage.section) {
            Assertion::Family | Assertion::Possible if !in_labs => continue,
            Assertion::Present
            | Assertion::Negated
            | Assertion::Possible
            | Assertion::Family
            | Assertion::Historical => {}
        }
        let range = hit.range.start..hit.range.end + result.end;
        let own = dates::find(text).into_iter().find(|found| {
            found.range.start >= range.end && found.range.start <= range.end + 16 || found.range.start < 3
        });
        mentions.push(Mention {
            key: entry.name.to_owned(),
            page: passage.page,
            name: shown(text, hit),
            date: own.map(|found| found.date).or(date),
            order,
            citation: passage.cite(reading.pages, &range),
            result,
        });
    }
    let none = mentions.len() == before && in_labs && hits.is_empty();
    if let Some((name, result)) = none.then(|| unlisted(text)).flatten() {
        let range = name.start..name.end + result.end;
        mentions.push(Mention {
            key: text[name.clone()].to_lowercase(),
            page: passage.page,
            name: text[name].to_owned(),
            date,
            order,
            citation: passage.cite(reading.pages, &range),
            result,
        });
    }
}

/// "Urea nitrogen (BUN)" names one test twice.
fn without_echo(text: &str, hits: Vec<Hit>) -> Vec<Hit> {
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits {
        match kept.last_mut() {
            Some(last) if last.entry == hit.entry && text[last.range.end..hit.range.start].trim() == "(" => {
                let closed = text[hit.range.end..].starts_with(')');
                last.range.end = hit.range.end + usize::from(closed);
            }
            Some(_) | None => kept.push(hit),
        }
    }
    kept
}

/// The test's name as the page has it, without the reader's slips.
fn shown(text: &str, hit: &Hit) -> String {
    let written = &text[hit.range.clone()];
    let slipped =
        written.to_lowercase() != hit.name.to_lowercase() && text::fold(written) == text::fold(hit.name);
    if slipped { hit.name.to_owned() } else { written.to_owned() }
}

fn unlisted(text: &str) -> Option<(Range<usize>, Value)> {
    let name = ROW.captures(text)?.name("name")?;
    let trimmed = name.as_str().trim_end_matches([' ', ':', '|', ',']);
    let end = name.start() + trimmed.len();
    let result = result(&text[end..], false)?;
    let medicine = !DRUGS.find(trimmed, &lexicon::keys(trimmed)).is_empty();
    let complete = result.unit.is_some() && result.range.is_some();
    (complete && !medicine && dates::find(trimmed).is_empty()).then_some((name.start()..end, result))
}

fn result(after: &str, words: bool) -> Option<Value> {
    let found = RESULT.captures(after)?;
    let value = found.name("v")?;
    let worded = value.as_str().starts_with(|c: char| c.is_alphabetic() && c != 'l' && c != 'I' && c != 'O');
    if worded && (!words || value.as_str().eq_ignore_ascii_case("pending")) {
        return None;
    }
    if !worded && !value.as_str().chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let plain = if worded {
        value.as_str().to_lowercase()
    } else {
        text::with_noughts(&text::digits(&value.as_str().replace(' ', "")))
    };
    let text_of = |name: &str| found.name(name).map(|part| part.as_str().trim().to_owned());
    let range = text_of("r").map(|range| {
        let range = text::with_noughts(&range);
        let bare = range.trim_matches(['(', ')', '[', ']', ' ']);
        let from = bare.find(|c: char| c.is_ascii_digit() || matches!(c, '<' | '>' | '≤' | '≥')).unwrap_or(0);
        decimal_points(&bare[from..]).replace(":-", " -")
    });
    // A reader takes a lone `H` or `L` after the range for the mark; one between value and unit is as good.
    let mark = ["f1", "f2", "f3"]
        .iter()
        .find_map(|name| found.name(name))
        .and_then(|mark| flag(mark.as_str()))
        // A lone `L` is read as a pound sign.
        .or_else(|| found.name("n").map(|_| LabFlag::Low));
    let end = ["f3", "u2", "r", "f2", "u", "u0", "n", "f1", "v"]
        .iter()
        .filter_map(|name| found.name(name))
        .map(|part| part.start() + part.as_str().trim_end().len())
        .max()?;
    // "140 to 210" is a span, not a result.
    static SPAN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*(?:to|and|through)\s+\d").expect("a fixed pattern"));
    if SPAN.is_match(&after[value.end()..]) {
        return None;
    }
    // "10/12" and "3-5" are no values; "120 mg/dL" is.
    let next = after[value.end()..].chars().next();
    if matches!(next, Some('/')) && found.name("u").is_none()
        || matches!(next, Some(c) if c.is_alphabetic() && found.name("u").is_none() && found.name("f1").is_none())
    {
        return None;
    }
    Some(Value {
        value: plain,
        unit: text_of("u").or_else(|| text_of("u0")).or_else(|| text_of("u2")).map(|unit| plain_unit(&unit)),
        range,
        mark,
        end,
    })
}

/// Units without the reader's slips.
fn plain_unit(unit: &str) -> String {
    let plain = unit.replace("ing/d", "mg/d").replace("rng/d", "mg/d");
    ["10*", "10°", "10º"]
        .iter()
        .find_map(|power| plain.strip_prefix(power))
        .map_or(plain.clone(), |rest| format!("10^{rest}"))
}

/// `0,57` is `0.57` where no thousands can be meant.
fn decimal_points(range: &str) -> String {
    static COMMA: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?P<a>\d),(?P<b>\d{1,2})\b").expect("a fixed pattern"));
    COMMA.replace_all(range, "${a}.${b}").into_owned()
}

/// Keeps out what only looks like a result: a dose, a stage, a date, a count of something.
fn believable(passage: &Passage, test: &str, result: &Value, rest: &str) -> bool {
    static DOSE_UNIT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^\s?(?:mg|mcg|g|iu|units?|meq|tablets?|tabs?|ml|weeks?|months?|days?|years?|hours?|hrs?|x\b|times|cm|mm)\b(?:[^/]|$)").expect("a fixed pattern")
    });
    let word = result.value.starts_with(char::is_alphabetic);
    if DOSE_UNIT.is_match(rest) && result.unit.is_none() {
        return false;
    }
    if rest.starts_with('/') && result.unit.is_none() {
        return false;
    }
    // Two letters name many things; without a unit, a range or a place for results they name no test.
    let written_short = test.len() <= 3 && passage.keys.len() > 3;
    let sure = result.unit.is_some() || result.range.is_some() || result.mark.is_some();
    match passage.section {
        Section::Labs
        | Section::Assessment
        | Section::Plan
        | Section::Hpi
        | Section::Impression
        | Section::Top => true,
        _ => sure || word || !written_short,
    }
}

fn flag(mark: &str) -> Option<LabFlag> {
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

/// Low, normal or high by the range as the page gives it, and how far beyond its limit.
pub(crate) fn computed(value: &str, range: &str) -> Option<(LabFlag, f64)> {
    let number = |text: &str| -> Option<f64> {
        let digits: String = text::digits(text).chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        digits.parse().ok()
    };
    let bare = value.trim_start_matches(['<', '>', '≤', '≥', ' ']);
    let (below, above) = (value.starts_with(['<', '≤']), value.starts_with(['>', '≥']));
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
    if let Some(high) = high.filter(|high| value > *high || (above && value >= *high)) {
        return (!below).then_some((LabFlag::High, if high > 0.0 { value / high - 1.0 } else { 1.0 }));
    }
    if let Some(low) = low.filter(|low| value < *low || (below && value <= *low)) {
        return (!above).then_some((LabFlag::Low, if low > 0.0 { 1.0 - value / low } else { 0.0 }));
    }
    Some((LabFlag::Normal, 0.0))
}

/// Marked rows that make a page's marks a rule.
const MARKING: usize = 3;

fn merged(mentions: Vec<Mention>) -> Vec<Found> {
    let mut marks: HashMap<usize, usize> = HashMap::new();
    for mention in mentions.iter().filter(|mention| mention.result.mark.is_some()) {
        *marks.entry(mention.page).or_default() += 1;
    }
    let keyed = mentions
        .into_iter()
        .map(|mention| ((mention.key.clone(), mention.result.value.clone(), mention.date), mention));
    grouped(keyed)
        .into_iter()
        .map(|group| {
            let best = group
                .iter()
                .max_by_key(|mention| {
                    usize::from(mention.result.range.is_some()) + usize::from(mention.result.unit.is_some())
                })
                .unwrap_or(&group[0]);
            let (unit, range) = (best.result.unit.clone(), best.result.range.clone());
            let by_range = range.as_ref().and_then(|range| computed(&best.result.value, range));
            let marked = group.iter().find_map(|mention| mention.result.mark);
            // Where a page marks what is abnormal and not this, a value outside the range is more likely
            // misread than true: a lost decimal point. Nothing is said then.
            let ruled = marks.get(&best.page).is_some_and(|count| *count >= MARKING);
            let computed = by_range.map(|(flag, _)| flag);
            let flag = marked.or(computed.filter(|flag| !ruled || *flag == LabFlag::Normal));
            let value = best.result.value.clone();
            let mut text = format!("{} {value}", capital(&best.name));
            if let Some(unit) = &unit {
                text.push_str(if unit == "%" { "" } else { " " });
                text.push_str(unit);
            }
            match flag {
                Some(LabFlag::High) => text.push_str(", high"),
                Some(LabFlag::Low) => text.push_str(", low"),
                Some(LabFlag::Abnormal) => text.push_str(", abnormal"),
                Some(LabFlag::Normal) | None => {}
            }
            if let Some(range) = &range {
                text.push_str(&format!(" (range {range})"));
            }
            let mut citations = Vec::new();
            statements::cite(&mut citations, best.citation.clone());
            for mention in &group {
                statements::cite(&mut citations, mention.citation.clone());
            }
            Found {
                key: best.key.clone(),
                order: group.iter().map(|mention| mention.order).max().unwrap_or(0),
                lab: LabResult {
                    statement: statements::statement(text, Assertion::Present, citations),
                    name: best.name.clone(),
                    value,
                    unit,
                    reference_range: range,
                    flag,
                    date: best.date,
                },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_value_unit_range_and_mark_in_any_usual_order() {
        for (row, value, unit, range, mark) in [
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
            let found = result(row, false).unwrap_or_else(|| panic!("{row}"));
            assert_eq!(found.value, value, "{row}");
            assert_eq!(found.unit.unwrap_or_default(), unit, "{row}");
            assert_eq!(found.range.unwrap_or_default(), range, "{row}");
            assert_eq!(found.mark, mark, "{row}");
        }
    }

    #[test]
    fn a_range_gives_the_mark_that_the_page_leaves_out() {
        for (value, range, flag) in [
            ("5.32", "0.30-4.00", LabFlag::High),
            ("10.2", "12.0-15.5", LabFlag::Low),
            ("138", "135-145", LabFlag::Normal),
            ("58", ">60", LabFlag::Low),
            ("58", "> 59", LabFlag::Low),
            ("120", "<100", LabFlag::High),
            ("<10", "0-20", LabFlag::Normal),
        ] {
            assert_eq!(computed(value, range).map(|(flag, _)| flag), Some(flag), "{value} in {range}");
        }
    }
}
