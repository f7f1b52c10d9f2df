//! The ground truth of the sample record. Every quote is on its page word for word, except for white space; a test checks
//! this against the typeset pages.

/// Words on a page of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlantedQuote {
    /// The page, from 1.
    pub page: u32,
    /// The words with one space between them.
    pub text: &'static str,
}

const fn quote(page: u32, text: &'static str) -> PlantedQuote {
    PlantedQuote { page, text }
}

/// All facts of the record.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Who the patient is.
    pub patient: PatientFact,
    /// The pages, in order.
    pub pages: &'static [PageFact],
    /// Active and resolved problems.
    pub problems: &'static [ProblemFact],
    /// Medicines taken and stopped.
    pub medications: &'static [MedicationFact],
    /// Allergies and intolerances.
    pub allergies: &'static [AllergyFact],
    /// Vital signs.
    pub vitals: &'static [VitalFact],
    /// Laboratory results.
    pub labs: &'static [LabFact],
    /// Operations.
    pub procedures: &'static [ProcedureFact],
    /// Imaging studies.
    pub imaging: &'static [ImagingFact],
    /// What is to be done.
    pub follow_ups: &'static [FollowUpFact],
    /// Mentions that are not present in the patient. They must never be shown as such.
    pub not_present: &'static [StatementFact],
    /// Quotes that contradict each other.
    pub conflicts: &'static [ConflictFact],
    /// Orders without a result in the record.
    pub gaps: &'static [GapFact],
    /// Pages that duplicate another.
    pub duplicates: &'static [DuplicateFact],
    /// The page with nothing on it.
    pub blank_page: u32,
    /// The page that was scanned rotated by 90°.
    pub sideways_page: u32,
    /// The page that came by fax.
    pub fax_page: u32,
}

/// Who the patient is.
#[derive(Debug, Clone, Copy)]
pub struct PatientFact {
    /// Full name, as most pages write it.
    pub name: &'static str,
    /// Date of birth, ISO 8601.
    pub birth_date: &'static str,
    /// Sex.
    pub sex: &'static str,
    /// Record number.
    pub record_number: &'static str,
}

/// How a page was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageOrigin {
    /// Text with embedded fonts.
    BornDigital,
    /// Printed and scanned.
    Scanned,
    /// Printed and scanned rotated by 90°.
    Sideways,
    /// Sent by fax.
    Faxed,
    /// An empty sheet that was scanned.
    Blank,
    /// The same image as an earlier page.
    DuplicateOf(u32),
}

/// One page.
#[derive(Debug, Clone, Copy)]
pub struct PageFact {
    /// Position, from 1.
    pub number: u32,
    /// What it is.
    pub title: &'static str,
    /// The day it is about, ISO 8601.
    pub date: Option<&'static str>,
    pub origin: PageOrigin,
}

/// A diagnosis.
#[derive(Debug, Clone, Copy)]
pub struct ProblemFact {
    /// Its name.
    pub name: &'static str,
    /// Whether it is active (or resolved).
    pub active: bool,
    pub quotes: &'static [PlantedQuote],
}

/// A medicine.
#[derive(Debug, Clone, Copy)]
pub struct MedicationFact {
    /// Its name.
    pub name: &'static str,
    /// Strength with unit.
    pub dose: &'static str,
    /// How it is given, where the record says so.
    pub route: Option<&'static str>,
    /// How often, where the record says so.
    pub frequency: Option<&'static str>,
    /// Whether it is taken (or stopped).
    pub active: bool,
    pub quotes: &'static [PlantedQuote],
}

/// An allergy or intolerance.
#[derive(Debug, Clone, Copy)]
pub struct AllergyFact {
    /// To what.
    pub substance: &'static str,
    /// What happened.
    pub reaction: &'static str,
    pub quotes: &'static [PlantedQuote],
}

/// A vital sign.
#[derive(Debug, Clone, Copy)]
pub struct VitalFact {
    /// What was measured.
    pub name: &'static str,
    /// The value as written.
    pub value: &'static str,
    /// When, ISO 8601.
    pub date: &'static str,
    pub quote: PlantedQuote,
}

