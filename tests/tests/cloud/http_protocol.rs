//! The HTTP protocol of the service: errors, headers, the OpenAPI document, health checks.

use http::{HeaderMap, Method, StatusCode, header};
use maneiro_api::{
    ErrorBody, ErrorCode,
    limits::{MAX_BODY_BYTES, MAX_UPLOAD_BYTES},
};
use maneiro_tests::{TestApp, fixtures};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl TestResponse {
    /// The error. Checks that its request id is also in the header.
    fn error(&self) -> ErrorBody {
        let body: ErrorBody = serde_json::from_str(&self.body).unwrap();
        assert_eq!(self.headers["x-request-id"], body.request_id.to_string());
        body
    }
}

async fn send(request: reqwest::RequestBuilder) -> TestResponse {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    TestResponse { status, headers, body: response.text().await.unwrap() }
}

fn request(app: &TestApp, method: Method, path: &str) -> reqwest::RequestBuilder {
    reqwest::Client::new().request(method, app.url.join(path).unwrap())
}

fn json_request(app: &TestApp, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
    request(app, Method::POST, "v1/auth/login").header(header::CONTENT_TYPE, "application/json").body(body)
}

#[tokio::test]
async fn all_errors_have_the_same_shape() {
    let app = TestApp::start().await;
    let cases = [
        (request(&app, Method::GET, "v1/nothing"), StatusCode::NOT_FOUND, ErrorCode::NotFound),
        (
            request(&app, Method::DELETE, "v1/records"),
            StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::MethodNotAllowed,
        ),
        (request(&app, Method::GET, "v1/me"), StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated),
        (json_request(&app, "{"), StatusCode::BAD_REQUEST, ErrorCode::InvalidInput),
        (json_request(&app, "{}"), StatusCode::BAD_REQUEST, ErrorCode::InvalidInput),
        (json_request(&app, vec![0xff]), StatusCode::BAD_REQUEST, ErrorCode::InvalidInput),
        (
            request(&app, Method::POST, "v1/auth/login").body("email=a"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
        ),
        (
            json_request(&app, "{}").header(header::CONTENT_ENCODING, "gzip"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
        ),
    ];
    for (request, status, code) in cases {
        let answer = send(request).await;
        assert_eq!((answer.status, answer.error().code), (status, code), "{}", answer.body);
        assert_eq!(answer.headers.contains_key(header::ALLOW), code == ErrorCode::MethodNotAllowed);
    }
    app.finish().await;
}

#[tokio::test]
async fn body_is_limited_to_64_kib_before_sign_in() {
    let app = TestApp::start().await;
    let compressed = zstd::encode_all(b"{}".as_slice(), 3).unwrap();
    let compressed = json_request(&app, compressed).header(header::CONTENT_ENCODING, "zstd");
    let response = send(compressed).await;
    assert_eq!(
        (response.status, response.error().code),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::UnsupportedMediaType)
    );
    let fits = format!("{{}}{}", " ".repeat(MAX_BODY_BYTES - 2));
    assert_eq!(send(json_request(&app, fits)).await.status, StatusCode::BAD_REQUEST);
    let announced = send(json_request(&app, vec![b' '; MAX_BODY_BYTES + 1])).await;
    assert_eq!(
        (announced.status, announced.error().code),
        (StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::TooLarge)
    );
    assert_chunked_body_is_refused(&app, "POST /v1/auth/login", None, MAX_BODY_BYTES).await;
    app.finish().await;
}

#[tokio::test]
async fn upload_is_limited_by_its_decompressed_size() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = fixtures::complete_record(&doctor).await.document;
    let put = |body: Vec<u8>| {
        request(&app, Method::PUT, &format!("v1/documents/{document}/pages"))
            .bearer_auth(doctor.token.expose_secret())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_ENCODING, "zstd")
            .body(body)
    };
    let bomb = zstd::encode_all(vec![b' '; MAX_UPLOAD_BYTES + 1].as_slice(), 3).unwrap();
    let response = send(put(bomb)).await;
    assert_eq!(
        (response.status, response.error().code),
        (StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::TooLarge)
    );
    let response = send(put(b"not zstd".to_vec())).await;
    assert_eq!((response.status, response.error().code), (StatusCode::BAD_REQUEST, ErrorCode::InvalidInput));
    let path = format!("PUT /v1/documents/{document}/pages");
    assert_chunked_body_is_refused(&app, &path, Some(doctor.token.expose_secret()), MAX_UPLOAD_BYTES).await;
    app.finish().await;
}

