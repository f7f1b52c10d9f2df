//! Sections of clinical notes and the headings that begin them, typed or recognised from a scan.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    lexicon::{HEADINGS, is_term_word, word_keys},
    text,
};

/// A section of a clinical note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Section {
    /// Before the first heading.
    #[default]
    Preamble,
    ChiefComplaint,
    /// Why a consultation or a study was requested.
    Indication,
    /// History of present illness.
    Hpi,
    /// Past medical history.
    Pmh,
    ResolvedProblems,
    /// Past surgical history.
    Psh,
    Medications,
    DiscontinuedMedications,
    Allergies,
    FamilyHistory,
    SocialHistory,
    /// Review of systems.
    Ros,
    Vitals,
    PhysicalExam,
    Labs,
    Imaging,
    /// Findings, technique and comparison of an imaging report.
    ImagingFindings,
    Impression,
    Procedures,
    OperativeNote,
    Assessment,
    Plan,
    FollowUp,
    Immunizations,
    /// Under a heading without a section of its own.
    Other,
    /// Items of a form that are not answered.
    Unanswered,
    /// A page header or footer.
    PageHeaderFooter,
}

/// What is searched for in the sections of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SearchTarget {
    Problem,
    Medication,
    Allergy,
    VitalSign,
    LabResult,
    ImagingStudy,
    Procedure,
    /// A complaint of the patient or a sign that was looked for.
    SignSymptom,
    /// An order that may still be without a result.
    Order,
    /// A procedure or problem with its side of the body.
    Laterality,
    Event,
    FollowUp,
}

impl Section {
    fn from_key(key: &str) -> Option<Self> {
        Some(match key {
            "chief complaint" => Self::ChiefComplaint,
            "indication" => Self::Indication,
            "hpi" => Self::Hpi,
            "pmh" => Self::Pmh,
            "resolved problems" => Self::ResolvedProblems,
            "psh" => Self::Psh,
            "medications" => Self::Medications,
            "discontinued medications" => Self::DiscontinuedMedications,
            "allergies" => Self::Allergies,
            "family history" => Self::FamilyHistory,
            "social history" => Self::SocialHistory,
            "ros" => Self::Ros,
            "vitals" => Self::Vitals,
            "physical exam" => Self::PhysicalExam,
            "labs" => Self::Labs,
            "imaging" => Self::Imaging,
            "imaging findings" => Self::ImagingFindings,
            "impression" => Self::Impression,
            "procedures" => Self::Procedures,
            "operative note" => Self::OperativeNote,
            "assessment" => Self::Assessment,
            "plan" => Self::Plan,
            "follow-up" => Self::FollowUp,
            "immunizations" => Self::Immunizations,
            "other" => Self::Other,
            _ => return None,
        })
    }

    /// Whether a section is searched for a target. This is the only table of which extractor reads which section.
    pub(crate) fn is_searched_for(self, target: SearchTarget) -> bool {
        use SearchTarget::{
            Allergy, Event, FollowUp, ImagingStudy, LabResult, Laterality, Medication, Order, Problem,
            Procedure, SignSymptom, VitalSign,
        };
        let targets: &[SearchTarget] = match self {
            Self::PageHeaderFooter | Self::Unanswered => &[],
            Self::FamilyHistory => &[Problem],
            Self::Allergies => &[Allergy, Laterality],
            Self::Immunizations => &[Allergy, VitalSign, Laterality],
            Self::Medications => &[Problem, Medication, Allergy, Laterality],
            Self::DiscontinuedMedications => &[Medication, Allergy, ImagingStudy, Procedure, Laterality],
            Self::SocialHistory => &[Problem, Medication, Allergy, VitalSign, Procedure, Laterality, Event],
            Self::ImagingFindings => {
                &[Allergy, VitalSign, LabResult, ImagingStudy, Procedure, Laterality, Event]
            }
            Self::Vitals => &[Medication, Allergy, VitalSign, LabResult, ImagingStudy, Procedure, Laterality],
            Self::Ros => {
                &[Problem, SignSymptom, Medication, Allergy, VitalSign, LabResult, ImagingStudy, Laterality]
            }
            Self::PhysicalExam => &[
                Problem,
                SignSymptom,
                Medication,
                Allergy,
                VitalSign,
                LabResult,
                ImagingStudy,
                Procedure,
                Laterality,
                Event,
            ],
            Self::Labs => &[
                Problem,
                Medication,
                Allergy,
                VitalSign,
                LabResult,
                ImagingStudy,
                Procedure,
                Order,
                Laterality,
            ],
            Self::FollowUp => &[
                Problem,
                Medication,
                Allergy,
                VitalSign,
                LabResult,
                ImagingStudy,
                Order,
                Laterality,
                FollowUp,
            ],
            Self::ChiefComplaint | Self::Indication | Self::Pmh | Self::ResolvedProblems | Self::Psh => &[
                Problem,
                SignSymptom,
                Medication,
                Allergy,
                VitalSign,
                LabResult,
                ImagingStudy,
                Procedure,
                Laterality,
                Event,
            ],
            Self::Preamble | Self::Imaging => &[
                Problem,
                SignSymptom,
                Medication,
                Allergy,
                VitalSign,
                LabResult,
                ImagingStudy,
                Procedure,
                Order,
                Laterality,
                Event,
            ],
            Self::OperativeNote => &[
                Problem,
                SignSymptom,
                Medication,
                Allergy,
                VitalSign,
                LabResult,
                ImagingStudy,
                Procedure,
                Laterality,
                Event,
                FollowUp,
            ],
            // A plan says what a complaint would mean, not that it is there.
            Self::Plan => return target != SignSymptom,
            Self::Hpi | Self::Procedures | Self::Assessment | Self::Impression | Self::Other => return true,
        };
        targets.contains(&target)
    }

