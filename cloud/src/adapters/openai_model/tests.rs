//! The client against a server on this machine that can fail in every way.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{Response, StatusCode, header},
    routing::post,
};
use maneiro_analysis::model::{ModelRequest, ModelTask};
use maneiro_api::RetryPolicy;
use serde_json::{Value, json};
use url::Url;

use super::{ModelSettings, ModelSetupError, OpenAiModel};
use crate::ports::{LanguageModel as _, ModelError};

/// How the server responds to a call.
enum ServerAction {
    /// A chat completion with this content.
    Content(String),
    /// A response with this status, header and body.
    Raw(StatusCode, Option<(&'static str, &'static str)>, String),
    /// Breaks off within the response.
    BreakOff,
    /// Never responds.
    Hang,
}

/// A call as the server received it.
struct ReceivedCall {
    body: Value,
    authorization: Option<String>,
}

#[derive(Clone, Default)]
struct FakeServer {
    script: Arc<Mutex<VecDeque<ServerAction>>>,
    calls: Arc<Mutex<Vec<ReceivedCall>>>,
}

impl FakeServer {
    /// Starts a server that follows the script and then responds with status 500.
    async fn start(script: impl IntoIterator<Item = ServerAction>) -> (Self, Url) {
        let server = Self { script: Arc::new(Mutex::new(script.into_iter().collect())), ..Self::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/v1/chat/completions", post(Self::call)).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (server, Url::parse(&format!("http://{address}/v1/")).unwrap())
    }

    async fn call(State(server): State<Self>, headers: axum::http::HeaderMap, body: Bytes) -> Response<Body> {
        let authorization =
            headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
        let body = serde_json::from_slice(&body).unwrap();
        server.calls.lock().unwrap().push(ReceivedCall { body, authorization });
        let act = server.script.lock().unwrap().pop_front();
        match act {
            Some(ServerAction::Content(content)) => Response::new(Body::from(completion(&content))),
            Some(ServerAction::Raw(status, header, body)) => {
                let mut response = Response::builder().status(status);
                if let Some((name, value)) = header {
                    response = response.header(name, value);
                }
                response.body(Body::from(body)).unwrap()
            }
            Some(ServerAction::BreakOff) => {
                let pieces = [Ok(Bytes::from_static(b"{\"choices\": [")), Err("gone")];
                Response::new(Body::from_stream(futures::stream::iter(pieces)))
            }
            Some(ServerAction::Hang) => std::future::pending().await,
            None => Response::builder().status(500).body(Body::empty()).unwrap(),
        }
    }

    fn calls(&self) -> Vec<Value> {
        self.calls.lock().unwrap().iter().map(|call| call.body.clone()).collect()
    }
}

fn completion(content: &str) -> String {
    json!({"choices": [{"message": {"content": content}}]}).to_string()
}

fn settings(base_url: Url) -> ModelSettings {
    ModelSettings {
        timeout: Duration::from_secs(10),
        retry: RetryPolicy {
            max_attempts: 3,
            max_total_delay: Duration::MAX,
            first_delay: Duration::from_millis(1),
            max_delay: Duration::from_millis(5),
        },
        ..ModelSettings::new(base_url, "reader-1".to_owned(), "key".into(), vec!["127.0.0.1".to_owned()])
    }
}

fn request() -> ModelRequest {
    ModelRequest {
        task: ModelTask::Pages,
        window: 0,
        user_message: r#"{"pages": []}"#.to_owned(),
        max_answer_tokens: 9_000,
    }
}

async fn ask(
    script: impl IntoIterator<Item = ServerAction>,
) -> (FakeServer, Result<Option<String>, ModelError>) {
    let (server, url) = FakeServer::start(script).await;
    let model = OpenAiModel::with_settings(settings(url)).unwrap();
    let result = model.answer(&request()).await;
    (server, result)
}

fn good() -> ServerAction {
    ServerAction::Content("an answer".to_owned())
}

#[tokio::test]
async fn request_asks_for_the_schema_and_no_storing() {
    let (server, result) = ask([good()]).await;
    assert_eq!(result.unwrap().as_deref(), Some("an answer"));
    let calls = server.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["store"], json!(false));
    assert_eq!(calls[0]["max_completion_tokens"], json!(9_000));
    assert_eq!(calls[0]["model"], json!("reader-1"));
    assert_eq!(calls[0]["response_format"]["json_schema"]["strict"], json!(true));
    assert_eq!(calls[0]["messages"][0]["role"], json!("system"));
    assert_eq!(calls[0]["messages"][1]["content"], json!(r#"{"pages": []}"#));
    assert_eq!(server.calls.lock().unwrap()[0].authorization.as_deref(), Some("Bearer key"));
}

#[tokio::test]
async fn too_many_requests_and_server_errors_are_retried() {
    let busy = ServerAction::Raw(StatusCode::TOO_MANY_REQUESTS, Some(("retry-after", "0")), String::new());
    let broken = ServerAction::Raw(StatusCode::BAD_GATEWAY, None, "<html>".to_owned());
    let (server, result) = ask([busy, broken, good()]).await;
    assert_eq!(result.unwrap().as_deref(), Some("an answer"));
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn incomplete_response_is_retried() {
    let (server, result) = ask([ServerAction::BreakOff, good()]).await;
    assert_eq!(result.unwrap().as_deref(), Some("an answer"));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn failing_server_is_unavailable_after_all_attempts() {
    let (server, result) = ask([]).await;
    assert!(matches!(result, Err(ModelError::Unavailable)));
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn server_that_never_responds_is_unavailable() {
    let (_server, url) =
        FakeServer::start([ServerAction::Hang, ServerAction::Hang, ServerAction::Hang]).await;
    let quick = ModelSettings { timeout: Duration::from_millis(50), ..settings(url) };
    let client = OpenAiModel::with_settings(quick).unwrap();
    let result = client.answer(&request()).await;
    assert!(matches!(result, Err(ModelError::Unavailable)));
}

#[tokio::test]
async fn requested_delay_is_limited() {
    let busy =
        || ServerAction::Raw(StatusCode::TOO_MANY_REQUESTS, Some(("retry-after", "86400")), String::new());
    let (server, result) = ask([busy(), busy(), busy()]).await;
    assert!(matches!(result, Err(ModelError::Unavailable)));
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn refusal_is_not_retried_and_its_text_not_repeated() {
    for status in [400_u16, 401, 403, 404, 302] {
        let body = r#"{"error": {"message": "Metformin 500 mg twice daily"}}"#.to_owned();
        let location = Some(("location", "http://198.51.100.7/"));
        let (server, result) =
            ask([ServerAction::Raw(StatusCode::from_u16(status).unwrap(), location, body)]).await;
        let error = result.unwrap_err();
        assert!(matches!(error, ModelError::Refused { status: refused } if refused == status), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("Metformin"));
        assert_eq!(server.calls().len(), 1);
    }
}

#[tokio::test]
async fn response_without_a_completion_is_no_answer() {
    for nonsense in [
        ServerAction::Raw(StatusCode::OK, None, "Metformin 500 mg".to_owned()),
        ServerAction::Raw(StatusCode::OK, None, "{\"choices\": []}".to_owned()),
        ServerAction::Raw(StatusCode::OK, None, "x".repeat(5 * 1024 * 1024)),
    ] {
        let (server, result) = ask([nonsense]).await;
        assert!(result.unwrap().is_none());
        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
fn host_is_named_without_its_port() {
    let url = Url::parse("https://API.example.org:8443/v1").unwrap();
    let allowed = vec!["api.example.org".to_owned()];
    let settings = ModelSettings::new(url, "m".to_owned(), "k".into(), allowed);
    assert_eq!(OpenAiModel::with_settings(settings).unwrap().host(), "api.example.org");
}

#[test]
fn host_that_is_not_listed_is_refused() {
    let refused = |url: &str, allowed: &[&str]| {
        let allowed = allowed.iter().map(|host| (*host).to_owned()).collect();
        let url = Url::parse(url).unwrap();
        OpenAiModel::with_settings(ModelSettings::new(url, "m".to_owned(), "k".into(), allowed)).err()
    };
    assert!(matches!(
        refused("https://api.example.org/v1", &["api.example.com"]),
        Some(ModelSetupError::HostNotAllowed { host }) if host == "api.example.org"
    ));
    assert!(matches!(
        refused("https://api.example.org/v1", &[]),
        Some(ModelSetupError::HostNotAllowed { .. })
    ));
    assert!(matches!(
        refused("https://api.example.org.evil.example/v1", &["api.example.org"]),
        Some(ModelSetupError::HostNotAllowed { .. })
    ));
    assert!(matches!(
        refused("https://api.example.org:8443/v1", &["api.example.org:443"]),
        Some(ModelSetupError::HostNotAllowed { .. })
    ));
    assert!(matches!(
        refused("http://api.example.org/v1", &["api.example.org"]),
        Some(ModelSetupError::NotEncrypted)
    ));
    assert!(matches!(refused("data:text/plain,x", &["x"]), Some(ModelSetupError::NoHost)));
    assert!(refused("https://API.example.org/v1", &["api.example.org"]).is_none());
    assert!(refused("https://api.example.org/v1", &["api.example.org:443"]).is_none());
}

#[test]
fn api_key_is_never_shown() {
    let url = Url::parse("https://api.example.org/v1").unwrap();
    let settings =
        ModelSettings::new(url, "m".to_owned(), "s3cret".into(), vec!["api.example.org".to_owned()]);
    assert!(!format!("{settings:?}").contains("s3cret"));
    assert!(!format!("{:?}", OpenAiModel::with_settings(settings).unwrap()).contains("s3cret"));
}
