//! Merges the answers to several calls. The same item in two answers is one item with the citations of both.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use maneiro_api::analysis::{
    Allergy, Assertion, Citation, ClinicalStatus, DiscardedOutput, Encounter, ExpectedTopic, Findings,
    FollowUp, FollowUpStatus, ImagingStudy, LabResult, Medication, MedicationCourse, MedicationState,
    Observation, Patient, Problem, Procedure, SignSymptom, Statement, TimelineEvent, VitalSign, capitalise,
};
use regex::Regex;
use time::{Date, Month};

use super::answer::{
    AnswerItem, AnswerList, AnswerMedicationStatus, ComparisonAnswer, DoneStatus, EncounterFields, MAX_ITEMS,
    ModelAnswer, PatientFields, field, optional_field,
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
    /// The encounters of all answers by their first page's position in the record.
    encounters: Vec<KnownEncounter>,
    /// The topics that no answer found stated.
    not_stated: Option<BTreeSet<ExpectedTopic>>,
}

/// An encounter, and where it begins.
struct KnownEncounter {
    first: usize,
    encounter: Encounter,
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
    Observations,
    Timeline,
    FollowUps,
    Conflicts,
    Gaps,
}

/// The pages that an answer may cite: those of its call.
pub(super) struct CitablePages<'a> {
    /// The positions of the pages in the record, from 1.
    pub(super) numbers: BTreeSet<u32>,
    pub(super) pages: &'a CompactPages,
}

