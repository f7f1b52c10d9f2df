//! A user closes their own account.

use futures::future::join;
use maneiro_api::{
    ErrorCode,
    account::{Login, Role},
    client::ClientError,
    identity::CloseAccount,
};
use maneiro_tests::{PASSWORD, Person, TestApp, fixtures};
use sqlx::AssertSqlSafe;

fn close(password: &str, close_clinics: bool) -> CloseAccount {
    CloseAccount { password: password.into(), close_clinics }
}

fn code_of<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Api(body)) => body.code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

async fn make_admin(app: &TestApp, person: &Person) {
    let promote =
        format!("update maneiro.memberships set role = 'admin' where user_id = '{}'", person.me.user.uuid());
    sqlx::raw_sql(AssertSqlSafe(promote)).execute(&mut app.database.superuser().await).await.unwrap();
}

async fn can_sign_in(app: &TestApp, person: &Person) -> bool {
    let login = Login { email: person.me.email.clone(), password: PASSWORD.into(), organization: None };
    app.anonymous().login(&login).await.is_ok()
}

#[tokio::test]
async fn a_closed_account_is_gone_and_what_it_made_stays() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let doctor = clinic.doctor().await;
    let record = fixtures::complete_record(&doctor).await.record;
    assert_eq!(
        code_of(doctor.close_account(&close("a wrong password", false)).await),
        ErrorCode::InvalidInput
    );
    doctor.close_account(&close(PASSWORD, false)).await.unwrap();
    while doctor.me().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!can_sign_in(&app, &doctor).await);
    assert!(clinic.admin().record(record).await.is_ok());
    app.send_mails().await;
    assert_eq!(app.mail_subjects(&doctor.me.email), ["Your Maneiro account is closed"]);
    // The address is free again.
    app.register("A New Clinic", &doctor.me.email).await;
    app.finish().await;
}

#[tokio::test]
async fn a_clinic_keeps_an_admin_unless_it_is_closed_too() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (admin, doctor) = (clinic.admin(), clinic.doctor().await);
    for close_clinics in [false, true] {
        let refused = admin.close_account(&close(PASSWORD, close_clinics)).await;
        assert_eq!(code_of(refused), ErrorCode::LastAdmin, "another member would be left behind");
    }
    assert_eq!(admin.me().await.unwrap().role, Role::Admin);
    doctor.close_account(&close(PASSWORD, false)).await.unwrap();
    assert_eq!(code_of(admin.close_account(&close(PASSWORD, false)).await), ErrorCode::LastAdmin);
    admin.close_account(&close(PASSWORD, true)).await.unwrap();
    assert!(!can_sign_in(&app, &admin).await);
    let deleted: bool =
        sqlx::query_scalar("select deleted_at is not null from maneiro.organizations where id = $1")
            .bind(clinic.id().uuid())
            .fetch_one(&mut app.database.superuser().await)
            .await
            .unwrap();
    assert!(deleted);
    app.finish().await;
}

#[tokio::test]
async fn two_admins_who_close_at_once_leave_one() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        let clinic = app.clinic().await;
        let (first, second) = (clinic.admin(), clinic.doctor().await);
        make_admin(&app, &second).await;
        clinic.assistant().await;
        let close = close(PASSWORD, true);
        let (one, other) = join(first.close_account(&close), second.close_account(&close)).await;
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    }
    app.finish().await;
}
