//! The check of statements against falsified ones. From right statements of the synthetic records, of the built-in analyser
//! and of a model's answers, 500 are falsified with their quotes left as they are: none may be checked. Of the right
//! ones, few may be doubtful.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use maneiro_analysis::{Analyser, AnalysisRequest, SourcePage, model::PromptLimits};
use maneiro_api::{
    DocumentId,
    analysis::{Assertion, ClinicalStatus, DoubtReason, Findings, Patient, Statement},
};
use maneiro_page::Page;
use maneiro_tests::{
    sample::{
        self, FactKind, FactOutcome, ICU_STAY, OUTPATIENT_BUNDLE, PlantedAssertion, PlantedQuote, RecordFact,
        score_findings,
    },
    workstation::Workstation,
};
use rand::{RngExt as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use time::{Duration, macros::date};
use tokio::sync::OnceCell;
use uuid::Uuid;

const FALSIFICATIONS: usize = 500;
/// Of right statements, at most this share may be doubtful.
const MAX_DOUBTFUL_PERCENT: usize = 3;

/// A record with its right statements, each alone in findings of its own.
struct CheckedRecord {
    pages: Vec<SourcePage>,
    patient: Patient,
    built_in: Vec<Findings>,
    model: Vec<Findings>,
}

async fn records() -> &'static [CheckedRecord] {
    static RECORDS: OnceCell<Vec<CheckedRecord>> = OnceCell::const_new();
    RECORDS
        .get_or_init(|| async {
            let mut records = Vec::new();
            let sample = read_pages(sample::record_pdf()).await;
            let is_planted = |single: &Findings| {
                let verdicts = score_findings(single);
                verdicts.iter().any(|it| it.outcome == FactOutcome::Found && it.kind != "patient")
            };
            records.push(CheckedRecord::new(sample, &sample_answer(), is_planted));
            for record in [&ICU_STAY, &OUTPATIENT_BUNDLE] {
                let facts = record.facts();
                let is_planted = |single: &Findings| {
                    facts.iter().any(|fact| {
                        let states_something = !matches!(
                            fact.kind,
                            FactKind::Absent(_) | FactKind::Foreign(_) | FactKind::Conflict(_)
                        );
                        states_something && fact.is_right(single)
                    })
                };
                let pages = read_pages(record.pdf).await;
                records.push(CheckedRecord::new(pages, &planted_answer(&facts), is_planted));
            }
            records
        })
        .await
}

async fn read_pages(pdf: &[u8]) -> Vec<SourcePage> {
    let workstation = Workstation::new();
    let file = workstation.write_file("record.pdf", pdf);
    let read = workstation.run_async([Path::new("read"), &file, "--json".as_ref()]).await.json();
    let pages: Vec<Page> = serde_json::from_value(read["pages"].clone()).expect("the pages are printed");
    let document = DocumentId::from_uuid(Uuid::from_u128(1));
    pages.into_iter().map(|page| SourcePage { document, page }).collect()
}

fn request() -> AnalysisRequest {
    AnalysisRequest { focus: None, window: None, today: date!(2025 - 02 - 20) }
}

fn push_all(mut analyser: Analyser, pages: &[SourcePage]) -> Analyser {
    for page in pages {
        analyser.push(page.clone()).expect("nobody cancels");
    }
    analyser
}

impl CheckedRecord {
    fn new(pages: Vec<SourcePage>, answer: &Value, is_right: impl Fn(&Findings) -> bool) -> Self {
        let built_in = push_all(Analyser::new(request(), Arc::default()), &pages);
        let built_in = built_in.finish().expect("nobody cancels").findings;
        let limits = PromptLimits { window_chars: 100_000_000, overlap_pages: 0 };
        let mut model = push_all(Analyser::with_model(request(), Arc::default(), limits), &pages);
        assert!(model.next_model_request().is_some());
        model.take_model_answer(Some(&answer.to_string()));
        assert!(model.next_model_request().is_none(), "one window holds the record");
        let model = model.finish().expect("the answer is usable").findings;
        let patient = built_in.patient.clone();
        let right = singles(&built_in).into_iter().filter(|single| is_right(single)).collect();
        // A quote that was recognised otherwise, or that a table parts, is none that a model would give.
        let is_by_model = |single: &Findings| statement(single).quoted && !statement(single).also_in_record;
        let model = singles(&model).into_iter().filter(is_by_model).collect();
        Self { pages, patient, built_in: right, model }
    }

    fn analyser(&self) -> Analyser {
        push_all(Analyser::new(request(), Arc::default()), &self.pages)
    }
}

