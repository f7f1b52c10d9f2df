//! Medicines: known by name from the list, and by the form of a prescription where the name is new.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, ClinicalStatus, Medication};
use regex::Regex;
use time::{Date, Duration};

use crate::extract::{
    Reading, context,
    input::sections::Section,
    input::segmentation::Passage,
    sig,
    statements::{self, capital, grouped},
};
use crate::lexicon::{DRUGS, LABS, PROBLEMS};

/// One place that speaks of a medicine.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    /// What all names of the medicine have in common.
    pub(crate) key: String,
    /// The name as the page has it.
    written: String,
    pub(crate) dose: Option<String>,
    route: Option<String>,
    pub(crate) frequency: Option<String>,
    pub(crate) status: ClinicalStatus,
    held: bool,
    pub(crate) assertion: Assertion,
    pub(crate) date: Option<Date>,
    /// Position in the record.
    pub(crate) order: usize,
    /// It stands in a list of medications.
    pub(crate) listed: bool,
    /// Its sentence tells of a change, so that another dose elsewhere is explained.
    pub(crate) changes: bool,
    pub(crate) citation: Citation,
}

/// All mentions, in the order of the record.
pub(crate) fn mentions(reading: &Reading<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    for (order, passage) in reading.passages.iter().enumerate() {
        match passage.section {
            Section::Furniture
            | Section::Family
            | Section::Allergies
            | Section::Immunizations
            | Section::Findings => {}
            Section::Top
            | Section::Chief
            | Section::Reason
            | Section::Hpi
            | Section::Pmh
            | Section::Resolved
            | Section::Psh
            | Section::Medications
            | Section::Stopped
            | Section::Social
            | Section::Ros
            | Section::Vitals
            | Section::Exam
            | Section::Labs
            | Section::Imaging
            | Section::Impression
            | Section::Procedures
            | Section::OpNote
            | Section::Assessment
            | Section::Plan
            | Section::FollowUp
            | Section::Other => of_passage(reading, passage, order, &mut found),
        }
    }
    found
}

/// A name in a passage, listed or told by its form.
struct Named {
    key: String,
    range: Range<usize>,
    known: bool,
}

fn of_passage(reading: &Reading<'_>, passage: &Passage, order: usize, found: &mut Vec<Mention>) {
    let names = names(passage);
    let in_list = matches!(passage.section, Section::Medications | Section::Stopped);
    let mut before_cue: Option<(Cue, usize)> = None;
    for (at, name) in names.iter().enumerate() {
        let text = &passage.text;
        let from = if at == 0 { 0 } else { names[at - 1].range.end };
        let before = &text[from..name.range.start];
        let segment = clause_end(text, name.range.end, names.get(at + 1).map(|next| next.range.start));
        let after = current(&text[name.range.end..segment]);
        let dose = sig::dose(after).or_else(|| dose_before(before));
        let route = sig::route(after).or_else(|| sig::route(last_words(before, 2)));
        let frequency = sig::frequency(after);
        let own = cue_before(before);
        let cue = own.or_else(|| {
            // "Stop lisinopril and amlodipine" is about both.
            before_cue.filter(|_| joins_only(before)).map(|(cue, _)| cue)
        });
        before_cue = cue.map(|cue| (cue, at));
        let cue = cue_after(after).or(cue);
        let assertion = context::assertion(text, &name.range, passage.section);
        let stopped = cue == Some(Cue::Stopped) || (cue.is_none() && passage.section == Section::Stopped);
        if !(asserted_is_of_use(assertion, stopped)
            && worth_it(passage, name, dose.is_some(), frequency.is_some(), cue))
        {
            continue;
        }
        if allergic(text, &name.range) {
            continue;
        }
        let once = given_once(after) && passage.section != Section::Medications;
        let assertion = match assertion {
            // "Prophylaxis", "risk": said of what the medicine is for, not of the medicine.
            Assertion::Possible if !considered(text) => Assertion::Present,
            other => other,
        };
        let status = if stopped || once || assertion == Assertion::Historical {
            ClinicalStatus::Past
        } else {
            ClinicalStatus::Active
        };
        let until = name.range.start..segment;
        let dosed_before = dose.is_some() && sig::dose(after).is_none();
        let quoted = if in_list && own.is_none() && !dosed_before {
            until
        } else {
            clause_start(text, name.range.start)..segment
        };
        found.push(Mention {
            key: name.key.clone(),
            written: plain(&text[name.range.clone()]),
            dose: dose.map(|piece| piece.text),
            route: route.map(|piece| piece.text),
            frequency: frequency.map(|piece| piece.text),
            status,
            held: cue == Some(Cue::Held),
            assertion: match assertion {
                Assertion::Negated => Assertion::Historical,
                Assertion::Present if stopped || once => Assertion::Historical,
                other => other,
            },
            date: passage.date,
            order,
            listed: in_list,
            changes: changes(text),
            citation: passage.cite(reading.pages, &quoted),
        });
    }
}

