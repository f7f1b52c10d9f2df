//! The model of an analysis: statements that carry the quotes they were made from.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use maneiro_page::{BBox, UnreadReason};

use crate::{AnalysisId, DocumentId, JobId, RecordId};

// Days travel as `2024-03-12`; what `time` writes by itself is a year and an ordinal.
time::serde::format_description!(iso_day, Date, "[year]-[month]-[day]");

/// What `time` offers for an absent day refuses `null` within a flattened value, so this takes it as one.
mod iso_date {
    pub(super) mod option {
        use serde::{Deserialize, Deserializer, Serializer};
        use time::Date;

        use super::super::iso_day;

        #[derive(Deserialize)]
        struct Day(#[serde(with = "iso_day")] Date);

        pub(in super::super) fn serialize<S: Serializer>(
            day: &Option<Date>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            iso_day::option::serialize(day, serializer)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Date>, D::Error> {
            Ok(Option::<Day>::deserialize(deserializer)?.map(|Day(day)| day))
        }
    }
}

/// Who made the statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MadeBy {
    /// The built-in analyser, which only repeats what the record says.
    Extractive,
    /// A language model.
    Model {
        /// The model's name as its server calls it.
        name: String,
    },
}

/// What a record says about a statement's truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Asserted {
    /// It is so.
    Present,
    /// It is not so.
    Negated,
    /// It may be so.
    Possible,
    /// It is so of a relative.
    Family,
    /// It was so.
    Historical,
}

/// Where a statement comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The document quoted.
    pub document: DocumentId,
    /// The page quoted, from 1.
    pub page: u32,
    /// The words quoted, as the page has them.
    pub quote: String,
    /// Where they stand, one box per line; empty until the quote was found on the page.
    pub boxes: Vec<BBox>,
    /// Mean confidence of the quoted words as read, 0 to 100; absent until the quote was found.
    pub confidence: Option<u8>,
}

/// One thing the analysis says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statement {
    /// The sentence to show.
    pub text: String,
    /// What the record says about its truth.
    pub asserted: Asserted,
    /// What it was made from.
    pub citations: Vec<Citation>,
    /// Every citation was found on the page it names, word for word but for reading noise.
    pub verified: bool,
}

/// Whether something still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It holds now.
    Active,
    /// It is over: a resolved problem, a stopped medication.
    Past,
}

/// A diagnosis or complaint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// What is said, and where.
    #[serde(flatten)]
    pub statement: Statement,
    /// The problem's name.
    pub name: String,
    /// Active or resolved.
    pub status: Status,
}

/// A medicine the patient takes or took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Medication {
    /// What is said, and where.
    #[serde(flatten)]
    pub statement: Statement,
    /// The medicine's name.
    pub name: String,
    /// Strength or amount with its unit, such as `500 mg`.
    pub dose: Option<String>,
    /// How it is given, such as `by mouth`.
    pub route: Option<String>,
    /// How often, such as `twice daily`.
    pub frequency: Option<String>,
    /// Taken now or stopped.
    pub status: Status,
}

/// An allergy or intolerance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Allergy {
    /// What is said, and where.
    #[serde(flatten)]
    pub statement: Statement,
    /// To what.
    pub substance: String,
    /// What happened, such as `hives`.
    pub reaction: Option<String>,
}

/// A measured vital sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Vital {
    /// What is said, and where.
    #[serde(flatten)]
    pub statement: Statement,
    /// What was measured, such as `blood pressure`.
    pub name: String,
    /// The value as written, such as `142/88`.
    pub value: String,
    /// Its unit as written.
    pub unit: Option<String>,
    /// When.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
}

/// How a laboratory value stands to its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabFlag {
    /// Below the range.
    Low,
    /// Within the range.
    Normal,
    /// Above the range.
    High,
    /// Marked abnormal without a direction.
    Abnormal,
}

/// A laboratory result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Lab {
    /// What is said, and where.
    #[serde(flatten)]
    pub statement: Statement,
    /// The test's name as written.
    pub name: String,
    /// The value as written.
    pub value: String,
    /// Its unit as written.
    pub unit: Option<String>,
    /// The reference range as written.
    pub range: Option<String>,
    /// How the value stands to the range: the page's own mark, else computed from the range.
    pub flag: Option<LabFlag>,
    /// When the sample was taken or reported.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
}

