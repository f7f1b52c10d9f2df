//! The queue, end to end: whatever happens to workers and to what they depend on, no acknowledged job is lost and none
//! is recorded twice.

use maneiro_api::job::JobState;
use maneiro_tests::TestApp;

const PAGES: &[&str] =
    &["Medications\nMetformin 500 mg by mouth twice daily", "Allergies\nPenicillin: hives"];

#[tokio::test]
async fn a_worker_makes_the_analysis_that_was_asked_for() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let (record, _) = doctor.upload("Jane Sample", PAGES).await;
    let job = doctor.ask(record, "first").await;
    let worker = app.worker();

    let job = doctor.outcome(job).await;

    assert_eq!(job.state, JobState::Complete, "{job:?}");
    assert_eq!((job.progress.pages_done, job.attempts), (2, 1));
    let analysis = doctor
        .analysis(job.analysis.expect("a complete job has its analysis"))
        .await
        .expect("it can be read");
    assert_eq!((analysis.record, analysis.sources[0].pages), (record, 2));
    worker.stop().await;
    app.finish().await;
}
