//! Allergies and intolerances with their reactions, and statements that none are known.

use std::{cmp::Reverse, ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Allergy, Assertion, Citation, capitalise};
use regex::Regex;
use time::Date;

use crate::{
    extract::{
        context,
        input::{
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
            tables::ColumnRole,
        },
        statements::{cite_page_once, group_by_key, unverified},
    },
    lexicon::{
        ADMINISTRATION_CUES, ALLERGEN_STOPWORDS, ALLERGENS, DRUGS, WordToken, contains_phrase, word_tokens,
    },
};

/// A mention of an allergy.
#[derive(Debug, Clone)]
pub(crate) struct AllergyMention {
    /// The same for all names of the substance.
    pub(crate) key: String,
    pub(crate) substance: String,
    reaction: Option<String>,
    pub(crate) assertion: Assertion,
    pub(crate) date: Option<Date>,
    pub(crate) citation: Citation,
    /// For "no known allergies": whether it excepts allergies that it names.
    pub(crate) has_exceptions: bool,
}

impl AllergyMention {
    pub(crate) fn is_none_known(&self) -> bool {
        self.key == NO_KNOWN_ALLERGIES
    }

    /// Whether the patient is allergic to the substance.
    pub(crate) fn is_present(&self) -> bool {
        !self.is_none_known() && self.assertion == Assertion::Present
    }
}

const NO_KNOWN_ALLERGIES: &str = "no known allergies";

static NONE_KNOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:NK[D0]A|NKA|no\s+known\s+(?:drug\s+|medication\s+|food\s+)?allerg(?:y|ies)|no\s+(?:drug\s+|medication\s+)?allerg(?:y|ies)|denies\s+(?:any\s+)?(?:drug\s+|medication\s+)?allergies|not\s+allergic\s+to\s+any\s+\w+|allergies\s*:?\s*none(?:\s+known)?)\b").expect("a fixed pattern")
});
static ALLERGIC_TO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:allergic\s+(?:reaction\s+)?to|(?:allergy|allergies|intolerance|anaphylaxis|hypersensitivity)\s+to|intolerant\s+(?:of|to))\s+(?P<what>[A-Za-z][A-Za-z/-]*(?:\s+[A-Za-z/-]+)?)").expect("a fixed pattern")
});
static ALLERGY_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?P<what>[A-Za-z]+(?:\s[a-z]+)?)[\s-]+(?i:allerg(?:y|ic)|intolerance)\b")
        .expect("a fixed pattern")
});
static REACTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:dry|childhood|mild|severe|skin|facial|lip|tongue|throat|urticarial)\s+)*(?:rash|hives|urticaria\w*|anaphyla\w+|angioedema|swelling|itching|pruritus|nausea|vomiting|gi\s+upset|gi\s+bleed\w*|stomach\s+upset|diarrhea|cough|dyspnea|shortness\s+of\s+breath|wheezing|bronchospasm|stevens[- ]johnson(?:\s+syndrome)?|sjs|hypotension|dizziness|headache|bradycardia|tachycardia|myalgias?|confusion|throat\s+closing|red\s+man\s+syndrome|flushing|unknown(?:\s+reaction)?|reaction(?:\s+unknown)?|contact\s+dermatitis|blisters?)(?:\s+(?:reaction|and\s+(?:swelling|itching|vomiting|rash|hives)))?\b").expect("a fixed pattern")
});

/// The mentions of a page, in order.
pub(crate) fn find_allergy_mentions(page: &SegmentedPage<'_>) -> Vec<AllergyMention> {
    let mut mentions = Vec::new();
    for passage in &page.passages {
        if !passage.section.is_searched_for(SearchTarget::Allergy) {
            continue;
        }
        let none_known = NONE_KNOWN.find(&passage.text).map(|found| found.range());
        let is_empty_entry = passage.section == Section::Allergies
            && contains_phrase(&passage.tokens, &["none", "none known", "denies"])
            && passage.tokens.len() <= 4;
        let before = mentions.len();
        if passage.is_head {
            continue;
        }
        if passage.section == Section::Allergies && !passage.cells.is_empty() && none_known.is_none() {
            mentions.extend(allergy_of_row(page, passage));
        } else if passage.section == Section::Allergies && !is_empty_entry {
            find_in_entry(page, passage, none_known.as_ref(), &mut mentions);
        } else {
            find_in_prose(page, passage, &mut mentions);
        }
        if let Some(range) = none_known.or_else(|| is_empty_entry.then(|| passage.range())) {
            let has_exceptions = mentions.len() > before
                || contains_phrase(&passage.tokens, &["otherwise", "other"])
                || passage.text[range.end..].to_lowercase().contains("except");
            mentions.push(AllergyMention {
                key: NO_KNOWN_ALLERGIES.to_owned(),
                substance: "No known drug allergies".to_owned(),
                reaction: None,
                assertion: Assertion::Negated,
                date: passage.encounter_date,
                citation: passage.cite_with_context(page.source, &range),
                has_exceptions,
            });
        }
    }
    mentions
}