impl CitablePages<'_> {
    /// The citations of the quotes, except for those of other pages.
    fn cite(&self, quotes: Vec<(u32, String)>) -> Vec<Citation> {
        let mut citations: Vec<Citation> = Vec::new();
        for (number, quote) in quotes {
            let is_citable = self.numbers.contains(&number);
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
        citable: &CitablePages<'_>,
        discarded: &mut DiscardedOutput,
    ) {
        self.add_patient(&answer.patient, citable);
        self.add_encounters(answer.encounters, citable, discarded);
        let not_stated: BTreeSet<ExpectedTopic> = answer.not_stated.into_iter().collect();
        self.not_stated = Some(match self.not_stated.take() {
            Some(known) => known.intersection(&not_stated).copied().collect(),
            None => not_stated,
        });
        let findings = &mut self.findings;
        let encounters = &self.encounters;
        let inherited = |statement: &Statement| encounter_date(encounters, citable.pages, statement);
        let mut lists = ListMerger { positions: &mut self.positions, citable, discarded };
        lists.merge(FindingsList::Problems, &mut findings.problems, answer.problems, |item, statement| {
            let name = field(&item.fields.name);
            let made = Problem { statement, name, status: item.fields.status, coding: None };
            Some((format!("{} {:?}", made.name, item.assertion), made))
        });
        lists.merge(
            FindingsList::SignsSymptoms,
            &mut findings.signs_symptoms,
            answer.signs_symptoms,
            |item, mut statement| {
                let name = field(&item.fields.name);
                statement.text = with_assertion(&name, statement.assertion);
                let (date, date_text) = parse_day(item.fields.date.as_deref());
                let date = date.or_else(|| inherited(&statement).filter(|_| date_text.is_none()));
                let key = format!("{name} {:?} {date:?}", item.assertion);
                Some((key, SignSymptom { statement, name, coding: None, date, date_text }))
            },
        );
        lists.merge(
            FindingsList::Medications,
            &mut findings.medications,
            answer.medications,
            |item, statement| {
                let made = make_medication(item, statement);
                let key = format!("{} {:?} {:?} {:?}", made.name, made.dose, made.frequency, made.status);
                Some((key, made))
            },
        );
        lists.merge(
            FindingsList::Allergies,
            &mut findings.allergies,
            answer.allergies,
            |item, mut statement| {
                let substance = field(&item.fields.substance);
                let reaction = optional_field(item.fields.reaction.as_deref());
                statement.text = match (&reaction, statement.assertion) {
                    (_, Assertion::Negated) => with_assertion(&substance, Assertion::Negated),
                    (Some(reaction), _) => format!("Allergy to {substance}: {reaction}"),
                    (None, _) => format!("Allergy to {substance}"),
                };
                Some((
                    format!("{substance} {:?}", item.assertion),
                    Allergy { statement, substance, reaction },
                ))
            },
        );
        lists.merge(FindingsList::Vitals, &mut findings.vitals, answer.vitals, |item, mut statement| {
            let fields = &item.fields;
            let name = field(&fields.name);
            let (value, unit) = (field(&fields.value), optional_field(fields.unit.as_deref()));
            statement.text = measurement_text(&name, &value, unit.as_deref());
            let date = parse_date(fields.date.as_deref()).or_else(|| inherited(&statement));
            let value_as_read = optional_field(fields.value_as_read.as_deref());
            let made = VitalSign { statement, name, value, value_as_read, unit, date };
            Some((format!("{} {} {:?}", made.name, made.value, made.date), made))
        });
        lists.merge(FindingsList::Labs, &mut findings.labs, answer.labs, |item, mut statement| {
            let fields = &item.fields;
            let name = field(&fields.name);
            let (value, unit) = (field(&fields.value), optional_field(fields.unit.as_deref()));
            statement.text = measurement_text(&name, &value, unit.as_deref());
            let date = parse_date(fields.date.as_deref()).or_else(|| inherited(&statement));
            let made = LabResult {
                statement,
                name,
                value,
                value_as_read: optional_field(fields.value_as_read.as_deref()),
                unit,
                reference_range: optional_field(fields.reference_range.as_deref()),
                flag: fields.flag,
                date,
            };
            Some((format!("{} {} {:?}", made.name, made.value, made.date), made))
        });
        lists.merge(
            FindingsList::Procedures,
            &mut findings.procedures,
            answer.procedures,
            |item, mut statement| {
                statement.assertion = done_assertion(item.fields.status);
                let name = field(&item.fields.name);
                let (date, date_text) = parse_day(item.fields.date.as_deref());
                let key = format!("{name} {date:?} {:?}", statement.assertion);
                Some((key, Procedure { statement, name, date, date_text }))
            },
        );
        lists.merge(FindingsList::Imaging, &mut findings.imaging, answer.imaging, |item, mut statement| {
            statement.assertion = done_assertion(item.fields.status);
            let study = field(&item.fields.study);
            let (date, date_text) = parse_day(item.fields.date.as_deref());
            let key = format!("{study} {date:?} {:?}", statement.assertion);
            Some((key, ImagingStudy { statement, study, date, date_text }))
        });
        lists.merge(
            FindingsList::Observations,
            &mut findings.observations,
            answer.observations,
            |item, statement| {
                let (date, date_text) = parse_day(item.fields.date.as_deref());
                let kind = item.fields.kind;
                let key = format!("{kind:?} {} {date:?}", statement.text);
                Some((key, Observation { statement, kind, date, date_text }))
            },
        );
        lists.merge(FindingsList::Timeline, &mut findings.timeline, answer.timeline, |item, statement| {
            let (date, date_text) = parse_day(Some(&item.fields.date));
            let date = date.or_else(|| first_day(date_text.as_deref()?))?;
            Some((format!("{date} {}", statement.text), TimelineEvent { statement, date, date_text }))
        });
        lists.merge(
            FindingsList::FollowUps,
            &mut findings.follow_ups,
            answer.follow_ups,
            |item, statement| {
                let due = optional_field(item.fields.due.as_deref());
                let due_date = parse_date(item.fields.due_date.as_deref());
                let noted = inherited(&statement);
                let key = statement.text.clone();
                let status = FollowUpStatus::Open;
                Some((key, FollowUp { statement, due, due_date, noted, status }))
            },
        );
        lists.merge(FindingsList::Conflicts, &mut findings.conflicts, answer.conflicts, |_, statement| {
            Some((statement.text.clone(), statement))
        });
        lists.merge(FindingsList::Gaps, &mut findings.gaps, answer.gaps, |_, statement| {
            Some((statement.text.clone(), statement))
        });
    }

    /// Adds the conflicts of a comparison of all pages. Its gaps take the place of those that single answers had: what one
    /// answer missed another may have.
    pub(super) fn add_comparison(
        &mut self,
        answer: ComparisonAnswer,
        citable: &CitablePages<'_>,
        discarded: &mut DiscardedOutput,
    ) {
        self.findings.gaps.clear();
        self.positions.retain(|(list, _), _| *list != FindingsList::Gaps);
        let mut lists = ListMerger { positions: &mut self.positions, citable, discarded };
        let findings = &mut self.findings;
        lists.merge(FindingsList::Conflicts, &mut findings.conflicts, answer.conflicts, |_, statement| {
            Some((statement.text.clone(), statement))
        });
        lists.merge(FindingsList::Gaps, &mut findings.gaps, answer.gaps, |_, statement| {
            Some((statement.text.clone(), statement))
        });
    }

    /// Adds encounters whose heads are quoted, unless another begins on their page. A day that does not stand at the head of
    /// the page is left out: much would inherit it.
    fn add_encounters(
        &mut self,
        answer: AnswerList<EncounterFields>,
        citable: &CitablePages<'_>,
        discarded: &mut DiscardedOutput,
    ) {
        discarded.malformed_outputs += answer.malformed;
        for item in answer.items.into_iter().take(MAX_ITEMS) {
            let fields = &item.fields;
            let key = |number: u32| {
                let at = usize::try_from(number.checked_sub(1)?).ok()?;
                Some((at, citable.pages.key(at)?))
            };
            let is_citable = citable.numbers.contains(&fields.first_page);
            let Some((first, (document, first_page))) = key(fields.first_page).filter(|_| is_citable) else {
                continue;
            };
            let is_known = self.encounters.iter().any(|known| known.first == first);
            if is_known || citable.cite(item.quotes()).is_empty() {
                continue;
            }
            let last_page = key(fields.last_page)
                .filter(|(_, (other, page))| *other == document && *page >= first_page)
                .map_or(first_page, |(_, (_, page))| page);
            let heads = crate::verify::head_days(citable.pages, first);
            let encounter = Encounter {
                document,
                first_page,
                last_page,
                kind: field(&fields.kind),
                author: optional_field(fields.author.as_deref()),
                facility: optional_field(fields.facility.as_deref()),
                date: parse_date(fields.date.as_deref()).filter(|date| heads.contains(date)),
            };
            let at = self.encounters.partition_point(|known| known.first < first);
            self.encounters.insert(at, KnownEncounter { first, encounter });
        }
    }

    /// The findings so far.
    pub(super) const fn findings(&self) -> &Findings {
        &self.findings
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
        findings.encounters = self.encounters.into_iter().map(|known| known.encounter).collect();
        findings.not_stated = self.not_stated.unwrap_or_default().into_iter().collect();
        findings
    }
}

