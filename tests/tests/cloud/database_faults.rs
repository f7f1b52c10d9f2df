//! The database behind a network that breaks: requests fail in time, and connections are replaced.

use std::time::Duration;

use futures::future::join_all;
use maneiro_api::job::JobState;
use maneiro_cloud::store::DatabaseTimeouts;
use maneiro_tests::{Person, TestApp, fixtures, proxy::Traffic};
use tokio::time::{sleep, timeout};

/// Long enough for a busy machine, and short beside the limits of the service for a request.
const DEADLINE: Duration = Duration::from_secs(60);

const TIMEOUTS: DatabaseTimeouts = DatabaseTimeouts {
    acquire: Duration::from_secs(4),
    statement: Duration::from_secs(2),
    probe: Duration::from_secs(1),
    probe_interval: Duration::from_millis(200),
};

/// More than the service has connections.
const REQUESTS: usize = 24;

async fn start() -> TestApp {
    TestApp::options().database_proxy().database_timeouts(TIMEOUTS).start().await
}

async fn wait_until_served(person: &Person) {
    let served =
        async { while !join_all((0..REQUESTS).map(|_| person.me())).await.iter().all(Result::is_ok) {} };
    timeout(DEADLINE, served).await.expect("the service comes back, with every place in its pool");
}

#[tokio::test]
async fn black_holed_database_fails_requests_in_time() {
    let app = start().await;
    let proxy = app.database_proxy.as_ref().unwrap();
    let doctor = app.clinic().await.doctor().await;
    let fixture = fixtures::complete_record(&doctor).await;
    let job = doctor.create_job(&fixture.create_job_request(), "key").await.unwrap();

    proxy.set_traffic(Traffic::Held);
    // What a session may do is cached for a moment.
    app.clock.advance(time::Duration::minutes(1));
    let worker = app.worker();
    let all = join_all((0..REQUESTS).map(|_| timeout(DEADLINE, doctor.me()))).await;
    assert!(all.iter().all(|answer| answer.as_ref().is_ok_and(Result::is_err)), "{all:?}");

    proxy.set_traffic(Traffic::Delayed(Duration::ZERO));
    wait_until_served(&doctor).await;
    assert_eq!(doctor.wait_for_outcome(job.id).await.state, JobState::Complete, "the worker goes on too");
    worker.stop().await;
    app.finish().await;
}

#[tokio::test]
async fn connections_to_a_vanished_server_are_replaced() {
    let app = start().await;
    let proxy = app.database_proxy.as_ref().unwrap();
    let doctor = app.clinic().await.doctor().await;
    // The pool is full of connections.
    join_all((0..REQUESTS).map(|_| doctor.me())).await;
    proxy.black_hole_open_connections();
    app.clock.advance(time::Duration::minutes(1));
    wait_until_served(&doctor).await;
    app.finish().await;
}

#[tokio::test]
async fn silent_notification_connection_is_replaced() {
    let hour = Duration::from_secs(3600);
    let options = TestApp::options().database_proxy().database_timeouts(TIMEOUTS);
    let app = options.watch_poll_interval(hour).start().await;
    let proxy = app.database_proxy.as_ref().unwrap();
    let doctor = app.clinic().await.doctor().await;
    let fixture = fixtures::complete_record(&doctor).await;
    let job = doctor.create_job(&fixture.create_job_request(), "key").await.unwrap();
    proxy.black_hole_open_connections();
    wait_until_served(&doctor).await;

    // A notification that is sent before the connection is replaced is lost, so there are several.
    let retried = doctor.wait_for_job(job.id, |job| job.state == JobState::Cancelled);
    let changes = async {
        loop {
            doctor.cancel_job(job.id).await.unwrap();
            sleep(Duration::from_millis(100)).await;
            doctor.retry_job(job.id).await.unwrap();
        }
    };
    let seen = async {
        tokio::select! {
            seen = retried => seen,
            () = changes => unreachable!("it goes on for ever"),
        }
    };
    timeout(DEADLINE, seen).await.expect("the stream is notified again");
    let _ = doctor.cancel_job(job.id).await;
    app.finish().await;
}
