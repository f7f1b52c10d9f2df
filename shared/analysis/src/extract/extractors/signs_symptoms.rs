//! Complaints and signs: each with its part of the body, whether it is affirmed or denied, and its day.

use std::{collections::HashSet, ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, SignSymptom, capitalise};
use regex::Regex;
use time::Date;

use crate::{
    extract::{
        context,
        input::{
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
        },
        statements::{cite_page_once, group_by_key, unverified},
    },
    lexicon::{
        BODY_PARTS, DRUGS, IMAGING, LABS, PART_MODIFIERS, PLACE_ADVERBS, PLACE_JOINTS,
        PROBLEM_COMPOUND_HEADS, PROBLEMS, PROCEDURES, SIGN_ADJECTIVES, SIGN_COMPOUND_HEADS, SIGNS_SYMPTOMS,
        TermMatch, singular,
    },
};

/// A mention of a complaint or sign.
pub(crate) struct SignMention {
    key: String,
    name: String,
    assertion: Assertion,
    date: Option<Date>,
    citation: Citation,
}

/// The mentions of a page, in order.
pub(crate) fn find_sign_mentions(page: &SegmentedPage<'_>) -> Vec<SignMention> {
    let mut mentions = Vec::new();
    for passage in &page.passages {
        if passage.section.is_searched_for(SearchTarget::SignSymptom) && !passage.is_head {
            find_in_passage(page, passage, &mut mentions);
        }
    }
    mentions
}

fn find_in_passage(page: &SegmentedPage<'_>, passage: &Passage, mentions: &mut Vec<SignMention>) {
    let text = &passage.text;
    let signs = SIGNS_SYMPTOMS.find(text, &passage.tokens);
    if signs.is_empty() {
        return;
    }
    let others: Vec<Range<usize>> = [&*PROBLEMS, &*LABS, &*PROCEDURES, &*IMAGING, &*DRUGS]
        .into_iter()
        .flat_map(|terms| terms.find(text, &passage.tokens))
        .map(|term| term.range)
        .collect();
    for (at, sign) in signs.iter().enumerate() {
        let range = &sign.range;
        let is_in_other_term = others
            .iter()
            .any(|other| other.start <= range.start && other.end >= range.end && other.len() > range.len());
        if is_in_other_term || is_compound_modifier(text, range) || is_purpose(text, range, &others) {
            continue;
        }
        // "Non-tender" denies it.
        let assertion = if is_denied_by_prefix(text, range.start) {
            Assertion::Negated
        } else {
            context::assertion(passage, range)
        };
        if !matches!(assertion, Assertion::Present | Assertion::Negated | Assertion::Historical) {
            continue;
        }
        let entry = SIGNS_SYMPTOMS.entry(sign.entry);
        if entry.has_tag("minor") && passage.section == Section::PhysicalExam {
            continue;
        }
        let name = if entry.has_tag("local") {
            local_name(passage, &signs, at)
        } else if !SIGNS_SYMPTOMS.is_own(sign.entry) {
            Some(written_name(passage, range))
        } else {
            None
        };
        let name = name.unwrap_or_else(|| noun_for(entry.name, sign.name).to_owned());
        mentions.push(SignMention {
            key: if entry.has_tag("local") { name.clone() } else { entry.name.to_owned() },
            name: capitalise(&name),
            assertion,
            date: passage.encounter_date,
            citation: passage.cite_with_context(page.source, range),
        });
    }
}

fn is_denied_by_prefix(text: &str, start: usize) -> bool {
    let before = text[..start].to_lowercase();
    before.ends_with("non-") || before.ends_with("non ")
}

/// The name of a sign that stands alone: the noun for an adjective, "tenderness" for "tender".
fn noun_for<'a>(noun: &'a str, listed: &'a str) -> &'a str {
    if SIGN_ADJECTIVES.contains(listed) { noun } else { singular(listed, &[noun]) }
}

/// Whether the term only specifies the noun after it: "pain management", "stress test".
fn is_compound_modifier(text: &str, range: &Range<usize>) -> bool {
    let next = text[range.end..].split_whitespace().next().unwrap_or_default().to_lowercase();
    let next = next.trim_matches(|c: char| !c.is_alphanumeric());
    // "pain, clinic" are two things.
    let is_joined = text[range.end..].starts_with([' ', '-']);
    let before = text[..range.start].split_whitespace().next_back().unwrap_or_default().to_lowercase();
    is_joined && (PROBLEM_COMPOUND_HEADS.contains(next) || SIGN_COMPOUND_HEADS.contains(next))
        || before == "body" && text[range.end..].trim_start().to_lowercase().starts_with("index")
}

/// Whether it is what a medicine is for: "tramadol as needed for pain".
fn is_purpose(text: &str, range: &Range<usize>, others: &[Range<usize>]) -> bool {
    static FOR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:for|prn|against)\s+(?:[a-z]+\s+){0,3}$").expect("a fixed pattern")
    });
    let has_drug = others
        .iter()
        .any(|other| other.end < range.start && DRUGS.find_exact(&text[other.clone()]).is_some());
    FOR.is_match(&text[..range.start]) && (has_drug || text[..range.start].to_lowercase().contains("prn"))
}

static MODIFIERS: LazyLock<HashSet<String>> = LazyLock::new(|| PART_MODIFIERS.words().collect());
static PARTS: LazyLock<HashSet<String>> =
    LazyLock::new(|| BODY_PARTS.words().chain(PART_MODIFIERS.words()).collect());

/// Longest place after a sign.
const MAX_PLACE_WORDS: usize = 7;