fn asserted_is_of_use(assertion: Assertion, stopped: bool) -> bool {
    match assertion {
        Assertion::Present | Assertion::Historical | Assertion::Possible => true,
        Assertion::Negated => stopped,
        Assertion::Family => false,
    }
}

/// Whether a name is a medicine the patient has to do with, and no mere word.
fn worth_it(passage: &Passage, name: &Named, dose: bool, frequency: bool, cue: Option<Cue>) -> bool {
    match passage.section {
        Section::Medications | Section::Stopped => name.known || dose || frequency,
        Section::Labs
        | Section::Vitals
        | Section::Exam
        | Section::Ros
        | Section::Imaging
        | Section::Social => dose && (frequency || cue.is_some()),
        Section::Top
        | Section::Chief
        | Section::Reason
        | Section::Hpi
        | Section::Pmh
        | Section::Resolved
        | Section::Psh
        | Section::Allergies
        | Section::Family
        | Section::Findings
        | Section::Impression
        | Section::Procedures
        | Section::OpNote
        | Section::Assessment
        | Section::Plan
        | Section::FollowUp
        | Section::Immunizations
        | Section::Other
        | Section::Furniture => {
            (dose && (name.known || frequency)) || (name.known && (cue.is_some() || frequency))
        }
    }
}

fn names(passage: &Passage) -> Vec<Named> {
    let text = &passage.text;
    let labs = LABS.find(text, &passage.keys);
    let mut names: Vec<Named> = DRUGS
        .find(text, &passage.keys)
        .into_iter()
        .filter(|hit| {
            let level = labs.iter().any(|lab| {
                lab.range.start <= hit.range.start
                    && lab.range.end >= hit.range.end
                    && (lab.range.len() > hit.range.len()
                        || sig::dose(&text[hit.range.end..clause_end(text, hit.range.end, None)]).is_none())
            });
            !level
        })
        .map(|hit| Named { key: DRUGS.entry(hit.entry).name.to_owned(), range: hit.range, known: true })
        .collect();
    for range in formed(passage) {
        if !names.iter().any(|name| name.range.start < range.end && range.start < name.range.end) {
            let key = text[range.clone()].to_lowercase();
            names.push(Named { key, range, known: false });
        }
    }
    names.sort_by_key(|name| name.range.start);
    names
}

static FORMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?P<name>\b[A-Z][a-zA-Z]{3,}(?:-[a-zA-Z]{3,})?)(?:\s+(?:[a-z]{4,}|ER|XR|XL|SR|HCl|CR|DR|LA))?\s+\(?(?P<dose>[0-9OlI.,]+\s?(?:mg|mcg|µg|ug|rng|g|units?|IU|mEq|mL|puffs?|tabs?|tablets?|capsules?|drops)\b)").expect("a fixed pattern")
});
static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<name>[A-Z][a-zA-Z]{4,}(?:-[a-zA-Z]{3,})?)\b").expect("a fixed pattern")
});

