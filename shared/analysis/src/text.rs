//! Text as tokens that compare equal despite recognition errors. Tokens whose change would alter the meaning are compared
//! exactly: numbers, negations and known terms.

use std::{collections::HashSet, ops::Range, sync::LazyLock};

use regex::Regex;

pub(crate) use crate::fold::fold;
use crate::word_list::entries;

/// What a token consists of. It decides how tokens are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Letters only.
    Word,
    /// Digits, with an optional decimal point and an optional leading sign or comparison.
    Number,
    /// Letters and digits, such as `T2DM`.
    Mixed,
}

/// A word, or the part of one that is compared by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The folded form, which is mostly the same for two recognitions of one word.
    pub(crate) key: String,
    pub(crate) kind: TokenKind,
    /// Byte range in the text.
    pub(crate) range: Range<usize>,
}

static NEGATIONS: LazyLock<HashSet<String>> = LazyLock::new(|| folded(include_str!("lexicon/negations.txt")));

static CONFUSABLE_TERMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| folded(include_str!("lexicon/confusable_terms.txt")));

fn folded(list: &'static str) -> HashSet<String> {
    entries(list).map(fold).collect()
}

/// Whether a folded word is a negation.
pub(crate) fn is_negation(key: &str) -> bool {
    NEGATIONS.contains(key)
}

/// The pattern of a number, also without a leading zero or with digits recognised as letters.
pub(crate) const NUMBER: &str = r"(?:[0-9OlI][0-9OlI,]*(?:\.[0-9OlI]+)?|\.[0-9]+)";

/// A digit, or the digit that is recognised as this letter.
fn as_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        'O' | 'o' => Some('0'),
        'l' | 'I' | '|' => Some('1'),
        _ => None,
    }
}

/// Restores digits that were recognised as letters, as in `5OO` or `l0`. Text without digits stays as it is.
pub(crate) fn restore_digits(text: &str) -> String {
    if text.chars().any(|c| c.is_ascii_digit()) {
        text.chars().map(|c| as_digit(c).unwrap_or(c)).collect()
    } else {
        text.to_owned()
    }
}

/// Writes `.9` as `0.9`: a decimal point without a leading zero is easily overlooked, which multiplies the value by ten.
pub(crate) fn with_leading_zero(numbers: &str) -> String {
    static POINT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?P<before>^|[^\d.,])\.(?P<after>\d)").expect("a fixed pattern"));
    POINT.replace_all(numbers, "${before}0.${after}").into_owned()
}

fn is_inner(c: char) -> bool {
    c.is_alphanumeric() || c == '|'
}

/// Splits text into tokens. Punctuation is dropped, except for what belongs to a number: decimal points, a leading sign,
/// `<` and `>`. Digits with an attached unit become two tokens, as if they were separated.
pub(crate) fn tokenise(text: &str) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let end_of = |i: usize| chars.get(i).map_or(text.len(), |&(at, _)| at);
    let mut tokens = Vec::new();
    let mut i = 0;
    // As in ".5": a decimal point, not the end of a sentence or one of a row of dots.
    let starts_number = |i: usize| {
        let before = i.checked_sub(1).map(|before| chars[before].1);
        chars[i].1 == '.'
            && chars.get(i + 1).is_some_and(|(_, next)| next.is_ascii_digit())
            && !before.is_some_and(|c| is_inner(c) || matches!(c, '.' | ','))
    };
    while i < chars.len() {
        let has_first_point = starts_number(i);
        if !is_inner(chars[i].1) && !has_first_point {
            i += 1;
            continue;
        }
        let start = i;
        i += usize::from(has_first_point);
        while i < chars.len() {
            let c = chars[i].1;
            let between_digits = matches!(c, '.' | ',')
                && i > start
                && as_digit(chars[i - 1].1).is_some()
                && chars.get(i + 1).is_some_and(|&(_, next)| as_digit(next).is_some())
                && chars[start].1.is_ascii_digit();
            let apostrophe = matches!(c, '\'' | '’')
                && i > start
                && chars.get(i + 1).is_some_and(|&(_, next)| next.is_alphabetic());
            if is_inner(c) || between_digits || apostrophe {
                i += 1;
            } else {
                break;
            }
        }
        let sign = start
            .checked_sub(1)
            .map(|before| (before, chars[before].1))
            .filter(|&(_, c)| matches!(c, '<' | '>' | '≤' | '≥' | '-' | '−'))
            .filter(|&(before, c)| {
                matches!(c, '<' | '>' | '≤' | '≥') || before == 0 || chars[before - 1].1.is_whitespace()
            });
        push_tokens(text, &chars[start..i], end_of(i), sign.map(|(_, c)| c), &mut tokens);
    }
    tokens
}

