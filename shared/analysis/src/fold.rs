//! Words in the forms that are compared. Also compiled into the build script, so that the compiled term lists and the text that
//! is looked up in them are folded by the same code; it imports nothing.

/// Folds what character recognition confuses: case, `0`/`O`, `1`/`l`/`I`, `rn`/`m`, `vv`/`w`, ligatures, accents.
pub(crate) fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, &mut plain);
    }
    // Nearly every word is returned as it is.
    if plain.contains("rn") {
        plain = plain.replace("rn", "m");
    }
    if plain.contains("vv") {
        plain = plain.replace("vv", "w");
    }
    plain
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
        'i' | 'I' => out.push('l'),
        c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
        c => {
            for lower in c.to_lowercase() {
                out.push(if lower == 'i' { 'l' } else { lower });
            }
        }
    }
}

/// Shorter words have no plural that is worth the risk: "gas", "PMS".
const MIN_PLURAL_BYTES: usize = 5;

/// Writes the form of a folded word in which singular and plural, British and American spelling are the same, and whether it is
/// part of a term at all: articles and the "s" of a genitive are not.
pub(crate) fn write_term_key(folded: &str, key: &mut String) -> bool {
    key.clear();
    if matches!(folded, "the" | "a" | "an" | "s") {
        return false;
    }
    let mut rest = folded;
    if rest.len() >= MIN_PLURAL_BYTES && rest.ends_with('s') && !rest.ends_with("ss") {
        rest = &rest[..rest.len() - 1];
        // "Thromboses", "metastases" and "diagnoses" are plurals of "-is", which is folded to "-ls".
        if let Some(stem) =
            rest.strip_suffix('e').filter(|stem| stem.ends_with("os") || stem.ends_with("tas"))
        {
            push_american(stem, key);
            key.push('l');
            return true;
        }
    }
    if rest.len() >= MIN_PLURAL_BYTES && ["sse", "xe", "she", "che"].iter().any(|end| rest.ends_with(end)) {
        rest = &rest[..rest.len() - 1];
    }
    match rest
        .strip_suffix('y')
        .filter(|stem| rest.len() >= MIN_PLURAL_BYTES && !stem.ends_with(['a', 'e', 'o', 'u']))
    {
        // "Artery" like "arteries", which is folded to "arterles".
        Some(stem) => {
            push_american(stem, key);
            key.push_str("le");
        }
        None => push_american(rest, key),
    }
    true
}

/// British "oedema", "haemorrhage" and "tumour" in the American spelling.
fn push_american(word: &str, key: &mut String) {
    let word_bytes = word.as_bytes();
    for (at, c) in word.char_indices() {
        let next = word_bytes.get(at + 1);
        let is_ligature = matches!(c, 'a' | 'o') && next == Some(&b'e');
        let is_our =
            c == 'u' && at > 1 && word_bytes[at - 1] == b'o' && at + 2 == word.len() && next == Some(&b'r');
        if !is_ligature && !is_our {
            key.push(c);
        }
    }
}