/// Names that nobody listed, told by what follows them: "Xyzmab 40 mg SC every 2 weeks".
fn formed(passage: &Passage) -> Vec<Range<usize>> {
    let text = &passage.text;
    let in_list = matches!(passage.section, Section::Medications | Section::Stopped);
    let mut ranges: Vec<Range<usize>> = FORMED
        .captures_iter(text)
        .filter_map(|found| {
            let name = found.name("name")?.range();
            let end = clause_end(text, name.end, None);
            let rest = &text[name.end..end];
            let prescribed = sig::dose(rest).is_some()
                && (in_list || (sig::frequency(rest).is_some() && sig::route(rest).is_some()));
            (prescribed && may_name(&text[name.clone()])).then_some(name)
        })
        .collect();
    let entry = (in_list && ranges.is_empty()).then(|| ENTRY.captures(text)).flatten();
    if let Some(name) = entry.and_then(|found| Some(found.name("name")?.range())) {
        let rest = &text[name.end..];
        let near = rest.split_whitespace().count() <= 8;
        if near && sig::frequency(rest).is_some() && may_name(&text[name.clone()]) {
            ranges.push(name);
        }
    }
    ranges
}

/// Words that begin sentences and stand before doses, yet name no medicine.
fn may_name(word: &str) -> bool {
    const NOT: [&str; 52] = [
        "take",
        "takes",
        "taking",
        "start",
        "started",
        "continue",
        "continued",
        "stop",
        "stopped",
        "increase",
        "increased",
        "decrease",
        "decreased",
        "give",
        "given",
        "weight",
        "height",
        "dose",
        "doses",
        "total",
        "then",
        "from",
        "with",
        "about",
        "oral",
        "tablet",
        "tablets",
        "capsule",
        "received",
        "home",
        "daily",
        "each",
        "glucose",
        "intake",
        "output",
        "urine",
        "blood",
        "bolus",
        "infusion",
        "approximately",
        "begin",
        "resume",
        "reduce",
        "reduced",
        "current",
        "currently",
        "status",
        "maximum",
        "over",
        "patient",
        "unknown",
        "none",
    ];
    let lower = word.to_lowercase();
    !NOT.contains(&lower.as_str()) && LABS.exact(word).is_none() && PROBLEMS.exact(word).is_none()
}

/// Where what is said of a medicine ends: at the next one, a semicolon, the end of the sentence.
fn clause_end(text: &str, from: usize, next: Option<usize>) -> usize {
    let limit = next.unwrap_or(text.len());
    let stop = text[from..limit]
        .match_indices([';', '•'])
        .map(|(at, _)| from + at)
        .chain(full_stops(text, from..limit))
        .min()
        .unwrap_or(limit);
    // The words that lead to the next medicine are not of this one.
    let end = if next.is_some() && stop == limit { before_lead(text, from, limit) } else { stop };
    end.max(from)
}

/// Leaves "and", "," and "with" that join two medicines to the second.
fn before_lead(text: &str, from: usize, limit: usize) -> usize {
    let mut end = limit;
    loop {
        let trimmed = text[from..end].trim_end_matches([' ', ',', '+', '/', '(', '&']);
        let shorter = ["and", "plus", "with", "or", "then"]
            .iter()
            .find_map(|word| trimmed.strip_suffix(word).filter(|rest| rest.ends_with(' ')))
            .map_or(trimmed.len(), str::len);
        if from + shorter == end {
            return end;
        }
        end = from + shorter;
    }
}

fn clause_start(text: &str, to: usize) -> usize {
    let stop =
        text[..to].match_indices([';', '•']).map(|(at, found)| at + found.len()).next_back().unwrap_or(0);
    let start = stop.max(full_stops(text, 0..to).last().unwrap_or(0));
    start + (text[start..to].len() - text[start..to].trim_start().len())
}

/// Where the full stops of a part of a text end. One that stands alone is a speck of the scan.
fn full_stops(text: &str, part: Range<usize>) -> impl Iterator<Item = usize> {
    let stops = text[part.clone()].match_indices(". ").map(move |(at, _)| part.start + at);
    stops.filter(|at| !text[..*at].ends_with(' ')).map(|at| at + 1)
}

fn last_words(text: &str, count: usize) -> &str {
    let mut starts = text.char_indices().rev().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    let start = starts.nth(count).unwrap_or(0);
    &text[start..]
}

/// "10 mg BID x 7 days then 5 mg BID": the later dose is the one that is taken.
fn current(after: &str) -> &str {
    static THEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)\b(?:then|now)\s+(?P<dose>[0-9])").expect("a fixed pattern"));
    THEN.captures_iter(after)
        .filter_map(|found| Some(&after[found.name("dose")?.start()..]))
        .filter(|rest| sig::dose(rest).is_some_and(|dose| dose.range.start == 0))
        .last()
        .unwrap_or(after)
}

