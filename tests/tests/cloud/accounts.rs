//! Login and logout.

use maneiro_api::{
    ErrorCode, OrgId,
    account::{Login, Role},
    client::ClientError,
};
use maneiro_cloud::app::sessions;
use maneiro_tests::{PASSWORD, TestApp};
use time::Duration;
use uuid::Uuid;

fn login(email: &str, password: &str) -> Login {
    Login { email: email.to_owned(), password: password.into(), organization: None }
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> maneiro_api::ErrorBody {
    match answer {
        Err(ClientError::Api(body)) => *body,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

#[tokio::test]
async fn e_mail_addresses_are_case_insensitive() {
    let app = TestApp::start().await;
    app.register("Lakeside Family Practice", "ada@clinic.example").await;
    assert!(app.anonymous().login(&login("ADA@clinic.example", PASSWORD)).await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn wrong_password_and_unknown_account_look_the_same() {
    let app = TestApp::start().await;
    let known = app.clinic().await.admin().me.email;
    let mut answers = Vec::new();
    for attempt in
        [login(&known, "a wrong password"), login("who@clinic.example", PASSWORD), login("\0", PASSWORD)]
    {
        let mut body = refusal(app.anonymous().login(&attempt).await);
        body.request_id = maneiro_api::RequestId::from_uuid(Uuid::nil());
        answers.push(body);
    }
    assert_eq!(answers[0].code, ErrorCode::InvalidCredentials);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    app.finish().await;
}

#[tokio::test]
async fn logout_ends_one_session_only() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let elsewhere = app.anonymous().login(&login(&admin.me.email, PASSWORD)).await.unwrap();
    admin.logout().await.unwrap();
    assert_eq!(refusal(admin.me().await).code, ErrorCode::Unauthenticated);
    assert_eq!(refusal(admin.logout().await).code, ErrorCode::Unauthenticated);
    assert!(app.anonymous().with_token(elsewhere.token).me().await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn two_logouts_at_once_both_succeed() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    // Both requests are authenticated before either ends the session.
    let first = sessions::authenticate(&app.app, &admin.token, app.origin()).await.unwrap();
    let second = sessions::authenticate(&app.app, &admin.token, app.origin()).await.unwrap();
    sessions::logout(&app.app, &first).await.unwrap();
    sessions::logout(&app.app, &second).await.unwrap();
    let ended = "select count(*) from maneiro.audit_events where action = 'session.ended'";
    let ended: i64 = sqlx::query_scalar(ended).fetch_one(&mut app.database.superuser().await).await.unwrap();
    assert_eq!(ended, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_session_expires_after_twelve_hours_of_use() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    for _ in 0..71 {
        app.clock.advance(Duration::minutes(10));
        assert!(admin.me().await.is_ok());
    }
    app.clock.advance(Duration::minutes(10) - Duration::seconds(1));
    assert!(admin.me().await.is_ok());
    app.clock.advance(Duration::seconds(1));
    assert_eq!(refusal(admin.me().await).code, ErrorCode::Unauthenticated);
    app.finish().await;
}

#[tokio::test]
async fn an_idle_session_expires_after_fifteen_minutes() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    for _ in 0..3 {
        app.clock.advance(Duration::minutes(15) - Duration::seconds(1));
        assert!(admin.me().await.is_ok());
    }
    app.clock.advance(Duration::minutes(15));
    assert_eq!(refusal(admin.me().await).code, ErrorCode::Unauthenticated);
    app.finish().await;
}

#[tokio::test]
async fn login_selects_the_first_or_the_requested_clinic() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let second = app.other_clinic().await;
    let mut superuser = app.database.superuser().await;
    sqlx::query(
        "insert into maneiro.memberships (org_id, user_id, role, created_at) values ($1, $2, 'doctor', $3)",
    )
    .bind(second.id().uuid())
    .bind(admin.me.user.uuid())
    .bind(app.app.now() + Duration::days(1))
    .execute(&mut superuser)
    .await
    .unwrap();

    let first = app.anonymous().login(&login(&admin.me.email, PASSWORD)).await.unwrap();
    assert_eq!(first.me.organization, admin.me.organization);
    let asked = Login { organization: Some(second.id()), ..login(&admin.me.email, PASSWORD) };
    let there = app.anonymous().login(&asked).await.unwrap();
    assert_eq!((there.me.organization, there.me.role), (second.id(), Role::Doctor));
    let nowhere = Login { organization: Some(OrgId::from_uuid(Uuid::nil())), ..asked };
    assert_eq!(refusal(app.anonymous().login(&nowhere).await).code, ErrorCode::InvalidCredentials);
    app.finish().await;
}
