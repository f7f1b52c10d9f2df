//! The audit log, which contains no patient data.

use std::{collections::BTreeSet, sync::Arc};

use maneiro_api::{
    EditId,
    account::Login,
    edit::{AppendEdits, EditChange, NewEdit, StatementSection},
    job::JobState,
    member::{HandOver, SwitchClinic},
    record::UpdateRecord,
    report::ReportFormat,
    second_factor::ConfirmPassword,
};
use maneiro_tests::{
    PASSWORD, TestApp,
    faults::{FakeModel, ModelBehaviour},
    fixtures,
    operations::{Operation, OperationIds},
};
use secrecy::SecretString;
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
    session_id: Option<Uuid>,
    client_address: Option<String>,
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

    let (watched, events): (Vec<_>, Vec<_>) =
        audit_events(&app).await.into_iter().partition(|event| event.action == "job.watched");
    // Whether the watch or the worker begins first is open.
    assert_eq!(watched.iter().map(|event| event.subject_id).collect::<Vec<_>>(), [Some(job.id.uuid())]);
    let actions: Vec<(&str, Option<Uuid>)> =
        events.iter().map(|event| (event.action.as_str(), event.subject_id)).collect();
    let org = admin.me.organization.uuid();
    assert_eq!(
        actions[..12],
        [
            ("clinic.registered", Some(org)),
            ("record.created", Some(fixture.record.uuid())),
            ("document.added", Some(fixture.document.uuid())),
            ("pages.stored", Some(fixture.document.uuid())),
            ("page.read", Some(fixture.document.uuid())),
            ("job.created", Some(job.id.uuid())),
            ("record.loaded", Some(fixture.record.uuid())),
            ("job.completed", Some(job.id.uuid())),
            ("analysis.read", Some(analysis.uuid())),
            ("report.created", Some(analysis.uuid())),
            ("job.created", Some(cancelled.id.uuid())),
            ("job.cancelled", Some(cancelled.id.uuid())),
        ]
    );
    assert_eq!(actions[12].0, "session.ended");
    assert!(events.iter().all(|event| event.org_id == Some(org)));
    for event in &events {
        let (kind, actor) = match event.action.as_str() {
            "record.loaded" | "job.completed" => ("job", job.id.uuid()),
            _ => ("member", admin.me.user.uuid()),
        };
        assert_eq!((event.actor_kind.as_str(), event.actor_id), (kind, Some(actor)), "{event:?}");
        let is_member = kind == "member";
        assert_eq!(event.request_id.is_some(), is_member, "{event:?}");
        assert_eq!(event.session_id.is_some(), is_member, "{event:?}");
        assert_eq!(event.client_address.as_deref(), is_member.then_some("127.0.0.1"), "{event:?}");
    }
    assert_eq!(events[4].details, serde_json::json!({ "page": 1 }));
    let loaded = events.iter().find(|event| event.action == "record.loaded").unwrap();
    assert_eq!(loaded.details, serde_json::json!({ "documents": 1, "pages": 2, "attempt": 1 }));
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

