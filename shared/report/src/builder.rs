//! Builds the content of a report from an analysis.

use maneiro_api::{
    analysis::{Analysis, Findings, Generator, PageUnderstanding, Statement},
    branding::{ClinicLetterhead, SignerBlock},
    edit::StatementSection,
    report::{PaperSize, ReportForm, ReportOptions},
    signature::ReportSignature,
};
use time::Date;

use crate::{
    labels::{describe_window, statement_label},
    letter::{letter, select_for_letter},
    letterhead::{letterhead, signature},
    model::{LabelledValue, ReportConflict, ReportModel, ReportStatement, SourceEntry},
    page_references::{PageReferences, has_low_confidence},
    sections::{build_sections, is_fact, list_doubtful},
    selection::select_sections,
    texts::Texts,
};

/// The source of a report.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The clinic's letterhead, unless the report is a plain one.
    pub letterhead: Option<&'a ClinicLetterhead>,
    /// What was chosen for it. Whether it is on the letterhead is decided by [`Report::letterhead`].
    pub options: &'a ReportOptions,
    /// The title of the record.
    pub record_title: &'a str,
    /// The analysis of the record.
    pub analysis: &'a Analysis,
    /// The day of a letter that is not signed; a signed one has the day of its signature.
    pub date: Date,
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

/// Statements at the head of a full review.
const MAX_MOST_IMPORTANT: usize = 3;

pub(crate) fn build_model(report: &Report<'_>) -> ReportModel {
    let Report { analysis, options, .. } = report;
    let texts = Texts::new(options.language);
    let pages = PageReferences::new(&analysis.sources, texts);
    match options.form {
        ReportForm::ShortLetter => build_letter(report, &pages),
        ReportForm::FullReview => build_review(report, &pages),
    }
}

fn build_letter(report: &Report<'_>, pages: &PageReferences<'_>) -> ReportModel {
    let (findings, omissions) = select_for_letter(&report.analysis.findings);
    let date = report.signer.and_then(|signer| signer.signature).map(|signature| signature.signed_at);
    let date = date.map_or(report.date, |at| at.to_offset(time::UtcOffset::UTC).date());
    let letter = letter(report.analysis, report.record_title, date, &findings, &omissions, pages);
    let mut model = build_common(report, &findings, pages);
    model.title = (pages.texts.letter_title)(subject(report));
    // A letter names no passages: it has no room for them.
    for doubtful in &mut model.doubtful {
        doubtful.quotes.clear();
    }
    ReportModel { letter: Some(letter), notes: vec![made_by(report.analysis, pages.texts)], ..model }
}

fn build_review(report: &Report<'_>, pages: &PageReferences<'_>) -> ReportModel {
    let Report { analysis, options, .. } = report;
    let texts = pages.texts;
    let is_chosen = |section: StatementSection| {
        section == StatementSection::Summary
            || options.sections.as_ref().is_none_or(|chosen| chosen.contains(&section))
    };
    let (findings, omissions) = select_sections(&analysis.findings, is_chosen);
    let mut model = build_common(report, &findings, pages);
    model.summary = model.most_important.split_off(model.most_important.len().min(MAX_MOST_IMPORTANT));
    let left_out = omissions.describe(texts);
    let mut notes = notes(analysis, &findings, texts);
    if !left_out.is_empty() {
        notes.insert(0, (texts.sections_left_out)(&left_out.join(", ")));
    }
    let sources = &analysis.sources;
    ReportModel {
        identity: identity(report, texts),
        request: describe_request(report, texts),
        totals: describe_totals(analysis, &findings, texts),
        sections: build_sections(&findings, pages),
        notes,
        duplicates: findings.duplicates.iter().map(|it| pages.describe_duplicate(it)).collect(),
        unreadable_pages: sources.iter().flat_map(|it| pages.unreadable_pages(it)).collect(),
        not_understood_pages: pages.not_understood_pages(&findings.understanding),
        partly_read_pages: sources.iter().flat_map(|it| pages.partly_read_pages(it)).collect(),
        sources: sources
            .iter()
            .enumerate()
            .map(|(index, source)| SourceEntry {
                number: index + 1,
                name: source.name.clone(),
                pages: source.pages,
            })
            .collect(),
        ..model
    }
}

/// What both forms have.
fn build_common(report: &Report<'_>, findings: &Findings, pages: &PageReferences<'_>) -> ReportModel {
    let texts = pages.texts;
    let facts = |statements: &[Statement]| -> Vec<ReportStatement> {
        statements.iter().filter(|it| is_fact(it)).map(|it| report_statement(it, pages)).collect()
    };
    let patient = &findings.patient;
    let subject = subject(report);
    ReportModel {
        texts,
        paper: match report.options.paper {
            PaperSize::Letter => "us-letter",
            PaperSize::A4 => "a4",
        },
        letterhead: report.letterhead.map(letterhead),
        title: (texts.review_title)(subject),
        is_empty: report.analysis.findings.statements().next().is_none(),
        recipient: report.options.recipient.lines().map(str::to_owned).collect(),
        letter: None,
        patient: patient.name.clone(),
        page_header: page_header(
            report.letterhead.map_or("", |letterhead| letterhead.name.as_str()),
            subject,
            patient.medical_record_number.as_deref(),
        ),
        identity: Vec::new(),
        request: Vec::new(),
        totals: String::new(),
        most_important: facts(&findings.summary),
        summary: Vec::new(),
        sections: Vec::new(),
        conflicts: findings
            .conflicts
            .iter()
            .filter(|it| is_fact(it))
            .map(|it| ReportConflict { text: it.text.clone(), quotes: pages.quotes(it) })
            .collect(),
        gaps: facts(&findings.gaps),
        doubtful: list_doubtful(findings, pages),
        has_low_confidence: findings
            .statements()
            .filter(|it| is_fact(it))
            .flat_map(|it| &it.citations)
            .any(has_low_confidence),
        notes: Vec::new(),
        duplicates: Vec::new(),
        unreadable_pages: Vec::new(),
        partly_read_pages: Vec::new(),
        not_understood_pages: Vec::new(),
        sources: Vec::new(),
        signature: report.signer.map(|signer| signature(signer.block, signer.signature, texts)),
    }
}

