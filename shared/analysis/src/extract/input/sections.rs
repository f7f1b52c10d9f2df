//! The parts of a note and the headings that begin them, typed or read from a scan.

use std::{collections::HashMap, sync::LazyLock};

use crate::{lexicon, text};

/// A part of a note. It decides what a line in it is likely to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Section {
    /// Before the first heading.
    Top,
    Chief,
    Reason,
    Hpi,
    Pmh,
    Resolved,
    Psh,
    Medications,
    Stopped,
    Allergies,
    Family,
    Social,
    Ros,
    Vitals,
    Exam,
    Labs,
    Imaging,
    Findings,
    Impression,
    Procedures,
    OpNote,
    Assessment,
    Plan,
    FollowUp,
    Immunizations,
    /// Under a heading that says nothing to us.
    Other,
    /// A running head or foot.
    Furniture,
}

impl Section {
    fn of(key: &str) -> Option<Self> {
        Some(match key {
            "chief" => Self::Chief,
            "reason" => Self::Reason,
            "hpi" => Self::Hpi,
            "pmh" => Self::Pmh,
            "resolved" => Self::Resolved,
            "psh" => Self::Psh,
            "medications" => Self::Medications,
            "stopped" => Self::Stopped,
            "allergies" => Self::Allergies,
            "family" => Self::Family,
            "social" => Self::Social,
            "ros" => Self::Ros,
            "vitals" => Self::Vitals,
            "exam" => Self::Exam,
            "labs" => Self::Labs,
            "imaging" => Self::Imaging,
            "findings" => Self::Findings,
            "impression" => Self::Impression,
            "procedures" => Self::Procedures,
            "opnote" => Self::OpNote,
            "assessment" => Self::Assessment,
            "plan" => Self::Plan,
            "followup" => Self::FollowUp,
            "immunizations" => Self::Immunizations,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// Folded headings without blanks between letters, and their sections.
static HEADINGS: LazyLock<HashMap<String, Section>> = LazyLock::new(|| {
    include_str!("../../lexicon/headings.txt")
        .lines()
        .filter_map(|line| line.split_once('|'))
        .filter_map(|(key, names)| Some((Section::of(key)?, names)))
        .flat_map(|(section, names)| names.split(',').map(move |name| (normal(name), section)))
        .collect()
});

/// A heading at the beginning of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) section: Section,
    /// Where the line goes on after the heading, in bytes.
    pub(crate) rest: usize,
}

fn normal(label: &str) -> String {
    let words: Vec<String> = lexicon::keys(label).into_iter().map(|key| key.key).collect();
    words.join(" ")
}

/// Longest label of a heading, in bytes.
const LONGEST_LABEL: usize = 70;

/// The heading that the line begins with, if any.
pub(crate) fn heading(line: &str) -> Option<Heading> {
    let bare = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let skipped = line.len() - bare.len();
    // The colon is what scans lose first or turn into a semicolon.
    let colon = bare.find([':', ';']).filter(|&at| at <= LONGEST_LABEL && !follows_digit(bare, at));
    if let Some(at) = colon {
        let label = without_brackets(&bare[..at]);
        let rest = skipped + at + 1;
        // "P: 80" is a pulse, "P: MRI" the plan of a SOAP note.
        let value = bare[at + 1..].trim_start().starts_with(|c: char| c.is_ascii_digit());
        let pulse = label.chars().count() == 1 && (value || !shouted(&label));
        if let Some(section) = known(&label).filter(|_| !pulse) {
            return Some(Heading { section, rest });
        }
        if shouted(&label) {
            if let Some(section) = known_prefix(&label) {
                return Some(Heading { section, rest });
            }
            let letters = label.chars().filter(|c| c.is_alphabetic()).count();
            let empty = line[rest..].trim().is_empty();
            let listed = lexicon::keys(&label).iter().all(|key| lexicon::is_term(&key.key));
            if !listed && (empty || (letters >= 10 && label.split_whitespace().count() >= 2)) {
                return Some(Heading { section: Section::Other, rest });
            }
        }
        return None;
    }
    let label = without_brackets(bare.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')'));
    let spaced = label.split_whitespace().all(|letter| letter.chars().count() == 1);
    if (label.split_whitespace().count() > 6 && !spaced)
        || label.len() > LONGEST_LABEL
        || bare.trim_end().ends_with('.')
    {
        return None;
    }
    let section = known(&label).filter(|_| titled(&label)).or_else(|| {
        shouted(&label)
            .then(|| known_prefix(&label))
            .flatten()
            .filter(|_| label.split_whitespace().count() <= 4)
    })?;
    Some(Heading { section, rest: line.len() })
}

/// Whether a line is set as a title: all capitals, several words.
pub(crate) fn is_title(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let upper = line.chars().filter(|c| c.is_uppercase()).count();
    letters >= 8 && upper * 10 >= letters * 7 && line.split_whitespace().count() >= 2
}

fn follows_digit(text: &str, at: usize) -> bool {
    text[..at].ends_with(|c: char| c.is_ascii_digit())
        && text[at + 1..].starts_with(|c: char| c.is_ascii_digit())
}

fn without_brackets(label: &str) -> String {
    let mut depth = 0_u32;
    let kept: String = label
        .chars()
        .filter(|c| match c {
            '(' | '[' => {
                depth += 1;
                false
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    kept.trim().to_owned()
}

fn shouted(label: &str) -> bool {
    label.chars().any(char::is_alphabetic) && !label.chars().any(char::is_lowercase)
}

/// Every word begins with a capital, but for small ones.
fn titled(label: &str) -> bool {
    label.split_whitespace().all(|word| {
        matches!(word, "and" | "of" | "at" | "on" | "to" | "the" | "for" | "&" | "/" | "in")
            || !word.starts_with(|c: char| c.is_lowercase())
    })
}

fn known(label: &str) -> Option<Section> {
    let label = normal(label);
    if let Some(section) = HEADINGS.get(&label) {
        return Some(*section);
    }
    // Letters set apart or run together, or one slip of the reader.
    let tight = label.replace(' ', "");
    if tight.len() < 6 {
        return None;
    }
    HEADINGS
        .iter()
        .filter(|(heading, _)| heading.len() >= 6)
        .filter(|(heading, _)| {
            let heading = heading.replace(' ', "");
            heading == tight || (heading.len() >= 7 && text::within_one(&heading, &tight))
        })
        .min_by_key(|(heading, _)| (heading.len().abs_diff(label.len()), (*heading).clone()))
        .map(|(_, section)| *section)
}

/// `CURRENT VITALS ON ARRIVAL` is a heading of vitals.
fn known_prefix(label: &str) -> Option<Section> {
    let normal = normal(label);
    let words: Vec<&str> = normal.split(' ').collect();
    (1..words.len()).rev().find_map(|count| {
        let prefix = words[..count].join(" ");
        HEADINGS.get(&prefix).copied().filter(|_| prefix.len() >= 4)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(line: &str) -> Option<Section> {
        heading(line).map(|heading| heading.section)
    }

    #[test]
    fn headings_are_known_in_their_many_forms() {
        for (line, expected) in [
            ("MEDICATIONS", Section::Medications),
            ("MEDICATIONS:", Section::Medications),
            ("Current Meds:", Section::Medications),
            ("CURRENT MEDlCATlONS", Section::Medications),
            ("MEDlCATI0NS;", Section::Medications),
            ("Medicatlons:", Section::Medications),
            ("PMH:", Section::Pmh),
            ("Past Medical History", Section::Pmh),
            ("PAST MEDlCAL HlST0RY", Section::Pmh),
            ("Assessment/Plan:", Section::Assessment),
            ("ASSESSMENT & PLAN", Section::Assessment),
            ("A/P:", Section::Assessment),
            ("Allergies: Penicillin (hives)", Section::Allergies),
            ("CURRENT VITALS ON ARRIVAL (4:30 PM):", Section::Vitals),
            ("CHIEF COMPLAINT (per family):", Section::Chief),
            ("V I T A L S I G N S", Section::Vitals),
            ("Discontinued Medications:", Section::Stopped),
            ("PRIOR BILIARY HISTORY:", Section::Other),
            ("S: Feels well.", Section::Hpi),
            ("P", Section::Plan),
        ] {
            assert_eq!(section(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn ordinary_lines_are_no_headings() {
        for line in [
            "BP: 142/88",
            "P: 80",
            "WBC: 7.2",
            "Metformin 500 mg BID",
            "The medications were reviewed with the patient.",
            "HEENT: Normal.",
            "TSH: 2.1",
            "plan",
            "Seen at 10:30 today",
        ] {
            assert_eq!(section(line), None, "{line}");
        }
    }

    #[test]
    fn the_rest_of_the_line_begins_after_the_colon() {
        let line = "ALLERGIES: NKDA";
        assert_eq!(&line[heading(line).unwrap().rest..], " NKDA");
    }
}
