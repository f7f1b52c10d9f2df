//! The extractive analyser: statements made of what the pages say, each with the quote that it is made from. It uses no
//! network and adds nothing; what it does not recognise, it leaves out.

mod context;
mod cross_page;
mod extractors;
#[cfg(test)]
mod held_out;
mod input;
mod sig;
mod statements;
mod understanding;

use std::collections::{BTreeSet, HashMap};

use maneiro_api::analysis::{
    Assertion, Citation, DateWindow, DuplicatePage, Findings, OtherPatientPage, PageUnderstanding, Statement,
};
use maneiro_page::{Page, TextSource};
use time::Date;

pub(crate) use self::cross_page::conflicts::ConflictKind;
use self::{
    cross_page::{
        also_in_record::add_what_model_left_out,
        conflicts::{Conflict, SideMention, find_conflicts, find_side_mentions},
        deduplicate::merge_duplicate_pages,
        follow_up_status::follow_up_status,
        pending_orders::{Order, Results, find_orders, find_pending_orders},
        summary::{RankingContext, rank_statements},
    },
    extractors::{
        allergies::{AllergyMention, find_allergy_mentions, merge_allergies},
        code_status::{CodeStatusMention, code_status_periods, find_code_status_mentions},
        encounters::EncounterBuilder,
        follow_ups::{FollowUpMention, find_follow_up_mentions, merge_follow_ups},
        imaging::{StudyMentions, merge_studies},
        labs::{LabMention, find_lab_mentions, merge_labs},
        medications::{MedicationMention, find_medication_mentions, merge_medications},
        page_identity::{find_other_patients, page_keys},
        patient::PatientMentions,
        problems::{ProblemMention, find_problem_mentions, merge_problems, specify_general_names},
        procedures::{ProcedureMention, find_procedure_mentions, merge_procedures},
        signs_symptoms::{SignMention, find_sign_mentions, merge_signs},
        timeline::TimelineBuilder,
        vitals::{VitalMention, find_vital_mentions, merge_vitals},
    },
    input::segmentation::{SegmentedPage, Segmenter},
    statements::PageKey,
    understanding::page_understanding,
};
use crate::{
    AnalysisControl, AnalysisRequest, Cancelled, SourcePage,
    dates::DateOrder,
    language::{PageLanguage, detect_language},
    lexicon::{DRUGS, PROBLEMS, SIGNS_SYMPTOMS, find_phrase, word_keys, word_tokens},
};

/// The extractive analyser: takes the pages of a record one by one and keeps what they give, not the pages.
///
/// An exact duplicate of a page is only listed as such. What several pages state is one item with several citations, also
/// if a near-duplicate has it with other recognition errors.
///
/// Dates of digits alone are read month first, as is usual in the United States, unless the first number cannot be a
/// month.
#[derive(Default)]
pub(crate) struct Extractor {
    segmenter: Segmenter,
    duplicates: Vec<DuplicatePage>,
    newest_encounter: Option<Date>,
    patient: PatientMentions,
    encounters: EncounterBuilder,
    signs_symptoms: Vec<SignMention>,
    medications: Vec<MedicationMention>,
    problems: Vec<ProblemMention>,
    allergies: Vec<AllergyMention>,
    vitals: Vec<VitalMention>,
    labs: Vec<LabMention>,
    procedures: Vec<ProcedureMention>,
    studies: StudyMentions,
    timeline: TimelineBuilder,
    follow_ups: Vec<FollowUpMention>,
    orders: Vec<Order>,
    sides: Vec<SideMention>,
    code_statuses: Vec<CodeStatusMention>,
    encounter_dates: HashMap<PageKey, Date>,
    understanding: Vec<PageUnderstanding>,
}

/// Findings that are not verified yet, and the kind of each of their conflicts.
pub(crate) struct ExtractedFindings {
    pub(crate) findings: Findings,
    conflict_kinds: Vec<ConflictKind>,
    encounter_dates: HashMap<PageKey, Date>,
}

impl Extractor {
    /// Takes the next page of the record.
    pub(crate) fn push(&mut self, source: SourcePage, order: DateOrder) {
        self.duplicates.extend(duplicate_page(&source));
        let page = self.segmenter.segment(&source, order);
        let encounter_date = page.passages.iter().filter_map(|passage| passage.encounter_date).max();
        self.newest_encounter = self.newest_encounter.max(encounter_date);
        if let Some(date) = encounter_date {
            self.encounter_dates.insert((source.document, source.page.number), date);
        }
        self.patient.add_page(&page);
        self.encounters.add_page(&page);
        if is_understood(&source) {
            self.find_mentions(&page);
        }
        self.understanding.extend(page_understanding(&page));
        drop(page);
        self.segmenter.keep(source);
    }

