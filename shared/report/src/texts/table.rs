//! The table of all texts of a report. A language is one value of [`Texts`]: a text that it lacks is an error of the compiler.

use maneiro_api::{
    analysis::{
        Assertion, ClinicalStatus, DoubtReason, ExpectedTopic, FollowUpStatus, LabFlag, MedicationState,
        ModelFailure, ObservationKind,
    },
    edit::StatementSection,
};
use maneiro_page::UnreadReason;
use serde::Serialize;
use time::{Date, OffsetDateTime};

/// All texts in one language.
pub(crate) struct Texts {
    /// Tag of the language (BCP 47), by which a screen reader chooses its voice.
    pub(crate) tag: &'static str,
    pub(crate) headings: Headings,
    pub(crate) columns: Columns,
    pub(crate) letter: LetterTexts,

    pub(crate) review_title: fn(subject: &str) -> String,
    pub(crate) letter_title: fn(subject: &str) -> String,
    pub(crate) long_date: fn(Date) -> String,
    pub(crate) date_and_minute: fn(OffsetDateTime) -> String,
    pub(crate) days: fn(from: Option<String>, to: Option<String>) -> Option<String>,

    // What was asked for, and by what it was answered.
    pub(crate) born: &'static str,
    pub(crate) sex: &'static str,
    pub(crate) record_number: &'static str,
    pub(crate) record: &'static str,
    pub(crate) focus: &'static str,
    pub(crate) period: &'static str,
    pub(crate) made_by: &'static str,
    pub(crate) made_on: &'static str,
    pub(crate) built_in_analyser: &'static str,
    pub(crate) language_model: fn(name: &str) -> String,

    // The numbers in one line.
    pub(crate) pages: fn(usize) -> String,
    pub(crate) not_readable: fn(usize) -> String,
    pub(crate) read_in_part: fn(usize) -> String,
    pub(crate) statements: fn(usize) -> String,
    pub(crate) checked: fn(usize) -> String,
    pub(crate) doubtful_apart: fn(usize) -> String,

    // Notes, a sentence each.
    pub(crate) made_by_rules: &'static str,
    pub(crate) made_by_model: fn(name: &str) -> String,
    pub(crate) aid_to_reading: &'static str,
    pub(crate) understanding: fn(lines: u64, used: u64, not_understood: u64) -> String,
    pub(crate) model_failure: fn(ModelFailure, all_is_built_in: bool) -> String,
    pub(crate) also_in_record_note: &'static str,
    pub(crate) not_stated: fn(topics: &str) -> String,
    pub(crate) topic: fn(ExpectedTopic) -> &'static str,
    pub(crate) malformed_outputs: fn(usize) -> String,
    pub(crate) uncited_statements: fn(usize) -> String,
    pub(crate) sections_left_out: fn(sections: &str) -> String,
    pub(crate) with_doubtful: fn(statements: usize, doubtful: usize) -> String,

    // Statements.
    pub(crate) assertion: fn(Assertion) -> Option<&'static str>,
    pub(crate) also_in_record: &'static str,
    pub(crate) not_checked: &'static str,
    pub(crate) doubt: fn(DoubtReason) -> &'static str,
    pub(crate) flag: fn(LabFlag) -> &'static str,
    pub(crate) clinical_status: fn(ClinicalStatus) -> &'static str,
    pub(crate) medication_state: fn(MedicationState) -> &'static str,
    pub(crate) started: fn(&str) -> String,
    pub(crate) stopped: fn(&str) -> String,
    pub(crate) indication: fn(&str) -> String,
    pub(crate) follow_up_status: fn(FollowUpStatus) -> &'static str,
    pub(crate) value_as_read: fn(value: &str, as_read: &str) -> String,

    // Sections, and what one statement of them is.
    pub(crate) section: fn(StatementSection) -> &'static str,
    pub(crate) observations: &'static str,
    pub(crate) observation: fn(ObservationKind) -> &'static str,
    pub(crate) kinds: StatementKinds,
    pub(crate) problem_groups: ProblemGroups,

