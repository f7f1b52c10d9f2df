//! The sections of a report, one function for each. Empty tables and empty columns are left out.

use std::collections::BTreeSet;

use maneiro_api::{
    analysis::{
        Assertion, ClinicalStatus, Findings, FollowUp, Medication, Observation, ObservationKind, Problem,
        Statement, TimelineEvent, capitalise,
    },
    edit::StatementSection,
    report::ReportLanguage,
};

use crate::{
    labels::{doubt_label, flag_cell, iso_date, origin_label, statement_label},
    model::{DoubtfulStatement, ReportCell, ReportColumn, ReportRow, ReportSection, ReportTable},
    page_references::PageReferences,
    texts::Texts,
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
    let texts = pages.texts;
    let kinds = &texts.kinds;
    let all = (findings.other_patients.iter().map(|it| (kinds.other_patient, &it.statement)))
        .chain(findings.summary.iter().map(|it| (kinds.summary, it)))
        .chain(findings.problems.iter().map(|it| (kinds.problem, &it.statement)))
        .chain(findings.signs_symptoms.iter().map(|it| (kinds.sign_or_symptom, &it.statement)))
        .chain(findings.medications.iter().map(|it| (kinds.medication, &it.statement)))
        .chain(findings.allergies.iter().map(|it| (kinds.allergy, &it.statement)))
        .chain(findings.vitals.iter().map(|it| (kinds.vital_sign, &it.statement)))
        .chain(findings.labs.iter().map(|it| (kinds.lab, &it.statement)))
        .chain(findings.procedures.iter().map(|it| (kinds.procedure, &it.statement)))
        .chain(findings.imaging.iter().map(|it| (kinds.imaging, &it.statement)))
        .chain(findings.observations.iter().map(|it| ((texts.observation)(it.kind), &it.statement)))
        .chain(findings.timeline.iter().map(|it| (kinds.event, &it.statement)))
        .chain(findings.follow_ups.iter().map(|it| (kinds.follow_up, &it.statement)))
        .chain(findings.conflicts.iter().map(|it| (kinds.conflict, it)))
        .chain(findings.gaps.iter().map(|it| (kinds.gap, it)));
    all.filter(|(_, statement)| !is_fact(statement))
        .map(|(kind, statement)| DoubtfulStatement {
            kind,
            text: statement.text.clone(),
            assertion: statement_label(statement, texts),
            reason: doubt_label(statement, texts),
            pages: pages.cited_pages(statement),
            quotes: pages.quotes(statement),
        })
        .collect()
}

/// Problems by assertion status, so that a relative's illness is never among the patient's.
pub(crate) fn problems(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 1] = [ReportColumn { title: columns.problem, share: 1.0 }];
    let table_of = |title: &'static str, is_included: fn(&Problem) -> bool| {
        let rows =
            findings.problems.iter().filter(|it| is_fact(&it.statement) && is_included(it)).map(|it| {
                ReportRow {
                    // The title of the table already says whether it is so.
                    assertion: origin_label(&it.statement, pages.texts),
                    ..table_row(&it.statement, pages, [name_cell(&it.name)])
                }
            });
        ReportTable { title: Some(title), ..build_table(shown, rows.collect()) }
    };
    let groups = &pages.texts.problem_groups;
    section(
        (pages.texts.section)(StatementSection::Problems),
        vec![
            table_of(groups.active, |it| {
                it.statement.assertion == Assertion::Present && it.status == ClinicalStatus::Active
            }),
            table_of(groups.past, |it| {
                it.statement.assertion == Assertion::Historical
                    || it.statement.assertion == Assertion::Present && it.status == ClinicalStatus::Past
            }),
            table_of(groups.possible, |it| it.statement.assertion == Assertion::Possible),
            table_of(groups.planned, |it| it.statement.assertion == Assertion::Planned),
            table_of(groups.negated, |it| it.statement.assertion == Assertion::Negated),
            table_of(groups.family, |it| it.statement.assertion == Assertion::Family),
        ],
    )
}