/// Each statement of the sections that state facts, alone.
fn singles(findings: &Findings) -> Vec<Findings> {
    let mut all = Vec::new();
    macro_rules! split {
        ($($list:ident),+) => {$(
            all.extend(findings.$list.iter().map(|item| Findings {
                patient: findings.patient.clone(),
                $list: vec![item.clone()],
                ..Findings::default()
            }));
        )+};
    }
    split!(problems, signs_symptoms, medications, allergies, vitals, labs, procedures, imaging);
    all
}

fn statement(single: &Findings) -> &Statement {
    single.statements().next().expect("one statement")
}

/// An item of a model's answer.
fn item(text: &str, assertion: &str, quotes: &[(u32, &str)], fields: &Value) -> Value {
    let quotes: Vec<Value> =
        quotes.iter().map(|(page, quote)| json!({"page": page, "quote": quote})).collect();
    let mut item = json!({"text": text, "assertion": assertion, "quotes": quotes});
    for (name, value) in fields.as_object().expect("fields") {
        item[name] = value.clone();
    }
    item
}

fn answer(lists: &BTreeMap<&str, Vec<Value>>) -> Value {
    let mut answer = json!({
        "patient": {"name": null, "birth_date": null, "sex": null, "medical_record_number": null, "quotes": []},
    });
    for list in [
        "problems",
        "signs_symptoms",
        "medications",
        "allergies",
        "vitals",
        "labs",
        "procedures",
        "imaging",
        "observations",
        "timeline",
        "follow_ups",
        "conflicts",
        "gaps",
    ] {
        answer[list] = json!(lists.get(list).cloned().unwrap_or_default());
    }
    answer
}