    /// Whether its entries are medications.
    pub(crate) fn is_medication_list(self) -> bool {
        matches!(self, Self::Medications | Self::DiscontinuedMedications)
    }

    /// Whether its entries are the patient's problems.
    pub(crate) fn is_problem_list(self) -> bool {
        matches!(self, Self::Pmh | Self::ResolvedProblems | Self::Assessment)
    }

    /// Whether its entries are procedures that were performed.
    pub(crate) fn is_procedure_list(self) -> bool {
        matches!(self, Self::Psh | Self::Procedures | Self::OperativeNote)
    }

    /// Whether it holds observations, among which the name of a drug alone is not a medication of the patient.
    pub(crate) fn is_observation(self) -> bool {
        matches!(
            self,
            Self::Labs | Self::Vitals | Self::PhysicalExam | Self::Ros | Self::Imaging | Self::SocialHistory
        )
    }

    /// Whether its first sentence introduces the patient: "A 62-year-old woman presents with …".
    pub(crate) fn introduces_patient(self) -> bool {
        matches!(self, Self::Hpi | Self::Preamble | Self::Indication | Self::ChiefComplaint | Self::Other)
    }

    /// Whether a denial in it answers a question about the patient's problems.
    pub(crate) fn has_relevant_denials(self) -> bool {
        matches!(
            self,
            Self::Pmh
                | Self::Hpi
                | Self::PhysicalExam
                | Self::Assessment
                | Self::Impression
                | Self::Indication
                | Self::Preamble
                | Self::Other
        )
    }

    /// Whether it may open an imaging report with the name of the study.
    pub(crate) fn may_open_imaging_report(self) -> bool {
        matches!(self, Self::Preamble | Self::PhysicalExam | Self::Imaging | Self::Procedures | Self::Other)
    }

    /// Whether it reports results of imaging studies in prose.
    pub(crate) fn reports_imaging_results(self) -> bool {
        matches!(
            self,
            Self::Imaging
                | Self::Labs
                | Self::Impression
                | Self::Hpi
                | Self::Assessment
                | Self::Other
                | Self::Preamble
                | Self::Indication
        )
    }

    /// Whether it reports results of laboratory tests in prose.
    pub(crate) fn reports_lab_results(self) -> bool {
        matches!(
            self,
            Self::Labs | Self::Assessment | Self::Plan | Self::Hpi | Self::Impression | Self::Preamble
        )
    }
}

/// Folded headings and their sections.
static SECTION_BY_HEADING: LazyLock<HashMap<String, Section>> = LazyLock::new(|| {
    HEADINGS
        .iter()
        .filter_map(|group| Some((Section::from_key(group.name)?, &group.members)))
        .flat_map(|(section, headings)| {
            headings.iter().map(move |heading| (normalise_label(heading), section))
        })
        .collect()
});

/// A heading that may be recognised with an error.
struct LongHeading {
    words: &'static str,
    /// Without spaces.
    joined: String,
    section: Section,
}

/// The headings that are long enough for an error, by their number of characters without spaces: each line of a record is
/// compared with them.
static HEADINGS_BY_LENGTH: LazyLock<HashMap<usize, Vec<LongHeading>>> = LazyLock::new(|| {
    let mut headings: HashMap<usize, Vec<LongHeading>> = HashMap::new();
    for (heading, &section) in SECTION_BY_HEADING.iter().filter(|(heading, _)| heading.len() >= 6) {
        let joined = heading.replace(' ', "");
        headings.entry(joined.chars().count()).or_default().push(LongHeading {
            words: heading,
            joined,
            section,
        });
    }
    headings
});

/// A heading at the beginning of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SectionHeading {
    pub(crate) section: Section,
    /// Where the text after the heading begins, in bytes.
    pub(crate) end: usize,
}

fn normalise_label(label: &str) -> String {
    word_keys(label).join(" ")
}

const MAX_LABEL_BYTES: usize = 70;

