//! Whether the words of a passage give a dose, a value, a unit or a number, read without the analyser.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use crate::{
    lexicon::UNITS,
    text::{TokenKind, fold, tokenise},
    word_list::{comma_separated, lines},
};

/// A word or number for comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldToken {
    pub(super) key: String,
    pub(super) is_number: bool,
    pub(super) range: Range<usize>,
}

/// The words and numbers of a text; a percent sign is a word.
pub(super) fn field_tokens(text: &str) -> Vec<FieldToken> {
    let mut tokens: Vec<FieldToken> = tokenise(text)
        .into_iter()
        .map(|token| FieldToken {
            is_number: token.kind == TokenKind::Number,
            key: if token.kind == TokenKind::Number { plain_number(&token.key) } else { token.key },
            range: token.range,
        })
        .collect();
    for (at, _) in text.match_indices('%') {
        let position = tokens.partition_point(|token| token.range.start < at);
        tokens.insert(position, FieldToken { key: "%".to_owned(), is_number: false, range: at..at + 1 });
    }
    tokens
}

/// `05` and `5.0` are `5`; the sign of a comparison stays.
fn plain_number(key: &str) -> String {
    let digits = key.trim_start_matches(|c: char| !c.is_ascii_digit());
    let sign = &key[..key.len() - digits.len()];
    let digits = digits.trim_start_matches('0');
    let digits =
        if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    match digits {
        "" => format!("{sign}0"),
        digits if digits.starts_with('.') => format!("{sign}0{digits}"),
        digits => format!("{sign}{digits}"),
    }
}

/// The words of a phrase and the words of the one that stands for it.
type Equivalent = (Vec<String>, Vec<String>);

/// The phrases that stand for another, by their first word, longest first.
static EQUIVALENTS: LazyLock<HashMap<String, Vec<Equivalent>>> = LazyLock::new(|| {
    let mut phrases: HashMap<String, Vec<Equivalent>> = HashMap::new();
    let keys =
        |phrase: &str| -> Vec<String> { field_tokens(phrase).into_iter().map(|token| token.key).collect() };
    for (name, others) in
        lines(include_str!("../lexicon/equivalents.txt")).filter_map(|line| line.split_once('|'))
    {
        for phrase in comma_separated(others).chain([name]).map(keys) {
            if let Some(first) = phrase.first().cloned() {
                phrases.entry(first).or_default().push((phrase, keys(name)));
            }
        }
    }
    phrases.values_mut().for_each(|list| list.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len())));
    phrases
});

/// The keys of tokens with each phrase replaced by the one that stands for it.
pub(super) fn canonical(tokens: &[FieldToken]) -> Vec<String> {
    let mut keys = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        let fitting = EQUIVALENTS.get(&rest[0].key).into_iter().flatten().find(|(phrase, _)| {
            rest.len() >= phrase.len() && phrase.iter().zip(rest).all(|(key, token)| *key == token.key)
        });
        match fitting {
            Some((phrase, name)) => {
                keys.extend(name.iter().cloned());
                at += phrase.len();
            }
            None => {
                keys.push(rest[0].key.clone());
                at += 1;
            }
        }
    }
    keys
}

/// Whether each part of a field stands in the words, in one run. Brackets, commas and "then" part a field.
pub(super) fn stands_in(field: &str, words: &[FieldToken]) -> bool {
    let passage = canonical(words);
    let parts = field.split(['(', ')', ',', ';', '→', '·']).flat_map(|part| part.split(" then "));
    let mut any = false;
    for part in parts {
        let keys = canonical(&field_tokens(part));
        if keys.is_empty() {
            continue;
        }
        any = true;
        let is_run = passage.windows(keys.len()).any(|window| window == keys);
        let has_numbers = field_tokens(part).iter().any(|token| token.is_number);
        // Words that the passage has in another order are still its words; numbers keep their place.
        let is_loose = !has_numbers && keys.iter().all(|key| passage.contains(key));
        if !is_run && !is_loose {
            return false;
        }
    }
    any
}

/// Whether the words of a field stand in a passage in their order, with few words between: a cell of a table that is
/// continued below has the cells beside it within.
pub(super) fn stands_in_order(field: &str, words: &[FieldToken]) -> bool {
    const MAX_GAP_WORDS: usize = 4;
    let (passage, keys) = (canonical(words), canonical(&field_tokens(field)));
    let Some(start) = keys.first().and_then(|first| passage.iter().position(|key| key == first)) else {
        return false;
    };
    let mut rest = passage[start..].iter();
    keys.iter().all(|key| rest.by_ref().take(MAX_GAP_WORDS + 1).any(|word| word == key))
}

/// Whether an amount stands in a row of amounts that share the unit at its end: "0.30 mcg/min" in "0.22 0.30 0.12 mcg/min".
pub(super) fn stands_in_row(field: &str, words: &[FieldToken]) -> bool {
    let (amount, unit) = match field_tokens(field).as_slice() {
        [amount, unit @ ..] if amount.is_number && !unit.is_empty() => (amount.key.clone(), canonical(unit)),
        _ => return false,
    };
    let rows = words.chunk_by(|word, next| word.is_number == next.is_number);
    let mut end = 0;
    rows.into_iter().any(|run| {
        end += run.len();
        run.len() > 1
            && run.iter().any(|word| word.is_number && word.key == amount)
            && canonical(&words[end..]).starts_with(&unit)
    })
}

