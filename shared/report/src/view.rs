//! What a report says, before it has a form: the same for PDF and Markdown. Statements whose quotes were not
//! found on their pages are kept apart here, once, so that no form can show them among the facts.

use std::collections::BTreeMap;

use maneiro_api::{
    DocumentId,
    analysis::{
        Analysis, Assertion, Citation, ClinicalStatus, DateWindow, DuplicatePage, Generator, LabFlag,
        PartlyReadPage, SourceDocument, Statement,
    },
};
use maneiro_page::UnreadReason;
use serde::Serialize;
use time::{Date, OffsetDateTime, format_description::StaticFormatDescription, macros::format_description};

use crate::Report;

/// How sure the reader must have been of a quote's words, in percent, for its page not to be marked.
const HARD_TO_READ_BELOW: u8 = 60;

/// What marks a page reference whose words were hard to read.
const HARD_TO_READ: &str = "†";

/// What the mark means.
pub(crate) const HARD_TO_READ_MEANS: &str = "† The words were hard to read: compare with the page.";

/// What stands above the statements that could not be verified.
pub(crate) const NOT_VERIFIED: &str = "Not verified - not found on the cited page";

/// What that means.
pub(crate) const NOT_VERIFIED_MEANS: &str = "The words quoted for these statements were not found on the pages they name. Do not take them for facts.";

/// What stands in a report without any statement.
pub(crate) const NOTHING_FOUND: &str = "Nothing was found in this record.";

const DAY: StaticFormatDescription = format_description!("[day padding:none] [month repr:long] [year]");
const SHORT_DAY: StaticFormatDescription = format_description!("[year]-[month]-[day]");
const MINUTE: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

/// Everything a report shows, in order.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    /// Letterhead.
    pub(crate) clinic: String,
    /// The document's title.
    pub(crate) title: String,
    /// The patient's name, if the record gives it.
    pub(crate) patient: Option<String>,
    /// The clinic and the patient, short enough for the head of every page.
    pub(crate) running_head: [String; 2],
    /// Who the patient is, beside the name.
    pub(crate) identity: Vec<Pair>,
    /// What was asked, of what, and by whom it was answered.
    pub(crate) request: Vec<Pair>,
    /// How much was found, in a sentence.
    pub(crate) tally: String,
    /// The most important, three at most.
    pub(crate) most_important: Vec<Item>,
    /// The rest of the summary.
    pub(crate) summary: Vec<Item>,
    /// What was found, by kind; sections with nothing in them are absent.
    pub(crate) sections: Vec<Section>,
    /// Places in the record that disagree.
    pub(crate) conflicts: Vec<Conflict>,
    /// What was expected and not found.
    pub(crate) gaps: Vec<Item>,
    /// Statements that could not be verified: never facts.
    pub(crate) unverified: Vec<Unverified>,
    /// Whether a page reference carries the mark for words that were hard to read.
    pub(crate) hard_to_read: bool,
    /// How the analysis was made and what was left out, a sentence each.
    pub(crate) notes: Vec<String>,
    /// Which pages repeat which, a sentence each.
    pub(crate) repeats: Vec<String>,
    /// Pages that could not be read.
    pub(crate) unreadable: Vec<Unreadable>,
    pub(crate) partly_read: Vec<Unreadable>,
    /// The documents.
    pub(crate) sources: Vec<SourceLine>,
}

/// A name and its value.
#[derive(Debug, Serialize)]
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

/// One statement.
#[derive(Debug, Serialize)]
pub(crate) struct Item {
    pub(crate) text: String,
    /// What the record says of its truth, unless it is simply so.
    pub(crate) context: Option<&'static str>,
    /// Page references, such as `[p. 7]`, in pieces that a line is not broken within.
    pub(crate) pages: Vec<String>,
}

/// Statements of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) groups: Vec<Group>,
}

/// A table, or a list if it has one column.
#[derive(Debug, Serialize)]
pub(crate) struct Group {
    /// Absent if the section has only one.
    pub(crate) title: Option<&'static str>,
    /// All but the last, which is the page references.
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// Its share of the table's width.
    pub(crate) share: f32,
}

