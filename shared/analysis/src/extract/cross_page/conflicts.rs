//! Two places in the record that disagree. Each conflict cites both.

use maneiro_api::analysis::{Assertion, Citation, ClinicalStatus};
use time::Date;

use crate::extract::{
    Dated, Reading, context,
    extractors::allergies,
    extractors::medications::mentions::{self as medications, agree, dose_key},
    extractors::patient,
    extractors::problems::mentions as problems,
    input::sections::Section,
    statements::{self, capital, grouped},
};
use crate::lexicon::{DRUGS, PROBLEMS, PROCEDURES};

/// What a conflict about a medicine that the patient reacts to begins with; the summary puts these first.
pub(crate) const DANGEROUS: &str = "Allergy and prescription";

/// All conflicts, the dangerous first.
pub(crate) fn conflicts(
    reading: &Reading<'_>,
    medications: &[medications::Mention],
    allergies: &[allergies::Mention],
    problems: &[problems::Mention],
) -> Vec<Dated> {
    let mut found = allergic_to_prescribed(medications, allergies);
    found.extend(allergy_and_none(allergies));
    found.extend(doses(medications));
    found.extend(stopped_and_listed(medications));
    found.extend(identity(reading));
    found.extend(sides(reading));
    found.extend(present_and_never(problems));
    found
}

fn conflict(text: String, date: Option<Date>, citations: impl IntoIterator<Item = Citation>) -> Dated {
    let mut kept = Vec::new();
    for citation in citations {
        statements::cite_both(&mut kept, citation);
    }
    Dated { statement: statements::statement(text, Assertion::Present, kept), date }
}

/// A medicine given to someone who reacts to it or to its class.
fn allergic_to_prescribed(taken: &[medications::Mention], allergies: &[allergies::Mention]) -> Vec<Dated> {
    let mut found = Vec::new();
    let real: Vec<&allergies::Mention> = allergies
        .iter()
        .filter(|allergy| allergy.key != allergies::NONE_KNOWN && allergy.assertion == Assertion::Present)
        .collect();
    for allergy in grouped(real.into_iter().map(|allergy| (allergy.key.clone(), allergy))) {
        let against = classes(&allergy[0].key);
        let given = taken.iter().filter(|mention| {
            mention.status == ClinicalStatus::Active
                && mention.assertion == Assertion::Present
                && (mention.key == allergy[0].key
                    || classes(&mention.key).iter().any(|class| against.contains(class)))
        });
        for drug in grouped(given.map(|mention| (mention.key.clone(), mention))) {
            let last = drug.iter().max_by_key(|mention| medications::when(mention)).unwrap_or(&drug[0]);
            let text = format!(
                "{DANGEROUS} disagree: allergy to {}, and {} is prescribed",
                allergy[0].substance.to_lowercase(),
                drug[0].key
            );
            found.push(conflict(text, last.date, [allergy[0].citation.clone(), last.citation.clone()]));
        }
    }
    found
}

/// The classes an allergy speaks against, or a medicine belongs to. Sulfonamide diuretics are not counted with
/// sulfonamide antibiotics: cross-reaction is not borne out (Strom et al. 2003, N Engl J Med 349:1628-1635).
fn classes(key: &str) -> Vec<&'static str> {
    let by_name = match key {
        "penicillin" => Some("penicillin"),
        "sulfa" => Some("sulfa"),
        "nsaid" => Some("nsaid"),
        "statin" => Some("statin"),
        "opioid" => Some("opioid"),
        "cephalosporin" => Some("cephalosporin"),
        _ => None,
    };
    let listed = DRUGS.exact(key).map(|entry| DRUGS.entry(entry).tags.clone()).unwrap_or_default();
    // Aspirin is no reason to avoid every anti-inflammatory unless the page says so.
    listed
        .into_iter()
        .filter(|class| {
            !matches!(*class, "anticoagulant" | "salicylate" | "opioid" | "sulfonamide diuretic")
                || by_name == Some(class)
        })
        .chain(by_name)
        .collect()
}

/// "NKDA" here, an allergy there.
fn allergy_and_none(allergies: &[allergies::Mention]) -> Option<Dated> {
    let none = allergies.iter().find(|allergy| allergy.key == allergies::NONE_KNOWN && !allergy.otherwise)?;
    let real: Vec<&allergies::Mention> = allergies
        .iter()
        .filter(|allergy| allergy.key != allergies::NONE_KNOWN && allergy.assertion == Assertion::Present)
        .filter(|allergy| {
            DRUGS.exact(&allergy.key).is_some()
                || !classes(&allergy.key).is_empty()
                || allergy.key == "contrast"
        })
        .collect();
    let first = real.first()?;
    let names: Vec<String> =
        grouped(real.iter().map(|allergy| (allergy.key.clone(), allergy.substance.to_lowercase())))
            .into_iter()
            .filter_map(|names| names.into_iter().next())
            .collect();
    let text = format!("Allergies disagree: none known in one place, {} in another", names.join(", "));
    Some(conflict(text, none.date.max(first.date), [none.citation.clone(), first.citation.clone()]))
}

