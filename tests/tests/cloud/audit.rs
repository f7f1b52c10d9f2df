//! What the audit log keeps, and that it keeps nothing of a patient.

use maneiro_api::{account::Login, job::JobState, report::ReportFormat};
use maneiro_tests::{TestApp, given};
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
struct Line {
    org_id: Option<Uuid>,
    actor_kind: String,
    actor_id: Option<Uuid>,
    action: String,
    subject_id: Option<Uuid>,
    details: Value,
    request_id: Option<Uuid>,
}

async fn lines(app: &TestApp) -> Vec<Line> {
    let mut superuser = app.database.superuser().await;
    sqlx::query_as("select * from maneiro.audit_events order by id").fetch_all(&mut superuser).await.unwrap()
}

#[tokio::test]
async fn every_step_of_the_main_job_leaves_its_line() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let given = given::record(&admin).await;
    admin.page(given.document, 1).await.unwrap();
    let job = given::finished_job(&app, &admin, &given).await;
    let analysis = job.analysis.unwrap();
    admin.analysis(analysis).await.unwrap();
    admin.report(analysis, ReportFormat::Markdown).await.unwrap();
    let cancelled = admin.create_job(&given.request(), "another").await.unwrap();
    assert_eq!(admin.cancel_job(cancelled.id).await.unwrap().state, JobState::Cancelled);
    admin.logout().await.unwrap();

    let lines = lines(&app).await;
    let told: Vec<(&str, Option<Uuid>)> =
        lines.iter().map(|line| (line.action.as_str(), line.subject_id)).collect();
    let org = admin.me.organization.uuid();
    assert_eq!(
        told[..11],
        [
            ("clinic.registered", Some(org)),
            ("record.created", Some(given.record.uuid())),
            ("document.added", Some(given.document.uuid())),
            ("pages.stored", Some(given.document.uuid())),
            ("page.read", Some(given.document.uuid())),
            ("job.created", Some(job.id.uuid())),
            ("job.completed", Some(job.id.uuid())),
            ("analysis.read", Some(analysis.uuid())),
            ("report.created", Some(analysis.uuid())),
            ("job.created", Some(cancelled.id.uuid())),
            ("job.cancelled", Some(cancelled.id.uuid())),
        ]
    );
    assert_eq!(told[11].0, "session.ended");
    assert!(lines.iter().all(|line| line.org_id == Some(org)));
    for line in &lines {
        let (kind, actor) = match line.action.as_str() {
            "job.completed" => ("job", job.id.uuid()),
            _ => ("member", admin.me.user.uuid()),
        };
        assert_eq!((line.actor_kind.as_str(), line.actor_id), (kind, Some(actor)), "{line:?}");
        assert_eq!(line.request_id.is_some(), kind == "member", "{line:?}");
    }
    assert_eq!(lines[4].details, serde_json::json!({ "page": 1 }));
    app.finish().await;
}

#[tokio::test]
async fn a_failed_sign_in_is_noted_in_its_clinic_or_in_none() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    for email in [admin.me.email.as_str(), "nobody@clinic.example"] {
        let login =
            Login { email: email.to_owned(), password: "a wrong password".into(), organization: None };
        assert!(app.anonymous().login(&login).await.is_err());
    }
    let lines = lines(&app).await;
    let failed: Vec<_> = lines
        .iter()
        .filter(|line| line.action == "login.failed")
        .map(|line| (line.org_id, line.subject_id, line.actor_kind.as_str(), line.actor_id))
        .collect();
    let known = (Some(admin.me.organization.uuid()), Some(admin.me.user.uuid()), "anonymous", None);
    assert_eq!(failed, [known, (None, None, "anonymous", None)]);
    app.finish().await;
}

#[tokio::test]
async fn what_is_refused_leaves_no_line_and_no_row() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let given = given::record(&admin).await;
    let before = lines(&app).await.len();
    let stranger = app.other_clinic().await.admin();
    let registered = lines(&app).await.len();
    assert_eq!(registered, before + 1);
    assert!(stranger.create_job(&given.request(), "key").await.is_err());
    assert!(stranger.page(given.document, 1).await.is_err());
    assert!(stranger.add_document(given.record, &given::file(1)).await.is_err());
    assert_eq!(lines(&app).await.len(), registered);
    app.finish().await;
}
