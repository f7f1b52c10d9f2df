//! A forgotten password, set anew by a mailed code.

use std::collections::BTreeSet;

use futures::future::join_all;
use http::StatusCode;
use maneiro_api::{
    ErrorCode,
    account::{Login, SessionLevel},
    client::ClientError,
    identity::{PasswordWasReset, RequestPasswordReset, ResetPassword},
};
use maneiro_tests::{PASSWORD, Person, TestApp};
use time::Duration;

const NEW_PASSWORD: &str = "el perro verde baila a medianoche";

fn code_of<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

async fn request(app: &TestApp, email: &str) -> Option<String> {
    let request = RequestPasswordReset { email: email.to_owned() };
    app.anonymous().request_password_reset(&request).await.unwrap();
    app.send_mails().await;
    app.newest_long_code(email)
}

async fn reset(app: &TestApp, code: &str, new_password: &str) -> Result<PasswordWasReset, ClientError> {
    let reset = ResetPassword { code: code.into(), new_password: new_password.into(), organization: None };
    app.anonymous().reset_password(&reset).await
}

async fn login(app: &TestApp, person: &Person, password: &str) -> Result<(), ErrorCode> {
    let login = Login { email: person.me.email.clone(), password: password.into(), organization: None };
    app.anonymous().login(&login).await.map(drop).map_err(|error| code_of(Err::<(), _>(error)))
}