/// One medicine with two current doses or frequencies that no change explains.
fn doses(taken: &[medications::Mention]) -> Vec<Dated> {
    let mut found = Vec::new();
    for drug in grouped(taken.iter().map(|mention| (mention.key.clone(), mention))) {
        if drug.iter().any(|mention| mention.changes) {
            continue;
        }
        let current: Vec<&medications::Mention> = drug
            .iter()
            .copied()
            .filter(|mention| {
                mention.status == ClinicalStatus::Active
                    && mention.assertion == Assertion::Present
                    && mention.dose.is_some()
                    && !mention.frequency.as_ref().is_some_and(|often| {
                        let often = often.to_lowercase();
                        often.contains("prn") || often.contains("as needed") || often.contains("stat")
                    })
            })
            .collect();
        let pair = current.iter().enumerate().find_map(|(at, first)| {
            current[at + 1..]
                .iter()
                .find(|second| {
                    let listed = first.listed || second.listed;
                    let both_regular = first.listed && second.listed
                        || first.frequency.is_some() && second.frequency.is_some();
                    let close = match (first.date, second.date) {
                        (Some(a), Some(b)) => (a - b).abs() <= medications::SAME_REGIMEN,
                        (Some(_), None) | (None, Some(_) | None) => true,
                    };
                    let differ = dose_key(first) != dose_key(second)
                        || !agree(first.frequency.as_deref(), second.frequency.as_deref());
                    listed && both_regular && close && differ && !ranged(first) && !ranged(second)
                })
                .map(|second| (*first, *second))
        });
        if let Some((first, second)) = pair {
            let shown = |mention: &medications::Mention| {
                [mention.dose.as_deref(), mention.frequency.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            let text = format!(
                "Doses of {} disagree: {} in one place, {} in another",
                drug[0].key,
                shown(first),
                shown(second)
            );
            found.push(conflict(
                text,
                first.date.max(second.date),
                [first.citation.clone(), second.citation.clone()],
            ));
        }
    }
    found
}

fn ranged(mention: &medications::Mention) -> bool {
    mention.dose.as_ref().is_some_and(|dose| dose.contains('-'))
}

/// Stopped in one place, listed as taken in a later one, with nobody saying that it was begun again.
fn stopped_and_listed(taken: &[medications::Mention]) -> Vec<Dated> {
    let mut found = Vec::new();
    for drug in grouped(taken.iter().map(|mention| (mention.key.clone(), mention))) {
        let stop = drug.iter().find(|mention| {
            mention.status == ClinicalStatus::Past && mention.assertion != Assertion::Possible
        });
        let Some(stop) = stop else { continue };
        let listed = drug.iter().find(|mention| {
            mention.listed
                && mention.status == ClinicalStatus::Active
                && mention.assertion == Assertion::Present
                && medications::when(mention) > medications::when(stop)
                && match (mention.date, stop.date) {
                    (Some(a), Some(b)) => a - b <= medications::SAME_REGIMEN,
                    (Some(_), None) | (None, Some(_) | None) => true,
                }
        });
        let again = drug.iter().any(|mention| {
            context::says(
                &mention.citation.quote,
                &[
                    "restart",
                    "restarted",
                    "resume",
                    "resumed",
                    "started again",
                    "start",
                    "started",
                    "continue",
                    "continued",
                ],
            ) && medications::when(mention) >= medications::when(stop)
        });
        if let Some(listed) = listed.filter(|_| !again) {
            let text = format!(
                "{} was stopped in one place and is listed as taken in a later one",
                capital(&drug[0].key)
            );
            found.push(conflict(text, listed.date, [stop.citation.clone(), listed.citation.clone()]));
        }
    }
    found
}

/// Two birth dates or two sexes: pages of another patient may be among these.
fn identity(reading: &Reading<'_>) -> Vec<Dated> {
    let mut found = Vec::new();
    let births = grouped(patient::births(reading).into_iter().map(|said| (said.value, said)));
    if let [first, second, ..] = births.as_slice() {
        let text = format!(
            "Dates of birth disagree: {} in one place, {} in another",
            first[0].value, second[0].value
        );
        found.push(conflict(text, None, [first[0].citation.clone(), second[0].citation.clone()]));
    }
    let sexes = grouped(patient::sexes(reading).into_iter().map(|said| (said.value.clone(), said)));
    if let [first, second, ..] = sexes.as_slice() {
        let text = format!(
            "The patient's sex disagrees: {} in one place, {} in another",
            first[0].value.to_lowercase(),
            second[0].value.to_lowercase()
        );
        found.push(conflict(text, None, [first[0].citation.clone(), second[0].citation.clone()]));
    }
    found
}

/// One operation or injury on the left in one place and on the right in another.
fn sides(reading: &Reading<'_>) -> Vec<Dated> {
    let mut sided: Vec<Sided> = Vec::new();
    for passage in &reading.passages {
        if matches!(passage.section, Section::Furniture | Section::Family) {
            continue;
        }
        let text = &passage.text;
        let operations = PROCEDURES
            .find(text, &passage.keys)
            .into_iter()
            .map(|hit| (PROCEDURES.entry(hit.entry).name, hit));
        let injuries = PROBLEMS
            .find(text, &passage.keys)
            .into_iter()
            .map(|hit| (PROBLEMS.entry(hit.entry).name, hit))
            .filter(|(name, _)| {
                matches!(
                    *name,
                    "fracture"
                        | "rotator cuff tear"
                        | "meniscal tear"
                        | "deep vein thrombosis"
                        | "sprain"
                        | "adhesive capsulitis"
                        | "shoulder impingement"
                        | "shoulder pain"
                )
            });
        for (name, hit) in operations.chain(injuries) {
            let Some(side) = side(text, hit.range.start, hit.range.end) else { continue };
            let year = passage
                .text
                .split(|c: char| !c.is_ascii_digit())
                .find(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20")))
                .map(str::to_owned);
            let citation = passage.cite_around(reading.pages, &hit.range);
            sided.push(Sided { name, side, year, date: passage.date, citation });
        }
    }
    let mut found = Vec::new();
    for group in grouped(sided.into_iter().map(|said| (said.name, said))) {
        let of = |wanted: Side| group.iter().filter(move |said| said.side == wanted);
        // Both sides may each have had theirs: only the same year, or none told, is a contradiction, and only
        // where one side is named but once.
        let pair = of(Side::Left).find_map(|left| {
            of(Side::Right)
                .find(|right| match (&left.year, &right.year) {
                    (Some(a), Some(b)) => a == b,
                    (Some(_), None) | (None, Some(_) | None) => true,
                })
                .map(|right| (left, right))
        });
        let both = group.iter().any(|said| said.side == Side::Both)
            || (of(Side::Left).count() >= 3 && of(Side::Right).count() >= 3);
        if let Some((left, right)) = pair.filter(|_| !both) {
            let text =
                format!("Sides disagree: {} on the left in one place, on the right in another", left.name);
            found.push(conflict(
                text,
                left.date.max(right.date),
                [left.citation.clone(), right.citation.clone()],
            ));
        }
    }
    found
}

/// One place that says on which side something is.
struct Sided {
    name: &'static str,
    side: Side,
    year: Option<String>,
    date: Option<Date>,
    citation: Citation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Both,
}

/// The side named within three words before or two after.
fn side(text: &str, start: usize, end: usize) -> Option<Side> {
    let of = |word: &str| match word.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase().as_str() {
        "left" | "lt" => Some(Side::Left),
        "right" | "rt" => Some(Side::Right),
        "bilateral" | "both" => Some(Side::Both),
        _ => None,
    };
    text[start..end]
        .split_whitespace()
        .find_map(of)
        .or_else(|| text[..start].split_whitespace().rev().take(3).find_map(of))
        .or_else(|| text[end..].split_whitespace().take(3).find_map(of))
}

/// "No history of diabetes" here, diabetes in a problem list there.
fn present_and_never(problems: &[problems::Mention]) -> Vec<Dated> {
    let mut found = Vec::new();
    for group in grouped(problems.iter().map(|mention| (mention.key.clone(), mention))) {
        let never = group.iter().find(|mention| mention.never);
        let present = group.iter().find(|mention| {
            mention.listed
                && mention.assertion == Assertion::Present
                && mention.status == ClinicalStatus::Active
        });
        if let (Some(never), Some(present)) = (never, present) {
            // What began after the denial contradicts nothing.
            if present.date.zip(never.date).is_some_and(|(present, never)| present > never) {
                continue;
            }
            let text = format!("{} is listed in one place and denied in another", capital(&group[0].key));
            found.push(conflict(text, never.date, [present.citation.clone(), never.citation.clone()]));
        }
    }
    found
}
