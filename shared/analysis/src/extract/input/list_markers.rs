//! What a list entry begins with: a bullet, a number, or `#` before a problem, with a space after it or without.

use std::sync::LazyLock;

use maneiro_page::Word;
use regex::Regex;

use super::passage::ListMarker;

static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[-–—•·*▪●◦►➢✓>+~]+|#?\(?\d{1,2}[.)]|#\d{0,2}[:.)]?|\(?[a-z][.)])$")
        .expect("a fixed pattern")
});

/// A marker without a space after it: "#Acute", "2.Gout", "•Asthma", "-Asthma".
static GLUED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<mark>[•·▪●◦►➢]|#\d{0,2}[:.)]?|\(?\d{1,2}[.)]|[-–—*])(?P<rest>\p{L}[\p{L}\d'’/.,:;()-]+)$",
    )
    .expect("a fixed pattern")
});

/// A marker at the beginning of a line.
pub(super) struct Marker {
    pub(super) kind: ListMarker,
    /// The first word without the marker; none if the marker is a word of its own.
    pub(super) rest: Option<String>,
}

/// The marker that a line begins with. A marker alone is none.
pub(super) fn list_marker(words: &[&Word]) -> Option<Marker> {
    let first = words.first()?.text.as_str();
    if words.len() > 1 && MARKER.is_match(first) {
        return Some(Marker { kind: kind_of(first), rest: None });
    }
    let found = GLUED.captures(first)?;
    let (mark, rest) = (&found["mark"], &found["rest"]);
    let is_dash = mark.starts_with(['-', '–', '—', '*']);
    // "1.v" and "-ve" are no entries.
    let is_entry = if is_dash || mark.starts_with(|c: char| c.is_ascii_digit() || c == '(') {
        rest.starts_with(char::is_uppercase) && rest.chars().count() >= 3
    } else {
        true
    };
    is_entry.then(|| Marker { kind: kind_of(mark), rest: Some(rest.to_owned()) })
}

pub(super) fn begins_with_marker(words: &[&Word]) -> bool {
    list_marker(words).is_some()
}

/// Whether a word is a marker.
pub(super) fn is_marker(word: &str) -> bool {
    MARKER.is_match(word)
}

fn kind_of(mark: &str) -> ListMarker {
    if mark.starts_with('#') {
        ListMarker::Problem
    } else if mark.contains(|c: char| c.is_ascii_digit()) {
        ListMarker::Number
    } else {
        ListMarker::Bullet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::page;

    fn marker(line: &str) -> Option<(ListMarker, Option<String>)> {
        let source = page(1, line);
        let words: Vec<&Word> = source.page.lines[0].words.iter().collect();
        list_marker(&words).map(|marker| (marker.kind, marker.rest))
    }

    #[test]
    fn markers_are_found_with_a_space_and_without() {
        for (line, kind, rest) in [
            ("• Asthma", ListMarker::Bullet, None),
            ("•Asthma", ListMarker::Bullet, Some("Asthma")),
            ("-Asthma", ListMarker::Bullet, Some("Asthma")),
            ("1. Asthma", ListMarker::Number, None),
            ("12)Asthma", ListMarker::Number, Some("Asthma")),
            ("# Acute VTE", ListMarker::Problem, None),
            ("#Acute VTE", ListMarker::Problem, Some("Acute")),
            ("#2 Acute VTE", ListMarker::Problem, None),
        ] {
            assert_eq!(marker(line), Some((kind, rest.map(str::to_owned))), "{line}");
        }
    }

    #[test]
    fn numbers_and_words_are_no_markers() {
        for line in ["1.5 mg daily", "-ve for blood", "10.2 g/dL", "Asthma", "2.5mg", "T2DM", "-"] {
            assert_eq!(marker(line), None, "{line}");
        }
    }
}
