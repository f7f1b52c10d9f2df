//! The second factor: what asks for it, what a session reaches without it, and that each code is accepted once.

use std::time::Instant;

use futures::{StreamExt as _, future::join_all};
use maneiro_api::{
    ErrorCode,
    account::{ChangePassword, Login, LoginResponse, SecondFactorStep, SessionLevel},
    client::ClientError,
    second_factor::{ConfirmPassword, SecondFactorCode},
};
use maneiro_tests::{Clinic, PASSWORD, Person, TestApp, authenticator::Authenticator, fixtures};
use secrecy::ExposeSecret as _;
use time::Duration;

const PARALLEL_TRIES: usize = 50;

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

fn password() -> ConfirmPassword {
    ConfirmPassword { password: PASSWORD.into() }
}

fn typed(text: &str) -> SecondFactorCode {
    SecondFactorCode { code: text.into() }
}

/// Signs in with the password alone.
async fn sign_in(app: &TestApp, person: &Person) -> (Person, LoginResponse) {
    let login = Login { email: person.me.email.clone(), password: PASSWORD.into(), organization: None };
    let signed_in = app.anonymous().login(&login).await.expect("the password is right");
    (person.clone().with_session_token(app, signed_in.token.clone()), signed_in)
}

async fn require_second_factor(app: &TestApp, clinic: &Clinic<'_>) {
    sqlx::query("update maneiro.org_policies set requires_second_factor = true where org_id = $1")
        .bind(clinic.id().uuid())
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
}

/// Everything that a half session must not reach, by the example of each kind.
async fn assert_half(person: &Person) {
    assert_eq!(code(person.me().await), ErrorCode::SecondFactorRequired);
    assert_eq!(code(person.sessions().await), ErrorCode::SecondFactorRequired);
    assert_eq!(code(person.end_all_sessions().await), ErrorCode::SecondFactorRequired);
    let change = ChangePassword { current_password: PASSWORD.into(), new_password: PASSWORD.into() };
    assert_eq!(code(person.change_password(&change).await), ErrorCode::SecondFactorRequired);
    let records = person.records(None, std::num::NonZeroU32::MIN).await;
    assert_eq!(code(records), ErrorCode::SecondFactorRequired);
}

async fn wait_for_end(person: &Person) {
    let began = Instant::now();
    while !matches!(person.me().await, Err(ClientError::Api(body)) if body.code == ErrorCode::Unauthenticated)
    {
        assert!(began.elapsed().as_secs() < 30, "the session goes on");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn enrolled_factor_is_asked_for_at_the_next_sign_in() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    assert!(admin.second_factor().await.unwrap().enrolled_at.is_none());
    let elsewhere = admin.sign_in_again(&app).await;
    let (enrolled, authenticator, confirmed) = admin.enrol(&app).await;
    assert_eq!(confirmed.session.second_factor, None);
    assert_eq!(enrolled.me().await.unwrap().user, admin.me.user);
    wait_for_end(&admin).await;
    wait_for_end(&elsewhere).await;

    let (half, signed_in) = sign_in(&app, &admin).await;
    assert_eq!(signed_in.second_factor, Some(SecondFactorStep::Prove));
    assert_eq!(signed_in.expires_at, app.app.now() + Duration::minutes(10));
    assert_half(&half).await;
    // The code that confirmed the authenticator is spent.
    assert_eq!(code(half.prove_second_factor(&authenticator.code(&app)).await), ErrorCode::InvalidInput);
    let proved = half.prove_second_factor(&authenticator.next_code(&app)).await.unwrap();
    assert_eq!(proved.second_factor, None);
    assert_eq!(proved.expires_at, app.app.now() + Duration::hours(12));
    let whole = admin.clone().with_session_token(&app, proved.token);
    let current = whole.sessions().await.unwrap().into_iter().find(|session| session.is_current).unwrap();
    assert_eq!(current.level, SessionLevel::SecondFactor);
    wait_for_end(&half).await;
    app.finish().await;
}

#[tokio::test]
async fn required_factor_leaves_nothing_but_enrolment() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let doctor = clinic.doctor().await;
    require_second_factor(&app, &clinic).await;
    let (half, signed_in) = sign_in(&app, &doctor).await;
    assert_eq!(signed_in.second_factor, Some(SecondFactorStep::Enrol));
    assert_half(&half).await;
    assert_eq!(code(half.prove_second_factor(&typed("000000")).await), ErrorCode::NotFound);
    let wrong = ConfirmPassword { password: "not the password".into() };
    assert_eq!(code(half.enrol_second_factor(&wrong).await), ErrorCode::InvalidInput);
    let (whole, ..) = half.enrol(&app).await;
    assert!(whole.me().await.is_ok());
    let status = whole.second_factor().await.unwrap();
    assert!(status.is_required && status.enrolled_at.is_some());
    assert_eq!(status.recovery_codes_left, 10);
    assert_eq!(code(whole.remove_second_factor(&password()).await), ErrorCode::SecondFactorRequired);
    app.finish().await;
}

