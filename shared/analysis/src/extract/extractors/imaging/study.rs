//! Which imaging study a text names: the modality and the parts of the body.

use std::{collections::BTreeSet, ops::Range, sync::LazyLock};

use maneiro_api::analysis::capitalise;
use regex::Regex;

use crate::lexicon::{IMAGING, IMAGING_ABBREVIATIONS, TermMatch};

/// A modality and the parts of the body that it shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StudyType {
    pub(crate) modality: &'static str,
    /// Sides and parts of the body, sorted.
    pub(crate) body_parts: BTreeSet<String>,
}

impl StudyType {
    /// Whether a study of this type fulfils an order for another: the same modality, and no other part of the body.
    pub(crate) fn fulfils(&self, ordered: &Self) -> bool {
        modality_family(self.modality) == modality_family(ordered.modality)
            && (ordered.body_parts.is_empty()
                || self.body_parts.is_empty()
                || !self.body_parts.is_disjoint(&ordered.body_parts))
    }
}

fn modality_family(modality: &'static str) -> &'static str {
    match modality {
        "CT angiogram" | "CTPA" => "CT",
        "MRA" | "MRCP" => "MRI",
        "chest X-ray" => "X-ray",
        "duplex ultrasound" => "ultrasound",
        other => other,
    }
}

const BODY_PART: &str = r"(?i:left|right|lt|rt|bilateral|upper|lower|extremity|extremities|shoulders?|knees?|hips?|spine|lumbar|cervical|thoracic|chest|thorax|abdomen|abdominal|pelvis|pelvic|brain|head|neck|wrists?|hands?|foot|feet|ankles?|elbows?|breasts?|renal|kidneys?|liver|thyroid|carotid|leg|arm|femur|tibia|humerus|forearm|ruq|gallbladder|heart|cardiac|sinus(?:es)?|orbits?|abd|pelv|l-spine|c-spine|t-spine|rle|lle|rue|lue|r|l|and|/|&|of|the)";

static BODY_PARTS_AFTER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"^(?:[\s,/-]+{BODY_PART}\b)+")).expect("a fixed pattern"));
static BODY_PARTS_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"(?:\b{BODY_PART}\s+)+$")).expect("a fixed pattern"));
static TECHNIQUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*,?\s*(?:(?:with(?:out)?(?:\s+and\s+with(?:out)?)?|w/?o?)\s+(?:iv\s+|intravenous\s+)?contrast|(?:\d|one|two|three|four|five)\s+views?|PA\s+and\s+lateral)",
    )
    .expect("a fixed pattern")
});

/// The study that a modality in the text belongs to, and the range of its whole name.
pub(crate) fn identify_study(text: &str, modality: &TermMatch) -> (StudyType, Range<usize>) {
    let range = &modality.range;
    let start = BODY_PARTS_BEFORE.find(&text[..range.start]).map_or(range.start, |found| found.start());
    let start = start + leading_filler(&text[start..range.start]);
    let mut end = range.end + BODY_PARTS_AFTER.find(&text[range.end..]).map_or(0, |found| found.end());
    end -= trailing_filler(&text[range.end..end]);
    let mut body_parts: BTreeSet<String> = text[start..end]
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 2 && !matches!(*word, "and" | "the"))
        .filter_map(body_part)
        .collect();
    let modality = IMAGING.entry(modality.entry).name;
    if modality == "chest X-ray" || modality == "CTPA" {
        body_parts.insert("chest".to_owned());
    }
    let technique = TECHNIQUE.find(&text[end..]).map_or(0, |found| found.end());
    (StudyType { modality, body_parts }, start..end + technique)
}

/// Length of the filler words that a text begins with.
fn leading_filler(text: &str) -> usize {
    let mut at = 0;
    for word in text.split_inclusive(' ') {
        if matches!(word.trim().to_lowercase().as_str(), "and" | "/" | "&" | "of" | "the" | "r" | "l") {
            at += word.len();
        } else {
            break;
        }
    }
    at
}

/// Length of the filler word that a text ends with.
fn trailing_filler(text: &str) -> usize {
    let trimmed = text.trim_end();
    let word = trimmed.rsplit([' ', ',']).next().unwrap_or_default().to_lowercase();
    if matches!(word.as_str(), "and" | "/" | "&" | "of" | "the") {
        text.len() - (trimmed.len() - word.len())
    } else {
        0
    }
}

/// The part of the body or the side that a word names, in one form for all its names.
fn body_part(word: &str) -> Option<String> {
    let name = match word {
        "lt" => "left",
        "rt" => "right",
        "abd" | "abdominal" => "abdomen",
        "pelvic" | "pelv" => "pelvis",
        "thorax" => "chest",
        "kidney" | "kidneys" => "renal",
        "lower" | "upper" | "extremity" | "extremities" | "leg" | "rle" | "lle" => "leg",
        other => other.trim_end_matches('s'),
    };
    static KNOWN_PART: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(&format!("^{BODY_PART}$")).expect("a fixed pattern"));
    (KNOWN_PART.is_match(name) || KNOWN_PART.is_match(word)).then(|| name.to_owned())
}

/// The name of a study for readers. A name in capitals is put in lower case, except for abbreviations.
pub(super) fn display_name(name: &str) -> String {
    let name = name.trim();
    if name.chars().any(char::is_lowercase) {
        return capitalise(name);
    }
    let words: Vec<String> = name
        .split(' ')
        .map(|word| if IMAGING_ABBREVIATIONS.contains(word) { word.to_owned() } else { word.to_lowercase() })
        .collect();
    capitalise(&words.join(" "))
}
