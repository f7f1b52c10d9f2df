//! The wire types of an analysis: statements with citations of the pages that support them.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use maneiro_page::{BBox, UnreadReason};

use crate::{AnalysisId, DocumentId, JobId, RecordId};

// Dates are serialised as `2024-03-12`; the default form of `time` is a year and an ordinal.
time::serde::format_description!(iso_day, Date, "[year]-[month]-[day]");

/// Optional dates. The module that `time` generates rejects `null` within a flattened struct; this one accepts it.
pub(crate) mod iso_date {
    pub(crate) mod option {
        use serde::{Deserialize, Deserializer, Serializer};
        use time::Date;

        use super::super::iso_day;

        #[derive(Deserialize)]
        struct Day(#[serde(with = "iso_day")] Date);

        pub(crate) fn serialize<S: Serializer>(day: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
            iso_day::option::serialize(day, serializer)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Date>, D::Error> {
            Ok(Option::<Day>::deserialize(deserializer)?.map(|Day(day)| day))
        }
    }
}

/// What generated the statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Generator {
    /// The built-in extractive analyser: rules that copy what the record says.
    Extractive,
    /// A language model.
    Model {
        /// The model's name on its server.
        name: String,
    },
}

/// The assertion status of a statement: what the record says about its truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Assertion {
    /// The record affirms it.
    Present,
    /// The record denies it.
    Negated,
    /// The record leaves it uncertain.
    Possible,
    /// It applies to a relative.
    Family,
    /// It applied in the past.
    Historical,
    /// It is intended, or would apply only under a condition: "start aspirin", "return if fever".
    Planned,
}

/// A quote that supports a statement, and the page it is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The quoted document.
    pub document: DocumentId,
    /// The quoted page, from 1.
    pub page: u32,
    /// The quoted words, as they appear on the page.
    pub quote: String,
    /// The bounding boxes of the quote, one per line; empty if the quote was not found on the page.
    pub boxes: Vec<BBox>,
    /// Mean recognition confidence of the quoted words, 0 to 100; absent if the quote was not found on the page.
    pub confidence: Option<u8>,
}

/// One statement of the analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statement {
    /// The statement as a sentence for readers.
    pub text: String,
    /// The assertion status.
    pub assertion: Assertion,
    /// The quotes that support it.
    pub citations: Vec<Citation>,
    /// Whether every quote was found on its page, apart from recognition noise.
    pub quoted: bool,
    /// Whether it is quoted, and all that it says was recomputed from the quoted passages and agrees.
    pub checked: bool,
    /// Why it is doubtful; empty if it is checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<DoubtReason>,
    /// Whether a language model made the analysis and left this out, which the built-in analyser found.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub also_in_record: bool,
}

/// What the check of a statement against its quoted passages did not find, or found otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoubtReason {
    /// A quote does not stand on its page.
    QuoteNotFound,
    /// The page identifies another patient.
    Patient,
    /// The passage does not name it.
    Name,
    /// The passage affirms what the statement denies, or the reverse, or says it of somebody else or another time.
    Assertion,
    /// Active or past otherwise than the passage says.
    Status,
    /// Another dose, or none.
    Dose,
    /// Another route, or none.
    Route,
    /// Another frequency, or none.
    Frequency,
    /// Another value, or none.
    Value,
    /// Another unit, or none.
    Unit,
    /// Another reference range, or none.
    ReferenceRange,
    /// Another day than the passage and its encounter give.
    Date,
    /// The sentence has a number or a side that the passages do not have.
    Text,
}

/// Whether a problem or medication is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClinicalStatus {
    /// Current.
    Active,
    /// Over: a resolved problem or a discontinued medication.
    Past,
}

/// A term's code in a public list, by which other systems know it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Coding {
    /// The list that the code is from.
    pub system: CodeSystem,
    /// The code as the list writes it: `E11.9`, `HP:0000822`, `9100L32L2N`.
    pub code: String,
}

/// A public list of terms with codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeSystem {
    /// The International Classification of Diseases, tenth revision, as modified for the United States.
    Icd10Cm,
    /// The Human Phenotype Ontology.
    Hpo,
    /// The Unique Ingredient Identifier of the United States' Global Substance Registration System.
    Unii,
}

/// A diagnosis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The problem's name.
    pub name: String,
    /// Active or resolved.
    pub status: ClinicalStatus,
    /// The code of the problem's name, if a public list has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coding: Option<Coding>,
}

