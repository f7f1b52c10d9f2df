//! The signal to shut down: Ctrl-C, or the end of the session or the system.

/// Completes when this process is to shut down.
pub(crate) async fn shutdown_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(|kind| {
            Box::pin(async move {
                match signal(kind) {
                    Ok(mut signal) => signal.recv().await,
                    // Without a handler, the signal ends the process by itself.
                    Err(_) => std::future::pending().await,
                }
            })
        });
        futures::future::select_all(signals).await;
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
