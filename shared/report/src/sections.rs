//! The sections of a report, one function for each. Empty tables and empty columns are left out.

use std::collections::BTreeSet;

use maneiro_api::analysis::{
    Assertion, ClinicalStatus, Findings, FollowUp, FollowUpStatus, Medication, MedicationState, Observation,
    ObservationKind, Problem, Statement, TimelineEvent, capitalise,
};

use crate::{
    labels::{doubt_label, flag_cell, iso_date, medication_status_cell, origin_label, statement_label},
    model::{DoubtfulStatement, ReportCell, ReportColumn, ReportRow, ReportSection, ReportTable},
    page_references::PageReferences,
};

/// Whether a statement is shown as a fact: it is checked.
pub(crate) fn is_fact(statement: &Statement) -> bool {
    statement.checked && !statement.citations.is_empty()
}

/// The sections that are not empty, in the order of the analysis.
pub(crate) fn build_sections(findings: &Findings, pages: &PageReferences<'_>) -> Vec<ReportSection> {
    [
        problems(findings, pages),
        signs_symptoms(findings, pages),
        medications(findings, pages),
        allergies(findings, pages),
        vitals(findings, pages),
        labs(findings, pages),
        procedures(findings, pages),
        imaging(findings, pages),
        observations(findings, pages),
        timeline(findings, pages),
        follow_ups(findings, pages),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The statements that are not checked, each with its kind and why it is doubtful.
pub(crate) fn list_doubtful(findings: &Findings, pages: &PageReferences<'_>) -> Vec<DoubtfulStatement> {
    let all = (findings.other_patients.iter().map(|it| ("Another patient", &it.statement)))
        .chain(findings.summary.iter().map(|it| ("Summary", it)))
        .chain(findings.problems.iter().map(|it| ("Problem", &it.statement)))
        .chain(findings.signs_symptoms.iter().map(|it| ("Sign or symptom", &it.statement)))
        .chain(findings.medications.iter().map(|it| ("Medication", &it.statement)))
        .chain(findings.allergies.iter().map(|it| ("Allergy", &it.statement)))
        .chain(findings.vitals.iter().map(|it| ("Vital sign", &it.statement)))
        .chain(findings.labs.iter().map(|it| ("Laboratory result", &it.statement)))
        .chain(findings.procedures.iter().map(|it| ("Procedure", &it.statement)))
        .chain(findings.imaging.iter().map(|it| ("Imaging", &it.statement)))
        .chain(findings.observations.iter().map(|it| (observation_title(it.kind), &it.statement)))
        .chain(findings.timeline.iter().map(|it| ("Event", &it.statement)))
        .chain(findings.follow_ups.iter().map(|it| ("Follow-up", &it.statement)))
        .chain(findings.conflicts.iter().map(|it| ("Conflict", it)))
        .chain(findings.gaps.iter().map(|it| ("Gap", it)));
    all.filter(|(_, statement)| !is_fact(statement))
        .map(|(kind, statement)| DoubtfulStatement {
            kind,
            text: statement.text.clone(),
            assertion: statement_label(statement),
            reason: doubt_label(statement),
            quotes: pages.quotes(statement),
        })
        .collect()
}

/// Problems by assertion status, so that a relative's illness is never among the patient's.
fn problems(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 1] = [ReportColumn { title: "Problem", share: 1.0 }];
    let table_of = |title: &'static str, is_included: fn(&Problem) -> bool| {
        let rows =
            findings.problems.iter().filter(|it| is_fact(&it.statement) && is_included(it)).map(|it| {
                ReportRow {
                    // The title of the table already says whether it is so.
                    assertion: origin_label(&it.statement),
                    ..table_row(&it.statement, pages, [name_cell(&it.name)])
                }
            });
        ReportTable { title: Some(title), ..build_table(COLUMNS, rows.collect()) }
    };
    section(
        "Problems",
        vec![
            table_of("Active", |it| {
                it.statement.assertion == Assertion::Present && it.status == ClinicalStatus::Active
            }),
            table_of("Resolved or historical", |it| {
                it.statement.assertion == Assertion::Historical
                    || it.statement.assertion == Assertion::Present && it.status == ClinicalStatus::Past
            }),
            table_of("Possible", |it| it.statement.assertion == Assertion::Possible),
            table_of("Planned or conditional", |it| it.statement.assertion == Assertion::Planned),
            table_of("Negated", |it| it.statement.assertion == Assertion::Negated),
            table_of("Family history", |it| it.statement.assertion == Assertion::Family),
        ],
    )
}