/// A row of a table.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// One for each column.
    pub(crate) cells: Vec<Cell>,
    /// Which cell names it; the note and the context belong there.
    pub(crate) named_by: usize,
    /// What the statement says beyond its cells.
    pub(crate) note: Option<String>,
    /// See [`Item::context`].
    pub(crate) context: Option<&'static str>,
    /// See [`Item::pages`].
    pub(crate) pages: Vec<String>,
}

/// A cell of a table.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// How it stands out: `high`, `low`, `abnormal` or `past`.
    pub(crate) tone: Option<&'static str>,
}

/// Two or more places that disagree.
#[derive(Debug, Serialize)]
pub(crate) struct Conflict {
    pub(crate) text: String,
    pub(crate) sides: Vec<Quote>,
}

/// Words of the record and their page.
#[derive(Debug, Serialize)]
pub(crate) struct Quote {
    pub(crate) words: String,
    pub(crate) page: String,
}

/// A statement that could not be verified.
#[derive(Debug, Serialize)]
pub(crate) struct Unverified {
    /// What it would have been.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    /// See [`Item::context`].
    pub(crate) context: Option<&'static str>,
    /// What it claims to quote.
    pub(crate) claims: Vec<Quote>,
}

/// A page that could not be read, or only in part.
#[derive(Debug, Serialize)]
pub(crate) struct Unreadable {
    pub(crate) page: String,
    pub(crate) reason: String,
}

/// A document.
#[derive(Debug, Serialize)]
pub(crate) struct SourceLine {
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) pages: u32,
}

impl View {
    /// Whether the analysis found nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.most_important.is_empty()
            && self.summary.is_empty()
            && self.sections.is_empty()
            && self.conflicts.is_empty()
            && self.gaps.is_empty()
            && self.unverified.is_empty()
    }

    /// Puts an analysis into the order of a report.
    pub(crate) fn new(report: &Report<'_>) -> Self {
        let analysis = report.analysis;
        let findings = &analysis.findings;
        let pages = PageNames { sources: &analysis.sources };
        let mut summary: Vec<Item> =
            findings.summary.iter().filter(|it| is_fact(it)).map(|it| pages.item(it)).collect();
        let rest = summary.split_off(summary.len().min(3));
        let patient = &findings.patient;
        let identity = [
            ("Born", patient.birth_date.map(long_day)),
            ("Sex", patient.sex.clone()),
            ("Record number", patient.medical_record_number.clone()),
        ];
        let subject = patient.name.as_deref().unwrap_or(report.record_title);
        Self {
            clinic: report.clinic.to_owned(),
            title: format!("Record analysis: {subject}"),
            patient: patient.name.clone(),
            running_head: running_head(report.clinic, subject, patient.medical_record_number.as_deref()),
            identity: pairs(identity),
            request: request(report),
            tally: tally(analysis),
            most_important: summary,
            summary: rest,
            sections: crate::sections::sections(findings, &pages),
            conflicts: findings
                .conflicts
                .iter()
                .filter(|it| is_fact(it))
                .map(|it| Conflict { text: it.text.clone(), sides: pages.quotes(it) })
                .collect(),
            gaps: findings.gaps.iter().filter(|it| is_fact(it)).map(|it| pages.item(it)).collect(),
            unverified: crate::sections::unverified(findings, &pages),
            hard_to_read: findings
                .statements()
                .filter(|it| is_fact(it))
                .flat_map(|it| &it.citations)
                .any(is_hard_to_read),
            notes: notes(analysis),
            repeats: findings.duplicates.iter().map(|it| pages.repeat(it)).collect(),
            unreadable: analysis.sources.iter().flat_map(|source| pages.unreadable(source)).collect(),
            partly_read: analysis.sources.iter().flat_map(|source| pages.partly_read(source)).collect(),
            sources: analysis
                .sources
                .iter()
                .enumerate()
                .map(|(index, source)| SourceLine {
                    number: index + 1,
                    name: source.name.clone(),
                    pages: source.pages,
                })
                .collect(),
        }
    }
}

/// Only what was found on a page is shown as a fact.
pub(crate) fn is_fact(statement: &Statement) -> bool {
    statement.verified && !statement.citations.is_empty()
}