/// "500 mg of metformin"
fn dose_before(before: &str) -> Option<sig::Piece> {
    let near = last_words(before, 3).trim_end();
    let near = near.strip_suffix(" of").unwrap_or(near);
    sig::dose(near).filter(|piece| piece.range.end == near.len())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cue {
    Taken,
    Stopped,
    Held,
}

static CUES_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?P<home>\bd/?c(?:'?d|ed)?\s+(?:home|on|with|to|meds?|summary|instructions)\b)
        | (?P<stop>\b(?:discontinu(?:e|ed|ing|ation\ of)|stop(?:s|ped|ping)?|d/?c['’]?e?d?|no\ longer\ (?:on|tak(?:es|ing)|using)|(?:come|came|taken|tapered|weaned)\ off|off|previously\ (?:on|took|taking|treated\ with|tried)|used\ to\ take|was\ (?:previously\ )?(?:on|taking)|prior|former|past|failed|completed|finished|(?:switch|chang|transition)(?:ed|ing)?\ from|instead\ of|in\ place\ of|replac(?:es|ed|ing)|intoleran(?:t|ce)\ (?:of|to)|ran\ out\ of|declin(?:ed|es)|refus(?:ed|es))\b)
        | (?P<hold>\b(?:hold|holding|held)\b)
        | (?P<take>\b(?:on|start(?:ed|ing)?|continu(?:e|es|ed|ing)|resum(?:e|ed|ing)|restart(?:ed|ing)?|tak(?:es|ing|e)|took|begin|began|initiat(?:e|ed|ing)|add(?:ed|ing)?|increas(?:e|ed|ing)|decreas(?:e|ed|ing)|reduc(?:e|ed|ing)|prescrib(?:ed|e)|given|receiv(?:ed|ing)|(?:switch|chang|transition)(?:ed|ing)?\ to|us(?:es|ing)|titrat(?:e|ed|ing)|home|treated\ with|maintained\ on|refill(?:ed)?|trial\ of|administered|rx)\b)",
    )
    .expect("a fixed pattern")
});
static CUES_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?P<stop>\b(?:discontinued|stopped|d/c['’]?e?d|dc['’]d|completed|finished|(?:was|were|is|been)\ (?:discontinued|stopped)|(?:then\ )?(?:switched|changed|transitioned)\ to|replaced\ (?:by|with)|no\ longer\ taking|ended|self-discontinued|ran\ out|inactive|d/c)\b)
        | (?P<hold>\b(?:on\ hold|(?:was|is|being)?\ ?held|hold)\b)
        | (?P<take>\b(?:continued|resumed|restarted|was\ started|started|active|ongoing)\b)",
    )
    .expect("a fixed pattern")
});

/// The cue that stands nearest before the name.
fn cue_before(before: &str) -> Option<Cue> {
    let found = CUES_BEFORE.captures_iter(before).last()?;
    // Something else lies between: "stopped smoking; her blood pressure on …" is not about this.
    let gap = before[found.get(0)?.end()..].split_whitespace().count();
    (gap <= 6).then(|| kind(&found))
}

/// The cue that stands nearest after the name, within its clause.
fn cue_after(after: &str) -> Option<Cue> {
    let found = CUES_AFTER.captures(after)?;
    let gap = after[..found.get(0)?.start()].split_whitespace().count();
    // "HCQ eye exam was completed": what was completed stands next to the word.
    let course = found.get(0).is_some_and(|cue| {
        matches!(cue.as_str().to_lowercase().as_str(), "completed" | "finished" | "ended")
    });
    let own = !course
        || !context::says(
            after,
            &["exam", "examination", "screening", "level", "levels", "visit", "course of steroids"],
        );
    (gap <= 12 && own).then(|| kind(&found))
}

fn kind(found: &regex::Captures<'_>) -> Cue {
    if found.name("stop").is_some() {
        Cue::Stopped
    } else if found.name("hold").is_some() {
        Cue::Held
    } else {
        Cue::Taken
    }
}

fn joins_only(between: &str) -> bool {
    let words: Vec<&str> =
        between.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    words.iter().all(|word| {
        matches!(word.to_lowercase().as_str(), "and" | "or" | "both" | "her" | "his" | "the" | "as" | "well")
    })
}

