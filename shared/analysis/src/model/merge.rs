//! Merges the answers to several calls. The same item in two answers is one item with the citations of both.

use std::collections::HashMap;

use maneiro_api::analysis::{
    Allergy, Citation, DiscardedOutput, Findings, FollowUp, FollowUpStatus, ImagingStudy, LabResult,
    Medication, Patient, Problem, Procedure, SignSymptom, Statement, TimelineEvent, VitalSign,
};
use time::Date;

use super::{
    answer::{AnswerItem, MAX_ITEMS, ModelAnswer, PatientFields, field, optional_field},
    prompt::PageWindow,
};
use crate::{
    compact_pages::CompactPages,
    dates::{DateOrder, find_dates},
    text::tokenise,
};

/// Findings that grow with each answer.
#[derive(Default)]
pub(super) struct FindingsBuilder {
    findings: Findings,
    /// The position of each item in its list, by its key.
    positions: HashMap<(FindingsList, String), usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum FindingsList {
    Problems,
    SignsSymptoms,
    Medications,
    Allergies,
    Vitals,
    Labs,
    Procedures,
    Imaging,
    Timeline,
    FollowUps,
    Conflicts,
    Gaps,
}

/// The pages that an answer may cite: those of its call.
struct CitablePages<'a> {
    window: &'a PageWindow,
    pages: &'a CompactPages,
}

impl CitablePages<'_> {
    /// The citations of the quotes, except for those of other pages.
    fn cite(&self, quotes: Vec<(u32, String)>) -> Vec<Citation> {
        let mut citations: Vec<Citation> = Vec::new();
        for (number, quote) in quotes {
            let is_citable = self.window.parts.iter().any(|part| part.number == number);
            let key = number.checked_sub(1).and_then(|at| self.pages.key(usize::try_from(at).ok()?));
            if let Some((document, page)) = key.filter(|_| is_citable) {
                let citation = Citation { document, page, quote, boxes: Vec::new(), confidence: None };
                cite_once(&mut citations, citation);
            }
        }
        citations
    }
}

/// Adds a citation, unless the same words of the same page are cited.
fn cite_once(citations: &mut Vec<Citation>, new: Citation) {
    let words = folded(&new.quote);
    let is_known = citations.iter().any(|known| {
        known.document == new.document && known.page == new.page && folded(&known.quote) == words
    });
    if !is_known {
        citations.push(new);
    }
}

fn folded(text: &str) -> String {
    tokenise(text).into_iter().map(|token| token.key).collect::<Vec<_>>().join(" ")
}

impl FindingsBuilder {
    /// Adds the statements of an answer. Those without a citation are counted as discarded.
    pub(super) fn add(
        &mut self,
        answer: ModelAnswer,
        window: &PageWindow,
        pages: &CompactPages,
        discarded: &mut DiscardedOutput,
    ) {
        let citable = CitablePages { window, pages };
        self.add_patient(&answer.patient, &citable);
        let findings = &mut self.findings;
        let mut lists = ListMerger { positions: &mut self.positions, citable: &citable, discarded };
        lists.merge(FindingsList::Problems, &mut findings.problems, answer.problems, |item, statement| {
            let name = field(&item.fields.name);
            Some((
                format!("{name} {:?}", item.assertion),
                Problem { statement, name, status: item.fields.status },
            ))
        });
        lists.merge(
            FindingsList::SignsSymptoms,
            &mut findings.signs_symptoms,
            answer.signs_symptoms,
            |item, statement| {
                let name = field(&item.fields.name);
                let date = parse_date(item.fields.date.as_deref());
                Some((format!("{name} {:?} {date:?}", item.assertion), SignSymptom { statement, name, date }))
            },
        );
        lists.merge(
            FindingsList::Medications,
            &mut findings.medications,
            answer.medications,
            |item, statement| {
                let fields = &item.fields;
                let made = Medication {
                    statement,
                    name: field(&fields.name),
                    dose: optional_field(fields.dose.as_deref()),
                    route: optional_field(fields.route.as_deref()),
                    frequency: optional_field(fields.frequency.as_deref()),
                    status: fields.status,
                };
                let key = format!("{} {:?} {:?} {:?}", made.name, made.dose, made.frequency, made.status);
                Some((key, made))
            },
        );
        lists.merge(FindingsList::Allergies, &mut findings.allergies, answer.allergies, |item, statement| {
            let substance = field(&item.fields.substance);
            let reaction = optional_field(item.fields.reaction.as_deref());
            Some((format!("{substance} {:?}", item.assertion), Allergy { statement, substance, reaction }))
        });
        lists.merge(FindingsList::Vitals, &mut findings.vitals, answer.vitals, |item, statement| {
            let made = VitalSign {
                statement,
                name: field(&item.fields.name),
                value: field(&item.fields.value),
                unit: optional_field(item.fields.unit.as_deref()),
                date: parse_date(item.fields.date.as_deref()),
            };
            Some((format!("{} {} {:?}", made.name, made.value, made.date), made))
        });
        lists.merge(FindingsList::Labs, &mut findings.labs, answer.labs, |item, statement| {
            let made = LabResult {
                statement,
                name: field(&item.fields.name),
                value: field(&item.fields.value),
                unit: optional_field(item.fields.unit.as_deref()),
                reference_range: optional_field(item.fields.reference_range.as_deref()),
                flag: item.fields.flag,
                date: parse_date(item.fields.date.as_deref()),
            };
            Some((format!("{} {} {:?}", made.name, made.value, made.date), made))
        });
        lists.merge(
            FindingsList::Procedures,
            &mut findings.procedures,
            answer.procedures,
            |item, statement| {
                let made = Procedure {
                    statement,
                    name: field(&item.fields.name),
                    date: parse_date(item.fields.date.as_deref()),
                };
                Some((format!("{} {:?}", made.name, made.date), made))
            },
        );
        lists.merge(FindingsList::Imaging, &mut findings.imaging, answer.imaging, |item, statement| {
            let made = ImagingStudy {
                statement,
                study: field(&item.fields.study),
                date: parse_date(item.fields.date.as_deref()),
            };
            Some((format!("{} {:?}", made.study, made.date), made))
        });
        lists.merge(FindingsList::Timeline, &mut findings.timeline, answer.timeline, |item, statement| {
            let date = parse_date(Some(&item.fields.date))?;
            Some((format!("{date} {}", statement.text), TimelineEvent { statement, date }))
        });
        lists.merge(
            FindingsList::FollowUps,
            &mut findings.follow_ups,
            answer.follow_ups,
            |item, statement| {
                let due = optional_field(item.fields.due.as_deref());
                Some((
                    statement.text.clone(),
                    FollowUp { statement, due, noted: None, status: FollowUpStatus::Open },
                ))
            },
        );
        lists.merge(FindingsList::Conflicts, &mut findings.conflicts, answer.conflicts, |_, statement| {
            Some((statement.text.clone(), statement))
        });
        lists.merge(FindingsList::Gaps, &mut findings.gaps, answer.gaps, |_, statement| {
            Some((statement.text.clone(), statement))
        });
    }