/// What the record says of a statement's truth, unless it is simply so.
pub(crate) fn context(assertion: Assertion) -> Option<&'static str> {
    match assertion {
        Assertion::Present => None,
        Assertion::Negated => Some("negated"),
        Assertion::Possible => Some("possible"),
        Assertion::Family => Some("family"),
        Assertion::Historical => Some("historical"),
    }
}

/// How pages are referred to: by number alone if there is one document, with the document's number otherwise.
pub(crate) struct PageNames<'a> {
    sources: &'a [SourceDocument],
}

impl PageNames<'_> {
    pub(crate) fn item(&self, statement: &Statement) -> Item {
        Item {
            text: statement.text.clone(),
            context: context(statement.assertion),
            pages: self.references(statement),
        }
    }

    /// Every page a statement cites, once, in the order of the record: `[p. 2]` or `[pp. 2, 7]`, in pieces that
    /// a line is not broken within.
    pub(crate) fn references(&self, statement: &Statement) -> Vec<String> {
        let mut documents: BTreeMap<usize, BTreeMap<u32, bool>> = BTreeMap::new();
        for citation in &statement.citations {
            let pages = documents.entry(self.position(citation.document)).or_default();
            *pages.entry(citation.page).or_default() |= is_hard_to_read(citation);
        }
        let mut pieces = Vec::new();
        for (position, pages) in documents {
            let last = pages.len() - 1;
            for (index, (page, hard)) in pages.into_iter().enumerate() {
                let before = if index == 0 { self.before(position, last > 0) } else { String::new() };
                let mark = if hard { HARD_TO_READ } else { "" };
                let after = if index == last { "]" } else { "," };
                pieces.push(format!("{before}{page}{mark}{after}"));
            }
        }
        pieces
    }

    /// What a statement quotes, with the page of each quote.
    pub(crate) fn quotes(&self, statement: &Statement) -> Vec<Quote> {
        statement
            .citations
            .iter()
            .map(|it| Quote { words: it.quote.clone(), page: self.name(self.position(it.document), it.page) })
            .collect()
    }

    fn unreadable(&self, source: &SourceDocument) -> Vec<Unreadable> {
        let position = self.position(source.document);
        source
            .unreadable
            .iter()
            .map(|it| Unreadable { page: self.name(position, it.page), reason: it.reason.clone() })
            .collect()
    }

    fn partly_read(&self, source: &SourceDocument) -> Vec<Unreadable> {
        let position = self.position(source.document);
        let entry = |it: &PartlyReadPage| Unreadable {
            page: self.name(position, it.page),
            reason: UnreadReason::describe(&it.reasons),
        };
        source.partly_read.iter().map(entry).collect()
    }

    fn repeat(&self, duplicate: &DuplicatePage) -> String {
        let position = self.position(duplicate.document);
        let (page, of) = (self.name(position, duplicate.page), self.name(position, duplicate.duplicate_of));
        match duplicate.similarity {
            None => format!("{page} repeats {of} and was not read a second time."),
            Some(similarity) => {
                // Rounded down: only what is all the same is 100 %.
                let percent = (similarity * 100.0).floor();
                format!("{page} seems to be another copy of {of}; {percent} % of the two agree.")
            }
        }
    }

    /// Position in the source list; one past its end if the document is not in it.
    fn position(&self, document: DocumentId) -> usize {
        self.sources.iter().position(|source| source.document == document).unwrap_or(self.sources.len())
    }

    fn name(&self, position: usize, page: u32) -> String {
        format!("{}{page}]", self.before(position, false))
    }

    /// What stands before a document's page number or numbers.
    fn before(&self, position: usize, several_pages: bool) -> String {
        let pages = if several_pages { "pp. " } else { "p. " };
        match self.sources {
            [] | [_] => format!("[{pages}"),
            several if position < several.len() => format!("[{}, {pages}", position + 1),
            _ => format!("[?, {pages}"),
        }
    }
}

pub(crate) fn long_day(day: Date) -> String {
    day.format(DAY).unwrap_or_default()
}

/// A day as tables show it: ISO 8601, which no two countries read differently.
pub(crate) fn short_day(day: Date) -> String {
    day.format(SHORT_DAY).unwrap_or_default()
}