/// It is thought of, not given.
fn considered(text: &str) -> bool {
    context::says(
        text,
        &[
            "consider",
            "considering",
            "possible",
            "possibly",
            "may need",
            "might",
            "could",
            "discuss",
            "discussed",
            "offer",
            "offered",
            "if",
            "option",
            "options",
        ],
    )
}

/// A single dose is over once it is given.
fn given_once(after: &str) -> bool {
    static ONCE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:once|x\s?1|single\s+dose|one\s+dose|one-time|stat|bolus)\b(?P<on>\s*(?:,\s*)?(?:daily|a\b|per\b|every|each|weekly|monthly|at\b|in\b|nightly))?").expect("a fixed pattern")
    });
    ONCE.captures(after).is_some_and(|found| found.name("on").is_none())
}

/// The mention is of an allergy, not of a medicine taken.
fn allergic(text: &str, range: &Range<usize>) -> bool {
    let after = text[range.end..].chars().take(30).collect::<String>().to_lowercase();
    let before = text[..range.start].to_lowercase();
    let near: String = last_words(&before, 4).to_owned();
    after.trim_start().starts_with("allerg")
        || near.contains("allerg")
        || near.contains("anaphylaxis to")
        || near.trim_start().starts_with("reaction to")
}

fn changes(text: &str) -> bool {
    context::says(
        text,
        &[
            "increase",
            "increased",
            "decrease",
            "decreased",
            "titrate",
            "titrated",
            "taper",
            "tapered",
            "reduce",
            "reduced",
            "change",
            "changed",
            "adjusted",
            "uptitrate",
            "uptitrated",
            "advance",
            "advanced",
            "switched",
            "dose escalation",
            "raise",
            "raised",
            "lower",
            "lowered",
            "up to",
        ],
    ) || text.contains('→')
        || text.contains("->")
}

/// A name without the noise at its ends.
fn plain(written: &str) -> String {
    written.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// One medication per medicine, dose and frequency.
pub(crate) fn merged(mentions: &[Mention]) -> Vec<Medication> {
    let mut medications = Vec::new();
    for drug in grouped(mentions.iter().map(|mention| (mention.key.clone(), mention))) {
        let name = drug
            .iter()
            .find(|mention| mention.written.to_lowercase() == mention.key)
            .map_or_else(|| name_of(drug[0]), |mention| capital(&mention.key));
        let groups = regimens(&drug);
        let newest = groups.iter().filter_map(|group| last_day(group)).max();
        for group in groups.iter() {
            let mut made = medication(&name, group);
            let replaced = groups.len() > 1
                && last_day(group).zip(newest).is_some_and(|(day, newest)| {
                    day < newest
                        && (newest - day > SAME_REGIMEN || drug.iter().any(|mention| mention.changes))
                });
            if replaced && made.status == ClinicalStatus::Active {
                made.status = ClinicalStatus::Past;
                made.statement.assertion = Assertion::Historical;
                made.statement.text.push_str(" (earlier dose)");
            }
            medications.push(made);
        }
    }
    medications.sort_by_key(|medication| match medication.status {
        ClinicalStatus::Active => 0,
        ClinicalStatus::Past => 1,
    });
    medications
}

/// Within this time two doses of one medicine that no change explains disagree; after it the later one replaces
/// the earlier.
pub(crate) const SAME_REGIMEN: Duration = Duration::days(365);

/// The last day on which a mention of the group tells what is taken.
fn last_day(group: &[&Mention]) -> Option<Date> {
    group.iter().filter_map(|mention| mention.date).max()
}

/// A listed name is shown without the reader's slips; a brand stays the brand that the page names.
fn name_of(mention: &Mention) -> String {
    let slip = DRUGS.exact(&mention.written).is_some_and(|entry| {
        DRUGS.entry(entry).name == mention.key
            && crate::text::within_one(&crate::text::fold(&mention.written), &crate::text::fold(&mention.key))
    });
    if slip { capital(&mention.key) } else { capital(&mention.written) }
}

/// The mentions of one medicine by dose and frequency; those without a dose join the last that had one.
pub(crate) fn regimens<'a>(drug: &[&'a Mention]) -> Vec<Vec<&'a Mention>> {
    let mut groups: Vec<Vec<&Mention>> = Vec::new();
    for mention in drug.iter().filter(|mention| mention.dose.is_some()) {
        let same = groups.iter_mut().find(|group| {
            group.iter().all(|other| {
                dose_key(other) == dose_key(mention)
                    && agree(other.frequency.as_deref(), mention.frequency.as_deref())
            })
        });
        match same {
            Some(group) => group.push(mention),
            None => groups.push(vec![mention]),
        }
    }
    for mention in drug.iter().filter(|mention| mention.dose.is_none()) {
        let near = groups
            .iter()
            .enumerate()
            .max_by_key(|(_, group)| {
                let agrees = group.iter().all(|other| {
                    other.dose.is_none() || agree(other.frequency.as_deref(), mention.frequency.as_deref())
                });
                let before = group.iter().map(|other| when(other)).filter(|at| *at <= when(mention)).max();
                (agrees, before)
            })
            .map(|(at, _)| at);
        match near {
            Some(at) => groups[at].push(mention),
            None => groups.push(vec![mention]),
        }
    }
    groups
}

