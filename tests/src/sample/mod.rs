//! The sample record of a synthetic patient, and its generator.
//!
//! The pages are typeset from `pages/*.typ`; some are then scanned or faxed by [`scan`]. [`facts`] is the ground truth: what
//! an analysis must find in the record, and what it must not. The file is committed; `sample-record check` generates it
//! again and compares.

mod fact_list;
mod facts;
pub(crate) mod generate;
mod records;
pub(crate) mod scan;
mod score;

pub use fact_list::{FactKind, LeadingFact, RecordFact};
pub use facts::{
    AllergyFact, ConflictFact, DuplicateFact, Facts, FollowUpFact, GapFact, ImagingFact, LabFact,
    MedicationFact, PageFact, PageOrigin, PatientFact, PlantedAssertion, PlantedQuote, ProblemFact,
    ProcedureFact, StatementFact, VitalFact, facts,
};
pub use generate::{generate, typeset_text};
pub use records::{ICU_STAY, OUTPATIENT_BUNDLE, SyntheticRecord};
pub use score::{FactOutcome, FactVerdict, score_findings};

/// The committed file: nineteen pages of a synthetic patient's record.
#[must_use]
pub fn record_pdf() -> &'static [u8] {
    include_bytes!("../../../desktop/cli/sample/record.pdf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_record_is_current() {
        assert!(generate().unwrap() == record_pdf(), "run: sample-record write");
    }
}
