//! Allergies and intolerances, with what happened; that none are known is said as such.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Allergy, Assertion, Citation};
use regex::Regex;
use time::Date;

use crate::extract::{
    Reading, context,
    input::sections::Section,
    input::segmentation::Passage,
    statements::{self, capital, grouped},
};
use crate::lexicon::DRUGS;

/// One place that speaks of an allergy.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    pub(crate) key: String,
    pub(crate) substance: String,
    pub(crate) reaction: Option<String>,
    pub(crate) assertion: Assertion,
    pub(crate) date: Option<Date>,
    pub(crate) citation: Citation,
    /// It says that none are known besides those named.
    pub(crate) otherwise: bool,
}

/// The key of "no known allergies".
pub(crate) const NONE_KNOWN: &str = "no known allergies";

static NKDA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:NK[D0]A|NKA|no\s+known\s+(?:drug\s+|medication\s+|food\s+)?allerg(?:y|ies)|no\s+(?:drug\s+|medication\s+)?allerg(?:y|ies)|denies\s+(?:any\s+)?(?:drug\s+|medication\s+)?allergies|not\s+allergic\s+to\s+any\s+\w+|allergies\s*:?\s*none(?:\s+known)?)\b").expect("a fixed pattern")
});
static ALLERGIC_TO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:allergic\s+(?:reaction\s+)?to|(?:allergy|allergies|intolerance|anaphylaxis|hypersensitivity)\s+to|intolerant\s+(?:of|to))\s+(?P<what>[A-Za-z][A-Za-z/-]*(?:\s+[A-Za-z/-]+)?)").expect("a fixed pattern")
});
static X_ALLERGY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?P<what>[A-Za-z]+(?:\s[a-z]+)?)[\s-]+(?i:allerg(?:y|ic)|intolerance)\b")
        .expect("a fixed pattern")
});
static REACTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:dry|childhood|mild|severe|skin|facial|lip|tongue|throat|urticarial)\s+)*(?:rash|hives|urticaria\w*|anaphyla\w+|angioedema|swelling|itching|pruritus|nausea|vomiting|gi\s+upset|gi\s+bleed\w*|stomach\s+upset|diarrhea|cough|dyspnea|shortness\s+of\s+breath|wheezing|bronchospasm|stevens[- ]johnson(?:\s+syndrome)?|sjs|hypotension|dizziness|headache|bradycardia|tachycardia|myalgias?|confusion|throat\s+closing|red\s+man\s+syndrome|flushing|unknown(?:\s+reaction)?|reaction(?:\s+unknown)?|contact\s+dermatitis|blisters?)(?:\s+(?:reaction|and\s+(?:swelling|itching|vomiting|rash|hives)))?\b").expect("a fixed pattern")
});

/// What people are allergic to besides medicines.
const OTHER_SUBSTANCES: [&str; 30] = [
    "sulfa",
    "latex",
    "iodine",
    "contrast",
    "iodinated contrast",
    "iv contrast",
    "contrast dye",
    "shellfish",
    "peanuts",
    "peanut",
    "tree nuts",
    "nuts",
    "eggs",
    "egg",
    "milk",
    "soy",
    "wheat",
    "bee stings",
    "bee venom",
    "pollen",
    "dust",
    "dust mites",
    "cats",
    "dogs",
    "adhesive tape",
    "tape",
    "nsaids",
    "statins",
    "opioids",
    "cephalosporins",
];

/// All mentions, in the order of the record.
pub(crate) fn mentions(reading: &Reading<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    for passage in &reading.passages {
        if matches!(passage.section, Section::Furniture | Section::Family) {
            continue;
        }
        let none = NKDA.find(&passage.text).map(|none| none.range());
        let stated_none = passage.section == Section::Allergies
            && context::says(&passage.text, &["none", "none known", "denies"])
            && passage.keys.len() <= 4;
        let before = found.len();
        if passage.section == Section::Allergies && !stated_none {
            entries(reading, passage, none.as_ref(), &mut found);
        } else {
            prose(reading, passage, &mut found);
        }
        if let Some(range) = none.or_else(|| stated_none.then(|| passage.all())) {
            let otherwise = found.len() > before
                || context::says(&passage.text, &["otherwise", "other"])
                || passage.text[range.end..].to_lowercase().contains("except");
            found.push(Mention {
                key: NONE_KNOWN.to_owned(),
                substance: "No known drug allergies".to_owned(),
                reaction: None,
                assertion: Assertion::Negated,
                date: passage.date,
                citation: passage.cite_around(reading.pages, &range),
                otherwise,
            });
        }
    }
    found
}

/// "Penicillin (rash); Sulfa - hives", or the cells of a row.
fn entries(reading: &Reading<'_>, passage: &Passage, none: Option<&Range<usize>>, found: &mut Vec<Mention>) {
    let text = &passage.text;
    for range in pieces(text) {
        if none.is_some_and(|none| none.start < range.end && range.start < none.end) {
            continue;
        }
        let piece = &text[range.clone()];
        let reaction = REACTION.find(piece);
        let named = substance(piece, reaction.map_or(piece.len(), |reaction| reaction.start()));
        // "She received prednisone before the scan" is under the heading and no allergy.
        let given = reaction.is_none()
            && context::says(
                piece,
                &[
                    "received",
                    "given",
                    "took",
                    "takes",
                    "tolerated",
                    "tolerates",
                    "premedicated",
                    "pre-medicated",
                    "administered",
                ],
            );
        let Some(name) = named.filter(|_| !given) else {
            // "…, swelling" goes on about the one before.
            continue;
        };
        let at = range.start + name.start..range.start + name.end;
        let assertion = context::assertion(text, &at, passage.section);
        if matches!(assertion, Assertion::Negated | Assertion::Family) {
            continue;
        }
        found.push(Mention {
            key: key(&piece[name.clone()]),
            substance: capital(&piece[name.clone()]),
            reaction: reaction.map(|reaction| reaction.as_str().to_lowercase()),
            assertion: Assertion::Present,
            date: passage.date,
            citation: passage.cite(reading.pages, &range),
            otherwise: false,
        });
    }
}