/// How a laboratory value stands to its range, in words.
pub(crate) fn flag(flag: LabFlag) -> Cell {
    let (text, tone) = match flag {
        LabFlag::Low => ("Low", Some("low")),
        LabFlag::Normal => ("Normal", None),
        LabFlag::High => ("High", Some("high")),
        LabFlag::Abnormal => ("Abnormal", Some("abnormal")),
    };
    Cell { text: text.to_owned(), tone }
}

/// Whether something is taken or holds now, in words.
pub(crate) fn status(status: ClinicalStatus) -> Cell {
    match status {
        ClinicalStatus::Active => Cell { text: "Active".to_owned(), tone: None },
        ClinicalStatus::Past => Cell { text: "Stopped".to_owned(), tone: Some("past") },
    }
}

fn running_head(clinic: &str, subject: &str, medical_record_number: Option<&str>) -> [String; 2] {
    let parts = [Some(shorten(subject, 40)), medical_record_number.map(|number| shorten(number, 20))];
    [shorten(clinic, 40), parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")]
}

fn shorten(text: &str, max_characters: usize) -> String {
    if text.chars().count() <= max_characters {
        return text.to_owned();
    }
    let start: String = text.chars().take(max_characters - 1).collect();
    format!("{}…", start.trim_end())
}

fn is_hard_to_read(citation: &Citation) -> bool {
    citation.confidence.is_some_and(|confidence| confidence < HARD_TO_READ_BELOW)
}

fn pairs<const N: usize>(values: [(&'static str, Option<String>); N]) -> Vec<Pair> {
    values.into_iter().filter_map(|(name, value)| Some(Pair { name, value: value? })).collect()
}

fn request(report: &Report<'_>) -> Vec<Pair> {
    let analysis = report.analysis;
    let generator = match &analysis.generator {
        Generator::Extractive => "Built-in extractive analyser".to_owned(),
        Generator::Model { name } => format!("Language model {name}"),
    };
    let generated_at = analysis.generated_at.to_offset(time::UtcOffset::UTC);
    pairs([
        ("Record", Some(report.record_title.to_owned())),
        ("Focus", analysis.focus.clone()),
        ("Period", analysis.window.and_then(period)),
        ("Made by", Some(generator)),
        ("Made on", Some(minute(generated_at))),
    ])
}

fn minute(at: OffsetDateTime) -> String {
    at.format(MINUTE).unwrap_or_default()
}

fn period(window: DateWindow) -> Option<String> {
    match (window.from, window.to) {
        (Some(from), Some(to)) => Some(format!("{} to {}", long_day(from), long_day(to))),
        (Some(from), None) => Some(format!("from {}", long_day(from))),
        (None, Some(to)) => Some(format!("until {}", long_day(to))),
        (None, None) => None,
    }
}

fn tally(analysis: &Analysis) -> String {
    let all = analysis.findings.statements().count();
    let verified = analysis.findings.statements().filter(|it| is_fact(it)).count();
    let pages: u32 = analysis.sources.iter().map(|source| source.pages).sum();
    let unreadable: usize = analysis.sources.iter().map(|source| source.unreadable.len()).sum();
    let mut parts = vec![count(pages as usize, "page", "pages")];
    if unreadable > 0 {
        parts.push(format!("{unreadable} not readable"));
    }
    let partly_read: usize = analysis.sources.iter().map(|source| source.partly_read.len()).sum();
    if partly_read > 0 {
        parts.push(format!("{partly_read} read in part"));
    }
    parts.push(count(all, "statement", "statements"));
    if all > 0 {
        parts.push(format!("{verified} verified on their pages"));
    }
    if all > verified {
        parts.push(format!("{} not verified, listed apart", all - verified));
    }
    parts.join(" · ")
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
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
    let discarded = &analysis.discarded;
    if discarded.malformed_outputs > 0 {
        let answers = count(discarded.malformed_outputs as usize, "answer", "answers");
        notes.push(format!(
            "{answers} of the language model did not match the requested schema and had to be discarded."
        ));
    }
    if discarded.uncited_statements > 0 {
        let statements = count(discarded.uncited_statements as usize, "statement", "statements");
        notes.push(format!("{statements} of the language model quoted nothing and had to be discarded."));
    }
    notes
}
