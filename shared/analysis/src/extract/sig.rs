//! The sig of a prescription: dose, route and frequency.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::text::{NUMBER, restore_digits, truncate_at_word, with_leading_zero};

/// The sig of a prescription, as far as it is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sig {
    pub(crate) dose: Option<String>,
    pub(crate) route: Option<String>,
    pub(crate) frequency: Option<String>,
}

impl Sig {
    /// A key that is the same for doses that differ only in punctuation.
    pub(crate) fn dose_key(&self) -> Option<String> {
        self.dose.as_ref().map(|dose| dose.replace([' ', ','], "").to_lowercase())
    }

    /// Whether the dose is a range, such as `500-1000 mg`.
    pub(crate) fn has_dose_range(&self) -> bool {
        self.dose.as_ref().is_some_and(|dose| dose.contains('-'))
    }

    /// Whether it is taken as needed or only once, so that it has no regular dose.
    pub(crate) fn is_irregular(&self) -> bool {
        self.frequency.as_ref().is_some_and(|frequency| {
            let frequency = frequency.to_lowercase();
            ["prn", "as needed", "stat"].iter().any(|irregular| frequency.contains(irregular))
        })
    }

    /// A key that is the same for frequencies with the same meaning.
    pub(crate) fn frequency_key(&self) -> Option<String> {
        self.frequency.as_deref().map(frequency_key)
    }
}

/// A part of a sig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SigPart {
    pub(crate) range: Range<usize>,
    /// The normalised text, without recognition errors.
    pub(crate) text: String,
}

static DOSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?x)
        (?P<n>{NUMBER})
        (?P<m>(?:\s?[-–/]\s?{NUMBER})?)
        \s?-?
        (?P<u>(?i:mcg|µg|μg|ug|mg|rng|grams?|gm|g|units?|iu|u|meq|mmol|ml|puffs?|tab(?:let)?s?|cap(?:sule)?s?|drops?|gtts?|sprays?|patch(?:es)?|%|sachets?|suppositor(?:y|ies)|amps?|vials?|lozenges?))
        (?P<p>(?:\s?/\s?(?i:kg(?:/(?:min|hr?|day|dose))?|hr?|hour|min|day|ml|actuation|dose|spray|puff|m2|tab|\d\s?ml))?)
        ",
    ))
    .expect("a fixed pattern")
});

/// The first dose of the text.
pub(crate) fn find_dose(text: &str) -> Option<SigPart> {
    DOSE.captures_iter(text).find_map(|found| {
        let range = found.get(0)?.range();
        let (n, m, u) = (&found["n"], &found["m"], &found["u"]);
        let before = text[..range.start].chars().next_back();
        let after = text[range.end..].trim_start();
        // `8.9 mg/dL` is a result, `2+` a finding, `T2D` a diagnosis.
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '/' | '<' | '>' | '^'))
            || text[range.end..].starts_with(|c: char| c.is_alphanumeric())
            || after.starts_with('/') && !after.starts_with("/ ")
            || !n.chars().any(|c| c.is_ascii_digit())
        {
            return None;
        }
        let mut plain = with_leading_zero(&restore_digits(n));
        let second = m.trim().trim_start_matches(['-', '–', '/']).trim();
        if !second.is_empty() {
            plain.push(if m.contains('/') { '/' } else { '-' });
            plain.push_str(&with_leading_zero(&restore_digits(second)));
        }
        let unit = normalise_unit(u);
        let per = found["p"].replace(' ', "");
        let gap = if unit == "%" { "" } else { " " };
        Some(SigPart { range, text: format!("{plain}{gap}{unit}{per}") })
    })
}

fn normalise_unit(written: &str) -> String {
    let lower = written.to_lowercase();
    match lower.as_str() {
        "µg" | "μg" | "ug" => "mcg".to_owned(),
        "rng" => "mg".to_owned(),
        "gm" | "gram" | "grams" => "g".to_owned(),
        "iu" => "IU".to_owned(),
        "u" => "units".to_owned(),
        "meq" => "mEq".to_owned(),
        "ml" => "mL".to_owned(),
        _ => lower,
    }
}

static ROUTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?P<oral>\b(?:(?i:p\.o\.|by\s+mouth|orally|oral|(?:por\s+)?v[ií]a\s+oral)|PO|P0|po)(?:\b|\s|$))
        | (?P<iv>\b(?:(?i:intravenous(?:ly)?|i\.v\.)|IVPB|IV)\b)
        | (?P<im>\b(?:(?i:intramuscular(?:ly)?|i\.m\.)|IM)\b)
        | (?P<sc>\b(?:(?i:subcutaneous(?:ly)?|subcut|sub-q|subq|s\.c\.)|SC|SQ)\b)
        | (?P<sl>\b(?:(?i:sublingual(?:ly)?)|SL)\b)
        | (?P<pr>\b(?:(?i:rectal(?:ly)?)|PR)\b)
        | (?P<inh>\b(?i:inhaled|inhalation|inhale|nebuliz(?:ed|er)|neb|via\s+inhaler|inh|MDI)\b)
        | (?P<nasal>\b(?i:intranasal(?:ly)?|nasal(?:ly)?|each\s+nostril|nasal\s+spray)\b)
        | (?P<top>\b(?i:topical(?:ly)?|to\s+affected\s+areas?)\b)
        | (?P<td>\b(?i:transdermal(?:ly)?)\b)
        | (?P<eye>\b(?:(?i:ophthalmic|(?:both|each|left|right)\s+eyes?)|OU|OD|OS)\b)
        | (?P<tube>\b(?i:per\s+(?:ng|peg|g-?tube|tube)|via\s+(?:ng|peg|g-?tube))\b)
        ",
    )
    .expect("a fixed pattern")
});

/// The first route of the text, in words.
pub(crate) fn find_route(text: &str) -> Option<SigPart> {
    const NAMES: [(&str, &str); 12] = [
        ("oral", "by mouth"),
        ("iv", "intravenous"),
        ("im", "intramuscular"),
        ("sc", "subcutaneous"),
        ("sl", "under the tongue"),
        ("pr", "rectal"),
        ("inh", "inhaled"),
        ("nasal", "nasal"),
        ("top", "on the skin"),
        ("td", "transdermal"),
        ("eye", "in the eye"),
        ("tube", "by tube"),
    ];
    let found = ROUTE.captures(text)?;
    let (key, name) = NAMES.iter().find(|(key, _)| found.name(key).is_some())?;
    let range = found.name(key)?.range();
    let trimmed = text[range.clone()].trim_end().len();
    Some(SigPart { range: range.start..range.start + trimmed, text: (*name).to_owned() })
}

/// Units of an amount to take, as against those of a strength.
const COUNT_UNITS: [&str; 12] =
    ["tab", "cap", "puff", "drop", "gtt", "spray", "patch", "sachet", "suppositor", "amp", "vial", "lozenge"];

/// Whether a dose is an amount to take, such as `2 tablets`, and no strength.
fn is_amount(dose: &SigPart) -> bool {
    dose.text.split_once(' ').is_some_and(|(_, unit)| COUNT_UNITS.iter().any(|count| unit.starts_with(count)))
}

/// The strength in a text, or else the amount to take.
pub(crate) fn find_strength(text: &str) -> Option<SigPart> {
    let first = find_dose(text)?;
    if !is_amount(&first) {
        return Some(first);
    }
    let mut from = first.range.end;
    while let Some(next) = find_dose(&text[from..]) {
        let range = from + next.range.start..from + next.range.end;
        if !is_amount(&next) {
            return Some(SigPart { range, text: next.text });
        }
        from = range.end;
    }
    Some(first)
}

/// The dose of the last of several phases; their common strength if the phases only give amounts.
pub(crate) fn find_current_dose(whole: &str, last_phase: &str) -> Option<SigPart> {
    let current = find_strength(last_phase);
    match &current {
        Some(dose) if is_amount(dose) => find_strength(whole).or(current),
        Some(_) => current,
        None => find_strength(whole),
    }
}

/// The words of a sig that its fields do not hold: several phases, an amount beside a strength, an exception, a weekday.
pub(crate) fn words_beyond_fields(after: &str) -> Option<String> {
    static BEYOND: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\bthen\b|→|->|\buntil\b|\btaper\w*|\bnot\s+(?:daily|every)|\balternat\w*|\bexcept\b|\bon\s+(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:take|inject|inhale|apply|use)\s+[\d.½¼]+\s|\b\d+(?:\.\d+)?\s+(?:tab|cap)\w*\s*\(|\bsliding\s+scale\b|\bper\s+protocol\b")
            .expect("a fixed pattern")
    });
    const MAX_SIG_BYTES: usize = 180;
    let words = after.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';' | '-' | '.'));
    (BEYOND.is_match(words) && find_dose(words).is_some()).then(|| truncate_at_word(words, MAX_SIG_BYTES))
}