fn signs_symptoms(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 2] = [
        ReportColumn { title: columns.sign_or_symptom, share: 3.5 },
        ReportColumn { title: columns.date, share: 1.0 },
    ];
    let facts = findings.signs_symptoms.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        measurement_row(
            &it.statement,
            pages,
            [name_cell(&it.name), partial_date_cell(it.date, it.date_text.as_deref())],
        )
    });
    section((pages.texts.section)(StatementSection::SignsSymptoms), vec![build_table(shown, rows.collect())])
}

fn medications(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 5] = [
        ReportColumn { title: columns.medicine, share: 2.4 },
        ReportColumn { title: columns.dose, share: 1.1 },
        ReportColumn { title: columns.route, share: 1.1 },
        ReportColumn { title: columns.frequency, share: 1.7 },
        ReportColumn { title: columns.status, share: 1.15 },
    ];
    let facts = findings.medications.iter().filter(|it| is_fact(&it.statement));
    let (active, past): (Vec<_>, Vec<_>) = facts.partition(|it| it.status == ClinicalStatus::Active);
    let rows = active.into_iter().chain(past).map(|it| {
        let texts = pages.texts;
        // The statement is compared with the status in the words that it would itself be written in.
        let english = Texts::new(ReportLanguage::En);
        let cells = [
            name_cell(&it.name),
            optional_cell(&it.dose),
            optional_cell(&it.route),
            optional_cell(&it.frequency),
            text_cell(&medication_status(it, english)),
        ];
        let mut row = table_row(&it.statement, pages, cells);
        row.cells[4] = ReportCell {
            text: medication_status(it, texts),
            emphasis: (it.status == ClinicalStatus::Past).then_some("past"),
        };
        // The status already says that it is historical.
        if it.status == ClinicalStatus::Past && it.statement.assertion == Assertion::Historical {
            row.assertion = origin_label(&it.statement, texts);
        }
        row
    });
    section((pages.texts.section)(StatementSection::Medications), vec![build_table(shown, rows.collect())])
}

fn allergies(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 2] = [
        ReportColumn { title: columns.substance, share: 1.5 },
        ReportColumn { title: columns.reaction, share: 1.0 },
    ];
    let facts = findings.allergies.iter().filter(|it| is_fact(&it.statement));
    let rows = facts
        .map(|it| table_row(&it.statement, pages, [name_cell(&it.substance), optional_cell(&it.reaction)]));
    section((pages.texts.section)(StatementSection::Allergies), vec![build_table(shown, rows.collect())])
}

fn vitals(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 4] = [
        ReportColumn { title: columns.measurement, share: 2.2 },
        ReportColumn { title: columns.value, share: 1.0 },
        ReportColumn { title: columns.unit, share: 1.0 },
        ReportColumn { title: columns.date, share: 1.0 },
    ];
    let facts = findings.vitals.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        let value = value_text(&it.value, it.value_as_read.as_deref(), pages.texts);
        let cells = [name_cell(&it.name), text_cell(&value), optional_cell(&it.unit), date_cell(it.date)];
        measurement_row(&it.statement, pages, cells)
    });
    section((pages.texts.section)(StatementSection::Vitals), vec![build_table(shown, rows.collect())])
}

fn labs(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 6] = [
        ReportColumn { title: columns.test, share: 2.3 },
        ReportColumn { title: columns.value, share: 0.8 },
        ReportColumn { title: columns.unit, share: 1.25 },
        ReportColumn { title: columns.range, share: 1.15 },
        ReportColumn { title: columns.flag, share: 0.9 },
        ReportColumn { title: columns.date, share: 1.0 },
    ];
    let facts = findings.labs.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        let flag = it.flag.map(|flag| flag_cell(flag, pages.texts)).unwrap_or_default();
        let text = value_text(&it.value, it.value_as_read.as_deref(), pages.texts);
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
    section((pages.texts.section)(StatementSection::Labs), vec![build_table(shown, rows.collect())])
}

fn procedures(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 2] = [
        ReportColumn { title: columns.procedure, share: 3.5 },
        ReportColumn { title: columns.date, share: 1.0 },
    ];
    let facts = findings.procedures.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        table_row(
            &it.statement,
            pages,
            [name_cell(&it.name), partial_date_cell(it.date, it.date_text.as_deref())],
        )
    });
    section((pages.texts.section)(StatementSection::Procedures), vec![build_table(shown, rows.collect())])
}

