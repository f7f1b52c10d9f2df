//! Builds the content of a report from an analysis.

use maneiro_api::{
    analysis::{Analysis, ExpectedTopic, Generator, ModelFailure, PageUnderstanding, Statement},
    branding::{ClinicLetterhead, SignerBlock},
    signature::ReportSignature,
};

use crate::{
    labels::{date_and_minute, describe_window, long_date, statement_label},
    letterhead::{letterhead, signature},
    model::{LabelledValue, ReportConflict, ReportModel, ReportStatement, SourceEntry},
    page_references::{PageReferences, has_low_confidence},
    sections::{build_sections, is_fact, list_doubtful},
};

/// The source of a report.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The clinic's letterhead, unless the report is a plain one.
    pub letterhead: Option<&'a ClinicLetterhead>,
    /// The title of the record.
    pub record_title: &'a str,
    /// The analysis of the record.
    pub analysis: &'a Analysis,
    /// For whom there is a place to sign at the end, or who has signed.
    pub signer: Option<Signer<'a>>,
}

/// Who signs a report, or has signed it.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// What stands below the signature.
    pub block: &'a SignerBlock,
    /// The signature; none in a draft.
    pub signature: Option<&'a ReportSignature>,
}

/// Statements at the head of a report.
const MAX_MOST_IMPORTANT: usize = 3;

pub(crate) fn build_model(report: &Report<'_>) -> ReportModel {
    let analysis = report.analysis;
    let findings = &analysis.findings;
    let pages = PageReferences::new(&analysis.sources);
    let facts = |statements: &[Statement]| -> Vec<ReportStatement> {
        statements.iter().filter(|it| is_fact(it)).map(|it| report_statement(it, &pages)).collect()
    };
    let mut most_important = facts(&findings.summary);
    let summary = most_important.split_off(most_important.len().min(MAX_MOST_IMPORTANT));
    let patient = &findings.patient;
    let subject = patient.name.as_deref().unwrap_or(report.record_title);
    ReportModel {
        letterhead: report.letterhead.map(letterhead),
        title: format!("Record analysis: {subject}"),
        patient: patient.name.clone(),
        page_header: page_header(
            report.letterhead.map_or("", |letterhead| letterhead.name.as_str()),
            subject,
            patient.medical_record_number.as_deref(),
        ),
        identity: labelled_values([
            ("Born", patient.birth_date.map(long_date)),
            ("Sex", patient.sex.clone()),
            ("Record number", patient.medical_record_number.clone()),
        ]),
        request: describe_request(report),
        totals: describe_totals(analysis),
        most_important,
        summary,
        sections: build_sections(findings, &pages),
        conflicts: findings
            .conflicts
            .iter()
            .filter(|it| is_fact(it))
            .map(|it| ReportConflict { text: it.text.clone(), quotes: pages.quotes(it) })
            .collect(),
        gaps: facts(&findings.gaps),
        doubtful: list_doubtful(findings, &pages),
        has_low_confidence: findings
            .statements()
            .filter(|it| is_fact(it))
            .flat_map(|it| &it.citations)
            .any(has_low_confidence),
        notes: notes(analysis),
        duplicates: findings.duplicates.iter().map(|it| pages.describe_duplicate(it)).collect(),
        unreadable_pages: analysis.sources.iter().flat_map(|it| pages.unreadable_pages(it)).collect(),
        not_understood_pages: pages.not_understood_pages(&findings.understanding),
        partly_read_pages: analysis.sources.iter().flat_map(|it| pages.partly_read_pages(it)).collect(),
        sources: analysis
            .sources
            .iter()
            .enumerate()
            .map(|(index, source)| SourceEntry {
                number: index + 1,
                name: source.name.clone(),
                pages: source.pages,
            })
            .collect(),
        signature: report.signer.map(|signer| signature(signer.block, signer.signature)),
    }
}

fn report_statement(statement: &Statement, pages: &PageReferences<'_>) -> ReportStatement {
    ReportStatement {
        text: statement.text.clone(),
        assertion: statement_label(statement),
        pages: pages.cited_pages(statement),
    }
}

fn page_header(clinic: &str, subject: &str, record_number: Option<&str>) -> [String; 2] {
    let patient = [Some(shorten(subject, 40)), record_number.map(|number| shorten(number, 20))];
    [shorten(clinic, 40), patient.into_iter().flatten().collect::<Vec<_>>().join(" · ")]
}

fn shorten(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let start: String = text.chars().take(max_chars - 1).collect();
    format!("{}…", start.trim_end())
}

