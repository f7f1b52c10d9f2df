//! Diagnoses and complaints: listed terms wherever they stand, and the entries of problem lists as they are
//! written.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::{Assertion, Citation, ClinicalStatus, Problem};
use regex::Regex;
use time::Date;

use crate::extract::{
    Reading, context,
    input::sections::Section,
    input::segmentation::Passage,
    statements::{self, capital, grouped},
};
use crate::lexicon::{DRUGS, IMAGING, LABS, PROBLEMS, PROCEDURES};

/// One place that speaks of a problem.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    /// What all names of the problem have in common.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) assertion: Assertion,
    pub(crate) status: ClinicalStatus,
    pub(crate) date: Option<Date>,
    pub(crate) order: usize,
    /// It stands in a problem list or an assessment.
    pub(crate) listed: bool,
    /// "No history of" it is said, not only that it is absent today.
    pub(crate) never: bool,
    /// The page itself says that it is over.
    closed: bool,
    pub(crate) citation: Citation,
}

/// All mentions, in the order of the record.
pub(crate) fn mentions(reading: &Reading<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    for (order, passage) in reading.passages.iter().enumerate() {
        let lists = match passage.section {
            Section::Furniture
            | Section::Vitals
            | Section::Labs
            | Section::Allergies
            | Section::Immunizations
            | Section::Stopped
            | Section::Findings
            | Section::Exam => continue,
            Section::Pmh | Section::Resolved | Section::Assessment => true,
            Section::Top
            | Section::Chief
            | Section::Reason
            | Section::Hpi
            | Section::Psh
            | Section::Medications
            | Section::Family
            | Section::Social
            | Section::Ros
            | Section::Imaging
            | Section::Impression
            | Section::Procedures
            | Section::OpNote
            | Section::Plan
            | Section::FollowUp
            | Section::Other => false,
        };
        let before = found.len();
        terms(reading, passage, order, lists, &mut found);
        if lists && found.len() == before && passage.leads {
            entry(reading, passage, order, &mut found);
        }
    }
    generic_as_specific(&mut found);
    found
}

/// "Diabetes" in a record of type 2 diabetes is that.
fn generic_as_specific(mentions: &mut [Mention]) {
    const PAIRS: [(&str, [&str; 2]); 2] = [
        ("diabetes mellitus", ["type 2 diabetes mellitus", "type 1 diabetes mellitus"]),
        ("anemia", ["iron deficiency anemia", "anemia of chronic disease"]),
    ];
    for (generic, kinds) in PAIRS {
        let of = |kind: &str| {
            mentions.iter().any(|it| {
                it.key == kind
                    && it.assertion == Assertion::Present
                    && it.status == ClinicalStatus::Active
                    && it.listed
            })
        };
        let known: Vec<&str> = kinds.into_iter().filter(|kind| of(kind)).collect();
        if let [kind] = known.as_slice() {
            for mention in mentions.iter_mut().filter(|it| it.key == generic) {
                if mention.assertion == Assertion::Present {
                    mention.key = (*kind).to_owned();
                    mention.listed = false;
                }
            }
        }
    }
}

static CLOSED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:resolved|in\s+remission|cured|s/p|status\s+post|remote|childhood|former|as\s+a\s+(?:child|teenager)|inactive|healed)\b").expect("a fixed pattern")
});

