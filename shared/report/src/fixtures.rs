//! Analyses for the tests of this crate.

use maneiro_api::{
    AnalysisId, DocumentId, JobId, RecordId,
    analysis::{
        Allergy, Analysis, Assertion, Citation, ClinicalStatus, DateWindow, DiscardedOutput, DoubtReason,
        DuplicatePage, ExpectedTopic, Findings, FollowUp, FollowUpStatus, Generator, ImagingStudy, LabFlag,
        LabResult, Medication, MedicationCourse, Observation, ObservationKind, PageUnderstanding,
        PartlyReadPage, Patient, Problem, Procedure, SignSymptom, SourceDocument, Statement, TimelineEvent,
        UnreadablePage, VitalSign,
    },
    branding::{ClinicLetterhead, ReportPicture, SignerBlock},
    report::ReportForm,
    signature::ReportSignature,
};
use maneiro_page::UnreadReason;
use time::{
    Date, OffsetDateTime,
    macros::{date, datetime},
};

/// The only document of most analyses.
pub(crate) fn document() -> DocumentId {
    "doc_0197a6b2c3d47e8f9a0b1c2d3e4f5a01".parse().unwrap()
}

/// A black PNG of 600 × 300 pixels.
const PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x02\x58\x00\x00\x01\x2c\
      \x01\x00\x00\x00\x00\x37\x46\xf0\x3b\x00\x00\x00\x2d\x49\x44\x41\x54\x78\xda\xed\xc1\x31\x01\x00\
      \x00\x00\xc2\xa0\xf5\x4f\x6d\x0a\x3f\xa0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
      \x00\x00\x00\x00\x00\x00\x00\x00\xbe\x06\x59\x10\x00\x01\xd0\xee\x39\xbc\x00\x00\x00\x00\x49\x45\
      \x4e\x44\xae\x42\x60\x82";

/// A dotted PNG of 400 × 100 pixels.
const SIGNATURE_PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x01\x90\x00\x00\x00\x64\
      \x01\x00\x00\x00\x00\x80\xb0\x5b\xda\x00\x00\x00\x2b\x49\x44\x41\x54\x78\xda\xed\xcb\x21\x01\x00\
      \x00\x0c\x02\x30\x4a\xd2\xbf\x0a\x19\xee\x2e\x36\xbf\xf4\x2c\x8a\xa2\x28\x8a\xa2\x28\x8a\xa2\x28\
      \x8a\xa2\x28\x8a\xa2\xfc\x2b\x03\x93\x80\x7c\x83\x33\x59\x4e\x88\x00\x00\x00\x00\x49\x45\x4e\x44\
      \xae\x42\x60\x82";

pub(crate) fn clinic_letterhead(name: &str) -> ClinicLetterhead {
    ClinicLetterhead {
        name: name.to_owned(),
        lines: vec!["12 Quay Street, Linden Falls".to_owned(), "Telephone 555 0100".to_owned()],
        picture: Some(ReportPicture { file: PNG.to_vec() }),
    }
}

pub(crate) fn signer_block() -> SignerBlock {
    SignerBlock {
        name: "Dora Doctor, MD".to_owned(),
        line: "Orthopaedic surgery".to_owned(),
        licence: "TX 12345".to_owned(),
        phone: "555 0101".to_owned(),
        picture: Some(ReportPicture { file: SIGNATURE_PNG.to_vec() }),
    }
}

pub(crate) fn report_signature() -> ReportSignature {
    ReportSignature {
        version: 2,
        analysis: empty_analysis().id,
        revision: 7,
        form: ReportForm::FullReview,
        signer: "usr_0197a6b2c3d47e8f9a0b1c2d3e4f5a05".parse().unwrap(),
        signer_name: Some("Dora Doctor".to_owned()),
        signed_at: datetime!(2025-03-02 17:05 UTC),
        sha256: "0a".repeat(32),
    }
}

