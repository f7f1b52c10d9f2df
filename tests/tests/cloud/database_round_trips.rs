//! How often each operation goes to the database and back. Prints the table; what it costs to sign in must not tell whether
//! there is an account.

use std::{fmt::Write as _, time::Duration};

use http::StatusCode;
use maneiro_api::{InvitationId, ObjectId, SessionId};
use maneiro_cloud::store::DatabaseTimeouts;
use maneiro_tests::{
    PASSWORD, TestApp, fixtures,
    operations::{Operation, OperationIds},
    round_trips::RoundTripCounter,
};
use serde_json::json;
use uuid::Uuid;

/// No operation may go to the database more often.
const MAX_ROUND_TRIPS: u64 = 40;

/// With one connection, which never needs to be probed.
async fn start() -> TestApp {
    let timeouts =
        DatabaseTimeouts { probe_interval: Duration::from_secs(3600), ..DatabaseTimeouts::default() };
    TestApp::options().count_round_trips().connections(1).database_timeouts(timeouts).start().await
}

/// Round trips of a request, with those that return its connections to the pool.
async fn round_trips(app: &TestApp, request: reqwest::RequestBuilder) -> (StatusCode, u64) {
    let counter: &RoundTripCounter = app.round_trips.as_ref().unwrap();
    // Whoever has the only connection knows that no one else is using it. Returning it is one more.
    let connection = app.app.db.idle_connection().await.unwrap();
    let before = counter.count() + 1;
    drop(connection);
    let status = request.send().await.unwrap().status();
    let _connection = app.app.db.idle_connection().await.unwrap();
    (status, counter.count() - before)
}

#[tokio::test]
async fn round_trips_of_every_operation() {
    let app = start().await;
    let admin = app.clinic().await.admin();
    let fixture = fixtures::complete_record(&admin).await;
    let job = fixtures::complete_job(&app, &admin, &fixture).await;
    let ids = OperationIds {
        record: fixture.record,
        document: fixture.document,
        job: job.id,
        analysis: job.analysis.unwrap(),
        // None that exists: the own must not end.
        session: SessionId::from_uuid(Uuid::nil()),
        organization: admin.me.organization,
        user: admin.me.user,
        upload: ObjectId::from_uuid(Uuid::nil()),
        invitation: InvitationId::from_uuid(Uuid::nil()),
    };
    let mut table = String::from("round trips to the database, with a session that is looked up / known\n");
    for operation in Operation::from_openapi(&app).await {
        let request = || operation.request(&app, ids, Some(&admin.token));
        // Statements are prepared.
        round_trips(&app, request()).await;
        app.clock.advance(time::Duration::seconds(5));
        let (status, looked_up) = round_trips(&app, request()).await;
        let (_, known) = round_trips(&app, request()).await;
        writeln!(table, "{looked_up:>4} /{known:>3}  {} {} ({status})", operation.method, operation.path)
            .unwrap();
        assert!(looked_up.max(known) <= MAX_ROUND_TRIPS, "{table}");
    }
    println!("{table}");
}

#[tokio::test]
async fn sign_in_goes_as_often_for_an_unknown_account() {
    let app = start().await;
    let email = app.clinic().await.admin().me.email;
    let guess = |email: &str| {
        let body = json!({ "email": email, "password": format!("not {PASSWORD}") });
        reqwest::Client::new().post(app.url.join("v1/auth/login").unwrap()).json(&body)
    };
    // Statements are prepared.
    round_trips(&app, guess(&email)).await;
    let known = round_trips(&app, guess(&email)).await;
    assert_eq!(known.0, StatusCode::UNAUTHORIZED);
    assert_eq!(round_trips(&app, guess("nobody@clinic.example")).await, known);
    assert_eq!(round_trips(&app, guess("no address")).await, known);
    app.finish().await;
}
