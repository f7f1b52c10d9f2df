//! The network between a workstation and the cloud, breakable: it loses the answer of an upload and is then dead for a
//! while, or for good.

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

/// Stands between the workstation and a service.
pub struct Relay {
    /// Where the workstation finds the service.
    pub url: Url,
    wire: Arc<Wire>,
    server: JoinHandle<()>,
}

struct Wire {
    service: Url,
    http: reqwest::Client,
    uploads: AtomicUsize,
    /// The upload whose answer is lost.
    breaks_at: AtomicUsize,
    /// Requests that get nowhere before the network is back.
    dead_for: AtomicUsize,
}

impl Relay {
    /// A network that works.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn to(app: &TestApp) -> Self {
        let wire = Arc::new(Wire {
            service: app.url.clone(),
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            uploads: AtomicUsize::new(0),
            breaks_at: AtomicUsize::new(usize::MAX),
            dead_for: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let router = Router::new().fallback(pass).with_state(Arc::clone(&wire));
        let server =
            tokio::spawn(async move { axum::serve(listener, router).await.expect("serving does not end") });
        Self { url: Url::parse(&format!("http://{address}")).expect("an address makes a URL"), wire, server }
    }

    /// How many uploads of pages reached the service.
    #[must_use]
    pub fn uploads(&self) -> usize {
        self.wire.uploads.load(Ordering::SeqCst)
    }

    /// Loses the answer of the upload of this number, and then lets nothing through for so many requests.
    pub fn break_at(&self, upload: usize, dead_for: usize) {
        self.wire.dead_for.store(dead_for, Ordering::SeqCst);
        self.wire.breaks_at.store(upload, Ordering::SeqCst);
    }

    /// Works again.
    pub fn repair(&self) {
        self.wire.breaks_at.store(usize::MAX, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass(State(wire): State<Arc<Wire>>, request: Request) -> Result<Response, Infallible> {
    let breaks_at = wire.breaks_at.load(Ordering::SeqCst);
    if wire.uploads.load(Ordering::SeqCst) >= breaks_at {
        let counted =
            wire.dead_for.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if counted.is_ok() {
            return Ok(answer(StatusCode::BAD_GATEWAY, Body::empty()));
        }
        wire.breaks_at.store(usize::MAX, Ordering::SeqCst);
    }
    let is_upload = request.method() == Method::PUT && request.uri().path().ends_with("/pages");
    let mut url = wire.service.clone();
    url.set_path(request.uri().path());
    url.set_query(request.uri().query());
    let (parts, body) = request.into_parts();
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let sent = wire
        .http
        .request(parts.method, url)
        .headers(headers)
        .body(reqwest::Body::wrap_stream(body.into_data_stream()))
        .send()
        .await;
    let Ok(response) = sent else { return Ok(answer(StatusCode::BAD_GATEWAY, Body::empty())) };
    if is_upload && wire.uploads.fetch_add(1, Ordering::SeqCst) + 1 == breaks_at {
        // The service took it, and the workstation does not learn of it.
        let broken =
            stream::once(async { Err::<bytes::Bytes, _>(std::io::Error::other("the connection broke")) });
        return Ok(answer(StatusCode::OK, Body::from_stream(broken)));
    }
    let status = response.status();
    let headers = response.headers().clone();
    let mut passed = answer(status, Body::from_stream(response.bytes_stream()));
    *passed.headers_mut() = headers;
    passed.headers_mut().remove(header::TRANSFER_ENCODING);
    Ok(passed)
}

fn answer(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
