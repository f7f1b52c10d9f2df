//! What the built-in analyser found and the language model left out: added to the model's findings, and marked as such.

use std::collections::{HashMap, HashSet};

use maneiro_api::{
    DocumentId,
    analysis::{
        Allergy, Assertion, ExpectedTopic, Findings, ImagingStudy, LabResult, Medication, ObservationKind,
        Procedure, Statement, VitalSign,
    },
};

use crate::lexicon::{
    DRUGS, IMAGING, LABS, PROBLEMS, PROCEDURES, SIGNS_SYMPTOMS, TermList, VITAL_SIGNS, word_keys,
};

/// Adds the built-in analyser's findings that the model's findings do not have. Conflicts are not among them: the caller keeps
/// their kinds.
pub(crate) fn add_what_model_left_out(model: &mut Findings, built_in: Findings) {
    let Findings {
        patient,
        other_patients,
        encounters,
        problems,
        signs_symptoms,
        medications,
        allergies,
        vitals,
        labs,
        procedures,
        imaging,
        timeline,
        follow_ups,
        gaps,
        duplicates,
        understanding,
        ..
    } = built_in;
    let named = |list: &'static TermList, name: &str, statement: &Statement| {
        format!("{} {}", canonical_name(&[list], name), sense(statement.assertion))
    };
    // A sign may be a diagnosis for one and a complaint for the other.
    let illness = |name: &str, statement: &Statement| {
        let name = canonical_name(&[&*PROBLEMS, &*SIGNS_SYMPTOMS], name);
        format!("{name} {}", sense(statement.assertion))
    };
    let mut known = KnownItems::default();
    model
        .problems
        .iter()
        .for_each(|it| known.insert(&it.statement, &it.name, illness(&it.name, &it.statement)));
    model
        .signs_symptoms
        .iter()
        .for_each(|it| known.insert(&it.statement, &it.name, illness(&it.name, &it.statement)));
    model.observations.iter().for_each(|it| known.insert(&it.statement, &it.statement.text, String::new()));
    model.problems.extend(known.without(
        problems,
        |it| &mut it.statement,
        |it| it.name.clone(),
        |it| illness(&it.name, &it.statement),
    ));
    model.signs_symptoms.extend(known.without(
        signs_symptoms,
        |it| &mut it.statement,
        |it| it.name.clone(),
        |it| illness(&it.name, &it.statement),
    ));
    macro_rules! add {
        ($list:ident, $label:expr, $key:expr) => {{
            let (label, key) = ($label, $key);
            let mut known = KnownItems::default();
            model.$list.iter().for_each(|it| known.insert(&it.statement, &label(it), key(it)));
            model.$list.extend(known.without($list, |it| &mut it.statement, label, key));
        }};
    }
    add!(medications, |it: &Medication| it.name.clone(), |it: &Medication| format!(
        "{} {}",
        canonical_name(&[&*DRUGS], &it.name),
        word_keys(it.dose.as_deref().unwrap_or_default()).join(" ")
    ));
    add!(allergies, |it: &Allergy| it.substance.clone(), |it: &Allergy| named(
        &DRUGS,
        &it.substance,
        &it.statement
    ));
    // Another value on the same page is another measurement.
    add!(
        vitals,
        |it: &VitalSign| format!("{} {}", canonical_name(&[&*VITAL_SIGNS], &it.name), it.value),
        |it: &VitalSign| format!("{} {} {:?}", canonical_name(&[&*VITAL_SIGNS], &it.name), it.value, it.date)
    );
    add!(
        labs,
        |it: &LabResult| format!("{} {}", canonical_name(&[&*LABS], &it.name), it.value),
        |it: &LabResult| format!("{} {} {:?}", canonical_name(&[&*LABS], &it.name), it.value, it.date)
    );
    add!(procedures, |it: &Procedure| it.name.clone(), |it: &Procedure| named(
        &PROCEDURES,
        &it.name,
        &it.statement
    ));
    add!(imaging, |it: &ImagingStudy| it.study.clone(), |it: &ImagingStudy| format!(
        "{} {:?}",
        canonical_name(&[&*IMAGING], &it.study),
        it.date
    ));
    add_sentences(&mut model.timeline, timeline, |it| &mut it.statement);
    model.timeline.sort_by_key(|event| event.date);
    add_sentences(&mut model.follow_ups, follow_ups, |it| &mut it.statement);
    add_sentences(&mut model.gaps, gaps, |it| it);
    let own = &mut model.patient;
    let before = own.clone();
    own.name = own.name.take().or(patient.name);
    own.birth_date = own.birth_date.or(patient.birth_date);
    own.sex = own.sex.take().or(patient.sex);
    own.medical_record_number = own.medical_record_number.take().or(patient.medical_record_number);
    if *own != before {
        own.citations.extend(patient.citations);
    }
    let heads = std::mem::replace(&mut model.encounters, encounters);
    if model.encounters.is_empty() {
        model.encounters = heads;
    } else {
        for head in heads {
            let same = model
                .encounters
                .iter_mut()
                .find(|it| it.document == head.document && it.first_page == head.first_page);
            if let Some(encounter) = same {
                encounter.author = encounter.author.take().or(head.author);
                encounter.facility = encounter.facility.take().or(head.facility);
                encounter.date = encounter.date.or(head.date);
            }
        }
    }
    model.other_patients = other_patients;
    model.duplicates = duplicates;
    model.understanding = understanding;
    let not_stated = std::mem::take(&mut model.not_stated);
    model.not_stated = not_stated.into_iter().filter(|topic| !is_stated(model, *topic)).collect();
}