/// Sends a body of unknown length that is too large. The service may respond and close before everything was sent, so
/// sending may fail, but the response must come: a library client would report only the first.
async fn assert_chunked_body_is_refused(app: &TestApp, line: &str, token: Option<&str>, limit: usize) {
    let address = app.url.socket_addrs(|| None).unwrap()[0];
    let (mut response, mut request) = TcpStream::connect(address).await.unwrap().into_split();
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: maneiro\r\nconnection: close\r\n{token}\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let large = vec![b' '; limit + 1];
    let send = async {
        request.write_all(head.as_bytes()).await?;
        for chunk in large.chunks(1 << 20) {
            request.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
            request.write_all(chunk).await?;
            request.write_all(b"\r\n").await?;
        }
        request.write_all(b"0\r\n\r\n").await
    };
    let mut status = [0; "HTTP/1.1 413 ".len()];
    let (_, received) = tokio::join!(send, response.read_exact(&mut status));
    received.expect("there is a response");
    assert_eq!(String::from_utf8_lossy(&status), "HTTP/1.1 413 ");
}

#[tokio::test]
async fn a_refused_body_names_the_field_and_repeats_no_value() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = fixtures::complete_record(&doctor).await.document;
    let mut batch =
        serde_json::json!({ "pages": [fixtures::text_page(1, "a"), fixtures::text_page(2, "b")] });
    batch["pages"][1]["lines"][0]["words"][0]["confidence"] = Value::from("Quillfeather");
    let answer = send(
        request(&app, Method::PUT, &format!("v1/documents/{document}/pages"))
            .bearer_auth(doctor.token.expose_secret())
            .json(&batch),
    )
    .await;
    let error = answer.error();
    assert_eq!(error.fields[0].field, "pages[1].lines[0].words[0].confidence");
    assert!(!answer.body.contains("Quillfeather"), "{}", answer.body);
    app.finish().await;
}

#[tokio::test]
async fn every_response_has_a_request_id_and_security_headers() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for path in ["healthz", "v1/me", "v1/nothing", "openapi.json", "docs/"] {
        let answer = send(request(&app, Method::GET, path).header("x-request-id", "mine")).await;
        let header = |name: &str| answer.headers[name].to_str().unwrap();
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        ids.push(header("x-request-id").to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
    assert!(ids.iter().all(|id| id.starts_with("req_")));
    app.finish().await;
}

#[tokio::test]
async fn the_openapi_document_is_served_and_can_be_browsed() {
    let app = TestApp::start().await;
    let document: Value =
        serde_json::from_str(&send(request(&app, Method::GET, "openapi.json")).await.body).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document["paths"].as_object().unwrap().len(), 79);
    let operation = &document["paths"]["/v1/documents/{document}/pages/{number}"]["get"];
    let names: Vec<&str> = operation["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["document", "number"]);
    let refusal = &operation["responses"]["400"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(refusal, "#/components/schemas/ErrorBody");
    assert!(document["components"]["schemas"]["ErrorBody"].is_object());

    let page = send(request(&app, Method::GET, "docs/")).await;
    assert_eq!(page.status, StatusCode::OK);
    // The policy permits only our own script files.
    assert!(!page.body.contains("<script>"), "{}", page.body);
    for script in ["swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-initializer.js"] {
        assert!(page.body.contains(script));
        assert_eq!(send(request(&app, Method::GET, &format!("docs/{script}"))).await.status, StatusCode::OK);
    }
    app.finish().await;
}

#[tokio::test]
async fn without_an_object_store_the_service_is_not_ready() {
    let app = TestApp::start().await;
    assert_eq!(send(request(&app, Method::GET, "readyz")).await.status, StatusCode::OK);
    app.files.break_down();
    assert_eq!(send(request(&app, Method::GET, "healthz")).await.status, StatusCode::OK);
    assert_eq!(
        send(request(&app, Method::GET, "readyz")).await.status,
        StatusCode::OK,
        "the servers are asked once a second"
    );
    app.clock.advance(time::Duration::SECOND);
    let answer = send(request(&app, Method::GET, "readyz")).await;
    assert_eq!(
        (answer.status, answer.error().code),
        (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable)
    );
    assert_eq!(answer.headers["retry-after"], "2");
    app.finish().await;
}
