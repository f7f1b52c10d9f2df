//! Mentions of imaging studies: reports with their impression, and results in prose.

use std::sync::LazyLock;

use maneiro_api::analysis::{Assertion, Citation};
use regex::Regex;
use time::Date;

use super::study::{StudyType, display_name, identify_study};
use crate::{
    dates::find_date_ranges,
    extract::{
        context::{self, orders::is_ordered},
        input::{
            passage::Passage,
            sections::{SearchTarget, Section},
            segmentation::SegmentedPage,
        },
        statements::cite,
    },
    lexicon::{CONDITIONAL_CUES, IMAGING, IMAGING_RESULT_CUES, PROCEDURE_PERFORMED_CUES, TermMatch},
};

/// A mention of a study.
pub(crate) struct StudyMention {
    pub(super) study_type: StudyType,
    pub(super) name: String,
    pub(super) date: Option<Date>,
    pub(super) result: Option<String>,
    /// Position of the passage in the record.
    pub(super) position: usize,
    pub(super) citations: Vec<Citation>,
    /// Whether it is the title of a report.
    pub(super) is_report: bool,
    /// Present, planned or possible.
    pub(super) assertion: Assertion,
}

/// The report that passages belong to: its mention and its last page.
#[derive(Clone, Copy)]
struct OpenReport {
    mention: usize,
    page: usize,
}

/// The mentions of the pages so far, in order.
#[derive(Default)]
pub(crate) struct StudyMentions {
    pub(super) mentions: Vec<StudyMention>,
    /// A report may go on on the next page.
    report: Option<OpenReport>,
}

impl StudyMentions {
    /// Adds the mentions of a page.
    pub(crate) fn add_page(&mut self, page: &SegmentedPage<'_>) {
        self.report = find_in_page(page, &mut self.mentions, self.report);
    }
}

/// Adds the mentions of a page. Takes and returns the report that is open before and after it.
fn find_in_page(
    page: &SegmentedPage<'_>,
    mentions: &mut Vec<StudyMention>,
    mut report: Option<OpenReport>,
) -> Option<OpenReport> {
    for (position, passage) in page.positioned_passages() {
        if !passage.section.is_searched_for(SearchTarget::ImagingStudy) {
            continue;
        }
        report = report.filter(|report| passage.page <= report.page + 1);
        if let Some(open) = report.filter(|_| passage.section == Section::Impression) {
            let is_signed = add_impression(page, passage, &mut mentions[open.mention]);
            report = (!is_signed).then_some(OpenReport { page: open.page.max(passage.page), ..open });
            continue;
        }
        if passage.section == Section::ImagingFindings && report.is_some() {
            continue;
        }
        for modality in IMAGING.find(&passage.text, &passage.tokens) {
            let Some(mention) = study_mention(page, passage, position, &modality) else { continue };
            let repeated = report.filter(|report| {
                let open = &mentions[report.mention];
                report.page == passage.page
                    && mention.is_report
                    && open.is_report
                    && open.study_type.fulfils(&mention.study_type)
            });
            // A report names its study twice: as its title and as the examination.
            if let Some(repeated) = repeated {
                merge_titles(&mut mentions[repeated.mention], mention);
                continue;
            }
            if mention.is_report {
                report = Some(OpenReport { mention: mentions.len(), page: passage.page });
            }
            mentions.push(mention);
        }
    }
    report
}

/// Keeps the longer name of a study.
fn merge_titles(report: &mut StudyMention, again: StudyMention) {
    report.date = report.date.or(again.date);
    if again.name.len() > report.name.len() {
        report.name = again.name;
        report.study_type = again.study_type;
        report.citations = again.citations;
    }
}