/// An operation or other procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Procedure {
    /// What is said, and where.
    #[serde(flatten)]
    pub statement: Statement,
    /// The procedure's name.
    pub name: String,
    /// When.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
}

/// An imaging study and what it found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Imaging {
    /// What is said, and where.
    #[serde(flatten)]
    pub statement: Statement,
    /// The study, such as `MRI left shoulder`.
    pub study: String,
    /// When.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
}

/// Something that happened on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// What is said, and where.
    #[serde(flatten)]
    pub statement: Statement,
    /// The day.
    #[serde(with = "iso_day")]
    pub date: Date,
}

/// Something that is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FollowUp {
    /// What is said, and where.
    #[serde(flatten)]
    pub statement: Statement,
    /// When it is due, as written, such as `in 6 weeks`.
    pub due: Option<String>,
}

/// A page that repeats another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Duplicate {
    /// The document of both pages.
    pub document: DocumentId,
    /// The repeating page.
    pub page: u32,
    /// The page it repeats.
    pub of: u32,
    /// How much of the two agrees, 0 to 1, if it does not repeat it exactly: then it was read like any other page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f32>,
}

/// A span of days to look at; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DateWindow {
    /// First day.
    #[serde(with = "iso_date::option", default)]
    pub from: Option<Date>,
    /// Last day.
    #[serde(with = "iso_date::option", default)]
    pub to: Option<Date>,
}

/// What the record says about who the patient is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Patient {
    /// Full name as written.
    pub name: Option<String>,
    /// Date of birth.
    #[serde(with = "iso_date::option", default)]
    pub birth_date: Option<Date>,
    /// Sex as written.
    pub sex: Option<String>,
    /// The record number (MRN) as written.
    pub record_number: Option<String>,
    /// Where these were found.
    pub citations: Vec<Citation>,
}

/// What was left out of an analysis and why it may be incomplete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dropped {
    /// Answers of the model, or single items of them, that were not of the asked form.
    pub unparsable_answers: u32,
    /// Statements of the model that quoted nothing.
    pub uncited_statements: u32,
}

/// Everything an analysis holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Findings {
    /// Who the patient is, as the record says.
    pub patient: Patient,
    /// What matters, the three most important first.
    pub summary: Vec<Statement>,
    /// Diagnoses and complaints.
    pub problems: Vec<Problem>,
    /// Medicines.
    pub medications: Vec<Medication>,
    /// Allergies and intolerances.
    pub allergies: Vec<Allergy>,
    /// Vital signs.
    pub vitals: Vec<Vital>,
    /// Laboratory results.
    pub labs: Vec<Lab>,
    /// Operations and other procedures.
    pub procedures: Vec<Procedure>,
    /// Imaging studies.
    pub imaging: Vec<Imaging>,
    /// Dated events, oldest first.
    pub timeline: Vec<Event>,
    /// What is to be done.
    pub follow_ups: Vec<FollowUp>,
    /// Places in the record that disagree; each cites both.
    pub conflicts: Vec<Statement>,
    /// What was expected and not found; each cites what raised the expectation.
    pub gaps: Vec<Statement>,
    /// Pages that repeat.
    pub duplicates: Vec<Duplicate>,
}

impl Findings {
    /// Every statement of every section, in the order they are shown.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.summary
            .iter()
            .chain(self.problems.iter().map(|item| &item.statement))
            .chain(self.medications.iter().map(|item| &item.statement))
            .chain(self.allergies.iter().map(|item| &item.statement))
            .chain(self.vitals.iter().map(|item| &item.statement))
            .chain(self.labs.iter().map(|item| &item.statement))
            .chain(self.procedures.iter().map(|item| &item.statement))
            .chain(self.imaging.iter().map(|item| &item.statement))
            .chain(self.timeline.iter().map(|item| &item.statement))
            .chain(self.follow_ups.iter().map(|item| &item.statement))
            .chain(&self.conflicts)
            .chain(&self.gaps)
    }

    /// The same, to be changed in place.
    pub fn statements_mut(&mut self) -> impl Iterator<Item = &mut Statement> {
        self.summary
            .iter_mut()
            .chain(self.problems.iter_mut().map(|item| &mut item.statement))
            .chain(self.medications.iter_mut().map(|item| &mut item.statement))
            .chain(self.allergies.iter_mut().map(|item| &mut item.statement))
            .chain(self.vitals.iter_mut().map(|item| &mut item.statement))
            .chain(self.labs.iter_mut().map(|item| &mut item.statement))
            .chain(self.procedures.iter_mut().map(|item| &mut item.statement))
            .chain(self.imaging.iter_mut().map(|item| &mut item.statement))
            .chain(self.timeline.iter_mut().map(|item| &mut item.statement))
            .chain(self.follow_ups.iter_mut().map(|item| &mut item.statement))
            .chain(&mut self.conflicts)
            .chain(&mut self.gaps)
    }
}

