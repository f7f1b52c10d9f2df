//! Medications: drugs known by name from the lexicon, and unlisted drugs by the form of a prescription.

mod clauses;
mod cues;
mod drug_names;
mod mentions;
mod merge;
mod regimens;

pub(crate) use self::{
    mentions::{MedicationMention, find_medication_mentions},
    merge::merge_medications,
    regimens::MAX_REGIMEN_GAP,
};