    // Pages.
    pub(crate) page: &'static str,
    pub(crate) several_pages: &'static str,
    pub(crate) lines_not_understood: fn(not_understood: usize, lines: usize) -> String,
    pub(crate) hardly_any_text: &'static str,
    pub(crate) exact_duplicate: fn(page: &str, original: &str) -> String,
    pub(crate) near_duplicate: fn(page: &str, original: &str, percent: f32) -> String,
    pub(crate) not_read: fn(&[UnreadReason]) -> String,
    pub(crate) unreadable: fn(reason: &str) -> String,
    pub(crate) source_pages: fn(u32) -> String,

    // The signature.
    pub(crate) licence: fn(&str) -> String,
    pub(crate) draft: &'static str,
    pub(crate) signed: fn(name: &str, at: &str, version: u32) -> String,
    pub(crate) digest: fn(&str) -> String,
}

/// Texts that have the same place in every report.
#[derive(Debug, Serialize)]
pub(crate) struct Headings {
    pub(crate) review: &'static str,
    pub(crate) recipient: &'static str,
    pub(crate) patient: &'static str,
    pub(crate) not_named: &'static str,
    pub(crate) no_findings: &'static str,
    pub(crate) most_important: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) conflicts: &'static str,
    pub(crate) gaps: &'static str,
    pub(crate) doubtful: &'static str,
    pub(crate) doubtful_notice: &'static str,
    pub(crate) about: &'static str,
    pub(crate) low_confidence: &'static str,
    pub(crate) unreadable_pages: &'static str,
    pub(crate) partly_read_pages: &'static str,
    pub(crate) not_understood_pages: &'static str,
    pub(crate) sources: &'static str,
    pub(crate) source_number: &'static str,
    pub(crate) document: &'static str,
    pub(crate) pages: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) confidential: &'static str,
    /// Before the number of a page of the report, and between it and their number.
    pub(crate) page: &'static str,
    pub(crate) page_total: &'static str,
    /// What a picture shows, for those who do not see it.
    pub(crate) emblem_alt: &'static str,
    pub(crate) signature_alt: &'static str,
}

/// Titles of columns.
pub(crate) struct Columns {
    pub(crate) problem: &'static str,
    pub(crate) sign_or_symptom: &'static str,
    pub(crate) medicine: &'static str,
    pub(crate) dose: &'static str,
    pub(crate) route: &'static str,
    pub(crate) frequency: &'static str,
    pub(crate) status: &'static str,
    pub(crate) substance: &'static str,
    pub(crate) reaction: &'static str,
    pub(crate) measurement: &'static str,
    pub(crate) value: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) date: &'static str,
    pub(crate) test: &'static str,
    pub(crate) range: &'static str,
    pub(crate) flag: &'static str,
    pub(crate) procedure: &'static str,
    pub(crate) study: &'static str,
    pub(crate) statement: &'static str,
    pub(crate) event: &'static str,
    pub(crate) to_do: &'static str,
    pub(crate) due: &'static str,
    pub(crate) noted: &'static str,
    pub(crate) state: &'static str,
}

/// What one doubtful statement is.
pub(crate) struct StatementKinds {
    pub(crate) other_patient: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) problem: &'static str,
    pub(crate) sign_or_symptom: &'static str,
    pub(crate) medication: &'static str,
    pub(crate) allergy: &'static str,
    pub(crate) vital_sign: &'static str,
    pub(crate) lab: &'static str,
    pub(crate) procedure: &'static str,
    pub(crate) imaging: &'static str,
    pub(crate) event: &'static str,
    pub(crate) follow_up: &'static str,
    pub(crate) conflict: &'static str,
    pub(crate) gap: &'static str,
}

/// Problems by what the record says of them.
pub(crate) struct ProblemGroups {
    pub(crate) active: &'static str,
    pub(crate) past: &'static str,
    pub(crate) possible: &'static str,
    pub(crate) planned: &'static str,
    pub(crate) negated: &'static str,
    pub(crate) family: &'static str,
}

/// What only a letter says.
pub(crate) struct LetterTexts {
    pub(crate) subject: &'static str,
    pub(crate) born: fn(&str) -> String,
    pub(crate) record_number: fn(&str) -> String,
    pub(crate) opening: fn(record: &str, pages: String) -> String,
    pub(crate) closing: &'static str,
    pub(crate) left_out: fn(sections: &str) -> String,
    pub(crate) documents: fn(list: &str) -> String,
    pub(crate) other_problems: &'static str,
}
