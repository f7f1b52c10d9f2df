//! Imaging studies and what they found.

use std::{collections::BTreeSet, ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, ImagingStudy};
use regex::Regex;
use time::Date;

use crate::extract::{
    Reading, context,
    cross_page::pending_orders,
    input::dates,
    input::sections::Section,
    input::segmentation::Passage,
    statements::{self, capital, grouped},
};
use crate::lexicon::IMAGING;

/// A study and what the checks need to know of it.
pub(crate) struct Found {
    pub(crate) imaging: ImagingStudy,
    pub(crate) study: Study,
    pub(crate) order: usize,
}

/// What is looked at, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Study {
    pub(crate) modality: &'static str,
    /// Sides and parts of the body, sorted.
    pub(crate) parts: BTreeSet<String>,
}

impl Study {
    /// Whether a study answers a request for another: the same modality, no other part.
    pub(crate) fn answers(&self, asked: &Self) -> bool {
        let family = |modality: &'static str| match modality {
            "CT angiogram" | "CTPA" => "CT",
            "MRA" | "MRCP" => "MRI",
            "chest X-ray" => "X-ray",
            "duplex ultrasound" => "ultrasound",
            other => other,
        };
        family(self.modality) == family(asked.modality)
            && (asked.parts.is_empty() || self.parts.is_empty() || !self.parts.is_disjoint(&asked.parts))
    }
}

const PART: &str = r"(?i:left|right|lt|rt|bilateral|upper|lower|extremity|extremities|shoulders?|knees?|hips?|spine|lumbar|cervical|thoracic|chest|thorax|abdomen|abdominal|pelvis|pelvic|brain|head|neck|wrists?|hands?|foot|feet|ankles?|elbows?|breasts?|renal|kidneys?|liver|thyroid|carotid|leg|arm|femur|tibia|humerus|forearm|ruq|gallbladder|heart|cardiac|sinus(?:es)?|orbits?|abd|pelv|l-spine|c-spine|t-spine|rle|lle|rue|lue|r|l|and|/|&|of|the)";

static AFTER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"^(?:[\s,/-]+{PART}\b)+")).expect("a fixed pattern"));
static BEFORE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"(?:\b{PART}\s+)+$")).expect("a fixed pattern"));
static CONTRAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*,?\s*(?:(?:with(?:out)?(?:\s+and\s+with(?:out)?)?|w/?o?)\s+(?:iv\s+|intravenous\s+)?contrast|(?:\d|one|two|three|four|five)\s+views?|PA\s+and\s+lateral)",
    )
    .expect("a fixed pattern")
});

/// The study that a hit of the list is of, and the words that name it.
pub(crate) fn study(text: &str, hit: &crate::lexicon::Hit) -> (Study, Range<usize>) {
    let start = BEFORE.find(&text[..hit.range.start]).map_or(hit.range.start, |found| found.start());
    let start = start + leading_filler(&text[start..hit.range.start]);
    let mut end = hit.range.end + AFTER.find(&text[hit.range.end..]).map_or(0, |found| found.end());
    end -= trailing_filler(&text[hit.range.end..end]);
    let named = start..end;
    let mut parts: BTreeSet<String> = text[named.clone()]
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 2 && !matches!(*word, "and" | "the"))
        .filter_map(part)
        .collect();
    let modality = IMAGING.entry(hit.entry).name;
    if modality == "chest X-ray" || modality == "CTPA" {
        parts.insert("chest".to_owned());
    }
    let contrast = CONTRAST.find(&text[end..]).map_or(0, |found| found.end());
    (Study { modality, parts }, start..end + contrast)
}

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

fn trailing_filler(text: &str) -> usize {
    let kept = text.trim_end();
    let word = kept.rsplit([' ', ',']).next().unwrap_or_default().to_lowercase();
    if matches!(word.as_str(), "and" | "/" | "&" | "of" | "the") {
        text.len() - (kept.len() - word.len())
    } else {
        0
    }
}

fn part(word: &str) -> Option<String> {
    let whole = match word {
        "lt" => "left",
        "rt" => "right",
        "abd" | "abdominal" => "abdomen",
        "pelvic" | "pelv" => "pelvis",
        "thorax" => "chest",
        "kidney" | "kidneys" => "renal",
        "lower" | "upper" | "extremity" | "extremities" | "leg" | "rle" | "lle" => "leg",
        other => other.trim_end_matches('s'),
    };
    static KNOWN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(&format!("^{PART}$")).expect("a fixed pattern"));
    (KNOWN.is_match(whole) || KNOWN.is_match(word)).then(|| whole.to_owned())
}

