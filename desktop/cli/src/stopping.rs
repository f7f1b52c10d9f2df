//! Being told to stop: Ctrl-C, or the end of the session or the system.

/// Ends when this process is told to stop.
pub(crate) async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let waits = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(|kind| {
            Box::pin(async move {
                match signal(kind) {
                    Ok(mut signal) => signal.recv().await,
                    // Without a handler the signal ends the process by itself.
                    Err(_) => std::future::pending().await,
                }
            })
        });
        futures::future::select_all(waits).await;
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
