//! The sample record: a synthetic patient, and the generator that makes the file from known facts.
//!
//! The pages are typeset from `pages/*.typ`; some are then printed, scanned and faxed by [`scan`] as offices
//! do it. [`facts`] says what the record holds and where, so that tests know what must be found in it and
//! what must not. The file is committed; `sample-record check` makes it again and compares.

mod facts;
pub(crate) mod generate;
pub(crate) mod scan;
mod score;

pub use facts::{
    AllergyFact, ConflictFact, DuplicateFact, FactAssertion, Facts, FollowUpFact, GapFact, HowMade,
    ImagingFact, LabFact, MedicationFact, PageFact, PatientFact, ProblemFact, ProcedureFact, Said,
    StatementFact, VitalFact, facts,
};
pub use generate::{generate, typeset_text};
pub use score::{Outcome, Verdict, score};

/// The committed file: nineteen pages of a synthetic patient's record.
#[must_use]
pub fn record_pdf() -> &'static [u8] {
    include_bytes!("../../../desktop/cli/sample/record.pdf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_record_is_what_the_generator_makes() {
        assert!(generate().unwrap() == record_pdf(), "run: sample-record write");
    }
}
