//! Conflicts about medications and allergies.

use std::collections::HashSet;

use maneiro_api::analysis::{Assertion, ClinicalStatus, capitalise};
use time::Date;

use super::conflict::{Conflict, ConflictKind};
use crate::{
    extract::{
        extractors::{
            allergies::AllergyMention,
            medications::{MAX_REGIMEN_GAP, MedicationMention},
        },
        statements::group_by_key,
    },
    lexicon::{DRUGS, RESTART_CUES, word_tokens},
};

/// Drugs that are prescribed although the patient is allergic to them or to their class.
pub(super) fn find_prescribed_allergens(
    medications: &[MedicationMention],
    allergies: &[AllergyMention],
) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    let current = medications.iter().filter(|mention| is_current(mention));
    let current = group_by_key(current.map(|mention| (mention.drug.clone(), mention)));
    let present = allergies.iter().filter(|allergy| allergy.is_present());
    for allergy in group_by_key(present.map(|allergy| (allergy.key.clone(), allergy))) {
        let allergy = allergy[0];
        let allergen_classes = drug_classes(&allergy.key);
        let is_allergen = |drug: &str| {
            drug == allergy.key || drug_classes(drug).iter().any(|class| allergen_classes.contains(class))
        };
        for drug in current.iter().filter(|drug| is_allergen(&drug[0].drug)) {
            let last = drug.iter().max_by_key(|mention| mention.chronological_key()).unwrap_or(&drug[0]);
            let text = format!(
                "Allergy and prescription disagree: allergy to {}, and {} is prescribed",
                allergy.substance.to_lowercase(),
                last.drug
            );
            conflicts.push(Conflict::new(
                ConflictKind::AllergyAndPrescription,
                text,
                last.date,
                [&allergy.citation, &last.citation],
            ));
        }
    }
    conflicts
}

fn is_current(mention: &MedicationMention) -> bool {
    mention.status == ClinicalStatus::Active && mention.assertion == Assertion::Present
}

/// Classes of drugs that an allergy may be to by name.
const CLASS_ALLERGENS: [&str; 6] = ["penicillin", "sulfa", "nsaid", "statin", "opioid", "cephalosporin"];

/// Classes that an allergy to one of their drugs does not extend to. For sulfonamide diuretics, a cross-reaction with
/// sulfonamide antibiotics is not borne out (Strom et al. 2003, N Engl J Med 349:1628-1635). Aspirin is no reason to avoid
/// every anti-inflammatory drug.
const CLASSES_WITHOUT_CROSS_REACTION: [&str; 4] =
    ["anticoagulant", "salicylate", "opioid", "sulfonamide diuretic"];

/// The classes that a drug belongs to or that an allergy extends to.
fn drug_classes(key: &str) -> Vec<&'static str> {
    let by_name = CLASS_ALLERGENS.into_iter().find(|class| *class == key);
    let listed = DRUGS.find_exact(key).into_iter().flat_map(|entry| DRUGS.entry(entry).tags());
    listed
        .filter(|class| !CLASSES_WITHOUT_CROSS_REACTION.contains(class) || by_name == Some(class))
        .chain(by_name)
        .collect()
}

/// No known allergies in one place, an allergy in another.
pub(super) fn find_denied_allergies(allergies: &[AllergyMention]) -> Option<Conflict> {
    let none = allergies.iter().find(|allergy| allergy.is_none_known() && !allergy.has_exceptions)?;
    let present: Vec<&AllergyMention> = allergies
        .iter()
        .filter(|allergy| allergy.is_present())
        .filter(|allergy| {
            DRUGS.find_exact(&allergy.key).is_some()
                || !drug_classes(&allergy.key).is_empty()
                || allergy.key == "contrast"
        })
        .collect();
    let first = present.first()?;
    let keyed = present.iter().map(|allergy| (allergy.key.clone(), allergy.substance.to_lowercase()));
    let names: Vec<String> =
        group_by_key(keyed).into_iter().filter_map(|names| names.into_iter().next()).collect();
    let text = format!("Allergies disagree: none known in one place, {} in another", names.join(", "));
    let date = none.date.max(first.date);
    Some(Conflict::new(ConflictKind::Allergies, text, date, [&none.citation, &first.citation]))
}

/// Two current doses or frequencies of one drug without a stated change.
pub(super) fn find_dose_conflicts(medications: &[MedicationMention]) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    for drug in group_by_key(medications.iter().map(|mention| (mention.drug.clone(), mention))) {
        if drug.iter().any(|mention| mention.explains_dose_change) {
            continue;
        }
        if let Some([first, second]) = find_contradiction(&drug) {
            let text = format!(
                "Doses of {} disagree: {} in one place, {} in another",
                first.drug,
                dose_and_frequency(first),
                dose_and_frequency(second)
            );
            conflicts.push(Conflict::new(
                ConflictKind::Dose,
                text,
                first.date.max(second.date),
                [&first.citation, &second.citation],
            ));
        }
    }
    conflicts
}

