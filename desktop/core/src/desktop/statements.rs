//! The statements of an analysis as Review shows them. Pure: an analysis and the places of its documents in, statements out.

use std::collections::{HashMap, HashSet};

use maneiro_api::{
    DocumentId,
    analysis::{Analysis, Citation, CodeSystem, Coding, Statement},
    edited_analysis::StatementIds,
};

use crate::contract::{
    common::CalendarDay,
    review::{QuotePlace, ReviewCitation, ReviewState, ReviewStatement, StatementDetails, StatementSection},
};

/// Where a document of the cloud lies in the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct DocumentPlace {
    pub(super) document: DocumentId,
    /// Number of its first page in the record, from 1.
    pub(super) first_page: u32,
}

/// The documents of the cloud with their places in the record.
pub(super) type DocumentPlaces = HashMap<DocumentId, DocumentPlace>;

/// The statements in display order, as nobody has looked at them yet.
pub(super) fn from_analysis(analysis: &Analysis, places: &DocumentPlaces) -> Vec<ReviewStatement> {
    let findings = &analysis.findings;
    let disputed: HashSet<(DocumentId, u32, &str)> =
        findings.conflicts.iter().flat_map(|conflict| conflict.citations.iter().map(citation_key)).collect();
    let mut builder = Builder { places, disputed, ids: StatementIds::default(), statements: Vec::new() };
    let plain = StatementDetails::default;
    let named = |name: &str| StatementDetails { name: Some(name.to_owned()), ..plain() };
    for item in &findings.summary {
        builder.add(StatementSection::Summary, item, plain());
    }
    for item in &findings.other_patients {
        let details = StatementDetails { name: item.name.clone(), ..plain() };
        builder.add(StatementSection::Conflicts, &item.statement, details);
    }
    for item in &findings.conflicts {
        builder.add(StatementSection::Conflicts, item, plain());
    }
    for item in &findings.problems {
        let details = StatementDetails { code: item.coding.as_ref().map(code_text), ..named(&item.name) };
        builder.add(StatementSection::Problems, &item.statement, details);
    }
    for item in &findings.signs_symptoms {
        let code = item.coding.as_ref().map(code_text);
        let details = StatementDetails { date: item.date.map(CalendarDay), code, ..named(&item.name) };
        builder.add(StatementSection::SignsSymptoms, &item.statement, details);
    }
    for item in &findings.medications {
        let (value, code) = (item.dose.clone(), item.coding.as_ref().map(code_text));
        let details = StatementDetails { value, code, ..named(&item.name) };
        builder.add(StatementSection::Medications, &item.statement, details);
    }
    for item in &findings.allergies {
        let value = item.reaction.clone();
        let details = StatementDetails { value, ..named(&item.substance) };
        builder.add(StatementSection::Allergies, &item.statement, details);
    }
    for item in &findings.vitals {
        let details = StatementDetails {
            value: Some(item.value.clone()),
            unit: item.unit.clone(),
            date: item.date.map(CalendarDay),
            ..named(&item.name)
        };
        builder.add(StatementSection::Vitals, &item.statement, details);
    }
    for item in &findings.labs {
        let details = StatementDetails {
            value: Some(item.value.clone()),
            unit: item.unit.clone(),
            reference_range: item.reference_range.clone(),
            flag: item.flag,
            date: item.date.map(CalendarDay),
            ..named(&item.name)
        };
        builder.add(StatementSection::Labs, &item.statement, details);
    }
    for item in &findings.procedures {
        let details = StatementDetails { date: item.date.map(CalendarDay), ..named(&item.name) };
        builder.add(StatementSection::Procedures, &item.statement, details);
    }
    for item in &findings.imaging {
        let details = StatementDetails { date: item.date.map(CalendarDay), ..named(&item.study) };
        builder.add(StatementSection::Imaging, &item.statement, details);
    }
    for item in &findings.observations {
        let details = StatementDetails { date: item.date.map(CalendarDay), ..plain() };
        builder.add(StatementSection::from_observation(item.kind), &item.statement, details);
    }
    for item in &findings.timeline {
        let details = StatementDetails { date: Some(CalendarDay(item.date)), ..plain() };
        builder.add(StatementSection::Timeline, &item.statement, details);
    }
    for item in &findings.follow_ups {
        let details = StatementDetails { value: item.due.clone(), ..plain() };
        builder.add(StatementSection::FollowUps, &item.statement, details);
    }
    for item in &findings.gaps {
        builder.add(StatementSection::Gaps, item, plain());
    }
    builder.statements
}

/// A code with its list, as people write them.
fn code_text(coding: &Coding) -> String {
    let system = match coding.system {
        CodeSystem::Icd10Cm => "ICD-10-CM",
        // The codes of HPO begin with its name.
        CodeSystem::Hpo => return coding.code.clone(),
        CodeSystem::Unii => "UNII",
    };
    format!("{system} {}", coding.code)
}

fn citation_key(citation: &Citation) -> (DocumentId, u32, &str) {
    (citation.document, citation.page, &citation.quote)
}

struct Builder<'a> {
    places: &'a DocumentPlaces,
    /// What the two sides of conflicts cite.
    disputed: HashSet<(DocumentId, u32, &'a str)>,
    ids: StatementIds,
    statements: Vec<ReviewStatement>,
}

impl<'a> Builder<'a> {
    fn add(&mut self, section: StatementSection, statement: &'a Statement, details: StatementDetails) {
        let is_disputed =
            statement.citations.iter().any(|citation| self.disputed.contains(&citation_key(citation)));
        let shown = ReviewStatement {
            id: self.ids.next(section, statement),
            section,
            text: statement.text.clone(),
            text_before: None,
            assertion: statement.assertion,
            citations: statement.citations.iter().map(|citation| self.citation(citation)).collect(),
            verified: statement.quoted,
            checked: statement.checked,
            also_in_record: statement.also_in_record,
            in_conflict: section != StatementSection::Conflicts && is_disputed,
            weak_words: Vec::new(),
            details,
            state: ReviewState::Open,
            added_by_hand: false,
            changed: None,
            versions: None,
            is_new: false,
        };
        self.statements.push(shown);
    }

    fn citation(&self, citation: &Citation) -> ReviewCitation {
        let place = self.places.get(&citation.document).map(|place| QuotePlace {
            page: place.first_page + citation.page - 1,
            document: place.document,
            quote: citation.quote.clone(),
            boxes: citation.boxes.clone(),
        });
        ReviewCitation {
            quote: citation.quote.clone(),
            places: place.into_iter().collect(),
            confidence: citation.confidence.map(u32::from),
            chosen_by_reader: false,
        }
    }
}
