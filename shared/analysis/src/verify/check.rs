//! The check of a claim against one of its passages.

use std::{collections::BTreeSet, ops::Range, slice, sync::LazyLock};

use maneiro_api::analysis::{Assertion, DoubtReason};
use regex::Regex;
use time::{Date, Duration, Month};

use super::{
    claim::{Claim, ClaimKind},
    fields::{
        FieldToken, canonical, field_tokens, find_values, has_unit, is_listed_unit, numbers, stands_in,
        stands_in_order, stands_in_row,
    },
    passage::{CheckedPage, QuotedPassage, ValueColumn},
    sense::{ReadSense, read_sense, read_text},
    status::{is_given_once, is_not_taken, says_not_taken, says_over},
};
use crate::{
    dates::find_dates,
    lexicon::{
        DRUGS, HYPOTHETICAL_CUES, IMAGING, LABS, PROBLEMS, PROCEDURES, SIGNS_SYMPTOMS, TermList, VITAL_SIGNS,
        WordToken, contains_phrase, find_phrase, word_keys, word_tokens,
    },
    text::{is_negation, is_within_one_edit},
};

/// What an encounter gives beside the passage.
pub(super) struct EncounterDays<'a> {
    /// The days at the head of the page, or of the last page before it that has one.
    pub(super) head: &'a [Date],
}

/// Why a claim is doubtful by a passage.
pub(super) fn doubts(
    claim: &Claim,
    page: &CheckedPage,
    passage: &QuotedPassage,
    days: &EncounterDays<'_>,
) -> BTreeSet<DoubtReason> {
    let mut doubts = BTreeSet::new();
    if claim.kind == ClaimKind::OtherPatient {
        return doubts;
    }
    let mut region = passage.quote.clone();
    let mut title = String::new();
    if let Some(name) = claim.name.as_deref() {
        let mentions = locate(claim.kind, name, passage);
        let denies_all = claim.kind == ClaimKind::Allergy && is_denial_of_allergies(claim, passage);
        match mentions.first() {
            Some(first) => {
                if !mentions.iter().any(|mention| agrees(claim, passage, mention)) {
                    doubts.insert(DoubtReason::Assertion);
                }
                if claims_end(claim)
                    && !mentions.iter().any(|mention| says_over(passage, mention, claim.state))
                {
                    doubts.insert(DoubtReason::Status);
                }
                if is_shown_as_taken(claim) && says_not_taken_now(passage, &mentions) {
                    doubts.insert(DoubtReason::Status);
                }
                region = region_of(claim.kind, passage, first);
            }
            None if denies_all => {}
            None => match named_column(claim, name, page, passage) {
                Some(column) => {
                    if !agrees(claim, passage, &column.cell) {
                        doubts.insert(DoubtReason::Assertion);
                    }
                    region = column.cell;
                    title = column.title;
                }
                None => {
                    doubts.insert(DoubtReason::Name);
                }
            },
        }
    } else if claim.kind != ClaimKind::Conflict && !terms_agree(&claim.text, passage) {
        doubts.insert(DoubtReason::Assertion);
    }
    if claim.kind == ClaimKind::Observation {
        check_words(claim, passage, &mut doubts);
    }
    check_fields(claim, page, passage, &region, &title, &mut doubts);
    check_date(claim, page, passage, days, &mut doubts);
    if claim.name.as_deref().is_some_and(|name| !text_agrees(claim, name)) {
        doubts.insert(DoubtReason::Assertion);
    }
    doubts
}

/// The words of a sentence without a name must stand in its passage, and it must deny what the quote denies.
fn check_words(claim: &Claim, passage: &QuotedPassage, doubts: &mut BTreeSet<DoubtReason>) {
    const MIN_WORD_BYTES: usize = 4;
    let keys = word_keys(&claim.text);
    let is_long = |key: &&String| key.len() >= MIN_WORD_BYTES && !is_negation(key);
    let long: Vec<&String> = keys.iter().filter(is_long).collect();
    let wanted: Vec<&String> = if long.is_empty() { keys.iter().collect() } else { long };
    let stands = |key: &String| {
        let stem = key.get(..MIN_WORD_BYTES).unwrap_or(key);
        passage
            .tokens
            .iter()
            .any(|token| token.key == *key || key.len() > MIN_WORD_BYTES && token.key.starts_with(stem))
    };
    if !wanted.into_iter().all(stands) {
        doubts.insert(DoubtReason::Name);
    }
    let denies = keys.iter().any(|key| is_negation(key)) || claim.assertion == Some(Assertion::Negated);
    let quoted = passage
        .tokens
        .iter()
        .filter(|token| token.range.start >= passage.quote.start && token.range.end <= passage.quote.end);
    if denies != quoted.into_iter().any(|token| is_negation(&token.key)) {
        doubts.insert(DoubtReason::Assertion);
    }
}

