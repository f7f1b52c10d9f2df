//! The database logins that serve and worker refuse, and the rows that their login sees.

use maneiro_cloud::store::{DatabaseTimeouts, Db, tx::ConnectError};
use maneiro_tests::{TestApp, fixtures, postgres::TestDatabase};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

async fn refusal(database: &TestDatabase, arrange: &'static str) -> String {
    let mut superuser = database.superuser().await;
    sqlx::raw_sql(arrange).execute(&mut superuser).await.unwrap();
    match Db::connect(&database.url, 1, DatabaseTimeouts::default()).await {
        Err(error @ (ConnectError::UnsafeRole { .. } | ConnectError::NotMigrated { .. })) => {
            error.to_string()
        }
        other => panic!("this must be refused, not {other:?}"),
    }
}

#[tokio::test]
async fn a_superuser_is_refused() {
    let database = TestDatabase::create().await;
    let refused = Db::connect(&database.superuser_url, 1, DatabaseTimeouts::default()).await.unwrap_err();
    assert!(refused.to_string().contains("is a superuser or bypasses row-level security"), "{refused}");
}

#[tokio::test]
async fn an_old_schema_is_refused() {
    let database = TestDatabase::create().await;
    let message =
        refusal(&database, "delete from maneiro._sqlx_migrations where version = 20261120100400").await;
    assert!(
        message.contains("pending migrations (1)") && message.contains("maneiro-cloud migrate"),
        "{message}"
    );
}

#[tokio::test]
async fn a_login_that_owns_tables_is_refused() {
    let database = TestDatabase::create().await;
    let message = refusal(&database, "alter table maneiro.records owner to maneiro_app").await;
    assert!(message.contains("owns tables"), "{message}");
}

#[tokio::test]
async fn a_login_sees_no_rows_but_those_of_its_clinic() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.clinic().await.admin(), app.other_clinic().await.admin());
    fixtures::complete_record(&ours).await;
    fixtures::complete_record(&theirs).await;
    let mut login = PgConnection::connect(app.database.url.expose_secret()).await.unwrap();
    let count = "select count(*) from maneiro.organizations
                 union all select count(*) from maneiro.users
                 union all select count(*) from maneiro.sessions
                 union all select count(*) from maneiro.records
                 union all select count(*) from maneiro.documents
                 union all select count(*) from maneiro.pages";
    let counts: Vec<i64> = sqlx::query_scalar(count).fetch_all(&mut login).await.unwrap();
    assert_eq!(counts, [0; 6]);

    let org = ours.me.organization.uuid();
    let mut tx =
        login.begin_with(AssertSqlSafe(format!("begin; set local app.org_id = '{org}'"))).await.unwrap();
    let counts: Vec<i64> = sqlx::query_scalar(count).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(counts, [1, 1, 1, 1, 1, 2]);
    let foreign =
        "insert into maneiro.records (id, org_id, title_sealed, created_by_kind, created_by_id, created_at)
                   values (gen_random_uuid(), $1, '', 'member', $2, now())";
    let planted = sqlx::query(foreign)
        .bind(theirs.me.organization.uuid())
        .bind(theirs.me.user.uuid())
        .execute(&mut *tx)
        .await
        .unwrap_err();
    assert!(planted.to_string().contains("row-level security"), "{planted}");
    drop(tx);

    let counts: Vec<i64> = sqlx::query_scalar(count).fetch_all(&mut login).await.unwrap();
    assert_eq!(counts, [0; 6], "the clinic is forgotten with the transaction");
    app.finish().await;
}

#[tokio::test]
async fn the_audit_log_is_append_only() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let mut login = PgConnection::connect(app.database.url.expose_secret()).await.unwrap();
    for forbidden in [
        "update maneiro.audit_events set action = 'nothing'",
        "delete from maneiro.audit_events",
        "truncate maneiro.audit_events",
        "set local role maneiro_sign_in; delete from maneiro.audit_events",
        "alter table maneiro.audit_events disable row level security",
        "drop policy audit_events_tenant_insert on maneiro.audit_events",
        "set local role maneiro_operator; delete from maneiro.audit_events",
        "set local role maneiro_owner",
    ] {
        let begin = format!("begin; set local app.org_id = '{}'", admin.me.organization.uuid());
        let mut tx = login.begin_with(AssertSqlSafe(begin)).await.unwrap();
        let refused = sqlx::raw_sql(forbidden).execute(&mut *tx).await.unwrap_err();
        let refused = refused.to_string();
        assert!(
            refused.contains("permission denied") || refused.contains("must be owner"),
            "{forbidden}: {refused}"
        );
    }
    app.finish().await;
}

/// Tries to connect as a new role with these attributes, which is all right but for them.
async fn connect_as(name: &str, attributes: &str, is_system_member: bool) -> Result<Db, ConnectError> {
    let database = TestDatabase::create().await;
    let mut superuser = database.superuser().await;
    // What maneiro_app was granted, so that nothing else is missing.
    let mut create = format!(
        "create role {name} login password 'secret' {attributes};
         grant usage on schema maneiro to {name};
         grant select on all tables in schema maneiro to {name};"
    );
    if is_system_member {
        create.push_str("grant maneiro_sign_in, maneiro_session, maneiro_operator, maneiro_system to ");
        create.push_str(name);
    }
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut superuser).await.unwrap();
    let mut url = Url::parse(database.url.expose_secret()).unwrap();
    url.set_username(name).unwrap();
    url.set_password(Some("secret")).unwrap();
    let connected = Db::connect(&url.to_string().into(), 1, DatabaseTimeouts::default()).await;
    // Roles belong to the cluster of all tests of this process.
    let drop = format!("drop owned by {name}; drop role {name}");
    if let Ok(db) = &connected {
        db.close().await;
    }
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut superuser).await.unwrap();
    connected
}

#[tokio::test]
async fn a_login_with_any_one_wrong_right_is_refused() {
    let cases = [
        ("only_bypasses", "noinherit bypassrls", true, "is a superuser or bypasses row-level security"),
        ("only_superuser", "noinherit superuser nobypassrls", true, "is a superuser or bypasses"),
        ("only_inherits", "inherit", true, "has the rights of system tasks at all times"),
        ("only_outside", "noinherit", false, "is not a member of every role"),
    ];
    let mut not_refused = Vec::new();
    for (name, attributes, is_system_member, why) in cases {
        match connect_as(name, attributes, is_system_member).await {
            Err(refused @ ConnectError::UnsafeRole { .. }) if refused.to_string().contains(why) => {}
            other => not_refused.push((name, other.err())),
        }
    }
    assert!(not_refused.is_empty(), "{not_refused:?}");
    connect_as("all_right", "noinherit", true).await.expect("nothing is wrong with this one");
}
