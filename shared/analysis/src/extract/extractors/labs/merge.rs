//! Laboratory results of the analysis from mentions: one for each test, value and date.

use std::collections::HashMap;

use maneiro_api::analysis::{Assertion, LabFlag, LabResult, capitalise};

use super::{flags::compute_flag, mentions::LabMention, results::WrittenResult};
use crate::extract::statements::{cite_page_once, group_by_key, unverified};

/// A result with what the comparison of orders and results needs.
pub(crate) struct ExtractedLab {
    pub(crate) result: LabResult,
    /// The same for all names of the test.
    pub(crate) test: String,
    /// Last position in the record.
    pub(crate) position: usize,
}

/// Flagged rows of a page from which on a missing flag means that a value is normal.
const MIN_FLAGGED_ROWS: usize = 3;

/// All results, one for each test, value and date.
pub(crate) fn merge_labs(mentions: Vec<LabMention>) -> Vec<ExtractedLab> {
    let mut flagged_rows: HashMap<usize, usize> = HashMap::new();
    for mention in mentions.iter().filter(|mention| mention.is_recognised && mention.result.flag.is_some()) {
        *flagged_rows.entry(mention.page).or_default() += 1;
    }
    let keyed = mentions
        .into_iter()
        .map(|mention| ((mention.key.clone(), mention.result.value.clone(), mention.date), mention));
    group_by_key(keyed)
        .into_iter()
        .map(|group| {
            let best = group
                .iter()
                .max_by_key(|mention| {
                    let result = &mention.result;
                    usize::from(result.reference_range.is_some()) + usize::from(result.unit.is_some())
                })
                .unwrap_or(&group[0]);
            let page_has_flags = flagged_rows.get(&best.page).is_some_and(|count| *count >= MIN_FLAGGED_ROWS);
            let flag = merge_flags(&group, best, page_has_flags);
            let is_planned = best.assertion == Assertion::Planned;
            let text = if is_planned {
                format!("Planned: {}", best.name)
            } else {
                describe(&best.name, &best.result, flag)
            };
            let mut citations = Vec::new();
            for mention in std::iter::once(best).chain(&group) {
                cite_page_once(&mut citations, &mention.citation);
            }
            ExtractedLab {
                test: best.key.clone(),
                position: group.iter().map(|mention| mention.position).max().unwrap_or(0),
                result: LabResult {
                    statement: unverified(text, best.assertion, citations),
                    name: best.name.clone(),
                    value: best.result.value.clone(),
                    value_as_read: None,
                    unit: best.result.unit.clone(),
                    reference_range: best.result.reference_range.clone(),
                    flag,
                    date: best.date,
                },
            }
        })
        .collect()
}

/// The written flag, or else the computed one. On a scanned page that flags abnormal values, an unflagged value outside its range
/// is more likely a lost decimal point than abnormal, so that it has no flag.
fn merge_flags(group: &[LabMention], best: &LabMention, page_has_flags: bool) -> Option<LabFlag> {
    let written = group.iter().find_map(|mention| mention.result.flag);
    let range = best.result.reference_range.as_ref();
    let computed = range.and_then(|range| compute_flag(&best.result.value, range)).map(|(flag, _)| flag);
    written.or(computed.filter(|flag| !page_has_flags || *flag == LabFlag::Normal))
}

fn describe(name: &str, result: &WrittenResult, flag: Option<LabFlag>) -> String {
    let mut text = format!("{} {}", capitalise(name), result.value);
    if let Some(unit) = &result.unit {
        text.push_str(if unit == "%" { "" } else { " " });
        text.push_str(unit);
    }
    text.push_str(match flag {
        Some(LabFlag::High) => ", high",
        Some(LabFlag::Low) => ", low",
        Some(LabFlag::Abnormal) => ", abnormal",
        Some(LabFlag::Normal) | None => "",
    });
    if let Some(range) = &result.reference_range {
        text.push_str(&format!(" (range {range})"));
    }
    text
}
