//! The planted facts of the intensive care stay and the outpatient bundle: read by the real workstation, analysed by the built-in
//! analyser.

use std::{path::Path, sync::Arc};

use maneiro_analysis::{Analyser, AnalysisRequest, SourcePage};
use maneiro_api::{DocumentId, analysis::Findings};
use maneiro_page::Page;
use maneiro_tests::{
    sample::{ICU_STAY, OUTPATIENT_BUNDLE, RecordFact, SyntheticRecord},
    workstation::Workstation,
};
use time::macros::date;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// Facts that the analyser does not find yet: those marked in the lists with `~`. The counts may only fall.
const MAX_KNOWN_MISSES_ICU_STAY: usize = 42;
const MAX_KNOWN_MISSES_OUTPATIENT_BUNDLE: usize = 36;

async fn icu_stay() -> &'static Findings {
    static FINDINGS: OnceCell<Findings> = OnceCell::const_new();
    FINDINGS.get_or_init(|| analyse(&ICU_STAY)).await
}

async fn outpatient_bundle() -> &'static Findings {
    static FINDINGS: OnceCell<Findings> = OnceCell::const_new();
    FINDINGS.get_or_init(|| analyse(&OUTPATIENT_BUNDLE)).await
}

async fn analyse(record: &SyntheticRecord) -> Findings {
    let workstation = Workstation::new();
    let file = workstation.write_file("record.pdf", record.pdf);
    let read = workstation.run_async([Path::new("read"), &file, "--json".as_ref()]).await.json();
    let pages: Vec<Page> = serde_json::from_value(read["pages"].clone()).expect("the pages are printed");
    let request = AnalysisRequest { focus: None, window: None, today: date!(2025 - 02 - 20) };
    let mut analyser = Analyser::new(request, Arc::default());
    let document = DocumentId::from_uuid(Uuid::from_u128(1));
    for page in pages {
        analyser.push(SourcePage { document, page }).expect("nobody cancels");
    }
    analyser.finish().expect("nobody cancels").findings
}

#[track_caller]
fn assert_facts_are_found(record: &SyntheticRecord, findings: &Findings, max_known_misses: usize) {
    let facts = record.facts();
    let (known_misses, others): (Vec<RecordFact>, Vec<RecordFact>) =
        facts.iter().partition(|fact| fact.is_known_miss);
    let missed: Vec<String> =
        others.iter().filter(|fact| !fact.is_right(findings)).map(ToString::to_string).collect();
    for fact in known_misses.iter().filter(|fact| fact.is_right(findings)) {
        println!("no longer missed, remove its mark: {fact}");
    }
    println!("{} of {} facts right", others.len() - missed.len(), facts.len());
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(known_misses.len() <= max_known_misses, "{} facts are marked as missed", known_misses.len());
}

#[track_caller]
fn assert_leads(record: &SyntheticRecord, findings: &Findings, max_known_misses: usize) {
    let first: Vec<_> = findings.summary.iter().take(3).collect();
    let texts: Vec<&str> = findings.summary.iter().map(|statement| statement.text.as_str()).collect();
    for lead in record.leads() {
        let leads = first.iter().any(|statement| lead.is_in(statement));
        if leads && lead.is_known_miss {
            println!("no longer missed, remove its mark: {lead:?}");
        }
        assert!(leads || lead.is_known_miss, "{lead:?} is not among {texts:#?}");
    }
    let known_misses = record.leads().iter().filter(|lead| lead.is_known_miss).count();
    assert!(known_misses <= max_known_misses, "{known_misses} leading facts are marked as missed");
}

#[tokio::test]
async fn facts_of_the_icu_stay_are_found() {
    assert_facts_are_found(&ICU_STAY, icu_stay().await, MAX_KNOWN_MISSES_ICU_STAY);
}

#[tokio::test]
async fn facts_of_the_outpatient_bundle_are_found() {
    assert_facts_are_found(&OUTPATIENT_BUNDLE, outpatient_bundle().await, MAX_KNOWN_MISSES_OUTPATIENT_BUNDLE);
}

#[tokio::test]
async fn three_facts_lead_the_summary_of_the_icu_stay() {
    assert_leads(&ICU_STAY, icu_stay().await, 2);
}

#[tokio::test]
async fn three_facts_lead_the_summary_of_the_outpatient_bundle() {
    assert_leads(&OUTPATIENT_BUNDLE, outpatient_bundle().await, 0);
}
