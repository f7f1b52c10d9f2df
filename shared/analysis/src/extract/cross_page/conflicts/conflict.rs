//! A conflict and what it is about.

use maneiro_api::analysis::{Assertion, Citation, Statement};
use time::Date;

use crate::extract::statements::{cite, unverified};

/// What a conflict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConflictKind {
    /// A drug is prescribed that the patient is allergic to.
    AllergyAndPrescription,
    /// No known allergies here, an allergy there.
    Allergies,
    Dose,
    /// Stopped here, on a later medication list there.
    StoppedMedication,
    /// Two birth dates or two sexes.
    Identity,
    Laterality,
    /// Denied here, on a problem list there.
    DeniedProblem,
    /// A value that differs between a page and its near-duplicate.
    MeasuredValue,
    /// Reported by the language model.
    Reported,
}

/// Two places in the record that contradict each other.
pub(crate) struct Conflict {
    pub(crate) kind: ConflictKind,
    pub(crate) statement: Statement,
    pub(crate) date: Option<Date>,
}

impl Conflict {
    pub(crate) fn new(
        kind: ConflictKind,
        text: String,
        date: Option<Date>,
        citations: [&Citation; 2],
    ) -> Self {
        let mut both = Vec::new();
        for citation in citations {
            cite(&mut both, citation);
        }
        Self { kind, statement: unverified(text, Assertion::Present, both), date }
    }
}
