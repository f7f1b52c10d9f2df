//! Connections: how many are open, and how long a client may keep one without sending or taking anything.

use std::time::Duration;

use http::StatusCode;
use maneiro_cloud::http::ServerLimits;
use maneiro_tests::{TestApp, fixtures};
use secrecy::ExposeSecret as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// Long enough for a busy machine, and short beside the limit that is not under test.
const DEADLINE: Duration = Duration::from_secs(20);

const SHORT: Duration = Duration::from_millis(300);

/// Limits so long that only the one under test is met.
fn long_limits() -> ServerLimits {
    let hour = Duration::from_secs(3600);
    ServerLimits {
        max_connections: 1_000,
        header_timeout: hour,
        idle_timeout: hour,
        body_timeout: hour,
        upload_timeout: hour,
        write_timeout: hour,
        stop_delay: Duration::ZERO,
    }
}

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.url.socket_addrs(|| None).unwrap()[0]).await.unwrap()
}

/// Reads to the end of the connection.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    let read = timeout(DEADLINE, stream.read_to_end(&mut received)).await;
    // A connection that is closed with bytes unread is reset.
    let _ = read.expect("the service closes the connection");
    String::from_utf8_lossy(&received).into_owned()
}

/// Reads the head of a response and its body of this length.
async fn read_response(stream: &mut TcpStream) -> String {
    let (mut received, mut buffer) = (String::new(), [0; 1024]);
    while !received.contains("\"status\":\"ok\"") {
        let read = timeout(DEADLINE, stream.read(&mut buffer)).await.expect("there is a response").unwrap();
        assert!(read > 0, "the connection was closed: {received}");
        received.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    received
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: maneiro\r\n\r\n";

#[tokio::test]
async fn connection_without_a_request_is_closed() {
    let limits = ServerLimits { header_timeout: SHORT, ..long_limits() };
    let app = TestApp::options().server_limits(limits).start().await;
    let mut silent = connect(&app).await;
    let mut slow = connect(&app).await;
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: man").await.unwrap();
    assert_eq!(read_to_end(&mut silent).await, "");
    assert_eq!(read_to_end(&mut slow).await, "");
    app.finish().await;
}

#[tokio::test]
async fn idle_connection_is_closed() {
    let limits = ServerLimits { idle_timeout: SHORT, ..long_limits() };
    let app = TestApp::options().server_limits(limits).start().await;
    let mut idle = connect(&app).await;
    idle.write_all(HEALTH).await.unwrap();
    read_response(&mut idle).await;
    assert_eq!(read_to_end(&mut idle).await, "");
    app.finish().await;
}

#[tokio::test]
async fn body_that_does_not_arrive_is_given_up() {
    let limits = ServerLimits { body_timeout: SHORT, ..long_limits() };
    let app = TestApp::options().server_limits(limits).start().await;
    let mut slow = connect(&app).await;
    let head = "POST /v1/auth/login HTTP/1.1\r\nhost: maneiro\r\ncontent-type: application/json\r\n\
                content-length: 1000\r\n\r\n{\"email\":";
    slow.write_all(head.as_bytes()).await.unwrap();
    let response = read_to_end(&mut slow).await;
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    assert!(response.contains("\"request_timeout\""), "{response}");
    app.finish().await;
}

#[tokio::test]
async fn upload_that_does_not_arrive_is_given_up() {
    let limits = ServerLimits { upload_timeout: SHORT, ..long_limits() };
    let app = TestApp::options().server_limits(limits).start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = fixtures::complete_record(&doctor).await.document;
    let mut slow = connect(&app).await;
    let head = format!(
        "PUT /v1/documents/{document}/pages HTTP/1.1\r\nhost: maneiro\r\ncontent-type: application/json\r\n\
         authorization: Bearer {}\r\ncontent-length: 1000\r\n\r\n{{",
        doctor.token.expose_secret()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let response = read_to_end(&mut slow).await;
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    app.finish().await;
}

#[tokio::test]
async fn connection_beyond_the_limit_waits_for_another_to_close() {
    let limits = ServerLimits { max_connections: 2, ..long_limits() };
    let app = TestApp::options().server_limits(limits).start().await;
    let (mut first, mut second) = (connect(&app).await, connect(&app).await);
    for stream in [&mut first, &mut second] {
        stream.write_all(HEALTH).await.unwrap();
        read_response(stream).await;
    }
    let mut third = connect(&app).await;
    third.write_all(HEALTH).await.unwrap();
    assert!(timeout(SHORT, third.read_u8()).await.is_err(), "a third was accepted");
    drop(first);
    read_response(&mut third).await;
    app.finish().await;
}

#[tokio::test]
async fn response_that_is_not_taken_ends_the_connection() {
    let limits = ServerLimits { write_timeout: SHORT, max_connections: 1, ..long_limits() };
    let app = TestApp::options().server_limits(limits).start().await;
    let mut greedy = connect(&app).await;
    // More than the buffers of both ends hold. Sending fails when the connection is closed.
    let request = "GET /openapi.json HTTP/1.1\r\nhost: maneiro\r\n\r\n".repeat(1_000);
    let _ = timeout(DEADLINE, greedy.write_all(request.as_bytes())).await.expect("sending ends");
    let mut next = connect(&app).await;
    next.write_all(HEALTH).await.unwrap();
    read_response(&mut next).await;
    app.finish().await;
}

#[tokio::test]
async fn stopping_service_is_not_ready_before_it_closes() {
    let limits = ServerLimits { stop_delay: Duration::from_secs(3600), ..long_limits() };
    let app = TestApp::options().server_limits(limits).start().await;
    let ready = async || reqwest::get(app.url.join("readyz").unwrap()).await.unwrap().status();
    assert_eq!(ready().await, StatusCode::OK);
    app.app.stopping.cancel();
    assert_eq!(ready().await, StatusCode::SERVICE_UNAVAILABLE, "the listener is still open");
    let alive = reqwest::get(app.url.join("healthz").unwrap()).await.unwrap();
    assert_eq!(alive.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_session_opens_no_more_than_20_streams() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let request = fixtures::complete_record(&doctor).await.create_job_request();
    let job = doctor.create_job(&request, "key").await.unwrap();
    let http = reqwest::Client::new();
    let open = async |token: &str| {
        let url = app.url.join(&format!("v1/jobs/{}/events", job.id)).unwrap();
        http.get(url).bearer_auth(token).send().await.unwrap()
    };
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(open(doctor.token.expose_secret()).await);
    }
    assert!(streams.iter().all(|stream| stream.status() == StatusCode::OK));
    let refused = open(doctor.token.expose_secret()).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "5");
    doctor.cancel_job(job.id).await.unwrap();
    for stream in streams {
        stream.text().await.unwrap();
    }
    assert_eq!(
        open(doctor.token.expose_secret()).await.status(),
        StatusCode::OK,
        "the places are free again"
    );
    app.finish().await;
}
