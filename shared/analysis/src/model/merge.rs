//! Answers about several windows become one set of findings. The same item from two windows is one item with the
//! citations of both.

use std::collections::HashMap;

use maneiro_api::analysis::{
    Allergy, Citation, DiscardedOutput, Findings, FollowUp, ImagingStudy, LabResult, Medication, Patient,
    Problem, Procedure, Statement, TimelineEvent, VitalSign,
};
use time::Date;

use super::{
    answer::{self, Answer, Item, MAX_ITEMS, field, optional},
    prompt::Window,
};
use crate::{SourcePage, extract, text};

/// Findings that grow by answers.
#[derive(Default)]
pub(super) struct Merged {
    findings: Findings,
    /// Where an item of a list stands, by what makes it the same.
    places: HashMap<(List, String), usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum List {
    Problems,
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

/// What an answer may cite: the pages it was shown.
struct Shown<'a> {
    window: &'a Window,
    pages: &'a [SourcePage],
}

impl Shown<'_> {
    /// The citations of the quotes; those of pages that were not shown are left out.
    fn cite(&self, quotes: Vec<(u32, String)>) -> Vec<Citation> {
        let mut citations: Vec<Citation> = Vec::new();
        for (number, quote) in quotes {
            let shown = self.window.parts.iter().any(|part| part.number == number);
            let source = number.checked_sub(1).and_then(|at| self.pages.get(usize::try_from(at).ok()?));
            if let Some(source) = source.filter(|_| shown) {
                let citation = Citation {
                    document: source.document,
                    page: source.page.number,
                    quote,
                    boxes: Vec::new(),
                    confidence: None,
                };
                add(&mut citations, citation);
            }
        }
        citations
    }
}

/// Adds a citation unless the same words of the same page are there.
fn add(citations: &mut Vec<Citation>, new: Citation) {
    let words = folded(&new.quote);
    let known = citations.iter().any(|known| {
        known.document == new.document && known.page == new.page && folded(&known.quote) == words
    });
    if !known {
        citations.push(new);
    }
}

fn folded(text: &str) -> String {
    text::tokenise(text).into_iter().map(|token| token.key).collect::<Vec<_>>().join(" ")
}

impl Merged {
    /// Takes the statements of an answer in; those that cite nothing are counted.
    pub(super) fn add(
        &mut self,
        answer: Answer,
        window: &Window,
        pages: &[SourcePage],
        discarded: &mut DiscardedOutput,
    ) {
        let shown = Shown { window, pages };
        self.patient(&answer.patient, &shown);
        let findings = &mut self.findings;
        let mut lists = Lists { places: &mut self.places, shown: &shown, discarded };
        lists.take(List::Problems, &mut findings.problems, answer.problems, |item, statement| {
            let name = field(&item.fields.name);
            Some((
                format!("{name} {:?}", item.assertion),
                Problem { statement, name, status: item.fields.status },
            ))
        });
        lists.take(List::Medications, &mut findings.medications, answer.medications, |item, statement| {
            let fields = &item.fields;
            let made = Medication {
                statement,
                name: field(&fields.name),
                dose: optional(fields.dose.as_deref()),
                route: optional(fields.route.as_deref()),
                frequency: optional(fields.frequency.as_deref()),
                status: fields.status,
            };
            let key = format!("{} {:?} {:?} {:?}", made.name, made.dose, made.frequency, made.status);
            Some((key, made))
        });
        lists.take(List::Allergies, &mut findings.allergies, answer.allergies, |item, statement| {
            let substance = field(&item.fields.substance);
            let reaction = optional(item.fields.reaction.as_deref());
            Some((format!("{substance} {:?}", item.assertion), Allergy { statement, substance, reaction }))
        });
        lists.take(List::Vitals, &mut findings.vitals, answer.vitals, |item, statement| {
            let made = VitalSign {
                statement,
                name: field(&item.fields.name),
                value: field(&item.fields.value),
                unit: optional(item.fields.unit.as_deref()),
                date: day(item.fields.date.as_deref()),
            };
            Some((format!("{} {} {:?}", made.name, made.value, made.date), made))
        });
        lists.take(List::Labs, &mut findings.labs, answer.labs, |item, statement| {
            let made = LabResult {
                statement,
                name: field(&item.fields.name),
                value: field(&item.fields.value),
                unit: optional(item.fields.unit.as_deref()),
                reference_range: optional(item.fields.reference_range.as_deref()),
                flag: item.fields.flag,
                date: day(item.fields.date.as_deref()),
            };
            Some((format!("{} {} {:?}", made.name, made.value, made.date), made))
        });
        lists.take(List::Procedures, &mut findings.procedures, answer.procedures, |item, statement| {
            let made = Procedure {
                statement,
                name: field(&item.fields.name),
                date: day(item.fields.date.as_deref()),
            };
            Some((format!("{} {:?}", made.name, made.date), made))
        });
        lists.take(List::Imaging, &mut findings.imaging, answer.imaging, |item, statement| {
            let made = ImagingStudy {
                statement,
                study: field(&item.fields.study),
                date: day(item.fields.date.as_deref()),
            };
            Some((format!("{} {:?}", made.study, made.date), made))
        });
        lists.take(List::Timeline, &mut findings.timeline, answer.timeline, |item, statement| {
            let date = day(Some(&item.fields.date))?;
            Some((format!("{date} {}", statement.text), TimelineEvent { statement, date }))
        });
        lists.take(List::FollowUps, &mut findings.follow_ups, answer.follow_ups, |item, statement| {
            let due = optional(item.fields.due.as_deref());
            Some((statement.text.clone(), FollowUp { statement, due }))
        });
        lists.take(List::Conflicts, &mut findings.conflicts, answer.conflicts, |_, statement| {
            Some((statement.text.clone(), statement))
        });
        lists.take(List::Gaps, &mut findings.gaps, answer.gaps, |_, statement| {
            Some((statement.text.clone(), statement))
        });
    }

