//! Accepts connections, bounded in number and time, until the process is to stop, and then finishes the requests in flight.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tracing::{debug, warn};

/// How long requests in flight may take once the listener is closed. Event streams end by themselves.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(15);

/// How long accepting pauses when the process has no file descriptor left.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_secs(1);

/// What a client may take of the service before it has sent a request, or without taking the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// Connections that are open at the same time. Others wait in the listener's backlog.
    pub max_connections: usize,
    /// From a connection to the end of the first request's headers.
    pub header_timeout: Duration,
    /// From a response to the end of the next request's headers. Load balancers keep idle connections for a minute, and a
    /// connection that they take for open must not be closed on this side.
    pub idle_timeout: Duration,
    /// For a body of ordinary size.
    pub body_timeout: Duration,
    /// For an upload of pages.
    pub upload_timeout: Duration,
    /// How long a client may take nothing of a response.
    pub write_timeout: Duration,
    /// How long the listener stays open once the process is to stop, so that load balancers see that it is not ready.
    pub stop_delay: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            max_connections: 4096,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(10),
            upload_timeout: Duration::from_secs(90),
            write_timeout: Duration::from_secs(30),
            stop_delay: Duration::ZERO,
        }
    }
}

/// The other end of the connection of a request, which may be a proxy.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeerAddress(pub(super) IpAddr);

/// Serves on `listener` until `stopping`, then accepts no more connections and finishes the requests in flight.
///
/// # Errors
/// If the listener has no socket any more.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    stopping: CancellationToken,
    limits: ServerLimits,
) -> io::Result<()> {
    let permits = Arc::new(Semaphore::new(limits.max_connections));
    let graceful = GracefulShutdown::new();
    let closing = async {
        stopping.cancelled().await;
        sleep(limits.stop_delay).await;
    };
    let mut closing = std::pin::pin!(closing);
    loop {
        let accept = async {
            let permit = permits.clone().acquire_owned().await.map_err(io::Error::other)?;
            Ok::<_, io::Error>((permit, accept(&listener).await))
        };
        let (permit, (stream, peer)) = tokio::select! {
            biased;
            () = &mut closing => break,
            accepted = accept => accepted?,
        };
        let connection = Connection { stream, peer, permit, limits };
        tokio::spawn(connection.serve(router.clone(), graceful.watcher()));
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = sleep(DRAIN_TIMEOUT) => {
            warn!(timeout_s = DRAIN_TIMEOUT.as_secs(), "the process stopped before all requests were finished");
        }
    }
    Ok(())
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client has gone before it was accepted.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::ConnectionRefused
                ) => {}
            Err(error) => {
                warn!(%error, "connections cannot be accepted");
                sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    permit: OwnedSemaphorePermit,
    limits: ServerLimits,
}

impl Connection {
    async fn serve(self, router: Router, watcher: Watcher) {
        let Self { stream, peer, permit, limits } = self;
        // Responses are written whole; waiting for more to send would only delay them.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write_timeout));
        let has_request = Arc::new(AtomicBool::new(false));
        let service = service_fn({
            let has_request = Arc::clone(&has_request);
            move |request: http::Request<Incoming>| {
                has_request.store(true, Ordering::Relaxed);
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(PeerAddress(peer.ip()));
                request.extensions_mut().insert(limits);
                router.clone().oneshot(request)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.idle_timeout)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let first_request_overdue = async {
            sleep(limits.header_timeout).await;
            if has_request.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            served = watcher.watch(connection) => {
                if let Err(error) = served {
                    debug!(%error, "a connection ended early");
                }
            }
            () = first_request_overdue => debug!("a connection sent no request in time"),
        }
        drop(permit);
    }
}