/// Half sessions of one user.
async fn half_sessions(app: &TestApp, person: &Person) -> Vec<Person> {
    let mut sessions = Vec::new();
    for _ in 0..PARALLEL_TRIES {
        sessions.push(sign_in(app, person).await.0);
    }
    sessions
}

/// How many of the sessions are given for one code that all of them send at once.
async fn accepted(sessions: &[Person], code: &SecondFactorCode) -> usize {
    let tries = join_all(sessions.iter().map(|session| session.prove_second_factor(code))).await;
    for refused in tries.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(
            matches!(refused, ClientError::Api(body) if body.code == ErrorCode::InvalidInput),
            "{refused:?}"
        );
    }
    tries.iter().filter(|answer| answer.is_ok()).count()
}

#[tokio::test]
async fn one_of_fifty_parallel_uses_of_a_code_is_accepted() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let (_, authenticator, _) = admin.enrol(&app).await;
    let sessions = half_sessions(&app, &admin).await;
    assert_eq!(accepted(&sessions, &authenticator.next_code(&app)).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn one_of_fifty_parallel_uses_of_a_recovery_code_counts() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let (whole, _, confirmed) = admin.enrol(&app).await;
    let codes = &confirmed.codes.recovery_codes;
    assert_eq!(codes.len(), 10);
    let sessions = half_sessions(&app, &admin).await;
    assert_eq!(accepted(&sessions, &typed(&codes[0].expose_secret().to_lowercase())).await, 1);
    assert_eq!(whole.second_factor().await.unwrap().recovery_codes_left, 9);
    // Another one still works, until all are replaced.
    let (half, _) = sign_in(&app, &admin).await;
    let replaced = whole.replace_recovery_codes(&password()).await.unwrap();
    assert_eq!(
        code(half.prove_second_factor(&typed(codes[1].expose_secret())).await),
        ErrorCode::InvalidInput
    );
    let fresh = typed(replaced.recovery_codes[0].expose_secret());
    assert!(half.prove_second_factor(&fresh).await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn password_alone_does_not_replace_the_authenticator() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    // An enrolment that began before the authenticator was confirmed does not replace it either.
    let early = admin.sign_in_again(&app).await;
    let (whole, authenticator, _) = admin.enrol(&app).await;
    wait_for_end(&early).await;
    let (half, _) = sign_in(&app, &admin).await;
    assert_eq!(code(half.enrol_second_factor(&password()).await), ErrorCode::SecondFactorRequired);
    let pending = Authenticator::new(&whole.enrol_second_factor(&password()).await.unwrap());
    app.clock.advance(Duration::seconds(30));
    assert_eq!(code(half.confirm_second_factor(&pending.code(&app)).await), ErrorCode::NotFound);
    assert!(half.prove_second_factor(&authenticator.code(&app)).await.is_ok(), "it is still asked for");
    assert!(whole.confirm_second_factor(&pending.code(&app)).await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn stolen_database_holds_no_secret_and_no_code() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let enrolment = admin.enrol_second_factor(&password()).await.unwrap();
    let confirmed = admin.confirm_second_factor(&Authenticator::new(&enrolment).code(&app)).await.unwrap();
    let secret =
        base32::decode(base32::Alphabet::Rfc4648 { padding: false }, enrolment.secret.expose_secret())
            .unwrap();
    let rows: Vec<String> = sqlx::query_scalar(
        "select row(f.*)::text from maneiro.second_factors f union all
         select row(c.*)::text from maneiro.recovery_codes c union all
         select row(e.*)::text from maneiro.audit_events e",
    )
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap();
    let dump = rows.concat();
    assert!(dump.contains("second_factor.enrolled"));
    assert!(!dump.contains(&hex::encode(secret)) && !dump.contains(enrolment.secret.expose_secret()));
    for code in &confirmed.codes.recovery_codes {
        assert!(!dump.contains(code.expose_secret()));
        let bytes = base32::decode(base32::Alphabet::Crockford, &code.expose_secret().replace('-', ""));
        assert!(!dump.contains(&hex::encode(bytes.unwrap())));
    }
    app.finish().await;
}

#[tokio::test]
async fn ten_guesses_are_verified_in_fifteen_minutes() {
    let app = TestApp::options().rate_limits().start().await;
    let admin = app.clinic().await.admin();
    let (_, authenticator, _) = admin.enrol(&app).await;
    let (half, _) = sign_in(&app, &admin).await;
    let (other, _) = sign_in(&app, &admin).await;
    let tries = (0..20).map(|n| if n % 2 == 0 { &half } else { &other });
    let wrong = typed("12345");
    let refusals: Vec<_> = join_all(tries.map(|session| session.prove_second_factor(&wrong)))
        .await
        .into_iter()
        .map(code)
        .collect();
    let verified = refusals.iter().filter(|code| **code == ErrorCode::InvalidInput).count();
    assert_eq!(verified, 10, "{refusals:?}");
    let right = authenticator.next_code(&app);
    assert_eq!(code(half.prove_second_factor(&right).await), ErrorCode::TooManyRequests);
    app.clock.advance(Duration::minutes(15));
    let (half, _) = sign_in(&app, &admin).await;
    assert!(half.prove_second_factor(&authenticator.code(&app)).await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn half_session_ends_after_ten_minutes() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let (_, authenticator, _) = admin.enrol(&app).await;
    let (half, _) = sign_in(&app, &admin).await;
    app.clock.advance(Duration::minutes(9));
    assert!(half.second_factor().await.is_ok());
    app.clock.advance(Duration::minutes(1));
    let proved = half.prove_second_factor(&authenticator.code(&app)).await;
    assert_eq!(code(proved), ErrorCode::Unauthenticated);
    app.finish().await;
}

#[tokio::test]
async fn newly_required_factor_ends_open_streams() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let doctor = clinic.doctor().await;
    let record = fixtures::complete_record(&doctor).await;
    let job = doctor.create_job(&record.create_job_request(), "key").await.unwrap();
    let url = app.url.join(&format!("v1/jobs/{}/events", job.id)).unwrap();
    let request = reqwest::Client::new().get(url).bearer_auth(doctor.token.expose_secret());
    let mut events = request.send().await.unwrap().bytes_stream();
    assert!(events.next().await.unwrap().is_ok(), "the stream is open");
    require_second_factor(&app, &clinic).await;
    let ended = async { while events.next().await.is_some() {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), ended).await.expect("the stream ends");
    assert_half(&doctor).await;
    app.delete_waiting_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn removed_factor_is_no_longer_asked_for() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    assert_eq!(code(admin.remove_second_factor(&password()).await), ErrorCode::SecondFactorRequired);
    let (whole, ..) = admin.enrol(&app).await;
    let wrong = ConfirmPassword { password: "not the password".into() };
    assert_eq!(code(whole.remove_second_factor(&wrong).await), ErrorCode::InvalidInput);
    whole.remove_second_factor(&password()).await.unwrap();
    assert_eq!(sign_in(&app, &admin).await.1.second_factor, None);
    app.finish().await;
}

#[tokio::test]
async fn enrolment_waits_for_its_code_for_an_hour() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let authenticator = Authenticator::new(&admin.enrol_second_factor(&password()).await.unwrap());
    for _ in 0..5 {
        app.clock.advance(Duration::minutes(12));
        assert!(admin.me().await.is_ok());
    }
    assert_eq!(code(admin.confirm_second_factor(&authenticator.code(&app)).await), ErrorCode::NotFound);
    assert!(admin.second_factor().await.unwrap().enrolled_at.is_none());
    app.finish().await;
}
