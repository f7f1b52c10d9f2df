//! Verification: looks quotes up on the pages that they cite, and recomputes from the passage around a quote and from its
//! encounter what the statement claims: of whom, whether, how much, in which unit and when. It uses nothing of the analyser
//! that makes statements, so that a mistake of the one is not the mistake of the other, and treats the statements of a
//! language model alike.
//!
//! A quote forgives recognition errors, but no changed number and no lost negation.

mod check;
mod claim;
mod fields;
mod identity;
mod index;
mod passage;
mod sense;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use maneiro_api::{
    DocumentId,
    analysis::{Assertion, Citation, DoubtReason, Findings, Patient},
};
use maneiro_page::TextSource;
use time::Date;

use self::{
    check::{
        EncounterDays, QuotedDose, doubts, is_shown_as_taken, quoted_dose, says_taken, text_is_supported,
    },
    claim::{Claim, ClaimKind, claims},
    identity::PrintedIdentity,
    index::PageIndex,
    passage::{CheckedPage, QuotedPassage},
};
use crate::{AnalysisControl, Cancelled, compact_pages::CompactPages, lexicon::word_keys};

/// Looks up every quote on its page and checks every statement against its quotes; sets boxes, confidence, `quoted`,
/// `checked` and `doubts`.
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
    let claims = claims(findings);
    let mut reports: Vec<ClaimReport> = claims.iter().map(|_| ClaimReport::default()).collect();
    let patient = findings.patient.clone();
    let mut patient_citations = std::mem::take(&mut findings.patient.citations);
    // Page by page, so that only one page is indexed at a time.
    let mut by_page: BTreeMap<Option<usize>, Vec<QuoteLookup<'_>>> = BTreeMap::new();
    for citation in &mut patient_citations {
        let page = quoted_page(citation, pages);
        by_page.entry(page).or_default().push(QuoteLookup { citation, claim: None });
    }
    for (at, statement) in findings.statements_mut().enumerate() {
        for citation in &mut statement.citations {
            let page = quoted_page(citation, pages);
            by_page.entry(page).or_default().push(QuoteLookup { citation, claim: Some(at) });
        }
    }
    let mut encounters = EncounterContexts::default();
    for (position, lookups) in by_page {
        control.check()?;
        let page = position.and_then(|position| pages.page(position));
        let index = page.as_ref().map(PageIndex::new);
        let checked = position.zip(page.as_ref()).map(|(position, page)| {
            let checked = CheckedPage::new(page, pages.date_order(position));
            let own = EncounterContext::from_page(&checked);
            let context = encounters.complete(position, own, pages).clone();
            (checked, context)
        });
        for QuoteLookup { citation, claim } in lookups {
            citation.boxes.clear();
            citation.confidence = None;
            let (Some(index), Some((checked, context))) = (&index, &checked) else { continue };
            let claimed = claim.map(|at| (&claims[at], &mut reports[at]));
            let is_affirmation =
                claimed.as_ref().is_some_and(|(claim, _)| claim.assertion == Some(Assertion::Present));
            let places = index.locate(citation, is_affirmation);
            let Some((claim, report)) = claimed else { continue };
            report.add(claim, &places, checked, &EncounterDays { head: &context.days });
            let is_of_page = matches!(claim.kind, ClaimKind::OtherPatient | ClaimKind::Conflict);
            if context.identity.contradicts(&patient) && !is_of_page {
                report.is_of_other_patient = true;
            }
        }
    }
    check_patient(&mut findings.patient, patient_citations);
    for ((statement, claim), report) in findings.statements_mut().zip(&claims).zip(reports) {
        let is_found = |citation: &Citation| citation.confidence.is_some();
        statement.quoted = !statement.citations.is_empty() && statement.citations.iter().all(is_found);
        statement.doubts = report.doubts(claim, statement.quoted).into_iter().collect();
        statement.checked = statement.doubts.is_empty();
    }
    Ok(())
}

/// A quote to look up, and the claim that it supports; none for the patient's identity.
struct QuoteLookup<'a> {
    citation: &'a mut Citation,
    claim: Option<usize>,
}

/// What the passages of a claim say of it.
#[derive(Default)]
struct ClaimReport {
    /// The doubts that every passage leaves.
    common: Option<BTreeSet<DoubtReason>>,
    /// Passages that agree with the assertion, and those that do not.
    agreeing: usize,
    disagreeing: usize,
    is_text_supported: bool,
    /// The numbers that were not yet supported wait for other passages.
    given: Vec<QuotedPassage>,
    is_of_other_patient: bool,
    /// The last day on which a passage gives the claimed dose of a medicine, and the first with another one.
    last_dose_day: Option<Date>,
    first_other_dose_day: Option<Date>,
    /// The last day on which a passage says that a medicine is taken, and that it is not.
    last_taken_day: Option<Date>,
    last_not_taken_day: Option<Date>,
}

