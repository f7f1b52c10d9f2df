//! English.

use maneiro_api::{
    analysis::{
        Assertion, ClinicalStatus, DoubtReason, ExpectedTopic, FollowUpStatus, LabFlag, MedicationState,
        ModelFailure, ObservationKind,
    },
    edit::StatementSection,
};
use maneiro_page::UnreadReason;
use time::{Date, OffsetDateTime, format_description::StaticFormatDescription, macros::format_description};

use super::table::{Columns, Headings, LetterTexts, ProblemGroups, StatementKinds, Texts};

const LONG_DATE: StaticFormatDescription = format_description!("[day padding:none] [month repr:long] [year]");
const DATE_AND_MINUTE: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

pub(super) static TEXTS: Texts = Texts {
    tag: "en",
    headings: Headings {
        review: "Record analysis",
        recipient: "To",
        patient: "Patient",
        not_named: "not named in the record",
        no_findings: "Nothing was found in this record.",
        most_important: "Most important",
        summary: "Summary",
        conflicts: "Conflicts",
        gaps: "Gaps",
        doubtful: "Doubtful - compare with the page",
        doubtful_notice: "The check of these statements against the passages below failed. Do not take them for facts.",
        about: "About this report",
        low_confidence: "† The words were hard to read: compare with the page.",
        unreadable_pages: "Pages that could not be read",
        partly_read_pages: "Pages that were read in part",
        not_understood_pages: "Pages that were not understood",
        sources: "Sources",
        source_number: "No.",
        document: "Document",
        pages: "Pages",
        signature: "Signature",
        confidential: "Confidential: patient information",
        page: "page",
        page_total: "of",
        emblem_alt: "The clinic's emblem",
        signature_alt: "Signature",
    },
    columns: Columns {
        problem: "Problem",
        sign_or_symptom: "Sign or symptom",
        medicine: "Medicine",
        dose: "Dose",
        route: "Route",
        frequency: "Frequency",
        status: "Status",
        substance: "Substance",
        reaction: "Reaction",
        measurement: "Measurement",
        value: "Value",
        unit: "Unit",
        date: "Date",
        test: "Test",
        range: "Range",
        flag: "Flag",
        procedure: "Procedure",
        study: "Study",
        statement: "Statement",
        event: "Event",
        to_do: "What is to be done",
        due: "When",
        noted: "Noted",
        state: "State",
    },
    letter: LetterTexts {
        subject: "Re:",
        born: |date| format!("born {date}"),
        record_number: |number| format!("record number {number}"),
        opening: |record, pages| {
            format!(
                "This letter says what matters most in the record “{record}” ({pages}). The numbers in brackets \
                 are the pages of the record where it is written."
            )
        },
        closing: "Sincerely,",
        left_out: |sections| {
            format!("Not in this letter, with the number of statements that the full review has: {sections}.")
        },
        documents: |list| format!("Documents: {list}."),
        other_problems: "Problems that are negated, planned or of relatives",
    },
    review_title: |subject| format!("Record analysis: {subject}"),
    letter_title: |subject| format!("Letter about {subject}"),
    long_date,
    date_and_minute,
    days: |from, to| match (from, to) {
        (Some(from), Some(to)) => Some(format!("{from} to {to}")),
        (Some(from), None) => Some(format!("from {from}")),
        (None, Some(to)) => Some(format!("until {to}")),
        (None, None) => None,
    },
    born: "Born",
    sex: "Sex",
    record_number: "Record number",
    record: "Record",
    focus: "Focus",
    period: "Period",
    made_by: "Made by",
    made_on: "Made on",
    built_in_analyser: "Built-in extractive analyser",
    language_model: |name| format!("Language model {name}"),
    pages: |number| count(number, "page", "pages"),
    not_readable: |number| format!("{number} not readable"),
    read_in_part: |number| format!("{number} read in part"),
    statements: |number| count(number, "statement", "statements"),
    checked: |number| format!("{number} checked against their pages"),
    doubtful_apart: |number| format!("{number} doubtful, listed apart"),
    made_by_rules: "Every statement was taken from the record's own words by fixed rules; no language model was used.",
    made_by_model: |name| {
        format!(
            "The statements were written by the language model {name}. Each quotes the record, and each quote was \
             looked up on its page by other means than the model."
        )
    },
    aid_to_reading: "This report is an aid to reading the record and does not replace it. A physician reviews it before use.",
    understanding: |lines, used, not_understood| {
        format!(
            "Of {lines} lines of text, {used} gave a statement of the analysis; {not_understood} were not understood \
             and may say more."
        )
    },
    model_failure: |failure, all_is_built_in| {
        let why = match failure {
            ModelFailure::Unavailable => "The language model did not answer",
            ModelFailure::RequestRejected => "The language model's server refused the request",
            ModelFailure::UnusableAnswers => "The language model's answers could not be used",
        };
        let what =
            if all_is_built_in { "this is what the built-in analyser found" } else { "it made a part only" };
        format!("{why}; {what}.")
    },
    also_in_record_note: "What is marked \"also in the record\" was left out by the language model and found by the \
                          built-in analyser.",
    not_stated: |topics| format!("Not stated on these pages: {topics}."),
    topic: |topic| match topic {
        ExpectedTopic::Allergies => "allergies",
        ExpectedTopic::Medications => "medications",
        ExpectedTopic::CodeStatus => "code status",
        ExpectedTopic::Surrogate => "who decides for the patient",
        ExpectedTopic::SocialHistory => "social history",
        ExpectedTopic::FamilyHistory => "family history",
        ExpectedTopic::Vaccines => "vaccines",
        ExpectedTopic::FollowUp => "follow-up",
    },
    malformed_outputs: |number| {
        let answers = count(number, "answer", "answers");
        format!("{answers} of the language model did not match the requested schema and had to be discarded.")
    },
    uncited_statements: |number| {
        let statements = count(number, "statement", "statements");
        format!("{statements} of the language model cited nothing and had to be discarded.")
    },
    sections_left_out: |sections| {
        format!("Sections left out of this report, with the number of their statements: {sections}.")
    },
    with_doubtful: |statements, doubtful| format!("{statements}, {doubtful} of them doubtful"),
    assertion: |assertion| match assertion {
        Assertion::Present => None,
        Assertion::Negated => Some("negated"),
        Assertion::Possible => Some("possible"),
        Assertion::Family => Some("family"),
        Assertion::Historical => Some("historical"),
        Assertion::Planned => Some("planned"),
    },
    also_in_record: "also in the record",
    not_checked: "it was not checked",
    doubt: |doubt| match doubt {
        DoubtReason::QuoteNotFound => "the quoted words were not found on the page",
        DoubtReason::Patient => "the page is of another patient",
        DoubtReason::Name => "the passage does not name it",
        DoubtReason::Assertion => "the passage says it otherwise, or of somebody else or another time",
        DoubtReason::Status => "whether it is current is not what the passage says",
        DoubtReason::Dose => "the dose is not that of the passage",
        DoubtReason::Route => "the route is not that of the passage",
        DoubtReason::Frequency => "the frequency is not that of the passage",
        DoubtReason::Value => "the value is not that of the passage",
        DoubtReason::Unit => "the unit is not that of the passage",
        DoubtReason::ReferenceRange => "the reference range is not that of the passage",
        DoubtReason::Date => "the day is not that of the passage or its encounter",
        DoubtReason::Text => "the sentence says more than the passage",
    },
    flag: |flag| match flag {
        LabFlag::Low => "Low",
        LabFlag::Normal => "Normal",
        LabFlag::High => "High",
        LabFlag::Abnormal => "Abnormal",
    },
    clinical_status: |status| match status {
        ClinicalStatus::Active => "Active",
        ClinicalStatus::Past => "Stopped",
    },
    medication_state: |state| match state {
        MedicationState::Planned => "Planned",
        MedicationState::Held => "On hold",
        MedicationState::Cancelled => "Cancelled",
        MedicationState::Completed => "Completed",
    },
    started: |start| format!("from {start}"),
    stopped: |stop| format!("until {stop}"),
    indication: |indication| format!("for {indication}"),
    follow_up_status: |status| match status {
        FollowUpStatus::Open => "open",
        FollowUpStatus::Done => "done",
        FollowUpStatus::Overdue => "overdue",
    },
    value_as_read: |value, as_read| format!("{value} (read as {as_read})"),
    section: |section| match section {
        StatementSection::Summary => "Summary",
        StatementSection::Conflicts => "Conflicts",
        StatementSection::Problems => "Problems",
        StatementSection::SignsSymptoms => "Signs and symptoms",
        StatementSection::Medications => "Medications",
        StatementSection::Allergies => "Allergies and intolerances",
        StatementSection::Vitals => "Vital signs",
        StatementSection::Labs => "Laboratory results",
        StatementSection::Procedures => "Procedures",
        StatementSection::Imaging => "Imaging",
        StatementSection::SocialHistory => "Social history",
        StatementSection::Immunizations => "Immunizations",
        StatementSection::Directives => "Directives",
        StatementSection::Timeline => "Timeline",
        StatementSection::FollowUps => "Follow-up",
        StatementSection::Gaps => "Gaps",
    },
    observations: "Also documented",
    observation: |kind| match kind {
        ObservationKind::CodeStatus => "Code status",
        ObservationKind::GoalsOfCare => "Goals of care",
        ObservationKind::Surrogate => "Who decides for the patient",
        ObservationKind::SocialHistory => "Social history",
        ObservationKind::ExamFinding => "Examination",
        ObservationKind::Device => "Devices and lines",
        ObservationKind::BloodProduct => "Blood products",
        ObservationKind::Vaccine => "Vaccines",
        ObservationKind::DischargeDiagnosis => "Discharge diagnoses",
        ObservationKind::DischargeCondition => "Condition at discharge",
    },
    kinds: StatementKinds {
        other_patient: "Another patient",
        summary: "Summary",
        problem: "Problem",
        sign_or_symptom: "Sign or symptom",
        medication: "Medication",
        allergy: "Allergy",
        vital_sign: "Vital sign",
        lab: "Laboratory result",
        procedure: "Procedure",
        imaging: "Imaging",
        event: "Event",
        follow_up: "Follow-up",
        conflict: "Conflict",
        gap: "Gap",
    },
    problem_groups: ProblemGroups {
        active: "Active",
        past: "Resolved or historical",
        possible: "Possible",
        planned: "Planned or conditional",
        negated: "Negated",
        family: "Family history",
    },
    page: "p. ",
    several_pages: "pp. ",
    lines_not_understood: |not_understood, lines| format!("{not_understood} of {lines} lines not understood"),
    hardly_any_text: "hardly any text on a page that is not blank",
    exact_duplicate: |page, original| format!("{page} repeats {original} and was not read a second time."),
    near_duplicate: |page, original, percent| {
        format!("{page} seems to be another copy of {original}; {percent} % of the two agree.")
    },
    not_read: UnreadReason::describe,
    unreadable: str::to_owned,
    source_pages: |number| count(number as usize, "page", "pages"),
    licence: |licence| format!("Licence {licence}"),
    draft: "Draft, not signed",
    signed: |name, at, version| format!("Signed by {name} on {at}, version {version}"),
    digest: |digest| format!("SHA-256 of what was signed: {digest}"),
};

fn long_date(date: Date) -> String {
    date.format(LONG_DATE).unwrap_or_default()
}

fn date_and_minute(at: OffsetDateTime) -> String {
    at.format(DATE_AND_MINUTE).unwrap_or_default()
}

fn count(number: usize, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}
