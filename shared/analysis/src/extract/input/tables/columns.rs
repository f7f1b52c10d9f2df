//! What the columns of a table hold, by the titles in its head.

use std::{collections::HashMap, sync::LazyLock};

use time::Date;

use crate::{
    dates::{DateOrder, find_dates},
    extract::input::sections::Section,
    lexicon::{LABS, TABLE_COLUMNS, VITAL_SIGNS, word_keys},
};

/// What a column of a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ColumnRole {
    Test,
    Medication,
    Substance,
    Problem,
    Procedure,
    Study,
    Vaccine,
    /// A name of whatever the section is about.
    Item,
    Result,
    PreviousResult,
    Unit,
    Range,
    Flag,
    Date,
    Start,
    End,
    Status,
    Reaction,
    Severity,
    Dose,
    Route,
    Frequency,
    Sig,
    Yes,
    No,
    Comment,
    /// Values of the test or vital sign that is the column's title.
    Measurement,
    /// Under a title that is not listed.
    Other,
}

impl ColumnRole {
    fn from_key(key: &str) -> Option<Self> {
        Some(match key {
            "test" => Self::Test,
            "medication" => Self::Medication,
            "substance" => Self::Substance,
            "problem" => Self::Problem,
            "procedure" => Self::Procedure,
            "study" => Self::Study,
            "vaccine" => Self::Vaccine,
            "item" => Self::Item,
            "result" => Self::Result,
            "previous result" => Self::PreviousResult,
            "unit" => Self::Unit,
            "range" => Self::Range,
            "flag" => Self::Flag,
            "date" => Self::Date,
            "start" => Self::Start,
            "end" => Self::End,
            "status" => Self::Status,
            "reaction" => Self::Reaction,
            "severity" => Self::Severity,
            "dose" => Self::Dose,
            "route" => Self::Route,
            "frequency" => Self::Frequency,
            "sig" => Self::Sig,
            "yes" => Self::Yes,
            "no" => Self::No,
            "comment" => Self::Comment,
            _ => return None,
        })
    }

    /// Whether its cells name what a row is about.
    pub(crate) fn is_name(self) -> bool {
        matches!(
            self,
            Self::Test
                | Self::Medication
                | Self::Substance
                | Self::Problem
                | Self::Procedure
                | Self::Study
                | Self::Vaccine
                | Self::Item
        )
    }

    /// The section whose entries its rows are.
    pub(super) fn section(self) -> Option<Section> {
        match self {
            Self::Test | Self::Result | Self::PreviousResult => Some(Section::Labs),
            Self::Medication => Some(Section::Medications),
            Self::Substance => Some(Section::Allergies),
            Self::Problem => Some(Section::Pmh),
            Self::Procedure => Some(Section::Procedures),
            Self::Study => Some(Section::Imaging),
            Self::Vaccine => Some(Section::Immunizations),
            Self::Item
            | Self::Unit
            | Self::Range
            | Self::Flag
            | Self::Date
            | Self::Start
            | Self::End
            | Self::Status
            | Self::Reaction
            | Self::Severity
            | Self::Dose
            | Self::Route
            | Self::Frequency
            | Self::Sig
            | Self::Yes
            | Self::No
            | Self::Comment
            | Self::Measurement
            | Self::Other => None,
        }
    }
}

/// Longest title, in words.
const MAX_TITLE_WORDS: usize = 4;

static ROLE_BY_TITLE: LazyLock<HashMap<String, ColumnRole>> = LazyLock::new(|| {
    let mut roles = HashMap::new();
    for group in TABLE_COLUMNS.iter() {
        let Some(role) = ColumnRole::from_key(group.name) else { continue };
        for title in &group.members {
            roles.entry(word_keys(title).join(" ")).or_insert(role);
        }
    }
    roles
});

/// A title at the beginning of some words: its role, its day and how many of the words it has.
pub(super) struct ColumnTitle {
    pub(super) role: ColumnRole,
    pub(super) date: Option<Date>,
    pub(super) words: usize,
}

/// The longest listed title, date, test or vital sign that the words begin with.
pub(super) fn title_at(words: &[&str], order: DateOrder) -> Option<ColumnTitle> {
    (1..=words.len().min(MAX_TITLE_WORDS)).rev().find_map(|count| {
        let text = words[..count].join(" ");
        let date = find_dates(&text, order).into_iter().find(|found| found.range == (0..text.len()));
        if let Some(date) = date {
            return Some(ColumnTitle { role: ColumnRole::Result, date: Some(date.date), words: count });
        }
        let key = word_keys(&text).join(" ");
        let role = ROLE_BY_TITLE.get(&key).copied().or_else(|| {
            let is_measurement = LABS.find_exact(&text).is_some() || VITAL_SIGNS.find_exact(&text).is_some();
            is_measurement.then_some(ColumnRole::Measurement)
        })?;
        Some(ColumnTitle { role, date: None, words: count })
    })
}