/// Allergies of a list entry or a table row: "Penicillin (rash); Sulfa - hives".
fn find_in_entry(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    none_known: Option<&Range<usize>>,
    mentions: &mut Vec<AllergyMention>,
) {
    let text = &passage.text;
    for range in split_entries(text) {
        if none_known.is_some_and(|none| none.start < range.end && range.start < none.end) {
            continue;
        }
        let entry = &text[range.clone()];
        let tokens = word_tokens(entry);
        let reaction = REACTION.find(entry);
        // "She received prednisone before the scan" is under the heading and is not an allergy.
        if reaction.is_none() && ADMINISTRATION_CUES.is_in(&tokens) {
            continue;
        }
        // An entry without a substance only continues the one before: "…, swelling".
        let name_limit = reaction.map_or(entry.len(), |reaction| reaction.start());
        let Some(name) = find_substance(entry, &tokens, name_limit) else { continue };
        let assertion = context::assertion(passage, &(range.start + name.start..range.start + name.end));
        if matches!(assertion, Assertion::Negated | Assertion::Family | Assertion::Planned) {
            continue;
        }
        mentions.push(AllergyMention {
            key: substance_key(&entry[name.clone()]),
            substance: capitalise(&entry[name]),
            reaction: reaction.map(|reaction| reaction.as_str().to_lowercase()),
            assertion: Assertion::Present,
            date: passage.encounter_date,
            citation: passage.cite(page.source, &range),
            has_exceptions: false,
        });
    }
}

/// The allergy of a table's row. One that is no longer active is of the past.
fn allergy_of_row(page: &SegmentedPage<'_>, passage: &Passage) -> Option<AllergyMention> {
    static NOT_ACTIVE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:inactive|resolved|refuted|ruled\s+out|no\s+longer)\b").expect("a fixed pattern")
    });
    let cell = passage.cells.iter().find(|cell| cell.role.is_name())?;
    let written = &passage.text[cell.range.clone()];
    let known = find_known_substance(written, &word_tokens(written));
    // "Amoxicillin 500 mg capsule" is an allergy to the drug; "Bee venom protein" is named as it is written.
    let name = known.map_or(written, |range| &written[range]).trim_matches(|c: char| !c.is_alphanumeric());
    let status = passage.cell(ColumnRole::Status).unwrap_or_default();
    if name.len() < 2 || !name.starts_with(char::is_alphabetic) || status.to_lowercase().contains("error") {
        return None;
    }
    let reaction =
        passage.cell(ColumnRole::Reaction).filter(|reaction| reaction.chars().any(char::is_alphabetic));
    Some(AllergyMention {
        key: substance_key(name),
        substance: capitalise(name),
        reaction: reaction.map(str::to_lowercase),
        assertion: if NOT_ACTIVE.is_match(status) { Assertion::Historical } else { Assertion::Present },
        date: passage.encounter_date,
        citation: passage.cite(page.source, &passage.range()),
        has_exceptions: false,
    })
}