fn check_fields(
    claim: &Claim,
    page: &CheckedPage,
    passage: &QuotedPassage,
    region: &Range<usize>,
    column_title: &str,
    doubts: &mut BTreeSet<DoubtReason>,
) {
    let text = &passage.text[region.clone()];
    let words = field_tokens(text);
    let mut need = |field: &Option<String>, doubt, holds: &dyn Fn(&str, &[FieldToken]) -> bool| {
        if field.as_deref().is_some_and(|field| !holds(field, &words)) {
            doubts.insert(doubt);
        }
    };
    need(&claim.dose, DoubtReason::Dose, &|dose, words| stands_in(dose, words) || stands_in_row(dose, words));
    need(&claim.route, DoubtReason::Route, &stands_in);
    need(&claim.frequency, DoubtReason::Frequency, &|frequency, words| {
        stands_in(frequency, words) || stands_in_order(frequency, words)
    });
    need(&claim.reaction, DoubtReason::Text, &|reaction, _| {
        let whole = field_tokens(&passage.text);
        stands_in(reaction, &whole)
    });
    need(&claim.reference_range, DoubtReason::ReferenceRange, &|range, words| {
        let present: Vec<&str> = words.iter().map(|token| token.key.as_str()).collect();
        field_tokens(range)
            .iter()
            .filter(|token| token.is_number)
            .all(|token| present.contains(&token.key.as_str()))
    });
    need(&claim.unit, DoubtReason::Unit, &|unit, _| has_unit(unit, text) || has_unit(unit, column_title));
    if claim.words.iter().any(|field| !stands_in(field, &field_tokens(&passage.text))) {
        doubts.insert(DoubtReason::Text);
    }
    // What is meant must be a reading of what stands there, and what stands there is looked up.
    let is_slip = claim.value_as_read.as_deref().zip(claim.value.as_deref());
    if is_slip.is_some_and(|(read, meant)| !is_reading_slip(read, meant)) {
        doubts.insert(DoubtReason::Value);
    }
    if let Some(value) = claim.value_as_read.as_ref().or(claim.value.as_ref()) {
        match find_values(value, text, &words).next() {
            None => {
                doubts.insert(DoubtReason::Value);
            }
            Some(found) => {
                let found = region.start + found.start..region.start + found.end;
                let column = page.column_date(passage, &found);
                if claim.date.is_some()
                    && column.is_some()
                    && passage.dates.is_empty()
                    && claim.date != column
                {
                    doubts.insert(DoubtReason::Date);
                }
            }
        }
    }
}

fn check_date(
    claim: &Claim,
    page: &CheckedPage,
    passage: &QuotedPassage,
    days: &EncounterDays<'_>,
    doubts: &mut BTreeSet<DoubtReason>,
) {
    if let Some((due, noted)) = claim.due
        && !passage.dates.contains(&due)
        && due_after(&passage.text, noted) != Some(due)
    {
        doubts.insert(DoubtReason::Date);
    }
    let Some(date) = claim.date else { return };
    let is_given = passage.dates.contains(&date)
        || passage.panel_dates.contains(&date)
        || page.head_dates.contains(&date)
        || days.head.contains(&date)
        || page.signed_dates().any(|signed| signed == date);
    if !is_given {
        doubts.insert(DoubtReason::Date);
    }
}

