//! Contradictions between two places in the record. Each conflict cites both.

mod conflict;
mod laterality;
mod medications;

use maneiro_api::analysis::capitalise;

pub(crate) use self::{
    conflict::{Conflict, ConflictKind},
    laterality::{SideMention, find_side_mentions},
};
use self::{
    laterality::find_laterality_conflicts,
    medications::{
        find_denied_allergies, find_dose_conflicts, find_prescribed_allergens, find_stopped_but_listed,
    },
};
use crate::extract::{
    extractors::{
        allergies::AllergyMention,
        medications::MedicationMention,
        patient::{PatientField, PatientMentions},
        problems::ProblemMention,
    },
    statements::group_by_key,
};

/// All conflicts, allergies to prescribed drugs first.
pub(crate) fn find_conflicts(
    patient: &PatientMentions,
    medications: &[MedicationMention],
    allergies: &[AllergyMention],
    problems: &[ProblemMention],
    sides: &[SideMention],
) -> Vec<Conflict> {
    let mut conflicts = find_prescribed_allergens(medications, allergies);
    conflicts.extend(find_denied_allergies(allergies));
    conflicts.extend(find_dose_conflicts(medications));
    conflicts.extend(find_stopped_but_listed(medications));
    conflicts.extend(find_identity_conflicts(patient));
    conflicts.extend(find_laterality_conflicts(sides));
    conflicts.extend(find_denied_problems(problems));
    conflicts
}

/// Two birth dates or two sexes, so that pages of another patient may be among the pages.
fn find_identity_conflicts(patient: &PatientMentions) -> Vec<Conflict> {
    let births = first_two_values(&patient.birth_dates).map(|[first, second]| {
        let text =
            format!("Dates of birth disagree: {} in one place, {} in another", first.value, second.value);
        Conflict::new(ConflictKind::Identity, text, None, [&first.citation, &second.citation])
    });
    let sexes = first_two_values(&patient.sexes).map(|[first, second]| {
        let text = format!(
            "The patient's sex disagrees: {} in one place, {} in another",
            first.value.to_lowercase(),
            second.value.to_lowercase()
        );
        Conflict::new(ConflictKind::Identity, text, None, [&first.citation, &second.citation])
    });
    births.into_iter().chain(sexes).collect()
}

/// The first place of each of the first two values.
fn first_two_values<T: PartialEq>(fields: &[PatientField<T>]) -> Option<[&PatientField<T>; 2]> {
    let first = fields.first()?;
    let second = fields.iter().find(|field| field.value != first.value)?;
    Some([first, second])
}

/// "No history of diabetes" in one place, diabetes on a problem list in another.
fn find_denied_problems(problems: &[ProblemMention]) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    for group in group_by_key(problems.iter().map(|mention| (mention.key.clone(), mention))) {
        let denied = group.iter().find(|mention| mention.is_never);
        let present = group.iter().find(|mention| mention.is_active_list_entry());
        if let (Some(denied), Some(present)) = (denied, present) {
            // What began after the denial does not contradict it.
            if present.date.zip(denied.date).is_some_and(|(present, denied)| present > denied) {
                continue;
            }
            let text = format!("{} is listed in one place and denied in another", capitalise(&present.key));
            conflicts.push(Conflict::new(
                ConflictKind::DeniedProblem,
                text,
                denied.date,
                [&present.citation, &denied.citation],
            ));
        }
    }
    conflicts
}