/// A complaint of the patient, or a sign that was looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SignSymptom {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The name of the complaint or sign.
    pub name: String,
    /// The code of that name, if a public list has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coding: Option<Coding>,
    /// The date of the encounter that reports it, if the record gives one.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
    /// The date in the words of the page, if they name no day: `2014`, `early June 2023`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_text: Option<String>,
}

/// A medication that the patient takes or took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Medication {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The medication's name.
    pub name: String,
    /// Strength or amount with unit, such as `500 mg`.
    pub dose: Option<String>,
    /// Route of administration, such as `by mouth`.
    pub route: Option<String>,
    /// Frequency, such as `twice daily`.
    pub frequency: Option<String>,
    /// Active or discontinued.
    pub status: ClinicalStatus,
    /// From when to when and why, as far as it is known.
    #[serde(flatten)]
    pub course: MedicationCourse,
    /// The code of the medication's name, if a public list has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coding: Option<Coding>,
}

/// When and why a medication is taken. All words are those of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MedicationCourse {
    /// What more is known of its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<MedicationState>,
    /// When it was or is to be begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// When it was or is to be ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indication: Option<String>,
}

/// What more is known of a medication than that it is active or discontinued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MedicationState {
    /// To be begun.
    Planned,
    /// Interrupted, and to be resumed or decided about.
    Held,
    /// Ordered, and taken back before it was given.
    Cancelled,
    /// Taken to the end, as an antibiotic.
    Completed,
}

/// An allergy or intolerance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Allergy {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The allergen.
    pub substance: String,
    /// The reaction, such as `hives`.
    pub reaction: Option<String>,
}

/// A measured vital sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VitalSign {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The vital sign, such as `blood pressure`.
    pub name: String,
    /// The value as written, such as `142/88`.
    pub value: String,
    /// The value as it was read, if it is damaged: `l2.S` for `12.5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_as_read: Option<String>,
    /// Its unit as written.
    pub unit: Option<String>,
    /// The date, if the record gives it.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
}

/// How a laboratory value compares with its reference range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LabFlag {
    /// Below the range.
    Low,
    /// Within the range.
    Normal,
    /// Above the range.
    High,
    /// Flagged as abnormal without a direction.
    Abnormal,
}

/// A laboratory result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LabResult {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The test's name as written.
    pub name: String,
    /// The value as written; empty for a test that is only planned.
    pub value: String,
    /// The value as it was read, if it is damaged: `l2.S` for `12.5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_as_read: Option<String>,
    /// Its unit as written.
    pub unit: Option<String>,
    /// The reference range as written.
    pub reference_range: Option<String>,
    /// The page's own flag, or else the flag computed from the reference range.
    pub flag: Option<LabFlag>,
    /// The date of collection or report.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
}

/// A surgical or other procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Procedure {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The procedure's name.
    pub name: String,
    /// The date, if the record gives it.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
    /// The date in the words of the page, if they name no day: `2014`, `early June 2023`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_text: Option<String>,
}

/// An imaging study and its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImagingStudy {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The study, such as `MRI left shoulder`.
    pub study: String,
    /// The date, if the record gives it.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
    /// The date in the words of the page, if they name no day: `2014`, `early June 2023`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_text: Option<String>,
}

/// A dated event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEvent {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The date; the first day of a period if the page names no day.
    #[serde(with = "iso_day")]
    pub date: Date,
    /// The date in the words of the page, if they name no day: `2014`, `early June 2023`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_text: Option<String>,
}

/// A planned follow-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FollowUp {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// The due date or interval as written, such as `in 6 weeks`.
    pub due: Option<String>,
    /// The day that it names, if it was worked out.
    #[serde(with = "iso_date::option", default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// The day of the note that plans it, if the record gives it.
    #[serde(with = "iso_date::option", default)]
    pub noted: Option<Date>,
    /// Whether it was done, as far as the record shows it.
    #[serde(default)]
    pub status: FollowUpStatus,
}

/// Whether a follow-up was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FollowUpStatus {
    /// The record does not show that it was done.
    #[default]
    Open,
    /// What it asks for has a later result.
    Done,
    /// Its day has passed, and the record does not show that it was done.
    Overdue,
}

