//! Compares an analysis of the sample record with the planted facts: what it found, and what it wrongly states.

use std::fmt;

use maneiro_api::analysis::{Assertion, ClinicalStatus, Findings, LabFlag, Statement};

use super::{
    fact_list::has_words,
    facts::{Facts, PlantedQuote, facts},
};

/// Whether the analysis is right about one planted fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOutcome {
    /// It was found, checked, on one of its pages.
    Found,
    /// It was not found.
    Missed,
    /// It was rightly not stated as present.
    Avoided,
    /// It was stated as present, and is not.
    WronglyPresent,
}

#[derive(Debug, Clone)]
pub struct FactVerdict {
    /// What kind of fact, such as `medication`.
    pub kind: &'static str,
    pub what: String,
    pub outcome: FactOutcome,
}

impl FactVerdict {
    #[must_use]
    pub fn is_right(&self) -> bool {
        match self.outcome {
            FactOutcome::Found | FactOutcome::Avoided => true,
            FactOutcome::Missed | FactOutcome::WronglyPresent => false,
        }
    }
}

impl fmt::Display for FactVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            FactOutcome::Found => "found",
            FactOutcome::Missed => "MISSED",
            FactOutcome::Avoided => "avoided",
            FactOutcome::WronglyPresent => "WRONGLY PRESENT",
        };
        write!(f, "{outcome:<15} {:<12} {}", self.kind, self.what)
    }
}

/// Compares findings with the planted facts. Only checked statements that cite one of a fact's pages count.
#[must_use]
pub fn score_findings(findings: &Findings) -> Vec<FactVerdict> {
    let facts = facts();
    let mut verdicts = score_patient(findings, &facts);
    verdicts.extend(score_conditions(findings, &facts));
    verdicts.extend(score_treatments(findings, &facts));
    verdicts.extend(score_measurements(findings, &facts));
    verdicts.extend(score_course(findings, &facts));
    verdicts.extend(score_not_present(findings, &facts));
    verdicts.extend(score_cross_page(findings, &facts));
    verdicts
}

