//! Jobs and the quota of the plan.

use std::{num::NonZeroU32, sync::Arc};

use futures::future::join_all;
use maneiro_api::{
    ErrorCode,
    account::Login,
    analysis::DateWindow,
    client::ClientError,
    error::PlanLimit,
    job::{CreateJob, JobErrorCode, JobState},
};
use maneiro_tests::{
    PASSWORD, Person, TestApp,
    faults::{FakeModel, ModelBehaviour},
    fixtures,
};
use time::{
    Duration,
    macros::{date, datetime},
};

async fn analyses_used(person: &Person) -> u32 {
    person.me().await.unwrap().usage.analyses_used
}

async fn cancel_all(person: &Person) {
    let all = person.jobs(None, NonZeroU32::new(200).unwrap()).await.unwrap();
    for job in all.items.iter().filter(|job| !job.state.is_final()) {
        person.cancel_job(job.id).await.unwrap();
    }
}

#[tokio::test]
async fn sixty_parallel_requests_on_a_trial_create_fifty_jobs() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let answers = join_all((0..60).map(|number| {
        let (doctor, request) = (doctor.clone(), request.clone());
        async move { doctor.create_job(&request, &format!("key {number}")).await }
    }))
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (50, 10));
    for refusal in refused {
        let Err(ClientError::Api(body)) = refusal else { panic!("refused with {refusal:?}") };
        let limit = body.limit.expect("the refusal says which limit");
        assert_eq!((limit.limit, limit.used, limit.maximum), (PlanLimit::Analyses, 50, 50));
        assert_eq!(limit.resets_at, Some(datetime!(2026-03-16 09:00 UTC)), "a trial is one period");
        assert_eq!(body.code, ErrorCode::LimitReached);
        assert!(limit.upgrade_url.starts_with(app.url.as_str()));
    }
    assert_eq!(analyses_used(&doctor).await, 50);
    cancel_all(&doctor).await;
    app.finish().await;
}

#[tokio::test]
async fn sixty_parallel_requests_share_the_last_analysis() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    doctor.create_job(&request, "first").await.unwrap();
    let all_but_one = "update maneiro.usage set analyses = 49";
    sqlx::query(all_but_one).execute(&mut app.database.superuser().await).await.unwrap();
    let answers = join_all((0..60).map(|number| {
        let (doctor, request) = (doctor.clone(), request.clone());
        async move { doctor.create_job(&request, &format!("key {number}")).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let is_refused = |answer: &Result<_, ClientError>| {
        answer.as_ref().is_err_and(|error| error.api_code() == Some(ErrorCode::LimitReached))
    };
    assert_eq!(answers.iter().filter(|answer| is_refused(answer)).count(), 59);
    assert_eq!(analyses_used(&doctor).await, 50);
    cancel_all(&doctor).await;
    app.finish().await;
}

#[tokio::test]
async fn parallel_requests_with_the_same_key_are_one_job() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let answers = join_all((0..20).map(|_| doctor.create_job(&request, "one key"))).await;
    let jobs: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().id).collect();
    assert!(jobs.iter().all(|job| *job == jobs[0]));
    assert_eq!(analyses_used(&doctor).await, 1);
    cancel_all(&doctor).await;
    app.finish().await;
}

#[tokio::test]
async fn a_key_is_refused_for_another_request_of_its_clinic() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    doctor.create_job(&request, "one key").await.unwrap();
    let other = CreateJob { focus: Some("left shoulder".to_owned()), ..request };
    let refused = doctor.create_job(&other, "one key").await.unwrap_err();
    assert_eq!(refused.api_code(), Some(ErrorCode::IdempotencyKeyReused));

    let stranger = app.other_clinic().await.doctor().await;
    let theirs = fixtures::complete_record(&stranger).await.create_job_request();
    assert!(stranger.create_job(&theirs, "one key").await.is_ok());
    cancel_all(&doctor).await;
    cancel_all(&stranger).await;
    app.finish().await;
}