async fn is_refused(person: &Person) -> bool {
    for _ in 0..2_000 {
        if person.me().await.is_err() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[tokio::test]
async fn a_mailed_code_sets_the_password_and_ends_every_session() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let code = request(&app, &doctor.me.email.to_uppercase()).await;
    assert_eq!(code, None, "it is mailed to the address as the user wrote it");
    let code = app.newest_long_code(&doctor.me.email).unwrap();
    let typed = code.to_lowercase().replace('-', " ");
    let session = reset(&app, &typed, NEW_PASSWORD).await.unwrap().session.unwrap();
    let signed_in = app.anonymous().with_token(session.token);
    assert_eq!(signed_in.me().await.unwrap().user, doctor.me.user);
    let sessions = signed_in.sessions().await.unwrap();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert_eq!(sessions[0].level, SessionLevel::Password, "a second factor is not passed by");
    assert!(is_refused(&doctor).await);
    assert_eq!(login(&app, &doctor, PASSWORD).await, Err(ErrorCode::InvalidCredentials));
    assert_eq!(login(&app, &doctor, NEW_PASSWORD).await, Ok(()));
    assert_eq!(code_of(reset(&app, &code, NEW_PASSWORD).await), ErrorCode::CodeWrong, "it is used up");
    app.send_mails().await;
    let subjects = app.mail_subjects(&doctor.me.email);
    assert_eq!(subjects, ["Set another password for Maneiro", "Your Maneiro password was changed"]);
    app.finish().await;
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answer_to_a_reset() {
    let app = TestApp::start().await;
    let email = app.clinic().await.admin().me.email;
    let mut answers = BTreeSet::new();
    for email in [&*email, "nobody@clinic.example"] {
        let url = app.url.join("v1/auth/password/reset").unwrap();
        let body = serde_json::json!({ "email": email });
        let response = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        let ignored = ["date", "x-request-id"];
        let headers = response.headers().iter().filter(|(name, _)| !ignored.contains(&name.as_str()));
        let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
        answers.insert((headers, response.bytes().await.unwrap()));
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    app.send_mails().await;
    assert!(app.newest_long_code(&email).is_some());
    assert!(app.mail_subjects("nobody@clinic.example").is_empty(), "strangers are not written to");
    app.finish().await;
}

#[tokio::test]
async fn requests_of_others_make_no_code_useless() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let first = request(&app, &doctor.me.email).await.unwrap();
    let mut codes = BTreeSet::from([first.clone()]);
    for _ in 0..8 {
        app.clock.advance(Duration::minutes(1));
        codes.insert(request(&app, &doctor.me.email).await.unwrap());
    }
    assert_eq!(codes.len(), 5, "so many mails in an hour");
    let wrong = join_all((0..50).map(|_| reset(&app, "0000-0000-0000-0000-0000", NEW_PASSWORD))).await;
    assert!(wrong.into_iter().all(|answer| code_of(answer) == ErrorCode::CodeWrong));
    assert!(reset(&app, &first, NEW_PASSWORD).await.is_ok(), "the first code still counts");
    for code in codes {
        assert_eq!(code_of(reset(&app, &code, PASSWORD).await), ErrorCode::CodeWrong, "all are used up");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_reset_is_mailed_once_a_minute_however_many_ask_at_once() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let ask = RequestPasswordReset { email: doctor.me.email.clone() };
    let client = app.anonymous();
    for answer in join_all((0..20).map(|_| client.request_password_reset(&ask))).await {
        answer.unwrap();
    }
    app.send_mails().await;
    assert_eq!(app.mail_subjects(&doctor.me.email).len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_reset_code_expires_and_outlasts_a_refused_password() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let code = request(&app, &doctor.me.email).await.unwrap();
    for refused in ["too short", "passwordpassword", &format!("{} 12", doctor.me.name)] {
        assert_eq!(code_of(reset(&app, &code, refused).await), ErrorCode::InvalidInput, "{refused}");
    }
    app.clock.advance(Duration::minutes(60));
    assert_eq!(code_of(reset(&app, &code, NEW_PASSWORD).await), ErrorCode::CodeExpired);
    assert_eq!(login(&app, &doctor, PASSWORD).await, Ok(()));
    app.finish().await;
}

#[tokio::test]
async fn one_reset_code_sent_fifty_times_sets_one_password() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let code = request(&app, &doctor.me.email).await.unwrap();
    let passwords: Vec<String> = (0..50).map(|n| format!("{NEW_PASSWORD} {n}")).collect();
    let answers = join_all(passwords.iter().map(|password| reset(&app, &code, password))).await;
    let done: Vec<usize> = (0..50).filter(|n| answers[*n].is_ok()).collect();
    let [done] = done[..] else { panic!("{done:?}") };
    assert_eq!(login(&app, &doctor, &passwords[done]).await, Ok(()));
    app.finish().await;
}

#[tokio::test]
async fn a_locked_account_gets_in_by_the_mailed_code() {
    let app = TestApp::options().rate_limits().start().await;
    let doctor = app.clinic().await.doctor().await;
    for _ in 0..10 {
        assert_eq!(login(&app, &doctor, "a wrong password").await, Err(ErrorCode::InvalidCredentials));
    }
    assert_eq!(login(&app, &doctor, PASSWORD).await, Err(ErrorCode::TooManyRequests));
    assert!(doctor.me().await.is_ok(), "the open session goes on");
    let code = request(&app, &doctor.me.email).await.unwrap();
    let session = reset(&app, &code, NEW_PASSWORD).await.unwrap().session.unwrap();
    assert!(app.anonymous().with_token(session.token).me().await.is_ok(), "without another sign-in");
    assert_eq!(login(&app, &doctor, NEW_PASSWORD).await, Ok(()), "the guesses are forgotten");
    app.finish().await;
}

#[tokio::test]
async fn guesses_at_the_sign_in_keep_nobody_from_their_own_account() {
    let app = TestApp::options().rate_limits().start().await;
    let doctor = app.clinic().await.doctor().await;
    for _ in 0..11 {
        assert!(login(&app, &doctor, "a wrong password").await.is_err());
    }
    let change = |current: &str| maneiro_api::account::ChangePassword {
        current_password: current.into(),
        new_password: NEW_PASSWORD.into(),
    };
    assert!(doctor.change_password(&change(PASSWORD)).await.is_ok());
    for _ in 0..10 {
        let refused = doctor.change_password(&change("a wrong password")).await;
        assert_eq!(code_of(refused), ErrorCode::InvalidInput);
    }
    let refused = doctor.change_password(&change(NEW_PASSWORD)).await;
    assert_eq!(code_of(refused), ErrorCode::TooManyRequests, "a session has ten tries too");
    assert!(doctor.me().await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn no_reset_code_is_stored() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let code = request(&app, &doctor.me.email).await.unwrap();
    for table in ["password_resets", "mails", "tasks", "audit_events"] {
        let rows = format!("select row::text from maneiro.{table} as row");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows))
            .fetch_all(&mut app.database.superuser().await)
            .await
            .unwrap();
        for row in rows {
            assert!(!row.contains(&code) && !row.contains(&code.replace('-', "")), "{table}: {row}");
        }
    }
    app.finish().await;
}
