//! The audit log, which contains no patient data.

use maneiro_api::{account::Login, job::JobState, report::ReportFormat};
use maneiro_tests::{TestApp, fixtures};
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
struct AuditEventRow {
    org_id: Option<Uuid>,
    actor_kind: String,
    actor_id: Option<Uuid>,
    action: String,
    subject_id: Option<Uuid>,
    details: Value,
    request_id: Option<Uuid>,
}

async fn audit_events(app: &TestApp) -> Vec<AuditEventRow> {
    let mut superuser = app.database.superuser().await;
    sqlx::query_as("select * from maneiro.audit_events order by id").fetch_all(&mut superuser).await.unwrap()
}

#[tokio::test]
async fn every_step_of_the_main_job_is_audited() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&admin).await;
    admin.page(fixture.document, 1).await.unwrap();
    let job = fixtures::complete_job(&app, &admin, &fixture).await;
    let analysis = job.analysis.unwrap();
    admin.analysis(analysis).await.unwrap();
    admin.report(analysis, ReportFormat::Markdown).await.unwrap();
    let cancelled = admin.create_job(&fixture.create_job_request(), "another").await.unwrap();
    assert_eq!(admin.cancel_job(cancelled.id).await.unwrap().state, JobState::Cancelled);
    admin.logout().await.unwrap();

    let events = audit_events(&app).await;
    let actions: Vec<(&str, Option<Uuid>)> =
        events.iter().map(|event| (event.action.as_str(), event.subject_id)).collect();
    let org = admin.me.organization.uuid();
    assert_eq!(
        actions[..11],
        [
            ("clinic.registered", Some(org)),
            ("record.created", Some(fixture.record.uuid())),
            ("document.added", Some(fixture.document.uuid())),
            ("pages.stored", Some(fixture.document.uuid())),
            ("page.read", Some(fixture.document.uuid())),
            ("job.created", Some(job.id.uuid())),
            ("job.completed", Some(job.id.uuid())),
            ("analysis.read", Some(analysis.uuid())),
            ("report.created", Some(analysis.uuid())),
            ("job.created", Some(cancelled.id.uuid())),
            ("job.cancelled", Some(cancelled.id.uuid())),
        ]
    );
    assert_eq!(actions[11].0, "session.ended");
    assert!(events.iter().all(|event| event.org_id == Some(org)));
    for event in &events {
        let (kind, actor) = match event.action.as_str() {
            "job.completed" => ("job", job.id.uuid()),
            _ => ("member", admin.me.user.uuid()),
        };
        assert_eq!((event.actor_kind.as_str(), event.actor_id), (kind, Some(actor)), "{event:?}");
        assert_eq!(event.request_id.is_some(), kind == "member", "{event:?}");
    }
    assert_eq!(events[4].details, serde_json::json!({ "page": 1 }));
    app.finish().await;
}

#[tokio::test]
async fn a_failed_login_is_audited_with_its_clinic_if_known() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    for email in [admin.me.email.as_str(), "nobody@clinic.example"] {
        let login =
            Login { email: email.to_owned(), password: "a wrong password".into(), organization: None };
        assert!(app.anonymous().login(&login).await.is_err());
    }
    let events = audit_events(&app).await;
    let failed: Vec<_> = events
        .iter()
        .filter(|event| event.action == "login.failed")
        .map(|event| (event.org_id, event.subject_id, event.actor_kind.as_str(), event.actor_id))
        .collect();
    let known = (Some(admin.me.organization.uuid()), Some(admin.me.user.uuid()), "anonymous", None);
    assert_eq!(failed, [known, (None, None, "anonymous", None)]);
    app.finish().await;
}

#[tokio::test]
async fn a_refused_request_is_not_audited() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&admin).await;
    let before = audit_events(&app).await.len();
    let stranger = app.other_clinic().await.admin();
    let registered = audit_events(&app).await.len();
    assert_eq!(registered, before + 1);
    assert!(stranger.create_job(&fixture.create_job_request(), "key").await.is_err());
    assert!(stranger.page(fixture.document, 1).await.is_err());
    assert!(stranger.add_document(fixture.record, &fixtures::add_document_request(1)).await.is_err());
    assert_eq!(audit_events(&app).await.len(), registered);
    app.finish().await;
}