/// The day that an interval after a note comes to: "in 6 weeks".
fn due_after(text: &str, noted: Option<Date>) -> Option<Date> {
    static INTERVAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:in|after)\s+(?P<count>\d{1,2})\s*-?\s*(?P<unit>day|week|wk|month|mo|year|yr)")
            .expect("a fixed pattern")
    });
    let found = INTERVAL.captures(text)?;
    let (noted, count): (Date, i32) = (noted?, found["count"].parse().ok()?);
    let months = match found["unit"].to_lowercase().as_str() {
        "day" => return noted.checked_add(Duration::days(count.into())),
        "week" | "wk" => return noted.checked_add(Duration::weeks(count.into())),
        "month" | "mo" => count,
        _ => 12 * count,
    };
    let month = i32::from(u8::from(noted.month())) - 1 + months;
    let year = noted.year() + month.div_euclid(12);
    let month = Month::try_from(u8::try_from(month.rem_euclid(12) + 1).ok()?).ok()?;
    Date::from_calendar_date(year, month, noted.day().min(month.length(year))).ok()
}

/// Whether a value is what another is meant to be, apart from letters that are read for digits.
fn is_reading_slip(read: &str, meant: &str) -> bool {
    let as_digits = |text: &str| -> String {
        let digits = text.chars().filter(|c| !c.is_whitespace()).map(|c| match c {
            'O' | 'o' | 'Q' | 'D' => '0',
            'l' | 'I' | 'i' | '|' | '!' => '1',
            'Z' | 'z' => '2',
            'S' | 's' => '5',
            'b' | 'G' => '6',
            'B' => '8',
            'g' | 'q' => '9',
            ',' => '.',
            other => other,
        });
        digits.collect()
    };
    as_digits(read) == as_digits(meant)
}

/// Whether a claim shows a medicine as taken: active, and its sentence says nothing else, as "(on hold)" does.
pub(super) fn is_shown_as_taken(claim: &Claim) -> bool {
    claim.kind == ClaimKind::Medication
        && claim.assertion == Some(Assertion::Present)
        && !claim.is_past
        && claim.state.is_none()
        && !says_not_taken(&claim.text)
}

/// Whether a claim says that a medicine is over, held or only planned: then the passage must say so.
fn claims_end(claim: &Claim) -> bool {
    claim.kind == ClaimKind::Medication && (claim.is_past || claim.state.is_some())
}

fn says_not_taken_now(passage: &QuotedPassage, mentions: &[Range<usize>]) -> bool {
    mentions.iter().all(|mention| is_not_taken(passage, mention) || is_given_once(passage, mention))
}

/// Whether a passage says that the claimed medicine is taken, or that it is not; none if it does not name it.
pub(super) fn says_taken(claim: &Claim, passage: &QuotedPassage) -> Option<bool> {
    let name = claim.name.as_deref().filter(|_| claim.kind == ClaimKind::Medication)?;
    let mentions = locate(claim.kind, name, passage);
    (!mentions.is_empty()).then(|| !says_not_taken_now(passage, &mentions))
}

/// Which dose of a medicine a passage gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuotedDose {
    Claimed,
    /// Another amount in the same unit.
    Other,
}

/// Which dose of the claimed medicine a passage gives, if it gives one.
pub(super) fn quoted_dose(claim: &Claim, passage: &QuotedPassage) -> Option<QuotedDose> {
    let (name, dose) = claim.name.as_deref().zip(claim.dose.as_deref())?;
    let mention = locate(claim.kind, name, passage).into_iter().next()?;
    let words = field_tokens(&passage.text[region_of(claim.kind, passage, &mention)]);
    if stands_in(dose, &words) || stands_in_row(dose, &words) {
        return Some(QuotedDose::Claimed);
    }
    let unit = field_tokens(dose).into_iter().find(|token| !token.is_number)?;
    let is_amount =
        |pair: &[FieldToken]| pair[0].is_number && canonical(&pair[1..]) == canonical(slice::from_ref(&unit));
    words.windows(2).any(is_amount).then_some(QuotedDose::Other)
}

