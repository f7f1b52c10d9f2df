//! Why a private PostgreSQL cluster does not start or answer.

use std::{io, path::PathBuf};

/// Why there is no cluster, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error("PostgreSQL is not installed: neither PATH nor the usual folders have initdb and pg_ctl")]
    NotInstalled,
    #[error("PostgreSQL does not run as root, and there is no user postgres to run it as")]
    NoServiceUser,
    #[error(
        "the user postgres, as which PostgreSQL runs when started by root, cannot reach {}: choose a folder outside private ones",
        .0.display()
    )]
    Unreachable(PathBuf),
    #[error("initdb failed: {0}")]
    Init(String),
    #[error("PostgreSQL did not start: {0}")]
    Start(String),
    /// The server of an earlier run did not stop.
    #[error("the PostgreSQL server of an earlier run does not stop: {0}")]
    StopLeftover(String),
    #[error("the private PostgreSQL server refused a statement")]
    Sql(#[from] sqlx::Error),
    #[error("{operation} failed")]
    Io { operation: String, source: io::Error },
}

pub(super) fn io_error(operation: impl Into<String>) -> impl FnOnce(io::Error) -> ClusterError {
    let operation = operation.into();
    |source| ClusterError::Io { operation, source }
}