fn signs_symptoms(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 2] =
        [ReportColumn { title: "Sign or symptom", share: 3.5 }, ReportColumn { title: "Date", share: 1.0 }];
    let facts = findings.signs_symptoms.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        measurement_row(
            &it.statement,
            pages,
            [name_cell(&it.name), partial_date_cell(it.date, it.date_text.as_deref())],
        )
    });
    section("Signs and symptoms", vec![build_table(COLUMNS, rows.collect())])
}

fn medications(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 5] = [
        ReportColumn { title: "Medicine", share: 2.4 },
        ReportColumn { title: "Dose", share: 1.1 },
        ReportColumn { title: "Route", share: 1.1 },
        ReportColumn { title: "Frequency", share: 1.7 },
        ReportColumn { title: "Status", share: 0.9 },
    ];
    let facts = findings.medications.iter().filter(|it| is_fact(&it.statement));
    let (active, past): (Vec<_>, Vec<_>) = facts.partition(|it| it.status == ClinicalStatus::Active);
    let rows = active.into_iter().chain(past).map(|it| {
        let cells = [
            name_cell(&it.name),
            optional_cell(&it.dose),
            optional_cell(&it.route),
            optional_cell(&it.frequency),
            ReportCell { text: medication_status(it), ..medication_status_cell(it.status) },
        ];
        let row = table_row(&it.statement, pages, cells);
        // The status already says that it is historical.
        let is_stated_by_status =
            it.status == ClinicalStatus::Past && it.statement.assertion == Assertion::Historical;
        ReportRow { assertion: row.assertion.filter(|_| !is_stated_by_status), ..row }
    });
    section("Medications", vec![build_table(COLUMNS, rows.collect())])
}

fn allergies(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 2] =
        [ReportColumn { title: "Substance", share: 1.5 }, ReportColumn { title: "Reaction", share: 1.0 }];
    let facts = findings.allergies.iter().filter(|it| is_fact(&it.statement));
    let rows = facts
        .map(|it| table_row(&it.statement, pages, [name_cell(&it.substance), optional_cell(&it.reaction)]));
    section("Allergies and intolerances", vec![build_table(COLUMNS, rows.collect())])
}

fn vitals(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 4] = [
        ReportColumn { title: "Measurement", share: 2.2 },
        ReportColumn { title: "Value", share: 1.0 },
        ReportColumn { title: "Unit", share: 1.0 },
        ReportColumn { title: "Date", share: 1.0 },
    ];
    let facts = findings.vitals.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        let value = value_text(&it.value, it.value_as_read.as_deref());
        let cells = [name_cell(&it.name), text_cell(&value), optional_cell(&it.unit), date_cell(it.date)];
        measurement_row(&it.statement, pages, cells)
    });
    section("Vital signs", vec![build_table(COLUMNS, rows.collect())])
}

fn labs(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 6] = [
        ReportColumn { title: "Test", share: 2.3 },
        ReportColumn { title: "Value", share: 0.8 },
        ReportColumn { title: "Unit", share: 1.25 },
        ReportColumn { title: "Range", share: 1.15 },
        ReportColumn { title: "Flag", share: 0.9 },
        ReportColumn { title: "Date", share: 1.0 },
    ];
    let facts = findings.labs.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        let flag = it.flag.map(flag_cell).unwrap_or_default();
        let text = value_text(&it.value, it.value_as_read.as_deref());
        let value = ReportCell { text, emphasis: flag.emphasis };
        let cells = [
            name_cell(&it.name),
            value,
            optional_cell(&it.unit),
            optional_cell(&it.reference_range),
            flag,
            date_cell(it.date),
        ];
        measurement_row(&it.statement, pages, cells)
    });
    section("Laboratory results", vec![build_table(COLUMNS, rows.collect())])
}

fn procedures(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 2] =
        [ReportColumn { title: "Procedure", share: 3.5 }, ReportColumn { title: "Date", share: 1.0 }];
    let facts = findings.procedures.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        table_row(
            &it.statement,
            pages,
            [name_cell(&it.name), partial_date_cell(it.date, it.date_text.as_deref())],
        )
    });
    section("Procedures", vec![build_table(COLUMNS, rows.collect())])
}

