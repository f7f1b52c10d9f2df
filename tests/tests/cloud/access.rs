//! Access control: every operation of the OpenAPI document, without a session, with each role, and with every kind of session
//! that may do less.

use std::{collections::BTreeSet, fmt::Write as _, time::Instant};

use http::StatusCode;
use maneiro_api::{ErrorBody, ErrorCode, ObjectId, account::Role};
use maneiro_cloud::domain::action::Action;
use maneiro_tests::{
    Person, TestApp, fixtures,
    operations::{Operation, OperationIds},
    permission_table, workspace,
};
use secrecy::SecretString;
use sqlx::AssertSqlSafe;

/// Open to everyone.
const OPEN: [&str; 13] = [
    "accept_invitation",
    "confirm_email_change",
    "confirm_registration",
    "healthz",
    "login",
    "login_with_code",
    "operator_login",
    "readyz",
    "register",
    "request_password_reset",
    "reset_password",
    "stripe_webhook",
    "view_invitation",
];

/// Who may call what: the answers of the service to every kind of session.
const PERMISSIONS: &str = include_str!("permissions.txt");

async fn create_resources(app: &TestApp, person: &Person) -> OperationIds {
    let fixture = fixtures::complete_record(person).await;
    let job = fixtures::complete_job(app, person, &fixture).await;
    let analysis = job.analysis.expect("a finished job has an analysis");
    let session = person.sessions().await.expect("a member has sessions")[0].id;
    let (organization, user) = (person.me.organization, person.me.user);
    let (record, document, job) = (fixture.record, fixture.document, job.id);
    let upload = ObjectId::from_uuid(app.app.new_uuid());
    let invitation = fixtures::invitation(person).await;
    OperationIds { record, document, job, analysis, session, organization, user, upload, invitation }
}

#[tokio::test]
async fn every_operation_states_who_may_call_it() {
    let app = TestApp::start().await;
    let all = Operation::from_openapi(&app).await;
    let unstated: Vec<_> = all.iter().filter(|operation| !operation.has_stated_access).collect();
    assert!(unstated.is_empty(), "{unstated:?}");
    let mut open: Vec<&str> = all
        .iter()
        .filter(|operation| operation.action.is_none())
        .map(|operation| operation.name.as_str())
        .collect();
    open.sort_unstable();
    assert_eq!(open, OPEN);
    app.finish().await;
}

fn action_name(action: Action) -> String {
    serde_json::to_value(action).unwrap().as_str().unwrap().to_owned()
}

#[tokio::test]
async fn picture_of_the_permissions_shows_every_action() {
    let app = TestApp::start().await;
    let in_use: BTreeSet<String> =
        Operation::from_openapi(&app).await.into_iter().filter_map(|operation| operation.action).collect();
    let in_table: BTreeSet<String> = Action::ALL.into_iter().map(action_name).collect();
    assert_eq!(in_table, in_use);
    let committed =
        std::fs::read_to_string(workspace::root().join("docs/permissions.svg")).unwrap_or_default();
    assert!(
        committed == permission_table::permissions_svg(),
        "docs/permissions.svg is not current: run `target/debug/permission-table write`"
    );
    app.finish().await;
}

/// Changes the database past the service.
async fn change(app: &TestApp, statement: String) {
    let mut superuser = app.database.superuser().await;
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut superuser).await.unwrap();
}