/// What a record says beyond diagnoses, medicines and results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObservationKind {
    /// Whether the patient is to be resuscitated.
    CodeStatus,
    /// What treatment is to achieve, and where it is to end.
    GoalsOfCare,
    /// Who decides for the patient: a proxy, a power of attorney.
    Surrogate,
    /// Tobacco, alcohol, drugs, work, home, support.
    SocialHistory,
    /// A finding of the examination.
    ExamFinding,
    /// A device or line: pacemaker, catheter, drain, tube.
    Device,
    /// A transfused blood product.
    BloodProduct,
    /// A vaccine that was given or refused.
    Vaccine,
    /// A diagnosis of the discharge.
    DischargeDiagnosis,
    /// The condition at discharge.
    DischargeCondition,
}

/// Something that a record says beyond diagnoses, medicines and results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Observation {
    /// The statement and its citations.
    #[serde(flatten)]
    pub statement: Statement,
    /// What it is about.
    pub kind: ObservationKind,
    /// The date, if the record gives it.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
    /// The date in the words of the page, if they name no day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_text: Option<String>,
}

/// What a reader expects in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ExpectedTopic {
    /// Allergies, or that there are none.
    Allergies,
    /// The medicines that are taken.
    Medications,
    /// The code status.
    CodeStatus,
    /// Who decides for the patient.
    Surrogate,
    /// Tobacco, alcohol, work, home.
    SocialHistory,
    /// Illnesses of relatives.
    FamilyHistory,
    /// Vaccines.
    Vaccines,
    /// What is to be done next.
    FollowUp,
}

/// A page that duplicates an earlier page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DuplicatePage {
    /// The document of both pages.
    pub document: DocumentId,
    /// The duplicate page.
    pub page: u32,
    /// The page that it duplicates.
    pub duplicate_of: u32,
    /// Share of the two pages' text that agrees, 0 to 1. Absent for an exact duplicate, which is not read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f32>,
}

/// A page that identifies another patient. Nothing of it is among the other findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OtherPatientPage {
    /// Says whose page it is, and cites the identification.
    #[serde(flatten)]
    pub statement: Statement,
    /// The document of the page.
    pub document: DocumentId,
    /// The page, from 1.
    pub page: u32,
    /// The name on the page.
    pub name: Option<String>,
    /// The birth date on the page.
    #[serde(with = "iso_date::option", default)]
    pub birth_date: Option<Date>,
    /// The medical record number on the page.
    pub medical_record_number: Option<String>,
}

/// How much of a page was understood by the built-in analyser. Blank, duplicate and unreadable pages have none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PageUnderstanding {
    /// The document.
    pub document: DocumentId,
    /// The page, from 1.
    pub page: u32,
    /// Lines from which a finding was taken.
    pub lines_with_findings: u32,
    /// Lines that are known to carry nothing: headings, headers and footers, signatures, contacts.
    pub lines_without_content: u32,
    /// The places of all other lines among those of the page, from 0: what they say is not among the findings.
    pub lines_not_understood: Vec<u32>,
    /// Whether the page is not blank and yet has hardly any text: it may show what was not read.
    pub has_little_text: bool,
}

/// The dates that a request is limited to, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DateWindow {
    /// The first date; unbounded if absent.
    #[serde(with = "iso_date::option", default)]
    pub from: Option<Date>,
    /// The last date; unbounded if absent.
    #[serde(with = "iso_date::option", default)]
    pub to: Option<Date>,
}

/// The patient's identity as the record gives it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Patient {
    /// Full name as written.
    pub name: Option<String>,
    /// Date of birth.
    #[serde(with = "iso_date::option", default)]
    pub birth_date: Option<Date>,
    /// Sex as written.
    pub sex: Option<String>,
    /// The medical record number (MRN) as written.
    pub medical_record_number: Option<String>,
    /// The quotes that support these fields.
    pub citations: Vec<Citation>,
    /// Whether the fields were found again in the quotes.
    #[serde(default)]
    pub checked: bool,
}

/// A visit, stay, report or letter: consecutive pages of a document with a date and kind of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Encounter {
    /// The document.
    pub document: DocumentId,
    /// Its first page, from 1.
    pub first_page: u32,
    /// Its last page, which may also be the first page of the next encounter.
    pub last_page: u32,
    /// The title as written, such as `Discharge summary`; empty if the pages have none.
    pub kind: String,
    /// Who wrote it, as written.
    pub author: Option<String>,
    /// Where it was written: the hospital, ward or practice, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<String>,
    /// The date of the encounter.
    #[serde(with = "iso_date::option", default)]
    pub date: Option<Date>,
}

/// Output of the language model that was discarded, so that the analysis may be incomplete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiscardedOutput {
    /// Responses, or single items of them, that did not match the requested schema.
    pub malformed_outputs: u32,
    /// Statements without a quote.
    pub uncited_statements: u32,
}