/// Each operation of the service, in an order in which each succeeds, and the events that it leaves.
const EVENTS_BY_OPERATION: [(&str, &[&str]); 54] = [
    ("healthz", &[]),
    ("readyz", &[]),
    ("get_me", &[]),
    ("list_plans", &[]),
    ("get_subscription", &[]),
    ("check_limit", &[]),
    ("get_usage", &[]),
    ("list_invoices", &[]),
    ("get_mail_preferences", &[]),
    ("set_mail_preferences", &[]),
    ("list_sessions", &[]),
    ("end_session", &["session.ended"]),
    ("change_password", &["password.changed"]),
    ("change_email", &["email.change_requested"]),
    ("list_own_mails", &[]),
    ("list_support_sessions", &[]),
    ("get_policy", &[]),
    ("set_policy", &["policy.changed"]),
    ("list_members", &[]),
    ("update_member", &["member.updated"]),
    ("create_invitation", &["invitation.sent"]),
    ("list_invitations", &[]),
    ("resend_invitation", &["invitation.sent"]),
    ("revoke_invitation", &["invitation.revoked"]),
    ("list_own_clinics", &[]),
    ("create_record", &["record.created"]),
    ("list_records", &["records.listed"]),
    ("get_record", &["record.read"]),
    ("update_record", &["record.updated"]),
    ("create_job", &["job.created"]),
    // After this, the record has pages that were not sent.
    ("add_document", &["document.added"]),
    ("get_document", &["document.read"]),
    ("put_pages", &["pages.stored"]),
    ("get_page", &["page.read"]),
    ("create_original_key", &["original.key_issued"]),
    ("create_original_upload", &["original.upload_issued"]),
    ("complete_original_upload", &["original.stored"]),
    ("list_jobs", &["jobs.listed"]),
    ("get_job", &["job.read"]),
    ("cancel_job", &["job.cancelled"]),
    // The job has an outcome, so that the watch ends.
    ("watch_job", &["job.watched"]),
    ("retry_job", &["job.retried"]),
    ("get_analysis", &["analysis.read"]),
    ("get_letterhead", &[]),
    ("set_letterhead", &["letterhead.changed"]),
    ("get_signature_block", &[]),
    ("set_signature_block", &["signature_block.changed"]),
    // Nobody has edited the analysis yet.
    ("sign_report", &["report.signed"]),
    ("list_signatures", &[]),
    ("get_signed_report", &["signed_report.read"]),
    ("append_edits", &["analysis.edited"]),
    ("list_edits", &["edits.read"]),
    ("watch_edits", &["edits.watched"]),
    ("create_report", &["report.created"]),
];

/// The events since the last call.
struct NewEvents<'a>(&'a TestApp, usize);

impl NewEvents<'_> {
    async fn next(&mut self) -> Vec<AuditEventRow> {
        let new = audit_events(self.0).await.split_off(self.1);
        self.1 += new.len();
        new
    }

    async fn next_actions(&mut self) -> Vec<String> {
        self.next().await.into_iter().map(|event| event.action).collect()
    }
}