#[tokio::test]
async fn an_incomplete_record_is_not_analysed() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let complete = fixtures::complete_record(&doctor).await;
    let incomplete =
        maneiro_api::record::AddDocument { sha256: "0c".repeat(32), ..fixtures::add_document_request(1) };
    doctor.add_document(complete.record, &incomplete).await.unwrap();
    let refused = doctor.create_job(&complete.create_job_request(), "key").await.unwrap_err();
    assert_eq!(refused.api_code(), Some(ErrorCode::RecordIncomplete));
    assert_eq!(analyses_used(&doctor).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_refused_job_names_every_invalid_field() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = CreateJob {
        focus: Some("x".repeat(501)),
        window: Some(DateWindow { from: Some(date!(2026 - 02 - 02)), to: Some(date!(2026 - 02 - 01)) }),
        ..fixtures::complete_record(&doctor).await.create_job_request()
    };
    let Err(ClientError::Api(body)) = doctor.create_job(&request, &"k".repeat(101)).await else {
        panic!("this must be refused")
    };
    let fields: Vec<&str> = body.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["Idempotency-Key", "focus", "window"]);
    app.finish().await;
}

#[tokio::test]
async fn a_request_written_differently_is_the_same_request() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let (record, _) = doctor.upload("Q", &["text"]).await;
    let first = CreateJob { record, focus: Some("knee".to_owned()), window: None };
    let open = DateWindow { from: None, to: None };
    let second = CreateJob { focus: Some(" knee ".to_owned()), window: Some(open), ..first.clone() };
    let job = doctor.create_job(&first, "k").await.unwrap();
    assert_eq!(doctor.create_job(&second, "k").await.unwrap(), job);
    cancel_all(&doctor).await;
    app.finish().await;
}

#[tokio::test]
async fn a_window_in_an_impossible_year_is_invalid() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let (record, _) = doctor.upload("Q", &["text"]).await;
    let window = DateWindow { from: Some(date!(-9999 - 01 - 01)), to: Some(date!(0000 - 01 - 01)) };
    let create = CreateJob { record, focus: None, window: Some(window) };
    let Err(ClientError::Api(body)) = doctor.create_job(&create, "k").await else {
        panic!("this must be refused")
    };
    assert_eq!(body.code, ErrorCode::InvalidInput);
    let fields: Vec<&str> = body.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["window.from", "window.to"]);
    app.finish().await;
}

#[tokio::test]
async fn a_job_shows_its_request_and_progress() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let window = DateWindow { from: Some(date!(2024 - 01 - 01)), to: None };
    let focus = "left shoulder after the 2024 fall".to_owned();
    let request = CreateJob {
        focus: Some(focus),
        window: Some(window),
        ..fixtures::complete_record(&doctor).await.create_job_request()
    };
    let made = doctor.create_job(&request, "key").await.unwrap();
    assert_eq!(made, doctor.job(made.id).await.unwrap());
    assert_eq!((made.focus, made.window, made.state), (request.focus, Some(window), JobState::Waiting));
    assert_eq!((made.progress.pages_done, made.progress.pages_total, made.attempts), (0, 2, 0));
    cancel_all(&doctor).await;
    app.finish().await;
}