fn terms(reading: &Reading<'_>, passage: &Passage, order: usize, lists: bool, found: &mut Vec<Mention>) {
    let text = &passage.text;
    let labs = LABS.find(text, &passage.keys);
    let hits = PROBLEMS.find(text, &passage.keys);
    for (at, hit) in hits.iter().enumerate() {
        let entry = PROBLEMS.entry(hit.entry);
        let symptom = entry.tags.contains(&"symptom");
        let acute = entry.tags.contains(&"acute");
        // "HIV antibody", "lupus anticoagulant", "PT": the longer term is meant.
        if labs.iter().any(|lab| lab.range.start <= hit.range.start && lab.range.end >= hit.range.end)
            || not_the_patients(text, &hit.range)
        {
            continue;
        }
        let mut assertion = context::assertion(text, &hit.range, passage.section);
        // Complaints are noise but where they are what the visit is about.
        let central = matches!(passage.section, Section::Chief | Section::Assessment | Section::Pmh);
        if symptom
            && (!central
                || assertion != Assertion::Present
                || (!passage.leads && passage.section != Section::Chief))
        {
            continue;
        }
        if assertion == Assertion::Negated && !worth_denying(passage.section) {
            continue;
        }
        // An entry of a list is about one thing: "anemia, resolved 2021" closes it over the comma.
        let next = hits.get(at + 1).map_or(text.len(), |next| next.range.start);
        let after_clause = if lists { next } else { clause(text, hit.range.end) };
        let local = &text[clause_from(text, hit.range.start)..after_clause];
        let resolved = CLOSED.is_match(local) && !context::says(local, &["not resolved", "not yet resolved"]);
        let closed = match assertion {
            Assertion::Historical => true,
            Assertion::Present => resolved || passage.section == Section::Resolved,
            Assertion::Negated | Assertion::Possible | Assertion::Family => false,
        };
        // "PMH: asthma" is history by its heading alone and goes on; what is acute does not.
        if assertion == Assertion::Historical
            && lists
            && !resolved
            && !acute
            && !explicit_history(text, &hit.range)
        {
            assertion = Assertion::Present;
        }
        let status =
            if closed && assertion != Assertion::Present || (resolved && assertion != Assertion::Negated) {
                ClinicalStatus::Past
            } else {
                ClinicalStatus::Active
            };
        let never = assertion == Assertion::Negated
            && context::says(
                &text[..hit.range.start],
                &[
                    "no history of",
                    "denies history of",
                    "no hx of",
                    "no h o",
                    "no known",
                    "denies any history of",
                    "never had",
                ],
            );
        found.push(Mention {
            key: match (entry.name, hit.name.split(' ').next()) {
                // Each knee has its own.
                ("osteoarthritis", Some(side @ ("left" | "right"))) => format!("{side} osteoarthritis"),
                (name, _) => name.to_owned(),
            },
            name: specific(text, &hit.range, entry.name),
            assertion,
            status,
            date: passage.date,
            order,
            listed: lists,
            never,
            closed: resolved || passage.section == Section::Resolved,
            citation: passage.cite_around(reading.pages, &hit.range),
        });
    }
}

fn explicit_history(text: &str, range: &Range<usize>) -> bool {
    let before = &text[clause_from(text, range.start)..range.start];
    context::says(before, &["history of", "h o", "hx of", "prior", "previous", "remote", "past", "former"])
}

/// Denials are worth keeping where someone asked for them, not in a review of systems.
fn worth_denying(section: Section) -> bool {
    matches!(
        section,
        Section::Pmh
            | Section::Hpi
            | Section::Assessment
            | Section::Impression
            | Section::Reason
            | Section::Top
            | Section::Other
    )
}

/// "Diabetes Association", "hypertension clinic", "cancer screening", "stroke unit"
fn not_the_patients(text: &str, range: &Range<usize>) -> bool {
    let next = text[range.end..].split_whitespace().next().unwrap_or_default().to_lowercase();
    let next = next.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(
        next,
        "clinic"
            | "association"
            | "screening"
            | "society"
            | "center"
            | "unit"
            | "vaccine"
            | "vaccination"
            | "shot"
            | "prophylaxis"
            | "education"
            | "specialist"
            | "foundation"
            | "panel"
            | "team"
            | "test"
            | "antibody"
            | "serology"
            | "guidelines"
            | "diet"
            | "precautions"
    )
}

/// The name with the words that make it this patient's: side, stage, kind.
fn specific(text: &str, range: &Range<usize>, name: &'static str) -> String {
    let written = &text[range.clone()];
    let before: Vec<&str> = text[..range.start].split_whitespace().rev().take(1).collect();
    let side = before.first().map(|word| word.to_lowercase()).filter(|word| {
        matches!(word.as_str(), "left" | "right" | "bilateral" | "acute" | "chronic" | "recurrent" | "severe")
    });
    let abbreviation = written.len() <= 5 && written.chars().filter(|c| c.is_uppercase()).count() >= 2;
    let base = if abbreviation { name.to_owned() } else { lower(written) };
    let stage = static_stage(&text[range.end..]);
    let mut full = side.map_or(base.clone(), |side| format!("{side} {base}"));
    if let Some(stage) = stage {
        full.push(' ');
        full.push_str(&stage);
    }
    capital(&full)
}

fn static_stage(after: &str) -> Option<String> {
    static STAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^,?\s+(?P<s>(?i:stage|grade|class|type)\s+(?:[0-9][ab]?|I{1,3}V?|IV))\b")
            .expect("a fixed pattern")
    });
    STAGE.captures(after).map(|found| found["s"].to_owned())
}

