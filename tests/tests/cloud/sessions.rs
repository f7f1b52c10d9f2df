//! Sessions: their list, their end, and what ends them besides sign-out.

use maneiro_api::{
    ErrorCode,
    account::{ChangePassword, Login, SessionLevel},
    client::ClientError,
};
use maneiro_cloud::{
    domain::error::Error,
    store::{
        SystemTask, credentials,
        notifications::DbNotification,
        sessions::{self, NewSession, SessionBasis},
    },
};
use maneiro_tests::{PASSWORD, Person, TestApp, statements::StatementLog};
use time::Duration;

const NEW_PASSWORD: &str = "a battery staples horses correctly";

fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

fn login(email: &str, password: &str) -> Login {
    Login { email: email.to_owned(), password: password.into(), organization: None }
}

fn change(current: &str, new: &str) -> ChangePassword {
    ChangePassword { current_password: current.into(), new_password: new.into() }
}

/// Waits until the service refuses a session.
async fn wait_for_end(person: &Person) {
    let ended = async {
        while person.me().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), ended).await.expect("the session ends");
    assert_eq!(code(person.me().await), ErrorCode::Unauthenticated);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    app.clock.advance(Duration::seconds(11));
    let elsewhere = admin.sign_in_again(&app).await;
    let [newer, older] = &admin.sessions().await.unwrap()[..] else { panic!("two sessions") };
    assert_eq!((newer.is_current, older.is_current), (false, true));
    assert!(newer.id != older.id && !newer.is_support);
    assert_eq!((newer.organization, newer.level), (admin.me.organization, SessionLevel::Password));
    assert_eq!(newer.address.as_deref(), Some("127.0.0.1"));
    assert!(newer.device.as_deref().is_some_and(|device| device.starts_with("maneiro/")));
    assert_eq!(newer.expires_at, app.app.now() + Duration::hours(12));
    assert_eq!(older.last_used_at, app.app.now());

    let stranger = app.other_clinic().await.admin();
    assert_eq!(code(stranger.end_session(newer.id).await), ErrorCode::NotFound);
    admin.end_session(newer.id).await.unwrap();
    assert_eq!(code(admin.end_session(newer.id).await), ErrorCode::NotFound);
    wait_for_end(&elsewhere).await;
    assert_eq!(admin.sessions().await.unwrap().len(), 1);
    assert_eq!(stranger.sessions().await.unwrap().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn all_sessions_of_a_user_end_at_once() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (admin, doctor) = (clinic.admin(), clinic.doctor().await);
    let elsewhere = admin.sign_in_again(&app).await;
    admin.end_all_sessions().await.unwrap();
    wait_for_end(&admin).await;
    wait_for_end(&elsewhere).await;
    assert!(doctor.me().await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let elsewhere = admin.sign_in_again(&app).await;
    assert_eq!(code(admin.change_password(&change("wrong", NEW_PASSWORD)).await), ErrorCode::InvalidInput);
    assert_eq!(code(admin.change_password(&change(PASSWORD, "too short")).await), ErrorCode::InvalidInput);
    assert!(elsewhere.me().await.is_ok());

    admin.change_password(&change(PASSWORD, NEW_PASSWORD)).await.unwrap();
    wait_for_end(&elsewhere).await;
    assert!(admin.me().await.is_ok());
    let anonymous = app.anonymous();
    let email = &admin.me.email;
    assert_eq!(code(anonymous.login(&login(email, PASSWORD)).await), ErrorCode::InvalidCredentials);
    assert!(anonymous.login(&login(email, NEW_PASSWORD)).await.is_ok());
    app.finish().await;
}

/// Begins a session as a sign-in does, without committing it.
async fn begin_session(
    app: &TestApp,
    person: &Person,
    password_hash: &str,
) -> Result<maneiro_cloud::store::SystemTx, Error> {
    let new = NewSession {
        id: maneiro_api::SessionId::from_uuid(app.app.new_uuid()),
        user: person.me.user,
        token_hash: app.app.random_bytes(),
        level: SessionLevel::Password,
        client_address: None,
        device: None,
        created_at: app.app.now(),
    };
    let mut tx = app.app.db.begin_system(SystemTask::SignIn).await?;
    sessions::insert(&mut tx, person.me.organization, &new, SessionBasis::Password(password_hash)).await?;
    Ok(tx)
}

async fn password_hash(app: &TestApp, person: &Person) -> String {
    let mut tx = app.app.db.begin_system(SystemTask::SignIn).await.unwrap();
    let hash = credentials::password_hash(&mut tx, person.me.user).await.unwrap();
    tx.commit().await.unwrap();
    hash
}

#[tokio::test]
async fn a_sign_in_begun_before_a_new_password_fails() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let verified = password_hash(&app, &admin).await;
    admin.change_password(&change(PASSWORD, NEW_PASSWORD)).await.unwrap();
    assert!(matches!(begin_session(&app, &admin, &verified).await, Err(Error::InvalidCredentials)));
    app.finish().await;
}

