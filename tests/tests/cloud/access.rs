//! Access control: every operation of the OpenAPI document, without a session and with each role.

use http::StatusCode;
use maneiro_api::account::Role;
use maneiro_tests::{
    TestApp, fixtures,
    operations::{Operation, OperationIds},
};
use secrecy::SecretString;

/// Actions that assistants may not perform.
const NOT_FOR_ASSISTANTS: [&str; 1] = ["create_report"];

/// Open to everyone.
const OPEN: [&str; 5] = ["confirm_registration", "healthz", "login", "readyz", "register"];

async fn create_resources(app: &TestApp, person: &maneiro_tests::Person) -> OperationIds {
    let fixture = fixtures::complete_record(person).await;
    let job = fixtures::complete_job(app, person, &fixture).await;
    let analysis = job.analysis.expect("a finished job has an analysis");
    OperationIds { record: fixture.record, document: fixture.document, job: job.id, analysis }
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

#[tokio::test]
async fn a_missing_or_invalid_token_is_refused() {
    let app = TestApp::start().await;
    let ids = create_resources(&app, &app.clinic().await.admin()).await;
    let made_up = SecretString::from("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for operation in
        Operation::from_openapi(&app).await.into_iter().filter(|operation| operation.action.is_some())
    {
        for token in [None, Some(&made_up)] {
            let response = operation.request(&app, ids, token).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{operation:?}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn each_role_may_call_what_its_actions_permit() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let ids = create_resources(&app, &clinic.admin()).await;
    for role in [Role::Doctor, Role::Assistant, Role::Admin] {
        let person = clinic.person(role).await;
        for operation in Operation::from_openapi(&app).await {
            let Some(action) = &operation.action else { continue };
            let denied = role == Role::Assistant && NOT_FOR_ASSISTANTS.contains(&action.as_str());
            let status = operation.request(&app, ids, Some(&person.token)).send().await.unwrap().status();
            assert_eq!(status == StatusCode::FORBIDDEN, denied, "{role:?} {operation:?} {status}");
            // A job may not be cancellable, and no original was uploaded, but no call is refused.
            let refusals = [StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST];
            assert!(
                !refusals.contains(&status) && !status.is_server_error(),
                "{role:?} {operation:?} {status}"
            );
        }
    }
    let admin = app.other_clinic().await.admin();
    assert!(admin.me().await.is_ok());
    app.delete_waiting_jobs().await;
    app.finish().await;
}