#[tokio::test]
async fn each_operation_leaves_its_events() {
    let app = TestApp::start().await;
    let mut events = NewEvents(&app, 0);
    let admin = app.clinic().await.admin();
    assert_eq!(events.next_actions().await, ["clinic.registered"], "register");
    let doctor = app.clinic().await.doctor().await;
    assert_eq!(events.next_actions().await, ["clinic.registered", "login.succeeded"], "login");
    drop(doctor);

    let fixture = fixtures::complete_record(&admin).await;
    let upload = fixtures::put_original(&admin, fixture.document).await;
    let analysis = fixtures::complete_job(&app, &admin, &fixture).await.analysis.unwrap();
    let job = admin.create_job(&fixture.create_job_request(), "to be cancelled").await.unwrap().id;
    let elsewhere = admin.sign_in_again(&app).await;
    let own = elsewhere.sessions().await.unwrap();
    let session = own.iter().find(|session| session.is_current).unwrap().id;
    let (organization, user) = (admin.me.organization, admin.me.user);
    let (record, document) = (fixture.record, fixture.document);
    let invitation = fixtures::invitation(&admin).await;
    let ids =
        OperationIds { record, document, job, analysis, session, organization, user, upload, invitation };
    events.next().await;

    let operations = Operation::from_openapi(&app).await;
    let mut left: BTreeSet<&str> = operations.iter().map(|operation| operation.name.as_str()).collect();
    let last: [(&str, &[&str]); 2] = [("delete_record", &["record.deleted"]), ("logout", &["session.ended"])];
    for (name, expected) in EVENTS_BY_OPERATION.into_iter().chain(last) {
        let operation = operations.iter().find(|operation| operation.name == name).unwrap();
        let response = operation.request(&app, ids, Some(&admin.token)).send().await.unwrap();
        assert!(response.status().is_success(), "{name}: {}", response.status());
        let new = events.next().await;
        let actions: Vec<&str> = new.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, expected, "{name}");
        for event in new {
            let actor = (event.actor_kind.as_str(), event.actor_id, event.org_id);
            let member = ("member", Some(admin.me.user.uuid()), Some(admin.me.organization.uuid()));
            assert_eq!(actor, member, "{name}");
            let is_list = event.action.ends_with(".listed");
            assert_eq!(event.subject_id.is_none(), is_list, "{name}: {event:?}");
            assert!(event.request_id.is_some() && event.session_id.is_some(), "{name}: {event:?}");
        }
        left.remove(name);
    }

    // What ends a membership or a session.
    let clinic = app.clinic().await;
    let boss = clinic.admin();
    let (leaver, removed) = (clinic.doctor().await, clinic.doctor().await);
    events.next().await;
    leaver.leave_clinic(&HandOver::default()).await.unwrap();
    boss.remove_member(removed.me.user, &HandOver { records_to: Some(boss.me.user) }).await.unwrap();
    boss.switch_clinic(&SwitchClinic { organization: clinic.id() }).await.unwrap();
    let expected = ["member.removed", "member.removed", "session.ended", "clinic.switched"];
    assert_eq!(events.next_actions().await, expected);
    left.retain(|name| !["leave_clinic", "remove_member", "switch_clinic"].contains(name));

    // What needs an authenticator.
    let factored = admin.sign_in_again(&app).await;
    events.next().await;
    let (factored, authenticator, _) = factored.enrol(&app).await;
    assert_eq!(events.next_actions().await, ["second_factor.issued", "second_factor.enrolled"]);
    let half = admin.sign_in_again(&app).await;
    assert!(half.prove_second_factor(&authenticator.code(&app)).await.is_err());
    half.prove_second_factor(&authenticator.next_code(&app)).await.unwrap();
    assert_eq!(
        events.next_actions().await,
        ["login.succeeded", "second_factor.failed", "second_factor.proved"]
    );
    let password = ConfirmPassword { password: PASSWORD.into() };
    factored.second_factor().await.unwrap();
    factored.replace_recovery_codes(&password).await.unwrap();
    factored.remove_second_factor(&password).await.unwrap();
    assert_eq!(events.next_actions().await, ["recovery_codes.replaced", "second_factor.removed"]);
    left.retain(|name| !name.ends_with("second_factor") && *name != "replace_recovery_codes");

    // What needs a session of its own.
    let operator = app.operator().await;
    let of_operator =
        ["clinic.registered", "login.succeeded", "second_factor.issued", "second_factor.enrolled"];
    assert_eq!(events.next_actions().await, of_operator);
    let again = admin.sign_in_again(&app).await;
    let leaving = app.clinic().await.doctor().await;
    let last: [(&str, &[&str], SecretString); 5] = [
        ("start_support_session", &["support_session.started"], operator.token.clone()),
        ("operator_logout", &["session.ended"], operator.token),
        ("end_support_session", &["session.ended"], again.token.clone()),
        ("end_all_sessions", &["sessions.ended"], again.token.clone()),
        ("close_account", &["account.closed"], leaving.token),
    ];
    events.next().await;
    let mut ids = ids;
    for (name, expected, token) in last {
        if name == "end_support_session" {
            ids.session = again.support_sessions().await.unwrap()[0].id;
        }
        let operation = operations.iter().find(|operation| operation.name == name).unwrap();
        let response = operation.request(&app, ids, Some(&token)).send().await.unwrap();
        assert!(response.status().is_success(), "{name}: {}", response.status());
        assert_eq!(events.next_actions().await, expected, "{name}");
        left.remove(name);
    }
    // What is bought leaves its events in the tests of billing.
    let open = BTreeSet::from([
        "accept_invitation",
        "cancel_subscription",
        "change_subscription",
        "confirm_registration",
        "confirm_email_change",
        "create_checkout",
        "create_portal",
        "login",
        "login_with_code",
        "operator_login",
        "preview_change",
        "register",
        "request_password_reset",
        "reset_password",
        "resume_subscription",
        "set_add_ons",
        "stripe_webhook",
        "view_invitation",
    ]);
    assert_eq!(left, open, "an operation is not in the table");
    app.delete_waiting_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_conflict_that_shows_content_is_audited() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&admin).await;
    let analysis = fixtures::complete_job(&app, &admin, &fixture).await.analysis.unwrap();
    let update = UpdateRecord { revision: 1, title: Some("Another".to_owned()), fields: None };
    let append = |id: u128, text: &str| {
        let (statement, section) = (format!("stm_{:032x}", 1), StatementSection::Problems);
        let change = EditChange::Edit { statement, text: text.to_owned(), section };
        AppendEdits { seen: 0, edits: vec![NewEdit { id: EditId::from_uuid(Uuid::from_u128(id)), change }] }
    };
    admin.update_record(fixture.record, &update).await.unwrap();
    admin.append_edits(analysis, &append(1, "Asthma")).await.unwrap();
    let mut events = NewEvents(&app, 0);
    events.next().await;
    assert!(admin.update_record(fixture.record, &update).await.is_err());
    assert_eq!(events.next_actions().await, ["record.read"]);
    assert_eq!(admin.append_edits(analysis, &append(2, "Gout")).await.unwrap().conflicts.len(), 1);
    assert_eq!(events.next_actions().await, ["edits.read"]);
    app.finish().await;
}