fn is_stated(findings: &Findings, topic: ExpectedTopic) -> bool {
    let observed = |kind| findings.observations.iter().any(|it| it.kind == kind);
    match topic {
        ExpectedTopic::Allergies => !findings.allergies.is_empty(),
        ExpectedTopic::Medications => !findings.medications.is_empty(),
        ExpectedTopic::CodeStatus => observed(ObservationKind::CodeStatus),
        ExpectedTopic::Surrogate => observed(ObservationKind::Surrogate),
        ExpectedTopic::SocialHistory => observed(ObservationKind::SocialHistory),
        ExpectedTopic::FamilyHistory => {
            findings.problems.iter().any(|it| it.statement.assertion == Assertion::Family)
        }
        ExpectedTopic::Vaccines => observed(ObservationKind::Vaccine),
        ExpectedTopic::FollowUp => !findings.follow_ups.is_empty(),
    }
}

/// The words of an item's name, and its sense.
type NamedItem = (Vec<String>, u8);

/// Items of the model by what they are and where they stand.
#[derive(Default)]
struct KnownItems {
    keys: HashSet<String>,
    /// The words of the names of the items of each page.
    by_page: HashMap<(DocumentId, u32), Vec<NamedItem>>,
}

impl KnownItems {
    fn insert(&mut self, statement: &Statement, name: &str, key: String) {
        if !key.is_empty() {
            self.keys.insert(key);
        }
        let words = word_keys(name);
        for cited in &statement.citations {
            let item = (words.clone(), sense(statement.assertion));
            self.by_page.entry((cited.document, cited.page)).or_default().push(item);
        }
    }

    /// The items that are not known, marked. The same label on the same page is the same item, whatever else differs: the doctor
    /// reads the page.
    fn without<T>(
        &self,
        items: Vec<T>,
        statement_of: impl Fn(&mut T) -> &mut Statement,
        label: impl Fn(&T) -> String,
        key: impl Fn(&T) -> String,
    ) -> Vec<T> {
        let mut left_out = Vec::new();
        for mut item in items {
            if self.keys.contains(&key(&item)) {
                continue;
            }
            let words = word_keys(&label(&item));
            let statement = statement_of(&mut item);
            let is_same = |(known, known_sense): &(Vec<String>, u8)| {
                *known_sense == sense(statement.assertion) && has_all_words(known, &words)
            };
            let is_on_page = statement.citations.iter().any(|cited| {
                self.by_page.get(&(cited.document, cited.page)).is_some_and(|page| page.iter().any(is_same))
            });
            if !is_on_page {
                statement.also_in_record = true;
                left_out.push(item);
            }
        }
        left_out
    }
}

/// Whether the shorter of two names has only words of the longer.
fn has_all_words(a: &[String], b: &[String]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    !short.is_empty() && short.iter().all(|word| long.contains(word))
}

/// Adds sentences none of whose quotes shares most of its words with a quote of the same page in the list.
fn add_sentences<T>(known: &mut Vec<T>, items: Vec<T>, statement: impl Fn(&mut T) -> &mut Statement) {
    let mut by_page: HashMap<(DocumentId, u32), Vec<Vec<String>>> = HashMap::new();
    for item in known.iter_mut() {
        for cited in &statement(item).citations {
            by_page.entry((cited.document, cited.page)).or_default().push(word_keys(&cited.quote));
        }
    }
    for mut item in items {
        let own = statement(&mut item);
        let is_known = own.citations.iter().any(|cited| {
            let words = word_keys(&cited.quote);
            by_page.get(&(cited.document, cited.page)).into_iter().flatten().any(|other| {
                let (short, long) =
                    if words.len() <= other.len() { (&words, other) } else { (other, &words) };
                let shared = short.iter().filter(|word| long.contains(word)).count();
                shared * 10 >= short.len() * 7
            })
        });
        if !is_known {
            own.also_in_record = true;
            known.push(item);
        }
    }
}

/// The name of the listed term that a name is, or else its folded words.
fn canonical_name(lists: &[&TermList], name: &str) -> String {
    let listed = lists.iter().enumerate().find_map(|(at, list)| Some((at, list.find_exact(name)?)));
    listed.map_or_else(|| word_keys(name).join(" "), |(list, entry)| format!("{list} {entry:?}"))
}

/// Affirmed, denied or of a relative.
const fn sense(assertion: Assertion) -> u8 {
    match assertion {
        Assertion::Present | Assertion::Possible | Assertion::Historical | Assertion::Planned => 0,
        Assertion::Negated => 1,
        Assertion::Family => 2,
    }
}