fn labelled_values<const N: usize>(values: [(&'static str, Option<String>); N]) -> Vec<LabelledValue> {
    values.into_iter().filter_map(|(label, value)| Some(LabelledValue { label, value: value? })).collect()
}

fn describe_request(report: &Report<'_>) -> Vec<LabelledValue> {
    let analysis = report.analysis;
    let generator = match &analysis.generator {
        Generator::Extractive => "Built-in extractive analyser".to_owned(),
        Generator::Model { name } => format!("Language model {name}"),
    };
    let generated_at = analysis.generated_at.to_offset(time::UtcOffset::UTC);
    labelled_values([
        ("Record", Some(report.record_title.to_owned())),
        ("Focus", analysis.focus.clone()),
        ("Period", analysis.window.and_then(describe_window)),
        ("Made by", Some(generator)),
        ("Made on", Some(date_and_minute(generated_at))),
    ])
}

fn describe_totals(analysis: &Analysis) -> String {
    let all = analysis.findings.statements().count();
    let checked = analysis.findings.statements().filter(|it| is_fact(it)).count();
    let pages: u32 = analysis.sources.iter().map(|source| source.pages).sum();
    let unreadable: usize = analysis.sources.iter().map(|source| source.unreadable.len()).sum();
    let partly_read: usize = analysis.sources.iter().map(|source| source.partly_read.len()).sum();
    let mut parts = vec![count(pages as usize, "page", "pages")];
    if unreadable > 0 {
        parts.push(format!("{unreadable} not readable"));
    }
    if partly_read > 0 {
        parts.push(format!("{partly_read} read in part"));
    }
    parts.push(count(all, "statement", "statements"));
    if all > 0 {
        parts.push(format!("{checked} checked against their pages"));
    }
    if all > checked {
        parts.push(format!("{} doubtful, listed apart", all - checked));
    }
    parts.join(" · ")
}

fn count(number: usize, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}

fn notes(analysis: &Analysis) -> Vec<String> {
    let mut notes = vec![match &analysis.generator {
        Generator::Extractive => "Every statement was taken from the record's own words by fixed rules; no \
                               language model was used."
            .to_owned(),
        Generator::Model { name } => format!(
            "The statements were written by the language model {name}. Each quotes the record, and each quote \
             was looked up on its page by other means than the model."
        ),
    }];
    notes.push(
        "This report is an aid to reading the record and does not replace it. A physician reviews it before use."
            .to_owned(),
    );
    notes.extend(describe_understanding(&analysis.findings.understanding));
    let all_by = matches!(analysis.generator, Generator::Extractive);
    notes.extend(analysis.model_failure.map(|failure| {
        let why = match failure {
            ModelFailure::Unavailable => "The language model did not answer",
            ModelFailure::RequestRejected => "The language model's server refused the request",
            ModelFailure::UnusableAnswers => "The language model's answers could not be used",
        };
        let what = if all_by { "this is what the built-in analyser found" } else { "it made a part only" };
        format!("{why}; {what}.")
    }));
    if analysis.findings.statements().any(|statement| statement.also_in_record) {
        notes.push(
            "What is marked \"also in the record\" was left out by the language model and found by the built-in analyser."
                .to_owned(),
        );
    }
    let topics: Vec<&str> = analysis.findings.not_stated.iter().map(|topic| topic_words(*topic)).collect();
    if !topics.is_empty() {
        notes.push(format!("Not stated on these pages: {}.", topics.join(", ")));
    }
    let discarded = &analysis.discarded;
    if discarded.malformed_outputs > 0 {
        let answers = count(discarded.malformed_outputs as usize, "answer", "answers");
        notes.push(format!(
            "{answers} of the language model did not match the requested schema and had to be discarded."
        ));
    }
    if discarded.uncited_statements > 0 {
        let statements = count(discarded.uncited_statements as usize, "statement", "statements");
        notes.push(format!("{statements} of the language model cited nothing and had to be discarded."));
    }
    notes
}

const fn topic_words(topic: ExpectedTopic) -> &'static str {
    match topic {
        ExpectedTopic::Allergies => "allergies",
        ExpectedTopic::Medications => "medications",
        ExpectedTopic::CodeStatus => "code status",
        ExpectedTopic::Surrogate => "who decides for the patient",
        ExpectedTopic::SocialHistory => "social history",
        ExpectedTopic::FamilyHistory => "family history",
        ExpectedTopic::Vaccines => "vaccines",
        ExpectedTopic::FollowUp => "follow-up",
    }
}

/// How many lines gave something, in one sentence, so that "nothing was found" is not taken for "there is nothing".
fn describe_understanding(pages: &[PageUnderstanding]) -> Option<String> {
    let sum = |lines: fn(&PageUnderstanding) -> u32| pages.iter().map(lines).map(u64::from).sum::<u64>();
    let used = sum(|page| page.lines_with_findings);
    let not_understood = sum(|page| page.lines_not_understood);
    let all = used + not_understood + sum(|page| page.lines_without_content);
    (all > 0).then(|| {
        format!(
            "Of {all} lines of text, {used} gave a statement of this report; {not_understood} were not understood \
             and may say more."
        )
    })
}
