//! Medications of the analysis from mentions: one for each drug, dose and frequency.

use maneiro_api::analysis::{
    Assertion, ClinicalStatus, Medication, MedicationCourse, MedicationState, capitalise,
};

use super::{
    mentions::MedicationMention,
    regimens::{MAX_REGIMEN_GAP, group_into_regimens, last_date, prevailing_frequency},
};
use crate::{
    extract::statements::{MAX_CITATIONS, cite_page_once, group_by_key, unverified},
    lexicon::DRUGS,
    text::{fold, is_within_one_edit},
};

/// One medication for each drug, dose and frequency; active ones first.
pub(crate) fn merge_medications(mentions: &[MedicationMention]) -> Vec<Medication> {
    let mut medications = Vec::new();
    for drug in group_by_key(mentions.iter().map(|mention| (mention.drug.clone(), mention))) {
        let name = drug
            .iter()
            .find(|mention| mention.written_name.to_lowercase() == mention.drug)
            .map_or_else(|| display_name(drug[0]), |mention| capitalise(&mention.drug));
        let regimens = group_into_regimens(&drug);
        let newest = regimens.iter().filter_map(|regimen| last_date(regimen)).max();
        for regimen in &regimens {
            let mut medication = merge_regimen(&name, regimen);
            let is_replaced = regimens.len() > 1
                && last_date(regimen).zip(newest).is_some_and(|(date, newest)| {
                    date < newest
                        && (newest - date > MAX_REGIMEN_GAP
                            || drug.iter().any(|mention| mention.explains_dose_change))
                });
            if is_replaced && medication.status == ClinicalStatus::Active {
                medication.status = ClinicalStatus::Past;
                medication.statement.assertion = Assertion::Historical;
                medication.statement.text.push_str(" (earlier dose)");
                if let Some(later) = newest_dose(&drug) {
                    medication.statement.citations.truncate(MAX_CITATIONS - 1);
                    cite_page_once(&mut medication.statement.citations, &later.citation);
                }
            }
            medications.push(medication);
        }
    }
    medications.sort_by_key(|medication| match medication.status {
        ClinicalStatus::Active => 0,
        ClinicalStatus::Past => 1,
    });
    medications
}

/// The newest mention that gives a dose: it proves that the doses before it are over.
fn newest_dose<'a>(drug: &[&'a MedicationMention]) -> Option<&'a MedicationMention> {
    drug.iter().copied().filter(|mention| mention.sig.dose.is_some()).max_by_key(|it| it.chronological_key())
}

/// The listed name in place of a recognition error. A brand name stays as it is written.
fn display_name(mention: &MedicationMention) -> String {
    let is_misread = DRUGS.find_exact(&mention.written_name).is_some_and(|entry| {
        DRUGS.entry(entry).name == mention.drug
            && is_within_one_edit(&fold(&mention.written_name), &fold(&mention.drug))
    });
    capitalise(if is_misread { &mention.drug } else { &mention.written_name })
}

fn merge_regimen(name: &str, regimen: &[&MedicationMention]) -> Medication {
    let mut chronological: Vec<&MedicationMention> = regimen.to_vec();
    chronological.sort_by_key(|mention| mention.chronological_key());
    let newest_first = chronological.iter().rev().copied();
    let dose = newest_first.clone().find_map(|mention| mention.sig.dose.clone());
    let route = newest_first.clone().find_map(|mention| mention.sig.route.clone());
    let frequency = prevailing_frequency(&chronological);
    let newest = newest_first.clone().next();
    let status = newest.map_or(ClinicalStatus::Active, |mention| mention.status);
    let assertion = match status {
        ClinicalStatus::Past => Assertion::Historical,
        ClinicalStatus::Active if regimen.iter().any(|mention| mention.assertion == Assertion::Present) => {
            Assertion::Present
        }
        ClinicalStatus::Active => regimen[0].assertion,
    };
    let is_held = newest.is_some_and(MedicationMention::is_held);
    let details: Vec<&str> = [&dose, &route, &frequency].into_iter().flatten().map(String::as_str).collect();
    let words =
        newest_first.clone().filter(|mention| mention.sig.dose == dose).find_map(|it| it.words.as_deref());
    let mut text = match words {
        Some(words) => format!("{name} {words}"),
        None => [&[name], details.as_slice()].concat().join(" "),
    };
    let replaced_by = newest.and_then(|mention| mention.replaced_by.as_deref());
    match (status, is_held, replaced_by) {
        (ClinicalStatus::Past, _, Some(other)) => text.push_str(&format!(" (stopped, replaced by {other})")),
        (ClinicalStatus::Past, _, None) => text.push_str(" (stopped)"),
        (ClinicalStatus::Active, true, _) => text.push_str(" (on hold)"),
        (ClinicalStatus::Active, false, _) => {}
    }
    // First the newest mention with the stated dose and frequency, then those with a dose, then the others.
    let of_status = newest_first.filter(|mention| mention.status == status);
    let with_dose = of_status.clone().filter(|mention| mention.sig.dose.is_some());
    let best = with_dose.clone().find(|mention| mention.sig.frequency == frequency);
    let mut citations = Vec::new();
    for mention in best.into_iter().chain(with_dose).chain(of_status).chain(regimen.iter().copied()) {
        cite_page_once(&mut citations, &mention.citation);
    }
    Medication {
        statement: unverified(text, assertion, citations),
        name: name.to_owned(),
        dose,
        route,
        frequency,
        status,
        course: MedicationCourse {
            state: (is_held && status == ClinicalStatus::Active).then_some(MedicationState::Held),
            ..MedicationCourse::default()
        },
        coding: None,
    }
}