/// Waits until some statement waits for a lock.
async fn wait_for_blocked_statement(app: &TestApp) {
    let mut superuser = app.database.superuser().await;
    let blocked = "select exists (select from pg_stat_activity
                                  where datname = current_database() and wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(blocked).fetch_one(&mut superuser).await.unwrap() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn no_session_is_begun_past_what_ends_the_right_to_it() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    for (table, end) in [
        (
            "memberships",
            "ended_at = created_at, ended_by_kind = 'member', ended_by_id = user_id where user_id",
        ),
        ("users", "disabled_at = created_at where id"),
    ] {
        let doctor = clinic.doctor().await;
        let verified = password_hash(&app, &doctor).await;
        let tx = begin_session(&app, &doctor, &verified).await.unwrap();
        let end = format!("update maneiro.{table} set {end} = '{}'", doctor.me.user.uuid());
        let mut superuser = app.database.superuser().await;
        let ending = tokio::spawn(async move {
            sqlx::raw_sql(sqlx::AssertSqlSafe(end)).execute(&mut superuser).await.unwrap();
        });
        wait_for_blocked_statement(&app).await;
        tx.commit().await.unwrap();
        ending.await.unwrap();
        let open = "select count(*) from maneiro.sessions where user_id = $1 and ended_at is null";
        let open: i64 = sqlx::query_scalar(open)
            .bind(doctor.me.user.uuid())
            .fetch_one(&mut app.database.superuser().await)
            .await
            .unwrap();
        assert_eq!(open, 0, "{table}");
        assert!(matches!(begin_session(&app, &doctor, &verified).await, Err(Error::InvalidCredentials)));
    }
    app.finish().await;
}

#[tokio::test]
async fn an_ended_session_stays_ended_when_the_right_returns() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let doctor = clinic.doctor().await;
    let mut superuser = app.database.superuser().await;
    for change in ["disabled_at = created_at", "disabled_at = null"] {
        let change = format!("update maneiro.users set {change} where id = '{}'", doctor.me.user.uuid());
        sqlx::raw_sql(sqlx::AssertSqlSafe(change)).execute(&mut superuser).await.unwrap();
    }
    wait_for_end(&doctor).await;
    assert!(doctor.sign_in_again(&app).await.me().await.is_ok());
    app.finish().await;
}

#[tokio::test]
async fn a_lost_connection_of_notifications_is_announced() {
    let app = TestApp::start().await;
    let mut received = app.app.notifications.subscribe();
    let mut superuser = app.database.superuser().await;
    let listening = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                     where datname = current_database() and query ilike 'listen%'";
    while sqlx::query_scalar::<_, i64>(listening).fetch_one(&mut superuser).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    while received.recv().await.unwrap() != DbNotification::ConnectionLost {}
    app.finish().await;
}

#[tokio::test]
async fn known_and_unknown_addresses_take_the_same_statements() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (admin, disabled) = (clinic.admin(), clinic.doctor().await);
    let disable =
        format!("update maneiro.users set disabled_at = created_at where id = '{}'", disabled.me.user.uuid());
    sqlx::raw_sql(sqlx::AssertSqlSafe(disable)).execute(&mut app.database.superuser().await).await.unwrap();
    let other =
        Login { organization: Some(app.other_clinic().await.id()), ..login(&admin.me.email, PASSWORD) };
    let attempts = [
        login(&admin.me.email, "a wrong password"),
        login("nobody@clinic.example", PASSWORD),
        login("no address", PASSWORD),
        login(&disabled.me.email, PASSWORD),
        other,
    ];
    let mut seen = Vec::new();
    for attempt in &attempts {
        let (answer, statements) = StatementLog::record(app.anonymous().login(attempt)).await;
        assert_eq!(code(answer), ErrorCode::InvalidCredentials);
        seen.push(statements);
    }
    assert!(seen[0].len() > 2, "{:?}", seen[0]);
    for statements in &seen {
        assert_eq!(statements, &seen[0]);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_cached_session_takes_no_statement_of_its_own() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    admin.me().await.unwrap();
    let (answer, statements) = StatementLog::record(admin.me()).await;
    answer.unwrap();
    // A slow machine may have let the second pass.
    let (answer, again) = StatementLog::record(admin.me()).await;
    answer.unwrap();
    let finds_a_session =
        |statements: &[String]| statements.iter().any(|text| text.starts_with("with valid"));
    assert!(!finds_a_session(&statements) || !finds_a_session(&again), "{statements:?} {again:?}");
    app.finish().await;
}