/// One document an analysis was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// The document.
    pub document: DocumentId,
    /// Its file name.
    pub name: String,
    /// How many pages it has.
    pub pages: u32,
    /// The pages that could not be read, with the reason.
    pub unreadable: Vec<UnreadablePage>,
    /// The pages of which a part was seen and not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partly_read: Vec<PartlyReadPage>,
}

/// A page that the analysis could not take into account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnreadablePage {
    /// The page, from 1.
    pub page: u32,
    /// Why it could not be read.
    pub reason: String,
}

/// A page that the analysis could take into account only in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartlyReadPage {
    /// The page, from 1.
    pub page: u32,
    /// Why parts of it were not read, each reason once; at least one.
    pub unread: Vec<UnreadReason>,
}

/// The result of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Analysis {
    /// Its id.
    pub id: AnalysisId,
    /// The job that made it.
    pub job: JobId,
    /// The record it is about.
    pub record: RecordId,
    /// Who made the statements.
    pub made_by: MadeBy,
    /// When it was finished.
    #[serde(with = "time::serde::rfc3339")]
    pub made_at: OffsetDateTime,
    /// What the request asked to look at.
    pub focus: Option<String>,
    /// The days the request asked to look at.
    pub window: Option<DateWindow>,
    /// The documents it was made from, in the order of the record.
    pub sources: Vec<Source>,
    /// What was left out.
    pub dropped: Dropped,
    /// What it says.
    #[serde(flatten)]
    pub findings: Findings,
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn days_travel_as_iso_dates_and_may_be_absent() {
        let window = DateWindow { from: Some(date!(2024 - 03 - 12)), to: None };
        let json = serde_json::to_string(&window).unwrap();
        assert_eq!(json, r#"{"from":"2024-03-12","to":null}"#);
        assert_eq!(serde_json::from_str::<DateWindow>(&json).unwrap(), window);
        assert_eq!(serde_json::from_str::<DateWindow>(r#"{"from":"2024-03-12"}"#).unwrap(), window);
    }

    #[test]
    fn an_analysis_comes_back_from_its_json() {
        let statement = Statement {
            text: "Seen.".to_owned(),
            asserted: Asserted::Present,
            citations: Vec::new(),
            verified: true,
        };
        let procedure = |date| Procedure { statement: statement.clone(), name: "Seen".to_owned(), date };
        let findings = Findings {
            procedures: vec![procedure(None), procedure(Some(date!(2024 - 03 - 12)))],
            timeline: vec![Event { statement: statement.clone(), date: date!(2024 - 03 - 12) }],
            ..Findings::default()
        };
        let analysis = Analysis {
            id: "ana_0197a6b2c3d47e8f9a0b1c2d3e4f5a02".parse().unwrap(),
            job: "job_0197a6b2c3d47e8f9a0b1c2d3e4f5a03".parse().unwrap(),
            record: "rec_0197a6b2c3d47e8f9a0b1c2d3e4f5a04".parse().unwrap(),
            made_by: MadeBy::Extractive,
            made_at: datetime!(2025-03-01 09:26 UTC),
            focus: None,
            window: None,
            sources: Vec::new(),
            dropped: Dropped::default(),
            findings,
        };
        let json = serde_json::to_string(&analysis).unwrap();
        assert!(json.contains(r#""date":null"#) && json.contains(r#""date":"2024-03-12""#), "{json}");
        assert_eq!(serde_json::from_str::<Analysis>(&json).unwrap(), analysis);
    }
}