/// Waits until a session is refused, which takes a second at most.
async fn wait_for_refusal(person: &Person) {
    let began = Instant::now();
    while person.me().await.is_ok() {
        assert!(began.elapsed().as_secs() < 30, "the session goes on");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn whoever_has_no_right_to_a_session_is_refused_everywhere() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let ids = create_resources(&app, &clinic.admin()).await;
    let (removed, disabled, ended) = (clinic.doctor().await, clinic.doctor().await, clinic.doctor().await);
    let deleted = app.other_clinic().await.admin();
    ended.logout().await.unwrap();
    change(
        &app,
        format!(
            "update maneiro.memberships set ended_at = created_at, ended_by_kind = 'member', ended_by_id = '{}'
             where user_id = '{}';
             update maneiro.users set disabled_at = created_at where id = '{}';
             update maneiro.organizations set deleted_at = created_at where id = '{}'",
            ids.user.uuid(),
            removed.me.user.uuid(),
            disabled.me.user.uuid(),
            deleted.me.organization.uuid()
        ),
    )
    .await;
    for person in [&removed, &disabled, &deleted] {
        wait_for_refusal(person).await;
    }
    let made_up = SecretString::from("mns_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let no_operator = SecretString::from("mno_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let expired = clinic.doctor().await;
    app.clock.advance(time::Duration::minutes(15));
    let people = [&removed, &disabled, &deleted, &ended, &expired];
    let tokens = people.map(|person| Some(&person.token));
    for operation in
        Operation::from_openapi(&app).await.into_iter().filter(|operation| operation.action.is_some())
    {
        for token in [None, Some(&made_up), Some(&no_operator)].into_iter().chain(tokens) {
            let response = operation.request(&app, ids, token).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{operation:?}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
        }
    }
    app.send_invitation_mails().await;
    app.finish().await;
}

/// The answer to a call in the table of permissions.
async fn answer(
    app: &TestApp,
    operation: &Operation,
    ids: OperationIds,
    token: &SecretString,
) -> &'static str {
    let response = operation.request(app, ids, Some(token)).send().await.unwrap();
    let status = response.status();
    // A job may not be cancellable, and no original was uploaded, but no call is refused.
    // Nobody knows the code of an authenticator by chance.
    let is_guess = operation.name.ends_with("second_factor") && status == StatusCode::BAD_REQUEST;
    // The last admin is not refused for their role.
    let is_last_admin = ["remove_member", "leave_clinic"].contains(&operation.name.as_str());
    let is_guess = is_guess || is_last_admin && status == StatusCode::BAD_REQUEST;
    let refusals = [StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST];
    assert!((is_guess || !refusals.contains(&status)) && !status.is_server_error(), "{operation:?} {status}");
    if status != StatusCode::FORBIDDEN {
        return "yes";
    }
    match response.json::<ErrorBody>().await.unwrap().code {
        ErrorCode::PermissionDenied => "no",
        ErrorCode::SecondFactorRequired => "factor",
        ErrorCode::SupportSession => "support",
        other => panic!("{operation:?}: {other:?}"),
    }
}

#[tokio::test]
async fn every_kind_of_session_may_do_what_the_table_says() {
    let app = TestApp::start().await;
    let (clinic, strict) = (app.clinic().await, app.other_clinic().await);
    let ids = create_resources(&app, &clinic.admin()).await;
    let (operator, supported) = (app.operator().await, clinic.doctor().await);
    change(
        &app,
        format!(
            "update maneiro.org_policies set requires_second_factor = true where org_id = '{}';
             update maneiro.memberships set role = 'admin' where user_id = '{}'",
            strict.id().uuid(),
            supported.me.user.uuid()
        ),
    )
    .await;
    // Support acts as an admin.
    let sign_in = async || {
        [
            ("admin", clinic.admin().sign_in_again(&app).await.token),
            ("doctor", clinic.person(Role::Doctor).await.token),
            ("assistant", clinic.person(Role::Assistant).await.token),
            ("password", strict.admin().sign_in_again(&app).await.token),
            ("support", app.support_session(&operator, &supported, 60).await.token),
            ("operator", app.operator().await.token),
            ("op.password", app.operator_without_second_factor().await.token),
        ]
    };
    let mut sessions = sign_in().await;
    let mut table = format!("{:32}{:32}", "operation", "action");
    for (name, _) in &sessions {
        write!(table, "{name:12}").unwrap();
    }
    let mut rows = Vec::new();
    for operation in Operation::from_openapi(&app).await {
        let Some(action) = &operation.action else { continue };
        let mut row = format!("{:32}{action:32}", operation.name);
        let ends_sessions = [
            "switch_clinic",
            "remove_member",
            "leave_clinic",
            "end_all_sessions",
            "logout",
            "operator_logout",
            "close_account",
        ];
        if ends_sessions.contains(&operation.name.as_str()) {
            sessions = sign_in().await;
        }
        for (_, token) in &sessions {
            write!(row, "{:12}", answer(&app, &operation, ids, token).await).unwrap();
        }
        rows.push(row);
    }
    rows.sort_unstable();
    let lines = std::iter::once(table).chain(rows).map(|line| format!("{}\n", line.trim_end()));
    let table: String = lines.collect();
    assert_eq!(table, PERMISSIONS, "permissions.txt says otherwise; the service answers:\n{table}");
    app.delete_waiting_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_removed_person_leaves_what_they_made_and_its_events() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let doctor = clinic.doctor().await;
    let fixture = fixtures::complete_record(&doctor).await;
    fixtures::complete_job(&app, &doctor, &fixture).await;
    change(&app, format!("delete from maneiro.users where id = '{}'", doctor.me.user.uuid())).await;
    let title = clinic.admin().record(fixture.record).await.unwrap().title;
    assert_eq!(title.as_deref(), Some(fixtures::RECORD_TITLE));
    let events = "select count(*) from maneiro.audit_events where actor_id = $1";
    let events: i64 = sqlx::query_scalar(events)
        .bind(doctor.me.user.uuid())
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert!(events > 3, "{events}");
    let left = "select (select count(*) from maneiro.memberships where user_id = $1)
                     + (select count(*) from maneiro.credentials where user_id = $1)
                     + (select count(*) from maneiro.sessions where user_id = $1)";
    let left: i64 = sqlx::query_scalar(left)
        .bind(doctor.me.user.uuid())
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(left, 0);
    app.finish().await;
}