fn push_tokens(text: &str, run: &[(usize, char)], end: usize, sign: Option<char>, tokens: &mut Vec<Token>) {
    let start = run[0].0;
    let has_digit = run.iter().any(|&(_, c)| c.is_ascii_digit());
    if !has_digit {
        let bare: String = run.iter().map(|&(_, c)| c).filter(|c| !matches!(c, '\'' | '’')).collect();
        if bare.chars().any(|c| c != '|') {
            tokens.push(Token { key: fold(&bare), kind: TokenKind::Word, range: start..end });
        }
        return;
    }
    let numeric = run.iter().take_while(|&&(_, c)| as_digit(c).is_some() || matches!(c, '.' | ',')).count();
    let all_numeric = numeric == run.len();
    let starts_numeric = run[..numeric].iter().any(|&(_, c)| c.is_ascii_digit())
        && (run[0].1.is_ascii_digit() || run[0].1 == '.');
    if all_numeric || starts_numeric {
        let split = run.get(numeric).map_or(end, |&(at, _)| at);
        tokens.push(Token {
            key: number_key(run[..numeric].iter().map(|&(_, c)| c), sign),
            kind: TokenKind::Number,
            range: start..split,
        });
        if split < end {
            let rest = &text[split..end];
            let kind =
                if rest.chars().any(|c| c.is_ascii_digit()) { TokenKind::Mixed } else { TokenKind::Word };
            tokens.push(Token { key: fold(rest), kind, range: split..end });
        }
    } else {
        tokens.push(Token { key: fold(&text[start..end]), kind: TokenKind::Mixed, range: start..end });
    }
}

/// The normal form of a number: `1,000` and `1000` are one number; `7,2` is `7.2`, `.5` is `0.5`; `<10` is not `10`.
fn number_key(chars: impl Iterator<Item = char>, sign: Option<char>) -> String {
    let raw: Vec<char> = chars.collect();
    let mut key = String::with_capacity(raw.len() + 1);
    match sign {
        Some('-' | '−') => key.push('-'),
        Some(c) => key.push(c),
        None => {}
    }
    if raw.first() == Some(&'.') {
        key.push('0');
    }
    for (i, &c) in raw.iter().enumerate() {
        if c == ',' {
            let group = raw[i + 1..].iter().take_while(|c| as_digit(**c).is_some()).count();
            if group != 3 {
                key.push('.');
            }
        } else {
            key.push(as_digit(c).unwrap_or(c));
        }
    }
    key
}

/// Whether two tokens are recognitions of the same word. A key that `is_term` is never taken for a recognition error of
/// another term.
pub(crate) fn is_same_word(a: &Token, b: &Token, is_term: impl Fn(&str) -> bool) -> bool {
    match (a.kind, b.kind) {
        (TokenKind::Number, TokenKind::Number) => a.key == b.key,
        (TokenKind::Number, TokenKind::Word | TokenKind::Mixed) => fold(&a.key) == b.key,
        (TokenKind::Word | TokenKind::Mixed, TokenKind::Number) => a.key == fold(&b.key),
        (TokenKind::Mixed, TokenKind::Word | TokenKind::Mixed) | (TokenKind::Word, TokenKind::Mixed) => {
            a.key == b.key
        }
        (TokenKind::Word, TokenKind::Word) => a.key == b.key || is_one_error_apart(&a.key, &b.key, is_term),
    }
}