impl ClaimReport {
    fn add(
        &mut self,
        claim: &Claim,
        places: &[std::ops::RangeInclusive<usize>],
        page: &CheckedPage,
        days: &EncounterDays<'_>,
    ) {
        // The place that a reader is shown. Words that stand at several places prove what they say at that one.
        let Some(place) = places.first() else { return };
        let passage = page.passage(place);
        let doubts = doubts(claim, page, &passage, days);
        if doubts.contains(&DoubtReason::Assertion) {
            self.disagreeing += 1;
        } else {
            self.agreeing += 1;
        }
        if let Some((dose, day)) = quoted_dose(claim, &passage).zip(days.head.iter().max().copied()) {
            match dose {
                QuotedDose::Claimed => self.last_dose_day = self.last_dose_day.max(Some(day)),
                QuotedDose::Other => {
                    self.first_other_dose_day =
                        Some(self.first_other_dose_day.map_or(day, |first| first.min(day)));
                }
            }
        }
        if let Some((is_taken, day)) = says_taken(claim, &passage).zip(days.head.iter().max().copied()) {
            let last = if is_taken { &mut self.last_taken_day } else { &mut self.last_not_taken_day };
            *last = (*last).max(Some(day));
        }
        // One passage may give the dose and another the frequency.
        self.common = Some(match self.common.take() {
            Some(common) => common.intersection(&doubts).copied().collect(),
            None => doubts,
        });
        if !self.is_text_supported {
            self.given.push(passage);
            let given: Vec<(&CheckedPage, &QuotedPassage)> =
                self.given.iter().map(|passage| (page, passage)).collect();
            self.is_text_supported = text_is_supported(claim, &given, days.head);
            if self.is_text_supported {
                self.given = Vec::new();
            }
        }
    }

    fn doubts(self, claim: &Claim, is_quoted: bool) -> BTreeSet<DoubtReason> {
        let mut doubts = self.common.unwrap_or_default();
        if !is_quoted {
            doubts.insert(DoubtReason::QuoteNotFound);
        }
        // A dose is over once a later note gives another one.
        let is_earlier_dose =
            self.last_dose_day.zip(self.first_other_dose_day).is_some_and(|(day, other)| day < other);
        if is_earlier_dose && claim.state.is_none() {
            match claim.is_past {
                true => doubts.remove(&DoubtReason::Status),
                false => doubts.insert(DoubtReason::Status),
            };
        }
        let is_stopped_later = self
            .last_taken_day
            .zip(self.last_not_taken_day)
            .is_some_and(|(taken, not_taken)| taken < not_taken);
        if is_shown_as_taken(claim) && is_stopped_later {
            doubts.insert(DoubtReason::Status);
        }
        if self.disagreeing > self.agreeing {
            doubts.insert(DoubtReason::Assertion);
        }
        if self.is_of_other_patient {
            doubts.insert(DoubtReason::Patient);
        }
        if is_quoted && !self.is_text_supported && claim.kind != ClaimKind::OtherPatient {
            doubts.insert(DoubtReason::Text);
        }
        doubts
    }
}

/// The days at the head of the page at a position that may be that of its encounter.
pub(crate) fn head_days(pages: &CompactPages, position: usize) -> Vec<Date> {
    let page = pages.page(position);
    page.map(|page| CheckedPage::new(&page, pages.date_order(position)).head_dates).unwrap_or_default()
}

/// What pages inherit: one without a day at its head, or without a name, continues the page before it.
#[derive(Default)]
struct EncounterContexts(BTreeMap<usize, EncounterContext>);

#[derive(Debug, Clone, Default)]
struct EncounterContext {
    days: Vec<Date>,
    identity: PrintedIdentity,
}

impl EncounterContexts {
    /// How many pages back an encounter is looked for.
    const MAX_PAGES_BACK: usize = 12;

    /// The context of a page with this context of its own.
    fn complete(
        &mut self,
        position: usize,
        own: EncounterContext,
        pages: &CompactPages,
    ) -> &EncounterContext {
        let mut context = own;
        let document: Option<DocumentId> = pages.key(position).map(|(document, _)| document);
        for back in 1..=Self::MAX_PAGES_BACK {
            if !context.days.is_empty() && !context.identity.is_empty() {
                break;
            }
            let Some(at) = position.checked_sub(back) else { break };
            if pages.key(at).map(|(document, _)| document) != document {
                break;
            }
            let before = match self.0.get(&at) {
                Some(known) => known.clone(),
                None => match pages.page(at) {
                    Some(page) => EncounterContext::from_page(&CheckedPage::new(&page, pages.date_order(at))),
                    None => EncounterContext::default(),
                },
            };
            if context.days.is_empty() {
                context.days = before.days;
            }
            if context.identity.is_empty() {
                context.identity = before.identity;
            }
        }
        self.0.entry(position).or_insert(context)
    }
}

