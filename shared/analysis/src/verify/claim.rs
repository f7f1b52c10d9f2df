//! What a statement claims, in the fields that the check recomputes.

use maneiro_api::analysis::{Assertion, ClinicalStatus, Findings, Statement};
use time::Date;

/// What kind of thing is claimed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ClaimKind {
    Problem,
    Medication,
    Allergy,
    Measurement,
    Procedure,
    /// A sentence without a name of its own: an event, a follow-up, a conflict, a gap.
    #[default]
    Sentence,
    /// Two places that disagree, which may be whose page it is.
    Conflict,
    /// Says that a page is of another patient.
    OtherPatient,
}

/// What a statement claims.
#[derive(Debug, Clone, Default)]
pub(super) struct Claim {
    pub(super) kind: ClaimKind,
    pub(super) text: String,
    pub(super) assertion: Option<Assertion>,
    pub(super) name: Option<String>,
    pub(super) is_past: bool,
    pub(super) dose: Option<String>,
    pub(super) route: Option<String>,
    pub(super) frequency: Option<String>,
    pub(super) value: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) reference_range: Option<String>,
    pub(super) reaction: Option<String>,
    pub(super) date: Option<Date>,
}

impl Claim {
    fn new(kind: ClaimKind, statement: &Statement) -> Self {
        Self { kind, text: statement.text.clone(), assertion: Some(statement.assertion), ..Self::default() }
    }

    fn named(kind: ClaimKind, statement: &Statement, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::new(kind, statement) }
    }
}

/// The claims of all statements, in the order of [`Findings::statements`].
pub(super) fn claims(findings: &Findings) -> Vec<Claim> {
    use ClaimKind::{Allergy, Conflict, Measurement, Medication, OtherPatient, Problem, Procedure, Sentence};
    let mut claims = Vec::new();
    claims.extend(findings.other_patients.iter().map(|it| Claim::new(OtherPatient, &it.statement)));
    claims.extend(findings.summary.iter().map(|it| Claim::new(Sentence, it)));
    claims.extend(findings.problems.iter().map(|it| Claim {
        is_past: it.status == ClinicalStatus::Past,
        ..Claim::named(Problem, &it.statement, &it.name)
    }));
    claims.extend(
        findings
            .signs_symptoms
            .iter()
            .map(|it| Claim { date: it.date, ..Claim::named(Problem, &it.statement, &it.name) }),
    );
    claims.extend(findings.medications.iter().map(|it| Claim {
        is_past: it.status == ClinicalStatus::Past,
        dose: it.dose.clone(),
        route: it.route.clone(),
        frequency: it.frequency.clone(),
        ..Claim::named(Medication, &it.statement, &it.name)
    }));
    claims.extend(findings.allergies.iter().map(|it| Claim {
        reaction: it.reaction.clone(),
        ..Claim::named(Allergy, &it.statement, &it.substance)
    }));
    claims.extend(findings.vitals.iter().map(|it| Claim {
        value: Some(it.value.clone()),
        unit: it.unit.clone(),
        date: it.date,
        ..Claim::named(Measurement, &it.statement, &it.name)
    }));
    claims.extend(findings.labs.iter().map(|it| Claim {
        // A test that is only planned has no value yet.
        value:
            (it.statement.assertion != Assertion::Planned || !it.value.is_empty()).then(|| it.value.clone()),
        unit: it.unit.clone(),
        reference_range: it.reference_range.clone(),
        date: it.date,
        ..Claim::named(Measurement, &it.statement, &it.name)
    }));
    claims.extend(
        findings
            .procedures
            .iter()
            .map(|it| Claim { date: it.date, ..Claim::named(Procedure, &it.statement, &it.name) }),
    );
    claims.extend(
        findings
            .imaging
            .iter()
            .map(|it| Claim { date: it.date, ..Claim::named(Procedure, &it.statement, &it.study) }),
    );
    claims.extend(
        findings
            .timeline
            .iter()
            .map(|it| Claim { date: Some(it.date), ..Claim::new(Sentence, &it.statement) }),
    );
    claims.extend(findings.follow_ups.iter().map(|it| Claim::new(Sentence, &it.statement)));
    claims.extend(findings.conflicts.iter().map(|it| Claim::new(Conflict, it)));
    claims.extend(findings.gaps.iter().map(|it| Claim::new(Sentence, it)));
    claims
}