/// An analysis without findings.
pub(crate) fn empty_analysis() -> Analysis {
    Analysis {
        id: "ana_0197a6b2c3d47e8f9a0b1c2d3e4f5a02".parse::<AnalysisId>().unwrap(),
        job: "job_0197a6b2c3d47e8f9a0b1c2d3e4f5a03".parse::<JobId>().unwrap(),
        record: "rec_0197a6b2c3d47e8f9a0b1c2d3e4f5a04".parse::<RecordId>().unwrap(),
        generator: Generator::Extractive,
        generated_at: GENERATED_AT,
        focus: None,
        window: None,
        sources: vec![SourceDocument {
            document: document(),
            name: "scan.pdf".to_owned(),
            pages: 3,
            unreadable: Vec::new(),
            partly_read: Vec::new(),
        }],
        discarded: DiscardedOutput::default(),
        model_failure: None,
        findings: Findings::default(),
    }
}

const GENERATED_AT: OffsetDateTime = datetime!(2025-03-01 09:26 UTC);

pub(crate) fn checked_statement(text: &str, page: u32) -> Statement {
    Statement {
        text: text.to_owned(),
        assertion: Assertion::Present,
        citations: vec![citation(text, page)],
        quoted: true,
        checked: true,
        doubts: Vec::new(),
        also_in_record: false,
    }
}

pub(crate) fn unquoted_statement(text: &str, page: u32) -> Statement {
    Statement {
        quoted: false,
        checked: false,
        doubts: vec![DoubtReason::QuoteNotFound],
        ..checked_statement(text, page)
    }
}

fn with_assertion(assertion: Assertion, statement: Statement) -> Statement {
    Statement { assertion, ..statement }
}

fn citation(words: &str, page: u32) -> Citation {
    Citation { document: document(), page, quote: words.to_owned(), boxes: Vec::new(), confidence: Some(96) }
}

fn with_second_page(mut statement: Statement, page: u32) -> Statement {
    let words = statement.citations[0].quote.clone();
    statement.citations.push(citation(&words, page));
    statement
}

pub(crate) fn lab_result(
    name: &str,
    value: &str,
    unit: &str,
    range: &str,
    flag: LabFlag,
    on: Date,
    page: u32,
) -> LabResult {
    LabResult {
        statement: checked_statement(&format!("{name} {value} {unit}"), page),
        name: name.to_owned(),
        value: value.to_owned(),
        value_as_read: None,
        unit: Some(unit.to_owned()),
        reference_range: Some(range.to_owned()),
        flag: Some(flag),
        date: Some(on),
    }
}

fn medication(name: &str, dose: &str, frequency: &str, status: ClinicalStatus, page: u32) -> Medication {
    Medication {
        statement: checked_statement(&format!("{name} {dose} by mouth {frequency}"), page),
        name: name.to_owned(),
        dose: Some(dose.to_owned()),
        route: Some("by mouth".to_owned()),
        frequency: (!frequency.is_empty()).then(|| frequency.to_owned()),
        status,
        course: MedicationCourse::default(),
        coding: None,
    }
}

fn problem(statement: Statement, name: &str, status: ClinicalStatus) -> Problem {
    Problem { statement, name: name.to_owned(), status, coding: None }
}

fn observation(kind: ObservationKind, text: &str, page: u32) -> Observation {
    Observation { statement: checked_statement(text, page), kind, date: None, date_text: None }
}