struct Mention {
    study: Study,
    name: String,
    date: Option<Date>,
    finding: Option<String>,
    order: usize,
    citations: Vec<Citation>,
    /// It heads a report.
    report: bool,
}

/// All studies, one per study and day.
pub(crate) fn imaging(reading: &Reading<'_>) -> Vec<Found> {
    let mut mentions: Vec<Mention> = Vec::new();
    let mut report: Option<(usize, usize)> = None;
    for (order, passage) in reading.passages.iter().enumerate() {
        if matches!(
            passage.section,
            Section::Furniture
                | Section::Family
                | Section::Medications
                | Section::Allergies
                | Section::Immunizations
                | Section::Social
        ) {
            continue;
        }
        if report.is_some_and(|(_, page)| passage.page > page + 1) {
            report = None;
        }
        if let Some((at, page)) = report.filter(|_| passage.section == Section::Impression) {
            let signed = impression(reading, passage, &mut mentions[at]);
            report = (!signed).then_some((at, page.max(passage.page)));
            continue;
        }
        if passage.section == Section::Findings && report.is_some() {
            continue;
        }
        for hit in IMAGING.find(&passage.text, &passage.keys) {
            let Some(mention) = mention(reading, passage, order, &hit) else { continue };
            let heads = mention.report;
            // The title of a report names its study twice: as a heading and as the examination.
            let known = report.is_some_and(|(at, page)| {
                page == passage.page
                    && mentions[at].study.answers(&mention.study)
                    && mentions[at].report
                    && heads
            });
            if known {
                if let Some((at, _)) = report {
                    let earlier = &mut mentions[at];
                    if mention.name.len() > earlier.name.len() {
                        earlier.name = mention.name;
                        earlier.study = mention.study;
                        earlier.citations = mention.citations;
                    }
                    earlier.date = earlier.date.or(mention.date);
                }
                continue;
            }
            mentions.push(mention);
            if heads {
                report = Some((mentions.len() - 1, passage.page));
            }
        }
    }
    // A title without a finding says only that a page exists.
    mentions.retain(|mention| mention.finding.is_some() || mention.report);
    merged(mentions)
}

fn mention(
    reading: &Reading<'_>,
    passage: &Passage,
    order: usize,
    hit: &crate::lexicon::Hit,
) -> Option<Mention> {
    let text = &passage.text;
    let (study, named) = study(text, hit);
    let words = text.split_whitespace().count();
    let heading_like = words <= 14
        && passage.leads
        && !passage.listed
        && matches!(
            passage.section,
            Section::Top | Section::Exam | Section::Imaging | Section::Procedures | Section::Other
        )
        && named.start <= 40
        && !study.parts.is_empty()
        && !text[named.end..].trim_start().starts_with(':')
        && !text.contains(". ");
    let after = past_date(text[named.end..].trim_start());
    let tells = after.starts_with([':', '-', '–', '—', '('])
        || context::says(
            after,
            &[
                "showed",
                "shows",
                "show",
                "revealed",
                "reveals",
                "demonstrated",
                "demonstrates",
                "with",
                "normal",
                "negative",
                "consistent",
                "unremarkable",
                "notable",
                "positive",
                "impression",
                "confirmed",
                "no",
                "read",
                "reads",
                "found",
                "stable",
                "unchanged",
                "improved",
                "worsening",
                "improving",
                "remarkable",
            ],
        );
    let placed = matches!(
        passage.section,
        Section::Imaging
            | Section::Labs
            | Section::Impression
            | Section::Hpi
            | Section::Assessment
            | Section::Other
            | Section::Top
            | Section::Reason
    );
    let finding = (tells
        && (placed || after.starts_with(':') || !dates::find(text).is_empty())
        && after.split_whitespace().count() >= 2)
        .then(|| clean(after));
    if pending_orders::ordered(text, &named) || (finding.is_none() && !heading_like) {
        return None;
    }
    match context::assertion(text, &hit.range, passage.section) {
        Assertion::Family | Assertion::Possible => return None,
        Assertion::Present | Assertion::Negated | Assertion::Historical => {}
    }
    let own = dates::find(text);
    let date = own
        .iter()
        .find(|found| found.range.start >= named.end)
        .or_else(|| own.iter().rev().find(|found| found.range.end <= named.start))
        .map(|found| found.date)
        .or(passage.date);
    let finding =
        finding.filter(|_| !(heading_like && !after.contains(": ") && words <= 10 && own.len() == 1));
    Some(Mention {
        study,
        name: shown(&text[named.clone()]),
        date,
        order,
        citations: vec![passage.cite_around(reading.pages, &named)],
        report: heading_like && finding.is_none(),
        finding,
    })
}