    fn find_mentions(&mut self, page: &SegmentedPage<'_>) {
        self.signs_symptoms.extend(find_sign_mentions(page));
        self.medications.extend(find_medication_mentions(page));
        self.problems.extend(find_problem_mentions(page));
        self.allergies.extend(find_allergy_mentions(page));
        self.vitals.extend(find_vital_mentions(page));
        self.labs.extend(find_lab_mentions(page));
        self.procedures.extend(find_procedure_mentions(page));
        self.studies.add_page(page);
        self.timeline.add_page(page);
        self.follow_ups.extend(find_follow_up_mentions(page));
        self.orders.extend(find_orders(page));
        self.sides.extend(find_side_mentions(page));
        self.code_statuses.extend(find_code_status_mentions(page));
    }

    /// The findings of all pages. Every item is made from a quote.
    ///
    /// A date window leaves out vitals, labs, procedures, imaging, events and follow-ups of other dates, and conflicts and
    /// gaps that rest on them alone. Medications, problems and allergies hold beyond a date and are kept, as is what has no
    /// date.
    ///
    /// # Errors
    /// [`Cancelled`] if the control says so.
    pub(crate) fn into_findings(
        mut self,
        request: &AnalysisRequest,
        control: &AnalysisControl,
    ) -> Result<ExtractedFindings, Cancelled> {
        let window = WindowFilter(request.window);
        let others = self.take_other_patients();
        specify_general_names(&mut self.problems);
        control.check()?;
        let mut conflicts = self.find_conflicts();
        window.retain(&mut conflicts, |conflict| conflict.date);
        control.check()?;
        let labs = merge_labs(self.labs);
        control.check()?;
        let studies = merge_studies(self.studies);
        let procedures = merge_procedures(self.procedures);
        control.check()?;
        let results = Results::new(&labs, &studies, &procedures);
        let gaps = find_pending_orders(self.orders, self.newest_encounter, &results);
        control.check()?;
        let mut follow_ups = merge_follow_ups(self.follow_ups);
        window.retain(&mut follow_ups, |found| found.noted);
        for follow_up in &mut follow_ups {
            follow_up.status = follow_up_status(follow_up, &results, request.today);
        }
        control.check()?;
        let timeline =
            self.timeline.into_events(&studies, &procedures, code_status_periods(self.code_statuses));
        control.check()?;
        let mut findings = Findings {
            patient: self.patient.patient(),
            other_patients: Vec::new(),
            summary: Vec::new(),
            encounters: self.encounters.into_encounters(),
            signs_symptoms: merge_signs(self.signs_symptoms),
            problems: merge_problems(&self.problems),
            medications: merge_medications(&self.medications),
            allergies: merge_allergies(&self.allergies),
            vitals: merge_vitals(self.vitals),
            timeline,
            labs: labs.into_iter().map(|lab| lab.result).collect(),
            procedures: procedures.into_iter().map(|found| found.procedure).collect(),
            imaging: studies.into_iter().map(|found| found.study).collect(),
            follow_ups,
            observations: Vec::new(),
            not_stated: Vec::new(),
            conflicts: Vec::new(),
            gaps: window.filter(gaps, |gap| gap.date).map(|gap| gap.statement).collect(),
            duplicates: self.duplicates,
            understanding: self.understanding,
        };
        control.check()?;
        window.apply(&mut findings);
        forget_pages(&mut findings, &page_keys(&others));
        conflicts.splice(0..0, conflicts_with(&self.patient, &others));
        findings.other_patients = others;
        let conflict_kinds = merge_pages(&mut findings, conflicts);
        control.check()?;
        Ok(ExtractedFindings { findings, conflict_kinds, encounter_dates: self.encounter_dates })
    }

    /// Finds the pages of other patients and forgets what they gave to this one.
    fn take_other_patients(&mut self) -> Vec<OtherPatientPage> {
        let others = find_other_patients(&self.patient);
        let pages = page_keys(&others);
        if !pages.is_empty() {
            self.patient.forget(&pages);
            self.medications.retain(|mention| is_kept(&mention.citation, &pages));
            self.problems.retain(|mention| is_kept(&mention.citation, &pages));
            self.allergies.retain(|mention| is_kept(&mention.citation, &pages));
        }
        others
    }