fn imaging(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 2] =
        [ReportColumn { title: "Study", share: 3.5 }, ReportColumn { title: "Date", share: 1.0 }];
    let facts = findings.imaging.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        table_row(
            &it.statement,
            pages,
            [name_cell(&it.study), partial_date_cell(it.date, it.date_text.as_deref())],
        )
    });
    section("Imaging", vec![build_table(COLUMNS, rows.collect())])
}

/// A table for each kind, in the order of the kinds.
fn observations(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 2] =
        [ReportColumn { title: "Statement", share: 3.5 }, ReportColumn { title: "Date", share: 1.0 }];
    let facts: Vec<&Observation> = findings.observations.iter().filter(|it| is_fact(&it.statement)).collect();
    let kinds: BTreeSet<ObservationKind> = facts.iter().map(|it| it.kind).collect();
    let table_of = |kind: ObservationKind| {
        let rows = facts.iter().filter(|it| it.kind == kind).map(|it| {
            let cells = [text_cell(&it.statement.text), partial_date_cell(it.date, it.date_text.as_deref())];
            measurement_row(&it.statement, pages, cells)
        });
        ReportTable { title: Some(observation_title(kind)), ..build_table(COLUMNS, rows.collect()) }
    };
    section("Also documented", kinds.into_iter().map(table_of).collect())
}

const fn observation_title(kind: ObservationKind) -> &'static str {
    match kind {
        ObservationKind::CodeStatus => "Code status",
        ObservationKind::GoalsOfCare => "Goals of care",
        ObservationKind::Surrogate => "Who decides for the patient",
        ObservationKind::SocialHistory => "Social history",
        ObservationKind::ExamFinding => "Examination",
        ObservationKind::Device => "Devices and lines",
        ObservationKind::BloodProduct => "Blood products",
        ObservationKind::Vaccine => "Vaccines",
        ObservationKind::DischargeDiagnosis => "Discharge diagnoses",
        ObservationKind::DischargeCondition => "Condition at discharge",
    }
}

fn timeline(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 2] =
        [ReportColumn { title: "Date", share: 1.0 }, ReportColumn { title: "Event", share: 5.0 }];
    let facts = findings.timeline.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| ReportRow {
        name_column: 1,
        ..table_row(&it.statement, pages, [timeline_date_cell(it), text_cell(&it.statement.text)])
    });
    section("Timeline", vec![build_table(COLUMNS, rows.collect())])
}

fn follow_ups(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    const COLUMNS: [ReportColumn; 4] = [
        ReportColumn { title: "What is to be done", share: 3.5 },
        ReportColumn { title: "When", share: 1.2 },
        ReportColumn { title: "Noted", share: 1.0 },
        ReportColumn { title: "State", share: 0.9 },
    ];
    let facts = findings.follow_ups.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        let state = match it.status {
            FollowUpStatus::Open => "open",
            FollowUpStatus::Done => "done",
            FollowUpStatus::Overdue => "overdue",
        };
        let cells =
            [text_cell(&it.statement.text), text_cell(&due_text(it)), date_cell(it.noted), text_cell(state)];
        table_row(&it.statement, pages, cells)
    });
    section("Follow-up", vec![build_table(COLUMNS, rows.collect())])
}

fn section(title: &'static str, tables: Vec<ReportTable>) -> Option<ReportSection> {
    let tables: Vec<ReportTable> = tables.into_iter().filter(|table| !table.rows.is_empty()).collect();
    (!tables.is_empty()).then_some(ReportSection { title, tables })
}

/// A table without its empty columns, except for the first.
fn build_table<const N: usize>(columns: [ReportColumn; N], mut rows: Vec<ReportRow>) -> ReportTable {
    let is_used: Vec<bool> =
        (0..N).map(|index| index == 0 || rows.iter().any(|row| !row.cells[index].text.is_empty())).collect();
    for row in &mut rows {
        let mut is_used = is_used.iter();
        row.cells.retain(|_| is_used.next().copied().unwrap_or(false));
    }
    let columns =
        columns.into_iter().zip(is_used).filter_map(|(column, is_used)| is_used.then_some(column)).collect();
    ReportTable { title: None, columns, rows }
}