/// Whether a mention of a claim's name says what the claim says.
fn agrees(claim: &Claim, passage: &QuotedPassage, mention: &Range<usize>) -> bool {
    let read = read_sense(passage, mention);
    let Some(assertion) = claim.assertion else { return true };
    // "SARS-CoV-2: not detected" is a result.
    let is_word_result =
        claim.value.as_deref().is_some_and(|value| !value.contains(|c: char| c.is_ascii_digit()));
    let is_of_patient_or_kin = match claim.kind {
        ClaimKind::Measurement if is_word_result => read != ReadSense::OfRelative,
        // What is given for a reason, or measured in case of something, is given and measured.
        ClaimKind::Medication | ClaimKind::Measurement | ClaimKind::Procedure => {
            !matches!(read, ReadSense::Denied | ReadSense::OfRelative)
        }
        ClaimKind::Problem
        | ClaimKind::Allergy
        | ClaimKind::Observation
        | ClaimKind::Sentence
        | ClaimKind::Conflict
        | ClaimKind::OtherPatient => {
            matches!(read, ReadSense::Affirmed | ReadSense::Past)
        }
    };
    match assertion {
        Assertion::Present => is_of_patient_or_kin,
        Assertion::Historical => {
            is_of_patient_or_kin
                || claim.kind == ClaimKind::Medication && claim.is_past && read == ReadSense::Denied
        }
        Assertion::Negated => read == ReadSense::Denied,
        Assertion::Possible | Assertion::Planned => {
            matches!(read, ReadSense::Doubted | ReadSense::Intended)
                || HYPOTHETICAL_CUES.is_in(&passage.tokens)
                || assertion == Assertion::Planned && claim.kind != ClaimKind::Problem
        }
        Assertion::Family => read == ReadSense::OfRelative,
    }
}

/// Whether the sentence of a claim says of its name what the claim says.
fn text_agrees(claim: &Claim, name: &str) -> bool {
    let Some(assertion) = claim.assertion else { return true };
    let tokens = word_tokens(&claim.text);
    let keys = word_keys(name);
    // A name alone is no sentence: the assertion stands beside it.
    let Some(range) = find_phrase(&tokens, &keys).filter(|_| tokens.len() > keys.len()) else { return true };
    let read = read_text(&claim.text, &range);
    match assertion {
        Assertion::Present => {
            read == ReadSense::Denied && claim.value.is_some()
                || !matches!(read, ReadSense::Denied | ReadSense::OfRelative)
        }
        Assertion::Historical => claim.is_past || !matches!(read, ReadSense::Denied | ReadSense::OfRelative),
        Assertion::Negated => {
            read == ReadSense::Denied
                || claim.kind == ClaimKind::Allergy && name.to_lowercase().starts_with("no ")
        }
        Assertion::Possible | Assertion::Planned => {
            !matches!(read, ReadSense::Denied | ReadSense::OfRelative)
        }
        Assertion::Family => read == ReadSense::OfRelative,
    }
}

/// Whether a sentence without a name says of each problem in it what the passage says.
fn terms_agree(text: &str, passage: &QuotedPassage) -> bool {
    let tokens = word_tokens(text);
    let in_passage = PROBLEMS.find(&passage.text, &passage.tokens);
    PROBLEMS.find(text, &tokens).iter().all(|stated| {
        let said = class(read_text(text, &stated.range));
        let mut same = in_passage.iter().filter(|term| term.entry == stated.entry).peekable();
        same.peek().is_none() || same.any(|term| class(read_sense(passage, &term.range)) == said)
    })
}

fn class(sense: ReadSense) -> u8 {
    match sense {
        ReadSense::Affirmed | ReadSense::Past | ReadSense::Doubted | ReadSense::Intended => 0,
        ReadSense::Denied => 1,
        ReadSense::OfRelative => 2,
    }
}

fn is_denial_of_allergies(claim: &Claim, passage: &QuotedPassage) -> bool {
    let denials = [
        "nka",
        "nkda",
        "no known",
        "none",
        "denies",
        "no allergies",
        "no drug",
        "no medication",
        "not allergic",
        "negadas",
        "niega",
    ];
    claim.assertion == Some(Assertion::Negated) && contains_phrase(&passage.tokens, &denials)
}

/// The lists in which a name may stand under several words.
fn lists(kind: ClaimKind) -> Vec<&'static TermList> {
    match kind {
        ClaimKind::Medication | ClaimKind::Allergy => vec![&*DRUGS],
        ClaimKind::Measurement => vec![&*LABS, &*VITAL_SIGNS],
        ClaimKind::Procedure => vec![&*PROCEDURES, &*IMAGING],
        ClaimKind::Problem
        | ClaimKind::Observation
        | ClaimKind::Sentence
        | ClaimKind::Conflict
        | ClaimKind::OtherPatient => {
            vec![&*PROBLEMS, &*SIGNS_SYMPTOMS]
        }
    }
}

