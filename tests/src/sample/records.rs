//! Two more synthetic records: a stay on an intensive care unit, and a bundle of what an outpatient clinic receives. Each is
//! a committed PDF and a list of planted facts.

use time::Month;

use super::{
    fact_list::{LeadingFact, RecordFact, parse_facts, parse_leads},
    generate::{RecordPlan, SamplePage, generate_record, typeset_record_text},
};

/// A synthetic record with its planted facts.
#[derive(Debug)]
pub struct SyntheticRecord {
    /// The name of its files.
    pub name: &'static str,
    /// The committed file.
    pub pdf: &'static [u8],
    facts: &'static str,
    plan: RecordPlan,
}

/// Eleven days on an intensive care unit: flowsheets, medication administration record, infusions, consultations, notes
/// that copy from each other, recovery.
pub static ICU_STAY: SyntheticRecord = SyntheticRecord {
    name: "icu-stay",
    pdf: include_bytes!("records/icu-stay.pdf"),
    facts: include_str!("records/icu-stay.facts"),
    plan: RecordPlan {
        title: "Intensive care stay: a synthetic patient, no real person",
        id: "maneiro-icu-stay",
        seed: 0x4d61_6e65_6972_6f40,
        print_date: (2025, Month::January, 24),
        pages: &[SamplePage::Document(include_str!("records/icu-stay.typ"))],
    },
};

/// What a clinic receives before a visit: a continuity of care document, a portal print, a faxed referral, a ticked intake
/// form, a page of another patient, a page in Spanish; and the note of the visit.
pub static OUTPATIENT_BUNDLE: SyntheticRecord = SyntheticRecord {
    name: "outpatient-bundle",
    pdf: include_bytes!("records/outpatient-bundle.pdf"),
    facts: include_str!("records/outpatient-bundle.facts"),
    plan: RecordPlan {
        title: "Outpatient bundle: a synthetic patient, no real person",
        id: "maneiro-outpatient-bundle",
        seed: 0x4d61_6e65_6972_6f80,
        print_date: (2025, Month::February, 20),
        pages: &[
            SamplePage::Document(include_str!("records/ccda-print.typ")),
            SamplePage::Document(include_str!("records/portal-print.typ")),
            SamplePage::Faxed(include_str!("records/referral-fax.typ")),
            SamplePage::Document(include_str!("records/intake-form.typ")),
            SamplePage::Document(include_str!("records/other-patient.typ")),
            SamplePage::Document(include_str!("records/spanish-note.typ")),
            SamplePage::Document(include_str!("records/clinic-visit.typ")),
        ],
    },
};

impl SyntheticRecord {
    /// The planted facts.
    #[must_use]
    pub fn facts(&self) -> Vec<RecordFact> {
        parse_facts(self.facts)
    }

    /// The three statements that must lead the summary.
    #[must_use]
    pub fn leads(&self) -> Vec<LeadingFact> {
        parse_leads(self.facts)
    }

    /// Generates the file again.
    ///
    /// # Errors
    /// If a page cannot be typeset or written.
    pub fn generate(&self) -> anyhow::Result<Vec<u8>> {
        generate_record(&self.plan)
    }

    /// The text of each page before it is scanned, with one space between words.
    ///
    /// # Errors
    /// If a page cannot be typeset.
    pub fn typeset_text(&self) -> anyhow::Result<Vec<String>> {
        typeset_record_text(&self.plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_facts_stand_on_their_pages() {
        for record in [&ICU_STAY, &OUTPATIENT_BUNDLE] {
            let pages = record.typeset_text().unwrap();
            assert_eq!(record.leads().len(), 3);
            for fact in record.facts() {
                let page = &pages[fact.page as usize - 1];
                assert!(page.contains(fact.quote), "{}: {fact:?} is not in: {page}", record.name);
            }
        }
    }
}
