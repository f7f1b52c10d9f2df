//! The analysis as readers left it, for the report: edited words in place of the analyser's, rejected statements gone, added
//! ones in their sections. Pure.

use std::collections::HashMap;

use maneiro_api::{
    DocumentId,
    analysis::{
        Allergy, Analysis, Citation, ClinicalStatus, Findings, FollowUp, FollowUpStatus, ImagingStudy,
        LabResult, Medication, MedicationCourse, Observation, ObservationKind, OtherPatientPage, Problem,
        Procedure, SignSymptom, Statement, TimelineEvent, VitalSign,
    },
};

use super::statements::{DocumentPlaces, StatementIds, observation_section};
use crate::contract::review::{QuotePlace, ReviewState, ReviewStatement, StatementSection};

/// The analysis with what readers changed.
pub(super) fn edited_analysis(
    analysis: &Analysis,
    shown: &[ReviewStatement],
    places: &DocumentPlaces,
) -> Analysis {
    let documents = places
        .iter()
        .map(|(cloud, place)| (place.document, (*cloud, place.first_page)))
        .collect::<HashMap<_, _>>();
    let by_id = shown.iter().map(|statement| (statement.id.as_str(), statement)).collect();
    let mut editor = Editor { ids: StatementIds::default(), by_id, documents, moved: Vec::new() };
    let before = &analysis.findings;
    // In display order, as the ids are given.
    let summary = editor.keep(StatementSection::Summary, &before.summary, plain, |statement, _| statement);
    let other_patients = editor.keep(
        StatementSection::Conflicts,
        &before.other_patients,
        |it| &mut it.statement,
        |statement, page| OtherPatientPage { statement, ..page.clone() },
    );
    let mut findings = Findings {
        summary,
        other_patients,
        conflicts: editor
            .keep(StatementSection::Conflicts, &before.conflicts, plain, |statement, _| statement),
        problems: editor.keep(
            StatementSection::Problems,
            &before.problems,
            |it| &mut it.statement,
            |statement, _| problem(statement),
        ),
        signs_symptoms: editor.keep(
            StatementSection::SignsSymptoms,
            &before.signs_symptoms,
            |it| &mut it.statement,
            |statement, _| sign_symptom(statement),
        ),
        medications: editor.keep(
            StatementSection::Medications,
            &before.medications,
            |it| &mut it.statement,
            |statement, _| medication(statement),
        ),
        allergies: editor.keep(
            StatementSection::Allergies,
            &before.allergies,
            |it| &mut it.statement,
            |statement, _| allergy(statement),
        ),
        vitals: editor.keep(
            StatementSection::Vitals,
            &before.vitals,
            |it| &mut it.statement,
            |statement, _| vital_sign(statement),
        ),
        labs: editor.keep(
            StatementSection::Labs,
            &before.labs,
            |it| &mut it.statement,
            |statement, _| lab_result(statement),
        ),
        procedures: editor.keep(
            StatementSection::Procedures,
            &before.procedures,
            |it| &mut it.statement,
            |statement, _| procedure(statement),
        ),
        imaging: editor.keep(
            StatementSection::Imaging,
            &before.imaging,
            |it| &mut it.statement,
            |statement, _| imaging_study(statement),
        ),
        observations: editor.keep_observations(&before.observations),
        timeline: editor.keep(
            StatementSection::Timeline,
            &before.timeline,
            |it| &mut it.statement,
            |statement, event| TimelineEvent { statement, ..event.clone() },
        ),
        follow_ups: editor.keep(
            StatementSection::FollowUps,
            &before.follow_ups,
            |it| &mut it.statement,
            |statement, _| follow_up(statement),
        ),
        gaps: editor.keep(StatementSection::Gaps, &before.gaps, plain, |statement, _| statement),
        ..before.clone()
    };
    let added = shown.iter().filter(|statement| statement.added_by_hand);
    let added: Vec<_> =
        added.map(|statement| (statement.section, editor.statement(statement, Vec::new()))).collect();
    for (section, statement) in editor.moved.drain(..).chain(added) {
        add(&mut findings, section, statement);
    }
    Analysis { findings, ..analysis.clone() }
}

struct Editor<'a> {
    ids: StatementIds,
    by_id: HashMap<&'a str, &'a ReviewStatement>,
    /// The cloud's ids of the record's documents, with the number of their first page in the record.
    documents: HashMap<DocumentId, (DocumentId, u32)>,
    /// Statements that a reader put into another section.
    moved: Vec<(StatementSection, Statement)>,
}

/// What became of a statement.
enum Fate {
    Rejected,
    Same(Vec<Citation>),
    Edited(Statement),
}