/// The day of the encounter that the first cited page belongs to: the last one of its document that begins on it or before.
fn encounter_date(
    encounters: &[KnownEncounter],
    pages: &CompactPages,
    statement: &Statement,
) -> Option<Date> {
    let cited = statement.citations.first()?;
    let position = pages.position(cited.document, cited.page)?;
    let before = encounters.partition_point(|known| known.first <= position);
    let last = &encounters[..before].last()?.encounter;
    last.date.filter(|_| last.document == cited.document)
}

fn make_medication(item: &AnswerItem<super::answer::MedicationFields>, statement: Statement) -> Medication {
    let fields = &item.fields;
    let (status, assertion, state, note) = match fields.status {
        AnswerMedicationStatus::Active => (ClinicalStatus::Active, Assertion::Present, None, ""),
        AnswerMedicationStatus::Planned => {
            (ClinicalStatus::Active, Assertion::Planned, Some(MedicationState::Planned), " (planned)")
        }
        AnswerMedicationStatus::Held => {
            (ClinicalStatus::Active, Assertion::Present, Some(MedicationState::Held), " (on hold)")
        }
        AnswerMedicationStatus::Stopped => (ClinicalStatus::Past, Assertion::Historical, None, " (stopped)"),
        AnswerMedicationStatus::Cancelled => {
            (ClinicalStatus::Past, Assertion::Historical, Some(MedicationState::Cancelled), " (cancelled)")
        }
        AnswerMedicationStatus::Completed => {
            (ClinicalStatus::Past, Assertion::Historical, Some(MedicationState::Completed), " (completed)")
        }
    };
    let name = field(&fields.name);
    let dose = optional_field(fields.dose.as_deref());
    let route = optional_field(fields.route.as_deref());
    let frequency = optional_field(fields.frequency.as_deref());
    let words = [Some(&name), dose.as_ref(), route.as_ref(), frequency.as_ref()];
    let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
    let text = format!("{}{note}", words.join(" "));
    let course = MedicationCourse {
        state,
        start: optional_field(fields.start.as_deref()),
        stop: optional_field(fields.stop.as_deref()),
        indication: optional_field(fields.indication.as_deref()),
    };
    Medication {
        statement: Statement { text, assertion, ..statement },
        name,
        dose,
        route,
        frequency,
        status,
        course,
        coding: None,
    }
}