/// Time order: by day where both have one, else by place in the record.
pub(crate) fn when(mention: &Mention) -> (Option<Date>, usize) {
    (mention.date, mention.order)
}

pub(crate) fn dose_key(mention: &Mention) -> Option<String> {
    mention.dose.as_ref().map(|dose| dose.replace([' ', ','], "").to_lowercase())
}

pub(crate) fn agree(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => sig::frequency_key(a) == sig::frequency_key(b),
        (Some(_), None) | (None, Some(_) | None) => true,
    }
}

/// The newest frequency, in the words that most mentions have for it, of several the newest: one page alone that leaves
/// off "as needed" was cut short or misread.
fn prevailing_frequency(ordered: &[&Mention]) -> Option<String> {
    let said = ordered.iter().filter_map(|mention| mention.frequency.as_deref());
    let newest = said.clone().next_back()?;
    let same = said.filter(|often| agree(Some(often), Some(newest)));
    // Of equals `max_by_key` gives the last.
    same.clone().max_by_key(|often| same.clone().filter(|other| other == often).count()).map(str::to_owned)
}

fn medication(name: &str, group: &[&Mention]) -> Medication {
    let mut ordered: Vec<&Mention> = group.to_vec();
    ordered.sort_by_key(|mention| when(mention));
    let last = ordered.iter().rev().copied();
    let pick =
        |field: fn(&Mention) -> &Option<String>| last.clone().find_map(|mention| field(mention).clone());
    let (dose, route, frequency) = (pick(|m| &m.dose), pick(|m| &m.route), prevailing_frequency(&ordered));
    let newest = last.clone().next();
    let status = newest.map_or(ClinicalStatus::Active, |mention| mention.status);
    let assertion = match status {
        ClinicalStatus::Past => Assertion::Historical,
        ClinicalStatus::Active if group.iter().any(|mention| mention.assertion == Assertion::Present) => {
            Assertion::Present
        }
        ClinicalStatus::Active => group[0].assertion,
    };
    let held = newest.is_some_and(|mention| mention.held);
    let details: Vec<&str> = [&dose, &route, &frequency].into_iter().flatten().map(String::as_str).collect();
    let mut text = [&[name], details.as_slice()].concat().join(" ");
    text.push_str(match (status, held) {
        (ClinicalStatus::Past, _) => " (stopped)",
        (ClinicalStatus::Active, true) => " (on hold)",
        (ClinicalStatus::Active, false) => "",
    });
    let mut citations = Vec::new();
    // The newest that tells what is said first, then by what they tell, and how lately.
    let of_status = last.filter(|mention| mention.status == status);
    let dosed = of_status.clone().filter(|mention| mention.dose.is_some());
    let told = dosed.clone().find(|mention| mention.frequency == frequency);
    for mention in told.into_iter().chain(dosed).chain(of_status).chain(group.iter().copied()) {
        statements::cite(&mut citations, mention.citation.clone());
    }
    Medication {
        statement: statements::statement(text, assertion, citations),
        name: name.to_owned(),
        dose,
        route,
        frequency,
        status,
    }
}
