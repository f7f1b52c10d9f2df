//! Units of laboratory results, after UCUM (The Unified Code for Units of Measure, ucum.org) and as laboratories print them:
//! in any case, with raised digits, with a space, or with one letter misread.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use crate::{lexicon::UNITS, text::is_within_one_edit};

/// A unit at the beginning of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenUnit {
    /// As written, unless a letter of it was misread.
    pub(super) text: String,
    /// Length in bytes.
    pub(super) end: usize,
}

/// Listed units by their folded form.
static LISTED: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut listed = HashMap::new();
    for group in UNITS.iter() {
        for written in std::iter::once(group.name).chain(group.members.iter().copied()) {
            listed.entry(fold_unit(written)).or_insert(group.name);
        }
    }
    listed
});

/// What may be a unit: up to three parts with slashes, a power of ten before it.
static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(?:
        [x×*]?\s?10\s?[\^*x°º'’eE]{0,2}\s?(?:[0-9]{1,2}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})\s?/\s?[a-zA-Zµμ]{1,3}3?
        | [a-zA-Zµμ%{\[][a-zA-Z0-9µμ%{}\[\].²³^]*(?:\s?/\s?(?:24\s?)?[a-zA-Zµμ1{][a-zA-Z0-9µμ{}._²³^]*){0,2}(?:\s(?:m[2²]|Cr|creat|Hg|H2O|sq\sm)\b)?
        | /\s?[a-zA-Zµμ]{1,5}3?
        )",
    )
    .expect("a fixed pattern")
});

/// The text without case, spaces and the many ways of writing a power of ten.
fn fold_unit(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'µ' | 'μ' => folded.push('u'),
            '⁰' => folded.push('0'),
            '¹' => folded.push('1'),
            '²' => folded.push('2'),
            '³' => folded.push('3'),
            '⁴'..='⁹' => folded.extend(char::from_digit(u32::from(c) - u32::from('⁰'), 10)),
            ' ' | '^' | '*' | '°' | 'º' | '\'' | '’' => {}
            c => folded.extend(c.to_lowercase()),
        }
    }
    let bare = folded.trim_start_matches(['x', '×']);
    let folded = if bare.starts_with("10") { bare } else { folded.as_str() };
    // "10x3", "10e3".
    if let Some(power) = folded.strip_prefix("10x").or_else(|| folded.strip_prefix("10e")) {
        return format!("10{power}").replace("mcl", "ul");
    }
    folded.replace("mcl", "ul").replace("mcg", "ug")
}

/// The listed unit that a text is.
fn find_listed(text: &str) -> Option<&'static str> {
    LISTED.get(&fold_unit(text)).copied()
}

/// The listed unit that a text is but for one letter, or for `m` read as `rn` or `in`.
fn find_misread(text: &str) -> Option<&'static str> {
    let folded = fold_unit(text);
    for (misread, letter) in [("rn", "m"), ("in", "m"), ("1", "l"), ("0", "o")] {
        if let Some(unit) = LISTED.get(&folded.replacen(misread, letter, 1)) {
            return Some(unit);
        }
    }
    if folded.len() < 4 || !folded.contains('/') || folded.starts_with("10") {
        return None;
    }
    // Units that differ in one letter, such as mg/dL and ug/dL, must not be taken for each other.
    let mut near: Vec<&'static str> = LISTED
        .iter()
        .filter(|(key, _)| key.len() >= 4 && is_within_one_edit(key, &folded))
        .map(|(_, unit)| *unit)
        .collect();
    near.sort_unstable();
    near.dedup();
    match near.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

/// The unit at the beginning of a text, if it is listed or a misread one.
pub(super) fn parse_unit(text: &str) -> Option<WrittenUnit> {
    let found = CANDIDATE.find(text)?;
    let mut ends: Vec<usize> = vec![found.end()];
    ends.extend(found.as_str().match_indices(' ').map(|(at, _)| at).rev());
    let candidates = ends.into_iter().map(|end| text[..end].trim_end_matches(['.', ' '])).filter(|unit| {
        let next = text[unit.len()..].chars().next();
        !next.is_some_and(|c| c.is_alphanumeric() || c == '/')
    });
    for unit in candidates.clone() {
        if find_listed(unit).is_some() && !is_word(unit) {
            return Some(WrittenUnit { text: written_form(unit), end: unit.len() });
        }
    }
    candidates.filter(|unit| !is_word(unit)).find_map(|unit| {
        find_misread(unit).map(|listed| WrittenUnit { text: listed.to_owned(), end: unit.len() })
    })
}

/// Whether a word of the language is no unit here: "s" and "min" are, "H" is a flag.
fn is_word(unit: &str) -> bool {
    matches!(unit, "H" | "L" | "A" | "a" | "in" | "In" | "S" | "Min" | "Index" | "Cr" | "T" | "G")
}

/// The unit as written, with `^` before the power of ten where recognition has another mark.
fn written_form(unit: &str) -> String {
    ["10*", "10°", "10º"]
        .iter()
        .find_map(|power| unit.strip_prefix(power))
        .map_or_else(|| unit.to_owned(), |rest| format!("10^{rest}"))
}

/// The unit in a cell of the column of units: as written if it is not listed.
pub(super) fn unit_of_cell(cell: &str) -> Option<String> {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '|' | ',' | ';'));
    let is_empty = cell.is_empty() || cell.chars().all(|c| matches!(c, '-' | '–' | '—' | '.'));
    (!is_empty).then(|| {
        parse_unit(cell)
            .filter(|unit| unit.end == cell.len())
            .map_or_else(|| cell.to_owned(), |unit| unit.text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_as_laboratories_print_them() {
        for written in [
            "mg/dL",
            "mg/dl",
            "g/dL",
            "mU/l",
            "/nl",
            "G/L",
            "x10³/µL",
            "x10⁶/µL",
            "10^3/uL",
            "10E9/L",
            "10⁹/L",
            "K/uL",
            "mL/min/1.73m2",
            "mL/min/1.73 m2",
            "/HPF",
            "mm/hr",
            "µmol/L",
            "umol/L",
            "%",
            "IU/mL",
            "fL",
            "cells/µL",
            "mg/g Cr",
            "mmHg",
            "nmol/L",
            "uIU/mL",
        ] {
            let found = parse_unit(&format!("{written} 3.9"));
            assert_eq!(found.map(|unit| unit.text).as_deref(), Some(written), "{written}");
        }
    }

    #[test]
    fn one_misread_letter_is_restored() {
        for (written, unit) in [
            ("ing/dL", "mg/dL"),
            ("rng/dL", "mg/dL"),
            ("mg/d1", "mg/dL"),
            ("mmo1/L", "mmol/L"),
            ("rnmol/L", "mmol/L"),
            ("10*3/uL", "10^3/uL"),
        ] {
            assert_eq!(parse_unit(written).map(|unit| unit.text).as_deref(), Some(unit), "{written}");
        }
    }

    #[test]
    fn other_words_are_no_units() {
        for text in ["H", "L 3-5", "on 03/04/2024", "and stable", "tablets", "kg/dL2x", "days", "(12-15)"] {
            assert_eq!(parse_unit(text), None, "{text}");
        }
    }

    #[test]
    fn unknown_unit_of_a_cell_is_kept_as_written() {
        assert_eq!(unit_of_cell("zorks/5"), Some("zorks/5".to_owned()));
        assert_eq!(unit_of_cell(" mg/dl "), Some("mg/dl".to_owned()));
        assert_eq!(unit_of_cell("-"), None);
    }
}