/// What decides whether a current dose contradicts another.
#[derive(PartialEq, Eq, Hash)]
struct StatedDose {
    dose: Option<String>,
    frequency: Option<String>,
    is_list_entry: bool,
    date: Option<Date>,
}

/// The first two current doses of a drug that contradict each other.
fn find_contradiction<'a>(drug: &[&'a MedicationMention]) -> Option<[&'a MedicationMention; 2]> {
    let current = drug.iter().copied().filter(|mention| {
        is_current(mention)
            && mention.sig.dose.is_some()
            && !mention.sig.is_irregular()
            && !mention.sig.has_dose_range()
    });
    // A page may repeat what a hundred others say: each dose is compared once.
    let mut seen = HashSet::new();
    let mut stated: Vec<(StatedDose, &MedicationMention)> = Vec::new();
    for mention in current {
        let stated_dose = || StatedDose {
            dose: mention.sig.dose_key(),
            frequency: mention.sig.frequency_key(),
            is_list_entry: mention.is_list_entry,
            date: mention.date,
        };
        if seen.insert(stated_dose()) {
            stated.push((stated_dose(), mention));
        }
    }
    let is_the_same = |(one, _): &(StatedDose, _)| {
        let first = &stated[0].0;
        (&one.dose, &one.frequency) == (&first.dose, &first.frequency)
    };
    if stated.iter().all(is_the_same) {
        return None;
    }
    stated.iter().enumerate().find_map(|(at, (first, one))| {
        let (_, other) = stated[at + 1..].iter().find(|(second, _)| first.contradicts(second))?;
        Some([*one, *other])
    })
}

impl StatedDose {
    fn contradicts(&self, other: &Self) -> bool {
        let frequencies = self.frequency.as_ref().zip(other.frequency.as_ref());
        let is_one_listed = self.is_list_entry || other.is_list_entry;
        let are_both_regular = self.is_list_entry && other.is_list_entry || frequencies.is_some();
        let differ = self.dose != other.dose || frequencies.is_some_and(|(one, other)| one != other);
        let are_close =
            self.date.zip(other.date).is_none_or(|(one, other)| (one - other).abs() <= MAX_REGIMEN_GAP);
        is_one_listed && are_both_regular && are_close && differ && self.is_in_unit_of(other)
    }

    /// A drip in units an hour is no contradiction to a single amount, nor a number of tablets to milligrams.
    fn is_in_unit_of(&self, other: &Self) -> bool {
        let unit = |dose: &Option<String>| {
            let is_number = |c: char| c.is_ascii_digit() || c == '.';
            dose.as_deref().map(|dose| dose.trim_start_matches(is_number).to_owned())
        };
        unit(&self.dose) == unit(&other.dose)
    }
}

fn dose_and_frequency(mention: &MedicationMention) -> String {
    let parts = [mention.sig.dose.as_deref(), mention.sig.frequency.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Medications that are stopped in one place and on a later medication list in another, without being restarted.
pub(super) fn find_stopped_but_listed(medications: &[MedicationMention]) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    for drug in group_by_key(medications.iter().map(|mention| (mention.drug.clone(), mention))) {
        let stopped = drug.iter().find(|mention| {
            mention.status == ClinicalStatus::Past && mention.assertion != Assertion::Possible
        });
        let Some(stopped) = stopped else { continue };
        let listed = drug.iter().find(|mention| {
            mention.is_list_entry
                && is_current(mention)
                && mention.chronological_key() > stopped.chronological_key()
                && mention
                    .date
                    .zip(stopped.date)
                    .is_none_or(|(listed, stopped)| listed - stopped <= MAX_REGIMEN_GAP)
        });
        let is_restarted = || {
            drug.iter().any(|mention| {
                mention.chronological_key() >= stopped.chronological_key()
                    && RESTART_CUES.is_in(&word_tokens(&mention.citation.quote))
            })
        };
        if let Some(listed) = listed.filter(|_| !is_restarted()) {
            let text = format!(
                "{} was stopped in one place and is listed as taken in a later one",
                capitalise(&listed.drug)
            );
            conflicts.push(Conflict::new(
                ConflictKind::StoppedMedication,
                text,
                listed.date,
                [&stopped.citation, &listed.citation],
            ));
        }
    }
    conflicts
}
