//! The main job, end to end: the sample record through the real `maneiro`, a real cloud, and back, compared with the
//! planted facts.

use std::path::Path;

use maneiro_api::analysis::{Analysis, Statement};
use maneiro_page::{Page, TextSource};
use maneiro_tests::{
    TestApp,
    sample::{self, FactOutcome, PageOrigin, facts},
    workstation::Workstation,
};
use tokio::sync::OnceCell;

/// The results of the job.
struct JobResults {
    analysis: Analysis,
    pages: Vec<Page>,
    report: Vec<u8>,
    markdown: String,
}

/// The job runs once. No test changes its results.
async fn main_job() -> &'static JobResults {
    static RESULTS: OnceCell<JobResults> = OnceCell::const_new();
    RESULTS.get_or_init(run).await
}

async fn run() -> JobResults {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
    let record = workstation.write_file("record.pdf", sample::record_pdf());
    let out = workstation.path("out");
    let arguments = [Path::new("analyze"), &record, "--json".as_ref(), "--out".as_ref(), &out];
    let document = workstation.run_async(arguments).await.json();
    let read = workstation.run_async([Path::new("read"), &record, "--json".as_ref()]).await.json();
    assert_eq!(read["file"]["pages_newly_read"], 0, "the analysed pages are in the store");
    worker.stop().await;
    app.finish().await;
    JobResults {
        analysis: serde_json::from_value(document["analysis"].clone()).unwrap(),
        pages: serde_json::from_value(read["pages"].clone()).unwrap(),
        report: std::fs::read(out.join("report.pdf")).unwrap(),
        markdown: std::fs::read_to_string(out.join("report.md")).unwrap(),
    }
}

/// How many planted facts may be missed. Not zero: the pages are really recognised, and another version of Tesseract or of
/// its model may read a word or two differently.
const MAX_MISSED_FACTS: usize = 2;

#[tokio::test]
async fn nearly_all_planted_facts_are_found_on_their_pages() {
    let verdicts = sample::score_findings(&main_job().await.analysis.findings);
    let missed: Vec<_> =
        verdicts.iter().filter(|verdict| !verdict.is_right()).map(ToString::to_string).collect();
    println!("{} of {} planted facts right", verdicts.len() - missed.len(), verdicts.len());
    assert!(missed.len() <= MAX_MISSED_FACTS, "{missed:#?}");
}

#[tokio::test]
async fn nothing_negated_or_of_relatives_is_stated_as_present() {
    let verdicts = sample::score_findings(&main_job().await.analysis.findings);
    let wrong: Vec<_> = verdicts
        .iter()
        .filter(|verdict| verdict.outcome == FactOutcome::WronglyPresent)
        .map(ToString::to_string)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_patient_is_identified() {
    let (patient, planted) = (&main_job().await.analysis.findings.patient, facts().patient);
    assert_eq!(patient.name.as_deref(), Some(planted.name));
    assert_eq!(patient.birth_date.map(|day| day.to_string()).as_deref(), Some(planted.birth_date));
    assert_eq!(patient.medical_record_number.as_deref(), Some(planted.record_number));
}

#[tokio::test]
async fn every_statement_cites_words_on_a_page() {
    let results = main_job().await;
    let statements: Vec<&Statement> = results.analysis.findings.statements().collect();
    assert!(statements.len() >= 60, "{}", statements.len());
    for statement in statements {
        assert!(statement.quoted && !statement.citations.is_empty(), "{}", statement.text);
        assert!(statement.citations.iter().all(|citation| !citation.boxes.is_empty()), "{}", statement.text);
    }
}

#[tokio::test]
async fn the_report_names_the_patient_and_cites_pages() {
    let results = main_job().await;
    assert!(results.report.starts_with(b"%PDF-"));
    assert!(results.markdown.contains(facts().patient.name), "{}", results.markdown);
    assert!(results.markdown.contains("[p. "), "{}", results.markdown);
}

#[tokio::test]
async fn every_page_is_read_from_the_expected_text_source() {
    let results = main_job().await;
    assert_eq!(results.pages.len(), facts().pages.len());
    for (page, fact) in results.pages.iter().zip(facts().pages) {
        let is_expected = match (fact.origin, &page.text_source) {
            (PageOrigin::BornDigital, TextSource::TextLayer) | (PageOrigin::Blank, TextSource::Blank) => true,
            (PageOrigin::Scanned | PageOrigin::Sideways | PageOrigin::Faxed, TextSource::Ocr { .. }) => true,
            (PageOrigin::DuplicateOf(earlier), TextSource::Duplicate { duplicate_of }) => {
                earlier == *duplicate_of
            }
            _ => false,
        };
        assert!(is_expected, "page {}, {:?}, was read as {:?}", page.number, fact.origin, page.text_source);
    }
}