fn optional(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn quoted(quotes: &'static [PlantedQuote]) -> Vec<(u32, &'static str)> {
    quotes.iter().map(|quote| (quote.page, quote.text)).collect()
}

/// What a model answers that reads the sample record well.
fn sample_answer() -> Value {
    let facts = sample::facts();
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut add = |list, item| lists.entry(list).or_default().push(item);
    for fact in facts.problems {
        let (assertion, status) = if fact.active { ("present", "active") } else { ("historical", "past") };
        let fields = json!({"name": fact.name, "status": status});
        add("problems", item(fact.name, assertion, &quoted(fact.quotes), &fields));
    }
    for fact in facts.not_present {
        let (assertion, text) = match fact.assertion {
            PlantedAssertion::Negated => ("negated", format!("No {}", fact.what)),
            PlantedAssertion::Possible => ("possible", format!("Possible {}", fact.what)),
            PlantedAssertion::Family => ("family", format!("Family history of {}", fact.what)),
        };
        let fields = json!({"name": fact.what, "status": "active"});
        add("problems", item(&text, assertion, &[(fact.quote.page, fact.quote.text)], &fields));
    }
    for fact in facts.medications {
        let (assertion, status) = if fact.active { ("present", "active") } else { ("historical", "past") };
        let text = [fact.name, fact.dose, fact.frequency.unwrap_or_default()].join(" ");
        let fields = json!({
            "name": fact.name, "dose": fact.dose, "route": fact.route, "frequency": fact.frequency, "status": status,
        });
        add("medications", item(text.trim(), assertion, &quoted(fact.quotes), &fields));
    }
    for fact in facts.allergies {
        let text = format!("Allergy to {}: {}", fact.substance, fact.reaction);
        let fields = json!({"substance": fact.substance, "reaction": fact.reaction});
        add("allergies", item(&text, "present", &quoted(fact.quotes), &fields));
    }
    for fact in facts.vitals {
        let text = format!("{} {}", fact.name, fact.value);
        let fields = json!({"name": fact.name, "value": fact.value, "unit": null, "date": fact.date});
        add("vitals", item(&text, "present", &[(fact.quote.page, fact.quote.text)], &fields));
    }
    answer(&lists)
}

/// Whether the quote of a fact proves it whole, as a model must quote.
fn proves(fact: &RecordFact) -> bool {
    match fact.kind {
        FactKind::Problem(name, _)
        | FactKind::Sign(name, _)
        | FactKind::Allergy(name, _)
        | FactKind::Vital([name, ..])
        | FactKind::Lab([name, ..])
        | FactKind::Procedure(name, _)
        | FactKind::Imaging([name, ..]) => names(fact.quote, name),
        FactKind::Medication([name, dose, .., status]) => {
            names(fact.quote, name) && names(fact.quote, dose) && (status == "active" || ends(fact.quote))
        }
        FactKind::FollowUp(..)
        | FactKind::Event(..)
        | FactKind::Conflict(_)
        | FactKind::Absent(_)
        | FactKind::Foreign(_) => false,
    }
}

/// Whether a quote says that what it names is over.
fn ends(quote: &str) -> bool {
    let quote = quote.to_lowercase();
    ["stop", "discontinu", "held", "once", "bolus", "complet", "previous"]
        .iter()
        .any(|word| quote.contains(word))
}

/// Whether a quote names a thing: one without the name proves nothing by itself.
fn names(quote: &str, name: &str) -> bool {
    let quote = quote.to_lowercase();
    let known = ["blood pressure", "heart rate", "respiratory rate", "temperature", "oxygen saturation"];
    let short = ["bp", "hr", "rr", "temp", "spo2"];
    let is_short = known.iter().zip(short).any(|(long, short)| {
        name.eq_ignore_ascii_case(long)
            && quote.split(|c: char| !c.is_alphanumeric()).any(|word| word == short)
    });
    is_short || name.to_lowercase().split_whitespace().all(|word| quote.contains(word))
}

/// What a model answers that reads a record well whose facts are a list.
fn planted_answer(facts: &[RecordFact]) -> Value {
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| proves(fact)) {
        let quotes = [(fact.page, fact.quote)];
        let in_quote = |unit: &'static str| optional(unit).filter(|unit| fact.quote.contains(unit));
        let sentence = |name: &str, assertion: &str| match assertion {
            "negated" => format!("No {name}"),
            "possible" => format!("Possible {name}"),
            "family" => format!("Family history of {name}"),
            _ => name.to_owned(),
        };
        let stated = |assertion: &'static str| if assertion == "past" { "historical" } else { assertion };
        let (list, item) = match fact.kind {
            FactKind::Problem(name, assertion) => {
                let status = if assertion == "past" { "past" } else { "active" };
                let fields = json!({"name": name, "status": status});
                ("problems", item(&sentence(name, assertion), stated(assertion), &quotes, &fields))
            }
            FactKind::Sign(name, assertion) => {
                let fields = json!({"name": name, "date": null});
                ("signs_symptoms", item(&sentence(name, assertion), stated(assertion), &quotes, &fields))
            }
            FactKind::Medication([name, dose, route, frequency, status]) => {
                let assertion = if status == "active" { "present" } else { "historical" };
                let fields = json!({
                    "name": name, "dose": optional(dose), "route": optional(route), "frequency": optional(frequency),
                    "status": if status == "active" { "active" } else { "past" },
                });
                ("medications", item(&format!("{name} {dose} {frequency}"), assertion, &quotes, &fields))
            }
            FactKind::Allergy(substance, reaction) => {
                let fields = json!({"substance": substance, "reaction": optional(reaction)});
                ("allergies", item(&format!("Allergy to {substance}"), "present", &quotes, &fields))
            }
            FactKind::Vital([name, value, unit, date]) => {
                let fields =
                    json!({"name": name, "value": value, "unit": in_quote(unit), "date": optional(date)});
                ("vitals", item(&format!("{name} {value}"), "present", &quotes, &fields))
            }
            FactKind::Lab([name, value, unit, _, date]) => {
                let fields = json!({
                    "name": name, "value": value, "unit": in_quote(unit), "reference_range": null, "flag": null,
                    "date": optional(date),
                });
                ("labs", item(&format!("{name} {value}"), "present", &quotes, &fields))
            }
            FactKind::Procedure(name, date) => {
                let fields = json!({"name": name, "date": optional(date)});
                ("procedures", item(name, "present", &quotes, &fields))
            }
            FactKind::Imaging([study, date, _]) => {
                ("imaging", item(study, "present", &quotes, &json!({"study": study, "date": optional(date)})))
            }
            FactKind::FollowUp(..)
            | FactKind::Event(..)
            | FactKind::Conflict(_)
            | FactKind::Absent(_)
            | FactKind::Foreign(_) => continue,
        };
        lists.entry(list).or_default().push(item);
    }
    answer(&lists)
}

/// What is changed in a right statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Falsification {
    NegationAdded,
    NegationDropped,
    Relative,
    OfPatient,
    Dose,
    DoseUnit,
    Value,
    Unit,
    Day,
    Status,
    Patient,
}

const ALL: [Falsification; 11] = [
    Falsification::NegationAdded,
    Falsification::NegationDropped,
    Falsification::Relative,
    Falsification::OfPatient,
    Falsification::Dose,
    Falsification::DoseUnit,
    Falsification::Value,
    Falsification::Unit,
    Falsification::Day,
    Falsification::Status,
    Falsification::Patient,
];