/// A name as a sentence that says whether it is so.
fn with_assertion(name: &str, assertion: Assertion) -> String {
    match assertion {
        Assertion::Present => capitalise(name),
        Assertion::Negated if name.to_lowercase().starts_with("no ") => capitalise(name),
        Assertion::Negated => format!("No {name}"),
        Assertion::Possible => format!("Possible: {name}"),
        Assertion::Family => format!("Family history: {name}"),
        Assertion::Historical => format!("{} (past)", capitalise(name)),
        Assertion::Planned => format!("Planned: {name}"),
    }
}

fn measurement_text(name: &str, value: &str, unit: Option<&str>) -> String {
    let gap = if unit.is_none_or(|unit| unit == "%") { "" } else { " " };
    format!("{} {value}{gap}{}", capitalise(name), unit.unwrap_or_default()).trim_end().to_owned()
}

const fn done_assertion(status: DoneStatus) -> Assertion {
    match status {
        DoneStatus::Completed => Assertion::Present,
        DoneStatus::Planned => Assertion::Planned,
        DoneStatus::Cancelled => Assertion::Negated,
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
        answer: AnswerList<F>,
        make: impl Fn(&AnswerItem<F>, Statement) -> Option<(String, T)>,
    ) {
        self.discarded.malformed_outputs += answer.malformed;
        for item in answer.items.into_iter().take(MAX_ITEMS) {
            let citations = self.citable.cite(item.quotes());
            if citations.is_empty() {
                self.discarded.uncited_statements += 1;
                continue;
            }
            let statement = Statement {
                text: item.text(),
                assertion: item.assertion(),
                citations,
                quoted: false,
                checked: false,
                doubts: Vec::new(),
                also_in_record: false,
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
    Observation,
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

/// A full date, or else the words of a partial one: with a year or a month.
fn parse_day(text: Option<&str>) -> (Option<Date>, Option<String>) {
    static PARTIAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:(?:19|20)\d{2}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|spring|summer|autumn|fall|winter)")
            .expect("a fixed pattern")
    });
    let date = parse_date(text);
    let words = optional_field(text).filter(|words| date.is_none() && PARTIAL.is_match(words));
    (date, words)
}

/// The first day of a period that names its year: `2014`, `early June 2023`.
fn first_day(words: &str) -> Option<Date> {
    static YEAR: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(?P<y>(?:19|20)\d{2})\b").expect("a fixed pattern"));
    let year = YEAR.captures(words)?["y"].parse().ok()?;
    first_date_in_month(words, year).or_else(|| Date::from_calendar_date(year, Month::January, 1).ok())
}

fn first_date_in_month(words: &str, year: i32) -> Option<Date> {
    let month = words.split(|c: char| !c.is_alphabetic()).find_map(|word| {
        let day = format!("1 {word} {year}");
        parse_date(Some(&day)).map(Date::month)
    })?;
    Date::from_calendar_date(year, month, 1).ok()
}
