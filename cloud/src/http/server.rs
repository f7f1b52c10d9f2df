//! Taking connections until the process is to stop, and then finishing what was begun.

use std::{io, time::Duration};

use tokio::net::TcpListener;
use tracing::warn;

use super::router;
use crate::state::App;

/// How long requests in flight may take once the process is to stop. Event streams end by themselves.
const DRAIN: Duration = Duration::from_secs(15);

/// Serves on `listener` until the app is stopping, then takes no more connections and answers what is in flight.
///
/// # Errors
/// If the listener fails for good.
pub async fn serve(listener: TcpListener, app: App) -> io::Result<()> {
    let stopping = app.stopping.clone();
    let served =
        axum::serve(listener, router(app)).with_graceful_shutdown(stopping.clone().cancelled_owned());
    let overdue = async {
        stopping.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = served.into_future() => served,
        () = overdue => {
            warn!(drain_s = DRAIN.as_secs(), "requests were still running when the process had to stop");
            Ok(())
        }
    }
}
