//! Text as readers of scans see it: tokens that compare equal when only reading noise separates them.
//! Never tolerant where a slip would change the medicine: numbers, negations, known terms.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

/// What a token is made of; decides how it may be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters only.
    Word,
    /// Digits, perhaps with a decimal point, a sign or a comparison in front.
    Number,
    /// Letters and digits, such as `T2DM`.
    Mixed,
}

/// A comparable piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Folded form: two readings of the same print have the same key most of the time.
    pub(crate) key: String,
    pub(crate) kind: Kind,
    /// Byte range in the text it came from.
    pub(crate) range: Range<usize>,
}

/// Words whose loss or change turns a sentence into its opposite; they are compared without tolerance.
const NEGATIONS: [&str; 18] = [
    "no", "not", "nor", "non", "none", "never", "without", "denies", "denied", "deny", "denying", "negative",
    "absent", "cannot", "neither", "un", "free", "ruled",
];

/// Pairs that differ by one letter and mean different things.
const ONE_LETTER_APART: [&str; 14] = [
    "abduction",
    "adduction",
    "abducted",
    "adducted",
    "ilium",
    "ileum",
    "ileal",
    "iliac",
    "peroneal",
    "perineal",
    "prostate",
    "prostrate",
    "malleolus",
    "malleus",
];

/// Words that are never taken for one another.
pub(crate) fn is_negation(key: &str) -> bool {
    NEGATIONS.iter().any(|word| fold(word) == key)
}

/// Folds what optical readers confuse: case, `0`/`O`, `1`/`l`/`I`, `rn`/`m`, `vv`/`w`, ligatures, accents.
pub(crate) fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, &mut plain);
    }
    plain.replace("rn", "m").replace("vv", "w")
}

fn fold_char(c: char, out: &mut String) {
    match c {
        '0' => out.push('o'),
        '1' | '|' | '!' => out.push('l'),
        'ﬀ' => out.push_str("ff"),
        'ﬁ' => out.push_str("fl"),
        'ﬂ' => out.push_str("fl"),
        'ﬃ' => out.push_str("ffl"),
        'ﬄ' => out.push_str("ffl"),
        'µ' | 'μ' => out.push('u'),
        'à'..='å' | 'À'..='Å' => out.push('a'),
        'è'..='ë' | 'È'..='Ë' => out.push('e'),
        'ì'..='ï' | 'Ì'..='Ï' => out.push('l'),
        'ò'..='ö' | 'Ò'..='Ö' => out.push('o'),
        'ù'..='ü' | 'Ù'..='Ü' => out.push('u'),
        'ñ' | 'Ñ' => out.push('n'),
        'ç' | 'Ç' => out.push('c'),
        c => {
            for lower in c.to_lowercase() {
                out.push(if lower == 'i' { 'l' } else { lower });
            }
        }
    }
}

/// The pattern of a number as pages have it, whether it begins with its point or a reader took digits for letters.
pub(crate) const NUMBER: &str = r"(?:[0-9OlI][0-9OlI,]*(?:\.[0-9OlI]+)?|\.[0-9]+)";

/// A digit, or a letter that readers take one for.
fn as_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        'O' | 'o' => Some('0'),
        'l' | 'I' | '|' => Some('1'),
        _ => None,
    }
}

/// Gives the digits back that a reader took for letters, as in `5OO` or `l0`; other text is kept as it is.
pub(crate) fn digits(text: &str) -> String {
    if text.chars().any(|c| c.is_ascii_digit()) {
        text.chars().map(|c| as_digit(c).unwrap_or(c)).collect()
    } else {
        text.to_owned()
    }
}

/// `.9` is `0.9`: a point without a nought before it is easily overlooked, and then the value is ten times as large.
pub(crate) fn with_noughts(numbers: &str) -> String {
    static POINT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?P<before>^|[^\d.,])\.(?P<after>\d)").expect("a fixed pattern"));
    POINT.replace_all(numbers, "${before}0.${after}").into_owned()
}

fn is_inner(c: char) -> bool {
    c.is_alphanumeric() || c == '|'
}

/// Splits text into tokens. Punctuation vanishes, but for what belongs to a number: decimal points, a leading
/// sign, `<`, `>`. Digits with a unit attached become two tokens, as if they had been written apart.
pub(crate) fn tokenise(text: &str) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let end_of = |i: usize| chars.get(i).map_or(text.len(), |&(at, _)| at);
    let mut tokens = Vec::new();
    let mut i = 0;
    // As in ".5": the point of a number, and neither the end of a sentence nor one of a row of dots.
    let begins_number = |i: usize| {
        let before = i.checked_sub(1).map(|before| chars[before].1);
        chars[i].1 == '.'
            && chars.get(i + 1).is_some_and(|(_, next)| next.is_ascii_digit())
            && !before.is_some_and(|c| is_inner(c) || matches!(c, '.' | ','))
    };
    while i < chars.len() {
        let has_first_point = begins_number(i);
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
        push_run(text, &chars[start..i], end_of(i), sign.map(|(_, c)| c), &mut tokens);
    }
    tokens
}

