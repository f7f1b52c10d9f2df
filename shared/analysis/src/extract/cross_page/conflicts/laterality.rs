//! Conflicts of laterality: an operation or injury on the left in one place and on the right in another.

use std::ops::Range;

use maneiro_api::analysis::Citation;
use time::Date;

use super::conflict::{Conflict, ConflictKind};
use crate::{
    extract::{
        input::{passage::Passage, sections::SearchTarget, segmentation::SegmentedPage},
        statements::group_by_key,
    },
    lexicon::{PROBLEMS, PROCEDURES},
};

/// A mention of a procedure or problem with its side of the body.
pub(crate) struct SideMention {
    name: &'static str,
    side: BodySide,
    /// The first year in the sentence.
    year: Option<String>,
    date: Option<Date>,
    citation: Citation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodySide {
    Left,
    Right,
    Both,
}

/// Mentions of one side from which on both sides are likely to be affected.
const MIN_REPEATED_MENTIONS: usize = 3;

/// The mentions of a page, in order.
pub(crate) fn find_side_mentions(page: &SegmentedPage<'_>) -> Vec<SideMention> {
    let mut mentions: Vec<SideMention> = Vec::new();
    for passage in &page.passages {
        if passage.section.is_searched_for(SearchTarget::Laterality) {
            find_in_passage(page, passage, &mut mentions);
        }
    }
    mentions
}

pub(super) fn find_laterality_conflicts(mentions: &[SideMention]) -> Vec<Conflict> {
    group_by_key(mentions.iter().map(|mention| (mention.name, mention)))
        .iter()
        .filter_map(|group| find_contradiction(group))
        .collect()
}

fn find_in_passage(page: &SegmentedPage<'_>, passage: &Passage, mentions: &mut Vec<SideMention>) {
    let text = &passage.text;
    let procedures = PROCEDURES
        .find(text, &passage.tokens)
        .into_iter()
        .map(|found| (PROCEDURES.entry(found.entry).name, found.range));
    let problems = PROBLEMS
        .find(text, &passage.tokens)
        .into_iter()
        .filter(|found| PROBLEMS.entry(found.entry).has_tag("sided"))
        .map(|found| (PROBLEMS.entry(found.entry).name, found.range));
    for (name, range) in procedures.chain(problems) {
        let Some(side) = find_side(text, &range) else { continue };
        let year = text
            .split(|c: char| !c.is_ascii_digit())
            .find(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20")))
            .map(str::to_owned);
        mentions.push(SideMention {
            name,
            side,
            year,
            date: passage.encounter_date,
            citation: passage.cite_with_context(page.source, &range),
        });
    }
}

/// The side within the term, within three words before it or within three after it.
fn find_side(text: &str, range: &Range<usize>) -> Option<BodySide> {
    let side = |word: &str| match word.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase().as_str() {
        "left" | "lt" => Some(BodySide::Left),
        "right" | "rt" => Some(BodySide::Right),
        "bilateral" | "both" => Some(BodySide::Both),
        _ => None,
    };
    text[range.clone()]
        .split_whitespace()
        .find_map(side)
        .or_else(|| text[..range.start].split_whitespace().rev().take(3).find_map(side))
        .or_else(|| text[range.end..].split_whitespace().take(3).find_map(side))
}

/// A left and a right mention that contradict each other. Each side may have had its own procedure, so that only the same
/// year or a missing year is a contradiction, and only if the sides are not both mentioned often.
fn find_contradiction(group: &[&SideMention]) -> Option<Conflict> {
    let on_side = |side| group.iter().filter(move |mention| mention.side == side);
    let affects_both_sides = on_side(BodySide::Both).next().is_some()
        || [BodySide::Left, BodySide::Right]
            .into_iter()
            .all(|side| on_side(side).count() >= MIN_REPEATED_MENTIONS);
    if affects_both_sides {
        return None;
    }
    let (left, right) = on_side(BodySide::Left).find_map(|left| {
        let right = on_side(BodySide::Right).find(|right| {
            left.year.as_ref().zip(right.year.as_ref()).is_none_or(|(left, right)| left == right)
        })?;
        Some((left, right))
    })?;
    let text = format!("Sides disagree: {} on the left in one place, on the right in another", left.name);
    let date = left.date.max(right.date);
    Some(Conflict::new(ConflictKind::Laterality, text, date, [&left.citation, &right.citation]))
}
