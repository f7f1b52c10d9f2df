//! Operators of the platform, who act as members in support sessions.

use http::StatusCode;
use maneiro_api::{
    ErrorBody, ErrorCode,
    client::ClientError,
    job::{CreateJob, JobState},
};
use maneiro_tests::{TestApp, fixtures};
use time::Duration;
use uuid::Uuid;

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

async fn error_code(response: reqwest::Response) -> (StatusCode, ErrorCode) {
    (response.status(), response.json::<ErrorBody>().await.unwrap().code)
}

#[tokio::test]
async fn an_operator_acts_as_a_member_without_patient_content() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let fixture = fixtures::complete_record(&doctor).await;
    let focus = Some("left shoulder".to_owned());
    let job = doctor.create_job(&CreateJob { focus, ..fixture.create_job_request() }, "key").await.unwrap();
    let operator = app.operator().await;
    let support = app.support_session(&operator, &doctor, 60).await;

    assert_eq!(support.me().await.unwrap().user, doctor.me.user);
    assert_eq!(code(support.record(fixture.record).await), ErrorCode::SupportSession);
    assert_eq!(code(support.page(fixture.document, 1).await), ErrorCode::SupportSession);
    assert_eq!(code(support.sessions().await), ErrorCode::SupportSession);
    let seen = support.job(job.id).await.unwrap();
    assert_eq!((seen.state, seen.focus), (JobState::Waiting, None));
    assert_eq!(support.cancel_job(job.id).await.unwrap().focus, None);

    let events: Vec<(String, Option<Uuid>, Option<Uuid>)> = sqlx::query_as(
        "select actor_kind, actor_id, acting_as from maneiro.audit_events
         where org_id = $1 and action in ('support_session.started', 'job.read', 'job.cancelled')",
    )
    .bind(doctor.me.organization.uuid())
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap();
    let both = ("operator".to_owned(), Some(operator.user.uuid()), Some(doctor.me.user.uuid()));
    assert_eq!(events, [both.clone(), both.clone(), both]);
    app.finish().await;
}

#[tokio::test]
async fn a_support_session_lasts_as_long_as_agreed() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let operator = app.operator().await;
    for minutes in [0, 4, 241] {
        let refused = app.start_support_session(&operator, &doctor, minutes).await;
        assert_eq!(
            error_code(refused).await,
            (StatusCode::BAD_REQUEST, ErrorCode::InvalidInput),
            "{minutes}"
        );
    }
    let support = app.support_session(&operator, &doctor, 5).await;
    app.clock.advance(Duration::minutes(5) - Duration::seconds(1));
    assert!(support.me().await.is_ok());
    app.clock.advance(Duration::seconds(1));
    assert_eq!(code(support.me().await), ErrorCode::Unauthenticated);
    assert!(doctor.me().await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn an_operator_needs_a_second_factor_and_a_member() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let doctor = clinic.doctor().await;
    let weak = app.operator_without_second_factor().await;
    let refused = app.start_support_session(&weak, &doctor, 5).await;
    assert_eq!(error_code(refused).await, (StatusCode::FORBIDDEN, ErrorCode::SecondFactorRequired));

    let operator = app.operator().await;
    let mut nobody = doctor.clone();
    nobody.me.organization = app.other_clinic().await.id();
    let refused = app.start_support_session(&operator, &nobody, 5).await;
    assert_eq!(error_code(refused).await, (StatusCode::NOT_FOUND, ErrorCode::NotFound));
    let refused = app.operator_login(&doctor.me.email).await;
    assert_eq!(error_code(refused).await, (StatusCode::UNAUTHORIZED, ErrorCode::InvalidCredentials));
    app.finish().await;
}

#[tokio::test]
async fn an_admin_of_the_clinic_ends_a_support_session() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (admin, doctor) = (clinic.admin(), clinic.doctor().await);
    let operator = app.operator().await;
    let support = app.support_session(&operator, &doctor, 60).await;
    let [session] = &admin.support_sessions().await.unwrap()[..] else { panic!("one support session") };
    assert_eq!((session.operator, session.user), (operator.user, doctor.me.user));
    assert_eq!(session.reason, "the member asked why a job waits");

    let stranger = app.other_clinic().await.admin();
    assert!(stranger.support_sessions().await.unwrap().is_empty());
    assert_eq!(code(stranger.end_support_session(session.id).await), ErrorCode::NotFound);
    assert_eq!(code(doctor.end_support_session(session.id).await), ErrorCode::PermissionDenied);
    let own = admin.sessions().await.unwrap()[0].id;
    assert_eq!(code(admin.end_support_session(own).await), ErrorCode::NotFound);
    admin.end_support_session(session.id).await.unwrap();
    while support.me().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(code(support.me().await), ErrorCode::Unauthenticated);
    assert!(admin.support_sessions().await.unwrap().is_empty());
    assert!(doctor.me().await.is_ok());
    app.finish().await;
}