/// The name that a statement is about, for its falsified sentence.
fn name_of(single: &Findings) -> Option<String> {
    let problems = single.problems.iter().map(|it| &it.name);
    let signs = single.signs_symptoms.iter().map(|it| &it.name);
    let allergies = single.allergies.iter().map(|it| &it.substance);
    problems.chain(signs).chain(allergies).next().cloned()
}

/// A statement with one falsification; none if it has nothing to falsify so.
fn falsify(single: &Findings, kind: Falsification, random: &mut ChaCha8Rng) -> Option<Findings> {
    let mut false_one = single.clone();
    let assertion = statement(single).assertion;
    let mut state = |text: String, assertion| {
        let statement = false_one.statements_mut().next()?;
        (statement.text, statement.assertion) = (text, assertion);
        Some(())
    };
    let is_of_patient = matches!(assertion, Assertion::Present | Assertion::Historical);
    match kind {
        Falsification::NegationAdded if is_of_patient => {
            state(format!("No {}", name_of(single)?), Assertion::Negated)?;
        }
        Falsification::NegationDropped if assertion == Assertion::Negated => {
            // "No known drug allergies" has no name to affirm.
            let name = name_of(single).filter(|name| !name.to_lowercase().starts_with("no "))?;
            state(name, Assertion::Present)?;
        }
        Falsification::Relative if assertion != Assertion::Family => {
            state(format!("Family history: {}", name_of(single)?), Assertion::Family)?;
        }
        Falsification::OfPatient if assertion == Assertion::Family => {
            state(name_of(single)?, Assertion::Present)?;
        }
        Falsification::Dose => {
            let medication = false_one.medications.first_mut()?;
            let dose = medication.dose.take()?;
            let other = other_number(&dose, random)?;
            medication.statement.text = medication.statement.text.replace(&dose, &other);
            medication.dose = Some(other);
        }
        Falsification::DoseUnit => {
            let medication = false_one.medications.first_mut()?;
            let dose = medication.dose.take()?;
            let (number, unit) = dose.split_once(' ')?;
            let others = ["mg", "mcg", "g", "mL", "units"];
            let others: Vec<&&str> = others.iter().filter(|other| !unit.starts_with(**other)).collect();
            let other = format!("{number} {}", others.choose(random)?);
            medication.statement.text = medication.statement.text.replace(&dose, &other);
            medication.dose = Some(other);
        }
        Falsification::Value => {
            let (value, text) = match (false_one.labs.first_mut(), false_one.vitals.first_mut()) {
                (Some(lab), _) => (&mut lab.value, &mut lab.statement.text),
                (None, Some(vital)) => (&mut vital.value, &mut vital.statement.text),
                (None, None) => return None,
            };
            let other = other_number(value, random)?;
            *text = text.replace(&*value, &other);
            *value = other;
        }
        Falsification::Unit => {
            let (unit, text) = match (false_one.labs.first_mut(), false_one.vitals.first_mut()) {
                (Some(lab), _) => (&mut lab.unit, &mut lab.statement.text),
                (None, Some(vital)) => (&mut vital.unit, &mut vital.statement.text),
                (None, None) => return None,
            };
            let right = unit.take()?;
            let others = ["mg/dL", "mmol/L", "g/L", "U/L", "%", "kg", "ng/mL"];
            let others: Vec<&&str> =
                others.iter().filter(|other| !other.eq_ignore_ascii_case(&right)).collect();
            let other = (**others.choose(random)?).to_owned();
            *text = text.replace(&right, &other);
            *unit = Some(other);
        }
        Falsification::Day => {
            let labs = false_one.labs.iter_mut().map(|it| &mut it.date);
            let vitals = false_one.vitals.iter_mut().map(|it| &mut it.date);
            let procedures = false_one.procedures.iter_mut().map(|it| &mut it.date);
            let studies = false_one.imaging.iter_mut().map(|it| &mut it.date);
            let date = labs.chain(vitals).chain(procedures).chain(studies).next()?;
            let days = random.random_range(1..400) * if random.random() { 1 } else { -1 };
            *date = Some(date.as_ref()?.saturating_add(Duration::days(days)));
        }
        Falsification::Status => {
            let medication = false_one.medications.first_mut()?;
            let (status, assertion, note) = match medication.status {
                ClinicalStatus::Active if medication.course.state.is_none() => {
                    (ClinicalStatus::Past, Assertion::Historical, " (stopped)")
                }
                ClinicalStatus::Past => (ClinicalStatus::Active, Assertion::Present, ""),
                ClinicalStatus::Active => return None,
            };
            (medication.status, medication.statement.assertion) = (status, assertion);
            medication.statement.text = format!("{}{note}", medication.name);
        }
        Falsification::Patient => {
            false_one.patient.name = Some("James Moffat".to_owned());
            false_one.patient.birth_date = Some(date!(1949 - 08 - 17));
            false_one.patient.medical_record_number = Some("7740215".to_owned());
        }
        Falsification::NegationAdded
        | Falsification::NegationDropped
        | Falsification::Relative
        | Falsification::OfPatient => return None,
    }
    Some(false_one)
}