/// Why a language model made nothing of an analysis, or only a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ModelFailure {
    /// Its server did not answer.
    Unavailable,
    /// Its server refused the request.
    RequestRejected,
    /// Its answers could not be used.
    UnusableAnswers,
}

/// The content of an analysis.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Findings {
    /// The patient's identity.
    pub patient: Patient,
    /// Pages of other patients, to be said before all else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_patients: Vec<OtherPatientPage>,
    /// The most important statements, the three most important first.
    pub summary: Vec<Statement>,
    /// The visits, stays, reports and letters of the record, in its order.
    pub encounters: Vec<Encounter>,
    /// Diagnoses.
    pub problems: Vec<Problem>,
    /// Complaints and signs, also those that are denied.
    pub signs_symptoms: Vec<SignSymptom>,
    /// Medications.
    pub medications: Vec<Medication>,
    /// Allergies and intolerances.
    pub allergies: Vec<Allergy>,
    /// Vital signs.
    pub vitals: Vec<VitalSign>,
    /// Laboratory results.
    pub labs: Vec<LabResult>,
    /// Surgical and other procedures.
    pub procedures: Vec<Procedure>,
    /// Imaging studies.
    pub imaging: Vec<ImagingStudy>,
    /// Directives, social history, examination, devices, blood products, vaccines and the discharge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
    /// Dated events, oldest first.
    pub timeline: Vec<TimelineEvent>,
    /// Planned follow-ups.
    pub follow_ups: Vec<FollowUp>,
    /// Contradictions within the record; each cites both sides.
    pub conflicts: Vec<Statement>,
    /// Orders without a result in the record; each cites the order.
    pub gaps: Vec<Statement>,
    /// What the language model found stated on no page, and nobody found otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_stated: Vec<ExpectedTopic>,
    /// Duplicate pages.
    pub duplicates: Vec<DuplicatePage>,
    /// How much of each page was understood. What was not understood may say more than the findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub understanding: Vec<PageUnderstanding>,
}

impl Findings {
    /// The statements of all sections, in display order.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.other_patients
            .iter()
            .map(|item| &item.statement)
            .chain(&self.summary)
            .chain(self.problems.iter().map(|item| &item.statement))
            .chain(self.signs_symptoms.iter().map(|item| &item.statement))
            .chain(self.medications.iter().map(|item| &item.statement))
            .chain(self.allergies.iter().map(|item| &item.statement))
            .chain(self.vitals.iter().map(|item| &item.statement))
            .chain(self.labs.iter().map(|item| &item.statement))
            .chain(self.procedures.iter().map(|item| &item.statement))
            .chain(self.imaging.iter().map(|item| &item.statement))
            .chain(self.observations.iter().map(|item| &item.statement))
            .chain(self.timeline.iter().map(|item| &item.statement))
            .chain(self.follow_ups.iter().map(|item| &item.statement))
            .chain(&self.conflicts)
            .chain(&self.gaps)
    }

    /// Mutable access to [`Findings::statements`].
    pub fn statements_mut(&mut self) -> impl Iterator<Item = &mut Statement> {
        self.other_patients
            .iter_mut()
            .map(|item| &mut item.statement)
            .chain(&mut self.summary)
            .chain(self.problems.iter_mut().map(|item| &mut item.statement))
            .chain(self.signs_symptoms.iter_mut().map(|item| &mut item.statement))
            .chain(self.medications.iter_mut().map(|item| &mut item.statement))
            .chain(self.allergies.iter_mut().map(|item| &mut item.statement))
            .chain(self.vitals.iter_mut().map(|item| &mut item.statement))
            .chain(self.labs.iter_mut().map(|item| &mut item.statement))
            .chain(self.procedures.iter_mut().map(|item| &mut item.statement))
            .chain(self.imaging.iter_mut().map(|item| &mut item.statement))
            .chain(self.observations.iter_mut().map(|item| &mut item.statement))
            .chain(self.timeline.iter_mut().map(|item| &mut item.statement))
            .chain(self.follow_ups.iter_mut().map(|item| &mut item.statement))
            .chain(&mut self.conflicts)
            .chain(&mut self.gaps)
    }
}

/// A document that the analysis covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceDocument {
    /// The document.
    pub document: DocumentId,
    /// Its file name.
    pub name: String,
    /// The number of pages.
    pub pages: u32,
    /// The pages that could not be read, with reasons.
    pub unreadable: Vec<UnreadablePage>,
    /// The pages that were read only in part, with reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partly_read: Vec<PartlyReadPage>,
}

