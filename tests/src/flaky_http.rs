//! An HTTP proxy between a workstation and the cloud that can fail: it loses the response of an upload, then fails for a
//! count of requests or for good.

use std::{
    convert::Infallible,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::Response,
};
use futures::stream;
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use crate::TestApp;

/// A proxy in front of a service. Dropping it stops it.
pub struct FlakyHttpProxy {
    /// The address of the proxy.
    pub url: Url,
    state: Arc<ProxyState>,
    server: JoinHandle<()>,
}

struct ProxyState {
    service: Url,
    http: reqwest::Client,
    uploads: AtomicUsize,
    /// The number of the upload whose response is lost.
    fails_at_upload: AtomicUsize,
    /// How many requests fail after that.
    failed_requests: AtomicUsize,
}

impl FlakyHttpProxy {
    /// Starts a proxy that works.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn start(app: &TestApp) -> Self {
        let state = Arc::new(ProxyState {
            service: app.url.clone(),
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            uploads: AtomicUsize::new(0),
            fails_at_upload: AtomicUsize::new(usize::MAX),
            failed_requests: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let router = Router::new().fallback(forward).with_state(Arc::clone(&state));
        let server =
            tokio::spawn(async move { axum::serve(listener, router).await.expect("serving does not end") });
        Self { url: Url::parse(&format!("http://{address}")).expect("an address makes a URL"), state, server }
    }

    /// How many uploads of pages reached the service.
    #[must_use]
    pub fn upload_count(&self) -> usize {
        self.state.uploads.load(Ordering::SeqCst)
    }

    /// Loses the response of the upload with this number, then fails `failed_requests` requests.
    pub fn fail_at_upload(&self, upload: usize, failed_requests: usize) {
        self.state.failed_requests.store(failed_requests, Ordering::SeqCst);
        self.state.fails_at_upload.store(upload, Ordering::SeqCst);
    }

    /// Lets everything through again.
    pub fn repair(&self) {
        self.state.fails_at_upload.store(usize::MAX, Ordering::SeqCst);
    }
}

impl Drop for FlakyHttpProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn forward(State(state): State<Arc<ProxyState>>, request: Request) -> Result<Response, Infallible> {
    let fails_at_upload = state.fails_at_upload.load(Ordering::SeqCst);
    if state.uploads.load(Ordering::SeqCst) >= fails_at_upload {
        let counted = state
            .failed_requests
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if counted.is_ok() {
            return Ok(build_response(StatusCode::BAD_GATEWAY, Body::empty()));
        }
        state.fails_at_upload.store(usize::MAX, Ordering::SeqCst);
    }
    let is_upload = request.method() == Method::PUT && request.uri().path().ends_with("/pages");
    let mut url = state.service.clone();
    url.set_path(request.uri().path());
    url.set_query(request.uri().query());
    let (parts, body) = request.into_parts();
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let sent = state
        .http
        .request(parts.method, url)
        .headers(headers)
        .body(reqwest::Body::wrap_stream(body.into_data_stream()))
        .send()
        .await;
    let Ok(response) = sent else { return Ok(build_response(StatusCode::BAD_GATEWAY, Body::empty())) };
    if is_upload && state.uploads.fetch_add(1, Ordering::SeqCst) + 1 == fails_at_upload {
        // The service stored the upload, but the workstation does not learn that.
        let broken =
            stream::once(async { Err::<bytes::Bytes, _>(std::io::Error::other("the connection broke")) });
        return Ok(build_response(StatusCode::OK, Body::from_stream(broken)));
    }
    let status = response.status();
    let headers = response.headers().clone();
    let mut forwarded = build_response(status, Body::from_stream(response.bytes_stream()));
    *forwarded.headers_mut() = headers;
    forwarded.headers_mut().remove(header::TRANSFER_ENCODING);
    Ok(forwarded)
}

fn build_response(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