fn push_run(text: &str, run: &[(usize, char)], end: usize, sign: Option<char>, tokens: &mut Vec<Token>) {
    let start = run[0].0;
    let has_digit = run.iter().any(|&(_, c)| c.is_ascii_digit());
    if !has_digit {
        let bare: String = run.iter().map(|&(_, c)| c).filter(|c| !matches!(c, '\'' | '’')).collect();
        if bare.chars().any(|c| c != '|') {
            tokens.push(Token { key: fold(&bare), kind: Kind::Word, range: start..end });
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
            key: number(run[..numeric].iter().map(|&(_, c)| c), sign),
            kind: Kind::Number,
            range: start..split,
        });
        if split < end {
            let rest = &text[split..end];
            let kind = if rest.chars().any(|c| c.is_ascii_digit()) { Kind::Mixed } else { Kind::Word };
            tokens.push(Token { key: fold(rest), kind, range: split..end });
        }
    } else {
        tokens.push(Token { key: fold(&text[start..end]), kind: Kind::Mixed, range: start..end });
    }
}

/// `1,000` and `1000` are one number; `7,2` is `7.2`, `.5` is `0.5`; `<10` is not `10`.
fn number(chars: impl Iterator<Item = char>, sign: Option<char>) -> String {
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

/// Whether two tokens are readings of the same print. `known` says whether a key is a term of its own, which
/// is never taken for a misreading of another.
pub(crate) fn same(a: &Token, b: &Token, known: impl Fn(&str) -> bool) -> bool {
    match (a.kind, b.kind) {
        (Kind::Number, Kind::Number) => a.key == b.key,
        (Kind::Number, Kind::Word | Kind::Mixed) => fold(&a.key) == b.key,
        (Kind::Word | Kind::Mixed, Kind::Number) => a.key == fold(&b.key),
        (Kind::Mixed, Kind::Word | Kind::Mixed) | (Kind::Word, Kind::Mixed) => a.key == b.key,
        (Kind::Word, Kind::Word) => a.key == b.key || near(&a.key, &b.key, known),
    }
}

/// One slip in a word of five letters or more, never in the first: losing that turns `asymptomatic` around.
fn near(a: &str, b: &str, known: impl Fn(&str) -> bool) -> bool {
    a.len().min(b.len()) >= 5
        && a.chars().next() == b.chars().next()
        && within_one(a, b)
        && !is_negation(a)
        && !is_negation(b)
        && !(apart(a) && apart(b))
        && !(known(a) && known(b))
}

fn apart(key: &str) -> bool {
    ONE_LETTER_APART.iter().any(|word| fold(word) == key)
}

/// Whether one replaced, missing or added character separates the two (Levenshtein distance of at most 1).
pub(crate) fn within_one(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let head = short.iter().zip(long.iter()).take_while(|(x, y)| x == y).count();
    if head == short.len() {
        return true;
    }
    if short.len() == long.len() {
        short[head + 1..] == long[head + 1..]
    } else {
        short[head..] == long[head + 1..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &str, b: &str) -> bool {
        let (a, b) = (tokenise(a), tokenise(b));
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same(a, b, |_| false))
    }

    #[test]
    fn reading_noise_is_forgiven() {
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
            assert!(alike(a, b), "{a} / {b}");
        }
    }

    #[test]
    fn what_changes_the_meaning_is_not() {
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
            assert!(!alike(a, b), "{a} / {b}");
        }
    }

    #[test]
    fn a_number_that_begins_with_its_point_is_below_one() {
        let keys =
            |text: &str| tokenise(text).into_iter().map(|token| token.key).collect::<Vec<_>>().join(" ");
        assert_eq!(keys(".5 mg (.25) <.01 -.5"), keys("0.5 mg (0.25) <0.01 -0.5"));
        assert_ne!(keys(".5 mg"), keys("5 mg"));
        assert_eq!(keys("daily.5 total ....5 v.5"), keys("daily 5 total 5 v 5"));
    }

    #[test]
    fn a_known_term_is_not_a_misreading_of_another() {
        let (a, b) = (&tokenise("prednisone")[0], &tokenise("prednisane")[0]);
        assert!(same(a, b, |_| false));
        assert!(!same(a, b, |_| true));
    }
}
