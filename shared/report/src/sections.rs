//! Which tables a report has: one function per kind of finding. Empty tables and empty columns are left out.

use maneiro_api::analysis::{Assertion, ClinicalStatus, Findings, Problem, Statement, capitalise};

use crate::view::{
    Cell, Column, Group, PageNames, Row, Section, Unverified, context, flag, is_fact, short_day, status,
};

/// Every table with something in it, in the order of the analysis.
pub(crate) fn sections(findings: &Findings, pages: &PageNames<'_>) -> Vec<Section> {
    [
        problems(findings, pages),
        medications(findings, pages),
        allergies(findings, pages),
        vitals(findings, pages),
        labs(findings, pages),
        procedures(findings, pages),
        imaging(findings, pages),
        timeline(findings, pages),
        follow_ups(findings, pages),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every statement that could not be verified, with the section it would have been in.
pub(crate) fn unverified(findings: &Findings, pages: &PageNames<'_>) -> Vec<Unverified> {
    let all = (findings.summary.iter().map(|it| ("Summary", it)))
        .chain(findings.problems.iter().map(|it| ("Problem", &it.statement)))
        .chain(findings.medications.iter().map(|it| ("Medication", &it.statement)))
        .chain(findings.allergies.iter().map(|it| ("Allergy", &it.statement)))
        .chain(findings.vitals.iter().map(|it| ("Vital sign", &it.statement)))
        .chain(findings.labs.iter().map(|it| ("Laboratory result", &it.statement)))
        .chain(findings.procedures.iter().map(|it| ("Procedure", &it.statement)))
        .chain(findings.imaging.iter().map(|it| ("Imaging", &it.statement)))
        .chain(findings.timeline.iter().map(|it| ("Event", &it.statement)))
        .chain(findings.follow_ups.iter().map(|it| ("Follow-up", &it.statement)))
        .chain(findings.conflicts.iter().map(|it| ("Conflict", it)))
        .chain(findings.gaps.iter().map(|it| ("Gap", it)));
    all.filter(|(_, statement)| !is_fact(statement))
        .map(|(kind, statement)| Unverified {
            kind,
            text: statement.text.clone(),
            context: context(statement.assertion),
            claims: pages.quotes(statement),
        })
        .collect()
}

/// Problems by what the record says of them, so that a relative's illness never stands among the patient's.
fn problems(findings: &Findings, pages: &PageNames<'_>) -> Option<Section> {
    const COLUMNS: [Column; 1] = [Column { title: "Problem", share: 1.0 }];
    let group = |title: &'static str, belongs: fn(&Problem) -> bool| {
        let rows =
            findings.problems.iter().filter(|it| is_fact(&it.statement) && belongs(it)).map(|it| Row {
                // The group's title says it already.
                context: None,
                ..row(&it.statement, pages, [name(&it.name)])
            });
        Group { title: Some(title), ..table(COLUMNS, rows.collect()) }
    };
    section(
        "Problems",
        vec![
            group("Active", |it| {
                it.statement.assertion == Assertion::Present && it.status == ClinicalStatus::Active
            }),
            group("Resolved or historical", |it| {
                it.statement.assertion == Assertion::Historical
                    || it.statement.assertion == Assertion::Present && it.status == ClinicalStatus::Past
            }),
            group("Possible", |it| it.statement.assertion == Assertion::Possible),
            group("Negated", |it| it.statement.assertion == Assertion::Negated),
            group("Of the family", |it| it.statement.assertion == Assertion::Family),
        ],
    )
}

fn medications(findings: &Findings, pages: &PageNames<'_>) -> Option<Section> {
    const COLUMNS: [Column; 5] = [
        Column { title: "Medicine", share: 2.4 },
        Column { title: "Dose", share: 1.1 },
        Column { title: "Route", share: 1.1 },
        Column { title: "Frequency", share: 1.7 },
        Column { title: "Status", share: 0.9 },
    ];
    let facts = findings.medications.iter().filter(|it| is_fact(&it.statement));
    let (active, past): (Vec<_>, Vec<_>) = facts.partition(|it| it.status == ClinicalStatus::Active);
    let rows = active.into_iter().chain(past).map(|it| {
        let cells =
            [name(&it.name), option(&it.dose), option(&it.route), option(&it.frequency), status(it.status)];
        let row = row(&it.statement, pages, cells);
        // That it was stopped says already that it is history.
        let is_told = it.status == ClinicalStatus::Past && it.statement.assertion == Assertion::Historical;
        Row { context: row.context.filter(|_| !is_told), ..row }
    });
    section("Medications", vec![table(COLUMNS, rows.collect())])
}

fn allergies(findings: &Findings, pages: &PageNames<'_>) -> Option<Section> {
    const COLUMNS: [Column; 2] =
        [Column { title: "Substance", share: 1.5 }, Column { title: "Reaction", share: 1.0 }];
    let facts = findings.allergies.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| row(&it.statement, pages, [name(&it.substance), option(&it.reaction)]));
    section("Allergies and intolerances", vec![table(COLUMNS, rows.collect())])
}

fn vitals(findings: &Findings, pages: &PageNames<'_>) -> Option<Section> {
    const COLUMNS: [Column; 4] = [
        Column { title: "Measurement", share: 2.2 },
        Column { title: "Value", share: 1.0 },
        Column { title: "Unit", share: 1.0 },
        Column { title: "Date", share: 1.0 },
    ];
    let facts = findings.vitals.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        let cells = [name(&it.name), text(&it.value), option(&it.unit), day(it.date)];
        measured(&it.statement, pages, cells)
    });
    section("Vital signs", vec![table(COLUMNS, rows.collect())])
}

