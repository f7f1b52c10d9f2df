//! Operations and other procedures.

use maneiro_api::analysis::{Assertion, Citation, Procedure};
use time::Date;

use crate::extract::{
    Reading, context,
    cross_page::pending_orders,
    input::dates,
    input::sections::Section,
    input::segmentation::Passage,
    statements::{self, capital, grouped},
};
use crate::lexicon::PROCEDURES;

/// A procedure and what the checks need to know of it.
pub(crate) struct Found {
    pub(crate) procedure: Procedure,
    pub(crate) key: String,
    pub(crate) order: usize,
}

struct Mention {
    key: String,
    name: String,
    date: Option<Date>,
    /// Year as written, where the day is not.
    year: Option<String>,
    order: usize,
    assertion: Assertion,
    citation: Citation,
}

/// All procedures, one per name and day.
pub(crate) fn procedures(reading: &Reading<'_>) -> Vec<Found> {
    let mut mentions = Vec::new();
    for (order, passage) in reading.passages.iter().enumerate() {
        if matches!(
            passage.section,
            Section::Furniture
                | Section::Family
                | Section::Immunizations
                | Section::Allergies
                | Section::Medications
                | Section::FollowUp
                | Section::Ros
        ) {
            continue;
        }
        of_passage(reading, passage, order, &mut mentions);
    }
    merged(mentions)
}

fn of_passage(reading: &Reading<'_>, passage: &Passage, order: usize, mentions: &mut Vec<Mention>) {
    let text = &passage.text;
    let hits = PROCEDURES.find(text, &passage.keys);
    for (at, hit) in hits.iter().enumerate() {
        let assertion = context::assertion(text, &hit.range, passage.section);
        let done = match assertion {
            Assertion::Present | Assertion::Historical => true,
            Assertion::Negated | Assertion::Possible | Assertion::Family => false,
        };
        let planned = matches!(passage.section, Section::Plan);
        let by_section = matches!(passage.section, Section::Psh | Section::Procedures | Section::OpNote);
        let from = if at == 0 { 0 } else { hits[at - 1].range.end };
        let until = hits.get(at + 1).map_or(text.len(), |next| next.range.start);
        if !done
            || (pending_orders::ordered(text, &hit.range) && !by_section)
            || (planned && !done_before(text))
            || !(by_section || told(text))
        {
            continue;
        }
        let near = |found: &dates::Found| found.range.start >= from && found.range.end <= until;
        let own = dates::find(text);
        let date = own
            .iter()
            .find(|found| found.range.start >= hit.range.end && near(found))
            .or_else(|| own.iter().find(|found| near(found)))
            .or_else(|| own.first().filter(|_| own.len() == 1 && hits.len() == 1))
            .map(|found| found.date)
            .or(passage.date.filter(|_| matches!(passage.section, Section::Procedures | Section::OpNote)));
        // A day to come is a plan.
        if passage.date.zip(date).is_some_and(|(today, date)| date > today) {
            continue;
        }
        let entry = PROCEDURES.entry(hit.entry);
        mentions.push(Mention {
            key: entry.name.to_owned(),
            name: if by_section && passage.leads && hit.range.start <= 24 && at == 0 {
                whole_entry(text)
            } else {
                with_side(text, hit.range.start, &text[hit.range.clone()])
            },
            date,
            year: year_after(&text[hit.range.end..until]),
            order,
            assertion: Assertion::Present,
            citation: passage.cite_around(reading.pages, &hit.range),
        });
    }
    if hits.is_empty() && passage.section == Section::Psh && passage.leads {
        unlisted(reading, passage, order, mentions);
    }
}

/// An entry of the surgical history that no list knows.
fn unlisted(reading: &Reading<'_>, passage: &Passage, order: usize, mentions: &mut Vec<Mention>) {
    let text = passage.text.trim();
    let end = text.find(['(', ',', ';', ':', '.']).unwrap_or(text.len());
    let name = text[..end].trim_end_matches(|c: char| !c.is_alphabetic());
    let words = name.split_whitespace().count();
    let none =
        context::says(text, &["none", "no", "denies", "unknown", "n a", "not", "negative", "reviewed"]);
    if none || !(1..=8).contains(&words) || name.len() < 5 {
        return;
    }
    mentions.push(Mention {
        key: name.to_lowercase(),
        name: capital(name),
        date: dates::first(text),
        year: year_after(text),
        order,
        assertion: Assertion::Present,
        citation: passage.cite_around(reading.pages, &passage.all()),
    });
}

