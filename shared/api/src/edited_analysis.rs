//! The analysis as readers left it: edited words in place of the analyser's, rejected statements gone, added ones in their
//! sections. The workstation and the cloud make reports of this; what both print is the same.

use std::collections::{HashMap, HashSet};

use sha2::{Digest as _, Sha256};

use crate::{
    EditId,
    analysis::{
        Allergy, Analysis, Citation, ClinicalStatus, Findings, FollowUp, FollowUpStatus, ImagingStudy,
        LabResult, Medication, MedicationCourse, Observation, ObservationKind, OtherPatientPage, Problem,
        Procedure, SignSymptom, Statement, TimelineEvent, VitalSign,
    },
    edit::{Edit, EditChange, StatementSection},
};

/// The ids of the statements of one analysis, given in display order.
#[derive(Debug, Default)]
pub struct StatementIds {
    used: HashMap<String, u32>,
}

impl StatementIds {
    /// The id of the next statement. The same statement of the same pages has the same id in every analysis, so that what was
    /// decided about it stays.
    pub fn next(&mut self, section: StatementSection, statement: &Statement) -> String {
        let mut text = format!("{section:?}\n{}", statement.text);
        for citation in &statement.citations {
            text.push_str(&format!("\n{} {} {}", citation.document, citation.page, citation.quote));
        }
        let digest = hex_digest(&text);
        let repeats = self.used.entry(digest.clone()).or_default();
        *repeats += 1;
        match *repeats {
            1 => format!("stm_{digest}"),
            repeat => format!("stm_{}", hex_digest(&format!("{digest} {repeat}"))),
        }
    }
}

fn hex_digest(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..16])
}

/// The changes of edits that were not taken back, in their order.
#[must_use]
pub fn standing_changes(edits: &[Edit]) -> Vec<&EditChange> {
    let mut undone: HashSet<EditId> = HashSet::new();
    for edit in edits {
        match &edit.change {
            EditChange::Undo { edit } => {
                undone.insert(*edit);
            }
            EditChange::Redo { edit } => {
                undone.remove(edit);
            }
            EditChange::Accept { .. }
            | EditChange::Reject { .. }
            | EditChange::Reopen { .. }
            | EditChange::Edit { .. }
            | EditChange::Add { .. }
            | EditChange::AddQuote { .. } => {}
        }
    }
    let is_standing = |edit: &&Edit| edit.change.statement().is_some() && !undone.contains(&edit.id);
    edits.iter().filter(is_standing).map(|edit| &edit.change).collect()
}

/// The analysis with changes of readers, in their order. Those of statements that the analysis does not have change nothing.
#[must_use]
pub fn edited_analysis<'a>(
    analysis: &Analysis,
    changes: impl IntoIterator<Item = &'a EditChange>,
) -> Analysis {
    let mut decisions = Decisions::default();
    for change in changes {
        decisions.apply(change);
    }
    let mut editor = Editor { ids: StatementIds::default(), decisions: &decisions, moved: Vec::new() };
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
    let moved = editor.moved;
    let added = decisions.added.into_iter().map(|(_, section, statement)| (section, statement));
    for (section, statement) in moved.into_iter().chain(added) {
        add(&mut findings, section, statement);
    }
    Analysis { findings, ..analysis.clone() }
}

/// What readers decided about a statement of the analysis.
#[derive(Default)]
struct Decision {
    is_rejected: bool,
    /// Its words and its section, if they were edited.
    words: Option<(String, StatementSection)>,
    /// The quotes that were added.
    citations: Vec<Citation>,
}

#[derive(Default)]
struct Decisions {
    by_statement: HashMap<String, Decision>,
    /// The id, the section and the content of statements that readers added, in their order.
    added: Vec<(String, StatementSection, Statement)>,
}

impl Decisions {
    fn apply(&mut self, change: &EditChange) {
        if let EditChange::Add { statement, section, text, assertion, citations } = change {
            let added = Statement {
                text: text.clone(),
                assertion: *assertion,
                citations: citations.clone(),
                quoted: true,
                checked: true,
                doubts: Vec::new(),
                also_in_record: false,
            };
            self.added.push((statement.clone(), *section, added));
            return;
        }
        let Some(id) = change.statement() else { return };
        if let Some(at) = self.added.iter().position(|(added, _, _)| added == id) {
            match change {
                EditChange::Reject { .. } => {
                    self.added.remove(at);
                }
                EditChange::Edit { text, section, .. } => {
                    self.added[at].1 = *section;
                    self.added[at].2.text.clone_from(text);
                }
                EditChange::AddQuote { citations, .. } => {
                    self.added[at].2.citations.extend_from_slice(citations);
                }
                EditChange::Accept { .. }
                | EditChange::Reopen { .. }
                | EditChange::Add { .. }
                | EditChange::Undo { .. }
                | EditChange::Redo { .. } => {}
            }
            return;
        }
        let decision = self.by_statement.entry(id.to_owned()).or_default();
        match change {
            EditChange::Accept { .. } | EditChange::Reopen { .. } => decision.is_rejected = false,
            EditChange::Reject { .. } => decision.is_rejected = true,
            EditChange::Edit { text, section, .. } => {
                decision.is_rejected = false;
                decision.words = Some((text.clone(), *section));
            }
            EditChange::AddQuote { citations, .. } => decision.citations.extend_from_slice(citations),
            EditChange::Add { .. } | EditChange::Undo { .. } | EditChange::Redo { .. } => {}
        }
    }
}

struct Editor<'a> {
    ids: StatementIds,
    decisions: &'a Decisions,
    /// Statements that a reader put into another section.
    moved: Vec<(StatementSection, Statement)>,
}

