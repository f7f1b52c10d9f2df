//! Verification: looks quotes up on the pages that they cite. Forgives recognition errors, but no changed number and no lost
//! negation.

mod index;

use std::collections::BTreeMap;

use maneiro_api::analysis::{Assertion, Citation, DoubtReason, Findings};
use maneiro_page::TextSource;

use self::index::PageIndex;
use crate::{AnalysisControl, Cancelled, compact_pages::CompactPages};

/// Looks up every quote on its page; sets boxes, confidence, `quoted`, `checked` and `doubts`.
///
/// A quote is found if its words are on the page in one run, across line breaks, apart from what character recognition
/// confuses: case, ligatures, hyphenation, `0`/`O`, `1`/`l`/`I`, `rn`/`m`, lost punctuation, a missing or additional space,
/// one error in a longer word. Numbers and negations must be equal. A quote that begins directly after its negation does
/// not support an affirmation.
///
/// A quote from an exact duplicate of a page is looked up on the original.
///
/// # Errors
/// [`Cancelled`] if the control says so.
pub(crate) fn verify(
    findings: &mut Findings,
    pages: &CompactPages,
    control: &AnalysisControl,
) -> Result<(), Cancelled> {
    // Page by page, so that only one page is indexed at a time.
    let mut by_page: BTreeMap<Option<usize>, Vec<QuoteLookup<'_>>> = BTreeMap::new();
    let mut patient = std::mem::take(&mut findings.patient.citations);
    for citation in &mut patient {
        by_page.entry(quoted_page(citation, pages)).or_default().push(QuoteLookup::new(citation, false));
    }
    for statement in findings.statements_mut() {
        let is_affirmation = match statement.assertion {
            Assertion::Present => true,
            Assertion::Negated
            | Assertion::Possible
            | Assertion::Family
            | Assertion::Historical
            | Assertion::Planned => false,
        };
        for citation in &mut statement.citations {
            let page = quoted_page(citation, pages);
            by_page.entry(page).or_default().push(QuoteLookup::new(citation, is_affirmation));
        }
    }
    for (position, lookups) in by_page {
        control.check()?;
        let page = position.and_then(|position| pages.page(position));
        let index = page.as_ref().map(PageIndex::new);
        for QuoteLookup { citation, is_affirmation } in lookups {
            citation.boxes.clear();
            citation.confidence = None;
            if let Some(index) = &index {
                index.locate(citation, is_affirmation);
            }
        }
    }
    findings.patient.citations = patient;
    for statement in findings.statements_mut() {
        let is_found = |citation: &Citation| citation.confidence.is_some();
        statement.quoted = !statement.citations.is_empty() && statement.citations.iter().all(is_found);
        statement.doubts = if statement.quoted { Vec::new() } else { vec![DoubtReason::QuoteNotFound] };
        statement.checked = statement.quoted;
    }
    Ok(())
}

/// A quote to look up.
struct QuoteLookup<'a> {
    citation: &'a mut Citation,
    /// Whether it is the quote of an affirmation, which must not directly follow a denial.
    is_affirmation: bool,
}

impl<'a> QuoteLookup<'a> {
    fn new(citation: &'a mut Citation, is_affirmation: bool) -> Self {
        Self { citation, is_affirmation }
    }
}

/// The position of the page on which a quote is looked up: that of the original if the cited page is an exact duplicate.
fn quoted_page(citation: &Citation, pages: &CompactPages) -> Option<usize> {
    let cited = pages.position(citation.document, citation.page)?;
    match pages.text_source(cited) {
        Some(TextSource::Duplicate { duplicate_of }) => pages.position(citation.document, *duplicate_of),
        _ => Some(cited),
    }
}

#[cfg(test)]
mod tests {
    use maneiro_api::analysis::Statement;
    use maneiro_page::Hyphen;

    use super::*;
    use crate::{
        SourcePage,
        testing::{document, empty, page},
    };

    fn cited(page: u32, quote: &str) -> Citation {
        Citation { document: document(1), page, quote: quote.to_owned(), boxes: Vec::new(), confidence: None }
    }

    fn looked_up(assertion: Assertion, citations: Vec<Citation>, pages: &[SourcePage]) -> Statement {
        let statement = Statement {
            text: "said".to_owned(),
            assertion,
            citations,
            quoted: true,
            checked: true,
            doubts: Vec::new(),
        };
        let mut findings = Findings { conflicts: vec![statement], ..Findings::default() };
        let mut compact = CompactPages::default();
        pages.iter().for_each(|page| compact.push(page));
        verify(&mut findings, &compact, &AnalysisControl::default()).unwrap();
        findings.conflicts.remove(0)
    }

    fn is_found(text: &str, quote: &str) -> bool {
        looked_up(Assertion::Present, vec![cited(1, quote)], &[page(1, text)]).quoted
    }

    #[test]
    fn quotes_are_found_despite_recognition_errors() {
        for (text, quote) in [
            ("Metformin 500 mg PO BID", "Metformin 500 mg PO BID"),
            ("METFORMlN 5OO rng P0 B1D", "Metformin 500 rng PO BID"),
            ("history of hyper-\ntension since 2012", "history of hypertension since 2012"),
            ("chest pain on\nexertion only", "chest pain on exertion"),
            ("Lisin opril 10 mg daily", "Lisinopril 10 mg daily"),
            ("Lisinopril10 mg daily", "Lisinopril10 mg daily"),
            ("reﬂux disease, controlled", "reflux disease controlled"),
            ("Allergies: Penicillin (hives)", "allergies penicillin hives"),
            ("The patient has hypertensian", "The patient has hypertension"),
        ] {
            assert!(is_found(text, quote), "{quote:?} in {text:?}");
        }
    }