/// The entry of a list of operations up to its first date, bracket or full stop.
fn whole_entry(text: &str) -> String {
    let date = dates::find(text).first().map_or(text.len(), |found| found.range.start);
    let mark = text.find(['(', ';', ':']).unwrap_or(text.len());
    let stop = text.find(". ").unwrap_or(text.len());
    let kept = text[..date.min(mark).min(stop)].trim_matches(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = kept.split_whitespace().take(16).collect();
    // A year at the end is the day, not the name.
    let year = words.last().is_some_and(|word| word.len() == 4 && word.chars().all(|c| c.is_ascii_digit()));
    let words = if year { &words[..words.len() - 1] } else { &words[..] };
    capital(words.join(" ").trim_end_matches([',', ' ', '-']))
}

/// In a plan, only these words tell of what is behind.
fn done_before(text: &str) -> bool {
    context::says(text, &["underwent", "s p", "status post", "performed", "completed", "post op", "was done"])
}

/// The sentence says that it was done, by a word or by a date.
fn told(text: &str) -> bool {
    context::says(
        text,
        &[
            "underwent",
            "performed",
            "s p",
            "status post",
            "had",
            "completed",
            "done",
            "post op",
            "postoperative",
            "postop",
            "following",
            "after",
            "received",
            "was",
            "were",
            "showed",
            "revealed",
            "demonstrated",
            "tolerated",
            "confirmed",
            "obtained",
            "normal",
            "history of",
            "prior",
            "previous",
            "today",
        ],
    ) || !dates::find(text).is_empty()
}

fn year_after(text: &str) -> Option<String> {
    let near: String = text.chars().take(24).collect();
    near.split(|c: char| !c.is_ascii_digit())
        .find(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20")))
        .map(str::to_owned)
}

/// Puts the side before the name, where the page has it.
pub(crate) fn with_side(text: &str, start: usize, written: &str) -> String {
    let before = text[..start].split_whitespace().next_back().unwrap_or_default().to_lowercase();
    let side = match before.trim_matches(|c: char| !c.is_alphabetic()) {
        "left" | "lt" => Some("left"),
        "right" | "rt" => Some("right"),
        "bilateral" => Some("bilateral"),
        _ => None,
    };
    capital(&side.map_or_else(|| written.to_owned(), |side| format!("{side} {written}")))
}

fn merged(mentions: Vec<Mention>) -> Vec<Found> {
    // A mention without a day joins the one of the same name that has one.
    let dated: Vec<(String, Option<Date>)> = mentions
        .iter()
        .filter(|mention| mention.date.is_some())
        .map(|mention| (mention.key.clone(), mention.date))
        .collect();
    let keyed = mentions.into_iter().map(|mention| {
        let date = mention
            .date
            .or_else(|| dated.iter().find(|(key, _)| *key == mention.key).and_then(|(_, date)| *date));
        ((mention.key.clone(), date), mention)
    });
    grouped(keyed.map(|(key, mention)| (key.clone(), (key.1, mention))))
        .into_iter()
        .map(|group| {
            let (date, first) = &group[0];
            let name = group.iter().map(|(_, mention)| &mention.name).max_by_key(|name| name.len()).cloned();
            let name = name.unwrap_or_else(|| first.name.clone());
            let year = group.iter().find_map(|(_, mention)| mention.year.clone());
            let text = match (date, year) {
                (Some(date), _) => format!("{name}, {date}"),
                (None, Some(year)) => format!("{name}, {year}"),
                (None, None) => name.clone(),
            };
            let mut citations = Vec::new();
            for (_, mention) in group.iter().filter(|(_, mention)| mention.date.is_some()).chain(&group) {
                statements::cite(&mut citations, mention.citation.clone());
            }
            Found {
                key: first.key.clone(),
                order: group.iter().map(|(_, mention)| mention.order).max().unwrap_or(0),
                procedure: Procedure {
                    statement: statements::statement(text, first.assertion, citations),
                    name,
                    date: *date,
                },
            }
        })
        .collect()
}