fn labs(findings: &Findings, pages: &PageNames<'_>) -> Option<Section> {
    const COLUMNS: [Column; 6] = [
        Column { title: "Test", share: 2.3 },
        Column { title: "Value", share: 0.8 },
        Column { title: "Unit", share: 1.25 },
        Column { title: "Range", share: 1.15 },
        Column { title: "Flag", share: 0.9 },
        Column { title: "Date", share: 1.0 },
    ];
    let facts = findings.labs.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| {
        let flag = it.flag.map(flag).unwrap_or_default();
        let value = Cell { text: it.value.clone(), tone: flag.tone };
        let cells =
            [name(&it.name), value, option(&it.unit), option(&it.reference_range), flag, day(it.date)];
        measured(&it.statement, pages, cells)
    });
    section("Laboratory results", vec![table(COLUMNS, rows.collect())])
}

fn procedures(findings: &Findings, pages: &PageNames<'_>) -> Option<Section> {
    const COLUMNS: [Column; 2] =
        [Column { title: "Procedure", share: 3.5 }, Column { title: "Date", share: 1.0 }];
    let facts = findings.procedures.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| row(&it.statement, pages, [name(&it.name), day(it.date)]));
    section("Procedures", vec![table(COLUMNS, rows.collect())])
}

fn imaging(findings: &Findings, pages: &PageNames<'_>) -> Option<Section> {
    const COLUMNS: [Column; 2] =
        [Column { title: "Study", share: 3.5 }, Column { title: "Date", share: 1.0 }];
    let facts = findings.imaging.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| row(&it.statement, pages, [name(&it.study), day(it.date)]));
    section("Imaging", vec![table(COLUMNS, rows.collect())])
}

fn timeline(findings: &Findings, pages: &PageNames<'_>) -> Option<Section> {
    const COLUMNS: [Column; 2] =
        [Column { title: "Date", share: 1.0 }, Column { title: "Event", share: 5.0 }];
    let facts = findings.timeline.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| Row {
        named_by: 1,
        ..row(&it.statement, pages, [day(Some(it.date)), text(&it.statement.text)])
    });
    section("Timeline", vec![table(COLUMNS, rows.collect())])
}

fn follow_ups(findings: &Findings, pages: &PageNames<'_>) -> Option<Section> {
    const COLUMNS: [Column; 2] =
        [Column { title: "What is to be done", share: 3.5 }, Column { title: "When", share: 1.2 }];
    let facts = findings.follow_ups.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| row(&it.statement, pages, [text(&it.statement.text), option(&it.due)]));
    section("Follow-up", vec![table(COLUMNS, rows.collect())])
}

fn section(title: &'static str, groups: Vec<Group>) -> Option<Section> {
    let groups: Vec<Group> = groups.into_iter().filter(|group| !group.rows.is_empty()).collect();
    (!groups.is_empty()).then_some(Section { title, groups })
}

/// A table without the columns that no row has anything in. The first column always stays.
fn table<const N: usize>(columns: [Column; N], mut rows: Vec<Row>) -> Group {
    let used: Vec<bool> =
        (0..N).map(|index| index == 0 || rows.iter().any(|row| !row.cells[index].text.is_empty())).collect();
    for row in &mut rows {
        let mut keep = used.iter();
        row.cells.retain(|_| keep.next().copied().unwrap_or(false));
    }
    let columns = columns.into_iter().zip(used).filter_map(|(column, used)| used.then_some(column)).collect();
    Group { title: None, columns, rows }
}

fn row<const N: usize>(statement: &Statement, pages: &PageNames<'_>, mut cells: [Cell; N]) -> Row {
    let mut note = None;
    if says_more(statement, &cells) {
        if N == 1 && starts_with(&statement.text, &cells[0].text) {
            // In a list the sentence takes the name's place rather than repeat it below.
            cells[0].text = statement.text.clone();
        } else {
            note = Some(statement.text.clone());
        }
    }
    Row { note, ..measured(statement, pages, cells) }
}

/// The same for a measurement, whose sentence is its line in a table: that repeats its cells in other words.
fn measured<const N: usize>(statement: &Statement, pages: &PageNames<'_>, cells: [Cell; N]) -> Row {
    Row {
        cells: cells.into(),
        named_by: 0,
        note: None,
        context: context(statement.assertion),
        pages: pages.references(statement),
    }
}

/// Whether a sentence has a word that its row does not have.
fn says_more(statement: &Statement, cells: &[Cell]) -> bool {
    let shown: Vec<String> = cells.iter().flat_map(|cell| words(&cell.text)).collect();
    let said_elsewhere: &[&str] = match statement.assertion {
        Assertion::Present => &[],
        Assertion::Negated => &["no"],
        Assertion::Possible => &["possible"],
        Assertion::Family => &["family", "history"],
        Assertion::Historical => &["past", "stopped"],
    };
    words(&statement.text).any(|word| {
        let is_filler = ["a", "allergy", "of", "to"].contains(&word.as_str());
        !is_filler && !shown.contains(&word) && !said_elsewhere.contains(&word.as_str())
    })
}

fn starts_with(sentence: &str, name: &str) -> bool {
    let mut sentence = words(sentence);
    words(name).all(|word| sentence.next() == Some(word))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

fn name(name: &str) -> Cell {
    text(&capitalise(name))
}

fn text(text: &str) -> Cell {
    Cell { text: text.to_owned(), tone: None }
}

fn option(text: &Option<String>) -> Cell {
    Cell { text: text.clone().unwrap_or_default(), tone: None }
}

fn day(day: Option<time::Date>) -> Cell {
    Cell { text: day.map(short_day).unwrap_or_default(), tone: None }
}