    /// Fills the fields of the patient that no earlier answer gave.
    fn add_patient(&mut self, answer: &PatientFields, citable: &CitablePages<'_>) {
        let citations = citable.cite(answer.quotes());
        if citations.is_empty() {
            return;
        }
        let patient: &mut Patient = &mut self.findings.patient;
        let before = patient.clone();
        patient.name = patient.name.take().or_else(|| optional_field(answer.name.as_deref()));
        patient.birth_date = patient.birth_date.or_else(|| parse_date(answer.birth_date.as_deref()));
        patient.sex = patient.sex.take().or_else(|| optional_field(answer.sex.as_deref()));
        patient.medical_record_number = patient
            .medical_record_number
            .take()
            .or_else(|| optional_field(answer.medical_record_number.as_deref()));
        if *patient != before {
            for citation in citations {
                cite_once(&mut patient.citations, citation);
            }
        }
    }

    /// The findings, events oldest first.
    pub(super) fn into_findings(self) -> Findings {
        let mut findings = self.findings;
        findings.timeline.sort_by_key(|event| event.date);
        findings
    }
}

struct ListMerger<'a> {
    positions: &'a mut HashMap<(FindingsList, String), usize>,
    citable: &'a CitablePages<'a>,
    discarded: &'a mut DiscardedOutput,
}

impl ListMerger<'_> {
    /// Adds the items of an answer to a list. `make` makes an item and its key; none if a required field is missing.
    fn merge<F, T: CitingItem>(
        &mut self,
        list: FindingsList,
        known: &mut Vec<T>,
        items: Vec<AnswerItem<F>>,
        make: impl Fn(&AnswerItem<F>, Statement) -> Option<(String, T)>,
    ) {
        for item in items.into_iter().take(MAX_ITEMS) {
            let citations = self.citable.cite(item.quotes());
            if citations.is_empty() {
                self.discarded.uncited_statements += 1;
                continue;
            }
            let statement = Statement {
                text: item.text(),
                assertion: item.assertion,
                citations,
                quoted: false,
                checked: false,
                doubts: Vec::new(),
            };
            let Some((key, made)) = make(&item, statement).filter(|(_, made)| !made.is_empty()) else {
                self.discarded.malformed_outputs += 1;
                continue;
            };
            match self.positions.get(&(list, folded(&key))) {
                Some(&at) => {
                    for citation in made.into_citations() {
                        cite_once(known[at].citations(), citation);
                    }
                }
                None => {
                    self.positions.insert((list, folded(&key)), known.len());
                    known.push(made);
                }
            }
        }
    }
}

/// An item with a statement.
trait CitingItem {
    fn statement(&mut self) -> &mut Statement;

    fn citations(&mut self) -> &mut Vec<Citation> {
        &mut self.statement().citations
    }

    fn is_empty(&self) -> bool;

    fn into_citations(self) -> Vec<Citation>;
}

macro_rules! citing_items {
    ($($item:ty),+) => {$(
        impl CitingItem for $item {
            fn statement(&mut self) -> &mut Statement {
                &mut self.statement
            }

            fn is_empty(&self) -> bool {
                self.statement.text.is_empty()
            }

            fn into_citations(self) -> Vec<Citation> {
                self.statement.citations
            }
        }
    )+};
}

citing_items!(
    Problem,
    SignSymptom,
    Medication,
    Allergy,
    VitalSign,
    LabResult,
    Procedure,
    ImagingStudy,
    TimelineEvent,
    FollowUp
);

impl CitingItem for Statement {
    fn statement(&mut self) -> &mut Statement {
        self
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn into_citations(self) -> Vec<Citation> {
        self.citations
    }
}

/// The first full date of a field.
fn parse_date(text: Option<&str>) -> Option<Date> {
    find_dates(text?, DateOrder::MonthFirst).into_iter().next().map(|found| found.date)
}