/// What became of a statement.
enum Outcome {
    Gone,
    Same(Vec<Citation>),
    Edited(Statement),
}

impl Editor<'_> {
    fn outcome(&mut self, section: StatementSection, statement: &Statement) -> Outcome {
        let id = self.ids.next(section, statement);
        let Some(decision) = self.decisions.by_statement.get(&id) else {
            return Outcome::Same(statement.citations.clone());
        };
        if decision.is_rejected {
            return Outcome::Gone;
        }
        let citations = [&*statement.citations, &*decision.citations].concat();
        let Some((text, section_now)) = &decision.words else { return Outcome::Same(citations) };
        let edited = Statement {
            text: text.clone(),
            citations,
            // The words are the reader's now. That a quote was not found on its page stays.
            checked: statement.quoted,
            doubts: Vec::new(),
            also_in_record: false,
            ..statement.clone()
        };
        if *section_now == section {
            return Outcome::Edited(edited);
        }
        self.moved.push((*section_now, edited));
        Outcome::Gone
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
            match self.outcome(section, &statement_of(&mut item).clone()) {
                Outcome::Gone => {}
                Outcome::Same(citations) => {
                    statement_of(&mut item).citations = citations;
                    kept.push(item);
                }
                Outcome::Edited(statement) => kept.push(rebuild(statement, before)),
            }
        }
        kept
    }

    /// Observations keep their kind while they stay in their section.
    fn keep_observations(&mut self, items: &[Observation]) -> Vec<Observation> {
        let mut kept = Vec::with_capacity(items.len());
        for before in items {
            let section = StatementSection::from_observation(before.kind);
            match self.outcome(section, &before.statement) {
                Outcome::Gone => {}
                Outcome::Same(citations) => kept.push(Observation {
                    statement: Statement { citations, ..before.statement.clone() },
                    ..before.clone()
                }),
                Outcome::Edited(statement) => kept.push(observation(statement, before.kind)),
            }
        }
        kept
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
    use time::{OffsetDateTime, macros::datetime};
    use uuid::Uuid;

    use super::*;
    use crate::{
        UserId,
        analysis::{Assertion, DiscardedOutput, Generator},
        edit::EditAuthor,
    };

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

    /// The ids of the problems and of the medicine, in this order.
    fn ids() -> [String; 3] {
        let mut ids = StatementIds::default();
        let findings = analysis().findings;
        [
            ids.next(StatementSection::Problems, &findings.problems[0].statement),
            ids.next(StatementSection::Problems, &findings.problems[1].statement),
            ids.next(StatementSection::Medications, &findings.medications[0].statement),
        ]
    }

    fn words(of: &str, text: &str, section: StatementSection) -> EditChange {
        EditChange::Edit { statement: of.to_owned(), text: text.to_owned(), section }
    }

    fn texts<T>(items: &[T], text_of: fn(&T) -> &str) -> Vec<&str> {
        items.iter().map(text_of).collect()
    }

    #[test]
    fn report_has_what_readers_left_and_nothing_else() {
        let [asthma, gout, metformin] = ids();
        let unknown = EditChange::Reject { statement: "stm_x".to_owned() };
        assert_eq!(edited_analysis(&analysis(), [&unknown]), analysis(), "nothing of it was changed");
        let added = |id: &str, text: &str| EditChange::Add {
            statement: id.to_owned(),
            section: StatementSection::Allergies,
            text: text.to_owned(),
            assertion: Assertion::Present,
            citations: Vec::new(),
        };
        let changes = [
            EditChange::Reject { statement: asthma },
            words(&gout, "Tophaceous gout", StatementSection::Problems),
            words(&metformin, "Metformin 1000 mg", StatementSection::Medications),
            added("stm_1", "Latex"),
            added("stm_2", "Nickel"),
            EditChange::Reject { statement: "stm_2".to_owned() },
        ];
        let edited = edited_analysis(&analysis(), &changes).findings;
        assert_eq!(texts(&edited.problems, |it| &it.name), ["Tophaceous gout"]);
        assert_eq!(edited.medications[0].statement.text, "Metformin 1000 mg");
        assert_eq!(edited.medications[0].dose, None, "the dose before the edit is not printed beside it");
        assert_eq!(texts(&edited.allergies, |it| &it.substance), ["Latex"]);
        let moved = words(&metformin, "Metformin 1000 mg", StatementSection::Gaps);
        let moved = edited_analysis(&analysis(), [&moved]).findings;
        assert!(moved.medications.is_empty());
        assert_eq!(texts(&moved.gaps, |it| &it.text), ["Metformin 1000 mg"]);
    }

    #[test]
    fn edits_that_were_taken_back_change_nothing() {
        let id = |number| EditId::from_uuid(Uuid::from_u128(number));
        let author = EditAuthor { id: UserId::from_uuid(Uuid::nil()), name: None };
        let edit = |number: u32, change| Edit {
            number,
            id: id(number.into()),
            author: author.clone(),
            at: OffsetDateTime::UNIX_EPOCH,
            change,
        };
        let [asthma, gout, _] = ids();
        let mut edits = vec![
            edit(1, EditChange::Reject { statement: asthma }),
            edit(2, words(&gout, "Tophaceous gout", StatementSection::Problems)),
            edit(3, EditChange::Undo { edit: id(1) }),
        ];
        let problems = |edits: &[Edit]| {
            let edited = edited_analysis(&analysis(), standing_changes(edits));
            edited.findings.problems.into_iter().map(|it| it.name).collect::<Vec<_>>()
        };
        assert_eq!(problems(&edits), ["Asthma", "Tophaceous gout"]);
        edits.push(edit(4, EditChange::Redo { edit: id(1) }));
        assert_eq!(problems(&edits), ["Tophaceous gout"]);
    }
}
