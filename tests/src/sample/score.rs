//! Which of the planted facts an analysis of the sample record found, and what it took for true that is not.

use std::fmt;

use maneiro_api::analysis::{Assertion, ClinicalStatus, Findings, LabFlag, Statement};

use super::facts::{Facts, Said, facts};

/// What became of one planted fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was found, verified, on one of its pages.
    Found,
    /// It was not found.
    Missed,
    /// It was rightly not taken for the patient's.
    Avoided,
    /// It was taken for the patient's, and is not.
    WronglyPresent,
}

/// One planted fact and what became of it.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What kind of fact, such as `medication`.
    pub kind: &'static str,
    /// The fact.
    pub what: String,
    /// What became of it.
    pub outcome: Outcome,
}

impl Verdict {
    /// Whether the analysis did with the fact what it should.
    #[must_use]
    pub fn is_good(&self) -> bool {
        match self.outcome {
            Outcome::Found | Outcome::Avoided => true,
            Outcome::Missed | Outcome::WronglyPresent => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Found => "found",
            Outcome::Missed => "MISSED",
            Outcome::Avoided => "avoided",
            Outcome::WronglyPresent => "WRONGLY PRESENT",
        };
        write!(f, "{outcome:<15} {:<12} {}", self.kind, self.what)
    }
}

/// Compares an analysis of the sample record with what the record is known to hold. Only verified statements
/// that cite one of a fact's pages count.
#[must_use]
pub fn score(findings: &Findings) -> Vec<Verdict> {
    let facts = facts();
    let mut verdicts = patient(findings, &facts);
    verdicts.extend(conditions(findings, &facts));
    verdicts.extend(treatments(findings, &facts));
    verdicts.extend(measurements(findings, &facts));
    verdicts.extend(course(findings, &facts));
    verdicts.extend(not_present(findings, &facts));
    verdicts.extend(order_of_the_record(findings, &facts));
    verdicts
}

fn patient(findings: &Findings, facts: &Facts) -> Vec<Verdict> {
    let (found, planted) = (&findings.patient, facts.patient);
    let same =
        |value: &Option<String>, wanted| value.as_deref().is_some_and(|value| has_words(value, wanted));
    let born = found.birth_date.is_some_and(|date| date.to_string() == planted.birth_date);
    vec![
        verdict("patient", planted.name, same(&found.name, planted.name)),
        verdict("patient", planted.birth_date, born),
        verdict("patient", planted.sex, same(&found.sex, planted.sex)),
        verdict("patient", planted.record_number, same(&found.medical_record_number, planted.record_number)),
    ]
}

fn conditions(findings: &Findings, facts: &Facts) -> Vec<Verdict> {
    let problems = facts.problems.iter().map(|fact| {
        let status = if fact.active { ClinicalStatus::Active } else { ClinicalStatus::Past };
        let found = findings.problems.iter().any(|it| {
            let is_so = match it.statement.assertion {
                Assertion::Present => it.status == status,
                Assertion::Historical => !fact.active,
                Assertion::Negated | Assertion::Possible | Assertion::Family => false,
            };
            is_so && stands(&it.statement, fact.said) && says(&it.statement, &it.name, fact.name)
        });
        verdict("problem", fact.name, found)
    });
    let allergies = facts.allergies.iter().map(|fact| {
        let found = findings.allergies.iter().any(|it| {
            it.statement.assertion == Assertion::Present
                && stands(&it.statement, fact.said)
                && has_words(&it.substance, fact.substance)
                && it.reaction.as_deref().is_some_and(|reaction| has_words(fact.reaction, reaction))
        });
        verdict("allergy", format!("{}: {}", fact.substance, fact.reaction), found)
    });
    problems.chain(allergies).collect()
}

fn treatments(findings: &Findings, facts: &Facts) -> Vec<Verdict> {
    let medications = facts.medications.iter().map(|fact| {
        let status = if fact.active { ClinicalStatus::Active } else { ClinicalStatus::Past };
        let found = findings.medications.iter().any(|it| {
            let frequency = it.frequency.as_deref().unwrap_or_default();
            it.status == status
                && stands(&it.statement, fact.said)
                && has_words(&it.name, fact.name)
                && it.dose.as_deref().is_some_and(|dose| has_words(dose, fact.dose))
                && fact.frequency.is_none_or(|wanted| has_words(frequency, wanted))
        });
        let state = if fact.active { "" } else { " (stopped)" };
        verdict("medication", format!("{} {}{state}", fact.name, fact.dose), found)
    });
    let procedures = facts.procedures.iter().map(|fact| {
        let found = findings.procedures.iter().any(|it| {
            let head = fact.name.split(',').next().unwrap_or_default();
            stands(&it.statement, fact.said) && says(&it.statement, &it.name, head)
        });
        verdict("procedure", fact.name, found)
    });
    medications.chain(procedures).collect()
}