/// The places of a quote that name something.
fn locate(kind: ClaimKind, name: &str, passage: &QuotedPassage) -> Vec<Range<usize>> {
    let is_quoted =
        |range: &Range<usize>| range.start >= passage.quote.start && range.end <= passage.quote.end;
    let keys = word_keys(name);
    let mut found: Vec<Range<usize>> = passage
        .tokens
        .windows(keys.len().max(1))
        .filter(|window| !keys.is_empty() && window.iter().zip(&keys).all(|(token, key)| token.key == *key))
        .map(|window| window[0].range.start..window[window.len() - 1].range.end)
        .filter(|range| is_quoted(range))
        .collect();
    if !found.is_empty() {
        return found;
    }
    for list in lists(kind) {
        let named: Vec<usize> = match list.find_exact(name) {
            Some(entry) => vec![entry],
            None => list.find(name, &word_tokens(name)).into_iter().map(|term| term.entry).collect(),
        };
        found.extend(
            list.find(&passage.text, &passage.tokens)
                .into_iter()
                .filter(|term| named.contains(&term.entry) && is_quoted(&term.range))
                .map(|term| term.range),
        );
    }
    if found.is_empty() {
        found.extend(locate_by_words(&keys, passage).filter(|range| is_quoted(range)));
    }
    found
}

/// Where most words of a name stand close together.
fn locate_by_words(keys: &[String], passage: &QuotedPassage) -> Option<Range<usize>> {
    const MIN_KEY_BYTES: usize = 3;
    const MIN_FUZZY_BYTES: usize = 6;
    const MIN_STEM_BYTES: usize = 5;
    let wanted: Vec<&String> = keys.iter().filter(|key| key.len() >= MIN_KEY_BYTES).collect();
    if wanted.is_empty() {
        return None;
    }
    let is_same = |token: &WordToken, key: &str| {
        token.key == key
            || token.key.len().min(key.len()) >= MIN_FUZZY_BYTES && is_within_one_edit(&token.key, key)
            || token.key.len().min(key.len()) >= MIN_STEM_BYTES
                && (token.key.starts_with(key) || key.starts_with(token.key.as_str()))
    };
    let length = keys.len() + 4;
    let windows = passage.tokens.windows(length.min(passage.tokens.len()).max(1));
    let best = windows.max_by_key(|window| {
        wanted.iter().filter(|key| window.iter().any(|token| is_same(token, key))).count()
    })?;
    let hits: Vec<&WordToken> =
        best.iter().filter(|token| wanted.iter().any(|key| is_same(token, key))).collect();
    let count = wanted.iter().filter(|key| hits.iter().any(|token| is_same(token, key))).count();
    (count * 10 >= wanted.len() * 6)
        .then(|| Some(hits.first()?.range.start..hits.last()?.range.end))
        .flatten()
}

/// The column that names a measurement in its title and has its value in a cell of the passage.
fn named_column(
    claim: &Claim,
    name: &str,
    page: &CheckedPage,
    passage: &QuotedPassage,
) -> Option<ValueColumn> {
    let value = claim.value.as_deref().filter(|_| claim.kind == ClaimKind::Measurement)?;
    let named = |text: &str| -> Vec<(usize, usize)> {
        let lists = lists(claim.kind).into_iter().enumerate();
        let tokens = word_tokens(text);
        lists
            .flat_map(|(at, list)| list.find(text, &tokens).into_iter().map(move |term| (at, term.entry)))
            .collect()
    };
    let wanted = named(name);
    let quoted = &passage.text[passage.quote.clone()];
    find_values(value, quoted, &field_tokens(quoted))
        .map(|found| passage.quote.start + found.start..passage.quote.start + found.end)
        .filter_map(|found| page.column(passage, &found))
        .find(|column| {
            word_keys(&column.title) == word_keys(name)
                || named(&column.title).iter().any(|term| wanted.contains(term))
        })
}

/// Words before a drug among which its dose may stand: "500 mg of metformin".
const MAX_WORDS_BEFORE_NAME: usize = 3;