/// One wrong, missing or additional letter in a word of five letters or more. Never the first letter, whose loss turns
/// `asymptomatic` into its opposite.
fn is_one_error_apart(a: &str, b: &str, is_term: impl Fn(&str) -> bool) -> bool {
    a.len().min(b.len()) >= 5
        && a.chars().next() == b.chars().next()
        && is_within_one_edit(a, b)
        && !is_negation(a)
        && !is_negation(b)
        && !(CONFUSABLE_TERMS.contains(a) && CONFUSABLE_TERMS.contains(b))
        && !(is_term(a) && is_term(b))
}

/// Whether the Levenshtein distance is at most 1.
pub(crate) fn is_within_one_edit(a: &str, b: &str) -> bool {
    let head: usize = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(c, _)| c.len_utf8()).sum();
    let (a, b) = (&a[head..], &b[head..]);
    let after_next = |rest: &str| rest.chars().next().map_or(0, char::len_utf8);
    let (after_a, after_b) = (&a[after_next(a)..], &b[after_next(b)..]);
    after_a == after_b || after_a == b || a == after_b
}

/// Shortens a text to at most `max_bytes`, at the end of a word.
pub(crate) fn truncate_at_word(text: &str, max_bytes: usize) -> String {
    let text = text.trim();
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let mut end = max_bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = text[..end].rfind(' ').unwrap_or(end);
    format!("{} …", text[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_alike(a: &str, b: &str) -> bool {
        let (a, b) = (tokenise(a), tokenise(b));
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| is_same_word(a, b, |_| false))
    }

    #[test]
    fn recognition_errors_are_forgiven() {
        for (a, b) in [
            ("Metformin", "METFORMlN"),
            ("Metformin", "Metforrnin"),
            ("ﬂuid", "fluid"),
            ("500mg", "500 mg"),
            ("500 mg", "5OO mg"),
            ("10 mg", "l0 mg"),
            ("BID", "B1D"),
            ("1,000 units", "1000 units"),
            ("lisinopril,", "Iisinopril"),
            ("hypertension", "hypertensian"),
            ("doesn't", "doesnt"),
        ] {
            assert!(is_alike(a, b), "{a} / {b}");
        }
    }

    #[test]
    fn changes_of_meaning_are_not_forgiven() {
        for (a, b) in [
            ("500 mg", "50 mg"),
            ("500 mg", "800 mg"),
            ("1.5 mg", "15 mg"),
            (".5 mg", "5 mg"),
            ("5 mg", "5 mcg"),
            ("<10", "10"),
            ("-2.5", "2.5"),
            ("hypertension", "hypotension"),
            ("asymptomatic", "symptomatic"),
            ("adduction", "abduction"),
            ("increased", "decreased"),
            ("never", "fever"),
            ("male", "female"),
            ("L4", "L5"),
            ("03/12/2024", "03/13/2024"),
        ] {
            assert!(!is_alike(a, b), "{a} / {b}");
        }
    }

    #[test]
    fn number_without_leading_zero_is_below_one() {
        let keys =
            |text: &str| tokenise(text).into_iter().map(|token| token.key).collect::<Vec<_>>().join(" ");
        assert_eq!(keys(".5 mg (.25) <.01 -.5"), keys("0.5 mg (0.25) <0.01 -0.5"));
        assert_ne!(keys(".5 mg"), keys("5 mg"));
        assert_eq!(keys("daily.5 total ....5 v.5"), keys("daily 5 total 5 v 5"));
    }

    #[test]
    fn known_term_is_not_an_error_of_another() {
        let (a, b) = (&tokenise("prednisone")[0], &tokenise("prednisane")[0]);
        assert!(is_same_word(a, b, |_| false));
        assert!(!is_same_word(a, b, |_| true));
    }
}
