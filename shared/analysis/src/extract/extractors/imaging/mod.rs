//! Imaging studies and their results.

mod mentions;
mod study;

use maneiro_api::analysis::{Assertion, ImagingStudy};

use self::mentions::StudyMention;
pub(crate) use self::{
    mentions::StudyMentions,
    study::{StudyType, identify_study},
};
use crate::extract::statements::{cite, group_by_key, unverified};

/// A study with what the comparison of orders and results needs.
pub(crate) struct ExtractedStudy {
    pub(crate) study: ImagingStudy,
    pub(crate) study_type: StudyType,
    /// Last position in the record.
    pub(crate) position: usize,
}

/// All studies, one for each type and date.
pub(crate) fn merge_studies(mentions: StudyMentions) -> Vec<ExtractedStudy> {
    let keyed = mentions
        .mentions
        .into_iter()
        .map(|mention| ((mention.study_type.clone(), mention.date, mention.assertion), mention));
    group_by_key(keyed).iter().map(|group| merge_group(group)).collect()
}

fn merge_group(group: &[StudyMention]) -> ExtractedStudy {
    let best = group
        .iter()
        .max_by_key(|mention| (mention.result.is_some(), mention.is_report, mention.citations.len()))
        .unwrap_or(&group[0]);
    let text = match &best.result {
        Some(result) => format!("{}: {result}", best.name),
        None => match best.assertion {
            Assertion::Planned => format!("Planned: {}", best.name),
            Assertion::Possible => format!("Possible: {}", best.name),
            _ => best.name.clone(),
        },
    };
    let mut citations = best.citations.clone();
    for citation in group.iter().flat_map(|mention| mention.citations.iter()) {
        cite(&mut citations, citation);
    }
    ExtractedStudy {
        position: group.iter().map(|mention| mention.position).max().unwrap_or(0),
        study_type: best.study_type.clone(),
        study: ImagingStudy {
            statement: unverified(text, best.assertion, citations),
            study: best.name.clone(),
            date: best.date,
            date_text: None,
        },
    }
}