/// Splits at semicolons, at vertical bars, and at commas outside brackets.
fn split_entries(text: &str) -> Vec<Range<usize>> {
    let mut entries = Vec::new();
    let (mut start, mut depth) = (0, 0_i32);
    for (at, c) in text.char_indices().chain([(text.len(), ';')]) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ';' | ',' | '|' if depth <= 0 || at == text.len() => {
                if text[start..at].chars().any(char::is_alphabetic) {
                    entries.push(start..at);
                }
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    entries
}

/// The substance of an entry: a known one, or else the first words before a bracket, a dash, a colon or `limit`.
fn find_substance(entry: &str, tokens: &[WordToken], limit: usize) -> Option<Range<usize>> {
    if let Some(known) = find_known_substance(entry, tokens) {
        return Some(known);
    }
    let head = &entry[..limit];
    let end = head.find(['(', ':', '-', '–', '—', '=', '>']).unwrap_or(head.len());
    let start = head.len() - head.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    if start >= end {
        return None;
    }
    let name = head[start..end].trim_end_matches(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = name.split_whitespace().collect();
    let first = words.first()?.to_lowercase();
    // A reaction after a word makes it a substance. Without one it must have a capital and almost stand alone.
    let is_substance = words.len() <= 3
        && name.len() >= 3
        && !ALLERGEN_STOPWORDS.contains(&first)
        && (limit < entry.len()
            || (name.starts_with(char::is_uppercase) && entry.split_whitespace().count() <= 4))
        && name.starts_with(char::is_alphabetic);
    is_substance.then(|| start..start + name.len())
}

/// The first drug or other known allergen.
fn find_known_substance(text: &str, tokens: &[WordToken]) -> Option<Range<usize>> {
    let drug = DRUGS.find(text, tokens).into_iter().next().map(|drug| drug.range);
    let other = ALLERGENS.find_each(tokens).min_by_key(|range| (range.start, Reverse(range.end)));
    match (drug, other) {
        (Some(drug), Some(other)) => Some(if other.start < drug.start { other } else { drug }),
        (drug, other) => drug.or(other),
    }
}

/// Allergies in prose: "allergic to penicillin (rash)", "PCN allergy".
fn find_in_prose(page: &SegmentedPage<'_>, passage: &Passage, mentions: &mut Vec<AllergyMention>) {
    let text = &passage.text;
    let mut found: Vec<Range<usize>> = Vec::new();
    for capture in ALLERGIC_TO.captures_iter(text).chain(ALLERGY_AFTER.captures_iter(text)) {
        let Some(what) = capture.name("what") else { continue };
        let Some(name) = find_known_substance(what.as_str(), &word_tokens(what.as_str())) else { continue };
        let range = what.start() + name.start..what.start() + name.end;
        if found.iter().any(|other| other.start < range.end && range.start < other.end) {
            continue;
        }
        found.push(range.clone());
        let assertion = context::assertion(passage, &range);
        if matches!(assertion, Assertion::Negated | Assertion::Family | Assertion::Planned) {
            continue;
        }
        let reaction = REACTION
            .find(&text[range.end..])
            .filter(|reaction| text[range.end..range.end + reaction.start()].split_whitespace().count() <= 5);
        mentions.push(AllergyMention {
            key: substance_key(&text[range.clone()]),
            substance: capitalise(&text[range.clone()]),
            reaction: reaction
                .map(|reaction| reaction.as_str().to_lowercase())
                .filter(|reaction| reaction != "reaction"),
            assertion: if assertion == Assertion::Possible {
                Assertion::Possible
            } else {
                Assertion::Present
            },
            date: passage.encounter_date,
            citation: passage.cite_with_context(page.source, &range),
            has_exceptions: false,
        });
    }
}

/// The same for all names of a substance.
fn substance_key(name: &str) -> String {
    if let Some(entry) = DRUGS.find_exact(name) {
        return DRUGS.entry(entry).name.to_owned();
    }
    let lower = name.to_lowercase();
    if lower.contains("contrast") {
        "contrast".to_owned()
    } else if lower.contains("sulfa") || lower.contains("sulpha") || lower.contains("sulfonamide") {
        "sulfa".to_owned()
    } else if lower.contains("penicillin") {
        "penicillin".to_owned()
    } else {
        lower.trim_end_matches('s').to_owned()
    }
}

/// One allergy for each substance.
pub(crate) fn merge_allergies(mentions: &[AllergyMention]) -> Vec<Allergy> {
    group_by_key(mentions.iter().map(|mention| (mention.key.clone(), mention)))
        .into_iter()
        .map(|group| {
            let reaction = group
                .iter()
                .filter_map(|mention| mention.reaction.clone())
                .max_by_key(|reaction| (!reaction.contains("unknown"), reaction.len()));
            let substance = group
                .iter()
                .map(|mention| &mention.substance)
                .max_by_key(|name| (name.to_lowercase() == group[0].key, name.len()))
                .cloned()
                .unwrap_or_default();
            let assertion = if group.iter().any(|mention| mention.assertion == Assertion::Present) {
                Assertion::Present
            } else {
                group[0].assertion
            };
            let text = match (&reaction, assertion) {
                (_, Assertion::Negated) => substance.clone(),
                (Some(reaction), _) => format!("Allergy to {}: {reaction}", lowercase_name(&substance)),
                (None, _) => format!("Allergy to {}", lowercase_name(&substance)),
            };
            let mut citations = Vec::new();
            for mention in group.iter().filter(|mention| mention.reaction.is_some()).chain(group.iter()) {
                cite_page_once(&mut citations, &mention.citation);
            }
            Allergy { statement: unverified(text, assertion, citations), substance, reaction }
        })
        .collect()
}

fn lowercase_name(name: &str) -> String {
    if name.chars().skip(1).any(char::is_uppercase) {
        return name.to_owned();
    }
    name.to_lowercase()
}
