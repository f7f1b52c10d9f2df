//! Registration of a clinic by a mailed code.

use std::collections::BTreeSet;

use futures::future::join_all;
use http::StatusCode;
use maneiro_api::{
    ErrorCode,
    account::{ConfirmRegistration, MailLanguage, Register, Role},
    client::ClientError,
};
use maneiro_tests::{PASSWORD, TestApp, confirm_registration};
use time::Duration;

const CLINIC: &str = "Lakeside Family Practice";
const ADDRESS: &str = "ada@clinic.example";

/// How long a worker may take for a task.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(30);

fn register(email: &str) -> Register {
    Register { email: email.to_owned(), language: MailLanguage::En }
}

fn code_of<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

async fn confirm(app: &TestApp, email: &str, code: &str) -> Result<(), ErrorCode> {
    match app.anonymous().confirm_registration(&confirm_registration(CLINIC, email, code)).await {
        Ok(_) => Ok(()),
        refused => Err(code_of(refused)),
    }
}

/// What exists of persons and clinics.
async fn count_accounts(app: &TestApp) -> [i64; 4] {
    let counts = "select count(*) from maneiro.users union all select count(*) from maneiro.organizations
                  union all select count(*) from maneiro.memberships union all select count(*) from maneiro.sessions";
    let counts: Vec<i64> =
        sqlx::query_scalar(counts).fetch_all(&mut app.database.superuser().await).await.unwrap();
    counts.try_into().unwrap()
}

#[tokio::test]
async fn a_mailed_code_makes_clinic_account_and_session() {
    let app = TestApp::start().await;
    let code = app.request_code(ADDRESS).await.unwrap();
    assert_eq!(count_accounts(&app).await, [0; 4], "nothing exists before the code");
    let typed = code.to_lowercase().replace('-', " ");
    let signed_in =
        app.anonymous().confirm_registration(&confirm_registration(CLINIC, ADDRESS, &typed)).await.unwrap();
    assert_eq!(count_accounts(&app).await, [1; 4]);
    assert_eq!(signed_in.expires_at, app.app.now() + Duration::hours(12));
    let me = app.anonymous().with_token(signed_in.token).me().await.unwrap();
    assert_eq!((me.clinic.as_str(), me.email.as_str(), me.role), (CLINIC, ADDRESS, Role::Admin));
    assert_eq!(
        (me.usage.plan.as_str(), me.usage.analyses_used, me.usage.analyses_limit),
        ("trial", 0, Some(50))
    );
    assert_eq!(me.usage.trial_ends_at, Some(app.app.now() + Duration::days(14)));
    assert_eq!(confirm(&app, ADDRESS, &code).await, Err(ErrorCode::CodeWrong), "the code is used up");
    app.finish().await;
}

