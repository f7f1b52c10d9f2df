//! Who may call what: every operation of the description, by nobody and by each role.

use http::StatusCode;
use maneiro_api::account::Role;
use maneiro_tests::{
    TestApp, given,
    operations::{Ids, Operation},
};
use secrecy::SecretString;

/// What only doctors and admins may: nothing leaves a clinic by an assistant's hand.
const NOT_FOR_ASSISTANTS: [&str; 1] = ["create_report"];

/// Open to everyone.
const OPEN: [&str; 4] = ["healthz", "login", "readyz", "register"];

async fn ids(app: &TestApp, person: &maneiro_tests::Person) -> Ids {
    let given = given::record(person).await;
    let job = given::finished_job(app, person, &given).await;
    let analysis = job.analysis.expect("a finished job has an analysis");
    Ids { record: given.record, document: given.document, job: job.id, analysis }
}

#[tokio::test]
async fn every_operation_states_who_may_call_it() {
    let app = TestApp::start().await;
    let all = Operation::all(&app).await;
    let silent: Vec<_> = all.iter().filter(|operation| !operation.states_access).collect();
    assert!(silent.is_empty(), "{silent:?}");
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
async fn nobody_gets_in_without_a_token_or_with_one_that_is_none() {
    let app = TestApp::start().await;
    let ids = ids(&app, &app.clinic().await.admin()).await;
    let made_up = SecretString::from("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for operation in Operation::all(&app).await.into_iter().filter(|operation| operation.action.is_some()) {
        for token in [None, Some(&made_up)] {
            let response = operation.request(&app, ids, token).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{operation:?}");
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn each_role_may_what_its_actions_say() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let ids = ids(&app, &clinic.admin()).await;
    for role in [Role::Doctor, Role::Assistant, Role::Admin] {
        let person = clinic.person(role).await;
        for operation in Operation::all(&app).await {
            let Some(action) = &operation.action else { continue };
            let denied = role == Role::Assistant && NOT_FOR_ASSISTANTS.contains(&action.as_str());
            let status = operation.request(&app, ids, Some(&person.token)).send().await.unwrap().status();
            assert_eq!(status == StatusCode::FORBIDDEN, denied, "{role:?} {operation:?} {status}");
            // A job may be in no state to be cancelled, and no original was uploaded; but nobody is turned away.
            let turned_away = [StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST];
            assert!(
                !turned_away.contains(&status) && !status.is_server_error(),
                "{role:?} {operation:?} {status}"
            );
        }
    }
    let admin = app.other_clinic().await.admin();
    assert!(admin.me().await.is_ok());
    cancel_left_over(&app).await;
    app.finish().await;
}

/// The walk asked for an analysis, which no worker is there to make.
async fn cancel_left_over(app: &TestApp) {
    let mut superuser = app.database.superuser().await;
    sqlx::query("delete from maneiro.jobs where state = 'waiting'").execute(&mut superuser).await.unwrap();
}