#[tokio::test]
async fn disclosure_to_a_model_is_audited_before_its_first_request() {
    let model = Arc::new(FakeModel::new(ModelBehaviour::Hangs));
    let app = TestApp::options().model(&model).start().await;
    let admin = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&admin).await;
    let job = admin.create_job(&fixture.create_job_request(), "key").await.unwrap().id;
    let disclosures = async || -> Vec<AuditEventRow> {
        let events = audit_events(&app).await;
        events.into_iter().filter(|event| event.action == "record.disclosed").collect()
    };
    assert!(disclosures().await.is_empty());

    let worker = app.worker();
    model.wait_for_calls(1).await;
    let [disclosed] = &disclosures().await[..] else { panic!("one event") };
    assert_eq!(
        (disclosed.subject_id, disclosed.org_id),
        (Some(fixture.record.uuid()), Some(admin.me.organization.uuid()))
    );
    assert_eq!((disclosed.actor_kind.as_str(), disclosed.actor_id), ("job", Some(job.uuid())));
    assert_eq!(disclosed.details, serde_json::json!({ "host": "model.example", "pages": 2, "attempt": 1 }));

    model.set_default(ModelBehaviour::Answers);
    assert_eq!(admin.wait_for_outcome(job).await.state, JobState::Complete);
    assert_eq!(disclosures().await.len(), 1, "once for all requests of an attempt");
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn the_outcome_of_a_job_is_audited_once() {
    let model = Arc::new(FakeModel::new(ModelBehaviour::CannotBeAsked));
    let app = TestApp::options().model(&model).start().await;
    let admin = app.clinic().await.admin();
    let request = fixtures::complete_record(&admin).await.create_job_request();
    let job = admin.create_job(&request, "key").await.unwrap().id;
    let mut events = NewEvents(&app, 0);
    events.next().await;

    let worker = app.worker();
    assert_eq!(admin.wait_for_outcome(job).await.state, JobState::Error);
    let outcomes = |events: Vec<AuditEventRow>| -> Vec<AuditEventRow> {
        let reads = ["job.watched", "record.loaded", "record.disclosed"];
        events.into_iter().filter(|event| !reads.contains(&event.action.as_str())).collect()
    };
    let [failed] = &outcomes(events.next().await)[..] else { panic!("one event") };
    assert_eq!((failed.action.as_str(), failed.actor_kind.as_str()), ("job.failed", "job"));
    assert_eq!((failed.subject_id, failed.actor_id), (Some(job.uuid()), Some(job.uuid())));
    assert_eq!(failed.details, serde_json::json!({ "attempts": 1, "code": "model_request_rejected" }));

    model.set_default(ModelBehaviour::Answers);
    admin.retry_job(job).await.unwrap();
    assert_eq!(admin.wait_for_outcome(job).await.state, JobState::Complete);
    let after = outcomes(events.next().await);
    let after: Vec<&str> = after.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(after, ["job.retried", "job.completed"]);
    worker.stop().await;
    app.finish().await;
}