#[tokio::test]
async fn a_known_and_an_unknown_address_get_the_same_answer() {
    let app = TestApp::start().await;
    app.register(CLINIC, ADDRESS).await;
    app.clock.advance(Duration::hours(1));
    let mut answers = BTreeSet::new();
    for email in [ADDRESS, "ADA@Clinic.Example", "new@clinic.example"] {
        let url = app.url.join("v1/auth/register").unwrap();
        let response = reqwest::Client::new().post(url).json(&register(email)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        let ignored = ["date", "x-request-id"];
        let headers = response.headers().iter().filter(|(name, _)| !ignored.contains(&name.as_str()));
        let headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
        answers.insert((headers, response.bytes().await.unwrap()));
        app.clock.advance(Duration::hours(1));
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    app.send_registration_mails().await;
    assert_eq!(app.outbox().newest_code("ADA@Clinic.Example"), None, "no code is mailed to a known address");
    assert!(app.outbox().newest_code("new@clinic.example").is_some());
    app.finish().await;
}

#[tokio::test]
async fn a_known_address_is_mailed_that_it_is_known() {
    let app = TestApp::start().await;
    app.register(CLINIC, ADDRESS).await;
    app.clock.advance(Duration::hours(1));
    assert_eq!(app.request_code(ADDRESS).await, None);
    let mails = app.mails();
    assert_eq!(mails.len(), 2);
    assert!(mails[1].contains("Subject: You already have a Maneiro account"), "{}", mails[1]);
    // Even the code that an unknown address would have got does not help.
    for code in ["0000-0000", "ZZZZ-ZZZZ"] {
        assert_eq!(confirm(&app, ADDRESS, code).await, Err(ErrorCode::CodeWrong));
    }
    assert_eq!(count_accounts(&app).await, [1; 4]);
    app.finish().await;
}

#[tokio::test]
async fn a_mail_is_in_the_requested_language() {
    let app = TestApp::start().await;
    let spanish = Register { language: MailLanguage::Es, ..register(ADDRESS) };
    app.anonymous().register(&spanish).await.unwrap();
    app.send_registration_mails().await;
    let [mail] = &app.mails()[..] else { panic!("one mail") };
    assert!(mail.contains("lang=3D\"es\"") && mail.contains("no lo ha pedido"), "{mail}");
    let code = app.outbox().newest_code(ADDRESS).unwrap();
    assert_eq!(confirm(&app, ADDRESS, &code).await, Ok(()));
    app.finish().await;
}

#[tokio::test]
async fn a_code_has_five_tries_however_many_are_sent_at_once() {
    let app = TestApp::start().await;
    let code = app.request_code(ADDRESS).await.unwrap();
    let wrong = ["0000-0001", "0000-0002", "0000-0003", "0000-0004"];
    let answers = join_all(wrong.iter().cycle().take(40).map(|wrong| confirm(&app, ADDRESS, wrong))).await;
    let looked_at = answers.iter().filter(|answer| **answer == Err(ErrorCode::CodeWrong)).count();
    assert_eq!(looked_at, 5, "{answers:?}");
    assert_eq!(confirm(&app, ADDRESS, &code).await, Err(ErrorCode::CodeExpired));
    app.clock.advance(Duration::minutes(1));
    let second = app.request_code(ADDRESS).await.unwrap();
    assert_ne!(second, code);
    assert_eq!(confirm(&app, ADDRESS, &code).await, Err(ErrorCode::CodeWrong), "only the last code counts");
    assert_eq!(confirm(&app, ADDRESS, &second).await, Ok(()));
    app.finish().await;
}

#[tokio::test]
async fn a_code_expires_after_half_an_hour() {
    let app = TestApp::start().await;
    let code = app.request_code(ADDRESS).await.unwrap();
    app.clock.advance(Duration::minutes(30));
    assert_eq!(confirm(&app, ADDRESS, &code).await, Err(ErrorCode::CodeExpired));
    assert_eq!(count_accounts(&app).await, [0; 4]);
    app.finish().await;
}

#[tokio::test]
async fn the_hourly_purge_deletes_expired_registrations() {
    let app = TestApp::start().await;
    app.request_code(ADDRESS).await.unwrap();
    app.clock.advance(Duration::minutes(61));
    app.request_code("other@clinic.example").await.unwrap();
    let worker = app.worker();
    let mut superuser = app.database.superuser().await;
    let purged = async {
        loop {
            let now = "update maneiro.tasks set run_after = now() where kind = 'enqueue_purges' and state = 'waiting'";
            sqlx::query(now).execute(&mut superuser).await.unwrap();
            let left: Vec<String> = sqlx::query_scalar("select email from maneiro.registrations order by id")
                .fetch_all(&mut superuser)
                .await
                .unwrap();
            if left == ["other@clinic.example"] {
                return;
            }
            assert_eq!(left.len(), 2, "no other is deleted");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, purged).await.expect("it is deleted");
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn an_address_is_mailed_once_a_minute_at_most() {
    let app = TestApp::start().await;
    let code = app.request_code(ADDRESS).await.unwrap();
    app.clock.advance(Duration::seconds(59));
    assert_eq!(app.request_code(ADDRESS).await.as_deref(), Some(code.as_str()));
    assert_eq!(app.mails().len(), 1);
    assert_eq!(confirm(&app, ADDRESS, &code).await, Ok(()), "the first code still counts");
    app.finish().await;
}

#[tokio::test]
async fn one_code_sent_fifty_times_makes_one_clinic() {
    let app = TestApp::start().await;
    let code = app.request_code(ADDRESS).await.unwrap();
    let answers = join_all((0..50).map(|_| confirm(&app, ADDRESS, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(count_accounts(&app).await, [1; 4]);
    app.finish().await;
}

#[tokio::test]
async fn a_refused_registration_names_every_invalid_field() {
    let app = TestApp::start().await;
    let wrong = ConfirmRegistration {
        clinic: String::new(),
        name: "x".repeat(201),
        password: "too short".into(),
        ..confirm_registration(CLINIC, "nobody", "0000-0000")
    };
    let Err(ClientError::Api(body)) = app.anonymous().confirm_registration(&wrong).await else {
        panic!("this is refused")
    };
    assert_eq!(body.code, ErrorCode::InvalidInput);
    let fields: Vec<&str> = body.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["email", "clinic", "name", "password"]);
    assert_eq!(code_of(app.anonymous().register(&register("nobody")).await), ErrorCode::InvalidInput);
    app.finish().await;
}

#[tokio::test]
async fn a_refused_password_costs_no_try() {
    let app = TestApp::start().await;
    let code = app.request_code(ADDRESS).await.unwrap();
    let weak =
        ConfirmRegistration { password: "too short".into(), ..confirm_registration(CLINIC, ADDRESS, &code) };
    for _ in 0..6 {
        assert_eq!(code_of(app.anonymous().confirm_registration(&weak).await), ErrorCode::InvalidInput);
    }
    assert_eq!(confirm(&app, ADDRESS, &code).await, Ok(()));
    app.finish().await;
}

#[tokio::test]
async fn registration_is_atomic_when_the_key_service_is_down() {
    let app = TestApp::start().await;
    let code = app.request_code(ADDRESS).await.unwrap();
    app.keys.break_down();
    let refused = app.anonymous().confirm_registration(&confirm_registration(CLINIC, ADDRESS, &code)).await;
    assert!(matches!(refused, Err(ClientError::Unavailable)), "{refused:?}");
    assert_eq!(count_accounts(&app).await, [0; 4]);
    app.keys.repair();
    assert_eq!(confirm(&app, ADDRESS, &code).await, Ok(()));
    app.finish().await;
}

/// Waits until the only task of a kind is in a state, with an error code or without.
async fn wait_for_mail_task(app: &TestApp, state: &str, error: Option<&str>) {
    let mut superuser = app.database.superuser().await;
    let reached = async {
        loop {
            let found: (String, Option<String>) = sqlx::query_as(
                "select state, error_code from maneiro.tasks where kind = 'registration_mail'",
            )
            .fetch_one(&mut superuser)
            .await
            .unwrap();
            if found.0 == state && found.1.as_deref() == error {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, reached).await.expect("the task reaches the state");
}

#[tokio::test]
async fn a_worker_sends_the_mail_once_the_mail_server_is_back() {
    let app = TestApp::start().await;
    app.mailer.break_down();
    app.anonymous().register(&register(ADDRESS)).await.unwrap();
    let worker = app.worker();
    wait_for_mail_task(&app, "waiting", Some("unavailable")).await;
    assert_eq!(app.mails().len(), 0);
    app.mailer.repair();
    wait_for_mail_task(&app, "done", None).await;
    let code = app.outbox().newest_code(ADDRESS).unwrap();
    assert_eq!((app.mails().len(), confirm(&app, ADDRESS, &code).await), (1, Ok(())));
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_a_dead_letter() {
    let app = TestApp::start().await;
    // It has the form of an address, but no mail can be written to it.
    app.anonymous().register(&register("ada@clinic..example")).await.unwrap();
    let worker = app.worker();
    wait_for_mail_task(&app, "dead", Some("rejected")).await;
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn no_code_and_no_password_is_stored_in_clear() {
    let app = TestApp::start().await;
    let code = app.request_code(ADDRESS).await.unwrap();
    let rows = "select row::text from maneiro.registrations as row";
    let mut superuser = app.database.superuser().await;
    let stored: Vec<String> = sqlx::query_scalar(rows).fetch_all(&mut superuser).await.unwrap();
    assert_eq!(stored.len(), 1);
    for secret in [code.as_str(), &code.replace('-', ""), PASSWORD] {
        assert!(!stored[0].contains(secret), "{}", stored[0]);
    }
    app.finish().await;
}