/// A laboratory result.
#[derive(Debug, Clone, Copy)]
pub struct LabFact {
    /// The test as written.
    pub name: &'static str,
    /// The value as written.
    pub value: &'static str,
    /// `H`, `L` or empty, as written.
    pub flag: &'static str,
    /// The unit as written; the INR has none.
    pub unit: &'static str,
    /// The reference range as written.
    pub range: &'static str,
    /// When the sample was taken, ISO 8601.
    pub date: &'static str,
    /// The page of the table.
    pub page: u32,
}

/// An operation.
#[derive(Debug, Clone, Copy)]
pub struct ProcedureFact {
    /// Its name.
    pub name: &'static str,
    /// When: ISO 8601, or only the year.
    pub date: &'static str,
    pub quotes: &'static [PlantedQuote],
}

/// An imaging study.
#[derive(Debug, Clone, Copy)]
pub struct ImagingFact {
    /// The study.
    pub study: &'static str,
    /// When, ISO 8601.
    pub date: &'static str,
    /// What it found.
    pub quotes: &'static [PlantedQuote],
}

/// Something that is to be done.
#[derive(Debug, Clone, Copy)]
pub struct FollowUpFact {
    pub what: &'static str,
    /// When, as written.
    pub due: &'static str,
    pub quote: PlantedQuote,
}

/// Why a mention is not present in the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlantedAssertion {
    /// The record says it is not so.
    Negated,
    /// The record says it may be so.
    Possible,
    /// It is so of a relative.
    Family,
}

/// A mention that is not present in the patient.
#[derive(Debug, Clone, Copy)]
pub struct StatementFact {
    pub what: &'static str,
    /// Why it is not present.
    pub assertion: PlantedAssertion,
    pub quote: PlantedQuote,
}

/// Quotes that contradict each other.
#[derive(Debug, Clone, Copy)]
pub struct ConflictFact {
    /// About what.
    pub about: &'static str,
    /// The quotes of one side.
    pub one: &'static [PlantedQuote],
    /// The quotes of the other side.
    pub other: &'static [PlantedQuote],
}

/// An order without a result in the record.
#[derive(Debug, Clone, Copy)]
pub struct GapFact {
    /// What is missing.
    pub missing: &'static str,
    /// What raises the expectation.
    pub quotes: &'static [PlantedQuote],
}

/// A page that duplicates another.
#[derive(Debug, Clone, Copy)]
pub struct DuplicateFact {
    /// The duplicate.
    pub page: u32,
    /// The page that it duplicates.
    pub of: u32,
}

/// The ground truth of the sample record.
#[must_use]
pub fn facts() -> Facts {
    Facts {
        patient: PatientFact {
            name: "Marian T. Holloway",
            birth_date: "1966-03-14",
            sex: "Female",
            record_number: "00482913",
        },
        pages: PAGES,
        problems: PROBLEMS,
        medications: MEDICATIONS,
        allergies: ALLERGIES,
        vitals: VITALS,
        labs: LABS,
        procedures: PROCEDURES,
        imaging: IMAGING,
        follow_ups: FOLLOW_UPS,
        not_present: NOT_PRESENT,
        conflicts: CONFLICTS,
        gaps: GAPS,
        duplicates: &[DuplicateFact { page: 16, of: 12 }],
        blank_page: 10,
        sideways_page: 15,
        fax_page: 4,
    }
}

const fn page(number: u32, title: &'static str, date: Option<&'static str>, origin: PageOrigin) -> PageFact {
    PageFact { number, title, date, origin }
}