/// Whom the report is about.
fn subject<'a>(report: &Report<'a>) -> &'a str {
    report.analysis.findings.patient.name.as_deref().unwrap_or(report.record_title)
}

fn identity(report: &Report<'_>, texts: &Texts) -> Vec<LabelledValue> {
    let patient = &report.analysis.findings.patient;
    labelled_values([
        (texts.born, patient.birth_date.map(texts.long_date)),
        (texts.sex, patient.sex.clone()),
        (texts.record_number, patient.medical_record_number.clone()),
    ])
}

fn report_statement(statement: &Statement, pages: &PageReferences<'_>) -> ReportStatement {
    ReportStatement {
        text: statement.text.clone(),
        assertion: statement_label(statement, pages.texts),
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

fn describe_request(report: &Report<'_>, texts: &Texts) -> Vec<LabelledValue> {
    let analysis = report.analysis;
    let generator = match &analysis.generator {
        Generator::Extractive => texts.built_in_analyser.to_owned(),
        Generator::Model { name } => (texts.language_model)(name),
    };
    let generated_at = analysis.generated_at.to_offset(time::UtcOffset::UTC);
    labelled_values([
        (texts.record, Some(report.record_title.to_owned())),
        (texts.focus, analysis.focus.clone()),
        (texts.period, analysis.window.and_then(|window| describe_window(window, texts))),
        (texts.made_by, Some(generator)),
        (texts.made_on, Some((texts.date_and_minute)(generated_at))),
    ])
}

fn describe_totals(analysis: &Analysis, findings: &Findings, texts: &Texts) -> String {
    let all = findings.statements().count();
    let checked = findings.statements().filter(|it| is_fact(it)).count();
    let pages: u32 = analysis.sources.iter().map(|source| source.pages).sum();
    let unreadable: usize = analysis.sources.iter().map(|source| source.unreadable.len()).sum();
    let partly_read: usize = analysis.sources.iter().map(|source| source.partly_read.len()).sum();
    let mut parts = vec![(texts.pages)(pages as usize)];
    if unreadable > 0 {
        parts.push((texts.not_readable)(unreadable));
    }
    if partly_read > 0 {
        parts.push((texts.read_in_part)(partly_read));
    }
    parts.push((texts.statements)(all));
    if all > 0 {
        parts.push((texts.checked)(checked));
    }
    if all > checked {
        parts.push((texts.doubtful_apart)(all - checked));
    }
    parts.join(" · ")
}

/// By what the statements were made, in a sentence.
fn made_by(analysis: &Analysis, texts: &Texts) -> String {
    match &analysis.generator {
        Generator::Extractive => texts.made_by_rules.to_owned(),
        Generator::Model { name } => (texts.made_by_model)(name),
    }
}

fn notes(analysis: &Analysis, findings: &Findings, texts: &Texts) -> Vec<String> {
    let mut notes = vec![made_by(analysis, texts), texts.aid_to_reading.to_owned()];
    notes.extend(describe_understanding(&findings.understanding, texts));
    let all_is_built_in = matches!(analysis.generator, Generator::Extractive);
    notes.extend(analysis.model_failure.map(|failure| (texts.model_failure)(failure, all_is_built_in)));
    if findings.statements().any(|statement| statement.also_in_record) {
        notes.push(texts.also_in_record_note.to_owned());
    }
    let topics: Vec<&str> = findings.not_stated.iter().map(|topic| (texts.topic)(*topic)).collect();
    if !topics.is_empty() {
        notes.push((texts.not_stated)(&topics.join(", ")));
    }
    let discarded = &analysis.discarded;
    if discarded.malformed_outputs > 0 {
        notes.push((texts.malformed_outputs)(discarded.malformed_outputs as usize));
    }
    if discarded.uncited_statements > 0 {
        notes.push((texts.uncited_statements)(discarded.uncited_statements as usize));
    }
    notes
}

/// How many lines gave something, in one sentence, so that "nothing was found" is not taken for "there is nothing".
fn describe_understanding(pages: &[PageUnderstanding], texts: &Texts) -> Option<String> {
    let sum = |lines: fn(&PageUnderstanding) -> u32| pages.iter().map(lines).map(u64::from).sum::<u64>();
    let used = sum(|page| page.lines_with_findings);
    let not_understood = pages.iter().map(|page| page.lines_not_understood.len() as u64).sum::<u64>();
    let all = used + not_understood + sum(|page| page.lines_without_content);
    (all > 0).then(|| (texts.understanding)(all, used, not_understood))
}