/// What stands after the day of the study: "MRI left shoulder 02/10/2024: …".
fn past_date(after: &str) -> &str {
    let bare = after.trim_start_matches(['(', ',', ' ']);
    let bare = bare.strip_prefix("on ").unwrap_or(bare);
    match dates::find(bare).first() {
        Some(found) if found.range.start == 0 => bare[found.range.end..].trim_start_matches([')', ',', ' ']),
        Some(_) | None => after,
    }
}

/// Who signed, or that somebody did: the report ends there.
static SIGNATURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:[A-Z][\w.'’-]*\s+){1,3}[A-Z][\w'’-]+,\s*(?:MD|M\.D\.|DO|D\.O\.)|(?i:\b(?:electronically\s+)?(?:signed|dictated|authenticated)\b)",
    )
    .expect("a fixed pattern")
});

/// Gives an impression to the study it is of, and says whether the report's signature ended it.
fn impression(reading: &Reading<'_>, passage: &Passage, mention: &mut Mention) -> bool {
    let signature = SIGNATURE.find(&passage.text).map(|found| found.start());
    let said = 0..signature.unwrap_or(passage.text.len());
    let text = clean(&passage.text[said.clone()]);
    if text.split_whitespace().count() < 2 {
        return signature.is_some();
    }
    let finding = mention.finding.get_or_insert_with(String::new);
    if finding.len() + text.len() < 600 {
        if !finding.is_empty() {
            finding.push(' ');
        }
        finding.push_str(&text);
    }
    statements::cite_both(&mut mention.citations, passage.cite(reading.pages, &said));
    signature.is_some()
}

fn clean(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '*')).to_owned()
}

/// A shouted name is set back, abbreviations stay.
fn shown(name: &str) -> String {
    let name = name.trim();
    if name.chars().any(char::is_lowercase) {
        return capital(name);
    }
    let words: Vec<String> = name
        .split(' ')
        .map(|word| {
            let known = matches!(
                word,
                "MRI"
                    | "CT"
                    | "CXR"
                    | "MRA"
                    | "MRCP"
                    | "PET"
                    | "PET/CT"
                    | "CTA"
                    | "US"
                    | "DEXA"
                    | "DXA"
                    | "TTE"
                    | "TEE"
                    | "HIDA"
                    | "MBSS"
                    | "RUQ"
                    | "X-RAY"
                    | "IV"
            );
            if known { word.to_owned() } else { word.to_lowercase() }
        })
        .collect();
    capital(&words.join(" "))
}

fn merged(mentions: Vec<Mention>) -> Vec<Found> {
    let keyed = mentions.into_iter().map(|mention| ((mention.study.clone(), mention.date), mention));
    grouped(keyed)
        .into_iter()
        .map(|group| {
            let best = group
                .iter()
                .max_by_key(|mention| (mention.finding.is_some(), mention.report, mention.citations.len()))
                .unwrap_or(&group[0]);
            let text = match &best.finding {
                Some(finding) => format!("{}: {finding}", best.name),
                None => best.name.clone(),
            };
            let mut citations = best.citations.clone();
            for citation in group.iter().flat_map(|mention| mention.citations.iter()) {
                statements::cite_both(&mut citations, citation.clone());
            }
            Found {
                order: group.iter().map(|mention| mention.order).max().unwrap_or(0),
                study: best.study.clone(),
                imaging: ImagingStudy {
                    statement: statements::statement(text, Assertion::Present, citations),
                    study: best.name.clone(),
                    date: best.date,
                },
            }
        })
        .collect()
}