fn study_mention(
    page: &SegmentedPage<'_>,
    passage: &Passage,
    position: usize,
    modality: &TermMatch,
) -> Option<StudyMention> {
    let text = &passage.text;
    let (study_type, name) = identify_study(text, modality);
    let words = text.split_whitespace().count();
    let is_title = words <= 14
        && passage.starts_block
        && passage.list_marker.is_none()
        && passage.section.may_open_imaging_report()
        && name.start <= 40
        && !study_type.body_parts.is_empty()
        && !text[name.end..].trim_start().starts_with(':')
        && !text.contains(". ");
    let after = skip_date(text[name.end..].trim_start());
    let dates = passage.dates();
    let result = find_result(passage, after, !dates.is_empty());
    let assertion = match context::assertion(passage, &modality.range) {
        Assertion::Family => return None,
        Assertion::Possible | Assertion::Planned if CONDITIONAL_CUES.is_in(&passage.tokens) => return None,
        Assertion::Planned => Assertion::Planned,
        Assertion::Possible if result.is_none() => Assertion::Possible,
        Assertion::Negated if result.is_none() && !is_title => return None,
        _ if is_ordered(text, &name) && !passage.is_head => Assertion::Planned,
        Assertion::Present | Assertion::Negated | Assertion::Historical | Assertion::Possible => {
            Assertion::Present
        }
    };
    let is_mentioned = is_title || result.is_some() || PROCEDURE_PERFORMED_CUES.is_in(&passage.tokens);
    if assertion == Assertion::Present && !is_mentioned
        || CONDITIONAL_CUES.is_in(&passage.tokens) && assertion == Assertion::Planned
    {
        return None;
    }
    let result = result.filter(|_| assertion == Assertion::Present);
    let date = dates
        .iter()
        .find(|date| date.range.start >= name.end)
        .or_else(|| dates.iter().rev().find(|date| date.range.end <= name.start))
        .map(|date| date.date)
        .or(passage.encounter_date);
    let is_bare_title = is_title && !after.contains(": ") && words <= 10 && dates.len() == 1;
    let result = result.filter(|_| !is_bare_title);
    Some(StudyMention {
        study_type,
        name: display_name(&text[name.clone()]),
        date,
        position,
        citations: vec![passage.cite_with_context(page.source, &name)],
        is_report: is_title && result.is_none() && assertion == Assertion::Present,
        assertion,
        result,
    })
}

/// The result of a study in the rest of its passage.
fn find_result(passage: &Passage, after: &str, has_date: bool) -> Option<String> {
    let range = passage.text.len() - after.len()..passage.text.len();
    let is_introduced =
        after.starts_with([':', '-', '–', '—', '(']) || IMAGING_RESULT_CUES.is_in(&passage.tokens_in(range));
    let is_result = is_introduced
        && (passage.section.reports_imaging_results() || after.starts_with(':') || has_date)
        && after.split_whitespace().count() >= 2;
    is_result.then(|| trim_punctuation(after).to_owned())
}

/// The text after the date of a study: "MRI left shoulder 02/10/2024: …".
fn skip_date(after: &str) -> &str {
    let bare = after.trim_start_matches(['(', ',', ' ']);
    let bare = bare.strip_prefix("on ").unwrap_or(bare);
    match find_date_ranges(bare).next() {
        Some(date) if date.start == 0 => bare[date.end..].trim_start_matches([')', ',', ' ']),
        Some(_) | None => after,
    }
}

/// The end of a report: a physician's name or a note of the signature.
static SIGNATURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:[A-Z][\w.'’-]*\s+){1,3}[A-Z][\w'’-]+,\s*(?:MD|M\.D\.|DO|D\.O\.)|(?i:\b(?:electronically\s+)?(?:signed|dictated|authenticated)\b)",
    )
    .expect("a fixed pattern")
});

/// Adds an impression to its study. Returns whether a signature ends the report.
fn add_impression(page: &SegmentedPage<'_>, passage: &Passage, mention: &mut StudyMention) -> bool {
    let signature = SIGNATURE.find(&passage.text).map(|found| found.start());
    let range = 0..signature.unwrap_or(passage.text.len());
    let text = trim_punctuation(&passage.text[range.clone()]);
    if text.split_whitespace().count() < 2 {
        return signature.is_some();
    }
    let result = mention.result.get_or_insert_with(String::new);
    if result.len() + text.len() < MAX_IMPRESSION_BYTES {
        if !result.is_empty() {
            result.push(' ');
        }
        result.push_str(text);
    }
    cite(&mut mention.citations, &passage.cite(page.source, &range));
    signature.is_some()
}

const MAX_IMPRESSION_BYTES: usize = 600;

fn trim_punctuation(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—' | '*'))
}
