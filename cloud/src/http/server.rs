//! Accepts connections until the process is to stop, and then finishes the requests in flight.

use std::{io, net::SocketAddr, time::Duration};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// How long requests in flight may take once the process is to stop. Event streams end by themselves.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(15);

/// Serves on `listener` until `stopping`, then accepts no more connections and finishes the requests in flight.
///
/// # Errors
/// If the listener fails for good.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    stopping: CancellationToken,
) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stopping.clone().cancelled_owned());
    let timed_out = async {
        stopping.cancelled().await;
        tokio::time::sleep(DRAIN_TIMEOUT).await;
    };
    tokio::select! {
        served = served.into_future() => served,
        () = timed_out => {
            warn!(timeout_s = DRAIN_TIMEOUT.as_secs(), "the process stopped before all requests were finished");
            Ok(())
        }
    }
}