#[tokio::test]
async fn a_failed_job_is_refunded_and_its_retry_counts_again() {
    let model = Arc::new(FakeModel::new(ModelBehaviour::CannotBeAsked));
    let app = TestApp::options().model(&model).start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let worker = app.worker();
    let job = doctor.create_job(&request, "key").await.unwrap();
    let failed = doctor.watch_job(job.id, |_| {}).await.unwrap();
    assert_eq!(failed.state, JobState::Error);
    assert_eq!(failed.error.unwrap().code, JobErrorCode::ModelRequestRejected);
    assert_eq!(analyses_used(&doctor).await, 0);

    model.set_default(ModelBehaviour::Answers);
    doctor.retry_job(job.id).await.unwrap();
    let done = doctor.watch_job(job.id, |_| {}).await.unwrap();
    assert_eq!((done.state, done.error), (JobState::Complete, None));
    assert_eq!(analyses_used(&doctor).await, 1);
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn retries_cannot_exceed_the_limit() {
    let model = Arc::new(FakeModel::new(ModelBehaviour::CannotBeAsked));
    let app = TestApp::options().model(&model).start().await;
    let clinic = app.clinic().await;
    clinic.subscribe("free").await;
    let doctor = clinic.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let worker = app.worker();
    let failed = doctor.create_job(&request, "fails").await.unwrap();
    doctor.watch_job(failed.id, |_| {}).await.unwrap();
    worker.stop().await;
    for number in 0..5 {
        doctor.create_job(&request, &format!("key {number}")).await.unwrap();
    }
    let answers = join_all((0..4).map(|_| doctor.retry_job(failed.id))).await;
    assert!(answers.iter().all(|answer| {
        answer.as_ref().is_err_and(|error| error.api_code() == Some(ErrorCode::LimitReached))
    }));
    assert_eq!(doctor.job(failed.id).await.unwrap().state, JobState::Error);
    cancel_all(&doctor).await;
    app.finish().await;
}

#[tokio::test]
async fn a_cancelled_job_counts_once_and_is_not_refunded() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let job = doctor.create_job(&request, "key").await.unwrap();
    assert_eq!(doctor.cancel_job(job.id).await.unwrap().state, JobState::Cancelled);
    let again = doctor.cancel_job(job.id).await.unwrap_err();
    assert_eq!(again.api_code(), Some(ErrorCode::NotCancellable));
    assert_eq!(doctor.retry_job(job.id).await.unwrap().state, JobState::Waiting);
    let again = doctor.retry_job(job.id).await.unwrap_err();
    assert_eq!(again.api_code(), Some(ErrorCode::NotRetryable));
    assert_eq!(analyses_used(&doctor).await, 1);
    cancel_all(&doctor).await;
    app.finish().await;
}

#[tokio::test]
async fn an_expired_trial_has_the_limits_of_the_free_plan() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let request = fixtures::complete_record(&admin).await.create_job_request();
    app.clock.advance(Duration::days(14));
    let login = Login { email: admin.me.email.clone(), password: PASSWORD.into(), organization: None };
    let token = app.anonymous().login(&login).await.unwrap().token;
    let admin = app.anonymous().with_token(token);
    assert_eq!(admin.me().await.unwrap().usage.plan, "free");
    let answers = join_all((0..6).map(|number| {
        let (admin, request) = (admin.clone(), request.clone());
        async move { admin.create_job(&request, &format!("key {number}")).await }
    }))
    .await;
    let made: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(made.len(), 5);
    for job in made {
        admin.cancel_job(job.id).await.unwrap();
    }
    app.finish().await;
}

#[tokio::test]
async fn an_enterprise_clinic_has_no_limit_and_a_monthly_count() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    clinic.subscribe("enterprise").await;
    let doctor = clinic.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    for number in 0..60 {
        doctor.create_job(&request, &format!("key {number}")).await.unwrap();
    }
    let usage = doctor.me().await.unwrap().usage;
    assert_eq!((usage.analyses_used, usage.analyses_limit), (60, None));
    cancel_all(&doctor).await;

    app.clock.set(datetime!(2026-04-02 09:00 UTC));
    let login = Login { email: doctor.me.email.clone(), password: PASSWORD.into(), organization: None };
    let signed_in = app.anonymous().login(&login).await.unwrap();
    assert_eq!(signed_in.me.usage.analyses_used, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_wrong_clock_delays_no_job() {
    for wrong in [datetime!(2001-01-01 00:00 UTC), datetime!(2051-01-01 00:00 UTC)] {
        let app = TestApp::start().await;
        app.clock.set(wrong);
        let doctor = app.clinic().await.doctor().await;
        let fixture = fixtures::complete_record(&doctor).await;
        fixtures::complete_job(&app, &doctor, &fixture).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn a_paid_plan_outlives_the_trial_and_counts_by_its_bills() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    // The column that says when the trial ended stays as it was.
    clinic.subscribe("starter").await;
    app.clock.set(datetime!(2026-04-02 08:59 UTC));
    let login = Login { email: clinic.admin().me.email, password: PASSWORD.into(), organization: None };
    let usage = app.anonymous().login(&login).await.unwrap().me.usage;
    assert_eq!((usage.plan.as_str(), usage.analyses_limit), ("starter", Some(200)));
    assert_eq!(usage.resets_at, datetime!(2026-04-02 09:00 UTC), "a month after it was subscribed");
    app.finish().await;
}