impl EncounterContext {
    fn from_page(page: &CheckedPage) -> Self {
        Self { days: page.head_dates.clone(), identity: PrintedIdentity::new(page) }
    }
}

/// Checks the patient's identity against its quotes.
fn check_patient(patient: &mut Patient, citations: Vec<Citation>) {
    let words: BTreeSet<String> = citations.iter().flat_map(|cited| word_keys(&cited.quote)).collect();
    let numbers: Vec<String> = citations.iter().flat_map(|cited| fields::numbers(&cited.quote)).collect();
    let has_words = |text: &str| word_keys(text).iter().all(|key| words.contains(key));
    let has_day = |day: Date| {
        let parts = [day.year() % 100, i32::from(u8::from(day.month())), i32::from(day.day())];
        let names_month = words.iter().any(|word| {
            let month = day.month().to_string().to_lowercase();
            word.len() >= 3 && word_keys(&month).join("").starts_with(word.as_str())
        });
        parts.iter().enumerate().all(|(at, part)| {
            at == 1 && names_month
                || numbers
                    .iter()
                    .any(|number| *number == part.to_string() || at == 0 && *number == day.year().to_string())
        })
    };
    let is_quoted = citations.iter().all(|cited| cited.confidence.is_some());
    let is_given = patient.name.as_deref().is_none_or(has_words)
        && patient.birth_date.is_none_or(has_day)
        && patient.medical_record_number.as_deref().is_none_or(has_words);
    patient.checked = !citations.is_empty() && is_quoted && is_given;
    patient.citations = citations;
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
    use maneiro_api::analysis::{ClinicalStatus, Medication, MedicationCourse, Statement};
    use maneiro_page::Hyphen;

    use super::*;
    use crate::dates::DateOrder;
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
            also_in_record: false,
        };
        let mut findings = Findings { conflicts: vec![statement], ..Findings::default() };
        let mut compact = CompactPages::default();
        pages.iter().for_each(|page| compact.push(page, DateOrder::MonthFirst));
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
    fn medicine_that_is_not_taken_is_not_active() {
        let doubts = |text: &str, name: &str, status| {
            let quote = text.lines().last().unwrap_or_default();
            let statement = Statement {
                text: name.to_owned(),
                assertion: Assertion::Present,
                citations: vec![cited(1, quote)],
                quoted: false,
                checked: false,
                doubts: Vec::new(),
                also_in_record: false,
            };
            let name = name.to_owned();
            let medication = Medication {
                statement,
                name,
                dose: None,
                route: None,
                frequency: None,
                status,
                course: MedicationCourse::default(),
                coding: None,
            };
            let mut findings = Findings { medications: vec![medication], ..Findings::default() };
            let mut compact = CompactPages::default();
            compact.push(&page(1, text), DateOrder::MonthFirst);
            verify(&mut findings, &compact, &AnalysisControl::default()).unwrap();
            findings.medications.remove(0).statement.doubts
        };
        for (text, name) in [
            ("Lisinopril 10 mg daily was stopped in March.", "lisinopril"),
            ("Stop the lisinopril, start losartan 25 mg daily.", "lisinopril"),
            ("Warfarin 5 mg daily, on hold before surgery", "warfarin"),
            ("Hold metformin before the scan.", "metformin"),
            ("Consider starting apixaban 5 mg twice daily.", "apixaban"),
            ("prednisone 20 mg daily 01/02/2024 Aborted", "prednisone"),
            ("DISCONTINUED MEDICATIONS:\nAtenolol 50 mg daily", "atenolol"),
        ] {
            assert_eq!(doubts(text, name, ClinicalStatus::Active), [DoubtReason::Status], "{text}");
            assert!(!doubts(text, name, ClinicalStatus::Past).contains(&DoubtReason::Status), "{text}");
        }
        for (text, name) in [
            ("Stop the lisinopril, start losartan 25 mg daily.", "losartan"),
            ("Metoprolol 25 mg twice daily, held if heart rate below 55", "metoprolol"),
            ("Clopidogrel 75 mg daily, not to be stopped if bleeding is minor", "clopidogrel"),
            ("Continue aspirin 81 mg daily. Lisinopril was stopped.", "aspirin"),
        ] {
            assert_eq!(doubts(text, name, ClinicalStatus::Active), [], "{text}");
        }
    }

    #[test]
    fn occurrence_that_is_not_denied_counts() {
        let pages = [page(1, "No pneumonia on the left.\nShe has pneumonia on the right.")];
        let statement = looked_up(Assertion::Present, vec![cited(1, "pneumonia on the")], &pages);
        assert!(statement.quoted);
        assert!(statement.citations[0].boxes[0].y0 > 40.0);
    }
}