const PAGES: &[PageFact] = &[
    page(1, "Patient face sheet", Some("2025-02-10"), PageOrigin::BornDigital),
    page(2, "Annual visit", Some("2023-02-16"), PageOrigin::Scanned),
    page(3, "Laboratory report", Some("2023-02-16"), PageOrigin::Scanned),
    page(4, "Emergency department note", Some("2024-05-11"), PageOrigin::Faxed),
    page(5, "X-ray left shoulder", Some("2024-05-11"), PageOrigin::Scanned),
    page(6, "Progress note", Some("2024-05-20"), PageOrigin::Scanned),
    page(7, "MRI left shoulder", Some("2024-06-04"), PageOrigin::BornDigital),
    page(8, "Referral letter", Some("2024-06-10"), PageOrigin::Scanned),
    page(9, "Orthopaedic consultation", Some("2024-06-25"), PageOrigin::Scanned),
    page(10, "Back of a sheet", None, PageOrigin::Blank),
    page(11, "Preoperative laboratory report", Some("2024-07-09"), PageOrigin::Scanned),
    page(12, "Operation report", Some("2024-07-18"), PageOrigin::Scanned),
    page(13, "Discharge summary", Some("2024-07-19"), PageOrigin::BornDigital),
    page(14, "Medication list", Some("2024-08-22"), PageOrigin::Scanned),
    page(15, "Physical therapy note", Some("2024-09-26"), PageOrigin::Sideways),
    page(16, "Operation report", Some("2024-07-18"), PageOrigin::DuplicateOf(12)),
    page(17, "Progress note", Some("2024-10-17"), PageOrigin::Scanned),
    page(18, "Laboratory report", Some("2025-01-14"), PageOrigin::BornDigital),
    page(19, "Follow-up plan", Some("2025-02-06"), PageOrigin::BornDigital),
];

const PROBLEMS: &[ProblemFact] = &[
    ProblemFact {
        name: "Type 2 diabetes mellitus",
        active: true,
        quotes: &[
            quote(1, "Type 2 diabetes mellitus, since 2014"),
            quote(2, "Type 2 diabetes mellitus, not at goal"),
            quote(8, "type 2 diabetes mellitus"),
            quote(17, "Type 2 diabetes mellitus with chronic kidney disease stage 3a"),
        ],
    },
    ProblemFact {
        name: "Essential hypertension",
        active: true,
        quotes: &[quote(1, "Essential hypertension, since 2012"), quote(2, "Hypertension, above goal")],
    },
    ProblemFact {
        name: "Chronic kidney disease stage 3a",
        active: true,
        quotes: &[
            quote(1, "Chronic kidney disease stage 3a, since 2022"),
            quote(2, "Chronic kidney disease stage 3a with albuminuria"),
            quote(6, "CKD stage 3a on losartan"),
        ],
    },
    ProblemFact {
        name: "Mixed hyperlipidemia",
        active: true,
        quotes: &[
            quote(1, "Mixed hyperlipidemia"),
            quote(2, "Mixed hyperlipidemia"),
            quote(17, "Mixed hyperlipidemia"),
        ],
    },
    ProblemFact {
        name: "Full-thickness tear of the left supraspinatus tendon",
        active: true,
        quotes: &[
            quote(1, "Full-thickness tear of the left supraspinatus tendon, repaired 07/18/2024"),
            quote(
                7,
                "Full-thickness tear of the left supraspinatus tendon, 1.8 cm, with 1.5 cm of retraction",
            ),
            quote(9, "Acute traumatic full-thickness tear of the left supraspinatus tendon"),
            quote(13, "Full-thickness tear of the left supraspinatus tendon after a fall"),
        ],
    },
    ProblemFact {
        name: "Iron deficiency anemia",
        active: false,
        quotes: &[quote(1, "Iron deficiency anemia, resolved 2021")],
    },
    ProblemFact {
        name: "Community-acquired pneumonia",
        active: false,
        quotes: &[quote(1, "Community-acquired pneumonia, 2019, resolved")],
    },
];

const BY_MOUTH: Option<&str> = Some("by mouth");