const EVERY: &str = r"(?i:
    (?:once|twice|three\s+times|thrice|four\s+times|five\s+times|one\s+time|two\s+times|[1-6l]\s?x|[1-6]\s+times)\s*(?:a|per|/|each|every)?\s*(?:day|daily|week(?:ly)?|wk|month(?:ly)?)
    | every\s+(?:other\s+)?(?:\d{1,2}(?:\s*(?:to|-|–)\s*\d{1,2})?\s*)?(?:hours?|hrs?|h|days?|weeks?|wks?|months?|mornings?|evenings?|nights?|minutes|mins?)
    | q\.?\s?\d{1,2}(?:\s?[-–]\s?\d{1,2})?\s?(?:hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|min)
    | q\.?\s?(?:week|wk|weekly|month|monthly|day|daily|other\s+day|am|pm|hs|h\.s\.|od|d|evening|morning|night|mwf|shift)\b\.?
    | b\.?[i1l]\.?d\b\.? | t\.?[i1l]\.?d\b\.? | q\.?[i1l]\.?d\b\.?
    | (?:once\s+)?daily | nightly | weekly | monthly | bimonthly | biweekly | twice | once\b
    | at\s+(?:bedtime|night|noon) | hs\b | qhs\b | before\s+bed(?:time)?
    | in\s+the\s+(?:morning|evening|afternoon|a\.?m\.?|p\.?m\.?)
    | (?:before|with|after)\s+(?:meals|food|breakfast|lunch|dinner|supper) | ac\b | ac\s*&\s*hs | fasting
    | as\s+needed(?:\s+for\s+(?:[a-z]+)(?:\s+pain)?)? | prn(?:\s+(?:for\s+)?(?:severe\s+|moderate\s+|mild\s+)?(?:pain|nausea|wheez\w*|anxiety|sleep|headaches?|constipation|fever|spasms?|sob|dyspnea|chest\s+pain|itching|allerg\w+|insomnia|cough))? | p\.r\.n\.
    | each\s+(?:morning|evening|night|day)(?:\s+and\s+(?:each\s+)?(?:evening|night|bedtime|morning))?
    | (?:una|dos|tres|cuatro)\s+(?:vez|veces)\s+(?:al|por)\s+d[ií]a | cada\s+\d{1,2}(?:\s*(?:a|-|–)\s*\d{1,2})?\s*(?:horas|h|d[ií]as)
    | al\s+acostarse | por\s+la\s+(?:noche|mañana|tarde) | si\s+es\s+necesario | a\s+demanda
    | continuous(?:ly)? | stat\b | mwf\b | on\s+(?:mon|tues|wednes|thurs|fri|satur|sun)days?
)";

static FREQUENCY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?x)\b(?:{EVERY})(?:[\s,]*(?:and\s+)?(?:{EVERY}|(?i:x|for)\s*\d{{1,3}}\s*(?i:days|weeks|months|doses)))*"
    ))
    .expect("a fixed pattern")
});

/// The first frequency of the text.
pub(crate) fn find_frequency(text: &str) -> Option<SigPart> {
    let found = FREQUENCY.find_iter(text).find(|found| {
        // "once weekly, NOT daily" says what it is not.
        let is_denied = text[..found.start()].trim_end().to_lowercase().ends_with("not");
        // `once` and `twice` alone say how often something happened, not how often it is to be taken.
        !is_denied && !matches!(found.as_str().trim().to_lowercase().as_str(), "once" | "twice" | "ac")
    })?;
    let words: Vec<String> = found.as_str().split_whitespace().map(restore_letters).collect();
    let text = words.join(" ").trim_end_matches([',', ' ']).to_owned();
    Some(SigPart { range: found.range(), text })
}

/// Restores letters that were recognised as digits, as in `B1D`.
fn restore_letters(word: &str) -> String {
    let bare: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    match bare.to_uppercase().replace(['1', 'L'], "I").as_str() {
        "BID" => word.replace(['1', 'l'], if word.starts_with('b') { "i" } else { "I" }),
        "TID" => word.replace(['1', 'l'], if word.starts_with('t') { "i" } else { "I" }),
        "QID" => word.replace(['1', 'l'], if word.starts_with('q') { "i" } else { "I" }),
        _ => word.to_owned(),
    }
}

