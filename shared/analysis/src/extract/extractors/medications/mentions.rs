//! Mentions of medications: which drug, with which sig, and whether it is taken.

use maneiro_api::analysis::{Assertion, Citation, ClinicalStatus};
use time::Date;

use super::{
    clauses::{clause_end, clause_start, continues_list, is_conjunction_only, last_phase, last_words},
    cues::{
        ChangeCue, cue_after, cue_before, has_dose_change, is_allergy_mention, is_entered_in_error,
        is_hypothetical, is_replaced_by_next, is_single_dose,
    },
    drug_names::{DrugName, find_drug_names},
};
use crate::extract::{
    context,
    input::{
        passage::Passage,
        sections::{SearchTarget, Section},
        segmentation::SegmentedPage,
    },
    sig::{Sig, SigPart, find_current_dose, find_dose, find_frequency, find_route, words_beyond_fields},
};

/// A mention of a medication.
#[derive(Debug, Clone)]
pub(crate) struct MedicationMention {
    /// The generic name, or the name of an unlisted drug in lower case.
    pub(crate) drug: String,
    pub(super) written_name: String,
    pub(crate) sig: Sig,
    /// The words of the sig that its fields do not hold.
    pub(super) words: Option<String>,
    /// The drug that took its place.
    pub(super) replaced_by: Option<String>,
    cue: Option<ChangeCue>,
    pub(crate) status: ClinicalStatus,
    pub(crate) assertion: Assertion,
    pub(crate) date: Option<Date>,
    /// Position of the passage in the record.
    pub(crate) position: usize,
    /// Whether it is an entry of a medication list.
    pub(crate) is_list_entry: bool,
    /// Whether its sentence changes a dose, so that another dose elsewhere is explained.
    pub(crate) explains_dose_change: bool,
    pub(crate) citation: Citation,
}

impl MedicationMention {
    pub(super) fn is_held(&self) -> bool {
        self.cue == Some(ChangeCue::Held)
    }

    /// Orders mentions in time: by date as far as they have one, then by position in the record.
    pub(crate) fn chronological_key(&self) -> (Option<Date>, usize) {
        (self.date, self.position)
    }
}

/// The mentions of a page, in order.
pub(crate) fn find_medication_mentions(page: &SegmentedPage<'_>) -> Vec<MedicationMention> {
    let mut mentions = Vec::new();
    for (position, passage) in page.positioned_passages() {
        if passage.section.is_searched_for(SearchTarget::Medication) {
            find_in_passage(page, passage, position, &mut mentions);
        }
    }
    mentions
}

fn find_in_passage(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    position: usize,
    mentions: &mut Vec<MedicationMention>,
) {
    let text = &passage.text;
    let names = find_drug_names(passage);
    let is_list_entry = passage.section.is_medication_list();
    let mut last_cue: Option<ChangeCue> = None;
    for (at, name) in names.iter().enumerate() {
        let from = if at == 0 { 0 } else { names[at - 1].range.end };
        let before = &text[from..name.range.start];
        let clause_end = clause_end(text, name.range.end, names.get(at + 1).map(|next| next.range.start));
        let whole = &text[name.range.end..clause_end];
        let after = last_phase(whole);
        let dose_after = find_current_dose(whole, after);
        let is_dose_before = dose_after.is_none();
        let dose = dose_after.or_else(|| dose_before(before));
        let route =
            find_route(after).or_else(|| find_route(whole)).or_else(|| find_route(last_words(before, 2)));
        let frequency = find_frequency(after).or_else(|| find_frequency(whole));
        let own_cue = cue_before(before);
        // "Stop lisinopril and amlodipine" is about both.
        last_cue =
            own_cue.or_else(|| last_cue.filter(|_| is_conjunction_only(before) || continues_list(before)));
        let cue = cue_after(passage, clause_end - after.len()..clause_end).or(last_cue);
        let assertion = context::assertion(passage, &name.range);
        let is_stopped = cue == Some(ChangeCue::Stopped)
            || (cue.is_none() && passage.section == Section::DiscontinuedMedications);
        if !assertion_is_reportable(assertion, is_stopped)
            || !is_reportable(passage.section, name, dose.is_some(), frequency.is_some(), cue)
            || is_allergy_mention(text, &name.range)
            || is_entered_in_error(whole)
        {
            continue;
        }
        let is_over = is_stopped || (is_single_dose(after) && passage.section != Section::Medications);
        let assertion = match assertion {
            // "Prophylaxis" and "risk" are about the reason for the medication, not about the medication.
            Assertion::Possible if !is_hypothetical(passage) => Assertion::Present,
            other => other,
        };
        let status = if is_over || assertion == Assertion::Historical {
            ClinicalStatus::Past
        } else {
            ClinicalStatus::Active
        };
        let quote_start = if is_list_entry && own_cue.is_none() && !(dose.is_some() && is_dose_before) {
            name.range.start
        } else {
            clause_start(text, name.range.start)
        };
        let part_text = |part: Option<SigPart>| part.map(|part| part.text);
        mentions.push(MedicationMention {
            drug: name.drug.clone(),
            written_name: trim_punctuation(&text[name.range.clone()]).to_owned(),
            sig: Sig { dose: part_text(dose), route: part_text(route), frequency: part_text(frequency) },
            cue,
            status,
            assertion: match assertion {
                Assertion::Negated => Assertion::Historical,
                Assertion::Present if is_over => Assertion::Historical,
                other => other,
            },
            words: words_beyond_fields(whole),
            replaced_by: names
                .get(at + 1)
                .filter(|_| is_stopped && is_replaced_by_next(whole))
                .map(|next| next.drug.clone()),
            date: passage.encounter_date,
            position,
            is_list_entry,
            explains_dose_change: has_dose_change(passage),
            citation: passage.cite(page.source, &(quote_start..clause_end)),
        });
    }
}

fn assertion_is_reportable(assertion: Assertion, is_stopped: bool) -> bool {
    match assertion {
        Assertion::Present | Assertion::Historical | Assertion::Possible | Assertion::Planned => true,
        Assertion::Negated => is_stopped,
        Assertion::Family => false,
    }
}

/// Whether a name is a medication of the patient and not a mere word.
fn is_reportable(
    section: Section,
    name: &DrugName,
    has_dose: bool,
    has_frequency: bool,
    cue: Option<ChangeCue>,
) -> bool {
    if section.is_medication_list() {
        name.is_listed || has_dose || has_frequency
    } else if section.is_observation() {
        has_dose && (has_frequency || cue.is_some())
    } else {
        (has_dose && (name.is_listed || has_frequency))
            || (name.is_listed && (cue.is_some() || has_frequency))
    }
}

/// The dose before a name: "500 mg of metformin".
fn dose_before(before: &str) -> Option<SigPart> {
    let near = last_words(before, 3).trim_end();
    let near = near.strip_suffix(" of").unwrap_or(near);
    find_dose(near).filter(|dose| dose.range.end == near.len())
}

fn trim_punctuation(written: &str) -> &str {
    written.trim_matches(|c: char| !c.is_alphanumeric())
}