const MEDICATIONS: &[MedicationFact] = &[
    MedicationFact {
        name: "Metformin",
        dose: "500 mg",
        route: BY_MOUTH,
        frequency: Some("twice daily"),
        active: true,
        quotes: &[
            quote(2, "Metformin 500 mg by mouth twice daily"),
            quote(8, "metformin 500 mg twice daily"),
            quote(14, "Metformin ER 500 mg by mouth twice daily"),
        ],
    },
    MedicationFact {
        name: "Metformin",
        dose: "1000 mg",
        route: BY_MOUTH,
        frequency: Some("twice daily"),
        active: true,
        quotes: &[quote(13, "Metformin 1000 mg by mouth twice daily")],
    },
    MedicationFact {
        name: "Losartan",
        dose: "50 mg",
        route: BY_MOUTH,
        frequency: Some("once daily"),
        active: true,
        quotes: &[
            quote(13, "Losartan 50 mg by mouth once daily"),
            quote(14, "Losartan 50 mg by mouth once daily"),
        ],
    },
    MedicationFact {
        name: "Amlodipine",
        dose: "5 mg",
        route: BY_MOUTH,
        frequency: Some("once daily"),
        active: true,
        quotes: &[
            quote(2, "amlodipine 5 mg by mouth once daily"),
            quote(13, "Amlodipine 5 mg by mouth once daily"),
            quote(14, "Amlodipine 5 mg by mouth once daily"),
        ],
    },
    MedicationFact {
        name: "Atorvastatin",
        dose: "40 mg",
        route: BY_MOUTH,
        frequency: Some("at bedtime"),
        active: true,
        quotes: &[
            quote(13, "Atorvastatin 40 mg by mouth at bedtime"),
            quote(14, "Atorvastatin 40 mg by mouth at bedtime"),
            quote(17, "atorvastatin 40 mg at bedtime"),
        ],
    },
    MedicationFact {
        name: "Acetaminophen",
        dose: "650 mg",
        route: BY_MOUTH,
        frequency: Some("every 6 hours as needed"),
        active: true,
        quotes: &[
            quote(6, "Acetaminophen 650 mg by mouth every 6 hours as needed"),
            quote(13, "Acetaminophen 650 mg by mouth every 6 hours as needed"),
            quote(14, "Acetaminophen 650 mg by mouth every 6 hours as needed"),
        ],
    },
    MedicationFact {
        name: "Empagliflozin",
        dose: "10 mg",
        route: BY_MOUTH,
        frequency: Some("once daily"),
        active: true,
        quotes: &[quote(17, "Start empagliflozin 10 mg by mouth once daily")],
    },
    MedicationFact {
        name: "Oxycodone",
        dose: "5 mg",
        route: None,
        frequency: None,
        active: false,
        quotes: &[quote(14, "Oxycodone 5 mg 07/24/2024 course completed")],
    },
    MedicationFact {
        name: "Ibuprofen",
        dose: "600 mg",
        route: None,
        frequency: None,
        active: false,
        quotes: &[
            quote(6, "Stop ibuprofen today"),
            quote(14, "Ibuprofen 600 mg 05/20/2024 chronic kidney disease"),
        ],
    },
    MedicationFact {
        name: "Lisinopril",
        dose: "10 mg",
        route: None,
        frequency: None,
        active: false,
        quotes: &[quote(14, "Lisinopril 10 mg 2019 dry cough")],
    },
];

const ALLERGIES: &[AllergyFact] = &[
    AllergyFact {
        substance: "Penicillin",
        reaction: "Hives",
        quotes: &[
            quote(1, "Penicillin Hives 1994"),
            quote(8, "Allergy: penicillin (hives, 1994)"),
            quote(12, "penicillin allergy (hives)"),
            quote(14, "Penicillin: hives"),
        ],
    },
    AllergyFact {
        substance: "Lisinopril",
        reaction: "Dry cough",
        quotes: &[quote(1, "Lisinopril Dry cough 2019"), quote(14, "Lisinopril: dry cough")],
    },
];

const fn vital(
    name: &'static str,
    value: &'static str,
    date: &'static str,
    quote: PlantedQuote,
) -> VitalFact {
    VitalFact { name, value, date, quote }
}

const VITALS: &[VitalFact] = &[
    vital("blood pressure", "148/92", "2023-02-16", quote(2, "BP 148/92 mmHg")),
    vital("pulse", "78", "2023-02-16", quote(2, "pulse 78/min")),
    vital("oxygen saturation", "98", "2023-02-16", quote(2, "SpO2 98 %")),
    vital("weight", "86.4", "2023-02-16", quote(2, "weight 86.4 kg")),
    vital("body mass index", "31.4", "2023-02-16", quote(2, "BMI 31.4")),
    vital("blood pressure", "156/94", "2024-05-11", quote(4, "BP 156/94")),
    vital("pulse", "92", "2024-05-11", quote(4, "pulse 92")),
    vital("blood pressure", "144/88", "2024-05-20", quote(6, "BP 144/88 mmHg")),
    vital("blood pressure", "138/84", "2024-10-17", quote(17, "BP 138/84 mmHg")),
    vital("weight", "84.1", "2024-10-17", quote(17, "weight 84.1 kg")),
    vital("blood pressure", "128/78", "2025-02-06", quote(19, "BP 128/78 mmHg")),
    vital("weight", "82.3", "2025-02-06", quote(19, "weight 82.3 kg")),
    vital("body mass index", "29.9", "2025-02-06", quote(19, "BMI 29.9")),
];

