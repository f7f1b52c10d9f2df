//! What a statement claims, in the fields that the check recomputes.

use maneiro_api::analysis::{Assertion, ClinicalStatus, Findings, MedicationState, Statement};
use time::Date;

/// What kind of thing is claimed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ClaimKind {
    Problem,
    Medication,
    Allergy,
    Measurement,
    Procedure,
    /// A sentence whose words must all stand in its passages: a code status, a device, a vaccine.
    Observation,
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
    /// Words of the page that are neither name nor value: a partial date, when a medicine is begun, what it is for.
    pub(super) words: Vec<String>,
    /// The value as it was read, beside the one that is meant.
    pub(super) value_as_read: Option<String>,
    /// A medicine is held, cancelled, completed or only planned.
    pub(super) state: Option<MedicationState>,
    /// The day on which something is due, and the day of the note that says so.
    pub(super) due: Option<(Date, Option<Date>)>,
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
    use ClaimKind::{
        Allergy, Conflict, Measurement, Medication, Observation, OtherPatient, Problem, Procedure, Sentence,
    };
    let mut claims = Vec::new();
    claims.extend(findings.other_patients.iter().map(|it| Claim::new(OtherPatient, &it.statement)));
    claims.extend(findings.summary.iter().map(|it| Claim::new(Sentence, it)));
    claims.extend(findings.problems.iter().map(|it| Claim {
        is_past: it.status == ClinicalStatus::Past,
        ..Claim::named(Problem, &it.statement, &it.name)
    }));
    claims.extend(findings.signs_symptoms.iter().map(|it| Claim {
        date: it.date,
        words: it.date_text.iter().cloned().collect(),
        ..Claim::named(Problem, &it.statement, &it.name)
    }));
    claims.extend(findings.medications.iter().map(|it| {
        Claim {
            is_past: it.status == ClinicalStatus::Past,
            dose: it.dose.clone(),
            route: it.route.clone(),
            frequency: it.frequency.clone(),
            words: [&it.course.start, &it.course.stop, &it.course.indication]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            state: it.course.state,
            ..Claim::named(Medication, &it.statement, &it.name)
        }
    }));
    claims.extend(findings.allergies.iter().map(|it| Claim {
        reaction: it.reaction.clone(),
        ..Claim::named(Allergy, &it.statement, &it.substance)
    }));
    claims.extend(findings.vitals.iter().map(|it| Claim {
        value: Some(it.value.clone()),
        value_as_read: it.value_as_read.clone(),
        unit: it.unit.clone(),
        date: it.date,
        ..Claim::named(Measurement, &it.statement, &it.name)
    }));
    claims.extend(findings.labs.iter().map(|it| Claim {
        // A test that is only planned has no value yet.
        value:
            (it.statement.assertion != Assertion::Planned || !it.value.is_empty()).then(|| it.value.clone()),
        value_as_read: it.value_as_read.clone(),
        unit: it.unit.clone(),
        reference_range: it.reference_range.clone(),
        date: it.date,
        ..Claim::named(Measurement, &it.statement, &it.name)
    }));
    claims.extend(findings.procedures.iter().map(|it| Claim {
        date: it.date,
        words: it.date_text.iter().cloned().collect(),
        ..Claim::named(Procedure, &it.statement, &it.name)
    }));
    claims.extend(findings.imaging.iter().map(|it| Claim {
        date: it.date,
        words: it.date_text.iter().cloned().collect(),
        ..Claim::named(Procedure, &it.statement, &it.study)
    }));
    claims.extend(findings.observations.iter().map(|it| Claim {
        date: it.date,
        words: it.date_text.iter().cloned().collect(),
        ..Claim::new(Observation, &it.statement)
    }));
    claims.extend(findings.timeline.iter().map(|it| Claim {
        // The first day of a period stands nowhere; its words do.
        date: Some(it.date).filter(|_| it.date_text.is_none()),
        words: it.date_text.iter().cloned().collect(),
        ..Claim::new(Sentence, &it.statement)
    }));
    claims.extend(findings.follow_ups.iter().map(|it| Claim {
        due: it.due_date.map(|due| (due, it.noted)),
        words: it.due_date.and(it.due.clone()).into_iter().collect(),
        ..Claim::new(Sentence, &it.statement)
    }));
    claims.extend(findings.conflicts.iter().map(|it| Claim::new(Conflict, it)));
    claims.extend(findings.gaps.iter().map(|it| Claim::new(Sentence, it)));
    claims
}
