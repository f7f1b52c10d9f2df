//! The content of a report before it has a format: the same for PDF and Markdown. Doubtful statements are kept apart, so
//! that no format can show them as facts.

use serde::Serialize;

use crate::texts::Texts;

/// Marks a page reference with quotes of low recognition confidence.
pub(crate) const LOW_CONFIDENCE_MARK: &str = "†";

/// The content of a report, in reading order.
#[derive(Serialize)]
pub(crate) struct ReportModel {
    #[serde(skip)]
    pub(crate) texts: &'static Texts,
    /// The paper as the typesetter calls it.
    pub(crate) paper: &'static str,
    /// The head of the first page; absent on a plain report.
    pub(crate) letterhead: Option<LetterheadModel>,
    pub(crate) title: String,
    /// Whether the analysis has no statement, be it on the pages or left out.
    pub(crate) is_empty: bool,
    /// To whom, in lines; none if it is to nobody.
    pub(crate) recipient: Vec<String>,
    /// What only a letter has; absent in a full review.
    pub(crate) letter: Option<LetterModel>,
    /// The patient's name, if the record gives it.
    pub(crate) patient: Option<String>,
    /// The clinic and the patient, shortened for the header of each page.
    pub(crate) page_header: [String; 2],
    /// Birth date, sex and medical record number.
    pub(crate) identity: Vec<LabelledValue>,
    /// The request, and what generated the analysis.
    pub(crate) request: Vec<LabelledValue>,
    /// The numbers of pages and statements, in one line.
    pub(crate) totals: String,
    /// The first statements of the summary, three at most.
    pub(crate) most_important: Vec<ReportStatement>,
    /// The rest of the summary.
    pub(crate) summary: Vec<ReportStatement>,
    /// The sections that are not empty.
    pub(crate) sections: Vec<ReportSection>,
    pub(crate) conflicts: Vec<ReportConflict>,
    pub(crate) gaps: Vec<ReportStatement>,
    /// Statements that are not checked and therefore not facts.
    pub(crate) doubtful: Vec<DoubtfulStatement>,
    /// Whether a page reference has the mark for low confidence.
    pub(crate) has_low_confidence: bool,
    /// How the analysis was generated and what it discarded, a sentence each.
    pub(crate) notes: Vec<String>,
    /// The duplicate pages, a sentence each.
    pub(crate) duplicates: Vec<String>,
    pub(crate) unreadable_pages: Vec<PageNotice>,
    pub(crate) partly_read_pages: Vec<PageNotice>,
    /// Pages with lines that were not understood, those with most of them first.
    pub(crate) not_understood_pages: Vec<PageNotice>,
    pub(crate) sources: Vec<SourceEntry>,
    /// What stands at the end for whoever signs.
    pub(crate) signature: Option<SignatureModel>,
}

/// What stands around and in the middle of a letter.
#[derive(Debug, Serialize)]
pub(crate) struct LetterModel {
    pub(crate) date: String,
    /// Whom it is about.
    pub(crate) subject: String,
    pub(crate) opening: String,
    /// The sections side by side.
    pub(crate) left: Vec<ReportSection>,
    pub(crate) right: Vec<ReportSection>,
    /// What the analysis has and the letter has not, in one sentence.
    pub(crate) left_out: Option<String>,
    /// The documents by their numbers, in one sentence.
    pub(crate) documents: String,
}

impl LetterModel {
    pub(crate) fn sections(&self) -> impl Iterator<Item = &ReportSection> {
        self.left.iter().chain(&self.right)
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct LetterheadModel {
    pub(crate) name: String,
    pub(crate) lines: Vec<String>,
    pub(crate) picture: Option<PictureModel>,
}

/// A picture and its printed size. Its bytes are a file of their own beside the data.
#[derive(Debug, Serialize)]
pub(crate) struct PictureModel {
    pub(crate) width_pt: f32,
    pub(crate) height_pt: f32,
    #[serde(skip)]
    pub(crate) png: Vec<u8>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SignatureModel {
    pub(crate) name: String,
    /// Credentials, licence and telephone number, those that are there.
    pub(crate) lines: Vec<String>,
    /// Of a signed report only: a draft must not look signed.
    pub(crate) picture: Option<PictureModel>,
    pub(crate) is_signed: bool,
    /// By whom and when it was signed, or that it was not.
    pub(crate) statement: String,
    /// What the signature covers; absent in a draft.
    pub(crate) digest: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct LabelledValue {
    pub(crate) label: &'static str,
    pub(crate) value: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct ReportStatement {
    pub(crate) text: String,
    /// The assertion status, unless it is present.
    pub(crate) assertion: Option<String>,
    /// Page references, such as `[p. 7]`, in parts within which a line is not broken.
    pub(crate) pages: Vec<PageReference>,
}

/// A page of the record as it is printed, such as `[p. 7]` or `7,`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PageReference {
    pub(crate) text: String,
    pub(crate) page: u32,
    /// The number of its document in the list of sources, from 1; absent if it is not in the list.
    pub(crate) source: Option<usize>,
}

/// Statements of one kind.
#[derive(Debug, Serialize)]
pub(crate) struct ReportSection {
    pub(crate) title: &'static str,
    pub(crate) tables: Vec<ReportTable>,
}

/// A table, or a list if it has one column.
#[derive(Debug, Serialize)]
pub(crate) struct ReportTable {
    /// Absent if the section has only one table.
    pub(crate) title: Option<&'static str>,
    /// The columns before the page references.
    pub(crate) columns: Vec<ReportColumn>,
    pub(crate) rows: Vec<ReportRow>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ReportColumn {
    pub(crate) title: &'static str,
    /// Its width relative to the other columns.
    pub(crate) share: f32,
}

#[derive(Debug, Serialize)]
pub(crate) struct ReportRow {
    /// One for each column.
    pub(crate) cells: Vec<ReportCell>,
    /// The column with the name of the item, which also shows the note and the assertion status.
    pub(crate) name_column: usize,
    /// The statement, if it says more than the cells.
    pub(crate) note: Option<String>,
    /// The assertion status, unless it is present.
    pub(crate) assertion: Option<String>,
    /// Page references; see [`ReportStatement::pages`].
    pub(crate) pages: Vec<PageReference>,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct ReportCell {
    pub(crate) text: String,
    /// How it is emphasised: `high`, `low`, `abnormal` or `past`.
    pub(crate) emphasis: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ReportConflict {
    pub(crate) text: String,
    /// The places that disagree.
    pub(crate) quotes: Vec<ReportQuote>,
}

/// A quote with its page reference.
#[derive(Debug, Serialize)]
pub(crate) struct ReportQuote {
    pub(crate) text: String,
    pub(crate) page: PageReference,
}

#[derive(Debug, Serialize)]
pub(crate) struct DoubtfulStatement {
    /// The kind of statement, such as `Medication`.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    /// The assertion status, unless it is present.
    pub(crate) assertion: Option<String>,
    /// Why it is doubtful.
    pub(crate) reason: String,
    /// The pages that it cites.
    pub(crate) pages: Vec<PageReference>,
    /// The passages to compare it with; none in a letter, which has no room for them.
    pub(crate) quotes: Vec<ReportQuote>,
}

/// A page that is not covered, or only in part, with the reason.
#[derive(Debug, Serialize)]
pub(crate) struct PageNotice {
    pub(crate) page: PageReference,
    pub(crate) reason: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct SourceEntry {
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) pages: u32,
}