/// Name, value, flag, unit, range; the date and page are the table's.
type LabRow = (&'static str, &'static str, &'static str, &'static str, &'static str);

const LABS_2023: [LabRow; 14] = [
    ("Hemoglobin A1c", "8.1", "H", "%", "4.0 - 5.6"),
    ("Glucose, fasting", "168", "H", "mg/dL", "70 - 99"),
    ("Creatinine", "1.18", "H", "mg/dL", "0.57 - 1.00"),
    ("eGFR (CKD-EPI 2021)", "54", "L", "mL/min/1.73 m2", ">= 60"),
    ("Urea nitrogen (BUN)", "22", "H", "mg/dL", "6 - 20"),
    ("Sodium", "139", "", "mmol/L", "136 - 145"),
    ("Potassium", "4.4", "", "mmol/L", "3.5 - 5.1"),
    ("ALT", "31", "", "U/L", "7 - 35"),
    ("Total cholesterol", "224", "H", "mg/dL", "< 200"),
    ("LDL cholesterol", "138", "H", "mg/dL", "< 100"),
    ("HDL cholesterol", "44", "L", "mg/dL", ">= 50"),
    ("Triglycerides", "212", "H", "mg/dL", "< 150"),
    ("Hemoglobin", "13.1", "", "g/dL", "12.0 - 15.5"),
    ("Urine albumin/creatinine", "46", "H", "mg/g", "< 30"),
];

const LABS_2024: [LabRow; 11] = [
    ("Hemoglobin A1c", "7.6", "H", "%", "4.0 - 5.6"),
    ("Glucose", "149", "H", "mg/dL", "70 - 99"),
    ("Creatinine", "1.21", "H", "mg/dL", "0.57 - 1.00"),
    ("eGFR (CKD-EPI 2021)", "52", "L", "mL/min/1.73 m2", ">= 60"),
    ("Sodium", "140", "", "mmol/L", "136 - 145"),
    ("Potassium", "4.6", "", "mmol/L", "3.5 - 5.1"),
    ("White blood cells", "7.2", "", "10^3/uL", "4.0 - 11.0"),
    ("Hemoglobin", "12.6", "", "g/dL", "12.0 - 15.5"),
    ("Hematocrit", "38.1", "", "%", "36.0 - 46.0"),
    ("Platelets", "264", "", "10^3/uL", "150 - 400"),
    ("INR", "1.0", "", "", "0.9 - 1.1"),
];

const LABS_2025: [LabRow; 13] = [
    ("Hemoglobin A1c", "7.2", "H", "%", "4.0 - 5.6"),
    ("Creatinine", "1.26", "H", "mg/dL", "0.57 - 1.00"),
    ("eGFR (CKD-EPI 2021)", "49", "L", "mL/min/1.73 m2", ">= 60"),
    ("Sodium", "138", "", "mmol/L", "136 - 145"),
    ("Potassium", "5.2", "H", "mmol/L", "3.5 - 5.1"),
    ("Total cholesterol", "162", "", "mg/dL", "< 200"),
    ("LDL cholesterol", "84", "", "mg/dL", "< 100"),
    ("HDL cholesterol", "46", "L", "mg/dL", ">= 50"),
    ("Triglycerides", "158", "H", "mg/dL", "< 150"),
    ("Hemoglobin", "12.9", "", "g/dL", "12.0 - 15.5"),
    ("Vitamin B12", "298", "", "pg/mL", "232 - 1245"),
    ("TSH", "2.1", "", "mIU/L", "0.45 - 4.50"),
    ("Urine albumin/creatinine", "68", "H", "mg/g", "< 30"),
];

const fn table<const N: usize>(rows: &[LabRow; N], date: &'static str, page: u32) -> [LabFact; N] {
    let mut facts = [LabFact { name: "", value: "", flag: "", unit: "", range: "", date, page }; N];
    let mut index = 0;
    while index < N {
        let (name, value, flag, unit, range) = rows[index];
        facts[index] = LabFact { name, value, flag, unit, range, date, page };
        index += 1;
    }
    facts
}

const LABS: &[LabFact] = {
    const FIRST: [LabFact; 14] = table(&LABS_2023, "2023-02-16", 3);
    const SECOND: [LabFact; 11] = table(&LABS_2024, "2024-07-09", 11);
    const THIRD: [LabFact; 13] = table(&LABS_2025, "2025-01-14", 18);
    const ALL: [LabFact; 38] = {
        let mut all = [FIRST[0]; 38];
        let mut index = 0;
        while index < 38 {
            all[index] = match index {
                0..14 => FIRST[index],
                14..25 => SECOND[index - 14],
                _ => THIRD[index - 25],
            };
            index += 1;
        }
        all
    };
    &ALL
};

const PROCEDURES: &[ProcedureFact] = &[
    ProcedureFact {
        name: "Arthroscopic rotator cuff repair, left shoulder, with subacromial decompression",
        date: "2024-07-18",
        quotes: &[
            quote(12, "Arthroscopic rotator cuff repair, left shoulder, with subacromial decompression"),
            quote(13, "Arthroscopic rotator cuff repair, left shoulder, 07/18/2024"),
            quote(15, "arthroscopic rotator cuff repair of the left shoulder on 07/18/2024"),
        ],
    },
    ProcedureFact {
        name: "Laparoscopic cholecystectomy",
        date: "2008",
        quotes: &[quote(1, "Laparoscopic cholecystectomy, 2008")],
    },
];

const IMAGING: &[ImagingFact] = &[
    ImagingFact {
        study: "X-ray left shoulder, three views",
        date: "2024-05-11",
        quotes: &[
            quote(5, "No acute fracture or dislocation of the left shoulder"),
            quote(5, "Mild acromioclavicular osteoarthritis"),
        ],
    },
    ImagingFact {
        study: "MRI left shoulder without contrast",
        date: "2024-06-04",
        quotes: &[quote(
            7,
            "Full-thickness tear of the left supraspinatus tendon, 1.8 cm, with 1.5 cm of retraction",
        )],
    },
];

const FOLLOW_UPS: &[FollowUpFact] = &[
    FollowUpFact {
        what: "Repeat potassium and creatinine",
        due: "in 2 weeks",
        quote: quote(19, "Repeat potassium and creatinine in 2 weeks"),
    },
    FollowUpFact {
        what: "Dilated eye exam",
        due: "within 4 weeks",
        quote: quote(19, "Dilated eye exam: no report on file, please book within 4 weeks"),
    },
    FollowUpFact {
        what: "Hemoglobin A1c and urine albumin",
        due: "in 3 months",
        quote: quote(19, "Hemoglobin A1c and urine albumin in 3 months"),
    },
    FollowUpFact {
        what: "Orthopaedic review with Dr. Voss",
        due: "July 2025",
        quote: quote(19, "Orthopaedic review with Dr. Voss, 12 months after surgery July 2025"),
    },
    FollowUpFact {
        what: "Screening colonoscopy",
        due: "in 2025",
        quote: quote(19, "Screening colonoscopy (brother had colon cancer) in 2025"),
    },
    FollowUpFact {
        what: "Wound check and suture removal",
        due: "08/01/2024",
        quote: quote(13, "Dr. Voss on 08/01/2024 for wound check and suture removal"),
    },
];

const fn not_present(what: &'static str, assertion: PlantedAssertion, quote: PlantedQuote) -> StatementFact {
    StatementFact { what, assertion, quote }
}

const NOT_PRESENT: &[StatementFact] = &[
    not_present("fracture", PlantedAssertion::Negated, quote(5, "There is no fracture or dislocation")),
    not_present("dislocation", PlantedAssertion::Negated, quote(4, "No fracture, no dislocation")),
    not_present("loss of consciousness", PlantedAssertion::Negated, quote(4, "No loss of consciousness")),
    not_present("chest pain", PlantedAssertion::Negated, quote(2, "denies chest pain")),
    not_present("stroke", PlantedAssertion::Negated, quote(1, "No history of myocardial infarction, stroke")),
    not_present(
        "deep vein thrombosis",
        PlantedAssertion::Negated,
        quote(1, "stroke or deep vein thrombosis"),
    ),
    not_present("labral tear", PlantedAssertion::Negated, quote(7, "No labral tear")),
    not_present("Hill-Sachs lesion", PlantedAssertion::Negated, quote(7, "No Hill-Sachs lesion")),
    not_present("hypoglycemia", PlantedAssertion::Negated, quote(2, "No hypoglycemia")),
    not_present(
        "obstructive sleep apnea",
        PlantedAssertion::Possible,
        quote(2, "Possible obstructive sleep apnea"),
    ),
    not_present(
        "myocardial infarction",
        PlantedAssertion::Family,
        quote(1, "Father: myocardial infarction at age 62"),
    ),
    not_present("breast cancer", PlantedAssertion::Family, quote(1, "Mother: breast cancer at age 67")),
    not_present("colon cancer", PlantedAssertion::Family, quote(1, "Brother: colon cancer at age 55")),
];

const CONFLICTS: &[ConflictFact] = &[
    ConflictFact {
        about: "metformin",
        one: &[quote(13, "Metformin 1000 mg by mouth twice daily")],
        other: &[
            quote(2, "Metformin 500 mg by mouth twice daily"),
            quote(8, "metformin 500 mg twice daily"),
            quote(14, "Metformin ER 500 mg by mouth twice daily"),
        ],
    },
    ConflictFact {
        about: "allergies",
        one: &[quote(4, "No known drug allergies (NKDA)")],
        other: &[
            quote(1, "Penicillin Hives 1994"),
            quote(8, "Allergy: penicillin (hives, 1994)"),
            quote(12, "penicillin allergy (hives)"),
            quote(14, "Penicillin: hives"),
        ],
    },
];

const GAPS: &[GapFact] = &[GapFact {
    missing: "report of the dilated eye exam",
    quotes: &[quote(2, "Dilated eye exam ordered today"), quote(19, "Dilated eye exam: no report on file")],
}];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::typeset_text;

    /// What stands where, for every fact.
    fn all_quotes(facts: &Facts) -> Vec<PlantedQuote> {
        let lab = |lab: &LabFact| {
            let cells = [lab.name, lab.value, lab.flag, lab.unit, lab.range];
            let row: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
            quote(lab.page, Box::leak(row.join(" ").into_boxed_str()))
        };
        let mut quotes: Vec<PlantedQuote> = facts.labs.iter().map(lab).collect();
        quotes.extend(facts.problems.iter().flat_map(|fact| fact.quotes));
        quotes.extend(facts.medications.iter().flat_map(|fact| fact.quotes));
        quotes.extend(facts.allergies.iter().flat_map(|fact| fact.quotes));
        quotes.extend(facts.procedures.iter().flat_map(|fact| fact.quotes));
        quotes.extend(facts.imaging.iter().flat_map(|fact| fact.quotes));
        quotes.extend(facts.gaps.iter().flat_map(|fact| fact.quotes));
        quotes.extend(facts.vitals.iter().map(|fact| fact.quote));
        quotes.extend(facts.follow_ups.iter().map(|fact| fact.quote));
        quotes.extend(facts.not_present.iter().map(|fact| fact.quote));
        quotes.extend(facts.conflicts.iter().flat_map(|fact| fact.one.iter().chain(fact.other)).copied());
        quotes
    }

    #[test]
    fn every_fact_stands_on_its_page() {
        let facts = facts();
        let pages = typeset_text().unwrap();
        for PlantedQuote { page, text } in all_quotes(&facts) {
            assert!(pages[page as usize - 1].contains(text), "page {page} does not say «{text}»");
        }
    }

    #[test]
    fn every_page_states_that_the_record_is_synthetic() {
        for (index, text) in typeset_text().unwrap().iter().enumerate() {
            let blank = index + 1 == facts().blank_page as usize;
            assert_eq!(text.contains("Synthetic record - no real person"), !blank, "page {}", index + 1);
        }
    }

    #[test]
    fn page_numbers_count_from_one() {
        let numbers: Vec<u32> = facts().pages.iter().map(|page| page.number).collect();
        assert_eq!(numbers, (1..=19).collect::<Vec<u32>>());
    }
}