impl Editor<'_> {
    fn fate(&mut self, section: StatementSection, statement: &Statement) -> Fate {
        let id = self.ids.next(section, statement);
        let Some(shown) = self.by_id.get(id.as_str()).copied() else { return Fate::Rejected };
        if shown.state == ReviewState::Rejected {
            return Fate::Rejected;
        }
        let edited = self.statement(shown, statement.citations.clone());
        if shown.text_before.is_none() {
            return Fate::Same(edited.citations);
        }
        if shown.section == section {
            return Fate::Edited(edited);
        }
        self.moved.push((shown.section, edited));
        Fate::Rejected
    }

    /// Keeps the items of a section. One whose words were edited keeps the words only: its cells said what it was before.
    fn keep<T: Clone>(
        &mut self,
        section: StatementSection,
        items: &[T],
        statement_of: fn(&mut T) -> &mut Statement,
        rebuild: fn(Statement, &T) -> T,
    ) -> Vec<T> {
        let mut kept = Vec::with_capacity(items.len());
        for before in items {
            let mut item = before.clone();
            match self.fate(section, &statement_of(&mut item).clone()) {
                Fate::Rejected => {}
                Fate::Same(citations) => {
                    statement_of(&mut item).citations = citations;
                    kept.push(item);
                }
                Fate::Edited(statement) => kept.push(rebuild(statement, before)),
            }
        }
        kept
    }

    /// Observations keep their kind while they stay in their section.
    fn keep_observations(&mut self, items: &[Observation]) -> Vec<Observation> {
        let mut kept = Vec::with_capacity(items.len());
        for before in items {
            let section = observation_section(before.kind);
            match self.fate(section, &before.statement) {
                Fate::Rejected => {}
                Fate::Same(citations) => kept.push(Observation {
                    statement: Statement { citations, ..before.statement.clone() },
                    ..before.clone()
                }),
                Fate::Edited(statement) => kept.push(observation(statement, before.kind)),
            }
        }
        kept
    }

    /// A statement as shown, with the quotes that readers added.
    fn statement(&self, shown: &ReviewStatement, mut citations: Vec<Citation>) -> Statement {
        for citation in shown.citations.iter().filter(|citation| citation.chosen_by_reader) {
            let confidence = citation.confidence.and_then(|percent| u8::try_from(percent).ok());
            citations.extend(citation.places.iter().filter_map(|place| self.citation(place, confidence)));
        }
        Statement {
            text: shown.text.clone(),
            assertion: shown.assertion,
            citations,
            quoted: shown.verified,
            checked: shown.verified && shown.checked,
            // Only statements that a reader wrote or changed are made anew, and those are theirs.
            doubts: Vec::new(),
            also_in_record: false,
        }
    }

    fn citation(&self, place: &QuotePlace, confidence: Option<u8>) -> Option<Citation> {
        let (document, first_page) = *self.documents.get(&place.document)?;
        Some(Citation {
            document,
            page: place.page + 1 - first_page,
            quote: place.quote.clone(),
            boxes: place.boxes.clone(),
            confidence,
        })
    }
}

fn plain(statement: &mut Statement) -> &mut Statement {
    statement
}

/// Puts a statement at the end of a section. What has no list of its own in an analysis stands in the summary.
fn add(findings: &mut Findings, section: StatementSection, statement: Statement) {
    match section {
        StatementSection::Conflicts => findings.conflicts.push(statement),
        StatementSection::Problems => findings.problems.push(problem(statement)),
        StatementSection::SignsSymptoms => findings.signs_symptoms.push(sign_symptom(statement)),
        StatementSection::Medications => findings.medications.push(medication(statement)),
        StatementSection::Allergies => findings.allergies.push(allergy(statement)),
        StatementSection::Vitals => findings.vitals.push(vital_sign(statement)),
        StatementSection::Labs => findings.labs.push(lab_result(statement)),
        StatementSection::Procedures => findings.procedures.push(procedure(statement)),
        StatementSection::Imaging => findings.imaging.push(imaging_study(statement)),
        StatementSection::FollowUps => findings.follow_ups.push(follow_up(statement)),
        StatementSection::Gaps => findings.gaps.push(statement),
        StatementSection::SocialHistory => {
            findings.observations.push(observation(statement, ObservationKind::SocialHistory));
        }
        StatementSection::Immunizations => {
            findings.observations.push(observation(statement, ObservationKind::Vaccine));
        }
        StatementSection::Directives => {
            findings.observations.push(observation(statement, ObservationKind::GoalsOfCare));
        }
        StatementSection::Summary | StatementSection::Timeline => findings.summary.push(statement),
    }
}