fn lower(written: &str) -> String {
    if written.contains(' ') && !written.chars().any(char::is_lowercase) {
        return written.to_lowercase();
    }
    written
        .split(' ')
        .map(|word| {
            let capitals = word.chars().filter(|c| c.is_uppercase()).count();
            let all = word.chars().filter(|c| c.is_alphabetic()).count();
            // Shouted words are set back; abbreviations stay.
            if capitals >= 2 && (all <= 5 || capitals < all) { word.to_owned() } else { word.to_lowercase() }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn clause(text: &str, from: usize) -> usize {
    text[from..].find([';', ',']).map_or(text.len(), |at| {
        // A bracket after the name belongs to it: "anemia (2018, resolved with iron)".
        let bracket = text[from..].find('(').filter(|open| *open < at);
        bracket
            .and_then(|open| text[from + open..].find(')').map(|close| from + open + close))
            .unwrap_or(from + at)
    })
}

fn clause_from(text: &str, to: usize) -> usize {
    text[..to].rfind([';', ',']).map_or(0, |at| at + 1)
}

static NAME_ENDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s[-–—]\s|\s*[:;(,=]|\.\s|\.$|\s(?i:with|on|s/p|status|since|diagnosed|due|secondary|managed|followed|well|for|in|is|was|from|per|vs|currently)\b").expect("a fixed pattern")
});

/// An entry of a problem list that no list of ours knows: its words up to the first mark.
fn entry(reading: &Reading<'_>, passage: &Passage, order: usize, found: &mut Vec<Mention>) {
    let text = passage.text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let skipped = passage.text.len() - text.len();
    let end = NAME_ENDS.find(text).map_or(text.len(), |found| found.start());
    let name = text[..end].trim();
    let range = skipped..skipped + end;
    if !may_be_problem(passage, name) {
        return;
    }
    let assertion = context::assertion(&passage.text, &range, passage.section);
    if matches!(assertion, Assertion::Negated | Assertion::Family) {
        return;
    }
    let closed = CLOSED.is_match(&passage.text) || passage.section == Section::Resolved;
    found.push(Mention {
        key: name.to_lowercase(),
        name: capital(&lower(name)),
        assertion: if closed { Assertion::Historical } else { assertion },
        status: if closed { ClinicalStatus::Past } else { ClinicalStatus::Active },
        date: passage.date,
        order,
        listed: true,
        never: false,
        closed,
        citation: passage.cite_around(reading.pages, &range),
    });
}

/// What begins or ends an entry that is a deed and no diagnosis.
const DONE: [&str; 45] = [
    "provided",
    "review",
    "today",
    "vaccination",
    "given",
    "scheduled",
    "education",
    "recommendation",
    "recommendations",
    "note",
    "care",
    "planning",
    "follow-up",
    "followup",
    "labs",
    "immunizations",
    "guidance",
    "protocol",
    "screening",
    "instructions",
    "prn",
    "smoking",
    "alcohol",
    "nutrition",
    "dietary",
    "diet",
    "disposition",
    "code",
    "push",
    "work",
    "rtc",
    "crutches",
    "dvt-prophylaxis",
    "prophylaxis",
    "counseling",
    "discharge",
    "dispo",
    "maintenance",
    "vaccines",
    "vaccine",
    "referral",
    "symptoms",
    "worsen",
    "improvement",
    "strong",
];

fn may_be_problem(passage: &Passage, name: &str) -> bool {
    const NOT: [&str; 70] = [
        "patient",
        "the",
        "she",
        "he",
        "pt",
        "plan",
        "continue",
        "start",
        "follow",
        "see",
        "return",
        "none",
        "no",
        "discussed",
        "recommend",
        "will",
        "check",
        "order",
        "repeat",
        "monitor",
        "labs",
        "we",
        "her",
        "his",
        "if",
        "given",
        "overall",
        "this",
        "these",
        "as",
        "also",
        "per",
        "reviewed",
        "denies",
        "otherwise",
        "in",
        "on",
        "at",
        "will",
        "refer",
        "obtain",
        "increase",
        "decrease",
        "hold",
        "stop",
        "ms",
        "mr",
        "mrs",
        "dr",
        "i",
        "and",
        "to",
        "add",
        "resume",
        "advised",
        "counseled",
        "encouraged",
        "schedule",
        "appears",
        "now",
        "with",
        "new",
        "a",
        "an",
        "today",
        "time",
        "has",
        "had",
        "is",
        "was",
    ];
    let words: Vec<String> = name
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .collect();
    let listed = passage.numbered || passage.section != Section::Assessment;
    let done = words.first().into_iter().chain(words.last()).any(|word| DONE.contains(&word.as_str()));
    listed
        && !done
        && (1..=9).contains(&words.len())
        && (4..=80).contains(&name.len())
        && !NOT.contains(&words[0].as_str())
        && name.chars().filter(|c| c.is_alphabetic()).count() * 10 >= name.len() * 7
        && DRUGS.exact(&words[0]).is_none()
        && [&*LABS, &*IMAGING, &*PROCEDURES]
            .iter()
            .all(|terms| terms.find(name, &crate::lexicon::keys(name)).is_empty())
        && !(passage.text.ends_with('.') && passage.text.split_whitespace().count() > 14)
}

/// One problem per name; what is said of relatives stays apart.
pub(crate) fn merged(mentions: &[Mention]) -> Vec<Problem> {
    let groups = grouped(
        mentions
            .iter()
            .map(|mention| ((mention.key.clone(), mention.assertion == Assertion::Family), mention)),
    );
    let mut problems: Vec<Problem> = groups.into_iter().map(|group| problem(&group)).collect();
    problems.sort_by_key(|problem| match (problem.statement.assertion, problem.status) {
        (Assertion::Present, ClinicalStatus::Active) => 0,
        (Assertion::Possible, ClinicalStatus::Active | ClinicalStatus::Past) => 1,
        (Assertion::Present | Assertion::Historical, ClinicalStatus::Past | ClinicalStatus::Active) => 2,
        (Assertion::Family, ClinicalStatus::Active | ClinicalStatus::Past) => 3,
        (Assertion::Negated, ClinicalStatus::Active | ClinicalStatus::Past) => 4,
    });
    problems
}

fn problem(group: &[&Mention]) -> Problem {
    let said = |assertion| group.iter().any(|mention| mention.assertion == assertion);
    let when = |mention: &Mention| (mention.date, mention.order);
    let newest = |assertion| group.iter().filter(|it| it.assertion == assertion).map(|it| when(it)).max();
    // A suspicion that a later page rules out is a denial.
    let open = if newest(Assertion::Negated) > newest(Assertion::Possible) {
        [Assertion::Negated, Assertion::Possible]
    } else {
        [Assertion::Possible, Assertion::Negated]
    };
    let assertion = [Assertion::Present, Assertion::Historical]
        .into_iter()
        .chain(open)
        .find(|assertion| said(*assertion))
        .unwrap_or(Assertion::Family);
    let last = |status| {
        group
            .iter()
            .filter(|mention| {
                mention.status == status
                    && matches!(mention.assertion, Assertion::Present | Assertion::Historical)
            })
            .map(|mention| when(mention))
            .max()
    };
    // "Prior admission for lupus" ends nothing that another page calls active.
    let over = group.iter().filter(|it| it.closed).map(|it| when(it)).max();
    let status = match (
        last(ClinicalStatus::Active).map_or_else(|| last(ClinicalStatus::Past), |_| over),
        last(ClinicalStatus::Active),
    ) {
        (Some(past), Some(active)) if past > active => ClinicalStatus::Past,
        (Some(_), None) => ClinicalStatus::Past,
        (Some(_) | None, Some(_)) | (None, None) => ClinicalStatus::Active,
    };
    let assertion = match (assertion, status) {
        (Assertion::Present, ClinicalStatus::Past) => Assertion::Historical,
        (other, ClinicalStatus::Active | ClinicalStatus::Past) => other,
    };
    let name = group
        .iter()
        .filter(|mention| {
            mention.assertion == assertion
                || (assertion == Assertion::Historical && mention.assertion == Assertion::Present)
        })
        .max_by_key(|mention| (mention.listed, mention.name.len().min(40)))
        .map_or_else(|| group[0].name.clone(), |mention| mention.name.clone());
    let text = match assertion {
        Assertion::Present if status == ClinicalStatus::Active => name.clone(),
        Assertion::Present | Assertion::Historical => format!("{name} (past)"),
        Assertion::Possible => format!("Possible: {}", lower(&name)),
        Assertion::Family => format!("Family history: {}", lower(&name)),
        Assertion::Negated => format!("No {}", lower(&name)),
    };
    let mut citations = Vec::new();
    for mention in group
        .iter()
        .filter(|mention| mention.assertion == assertion && mention.listed)
        .chain(group.iter().filter(|mention| mention.assertion == assertion))
    {
        statements::cite(&mut citations, mention.citation.clone());
    }
    if citations.is_empty() {
        statements::cite(&mut citations, group[0].citation.clone());
    }
    Problem { statement: statements::statement(text, assertion, citations), name, status }
}