    fn find_conflicts(&self) -> Vec<Conflict> {
        find_conflicts(&self.patient, &self.medications, &self.allergies, &self.problems, &self.sides)
    }
}

impl ExtractedFindings {
    /// The findings of a language model, with what it left out. Applies the date window, and forgets what the model made of
    /// pages of other patients.
    pub(crate) fn completing_model(self, mut model: Findings, request: &AnalysisRequest) -> Self {
        let Self { mut findings, conflict_kinds, encounter_dates } = self;
        forget_pages(&mut model, &page_keys(&findings.other_patients));
        WindowFilter(request.window).apply(&mut model);
        model.duplicates.clone_from(&findings.duplicates);
        let reported: Vec<Conflict> = std::mem::take(&mut model.conflicts)
            .into_iter()
            .map(|statement| Conflict { kind: ConflictKind::Reported, statement, date: None })
            .collect();
        let reported_kinds = merge_pages(&mut model, reported);
        let cited_pages = |conflict: &Statement| -> BTreeSet<_> {
            conflict.citations.iter().map(|cited| (cited.document, cited.page)).collect()
        };
        let mut kinds = Vec::new();
        let mut conflicts = Vec::new();
        for (mut conflict, kind) in std::mem::take(&mut findings.conflicts).into_iter().zip(conflict_kinds) {
            let pages = cited_pages(&conflict);
            let is_reported = model.conflicts.iter().any(|known| cited_pages(known) == pages);
            // Whose pages they are is said by us alone, and before all else.
            if kind == ConflictKind::Identity || !is_reported {
                conflict.also_in_record = kind != ConflictKind::Identity;
                conflicts.push(conflict);
                kinds.push(kind);
            }
        }
        let first = kinds.iter().take_while(|kind| **kind == ConflictKind::Identity).count();
        conflicts.splice(first..first, std::mem::take(&mut model.conflicts));
        kinds.splice(first..first, reported_kinds);
        add_what_model_left_out(&mut model, findings);
        model.conflicts = conflicts;
        Self { findings: model, conflict_kinds: kinds, encounter_dates }
    }

    /// The findings with their summary. A focus moves what it names to the front.
    pub(crate) fn summarised(self, request: &AnalysisRequest) -> Findings {
        let Self { mut findings, conflict_kinds, encounter_dates } = self;
        let context = RankingContext::new(&conflict_kinds, &encounter_dates, request.focus.as_deref());
        findings.summary = rank_statements(&findings, &context);
        // Whose pages they are comes before all that they say.
        let others = findings.other_patients.iter().map(|other| other.statement.clone());
        let others: Vec<Statement> = others.collect();
        findings.summary.splice(0..0, others);
        findings
    }
}

fn is_kept(citation: &Citation, without: &BTreeSet<PageKey>) -> bool {
    !without.contains(&(citation.document, citation.page))
}

/// Takes away the citations of some pages, and what rests on them alone.
fn forget_pages(findings: &mut Findings, pages: &BTreeSet<PageKey>) {
    if pages.is_empty() {
        return;
    }
    for statement in findings.statements_mut() {
        statement.citations.retain(|citation| is_kept(citation, pages));
    }
    let is_cited = |statement: &Statement| !statement.citations.is_empty();
    findings.problems.retain(|item| is_cited(&item.statement));
    findings.signs_symptoms.retain(|item| is_cited(&item.statement));
    findings.medications.retain(|item| is_cited(&item.statement));
    findings.allergies.retain(|item| is_cited(&item.statement));
    findings.vitals.retain(|item| is_cited(&item.statement));
    findings.labs.retain(|item| is_cited(&item.statement));
    findings.procedures.retain(|item| is_cited(&item.statement));
    findings.imaging.retain(|item| is_cited(&item.statement));
    findings.observations.retain(|item| is_cited(&item.statement));
    findings.timeline.retain(|item| is_cited(&item.statement));
    findings.follow_ups.retain(|item| is_cited(&item.statement));
    findings.conflicts.retain(is_cited);
    findings.gaps.retain(is_cited);
    findings
        .encounters
        .retain(|it| (it.first_page..=it.last_page).any(|page| !pages.contains(&(it.document, page))));
}