    /// The first answer that tells a field of the patient is kept.
    fn patient(&mut self, told: &answer::Patient, shown: &Shown<'_>) {
        let citations = shown.cite(told.quotes());
        if citations.is_empty() {
            return;
        }
        let patient: &mut Patient = &mut self.findings.patient;
        let before = patient.clone();
        patient.name = patient.name.take().or_else(|| optional(told.name.as_deref()));
        patient.birth_date = patient.birth_date.or_else(|| day(told.birth_date.as_deref()));
        patient.sex = patient.sex.take().or_else(|| optional(told.sex.as_deref()));
        patient.medical_record_number =
            patient.medical_record_number.take().or_else(|| optional(told.medical_record_number.as_deref()));
        if *patient != before {
            for citation in citations {
                add(&mut patient.citations, citation);
            }
        }
    }

    /// All that was taken in, events oldest first.
    pub(super) fn into_findings(self) -> Findings {
        let mut findings = self.findings;
        findings.timeline.sort_by_key(|event| event.date);
        findings
    }
}

struct Lists<'a> {
    places: &'a mut HashMap<(List, String), usize>,
    shown: &'a Shown<'a>,
    discarded: &'a mut DiscardedOutput,
}

impl Lists<'_> {
    fn take<F, T: Cited>(
        &mut self,
        list: List,
        known: &mut Vec<T>,
        items: Vec<Item<F>>,
        make: impl Fn(&Item<F>, Statement) -> Option<(String, T)>,
    ) {
        for item in items.into_iter().take(MAX_ITEMS) {
            let citations = self.shown.cite(item.quotes());
            if citations.is_empty() {
                self.discarded.uncited_statements += 1;
                continue;
            }
            let statement =
                Statement { text: item.text(), assertion: item.assertion, citations, verified: false };
            let Some((key, made)) = make(&item, statement).filter(|(_, made)| !made.is_empty()) else {
                // It lacks what its list is about: a day, a text.
                self.discarded.malformed_outputs += 1;
                continue;
            };
            match self.places.get(&(list, folded(&key))) {
                Some(&at) => {
                    for citation in made.into_citations() {
                        add(known[at].citations(), citation);
                    }
                }
                None => {
                    self.places.insert((list, folded(&key)), known.len());
                    known.push(made);
                }
            }
        }
    }
}

/// Something with a statement in it.
trait Cited {
    fn statement(&mut self) -> &mut Statement;

    fn citations(&mut self) -> &mut Vec<Citation> {
        &mut self.statement().citations
    }

    fn is_empty(&self) -> bool;

    fn into_citations(self) -> Vec<Citation>;
}

macro_rules! cited {
    ($($item:ty),+) => {$(
        impl Cited for $item {
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

cited!(Problem, Medication, Allergy, VitalSign, LabResult, Procedure, ImagingStudy, TimelineEvent, FollowUp);

impl Cited for Statement {
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

/// A day of the form that the schema's description asks for; anything else is none.
fn day(text: Option<&str>) -> Option<Date> {
    extract::days(text?).into_iter().next()
}
