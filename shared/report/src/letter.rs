//! The short letter: what the next doctor must know, on a page or two.

use maneiro_api::{
    analysis::{Analysis, Assertion, ClinicalStatus, Findings},
    edit::StatementSection,
};
use time::Date;

use crate::{
    model::{LetterModel, ReportColumn, ReportRow, ReportSection},
    page_references::PageReferences,
    sections::{
        build_table, is_fact, medication_status, name_cell, observations, problems, section, table_row,
    },
    selection::{Omissions, select_sections},
    texts::Texts,
};

/// Statements of the summary that a letter has.
const MAX_LETTER_SUMMARY: usize = 6;

/// The sections that a letter has.
const fn is_in_letter(section: StatementSection) -> bool {
    matches!(
        section,
        StatementSection::Summary
            | StatementSection::Conflicts
            | StatementSection::Problems
            | StatementSection::Medications
            | StatementSection::Allergies
            | StatementSection::Gaps
    )
}

/// What a letter leaves out.
pub(crate) struct LetterOmissions {
    sections: Omissions,
    summary: usize,
    other_problems: usize,
}

/// The findings that a letter has.
pub(crate) fn select_for_letter(findings: &Findings) -> (Findings, LetterOmissions) {
    let (mut chosen, sections) = select_sections(findings, is_in_letter);
    let summary = chosen.summary.len().saturating_sub(MAX_LETTER_SUMMARY);
    chosen.summary.truncate(MAX_LETTER_SUMMARY);
    let all_problems = chosen.problems.len();
    chosen.problems.retain(|it| match it.statement.assertion {
        Assertion::Present | Assertion::Historical | Assertion::Possible => true,
        Assertion::Negated | Assertion::Planned | Assertion::Family => !is_fact(&it.statement),
    });
    let other_problems = all_problems - chosen.problems.len();
    (chosen, LetterOmissions { sections, summary, other_problems })
}

/// What only a letter has; `findings` are those that it has.
pub(crate) fn letter(
    analysis: &Analysis,
    record_title: &str,
    date: Date,
    findings: &Findings,
    omissions: &LetterOmissions,
    pages: &PageReferences<'_>,
) -> LetterModel {
    let texts = pages.texts;
    let total: u32 = analysis.sources.iter().map(|source| source.pages).sum();
    LetterModel {
        date: (texts.long_date)(date),
        subject: subject(analysis, record_title, texts),
        opening: (texts.letter.opening)(record_title, (texts.pages)(total as usize)),
        left: problems(findings, pages).into_iter().chain(observations(findings, pages)).collect(),
        right: medications(findings, pages).into_iter().chain(allergies(findings, pages)).collect(),
        left_out: describe_omissions(omissions, texts),
        documents: describe_documents(analysis, texts),
    }
}

/// Whom the letter is about, as letters of clinics say it.
fn subject(analysis: &Analysis, record_title: &str, texts: &Texts) -> String {
    let patient = &analysis.findings.patient;
    let parts = [
        Some(patient.name.clone().unwrap_or_else(|| record_title.to_owned())),
        patient.birth_date.map(|date| (texts.letter.born)(&(texts.long_date)(date))),
        patient.medical_record_number.as_deref().map(texts.letter.record_number),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The medicines as a list, what is taken first; one that is not taken says so.
fn medications(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let facts = findings.medications.iter().filter(|it| is_fact(&it.statement));
    let (active, past): (Vec<_>, Vec<_>) =
        facts.partition(|it| it.status == ClinicalStatus::Active && it.course.state.is_none());
    let active = active.into_iter().map(|it| table_row(&it.statement, pages, [name_cell(&it.name)]));
    let past = past.into_iter().map(|it| ReportRow {
        assertion: Some(medication_status(it, pages.texts).to_lowercase()),
        ..table_row(&it.statement, pages, [name_cell(&it.name)])
    });
    list(StatementSection::Medications, active.chain(past).collect(), pages.texts)
}

fn allergies(findings: &Findings, pages: &PageReferences<'_>) -> Option<ReportSection> {
    let facts = findings.allergies.iter().filter(|it| is_fact(&it.statement));
    let rows = facts.map(|it| table_row(&it.statement, pages, [name_cell(&it.substance)]));
    list(StatementSection::Allergies, rows.collect(), pages.texts)
}

/// A section with one list.
fn list(of: StatementSection, rows: Vec<ReportRow>, texts: &'static Texts) -> Option<ReportSection> {
    let column = ReportColumn { title: texts.columns.statement, share: 1.0 };
    section((texts.section)(of), vec![build_table([column], rows)])
}

fn describe_omissions(omissions: &LetterOmissions, texts: &Texts) -> Option<String> {
    let counted = |title: &str, number: usize| (number > 0).then(|| format!("{title} ({number})"));
    let left_out: Vec<String> = counted((texts.section)(StatementSection::Summary), omissions.summary)
        .into_iter()
        .chain(counted(texts.letter.other_problems, omissions.other_problems))
        .chain(omissions.sections.describe(texts))
        .collect();
    (!left_out.is_empty()).then(|| (texts.letter.left_out)(&left_out.join(", ")))
}

/// The documents, with the numbers by which page references name them if there are several.
fn describe_documents(analysis: &Analysis, texts: &Texts) -> String {
    let sources = &analysis.sources;
    let source = |(index, source): (usize, &maneiro_api::analysis::SourceDocument)| {
        let pages = (texts.source_pages)(source.pages);
        let number = if sources.len() > 1 { format!("{}. ", index + 1) } else { String::new() };
        format!("{number}{} ({pages})", source.name)
    };
    (texts.letter.documents)(&sources.iter().enumerate().map(source).collect::<Vec<_>>().join(", "))
}