fn measurements(findings: &Findings, facts: &Facts) -> Vec<Verdict> {
    let vitals = facts.vitals.iter().map(|fact| {
        let found = findings.vitals.iter().any(|it| {
            it.value == fact.value
                && stands(&it.statement, &[fact.said])
                && it.date.is_none_or(|date| date.to_string() == fact.date)
        });
        verdict("vital sign", format!("{} {} ({})", fact.name, fact.value, fact.date), found)
    });
    let labs = facts.labs.iter().map(|fact| {
        let found = findings.labs.iter().any(|it| {
            let flag_is_right = match fact.flag {
                "H" => it.flag == Some(LabFlag::High),
                "L" => it.flag == Some(LabFlag::Low),
                _ => matches!(it.flag, None | Some(LabFlag::Normal)),
            };
            let first_word = fact.name.split([' ', ',']).next().unwrap_or_default();
            flag_is_right
                && it.value == fact.value
                && it.statement.verified
                && cites(&it.statement, fact.page)
                && has_words(&it.name, first_word)
                && it.date.is_none_or(|date| date.to_string() == fact.date)
        });
        verdict("lab", format!("{} {} ({})", fact.name, fact.value, fact.date), found)
    });
    vitals.chain(labs).collect()
}

fn course(findings: &Findings, facts: &Facts) -> Vec<Verdict> {
    let imaging = facts.imaging.iter().map(|fact| {
        let study = fact.study.split([',', ' ']).next().unwrap_or_default();
        let found = findings.imaging.iter().any(|it| {
            stands(&it.statement, fact.said)
                && says(&it.statement, &it.study, study)
                && it.date.is_some_and(|date| date.to_string() == fact.date)
        });
        verdict("imaging", format!("{} ({})", fact.study, fact.date), found)
    });
    let follow_ups = facts.follow_ups.iter().map(|fact| {
        let found = findings.follow_ups.iter().any(|it| {
            let due = it.due.as_deref().unwrap_or_default();
            stands(&it.statement, &[fact.said]) && says(&it.statement, due, fact.what)
        });
        verdict("follow-up", format!("{} ({})", fact.what, fact.due), found)
    });
    imaging.chain(follow_ups).collect()
}

fn not_present(findings: &Findings, facts: &Facts) -> Vec<Verdict> {
    let verdicts = facts.not_present.iter().map(|fact| {
        let taken = findings.problems.iter().any(|it| {
            it.statement.verified
                && it.statement.assertion == Assertion::Present
                && has_words(&it.name, fact.what)
        });
        let outcome = if taken { Outcome::WronglyPresent } else { Outcome::Avoided };
        Verdict { kind: "not present", what: format!("{} ({:?})", fact.what, fact.assertion), outcome }
    });
    verdicts.collect()
}

fn order_of_the_record(findings: &Findings, facts: &Facts) -> Vec<Verdict> {
    let conflicts = facts.conflicts.iter().map(|fact| {
        let found = findings.conflicts.iter().any(|it| stands(it, fact.one) && stands(it, fact.other));
        verdict("conflict", fact.about, found)
    });
    let gaps = facts.gaps.iter().map(|fact| {
        let found = findings.gaps.iter().any(|it| stands(it, fact.said) && has_words(&it.text, "eye"));
        verdict("gap", fact.missing, found)
    });
    let duplicates = facts.duplicates.iter().map(|fact| {
        let found = findings.duplicates.iter().any(|it| (it.page, it.duplicate_of) == (fact.page, fact.of));
        verdict("duplicate", format!("page {} repeats {}", fact.page, fact.of), found)
    });
    conflicts.chain(gaps).chain(duplicates).collect()
}

fn verdict(kind: &'static str, what: impl Into<String>, found: bool) -> Verdict {
    let outcome = if found { Outcome::Found } else { Outcome::Missed };
    Verdict { kind, what: what.into(), outcome }
}

/// Whether the statement is verified and cites one of the places.
fn stands(statement: &Statement, places: &[Said]) -> bool {
    statement.verified && places.iter().any(|place| cites(statement, place.page))
}

fn cites(statement: &Statement, page: u32) -> bool {
    statement.citations.iter().any(|citation| citation.page == page)
}

/// Whether the statement, with its name, has all words of what was planted.
fn says(statement: &Statement, name: &str, planted: &str) -> bool {
    has_words(&format!("{name} {}", statement.text), planted)
}

/// Whether a text has all of some words, in any order and letter case.
fn has_words(text: &str, wanted: &str) -> bool {
    let present: Vec<String> = words(text).collect();
    words(wanted).all(|word| present.contains(&word))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric() && character != '.')
        .map(|word| word.trim_matches('.').to_lowercase())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_analysis_that_found_nothing_misses_all_and_takes_nothing_for_present() {
        let verdicts = score(&Findings::default());
        assert!(verdicts.len() > 90);
        for verdict in verdicts {
            let expected = if verdict.kind == "not present" { Outcome::Avoided } else { Outcome::Missed };
            assert_eq!(verdict.outcome, expected, "{verdict}");
        }
    }

    #[test]
    fn words_count_in_any_order_and_case_but_a_decimal_point_matters() {
        assert!(has_words("Holloway, Marian T.", "Marian T. Holloway"));
        assert!(!has_words("White cells 72", "7.2"));
    }
}
