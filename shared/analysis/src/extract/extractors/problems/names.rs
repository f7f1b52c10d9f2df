//! Names of problems as they are shown.

use std::{ops::Range, sync::LazyLock};

use maneiro_api::analysis::capitalise;
use regex::Regex;

use crate::lexicon::{PROBLEM_MODIFIERS, singular};

/// The name of the problem at `range` with the words that specify it: side, acuity, stage.
/// `found` is the listed name that the text has.
pub(super) fn specific_name(text: &str, range: &Range<usize>, listed_name: &str, found: &str) -> String {
    let written = &text[range.clone()];
    let modifiers = modifiers_before(&text[..range.start]);
    let is_abbreviation = written.len() <= 5 && written.chars().filter(|c| c.is_uppercase()).count() >= 2;
    let base = if is_abbreviation {
        listed_name.to_owned()
    } else {
        lowercase_words(singular(written, &[listed_name, found]))
    };
    let mut name = if modifiers.is_empty() { base } else { format!("{modifiers} {base}") };
    if let Some(stage) = stage_after(&text[range.end..]) {
        name.push(' ');
        name.push_str(stage);
    }
    capitalise(&name)
}

/// The last words of a text that specify the problem after it: "severe acute".
fn modifiers_before(text: &str) -> String {
    let is_modifier = |word: &String| PROBLEM_MODIFIERS.contains(word);
    let mut words: Vec<String> =
        text.split_whitespace().rev().map(str::to_lowercase).take_while(is_modifier).collect();
    words.reverse();
    words.join(" ")
}

fn stage_after(after: &str) -> Option<&str> {
    static STAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^,?\s+(?P<s>(?i:stage|grade|class|type)\s+(?:[0-9][ab]?|I{1,3}V?|IV))\b")
            .expect("a fixed pattern")
    });
    STAGE.captures(after)?.name("s").map(|stage| stage.as_str())
}

/// The words in lower case. Abbreviations stay as they are.
pub(super) fn lowercase_words(written: &str) -> String {
    if written.contains(' ') && !written.chars().any(char::is_lowercase) {
        return written.to_lowercase();
    }
    written
        .split(' ')
        .map(|word| {
            let capitals = word.chars().filter(|c| c.is_uppercase()).count();
            let letters = word.chars().filter(|c| c.is_alphabetic()).count();
            let is_abbreviation = capitals >= 2 && (letters <= 5 || capitals < letters);
            if is_abbreviation { word.to_owned() } else { word.to_lowercase() }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
