//! Planted facts as a list: one line a fact, `page|kind|fields|quote`. A line that begins with `~` is a fact that the analyser is
//! known to miss; `lead|page|words` names a statement that must lead the summary; `#` begins a comment.

use std::fmt;

use maneiro_api::analysis::{Assertion, ClinicalStatus, Findings, LabFlag, Statement};

/// What a fact is about, with its fields as they must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// Name, assertion.
    Problem(&'static str, &'static str),
    /// Name, assertion.
    Sign(&'static str, &'static str),
    /// Name, dose, route, frequency, status.
    Medication([&'static str; 5]),
    /// Substance, reaction.
    Allergy(&'static str, &'static str),
    /// Name, value, unit, date.
    Vital([&'static str; 4]),
    /// Name, value, unit, flag, date.
    Lab([&'static str; 5]),
    /// Name, date.
    Procedure(&'static str, &'static str),
    /// Study, date, words of the result.
    Imaging([&'static str; 3]),
    /// Words of the sentence, due.
    FollowUp(&'static str, &'static str),
    /// Date, words of the title.
    Event(&'static str, &'static str),
    /// Words of a conflict.
    Conflict(&'static str),
    /// What must not be stated as present, from this page.
    Absent(&'static str),
    /// What must not be stated at all, from this page of another patient.
    Foreign(&'static str),
}

/// A planted fact.
#[derive(Debug, Clone, Copy)]
pub struct RecordFact {
    /// The page, from 1.
    pub page: u32,
    /// What it says.
    pub kind: FactKind,
    /// The words on the page that say it.
    pub quote: &'static str,
    /// Whether the analyser is known to miss it.
    pub is_known_miss: bool,
}

/// A statement that must be among the first three of the summary.
#[derive(Debug, Clone, Copy)]
pub struct LeadingFact {
    /// A page that it cites.
    pub page: u32,
    /// Words of its sentence or its quotes.
    pub words: &'static str,
    /// Whether it is known not to lead yet.
    pub is_known_miss: bool,
}

impl LeadingFact {
    /// Whether a statement of the summary is this one.
    #[must_use]
    pub fn is_in(&self, statement: &Statement) -> bool {
        let quotes = statement.citations.iter().map(|cited| cited.quote.as_str());
        let text = std::iter::once(statement.text.as_str()).chain(quotes).collect::<Vec<_>>().join(" ");
        has_words(&text, self.words) && statement.citations.iter().any(|cited| cited.page == self.page)
    }
}

const LEAD: &str = "lead|";

fn is_lead(line: &str) -> bool {
    line.trim_start_matches('~').starts_with(LEAD)
}

/// # Panics
/// If a line is not in the form of a leading fact.
pub(super) fn parse_leads(list: &'static str) -> Vec<LeadingFact> {
    let parse = |line: &'static str| {
        let (page, words) = line.trim_start_matches('~').strip_prefix(LEAD)?.split_once('|')?;
        Some(LeadingFact { page: page.parse().ok()?, words, is_known_miss: line.starts_with('~') })
    };
    let leads = list.lines().filter(|line| is_lead(line));
    leads.map(|line| parse(line).unwrap_or_else(|| panic!("no leading fact: {line}"))).collect()
}

/// # Panics
/// If a line is not in the form of a fact.
pub(super) fn parse_facts(list: &'static str) -> Vec<RecordFact> {
    let is_fact = |line: &&str| !line.is_empty() && !line.starts_with('#') && !is_lead(line);
    list.lines().filter(is_fact).map(parse_fact).collect()
}

fn parse_fact(line: &'static str) -> RecordFact {
    let is_known_miss = line.starts_with('~');
    let columns: Vec<&'static str> = line.trim_start_matches('~').split('|').collect();
    let kind = match columns[1..columns.len() - 1] {
        ["problem", name, assertion] => FactKind::Problem(name, assertion),
        ["sign", name, assertion] => FactKind::Sign(name, assertion),
        ["medication", name, dose, route, frequency, status] => {
            FactKind::Medication([name, dose, route, frequency, status])
        }
        ["allergy", substance, reaction] => FactKind::Allergy(substance, reaction),
        ["vital", name, value, unit, date] => FactKind::Vital([name, value, unit, date]),
        ["lab", name, value, unit, flag, date] => FactKind::Lab([name, value, unit, flag, date]),
        ["procedure", name, date] => FactKind::Procedure(name, date),
        ["imaging", study, date, result] => FactKind::Imaging([study, date, result]),
        ["follow-up", words, due] => FactKind::FollowUp(words, due),
        ["event", date, words] => FactKind::Event(date, words),
        ["conflict", words] => FactKind::Conflict(words),
        ["absent", name] => FactKind::Absent(name),
        ["foreign", name] => FactKind::Foreign(name),
        _ => panic!("not a fact: {line}"),
    };
    let page = columns[0].parse().unwrap_or_else(|_| panic!("no page: {line}"));
    RecordFact { page, kind, quote: columns[columns.len() - 1], is_known_miss }
}

impl fmt::Display for RecordFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {}: {:?}", self.page, self.kind)
    }
}

impl RecordFact {
    /// Whether the findings are right about it: it is found with its values and assertion, quoted from its page, or it is
    /// rightly not stated.
    #[must_use]
    pub fn is_right(&self, findings: &Findings) -> bool {
        let cites = |statement: &Statement| self.is_cited(statement);
        match self.kind {
            FactKind::Problem(name, assertion) => findings.problems.iter().any(|it| {
                cites(&it.statement)
                    && has_words(&format!("{} {}", it.name, it.statement.text), name)
                    && is_asserted(it.statement.assertion, it.status, assertion)
            }),
            FactKind::Sign(name, assertion) => {
                let signs = findings.signs_symptoms.iter().map(|it| (&it.statement, &it.name));
                let problems = findings.problems.iter().map(|it| (&it.statement, &it.name));
                signs.chain(problems).any(|(statement, found)| {
                    cites(statement)
                        && has_words(&format!("{found} {}", statement.text), name)
                        && is_asserted(statement.assertion, ClinicalStatus::Active, assertion)
                })
            }
            FactKind::Medication([name, dose, route, frequency, status]) => {
                findings.medications.iter().any(|it| {
                    cites(&it.statement)
                        && has_words(&it.name, name)
                        && is_field(it.dose.as_deref(), dose)
                        && is_field(it.route.as_deref(), route)
                        && is_field(it.frequency.as_deref(), frequency)
                        && (it.status == ClinicalStatus::Active) == (status == "active")
                })
            }
            FactKind::Allergy(substance, reaction) => findings.allergies.iter().any(|it| {
                cites(&it.statement)
                    && it.statement.assertion == Assertion::Present
                    && has_words(&it.substance, substance)
                    && is_field(it.reaction.as_deref(), reaction)
            }),
            FactKind::Vital([name, value, unit, date]) => findings.vitals.iter().any(|it| {
                cites(&it.statement)
                    && has_words(&it.name, name)
                    && it.value == value
                    && is_unit(it.unit.as_deref(), unit)
                    && is_date(it.date, date)
            }),
            FactKind::Lab([name, value, unit, flag, date]) => findings.labs.iter().any(|it| {
                cites(&it.statement)
                    && has_words(&it.name, name)
                    && it.value.eq_ignore_ascii_case(value)
                    && is_unit(it.unit.as_deref(), unit)
                    && is_flag(it.flag, flag)
                    && is_date(it.date, date)
            }),
            FactKind::Procedure(name, date) => findings
                .procedures
                .iter()
                .any(|it| cites(&it.statement) && has_words(&it.name, name) && is_date(it.date, date)),
            FactKind::Imaging([study, date, result]) => findings.imaging.iter().any(|it| {
                cites(&it.statement)
                    && has_words(&it.study, study)
                    && has_words(&it.statement.text, result)
                    && is_date(it.date, date)
            }),
            FactKind::FollowUp(words, due) => findings.follow_ups.iter().any(|it| {
                cites(&it.statement)
                    && has_words(&it.statement.text, words)
                    && is_field(it.due.as_deref(), due)
            }),
            FactKind::Event(date, words) => findings.timeline.iter().any(|it| {
                cites(&it.statement) && has_words(&it.statement.text, words) && is_date(Some(it.date), date)
            }),
            FactKind::Conflict(words) => {
                findings.conflicts.iter().any(|it| it.quoted && has_words(&it.text, words))
            }
            FactKind::Absent(name) => !self.items(findings).any(|(statement, found)| {
                cites(statement) && statement.assertion == Assertion::Present && has_words(found, name)
            }),
            FactKind::Foreign(name) => {
                let labs = findings.labs.iter().map(|it| (&it.statement, it.name.as_str()));
                !self.items(findings).chain(labs).any(|(statement, found)| {
                    statement.citations.iter().any(|cited| cited.page == self.page) && has_words(found, name)
                })
            }
        }
    }

    /// Problems, signs, active medications and allergies.
    fn items<'a>(&self, findings: &'a Findings) -> impl Iterator<Item = (&'a Statement, &'a str)> + use<'a> {
        let problems = findings.problems.iter().map(|it| (&it.statement, it.name.as_str()));
        let signs = findings.signs_symptoms.iter().map(|it| (&it.statement, it.name.as_str()));
        let medications = findings
            .medications
            .iter()
            .filter(|it| it.status == ClinicalStatus::Active)
            .map(|it| (&it.statement, it.name.as_str()));
        let allergies = findings.allergies.iter().map(|it| (&it.statement, it.substance.as_str()));
        problems.chain(signs).chain(medications).chain(allergies)
    }

    /// Whether a statement that stands on its pages cites the fact's page.
    fn is_cited(&self, statement: &Statement) -> bool {
        statement.quoted && statement.citations.iter().any(|cited| cited.page == self.page)
    }
}

fn is_asserted(assertion: Assertion, status: ClinicalStatus, wanted: &str) -> bool {
    match wanted {
        "present" => assertion == Assertion::Present && status == ClinicalStatus::Active,
        "negated" => assertion == Assertion::Negated,
        "possible" => assertion == Assertion::Possible,
        "family" => assertion == Assertion::Family,
        "past" => assertion == Assertion::Historical || status == ClinicalStatus::Past,
        _ => panic!("no assertion: {wanted}"),
    }
}

/// Whether a field has the words, or others of the same meaning. An empty field is not asked for.
fn is_field(found: Option<&str>, wanted: &str) -> bool {
    let found = found.unwrap_or_default();
    let synonyms: &[&str] = match wanted {
        "IV" => &["intravenous"],
        "SC" => &["subcutaneous", "under the skin"],
        "by mouth" => &["oral", "PO"],
        "NG" => &["nasogastric", "by nasogastric tube"],
        "inhaled" => &["inhalation", "inhale"],
        "daily" => &["once daily", "every day", "once a day"],
        "twice daily" => &["BID", "twice a day"],
        _ => &[],
    };
    wanted.is_empty() || has_words(found, wanted) || synonyms.iter().any(|other| has_words(found, other))
}

fn is_unit(found: Option<&str>, wanted: &str) -> bool {
    let bare = |unit: &str| unit.replace([' ', '°'], "").to_lowercase();
    wanted.is_empty() || found.is_some_and(|found| bare(found) == bare(wanted))
}

fn is_flag(found: Option<LabFlag>, wanted: &str) -> bool {
    match wanted {
        "high" => found == Some(LabFlag::High),
        "low" => found == Some(LabFlag::Low),
        _ => matches!(found, None | Some(LabFlag::Normal)),
    }
}

fn is_date(found: Option<time::Date>, wanted: &str) -> bool {
    wanted.is_empty() || found.is_some_and(|date| date.to_string() == wanted)
}

/// Whether a text contains all of some words, in any order and case.
pub(super) fn has_words(text: &str, wanted: &str) -> bool {
    let present: Vec<String> = words(text).collect();
    words(wanted).all(|word| present.contains(&word))
}

pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric() && character != '.')
        .map(|word| word.trim_matches('.').to_lowercase())
        .filter(|word| !word.is_empty())
}
