//! Accounts of another system, imported by a command on the server.

use maneiro_api::{
    OrgId,
    account::{Login, Role},
};
use maneiro_cloud::{
    adapters::system::{SystemClock, SystemRandom},
    wiring::{Administration, Error, ImportOutcome},
};
use maneiro_tests::{PASSWORD, TestApp};

async fn import(app: &TestApp, org: OrgId, csv: &str, is_dry_run: bool) -> Vec<(u64, ImportOutcome)> {
    let admin = Administration::new(app.database.superuser_url.clone(), &SystemClock, &SystemRandom);
    admin.import_users(org, csv.as_bytes(), is_dry_run).await.unwrap().expect("the clinic is there")
}

async fn count_users(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from maneiro.users")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_import_is_reported_by_row_and_can_be_repeated() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let other = app.other_clinic().await.admin();
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    let csv = format!(
        "email,name,role,password_hash\nbo@clinic.example,Bo,doctor,{hash}\n{},Olga,admin,{hash}\n\
         cy@clinic.example,Cy,nurse,\n{},Ada,doctor,\n",
        other.me.email,
        clinic.admin().me.email
    );
    let expected = [
        (2, ImportOutcome::Created),
        (3, ImportOutcome::Joined),
        (4, ImportOutcome::Refused("role must be admin, doctor or assistant".to_owned())),
        (5, ImportOutcome::Unchanged),
    ];
    let before = count_users(&app).await;
    assert_eq!(import(&app, clinic.id(), &csv, true).await, expected);
    assert_eq!(count_users(&app).await, before, "a dry run changes nothing");
    assert_eq!(import(&app, clinic.id(), &csv, false).await, expected);
    assert_eq!(count_users(&app).await, before + 1);
    let again = import(&app, clinic.id(), &csv, false).await;
    assert!(
        again.iter().all(|(line, outcome)| *line == 4 || *outcome == ImportOutcome::Unchanged),
        "{again:?}"
    );

    let login = |email: &str, organization| Login {
        email: email.to_owned(),
        password: PASSWORD.into(),
        organization,
    };
    let bo = app.anonymous().login(&login("bo@clinic.example", None)).await.unwrap();
    assert_eq!((bo.me.role, bo.me.organization), (Role::Doctor, clinic.id()));
    let joined = app.anonymous().login(&login(&other.me.email, Some(clinic.id()))).await.unwrap();
    assert_eq!((joined.me.role, joined.me.user), (Role::Admin, other.me.user), "with the password they have");
    assert_eq!(clinic.admin().me().await.unwrap().role, Role::Admin, "who was there stays as they were");
    let events: Vec<serde_json::Value> = sqlx::query_scalar(
        "select details from maneiro.audit_events where action = 'users.imported' order by id",
    )
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap();
    let counts = |created, joined| serde_json::json!({ "created": created, "joined": joined });
    assert_eq!(events, [counts(1, 1), counts(0, 0)]);
    app.finish().await;
}

#[tokio::test]
async fn an_import_needs_its_clinic_and_its_columns() {
    let app = TestApp::start().await;
    let admin = Administration::new(app.database.superuser_url.clone(), &SystemClock, &SystemRandom);
    let unknown = OrgId::from_uuid(app.app.new_uuid());
    assert!(admin.import_users(unknown, b"email,name,role\n", false).await.unwrap().is_none());
    let refused = admin.import_users(app.clinic().await.id(), b"address\n", false).await;
    assert!(matches!(refused, Err(Error::InvalidInput(_))), "{refused:?}");
    app.finish().await;
}