fn score_patient(findings: &Findings, facts: &Facts) -> Vec<FactVerdict> {
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

fn score_conditions(findings: &Findings, facts: &Facts) -> Vec<FactVerdict> {
    let problems = facts.problems.iter().map(|fact| {
        let status = if fact.active { ClinicalStatus::Active } else { ClinicalStatus::Past };
        let found = findings.problems.iter().any(|it| {
            let is_so = match it.statement.assertion {
                Assertion::Present => it.status == status,
                Assertion::Historical => !fact.active,
                Assertion::Negated | Assertion::Possible | Assertion::Family | Assertion::Planned => false,
            };
            is_so && cites_quote(&it.statement, fact.quotes) && mentions(&it.statement, &it.name, fact.name)
        });
        verdict("problem", fact.name, found)
    });
    let allergies = facts.allergies.iter().map(|fact| {
        let found = findings.allergies.iter().any(|it| {
            it.statement.assertion == Assertion::Present
                && cites_quote(&it.statement, fact.quotes)
                && has_words(&it.substance, fact.substance)
                && it.reaction.as_deref().is_some_and(|reaction| has_words(fact.reaction, reaction))
        });
        verdict("allergy", format!("{}: {}", fact.substance, fact.reaction), found)
    });
    problems.chain(allergies).collect()
}

fn score_treatments(findings: &Findings, facts: &Facts) -> Vec<FactVerdict> {
    let medications = facts.medications.iter().map(|fact| {
        let status = if fact.active { ClinicalStatus::Active } else { ClinicalStatus::Past };
        let found = findings.medications.iter().any(|it| {
            let frequency = it.frequency.as_deref().unwrap_or_default();
            it.status == status
                && cites_quote(&it.statement, fact.quotes)
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
            cites_quote(&it.statement, fact.quotes) && mentions(&it.statement, &it.name, head)
        });
        verdict("procedure", fact.name, found)
    });
    medications.chain(procedures).collect()
}

fn score_measurements(findings: &Findings, facts: &Facts) -> Vec<FactVerdict> {
    let vitals = facts.vitals.iter().map(|fact| {
        let found = findings.vitals.iter().any(|it| {
            it.value == fact.value
                && cites_quote(&it.statement, &[fact.quote])
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
                && it.statement.checked
                && cites_page(&it.statement, fact.page)
                && has_words(&it.name, first_word)
                && it.date.is_none_or(|date| date.to_string() == fact.date)
        });
        verdict("lab", format!("{} {} ({})", fact.name, fact.value, fact.date), found)
    });
    vitals.chain(labs).collect()
}

fn score_course(findings: &Findings, facts: &Facts) -> Vec<FactVerdict> {
    let imaging = facts.imaging.iter().map(|fact| {
        let study = fact.study.split([',', ' ']).next().unwrap_or_default();
        let found = findings.imaging.iter().any(|it| {
            cites_quote(&it.statement, fact.quotes)
                && mentions(&it.statement, &it.study, study)
                && it.date.is_some_and(|date| date.to_string() == fact.date)
        });
        verdict("imaging", format!("{} ({})", fact.study, fact.date), found)
    });
    let follow_ups = facts.follow_ups.iter().map(|fact| {
        let found = findings.follow_ups.iter().any(|it| {
            let due = it.due.as_deref().unwrap_or_default();
            cites_quote(&it.statement, &[fact.quote]) && mentions(&it.statement, due, fact.what)
        });
        verdict("follow-up", format!("{} ({})", fact.what, fact.due), found)
    });
    imaging.chain(follow_ups).collect()
}

fn score_not_present(findings: &Findings, facts: &Facts) -> Vec<FactVerdict> {
    let verdicts = facts.not_present.iter().map(|fact| {
        let taken = findings.problems.iter().any(|it| {
            it.statement.checked
                && it.statement.assertion == Assertion::Present
                && has_words(&it.name, fact.what)
        });
        let outcome = if taken { FactOutcome::WronglyPresent } else { FactOutcome::Avoided };
        FactVerdict { kind: "not present", what: format!("{} ({:?})", fact.what, fact.assertion), outcome }
    });
    verdicts.collect()
}

fn score_cross_page(findings: &Findings, facts: &Facts) -> Vec<FactVerdict> {
    let conflicts = facts.conflicts.iter().map(|fact| {
        let found =
            findings.conflicts.iter().any(|it| cites_quote(it, fact.one) && cites_quote(it, fact.other));
        verdict("conflict", fact.about, found)
    });
    let gaps = facts.gaps.iter().map(|fact| {
        let found = findings.gaps.iter().any(|it| cites_quote(it, fact.quotes) && has_words(&it.text, "eye"));
        verdict("gap", fact.missing, found)
    });
    let duplicates = facts.duplicates.iter().map(|fact| {
        let found = findings.duplicates.iter().any(|it| (it.page, it.duplicate_of) == (fact.page, fact.of));
        verdict("duplicate", format!("page {} repeats {}", fact.page, fact.of), found)
    });
    conflicts.chain(gaps).chain(duplicates).collect()
}

fn verdict(kind: &'static str, what: impl Into<String>, found: bool) -> FactVerdict {
    let outcome = if found { FactOutcome::Found } else { FactOutcome::Missed };
    FactVerdict { kind, what: what.into(), outcome }
}

/// Whether the statement is checked and cites the page of one of the quotes.
fn cites_quote(statement: &Statement, quotes: &[PlantedQuote]) -> bool {
    statement.checked && quotes.iter().any(|quote| cites_page(statement, quote.page))
}

fn cites_page(statement: &Statement, page: u32) -> bool {
    statement.citations.iter().any(|citation| citation.page == page)
}

/// Whether the statement, with its name, contains all planted words.
fn mentions(statement: &Statement, name: &str, planted: &str) -> bool {
    has_words(&format!("{name} {}", statement.text), planted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_findings_miss_all_facts_and_state_nothing_wrongly() {
        let verdicts = score_findings(&Findings::default());
        assert!(verdicts.len() > 90);
        for verdict in verdicts {
            let expected =
                if verdict.kind == "not present" { FactOutcome::Avoided } else { FactOutcome::Missed };
            assert_eq!(verdict.outcome, expected, "{verdict}");
        }
    }

    #[test]
    fn words_match_in_any_order_but_decimal_points_matter() {
        assert!(has_words("Holloway, Marian T.", "Marian T. Holloway"));
        assert!(!has_words("White cells 72", "7.2"));
    }
}