fn problem(statement: Statement) -> Problem {
    Problem { name: statement.text.clone(), statement, status: ClinicalStatus::Active, coding: None }
}

fn sign_symptom(statement: Statement) -> SignSymptom {
    SignSymptom { name: statement.text.clone(), statement, coding: None, date: None, date_text: None }
}

fn medication(statement: Statement) -> Medication {
    Medication {
        name: statement.text.clone(),
        statement,
        dose: None,
        route: None,
        frequency: None,
        status: ClinicalStatus::Active,
        course: MedicationCourse::default(),
        coding: None,
    }
}

fn allergy(statement: Statement) -> Allergy {
    Allergy { substance: statement.text.clone(), statement, reaction: None }
}

fn vital_sign(statement: Statement) -> VitalSign {
    VitalSign {
        name: statement.text.clone(),
        statement,
        value: String::new(),
        value_as_read: None,
        unit: None,
        date: None,
    }
}

fn lab_result(statement: Statement) -> LabResult {
    LabResult {
        name: statement.text.clone(),
        statement,
        value: String::new(),
        value_as_read: None,
        unit: None,
        reference_range: None,
        flag: None,
        date: None,
    }
}

fn procedure(statement: Statement) -> Procedure {
    Procedure { name: statement.text.clone(), statement, date: None, date_text: None }
}

fn imaging_study(statement: Statement) -> ImagingStudy {
    ImagingStudy { study: statement.text.clone(), statement, date: None, date_text: None }
}

fn follow_up(statement: Statement) -> FollowUp {
    FollowUp { statement, due: None, due_date: None, noted: None, status: FollowUpStatus::Open }
}

fn observation(statement: Statement, kind: ObservationKind) -> Observation {
    Observation { statement, kind, date: None, date_text: None }
}

#[cfg(test)]
mod tests {
    use maneiro_api::analysis::{Assertion, DiscardedOutput, Generator};
    use time::macros::datetime;

    use super::*;
    use crate::desktop::statements::from_analysis;

    fn statement(text: &str) -> Statement {
        Statement {
            text: text.to_owned(),
            assertion: Assertion::Present,
            citations: Vec::new(),
            quoted: true,
            checked: true,
            doubts: Vec::new(),
            also_in_record: false,
        }
    }

    fn analysis() -> Analysis {
        let findings = Findings {
            problems: vec![problem(statement("Asthma")), problem(statement("Gout"))],
            medications: vec![Medication {
                dose: Some("500 mg".to_owned()),
                ..medication(statement("Metformin 500 mg"))
            }],
            ..Findings::default()
        };
        Analysis {
            id: "ana_0197a6b2c3d47e8f9a0b1c2d3e4f5a02".parse().unwrap(),
            job: "job_0197a6b2c3d47e8f9a0b1c2d3e4f5a03".parse().unwrap(),
            record: "rec_0197a6b2c3d47e8f9a0b1c2d3e4f5a04".parse().unwrap(),
            generator: Generator::Extractive,
            generated_at: datetime!(2026-11-27 09:26 UTC),
            focus: None,
            window: None,
            sources: Vec::new(),
            discarded: DiscardedOutput::default(),
            model_failure: None,
            findings,
        }
    }

    fn texts<T>(items: &[T], text_of: fn(&T) -> &str) -> Vec<&str> {
        items.iter().map(text_of).collect()
    }

    #[test]
    fn report_has_what_readers_left_and_nothing_else() {
        let (analysis, places) = (analysis(), DocumentPlaces::new());
        let mut shown = from_analysis(&analysis, &places);
        assert_eq!(edited_analysis(&analysis, &shown, &places), analysis, "nothing was changed");
        shown[0].state = ReviewState::Rejected;
        shown[1].text_before = Some(std::mem::replace(&mut shown[1].text, "Tophaceous gout".to_owned()));
        shown[2].text_before = Some(std::mem::replace(&mut shown[2].text, "Metformin 1000 mg".to_owned()));
        let edited = edited_analysis(&analysis, &shown, &places).findings;
        assert_eq!(texts(&edited.problems, |it| &it.name), ["Tophaceous gout"]);
        assert_eq!(edited.medications[0].statement.text, "Metformin 1000 mg");
        assert_eq!(edited.medications[0].dose, None, "the dose before the edit is not printed beside it");
        shown[2].section = StatementSection::Gaps;
        let moved = edited_analysis(&analysis, &shown, &places).findings;
        assert!(moved.medications.is_empty());
        assert_eq!(texts(&moved.gaps, |it| &it.text), ["Metformin 1000 mg"]);
    }
}