fn imaging(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 2] =
        [ReportColumn { title: columns.study, share: 3.5 }, ReportColumn { title: columns.date, share: 1.0 }];
    let facts = findings.imaging.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        table_row(
            &it.statement,
            pages,
            [name_cell(&it.study), partial_date_cell(it.date, it.date_text.as_deref())],
        )
    });
    section((pages.texts.section)(StatementSection::Imaging), vec![build_table(shown, rows.collect())])
}

/// A table for each kind, in the order of the kinds.
pub(crate) fn observations(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 2] = [
        ReportColumn { title: columns.statement, share: 3.5 },
        ReportColumn { title: columns.date, share: 1.0 },
    ];
    let facts: Vec<&Observation> = findings.observations.iter().filter(|it| is_fact(&it.statement)).collect();
    let kinds: BTreeSet<ObservationKind> = facts.iter().map(|it| it.kind).collect();
    let table_of = |kind: ObservationKind| {
        let rows = facts.iter().filter(|it| it.kind == kind).map(|it| {
            let cells = [text_cell(&it.statement.text), partial_date_cell(it.date, it.date_text.as_deref())];
            measurement_row(&it.statement, pages, cells)
        });
        ReportTable { title: Some((pages.texts.observation)(kind)), ..build_table(shown, rows.collect()) }
    };
    section(pages.texts.observations, kinds.into_iter().map(table_of).collect())
}

fn timeline(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 2] =
        [ReportColumn { title: columns.date, share: 1.0 }, ReportColumn { title: columns.event, share: 5.0 }];
    let facts = findings.timeline.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| ReportRow {
        name_column: 1,
        ..table_row(&it.statement, pages, [timeline_date_cell(it), text_cell(&it.statement.text)])
    });
    section((pages.texts.section)(StatementSection::Timeline), vec![build_table(shown, rows.collect())])
}

fn follow_ups(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let columns = &pages.texts.columns;
    let shown: [ReportColumn; 4] = [
        ReportColumn { title: columns.to_do, share: 3.5 },
        ReportColumn { title: columns.due, share: 1.2 },
        ReportColumn { title: columns.noted, share: 1.0 },
        ReportColumn { title: columns.state, share: 0.9 },
    ];
    let facts = findings.follow_ups.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        let state = (pages.texts.follow_up_status)(it.status);
        let cells =
            [text_cell(&it.statement.text), text_cell(&due_text(it)), date_cell(it.noted), text_cell(state)];
        table_row(&it.statement, pages, cells)
    });
    section((pages.texts.section)(StatementSection::FollowUps), vec![build_table(shown, rows.collect())])
}

pub(crate) fn section(title: &'static str, tables: Vec<ReportTable>) -> Option<ReportSection> {
    let tables: Vec<ReportTable> = tables.into_iter().filter(|table| !table.rows.is_empty()).collect();
    (!tables.is_empty()).then_some(ReportSection { title, tables })
}

/// A table without its empty columns, except for the first.
pub(crate) fn build_table<const N: usize>(
    columns: [ReportColumn; N],
    mut rows: Vec<ReportRow>,
) -> ReportTable {
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

pub(crate) fn table_row<const N: usize>(
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
        assertion: statement_label(statement, pages.texts),
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

pub(crate) fn name_cell(name: &str) -> ReportCell {
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
fn value_text(value: &str, as_read: Option<&str>, texts: &Texts) -> String {
    as_read.map_or_else(|| value.to_owned(), |read| (texts.value_as_read)(value, read))
}

/// The status with what is known of start, stop and indication.
pub(crate) fn medication_status(it: &Medication, texts: &Texts) -> String {
    let status = match it.course.state {
        Some(state) => (texts.medication_state)(state),
        None => (texts.clinical_status)(it.status),
    };
    let course = [
        it.course.start.as_deref().map(texts.started),
        it.course.stop.as_deref().map(texts.stopped),
        it.course.indication.as_deref().map(texts.indication),
    ];
    std::iter::once(status.to_owned()).chain(course.into_iter().flatten()).collect::<Vec<_>>().join(", ")
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
