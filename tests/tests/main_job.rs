//! The main job, end to end: the sample record through the real `maneiro`, a real cloud, and back, measured against
//! what its generator planted.

use std::path::Path;

use maneiro_api::analysis::{Analysis, Statement};
use maneiro_page::{Page, TextSource};
use maneiro_tests::{
    TestApp,
    sample::{self, HowMade, Outcome, facts},
    workstation::Workstation,
};
use tokio::sync::OnceCell;

/// What the job came to.
struct Done {
    analysis: Analysis,
    pages: Vec<Page>,
    report: Vec<u8>,
    markdown: String,
}

/// The job is done once; nothing that looks at its outcome can change it.
async fn main_job() -> &'static Done {
    static DONE: OnceCell<Done> = OnceCell::const_new();
    DONE.get_or_init(run).await
}

async fn run() -> Done {
    let app = TestApp::start().await;
    let worker = app.worker();
    let doctor = app.clinic().await.doctor().await;
    let workstation = Workstation::new().signed_in(app.url.as_str(), &doctor.token);
    let record = workstation.file("record.pdf", sample::record_pdf());
    let out = workstation.path("out");
    let arguments = [Path::new("analyze"), &record, "--json".as_ref(), "--out".as_ref(), &out];
    let document = workstation.run_beside(arguments).await.json();
    let read = workstation.run_beside([Path::new("read"), &record, "--json".as_ref()]).await.json();
    assert_eq!(read["file"]["pages_read_now"], 0, "what was analysed is what is kept");
    worker.stop().await;
    app.finish().await;
    Done {
        analysis: serde_json::from_value(document["analysis"].clone()).unwrap(),
        pages: serde_json::from_value(read["pages"].clone()).unwrap(),
        report: std::fs::read(out.join("report.pdf")).unwrap(),
        markdown: std::fs::read_to_string(out.join("report.md")).unwrap(),
    }
}

/// How many of the planted facts may be missed. Not none: the pages are really recognised, and another version of
/// Tesseract or of its model may read a word or two differently.
const MAY_BE_MISSED: usize = 2;

#[tokio::test]
async fn all_but_a_few_facts_of_the_sample_record_are_found_on_their_pages() {
    let verdicts = sample::score(&main_job().await.analysis.findings);
    let missed: Vec<_> =
        verdicts.iter().filter(|verdict| !verdict.is_good()).map(ToString::to_string).collect();
    println!("{} of {} planted facts as they should be", verdicts.len() - missed.len(), verdicts.len());
    assert!(missed.len() <= MAY_BE_MISSED, "{missed:#?}");
}

#[tokio::test]
async fn nothing_that_the_record_denies_or_says_of_relatives_is_taken_for_the_patients() {
    let verdicts = sample::score(&main_job().await.analysis.findings);
    let wrong: Vec<_> = verdicts
        .iter()
        .filter(|verdict| verdict.outcome == Outcome::WronglyPresent)
        .map(ToString::to_string)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_patient_is_who_the_record_says() {
    let (patient, planted) = (&main_job().await.analysis.findings.patient, facts().patient);
    assert_eq!(patient.name.as_deref(), Some(planted.name));
    assert_eq!(patient.birth_date.map(|day| day.to_string()).as_deref(), Some(planted.birth_date));
    assert_eq!(patient.medical_record_number.as_deref(), Some(planted.record_number));
}

#[tokio::test]
async fn every_statement_can_be_followed_to_words_on_a_page() {
    let done = main_job().await;
    let statements: Vec<&Statement> = done.analysis.findings.statements().collect();
    assert!(statements.len() >= 60, "{}", statements.len());
    for statement in statements {
        assert!(statement.verified && !statement.citations.is_empty(), "{}", statement.text);
        assert!(statement.citations.iter().all(|citation| !citation.boxes.is_empty()), "{}", statement.text);
    }
}

#[tokio::test]
async fn the_report_is_a_pdf_and_names_patient_and_pages() {
    let done = main_job().await;
    assert!(done.report.starts_with(b"%PDF-"));
    assert!(done.markdown.contains(facts().patient.name), "{}", done.markdown);
    assert!(done.markdown.contains("[p. "), "{}", done.markdown);
}

#[tokio::test]
async fn every_page_is_read_in_the_way_it_was_made() {
    let done = main_job().await;
    assert_eq!(done.pages.len(), facts().pages.len());
    for (page, fact) in done.pages.iter().zip(facts().pages) {
        let as_made = match (fact.how, &page.text_source) {
            (HowMade::BornDigital, TextSource::TextLayer) | (HowMade::Blank, TextSource::Blank) => true,
            (HowMade::Scanned | HowMade::Sideways | HowMade::Faxed, TextSource::Ocr { .. }) => true,
            (HowMade::RepeatOf(earlier), TextSource::Duplicate { duplicate_of }) => earlier == *duplicate_of,
            _ => false,
        };
        assert!(as_made, "page {}, {:?}, was read as {:?}", page.number, fact.how, page.text_source);
    }
}
