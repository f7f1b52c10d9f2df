//! The sections of a report that were chosen, and what those that were not would have said.

use std::collections::BTreeMap;

use maneiro_api::{
    analysis::{Findings, Statement},
    edit::StatementSection,
};

use crate::{sections::is_fact, texts::Texts};

/// How much was left out of a section.
#[derive(Debug, Default, Clone, Copy)]
struct OmittedStatements {
    all: usize,
    doubtful: usize,
}

/// What was left out, by section in display order.
#[derive(Debug, Default)]
pub(crate) struct Omissions(BTreeMap<StatementSection, OmittedStatements>);

impl Omissions {
    fn add<'a>(&mut self, section: StatementSection, statements: impl IntoIterator<Item = &'a Statement>) {
        for statement in statements {
            let omitted = self.0.entry(section).or_default();
            omitted.all += 1;
            omitted.doubtful += usize::from(!is_fact(statement));
        }
    }

    /// The sections with the numbers of their statements; empty if nothing was left out.
    pub(crate) fn describe(&self, texts: &Texts) -> Vec<String> {
        let section = |(section, omitted): (&StatementSection, &OmittedStatements)| {
            let statements = match omitted.doubtful {
                0 => omitted.all.to_string(),
                doubtful => (texts.with_doubtful)(omitted.all, doubtful),
            };
            format!("{} ({statements})", (texts.section)(*section))
        };
        self.0.iter().map(section).collect()
    }
}

/// The findings of chosen sections. The summary is always among them.
pub(crate) fn select_sections(
    findings: &Findings,
    is_chosen: impl Fn(StatementSection) -> bool,
) -> (Findings, Omissions) {
    let mut chosen = findings.clone();
    let mut omissions = Omissions::default();
    if !is_chosen(StatementSection::Conflicts) {
        let others = std::mem::take(&mut chosen.other_patients);
        omissions.add(StatementSection::Conflicts, others.iter().map(|it| &it.statement));
        omissions.add(StatementSection::Conflicts, &std::mem::take(&mut chosen.conflicts));
    }
    if !is_chosen(StatementSection::Gaps) {
        omissions.add(StatementSection::Gaps, &std::mem::take(&mut chosen.gaps));
    }
    macro_rules! select {
        ($($section:ident $field:ident),* $(,)?) => {
            $(
                if !is_chosen(StatementSection::$section) {
                    let omitted = std::mem::take(&mut chosen.$field);
                    omissions.add(StatementSection::$section, omitted.iter().map(|it| &it.statement));
                }
            )*
        };
    }
    select!(
        Problems problems,
        SignsSymptoms signs_symptoms,
        Medications medications,
        Allergies allergies,
        Vitals vitals,
        Labs labs,
        Procedures procedures,
        Imaging imaging,
        Timeline timeline,
        FollowUps follow_ups,
    );
    chosen.observations.retain(|it| {
        let section = StatementSection::from_observation(it.kind);
        let is_kept = is_chosen(section);
        if !is_kept {
            omissions.add(section, [&it.statement]);
        }
        is_kept
    });
    (chosen, omissions)
}