/// The text with its first number changed.
fn other_number(text: &str, random: &mut ChaCha8Rng) -> Option<String> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let length = text[start..].find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len() - start);
    let number: f64 = text[start..start + length].trim_end_matches('.').parse().ok()?;
    let other = match random.random_range(0..4) {
        0 => number * 10.0,
        1 => number + f64::from(random.random_range(1..9_u8)),
        2 => number * 2.0 + 1.0,
        _ => number / 2.0 + 0.3,
    };
    let other = format!("{}", (other * 100.0).round() / 100.0);
    Some(format!("{}{other}{}", &text[..start], &text[start + length..]))
}

fn describe(single: &Findings) -> String {
    let statement = statement(single);
    let quotes: Vec<&str> = statement.citations.iter().map(|cited| cited.quote.as_str()).collect();
    format!("{:?} {:?} {:?} {quotes:?}", statement.doubts, statement.assertion, statement.text)
}

/// The right statements that are doubtful.
fn doubtful(singles: &[Findings]) -> Vec<String> {
    singles.iter().filter(|single| !statement(single).checked).map(describe).collect()
}

#[tokio::test]
async fn few_right_statements_are_doubtful() {
    let mut wrong = Vec::new();
    for (origin, of_origin) in [
        ("built-in analyser", (|record: &CheckedRecord| record.built_in.as_slice()) as fn(&_) -> &[Findings]),
        ("model", |record| record.model.as_slice()),
    ] {
        let all: Vec<&[Findings]> = records().await.iter().map(of_origin).collect();
        let total: usize = all.iter().map(|singles| singles.len()).sum();
        let doubtful: Vec<String> = all.into_iter().flat_map(doubtful).collect();
        println!("{origin}: {} of {total} right statements doubtful", doubtful.len());
        assert!(total >= 100, "{total}");
        if doubtful.len() * 100 > total * MAX_DOUBTFUL_PERCENT {
            wrong.push(format!("{origin}: {doubtful:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn no_falsified_statement_is_checked() {
    let records = records().await;
    let analysers: Vec<Analyser> = records.iter().map(CheckedRecord::analyser).collect();
    let mut random = ChaCha8Rng::seed_from_u64(0x6d61_6e65_6972_6f33);
    let mut counts: BTreeMap<Falsification, usize> = BTreeMap::new();
    let mut believed = Vec::new();
    while counts.values().sum::<usize>() < FALSIFICATIONS {
        let at = random.random_range(0..records.len());
        let record = &records[at];
        let pool = if random.random() { &record.built_in } else { &record.model };
        let kind = ALL[counts.values().sum::<usize>() % ALL.len()];
        let Some(single) = pool.choose(&mut random).filter(|single| statement(single).checked) else {
            continue;
        };
        let single = Findings { patient: record.patient.clone(), ..single.clone() };
        let Some(mut false_one) = falsify(&single, kind, &mut random) else { continue };
        analysers[at].check(&mut false_one).expect("nobody cancels");
        assert!(statement(&false_one).quoted, "the quotes are right: {}", describe(&false_one));
        *counts.entry(kind).or_default() += 1;
        if statement(&false_one).checked {
            believed.push(format!("{kind:?}: {} in place of {}", describe(&false_one), describe(&single)));
        }
    }
    println!("{} of {FALSIFICATIONS} falsified statements checked; {counts:?}", believed.len());
    assert!(believed.is_empty(), "{believed:#?}");
    assert!(counts.len() == ALL.len(), "each kind is among them: {counts:?}");
}

#[tokio::test]
async fn doubt_names_what_was_falsified() {
    let records = records().await;
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let right =
        |record: &CheckedRecord| record.built_in.iter().find(|it| !it.medications.is_empty()).cloned();
    let single = right(&records[0]).expect("a medication");
    let mut false_one = falsify(&single, Falsification::Dose, &mut random).expect("it has a dose");
    records[0].analyser().check(&mut false_one).expect("nobody cancels");
    assert!(statement(&false_one).doubts.contains(&DoubtReason::Dose), "{}", describe(&false_one));
}