/// The part of a passage that speaks of one of several named things: from the one before to the one after.
fn region_of(kind: ClaimKind, passage: &QuotedPassage, mention: &Range<usize>) -> Range<usize> {
    let others: Vec<Range<usize>> = match kind {
        ClaimKind::Medication => DRUGS.find(&passage.text, &passage.tokens),
        ClaimKind::Measurement => {
            let mut terms = LABS.find(&passage.text, &passage.tokens);
            terms.extend(VITAL_SIGNS.find(&passage.text, &passage.tokens));
            terms
        }
        ClaimKind::Problem
        | ClaimKind::Allergy
        | ClaimKind::Procedure
        | ClaimKind::Observation
        | ClaimKind::Sentence
        | ClaimKind::Conflict
        | ClaimKind::OtherPatient => return passage.quote.clone(),
    }
    .into_iter()
    .map(|term| term.range)
    .filter(|range| !is_in_unit(&passage.text, range))
    .collect();
    let is_same = |range: &Range<usize>| {
        // "Lipitor (atorvastatin) 40 mg": a name in brackets after the name is the same thing.
        passage.text[mention.end.min(range.start)..range.start].trim() == "("
    };
    let end = others
        .iter()
        .filter(|range| range.start >= mention.end && !is_same(range))
        .map(|range| range.start)
        .min()
        .unwrap_or(passage.text.len());
    let end = end.min(passage.quote.end).max(mention.end);
    let start = match kind {
        // A dose may stand before the name: "500 mg of metformin".
        ClaimKind::Medication => {
            let before = passage.tokens.iter().rev().filter(|token| token.range.end <= mention.start);
            let near =
                before.take(MAX_WORDS_BEFORE_NAME).last().map_or(mention.start, |token| token.range.start);
            let previous =
                others.iter().filter(|range| range.end <= mention.start).map(|range| range.end).max();
            near.max(previous.unwrap_or(0)).max(passage.quote.start).min(mention.start)
        }
        _ => mention.end,
    };
    start..end
}

/// Whether a term is a part of a unit, as the letter in "K/uL" is.
fn is_in_unit(text: &str, term: &Range<usize>) -> bool {
    let start = text[..term.start].rfind(' ').map_or(0, |at| at + 1);
    let end = text[term.end..].find(' ').map_or(text.len(), |at| term.end + at);
    text[start..end].contains('/') && is_listed_unit(text[start..end].trim_matches(['(', ')', ',', ';']))
}

/// Whether all numbers and sides of a claim's sentence stand in its passages, its fields or its day.
pub(super) fn text_is_supported(
    claim: &Claim,
    passages: &[(&CheckedPage, &QuotedPassage)],
    heads: &[Date],
) -> bool {
    let mut given: BTreeSet<String> = BTreeSet::new();
    let mut days: BTreeSet<Date> = claim.date.into_iter().collect();
    let mut words: BTreeSet<String> = BTreeSet::new();
    for (page, passage) in passages {
        given.extend(numbers(&passage.text));
        days.extend(find_dates(&passage.text, page.order()).into_iter().map(|found| found.date));
        words.extend(passage.tokens.iter().map(|token| token.key.clone()));
    }
    for day in days {
        given.extend([day.year().to_string(), u8::from(day.month()).to_string(), day.day().to_string()]);
    }
    let sides = [("left", ["left", "lt", "l", "lzqulerda"]), ("right", ["right", "rt", "r", "derecha"])];
    let stated = word_keys(&claim.text);
    let has_side = |(side, written): &(&str, [&str; 4])| {
        let is_stated = stated.iter().any(|key| key == side || side == &"right" && key == "rlght");
        !is_stated
            || written.iter().any(|word| words.contains(&word_keys(word).join(" ")))
            || words.contains("bllateral")
            || words.contains("both")
    };
    // A reader takes the day from the head of the note: a whole date of the sentence may stand there.
    let mut text = claim.text.clone();
    let found: Vec<Range<usize>> = passages
        .iter()
        .flat_map(|(page, _)| {
            find_dates(&claim.text, page.order()).into_iter().map(move |found| (page, found))
        })
        .filter(|(page, found)| page.head_dates.contains(&found.date) || heads.contains(&found.date))
        .map(|(_, found)| found.range)
        .collect();
    for range in found {
        let blank = " ".repeat(range.len());
        text.replace_range(range, &blank);
    }
    given.extend(
        claim.value.iter().filter(|_| claim.value_as_read.is_some()).flat_map(|value| numbers(value)),
    );
    numbers(&text).iter().all(|number| given.contains(number)) && sides.iter().all(has_side)
}