/// The name with the part of the body before it, or else after it or after the sign that shares it: "numbness and tingling in
/// the feet".
fn local_name(passage: &Passage, signs: &[TermMatch], at: usize) -> Option<String> {
    let (text, tokens, range) = (&passage.text, &passage.tokens, &signs[at].range);
    let first = tokens.iter().position(|token| token.range.start >= range.start)?;
    let is_joined = |at: usize| is_space(&text[tokens[at - 1].range.end..tokens[at].range.start]);
    let mut start = first;
    // "Ankles are mildly swollen".
    while start > 0 && PLACE_ADVERBS.contains_word(&tokens[start - 1].key) && is_joined(start) {
        start -= 1;
    }
    let end = start;
    while start > 0 && PARTS.contains(&tokens[start - 1].key) && is_joined(start) {
        start -= 1;
    }
    let sign = noun_for(SIGNS_SYMPTOMS.entry(signs[at].entry).name, signs[at].name);
    let before =
        (start < end).then(|| text[tokens[start].range.start..tokens[end - 1].range.end].to_lowercase());
    // "Significant tenderness of the right upper leg": what stands before it says how much, not where.
    let has_place = tokens[start..end].iter().any(|token| !MODIFIERS.contains(&token.key));
    if let Some(place) = before.as_ref().filter(|_| has_place) {
        return Some(format!("{place} {sign}"));
    }
    // The sign next to it may share its place.
    let mut from = range.end;
    for next in &signs[at + 1..] {
        let between = text[from..next.range.start].trim().to_lowercase();
        if !matches!(between.as_str(), "and" | "or" | "," | "/" | ", and" | ", or") {
            break;
        }
        from = next.range.end;
    }
    let sign = before.map_or_else(|| sign.to_owned(), |before| format!("{before} {sign}"));
    match place_after(text, passage, from) {
        Some(place) => Some(format!("{sign} {place}")),
        None => (start < end).then_some(sign),
    }
}

/// The place after a sign: "of the right lower quadrant".
fn place_after(text: &str, passage: &Passage, from: usize) -> Option<String> {
    let tokens = &passage.tokens;
    let first = tokens.iter().position(|token| token.range.start >= from)?;
    let mut end = first;
    let mut last_part = None;
    while let Some(token) = tokens.get(end) {
        let gap_start = if end == first { from } else { tokens[end - 1].range.end };
        let is_modifier = MODIFIERS.contains(&token.key);
        let is_part = PARTS.contains(&token.key);
        if !is_space(&text[gap_start..token.range.start]) || end - first > MAX_PLACE_WORDS {
            break;
        }
        // "Over the lateral malleolus": the word after a direction is a part.
        let follows_modifier = end > first && MODIFIERS.contains(&tokens[end - 1].key);
        if follows_modifier && !is_part && !PLACE_JOINTS.contains_word(&token.key) {
            last_part = Some(end);
            break;
        }
        if !is_part && !PLACE_JOINTS.contains_word(&token.key) {
            break;
        }
        if is_part && !is_modifier {
            last_part = Some(end);
        }
        end += 1;
    }
    let last = last_part?;
    // "pain. Left knee" and "swelling left" without a joint are not joined.
    let has_joint = PLACE_JOINTS.contains_word(&tokens[first].key);
    let place = text[tokens[first].range.start..tokens[last].range.end].to_lowercase();
    has_joint.then(|| {
        place
            .split(' ')
            .map(|word| if matches!(word, "her" | "his" | "their" | "my") { "the" } else { word })
            .collect::<Vec<_>>()
            .join(" ")
    })
}

/// The name of a catalog's term as it is written, with the words that specify it: "right knee pain", "mild scoliosis".
fn written_name(passage: &Passage, range: &Range<usize>) -> String {
    let (text, tokens) = (&passage.text, &passage.tokens);
    let mut first = tokens.partition_point(|token| token.range.start < range.start);
    let is_joined = |at: usize| is_space(&text[tokens[at - 1].range.end..tokens[at].range.start]);
    while first > 0 && PARTS.contains(&tokens[first - 1].key) && is_joined(first) {
        first -= 1;
    }
    text[tokens.get(first).map_or(range.start, |token| token.range.start)..range.end].to_lowercase()
}

fn is_space(between: &str) -> bool {
    between.chars().all(|c| c.is_whitespace() || c == '-')
}

/// One item for each complaint or sign, assertion and day.
pub(crate) fn merge_signs(mentions: Vec<SignMention>) -> Vec<SignSymptom> {
    let keyed =
        mentions.into_iter().map(|mention| ((mention.key.clone(), mention.assertion, mention.date), mention));
    group_by_key(keyed)
        .into_iter()
        .map(|group| {
            let name = group.iter().map(|mention| &mention.name).max_by_key(|name| name.len().min(40));
            let name = name.unwrap_or(&group[0].name).clone();
            let (assertion, date) = (group[0].assertion, group[0].date);
            let text = match assertion {
                Assertion::Negated => format!("No {}", lowercase_first(&name)),
                Assertion::Historical => format!("{name} (past)"),
                _ => name.clone(),
            };
            let mut citations = Vec::new();
            for mention in group {
                cite_page_once(&mut citations, &mention.citation);
            }
            SignSymptom {
                statement: unverified(text, assertion, citations),
                name,
                coding: None,
                date,
                date_text: None,
            }
        })
        .collect()
}

fn lowercase_first(name: &str) -> String {
    if name.chars().nth(1).is_some_and(char::is_uppercase) {
        return name.to_owned();
    }
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