/// Where a value stands in the words as a result: not as a bound of a range, and not as a part of a date.
pub(super) fn find_values<'a>(
    value: &str,
    text: &'a str,
    words: &'a [FieldToken],
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let keys: Vec<String> = field_tokens(value).into_iter().map(|token| token.key).collect();
    // A value without a word stands nowhere.
    let windows = words.windows(keys.len().max(1)).enumerate().filter({
        let is_empty = keys.is_empty();
        move |_| !is_empty
    });
    windows.filter_map(move |(at, window)| {
        let fits = window.iter().zip(&keys).all(|(token, key)| token.key == *key);
        let range = window[0].range.start..window[keys.len() - 1].range.end;
        let is_bound = keys.len() == 1
            && (is_joined(text, words.get(at.wrapping_sub(1)), &window[0])
                || is_joined(text, Some(&window[0]), words.get(at + 1).unwrap_or(&window[0])));
        (fits && !is_bound).then_some(range)
    })
}

/// Whether a dash or a slash joins two numbers: `12.0-15.5`, `3/4`.
fn is_joined(text: &str, first: Option<&FieldToken>, second: &FieldToken) -> bool {
    let Some(first) = first.filter(|first| first.is_number && second.is_number) else { return false };
    if first.range.end > second.range.start {
        return false;
    }
    matches!(text[first.range.end..second.range.start].trim(), "-" | "–" | "—" | "/" | "to")
}

/// A unit without spaces, cases and what recognition confuses.
pub(super) fn unit_key(unit: &str) -> String {
    fold(&unit.replace("mcg", "ug").replace("ing/", "mg/").replace("rng", "mg"))
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '%' | '/'))
        .map(|c| if c == 'l' { '1' } else { c })
        .collect()
}

/// Whether a unit stands in a text as a whole word.
pub(super) fn has_unit(unit: &str, text: &str) -> bool {
    let wanted = unit_key(unit);
    if wanted.is_empty() {
        return true;
    }
    // A unit may be glued to its number or be written with spaces within.
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_it = |written: &str| {
        let bare =
            written.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '<' | '>'));
        [written, bare]
            .iter()
            .any(|text| unit_key(text.trim_matches(['(', ')', '[', ']', ',', ';', '.'])) == wanted)
    };
    (1..=4).any(|count| words.windows(count).any(|window| is_it(&window.concat())))
        || unit == "%" && text.contains('%')
}

/// Whether a word is a listed unit.
pub(super) fn is_listed_unit(word: &str) -> bool {
    static LISTED: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let written = UNITS.iter().flat_map(|unit| unit.members.iter().copied().chain([unit.name]));
        written.map(unit_key).collect()
    });
    LISTED.contains(&unit_key(word))
}

/// All numbers of a text, without comparison signs.
pub(super) fn numbers(text: &str) -> Vec<String> {
    field_tokens(text)
        .into_iter()
        .filter(|token| token.is_number)
        .map(|token| token.key.trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_the_words_of_the_passage() {
        for (field, passage, expected) in [
            ("500 mg", "Metformin 5OO mg PO BID", true),
            ("50 mg", "Metformin 500 mg PO BID", false),
            ("500 mcg", "Metformin 500 mg PO BID", false),
            ("500 mg", "Metformin 500mg", true),
            ("by mouth", "Metformin 500 mg PO BID", true),
            ("intravenous", "Metformin 500 mg PO BID", false),
            ("twice daily", "Metformin 500 mg PO BID", true),
            ("twice daily", "Metformin 500 mg PO TID", false),
            ("0.5 mg", "alprazolam .5 mg", true),
            ("1%", "hydrocortisone 1% cream", true),
            ("1 mg", "hydrocortisone 1% cream", false),
            ("4 tablets (40 mg)", "40 mg: take 4 tablets daily", true),
        ] {
            assert_eq!(stands_in(field, &field_tokens(passage)), expected, "{field} in {passage}");
        }
    }

    #[test]
    fn amounts_of_a_row_share_the_unit_at_its_end() {
        for (field, passage, expected) in [
            ("0.30 mcg/kg/min", "Norepinephrine 0.22 0.30 0.12 mcg/kg/min", true),
            ("0.22 mcg/kg/min", "Norepinephrine 0.22 0.30 0.12 mcg/kg/min", true),
            ("0.40 mcg/kg/min", "Norepinephrine 0.22 0.30 0.12 mcg/kg/min", false),
            ("0.30 mg/kg/min", "Norepinephrine 0.22 0.30 0.12 mcg/kg/min", false),
            ("500 mg", "Metformin 500 twice daily, 1000 mg", false),
        ] {
            assert_eq!(stands_in_row(field, &field_tokens(passage)), expected, "{field} in {passage}");
        }
    }

    #[test]
    fn bounds_of_ranges_are_no_values() {
        let found = |value: &str, text: &str| find_values(value, text, &field_tokens(text)).next().is_some();
        let row = "Hemoglobin 10.2 L g/dL 12.0-15.5";
        assert!(found("10.2", row) && !found("12.0", row) && !found("15.5", row) && !found("102", row));
        assert!(found("142/88", "BP 142/88") && !found("142/80", "BP 142/88") && !found("88", "BP 142/88"));
        assert!(has_unit("g/dL", row) && !has_unit("mg/dL", row) && !has_unit("mmol/L", row));
        assert!(
            has_unit("%", "A1c 8.2%")
                && has_unit("mmol/L", "5.4 mmol / L")
                && has_unit("x10^3/uL", "7.7 x10^3/uL")
        );
    }
}