/// What the reader is told of pages of other patients: a conflict that cites both identifications.
fn conflicts_with(patient: &PatientMentions, others: &[OtherPatientPage]) -> Vec<Conflict> {
    let Some(own) = patient.first_citation() else { return Vec::new() };
    let conflict = |other: &OtherPatientPage| {
        let cited = other.statement.citations.first()?;
        let own_name = patient.patient().name.unwrap_or_else(|| "this patient".to_owned());
        let other_name = other.name.as_deref().unwrap_or("somebody else");
        let text = format!("Pages of more than one patient: most are of {own_name}, one is of {other_name}");
        Some(Conflict::new(ConflictKind::Identity, text, None, [own, cited]))
    };
    others.iter().filter_map(conflict).collect()
}

/// Merges the statements of near-duplicate pages and stores the conflicts, whose kinds are returned.
fn merge_pages(findings: &mut Findings, mut conflicts: Vec<Conflict>) -> Vec<ConflictKind> {
    merge_duplicate_pages(findings, &mut conflicts);
    let (kinds, statements): (Vec<ConflictKind>, Vec<Statement>) =
        conflicts.into_iter().map(|conflict| (conflict.kind, conflict.statement)).unzip();
    findings.conflicts = statements;
    kinds
}

/// The assertion of a target at the first place where a sentence names it; none if it does not. For the comparison with other
/// software on marked sentences.
#[must_use]
pub fn target_assertion(sentence: &str, target: &str) -> Option<Assertion> {
    let tokens = word_tokens(sentence);
    let range = find_phrase(&tokens, &word_keys(target))?;
    Some(context::assertion_in(sentence, &tokens, &range, input::sections::Section::Other))
}

/// The terms that the lexicon alone finds in a text, each with its kind: what the measurements of the lexicon count.
#[must_use]
pub fn find_terms(text: &str) -> Vec<(&'static str, &str)> {
    let tokens = word_tokens(text);
    let lists = [("problem", &*PROBLEMS), ("sign", &*SIGNS_SYMPTOMS), ("medicine", &*DRUGS)];
    let found = lists.into_iter().flat_map(|(kind, list)| {
        list.find(text, &tokens).into_iter().map(move |term| (kind, &text[term.range]))
    });
    found.collect()
}

/// The dates that a request is limited to.
struct WindowFilter(Option<DateWindow>);

impl WindowFilter {
    fn contains(&self, date: Option<Date>) -> bool {
        let (Some(window), Some(date)) = (self.0, date) else { return true };
        window.from.is_none_or(|from| date >= from) && window.to.is_none_or(|to| date <= to)
    }

    fn apply(&self, findings: &mut Findings) {
        self.retain(&mut findings.signs_symptoms, |item| item.date);
        self.retain(&mut findings.vitals, |item| item.date);
        self.retain(&mut findings.labs, |item| item.date);
        self.retain(&mut findings.procedures, |item| item.date);
        self.retain(&mut findings.imaging, |item| item.date);
        self.retain(&mut findings.observations, |item| item.date);
        self.retain(&mut findings.timeline, |item| Some(item.date));
    }

    fn retain<T>(&self, items: &mut Vec<T>, date: impl Fn(&T) -> Option<Date>) {
        items.retain(|item| self.contains(date(item)));
    }

    fn filter<T>(&self, items: Vec<T>, date: impl Fn(&T) -> Option<Date>) -> impl Iterator<Item = T> {
        items.into_iter().filter(move |item| self.contains(date(item)))
    }
}

/// Whether the page is in a language whose terms and denials are listed. A term found on any other page may be denied there
/// without our knowing it, so that such a page gives nothing and all its lines are not understood.
fn is_understood(source: &SourcePage) -> bool {
    let text = source.page.text();
    detect_language(&text, &word_tokens(&text)) != PageLanguage::Other
}

/// The page as a duplicate of an earlier one, if it is one.
fn duplicate_page(source: &SourcePage) -> Option<DuplicatePage> {
    let Page { number, text_source, near_duplicate, .. } = &source.page;
    let (duplicate_of, similarity) = match text_source {
        TextSource::Duplicate { duplicate_of } => (*duplicate_of, None),
        TextSource::TextLayer
        | TextSource::Ocr { .. }
        | TextSource::Mixed { .. }
        | TextSource::Blank
        | TextSource::Unreadable { .. } => {
            near_duplicate.map(|duplicate| (duplicate.duplicate_of, Some(duplicate.similarity)))?
        }
    };
    Some(DuplicatePage { document: source.document, page: *number, duplicate_of, similarity })
}

#[cfg(test)]
mod tests;