/// A page that the analysis does not cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnreadablePage {
    /// The page, from 1.
    pub page: u32,
    /// The reason.
    pub reason: String,
}

/// A page that the analysis covers only in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartlyReadPage {
    /// The page, from 1.
    pub page: u32,
    /// The reasons why parts of it were not read, each once; at least one.
    pub reasons: Vec<UnreadReason>,
}

/// The result of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Analysis {
    /// Its id.
    pub id: AnalysisId,
    /// The job that generated it.
    pub job: JobId,
    /// The analysed record.
    pub record: RecordId,
    /// What generated the statements.
    pub generator: Generator,
    /// When it was completed.
    #[serde(with = "time::serde::rfc3339")]
    pub generated_at: OffsetDateTime,
    /// The focus of the request.
    pub focus: Option<String>,
    /// The date window of the request.
    pub window: Option<DateWindow>,
    /// The documents that it covers, in record order.
    pub sources: Vec<SourceDocument>,
    /// Output of the language model that was discarded.
    pub discarded: DiscardedOutput,
    /// Why a language model that was to be used made nothing of it, or only a part; the built-in analyser made the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_failure: Option<ModelFailure>,
    /// The content.
    #[serde(flatten)]
    pub findings: Findings,
}

/// A name as the beginning of a sentence: with a capital, unless it has its own spelling, such as `eGFR` or `pH`.
#[must_use]
pub fn capitalise(name: &str) -> String {
    if name.chars().nth(1).is_some_and(char::is_uppercase) {
        return name.to_owned();
    }
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn dates_are_iso_8601_or_absent() {
        let window = DateWindow { from: Some(date!(2024 - 03 - 12)), to: None };
        let json = serde_json::to_string(&window).unwrap();
        assert_eq!(json, r#"{"from":"2024-03-12","to":null}"#);
        assert_eq!(serde_json::from_str::<DateWindow>(&json).unwrap(), window);
        assert_eq!(serde_json::from_str::<DateWindow>(r#"{"from":"2024-03-12"}"#).unwrap(), window);
    }

    #[test]
    fn names_are_capitalised_unless_they_have_their_own_spelling() {
        for (name, expected) in [("sodium", "Sodium"), ("eGFR", "eGFR"), ("pH", "pH"), ("k", "K"), ("", "")] {
            assert_eq!(capitalise(name), expected);
        }
    }

    #[test]
    fn analysis_survives_a_json_round_trip() {
        let statement = Statement {
            text: "Seen.".to_owned(),
            assertion: Assertion::Present,
            citations: Vec::new(),
            quoted: true,
            checked: true,
            doubts: Vec::new(),
            also_in_record: false,
        };
        let procedure =
            |date| Procedure { statement: statement.clone(), name: "Seen".to_owned(), date, date_text: None };
        let medication = Medication {
            statement: statement.clone(),
            name: "Heparin".to_owned(),
            dose: None,
            route: None,
            frequency: None,
            status: ClinicalStatus::Active,
            course: MedicationCourse { state: Some(MedicationState::Held), ..MedicationCourse::default() },
            coding: None,
        };
        let findings = Findings {
            procedures: vec![procedure(None), procedure(Some(date!(2024 - 03 - 12)))],
            timeline: vec![TimelineEvent {
                statement: statement.clone(),
                date: date!(2024 - 03 - 12),
                date_text: None,
            }],
            medications: vec![medication],
            ..Findings::default()
        };
        let analysis = Analysis {
            id: "ana_0197a6b2c3d47e8f9a0b1c2d3e4f5a02".parse().unwrap(),
            job: "job_0197a6b2c3d47e8f9a0b1c2d3e4f5a03".parse().unwrap(),
            record: "rec_0197a6b2c3d47e8f9a0b1c2d3e4f5a04".parse().unwrap(),
            generator: Generator::Extractive,
            generated_at: datetime!(2025-03-01 09:26 UTC),
            focus: None,
            window: None,
            sources: Vec::new(),
            discarded: DiscardedOutput::default(),
            model_failure: None,
            findings,
        };
        let json = serde_json::to_string(&analysis).unwrap();
        assert!(json.contains(r#""date":null"#) && json.contains(r#""date":"2024-03-12""#), "{json}");
        assert_eq!(serde_json::from_str::<Analysis>(&json).unwrap(), analysis);
    }
}