/// A key that is the same for frequencies with the same meaning, such as `BID` and `twice daily`.
pub(crate) fn frequency_key(frequency: &str) -> String {
    let bare: String =
        frequency.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect();
    let has = |word: &str| bare.contains(word);
    let times = if has("bid")
        || has("dos veces al día")
        || has("cada 12")
        || has("twice")
        || has("two times")
        || has("q12h")
        || has("every 12")
    {
        "2/day"
    } else if has("tid")
        || has("tres veces al día")
        || has("cada 8")
        || has("three times")
        || has("q8h")
        || has("every 8")
    {
        "3/day"
    } else if has("qid")
        || has("cuatro veces al día")
        || has("cada 6")
        || has("four times")
        || has("q6h")
        || has("every 6")
    {
        "4/day"
    } else if has("week") || has("q7d") {
        return bare.replace(' ', "");
    } else if has("other day") || has("qod") {
        "1/2days"
    } else if has("daily")
        || has("every day")
        || has("qd")
        || has("night")
        || has("bedtime")
        || has("qhs")
        || has("morning")
        || has("evening")
        || has("once a day")
        || has("vez al día")
        || has("cada día")
        || has("cada 24")
        || has("qam")
        || has("qpm")
        || has("qday")
        || has("q24h")
    {
        "1/day"
    } else {
        ""
    };
    if times.is_empty() { bare.replace(' ', "") } else { times.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> (Option<String>, Option<String>, Option<String>) {
        let text = |part: Option<SigPart>| part.map(|part| part.text);
        (text(find_dose(line)), text(find_route(line)), text(find_frequency(line)))
    }

    fn some(text: &str) -> Option<String> {
        (!text.is_empty()).then(|| text.to_owned())
    }

    #[test]
    fn sigs_are_read_despite_recognition_errors() {
        for (line, dose, route, frequency) in [
            ("Metformin 500 mg PO BID", "500 mg", "by mouth", "BID"),
            ("Metformin 5OOmg P0 B1D", "500 mg", "by mouth", "BID"),
            ("lisinopril l0 mg by mouth daily", "10 mg", "by mouth", "daily"),
            ("Xyzmab 40 mg SC every 2 weeks", "40 mg", "subcutaneous", "every 2 weeks"),
            ("insulin glargine 20 units subcutaneously at bedtime", "20 units", "subcutaneous", "at bedtime"),
            ("acetaminophen 500-1000 mg PO q6h prn pain", "500-1000 mg", "by mouth", "q6h prn pain"),
            ("Norco 5/325 mg 1 tab every 6 hours as needed", "5/325 mg", "", "every 6 hours as needed"),
            ("levothyroxine 50 mcg once daily in the morning", "50 mcg", "", "once daily in the morning"),
            ("albuterol 2 puffs inhaled q4-6h PRN", "2 puffs", "inhaled", "q4-6h PRN"),
            ("norepinephrine 0.02 mcg/kg/min IV", "0.02 mcg/kg/min", "intravenous", ""),
            ("warfarin 5 mg", "5 mg", "", ""),
            ("alprazolam .25-.5 mg PO BID", "0.25-0.5 mg", "by mouth", "BID"),
            ("hydrocortisone 1% cream topically twice a day", "1%", "on the skin", "twice a day"),
            ("amoxicillin 875 mg PO BID x 10 days", "875 mg", "by mouth", "BID x 10 days"),
        ] {
            assert_eq!(texts(line), (some(dose), some(route), some(frequency)), "{line}");
        }
    }

    #[test]
    fn results_are_not_doses() {
        for line in ["calcium 8.9 mg/dL", "T2D", "glucose 120", "pulses 2+"] {
            assert_eq!(find_dose(line), None, "{line}");
        }
    }

    #[test]
    fn frequencies_of_one_meaning_have_one_key() {
        assert_eq!(frequency_key("BID"), frequency_key("twice daily"));
        assert_eq!(frequency_key("qhs"), frequency_key("daily"));
        assert_ne!(frequency_key("BID"), frequency_key("daily"));
        assert_ne!(frequency_key("weekly"), frequency_key("daily"));
    }
}
