//! How the service speaks: the one shape of errors, headers, its description, its health.

use http::{HeaderMap, Method, StatusCode, header};
use maneiro_api::{ErrorBody, ErrorCode, limits::MAX_BODY_BYTES};
use maneiro_tests::{TestApp, given};
use secrecy::ExposeSecret;
use serde_json::Value;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// The refusal, whose request id is also in the header.
    fn error(&self) -> ErrorBody {
        let body: ErrorBody = serde_json::from_str(&self.body).unwrap();
        assert_eq!(self.headers["x-request-id"], body.request_id.to_string());
        body
    }
}

async fn call(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: response.text().await.unwrap() }
}

fn request(app: &TestApp, method: Method, path: &str) -> reqwest::RequestBuilder {
    reqwest::Client::new().request(method, app.url.join(path).unwrap())
}

fn json(app: &TestApp, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
    request(app, Method::POST, "v1/auth/login").header(header::CONTENT_TYPE, "application/json").body(body)
}

#[tokio::test]
async fn whatever_goes_wrong_has_one_shape() {
    let app = TestApp::start().await;
    let cases = [
        (request(&app, Method::GET, "v1/nothing"), StatusCode::NOT_FOUND, ErrorCode::NotFound),
        (
            request(&app, Method::DELETE, "v1/records"),
            StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::MethodNotAllowed,
        ),
        (request(&app, Method::GET, "v1/me"), StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated),
        (json(&app, "{"), StatusCode::BAD_REQUEST, ErrorCode::InvalidInput),
        (json(&app, "{}"), StatusCode::BAD_REQUEST, ErrorCode::InvalidInput),
        (json(&app, vec![0xff]), StatusCode::BAD_REQUEST, ErrorCode::InvalidInput),
        (
            request(&app, Method::POST, "v1/auth/login").body("email=a"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
        ),
        (
            json(&app, "{}").header(header::CONTENT_ENCODING, "gzip"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
        ),
        (
            json(&app, "not zstd").header(header::CONTENT_ENCODING, "zstd"),
            StatusCode::BAD_REQUEST,
            ErrorCode::InvalidInput,
        ),
    ];
    for (request, status, code) in cases {
        let answer = call(request).await;
        assert_eq!((answer.status, answer.error().code), (status, code), "{}", answer.body);
        assert_eq!(answer.headers.contains_key(header::ALLOW), code == ErrorCode::MethodNotAllowed);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_plain_or_compressed() {
    let app = TestApp::start().await;
    let large = vec![b' '; MAX_BODY_BYTES + 1];
    let small = zstd::encode_all(large.as_slice(), 3).unwrap();
    let stream = futures::stream::iter(
        large.chunks(1 << 20).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>(),
    );
    let cases = [
        json(&app, small).header(header::CONTENT_ENCODING, "zstd"),
        json(&app, reqwest::Body::wrap_stream(stream)),
    ];
    for request in cases {
        // The service may answer and close before everything was sent, which is no answer to this client.
        if let Ok(response) = request.send().await {
            assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_refused_body_names_the_place_and_repeats_nothing() {
    let app = TestApp::start().await;
    let doctor = app.clinic().await.doctor().await;
    let document = given::record(&doctor).await.document;
    let mut batch = serde_json::json!({ "pages": [given::page(1, "a"), given::page(2, "b")] });
    batch["pages"][1]["lines"][0]["words"][0]["confidence"] = Value::from("Quillfeather");
    let answer = call(
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
async fn every_answer_has_an_id_of_its_own_and_may_not_be_kept_framed_or_guessed() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for path in ["healthz", "v1/me", "v1/nothing", "openapi.json", "docs/"] {
        let answer = call(request(&app, Method::GET, path).header("x-request-id", "mine")).await;
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
async fn the_service_describes_itself_in_openapi_3_1_and_shows_it() {
    let app = TestApp::start().await;
    let document: Value =
        serde_json::from_str(&call(request(&app, Method::GET, "openapi.json")).await.body).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document["paths"].as_object().unwrap().len(), 21);
    let of = &document["paths"]["/v1/documents/{document}/pages/{number}"]["get"];
    let names: Vec<&str> = of["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["document", "number"]);
    let refusal = &of["responses"]["default"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(refusal, "#/components/schemas/ErrorBody");
    assert!(document["components"]["schemas"]["ErrorBody"].is_object());

    let page = call(request(&app, Method::GET, "docs/")).await;
    assert_eq!(page.status, StatusCode::OK);
    // The policy lets only files of our own run.
    assert!(!page.body.contains("<script>"), "{}", page.body);
    for script in ["swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-initializer.js"] {
        assert!(page.body.contains(script));
        assert_eq!(call(request(&app, Method::GET, &format!("docs/{script}"))).await.status, StatusCode::OK);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_process_without_its_object_store_lives_but_is_not_ready() {
    let app = TestApp::start().await;
    assert_eq!(call(request(&app, Method::GET, "readyz")).await.status, StatusCode::OK);
    app.files.break_down();
    assert_eq!(call(request(&app, Method::GET, "healthz")).await.status, StatusCode::OK);
    let answer = call(request(&app, Method::GET, "readyz")).await;
    assert_eq!(
        (answer.status, answer.error().code),
        (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable)
    );
    assert_eq!(answer.headers["retry-after"], "2");
    app.finish().await;
}