/// The heading that the line begins with, if any.
pub(crate) fn detect_heading(line: &str) -> Option<SectionHeading> {
    let bare = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let skipped = line.len() - bare.len();
    // Recognition often loses the colon or turns it into a semicolon.
    let colon = bare.find([':', ';']).filter(|&at| at <= MAX_LABEL_BYTES && !is_between_digits(bare, at));
    if let Some(at) = colon {
        let label = remove_brackets(&bare[..at]);
        let end = skipped + at + 1;
        // "P: 80" is a pulse, "P: MRI" the plan of a SOAP note.
        let has_value = bare[at + 1..].trim_start().starts_with(|c: char| c.is_ascii_digit());
        let is_vital_sign = label.chars().count() == 1 && (has_value || !is_all_caps(&label));
        if let Some(section) = find_section(&label).filter(|_| !is_vital_sign) {
            return Some(SectionHeading { section, end });
        }
        if is_all_caps(&label) {
            if let Some(section) = find_section_by_prefix(&label) {
                return Some(SectionHeading { section, end });
            }
            let letters = label.chars().filter(|c| c.is_alphabetic()).count();
            let is_alone = line[end..].trim().is_empty();
            let is_term = word_keys(&label).iter().all(|key| is_term_word(key));
            if !is_term && (is_alone || (letters >= 10 && label.split_whitespace().count() >= 2)) {
                return Some(SectionHeading { section: Section::Other, end });
            }
        }
        return None;
    }
    let label = remove_brackets(bare.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')'));
    let is_letter_spaced = label.split_whitespace().all(|letter| letter.chars().count() == 1);
    if (label.split_whitespace().count() > 6 && !is_letter_spaced)
        || label.len() > MAX_LABEL_BYTES
        || bare.trim_end().ends_with('.')
    {
        return None;
    }
    let section = find_section(&label).filter(|_| is_title_case(&label)).or_else(|| {
        is_all_caps(&label)
            .then(|| find_section_by_prefix(&label))
            .flatten()
            .filter(|_| label.split_whitespace().count() <= 4)
    })?;
    Some(SectionHeading { section, end: line.len() })
}

/// Whether a line is a title in capitals, of several words.
pub(crate) fn is_all_caps_title(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let upper = line.chars().filter(|c| c.is_uppercase()).count();
    letters >= 8 && upper * 10 >= letters * 7 && line.split_whitespace().count() >= 2
}

fn is_between_digits(text: &str, at: usize) -> bool {
    text[..at].ends_with(|c: char| c.is_ascii_digit())
        && text[at + 1..].starts_with(|c: char| c.is_ascii_digit())
}

fn remove_brackets(label: &str) -> String {
    let mut depth = 0_u32;
    let outside: String = label
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
    outside.trim().to_owned()
}

fn is_all_caps(label: &str) -> bool {
    label.chars().any(char::is_alphabetic) && !label.chars().any(char::is_lowercase)
}

/// Whether every word begins with a capital, except for function words.
fn is_title_case(label: &str) -> bool {
    label.split_whitespace().all(|word| {
        matches!(word, "and" | "of" | "at" | "on" | "to" | "the" | "for" | "&" | "/" | "in")
            || !word.starts_with(|c: char| c.is_lowercase())
    })
}

fn find_section(label: &str) -> Option<Section> {
    let label = normalise_label(label);
    if let Some(section) = SECTION_BY_HEADING.get(&label) {
        return Some(*section);
    }
    // Letter-spaced or run-together headings, and headings with one recognition error.
    let joined = label.replace(' ', "");
    if joined.len() < 6 {
        return None;
    }
    let chars = joined.chars().count();
    (chars - 1..=chars + 1)
        .filter_map(|chars| HEADINGS_BY_LENGTH.get(&chars))
        .flatten()
        .filter(|known| {
            known.joined == joined
                || known.joined.len() >= 7 && text::is_within_one_edit(&known.joined, &joined)
        })
        .min_by_key(|known| (known.words.len().abs_diff(label.len()), known.words))
        .map(|known| known.section)
}

/// The section of the longest known heading that the label begins with, as in `CURRENT VITALS ON ARRIVAL`.
fn find_section_by_prefix(label: &str) -> Option<Section> {
    let label = normalise_label(label);
    let words: Vec<&str> = label.split(' ').collect();
    (1..words.len()).rev().find_map(|count| {
        let prefix = words[..count].join(" ");
        SECTION_BY_HEADING.get(&prefix).copied().filter(|_| prefix.len() >= 4)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(line: &str) -> Option<Section> {
        detect_heading(line).map(|heading| heading.section)
    }

    #[test]
    fn headings_are_detected_in_all_their_forms() {
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
            ("CHIEF COMPLAINT (per family):", Section::ChiefComplaint),
            ("V I T A L S I G N S", Section::Vitals),
            ("Discontinued Medications:", Section::DiscontinuedMedications),
            ("PRIOR BILIARY HISTORY:", Section::Other),
            ("S: Feels well.", Section::Hpi),
            ("P", Section::Plan),
        ] {
            assert_eq!(section(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn ordinary_lines_are_not_headings() {
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
    fn heading_ends_after_its_colon() {
        let line = "ALLERGIES: NKDA";
        assert_eq!(&line[detect_heading(line).unwrap().end..], " NKDA");
    }
}