    #[test]
    fn quotes_with_another_meaning_are_not_found() {
        for (text, quote) in [
            ("Metformin 500 mg PO BID", "Metformin 850 mg PO BID"),
            ("Metformin 500 mg PO BID", "Metformin 50 mg PO BID"),
            ("Potassium 4.5 mmol/L", "Potassium 45 mmol/L"),
            ("seen on 03/12/2024", "seen on 03/13/2024"),
            ("There is no evidence of fracture", "There is evidence of fracture"),
            ("There is evidence of fracture", "There is no evidence of fracture"),
            ("not able to walk", "notable to walk"),
            ("history of hypotension", "history of hypertension"),
            ("left knee pain", "right knee pain"),
            ("left knee pain", "left shoulder pain"),
            ("anything", ""),
            ("anything", "..."),
            ("", "anything"),
        ] {
            assert!(!is_found(text, quote), "{quote:?} in {text:?}");
        }
    }

    #[test]
    fn quote_cut_from_its_negation_supports_no_affirmation() {
        let pages = [page(1, "Patient denies chest pain. No pneumonia on film.")];
        let pneumonia = || vec![cited(1, "pneumonia on film")];
        assert!(!looked_up(Assertion::Present, pneumonia(), &pages).quoted);
        assert!(looked_up(Assertion::Negated, pneumonia(), &pages).quoted);
        assert!(looked_up(Assertion::Present, vec![cited(1, "No pneumonia on film")], &pages).quoted);
        let pages = [page(1, "Walks or not. Pneumonia on film.")];
        assert!(looked_up(Assertion::Present, vec![cited(1, "Pneumonia on film")], &pages).quoted);
        let pages = [page(1, "Fever: no • Pneumonia on film")];
        assert!(looked_up(Assertion::Present, vec![cited(1, "Pneumonia on film")], &pages).quoted);
    }

    #[test]
    fn quote_over_two_lines_has_two_boxes() {
        let statement = looked_up(
            Assertion::Present,
            vec![cited(1, "pain on exertion")],
            &[page(1, "has chest pain on\nexertion only")],
        );
        let boxes = &statement.citations[0].boxes;
        assert_eq!(boxes.len(), 2);
        assert!(boxes[0].y1 < boxes[1].y0 && boxes[0].x0 > boxes[1].x0);
        assert_eq!(statement.citations[0].confidence, Some(90));
    }

    #[test]
    fn hyphenated_word_is_found_whole_and_in_parts() {
        let mut source = page(1, "known hyper-\ntensian and long-\nterm care, not-\nable gains");
        source.page.lines[0].hyphen = Some(Hyphen::Soft);
        source.page.lines[1].hyphen = Some(Hyphen::Hard);
        let pages = [source];
        for (quote, lines) in [
            ("known hypertension", 2),
            ("hyper- tensian and", 2),
            ("long-term care", 2),
            ("long- term care", 2),
            ("known hyper-", 1),
            ("tensian and long-", 1),
        ] {
            let statement = looked_up(Assertion::Present, vec![cited(1, quote)], &pages);
            assert!(statement.quoted, "{quote}");
            assert_eq!(statement.citations[0].boxes.len(), lines, "{quote}");
        }
        let statement = looked_up(Assertion::Present, vec![cited(1, "notable gains")], &pages);
        assert!(!statement.quoted, "that hyphen does not split a word");
    }

    #[test]
    fn quote_is_looked_up_on_its_own_page_only() {
        let pages = [page(1, "Metformin 500 mg"), page(2, "Lisinopril 10 mg")];
        assert!(!looked_up(Assertion::Present, vec![cited(2, "Metformin 500 mg")], &pages).quoted);
        assert!(!looked_up(Assertion::Present, vec![cited(9, "Metformin 500 mg")], &pages).quoted);
    }

    #[test]
    fn one_missing_quote_leaves_the_statement_unquoted() {
        let pages = [page(1, "Metformin 500 mg")];
        let both = vec![cited(1, "Metformin 500 mg"), cited(1, "Metformin 1000 mg")];
        let statement = looked_up(Assertion::Present, both, &pages);
        assert!(!statement.quoted);
        assert_eq!(statement.citations[0].boxes.len(), 1);
        assert!(statement.citations[1].boxes.is_empty());
        assert!(!looked_up(Assertion::Present, Vec::new(), &pages).quoted);
    }

    #[test]
    fn duplicate_is_looked_up_on_its_original() {
        let pages = [page(1, "Metformin 500 mg"), empty(2, TextSource::Duplicate { duplicate_of: 1 })];
        assert!(looked_up(Assertion::Present, vec![cited(2, "Metformin 500 mg")], &pages).quoted);
    }

    #[test]
    fn occurrence_that_is_not_denied_counts() {
        let pages = [page(1, "No pneumonia on the left.\nShe has pneumonia on the right.")];
        let statement = looked_up(Assertion::Present, vec![cited(1, "pneumonia on the")], &pages);
        assert!(statement.quoted);
        assert!(statement.citations[0].boxes[0].y0 > 40.0);
    }
}