/// An analysis with all kinds of findings.
pub(crate) fn typical_analysis() -> Analysis {
    let metformin = Statement {
        citations: vec![
            citation("Metformin 1000 mg by mouth twice daily", 13),
            citation("Metformin ER 500 mg", 14),
        ],
        ..checked_statement("Two doses of metformin: 1000 mg on page 13, 500 mg on page 14.", 13)
    };
    let mut faint = checked_statement("No known drug allergies (NKDA) in the emergency department note.", 4);
    faint.citations[0].confidence = Some(48);
    let findings = Findings {
        patient: Patient {
            name: Some("Marian T. Holloway".to_owned()),
            birth_date: Some(date!(1966 - 03 - 14)),
            sex: Some("Female".to_owned()),
            medical_record_number: Some("00482913".to_owned()),
            checked: true,
            citations: vec![citation("Marian T. Holloway", 1)],
        },
        other_patients: Vec::new(),
        summary: vec![
            checked_statement(
                "Full-thickness tear of the left supraspinatus tendon after a fall on 05/11/2024, repaired on 07/18/2024 with good recovery.",
                7,
            ),
            checked_statement(
                "Potassium 5.2 mmol/L on 01/14/2025 while on losartan, with eGFR 49; a repeat is due in 2 weeks.",
                18,
            ),
            with_second_page(
                checked_statement(
                    "Penicillin allergy (hives, 1994), but the emergency department note says no known drug allergies.",
                    1,
                ),
                4,
            ),
            checked_statement("Type 2 diabetes mellitus since 2014; A1c fell from 8.1 % to 7.2 %.", 18),
            with_assertion(
                Assertion::Possible,
                checked_statement("Possible obstructive sleep apnea; the sleep study was put off.", 17),
            ),
            unquoted_statement("The patient has a history of atrial fibrillation.", 12),
        ],
        encounters: Vec::new(),
        signs_symptoms: vec![SignSymptom {
            statement: with_assertion(Assertion::Negated, checked_statement("No loss of consciousness.", 4)),
            name: "Loss of consciousness".to_owned(),
            coding: None,
            date: Some(date!(2024 - 05 - 11)),
            date_text: None,
        }],
        problems: vec![
            problem(
                with_second_page(checked_statement("Type 2 diabetes mellitus, since 2014", 1), 17),
                "Type 2 diabetes mellitus",
                ClinicalStatus::Active,
            ),
            problem(
                checked_statement("Essential hypertension, since 2012", 1),
                "Essential hypertension",
                ClinicalStatus::Active,
            ),
            problem(
                checked_statement("Chronic kidney disease stage 3a", 1),
                "Chronic kidney disease stage 3a",
                ClinicalStatus::Active,
            ),
            problem(
                checked_statement("Iron deficiency anemia, resolved 2021", 1),
                "Iron deficiency anemia",
                ClinicalStatus::Past,
            ),
            problem(
                with_assertion(
                    Assertion::Possible,
                    checked_statement("Possible obstructive sleep apnea. STOP-BANG score 4.", 2),
                ),
                "Obstructive sleep apnea",
                ClinicalStatus::Active,
            ),
            problem(
                with_assertion(
                    Assertion::Negated,
                    checked_statement(
                        "No history of myocardial infarction, stroke or deep vein thrombosis.",
                        1,
                    ),
                ),
                "Stroke",
                ClinicalStatus::Active,
            ),
            problem(
                with_assertion(Assertion::Family, checked_statement("Mother: breast cancer at age 67.", 1)),
                "Breast cancer",
                ClinicalStatus::Active,
            ),
            problem(
                unquoted_statement("Atrial fibrillation on apixaban", 12),
                "Atrial fibrillation",
                ClinicalStatus::Active,
            ),
        ],
        medications: vec![
            medication("Metformin", "500 mg", "twice daily", ClinicalStatus::Active, 14),
            medication("Losartan", "50 mg", "once daily", ClinicalStatus::Active, 14),
            medication("Atorvastatin", "40 mg", "at bedtime", ClinicalStatus::Active, 14),
            Medication { route: None, ..medication("Lisinopril", "10 mg", "", ClinicalStatus::Past, 14) },
        ],
        allergies: vec![
            Allergy {
                statement: with_second_page(checked_statement("Penicillin: hives", 1), 8),
                substance: "Penicillin".to_owned(),
                reaction: Some("Hives".to_owned()),
            },
            Allergy {
                statement: with_assertion(Assertion::Negated, faint),
                substance: "No known drug allergies".to_owned(),
                reaction: None,
            },
        ],
        vitals: vec![VitalSign {
            statement: checked_statement("BP 148/92 mmHg", 2),
            name: "Blood pressure".to_owned(),
            value: "148/92".to_owned(),
            value_as_read: None,
            unit: Some("mmHg".to_owned()),
            date: Some(date!(2023 - 02 - 16)),
        }],
        labs: vec![
            lab_result("Hemoglobin A1c", "8.1", "%", "4.0 - 5.6", LabFlag::High, date!(2023 - 02 - 16), 3),
            lab_result(
                "eGFR (CKD-EPI 2021)",
                "49",
                "mL/min/1.73 m2",
                ">= 60",
                LabFlag::Low,
                date!(2025 - 01 - 14),
                18,
            ),
            lab_result("Potassium", "5.2", "mmol/L", "3.5 - 5.1", LabFlag::High, date!(2025 - 01 - 14), 18),
            lab_result("Sodium", "138", "mmol/L", "136 - 145", LabFlag::Normal, date!(2025 - 01 - 14), 18),
        ],
        procedures: vec![Procedure {
            statement: with_second_page(
                checked_statement(
                    "Arthroscopic rotator cuff repair, left shoulder, with subacromial decompression",
                    12,
                ),
                13,
            ),
            name: "Arthroscopic rotator cuff repair, left shoulder, with subacromial decompression"
                .to_owned(),
            date: Some(date!(2024 - 07 - 18)),
            date_text: None,
        }],
        imaging: vec![ImagingStudy {
            statement: checked_statement(
                "Full-thickness tear of the left supraspinatus tendon, 1.8 cm, with 1.5 cm of retraction.",
                7,
            ),
            study: "MRI left shoulder without contrast".to_owned(),
            date: Some(date!(2024 - 06 - 04)),
            date_text: None,
        }],
        observations: vec![
            observation(ObservationKind::CodeStatus, "Full code", 13),
            observation(ObservationKind::SocialHistory, "Former smoker, 10 pack-years, quit in 2010", 4),
            Observation {
                date: Some(date!(2023 - 10 - 03)),
                ..observation(ObservationKind::Vaccine, "Influenza vaccine", 3)
            },
        ],
        not_stated: vec![ExpectedTopic::Surrogate],
        timeline: vec![
            TimelineEvent {
                statement: checked_statement("Fell on wet stairs onto her outstretched left arm.", 4),
                date: date!(2024 - 05 - 11),
                date_text: None,
            },
            TimelineEvent {
                statement: checked_statement("Arthroscopic rotator cuff repair of the left shoulder.", 12),
                date: date!(2024 - 07 - 18),
                date_text: None,
            },
        ],
        follow_ups: vec![FollowUp {
            statement: checked_statement("Repeat potassium and creatinine", 19),
            due: Some("in 2 weeks".to_owned()),
            due_date: Some(date!(2025 - 02 - 18)),
            noted: Some(date!(2025 - 02 - 04)),
            status: FollowUpStatus::Open,
        }],
        conflicts: vec![metformin],
        gaps: vec![with_second_page(
            checked_statement("A dilated eye exam was ordered; no report of it is in the record.", 2),
            19,
        )],
        duplicates: vec![DuplicatePage {
            document: document(),
            page: 16,
            duplicate_of: 12,
            similarity: None,
        }],
        understanding: vec![PageUnderstanding {
            document: document(),
            page: 15,
            lines_with_findings: 4,
            lines_without_content: 7,
            lines_not_understood: (11..23).collect(),
            has_little_text: false,
        }],
    };
    Analysis {
        generator: Generator::Model { name: "clinical-large-2".to_owned() },
        focus: Some("left shoulder after the 2024 fall".to_owned()),
        window: Some(DateWindow { from: Some(date!(2023 - 01 - 01)), to: Some(date!(2025 - 02 - 28)) }),
        sources: vec![SourceDocument {
            document: document(),
            name: "holloway-record.pdf".to_owned(),
            pages: 19,
            unreadable: vec![UnreadablePage {
                page: 10,
                reason: "The image on this page is damaged.".to_owned(),
            }],
            partly_read: vec![PartlyReadPage { page: 12, reasons: vec![UnreadReason::Handwriting] }],
        }],
        discarded: DiscardedOutput { malformed_outputs: 1, uncited_statements: 2 },
        findings,
        ..empty_analysis()
    }
}

/// An analysis with many laboratory results.
pub(crate) fn many_labs(count: u32) -> Analysis {
    let flags = [LabFlag::Normal, LabFlag::High, LabFlag::Low, LabFlag::Abnormal];
    let labs = (0..count).map(|index| {
        let flag = flags[index as usize % flags.len()];
        lab_result(
            &format!("Test number {index}"),
            "4.2",
            "mmol/L",
            "3.5 - 5.1",
            flag,
            date!(2025 - 01 - 14),
            1 + index / 20,
        )
    });
    Analysis { findings: Findings { labs: labs.collect(), ..Findings::default() }, ..empty_analysis() }
}
