//! Problems of the analysis from mentions: one for each problem, those of relatives apart.

use maneiro_api::analysis::{Assertion, ClinicalStatus, Problem};

use super::{mentions::ProblemMention, names::lowercase_words};
use crate::extract::statements::{cite_page_once, group_by_key, unverified};

/// One problem for each name; active ones first.
pub(crate) fn merge_problems(mentions: &[ProblemMention]) -> Vec<Problem> {
    let groups = group_by_key(mentions.iter().map(|mention| {
        let is_of_relative = mention.assertion == Assertion::Family;
        ((mention.key.clone(), is_of_relative), mention)
    }));
    let mut problems: Vec<Problem> = groups.into_iter().map(|group| merge_group(&group)).collect();
    problems.sort_by_key(|problem| match (problem.statement.assertion, problem.status) {
        (Assertion::Present, ClinicalStatus::Active) => 0,
        (Assertion::Possible, ClinicalStatus::Active | ClinicalStatus::Past) => 1,
        (Assertion::Present | Assertion::Historical, ClinicalStatus::Past | ClinicalStatus::Active) => 2,
        (Assertion::Family, ClinicalStatus::Active | ClinicalStatus::Past) => 3,
        (Assertion::Negated | Assertion::Planned, ClinicalStatus::Active | ClinicalStatus::Past) => 4,
    });
    problems
}

fn merge_group(group: &[&ProblemMention]) -> Problem {
    let status = merge_status(group);
    let assertion = match (merge_assertion(group), status) {
        (Assertion::Present, ClinicalStatus::Past) => Assertion::Historical,
        (other, ClinicalStatus::Active | ClinicalStatus::Past) => other,
    };
    // A record of two languages is shown in the one that speaks of the problem more often.
    let is_spanish = group.iter().filter(|mention| mention.is_spanish).count() * 2 > group.len();
    let name = group
        .iter()
        .filter(|mention| {
            mention.assertion == assertion
                || (assertion == Assertion::Historical && mention.assertion == Assertion::Present)
        })
        .max_by_key(|mention| {
            (mention.is_spanish == is_spanish, mention.is_list_entry, mention.name.len().min(40))
        })
        .map_or_else(|| group[0].name.clone(), |mention| mention.name.clone());
    let text = match assertion {
        Assertion::Present if status == ClinicalStatus::Active => name.clone(),
        Assertion::Present | Assertion::Historical => format!("{name} (past)"),
        Assertion::Possible => format!("Possible: {}", lowercase_words(&name)),
        Assertion::Family => format!("Family history: {}", lowercase_words(&name)),
        Assertion::Negated => format!("No {}", lowercase_words(&name)),
        Assertion::Planned => format!("Planned: {}", lowercase_words(&name)),
    };
    let supporting = group.iter().filter(|mention| mention.assertion == assertion);
    let listed_first = supporting.clone().filter(|mention| mention.is_list_entry).chain(supporting);
    let mut citations = Vec::new();
    for mention in listed_first {
        cite_page_once(&mut citations, &mention.citation);
    }
    if citations.is_empty() {
        cite_page_once(&mut citations, &group[0].citation);
    }
    Problem { statement: unverified(text, assertion, citations), name, status, coding: None }
}

fn merge_assertion(group: &[&ProblemMention]) -> Assertion {
    let newest = |assertion| {
        group
            .iter()
            .filter(|mention| mention.assertion == assertion)
            .map(|mention| mention.chronological_key())
            .max()
    };
    // A suspicion that a later page rules out is a denial.
    let uncertain = if newest(Assertion::Negated) > newest(Assertion::Possible) {
        [Assertion::Negated, Assertion::Possible]
    } else {
        [Assertion::Possible, Assertion::Negated]
    };
    [Assertion::Present, Assertion::Historical]
        .into_iter()
        .chain(uncertain)
        .find(|assertion| newest(*assertion).is_some())
        .unwrap_or(Assertion::Family)
}

/// Past if the newest mention that calls the problem resolved is later than the newest that has it as active, or if
/// nothing has it as active. "Prior admission for lupus" resolves nothing that another page has as active.
fn merge_status(group: &[&ProblemMention]) -> ClinicalStatus {
    let newest = |status| {
        group
            .iter()
            .filter(|mention| {
                mention.status == status
                    && matches!(mention.assertion, Assertion::Present | Assertion::Historical)
            })
            .map(|mention| mention.chronological_key())
            .max()
    };
    let resolved =
        group.iter().filter(|mention| mention.is_resolved).map(|mention| mention.chronological_key()).max();
    match (newest(ClinicalStatus::Active), newest(ClinicalStatus::Past)) {
        (Some(active), _) if resolved > Some(active) => ClinicalStatus::Past,
        (None, Some(_)) => ClinicalStatus::Past,
        (Some(_) | None, Some(_) | None) => ClinicalStatus::Active,
    }
}
