//! References to pages: by page number alone if there is one document, else with the document's number.

use std::{cmp::Reverse, collections::BTreeMap};

use maneiro_api::{
    DocumentId,
    analysis::{Citation, DuplicatePage, PageUnderstanding, PartlyReadPage, SourceDocument, Statement},
};

use crate::{
    model::{LOW_CONFIDENCE_MARK, PageNotice, PageReference, ReportQuote},
    texts::Texts,
};

/// Pages that are named as not understood; a long record has too many to name each.
const MAX_NOT_UNDERSTOOD_PAGES: usize = 30;

/// Quotes below this recognition confidence are marked.
const MIN_CONFIDENCE_PERCENT: u8 = 60;

pub(crate) fn has_low_confidence(citation: &Citation) -> bool {
    citation.confidence.is_some_and(|confidence| confidence < MIN_CONFIDENCE_PERCENT)
}

/// Makes page references within the documents of an analysis.
pub(crate) struct PageReferences<'a> {
    sources: &'a [SourceDocument],
    /// The language of the report.
    pub(crate) texts: &'static Texts,
}

impl<'a> PageReferences<'a> {
    pub(crate) fn new(sources: &'a [SourceDocument], texts: &'static Texts) -> Self {
        Self { sources, texts }
    }

    /// The pages that a statement cites, each once, in record order: `[p. 2]` or `[pp. 2, 7]`, in parts within which a line
    /// is not broken.
    pub(crate) fn cited_pages(&self, statement: &Statement) -> Vec<PageReference> {
        let mut documents: BTreeMap<usize, BTreeMap<u32, bool>> = BTreeMap::new();
        for citation in &statement.citations {
            let pages = documents.entry(self.position(citation.document)).or_default();
            *pages.entry(citation.page).or_default() |= has_low_confidence(citation);
        }
        let mut parts = Vec::new();
        for (position, pages) in documents {
            let last = pages.len() - 1;
            for (index, (page, has_low_confidence)) in pages.into_iter().enumerate() {
                let prefix = if index == 0 { self.prefix(position, last > 0) } else { String::new() };
                let mark = if has_low_confidence { LOW_CONFIDENCE_MARK } else { "" };
                let suffix = if index == last { "]" } else { "," };
                parts.push(self.link(position, page, format!("{prefix}{page}{mark}{suffix}")));
            }
        }
        parts
    }

    /// The quotes of a statement.
    pub(crate) fn quotes(&self, statement: &Statement) -> Vec<ReportQuote> {
        let quote = |it: &Citation| ReportQuote {
            text: it.quote.clone(),
            page: self.reference(self.position(it.document), it.page),
        };
        statement.citations.iter().map(quote).collect()
    }

    pub(crate) fn unreadable_pages(&self, source: &SourceDocument) -> Vec<PageNotice> {
        let position = self.position(source.document);
        source
            .unreadable
            .iter()
            .map(|it| PageNotice {
                page: self.reference(position, it.page),
                reason: (self.texts.unreadable)(&it.reason),
            })
            .collect()
    }

    pub(crate) fn partly_read_pages(&self, source: &SourceDocument) -> Vec<PageNotice> {
        let position = self.position(source.document);
        let notice = |it: &PartlyReadPage| PageNotice {
            page: self.reference(position, it.page),
            reason: (self.texts.not_read)(&it.reasons),
        };
        source.partly_read.iter().map(notice).collect()
    }

    /// The pages of which more was not understood than gave something, and those with hardly any text.
    pub(crate) fn not_understood_pages(&self, pages: &[PageUnderstanding]) -> Vec<PageNotice> {
        let mut pages: Vec<&PageUnderstanding> = pages
            .iter()
            .filter(|it| {
                it.has_little_text || it.lines_not_understood.len() > it.lines_with_findings as usize
            })
            .collect();
        pages.sort_by_key(|it| Reverse(it.lines_not_understood.len()));
        let notice = |it: &PageUnderstanding| {
            let not_understood = it.lines_not_understood.len();
            let lines = (it.lines_with_findings + it.lines_without_content) as usize + not_understood;
            let mut reason = (self.texts.lines_not_understood)(not_understood, lines);
            if it.has_little_text {
                reason.push_str("; ");
                reason.push_str(self.texts.hardly_any_text);
            }
            PageNotice { page: self.reference(self.position(it.document), it.page), reason }
        };
        pages.into_iter().take(MAX_NOT_UNDERSTOOD_PAGES).map(notice).collect()
    }

    /// A sentence about a duplicate page.
    pub(crate) fn describe_duplicate(&self, duplicate: &DuplicatePage) -> String {
        let position = self.position(duplicate.document);
        let page = self.reference(position, duplicate.page).text;
        let original = self.reference(position, duplicate.duplicate_of).text;
        match duplicate.similarity {
            None => (self.texts.exact_duplicate)(&page, &original),
            Some(similarity) => {
                // Rounded down, so that only identical text is 100 %.
                (self.texts.near_duplicate)(&page, &original, (similarity * 100.0).floor())
            }
        }
    }

    /// Position of a document in the list; the number of documents if it is not in the list.
    fn position(&self, document: DocumentId) -> usize {
        self.sources.iter().position(|source| source.document == document).unwrap_or(self.sources.len())
    }

    fn reference(&self, position: usize, page: u32) -> PageReference {
        self.link(position, page, format!("{}{page}]", self.prefix(position, false)))
    }

    fn link(&self, position: usize, page: u32, text: String) -> PageReference {
        PageReference { text, page, source: (position < self.sources.len()).then_some(position + 1) }
    }

    /// The text before one or several page numbers.
    fn prefix(&self, position: usize, has_several_pages: bool) -> String {
        let pages = if has_several_pages { self.texts.several_pages } else { self.texts.page };
        match self.sources {
            [] | [_] => format!("[{pages}"),
            several if position < several.len() => format!("[{}, {pages}", position + 1),
            _ => format!("[?, {pages}"),
        }
    }
}
