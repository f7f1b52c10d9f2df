//! What a transaction may see and do ends with it, however it ends: its connection returns to the pool without any of it.

use std::panic::resume_unwind;

use maneiro_cloud::{
    app::sessions,
    domain::{actor::OrgActor, audit::AuditAction},
    store::{OrgTx, SystemTask, audit},
};
use maneiro_tests::{TestApp, fixtures};

use crate::interleaved_requests::DropAfter;

/// What a statement outside any transaction would see on a connection.
#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct ConnectionContext {
    backend: i32,
    org: Option<String>,
    role: String,
    records: i64,
}

/// A service with one connection to its database, so that a test sees the one that its transactions had.
struct OneConnection {
    app: TestApp,
    who: OrgActor,
    unused: ConnectionContext,
}

impl OneConnection {
    async fn start() -> Self {
        let app = TestApp::options().connections(1).start().await;
        let admin = app.clinic().await.admin();
        fixtures::complete_record(&admin).await;
        let who = sessions::authenticate(&app.app, &admin.token, app.origin()).await.unwrap();
        let unused = context(&app).await;
        assert_eq!((unused.org.as_deref(), unused.role.as_str(), unused.records), (None, "maneiro_app", 0));
        Self { app, who, unused }
    }

    async fn begin(&self) -> OrgTx {
        self.app.app.db.begin_org(&self.who).await.unwrap()
    }

    async fn assert_nothing_is_left(&self, by: &str) {
        assert_eq!(context(&self.app).await, self.unused, "{by}");
    }
}

async fn context(app: &TestApp) -> ConnectionContext {
    let mut connection = app.app.db.idle_connection().await.unwrap();
    let query = "select pg_backend_pid() as backend, nullif(current_setting('app.org_id', true), '') as org,
                        current_user::text as role, (select count(*) from maneiro.records) as records";
    sqlx::query_as(query).fetch_one(&mut *connection).await.unwrap()
}

#[tokio::test]
async fn a_transaction_leaves_no_clinic_on_its_connection() {
    let one = OneConnection::start().await;
    one.begin().await.commit().await.unwrap();
    one.assert_nothing_is_left("a commit").await;

    drop(one.begin().await);
    one.assert_nothing_is_left("a rollback").await;

    let mut failed = one.begin().await;
    let event = one.app.app.audit_event(AuditAction::PageRead, None);
    audit::append(&mut failed, &event).await.unwrap();
    audit::append(&mut failed, &event).await.unwrap_err();
    drop(failed);
    one.assert_nothing_is_left("a failed statement").await;

    let mut failed = one.begin().await;
    audit::append(&mut failed, &event).await.unwrap();
    audit::append(&mut failed, &event).await.unwrap_err();
    // PostgreSQL answers this commit with a rollback.
    failed.commit().await.unwrap();
    one.assert_nothing_is_left("a commit after a failed statement").await;

    one.app.app.db.begin_system(SystemTask::Queue).await.unwrap().commit().await.unwrap();
    one.assert_nothing_is_left("a commit of the system").await;
    one.app.finish().await;
}

#[tokio::test]
async fn an_abandoned_transaction_leaves_no_clinic() {
    let one = OneConnection::start().await;
    let open = one.begin().await;
    let panicked = tokio::spawn(async move {
        let _open = open;
        // A panic that prints nothing.
        resume_unwind(Box::new("a planned panic"));
    });
    assert!(panicked.await.unwrap_err().is_panic());
    one.assert_nothing_is_left("a panic").await;

    let open = one.begin().await;
    let aborted = tokio::spawn(async move {
        let _open = open;
        std::future::pending::<()>().await;
    });
    aborted.abort();
    assert!(aborted.await.unwrap_err().is_cancelled());
    one.assert_nothing_is_left("an aborted task").await;

    for polls in 0..8 {
        drop(DropAfter::new(one.app.app.db.begin_org(&one.who), polls).await);
        one.assert_nothing_is_left("a begin that nobody waited for").await;
    }
    one.app.finish().await;
}