/// Cuts at semicolons and at commas outside brackets.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let (mut start, mut depth) = (0, 0_i32);
    for (at, c) in text.char_indices().chain([(text.len(), ';')]) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ';' | ',' | '|' if depth <= 0 || at == text.len() => {
                if text[start..at].chars().any(char::is_alphabetic) {
                    pieces.push(start..at);
                }
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    pieces
}

/// The substance of an entry: a known one, else the first words before a reaction, bracket, dash or colon.
fn substance(piece: &str, until: usize) -> Option<Range<usize>> {
    if let Some(known) = known_substance(piece) {
        return Some(known);
    }
    let head = &piece[..until];
    let end = head.find(['(', ':', '-', '–', '—', '=', '>']).unwrap_or(head.len());
    let start = head.len() - head.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    if start >= end {
        return None;
    }
    let name = head[start..end].trim_end_matches(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = name.split_whitespace().collect();
    let first = words.first()?.to_lowercase();
    let noise = [
        "substance",
        "allergen",
        "reaction",
        "severity",
        "reviewed",
        "allergies",
        "allergy",
        "drug",
        "none",
        "patient",
        "see",
        "updated",
        "last",
        "verified",
        "status",
        "type",
        "date",
        "per",
        "causes",
        "with",
        "mild",
        "severe",
        "moderate",
        "no",
        "unknown",
        "and",
        "active",
        "the",
        "she",
        "he",
        "confirmed",
        "noted",
        "has",
        "reports",
        "onset",
        "family",
        "social",
        "history",
        "non",
        "never",
        "gyn",
        "hx",
        "signed",
        "page",
        "please",
    ];
    // A known reaction or one that stands before it makes a word a substance; a bare word must be capital.
    let likely = words.len() <= 3
        && name.len() >= 3
        && !noise.contains(&first.as_str())
        && (until < piece.len()
            || (name.starts_with(char::is_uppercase) && piece.split_whitespace().count() <= 4))
        && name.starts_with(char::is_alphabetic);
    likely.then(|| start..start + name.len())
}

fn known_substance(text: &str) -> Option<Range<usize>> {
    let keys = crate::lexicon::keys(text);
    let drug = DRUGS.find(text, &keys).into_iter().next().map(|hit| hit.range);
    let other = OTHER_SUBSTANCES
        .iter()
        .filter_map(|name| {
            let wanted: Vec<String> = crate::lexicon::keys(name).into_iter().map(|key| key.key).collect();
            let at = keys
                .windows(wanted.len())
                .position(|words| words.iter().zip(&wanted).all(|(word, want)| word.key == *want))?;
            Some(keys[at].range.start..keys[at + wanted.len() - 1].range.end)
        })
        .min_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    match (drug, other) {
        (Some(drug), Some(other)) => Some(if other.start < drug.start { other } else { drug }),
        (drug, other) => drug.or(other),
    }
}

/// "allergic to penicillin (rash)", "PCN allergy"
fn prose(reading: &Reading<'_>, passage: &Passage, found: &mut Vec<Mention>) {
    let text = &passage.text;
    let mut hits: Vec<Range<usize>> = Vec::new();
    for capture in ALLERGIC_TO.captures_iter(text).chain(X_ALLERGY.captures_iter(text)) {
        let Some(what) = capture.name("what") else { continue };
        let Some(name) = known_substance(what.as_str()) else { continue };
        let at = what.start() + name.start..what.start() + name.end;
        if hits.iter().any(|hit| hit.start < at.end && at.start < hit.end) {
            continue;
        }
        hits.push(at.clone());
        let assertion = context::assertion(text, &at, passage.section);
        if matches!(assertion, Assertion::Negated | Assertion::Family) {
            continue;
        }
        let reaction = REACTION
            .find(&text[at.end..])
            .filter(|reaction| text[at.end..at.end + reaction.start()].split_whitespace().count() <= 5);
        found.push(Mention {
            key: key(&text[at.clone()]),
            substance: capital(&text[at.clone()]),
            reaction: reaction
                .map(|reaction| reaction.as_str().to_lowercase())
                .filter(|reaction| reaction != "reaction"),
            assertion: if assertion == Assertion::Possible {
                Assertion::Possible
            } else {
                Assertion::Present
            },
            date: passage.date,
            citation: passage.cite_around(reading.pages, &at),
            otherwise: false,
        });
    }
}

/// What all names of the substance have in common.
fn key(name: &str) -> String {
    if let Some(entry) = DRUGS.exact(name) {
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

/// One allergy per substance.
pub(crate) fn merged(mentions: &[Mention]) -> Vec<Allergy> {
    grouped(mentions.iter().map(|mention| (mention.key.clone(), mention)))
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
                (Some(reaction), _) => format!("Allergy to {}: {reaction}", lower_first(&substance)),
                (None, _) => format!("Allergy to {}", lower_first(&substance)),
            };
            let mut citations = Vec::new();
            for mention in group.iter().filter(|mention| mention.reaction.is_some()).chain(group.iter()) {
                statements::cite(&mut citations, mention.citation.clone());
            }
            Allergy { statement: statements::statement(text, assertion, citations), substance, reaction }
        })
        .collect()
}

fn lower_first(name: &str) -> String {
    if name.chars().skip(1).any(char::is_uppercase) {
        return name.to_owned();
    }
    name.to_lowercase()
}