fn table_row<const N: usize>(
    statement: &Statement,
    pages: &PageReferences<'_>,
    mut cells: [ReportCell; N],
) -> ReportRow {
    let mut note = None;
    if adds_to_cells(statement, &cells) {
        if N == 1 && starts_with_words(&statement.text, &cells[0].text) {
            // In a list the statement replaces the name that it begins with.
            cells[0].text = statement.text.clone();
        } else {
            note = Some(statement.text.clone());
        }
    }
    ReportRow { note, ..measurement_row(statement, pages, cells) }
}

/// A row without a note, since the statement of a measurement only repeats its cells.
fn measurement_row<const N: usize>(
    statement: &Statement,
    pages: &PageReferences<'_>,
    cells: [ReportCell; N],
) -> ReportRow {
    ReportRow {
        cells: cells.into(),
        name_column: 0,
        note: None,
        assertion: statement_label(statement),
        pages: pages.cited_pages(statement),
    }
}

/// Whether the statement has words that the cells and the assertion status do not have.
fn adds_to_cells(statement: &Statement, cells: &[ReportCell]) -> bool {
    let shown: Vec<String> = cells.iter().flat_map(|cell| words(&cell.text)).collect();
    let stated_by_status: &[&str] = match statement.assertion {
        Assertion::Present => &[],
        Assertion::Negated => &["no"],
        Assertion::Possible => &["possible"],
        Assertion::Family => &["family", "history"],
        Assertion::Historical => &["past", "stopped"],
        Assertion::Planned => &["planned"],
    };
    words(&statement.text).any(|word| {
        let is_filler = ["a", "allergy", "of", "to"].contains(&word.as_str());
        !is_filler && !shown.contains(&word) && !stated_by_status.contains(&word.as_str())
    })
}

fn starts_with_words(sentence: &str, name: &str) -> bool {
    let mut sentence = words(sentence);
    words(name).all(|word| sentence.next() == Some(word))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

fn name_cell(name: &str) -> ReportCell {
    text_cell(&capitalise(name))
}

fn text_cell(text: &str) -> ReportCell {
    ReportCell { text: text.to_owned(), emphasis: None }
}

fn optional_cell(text: &Option<String>) -> ReportCell {
    ReportCell { text: text.clone().unwrap_or_default(), emphasis: None }
}

/// The date, or its words if the page names no day.
fn partial_date_cell(date: Option<time::Date>, words: Option<&str>) -> ReportCell {
    match (date, words) {
        (None, Some(words)) => text_cell(words),
        (date, _) => date_cell(date),
    }
}

fn timeline_date_cell(event: &TimelineEvent) -> ReportCell {
    partial_date_cell(Some(event.date).filter(|_| event.date_text.is_none()), event.date_text.as_deref())
}

/// A damaged value is printed as meant and as read.
fn value_text(value: &str, as_read: Option<&str>) -> String {
    as_read.map_or_else(|| value.to_owned(), |read| format!("{value} (read as {read})"))
}

/// The status with what is known of start, stop and indication.
fn medication_status(it: &Medication) -> String {
    let status = match it.course.state {
        Some(MedicationState::Planned) => "Planned".to_owned(),
        Some(MedicationState::Held) => "On hold".to_owned(),
        Some(MedicationState::Cancelled) => "Cancelled".to_owned(),
        Some(MedicationState::Completed) => "Completed".to_owned(),
        None => medication_status_cell(it.status).text,
    };
    let course = [
        it.course.start.as_ref().map(|start| format!("from {start}")),
        it.course.stop.as_ref().map(|stop| format!("until {stop}")),
        it.course.indication.as_ref().map(|indication| format!("for {indication}")),
    ];
    std::iter::once(status).chain(course.into_iter().flatten()).collect::<Vec<_>>().join(", ")
}

fn due_text(it: &FollowUp) -> String {
    match (&it.due, it.due_date) {
        (Some(due), Some(date)) => format!("{due} ({})", iso_date(date)),
        (None, Some(date)) => iso_date(date),
        (Some(due), None) => due.clone(),
        (None, None) => String::new(),
    }
}

fn date_cell(date: Option<time::Date>) -> ReportCell {
    ReportCell { text: date.map(iso_date).unwrap_or_default(), emphasis: None }
}
