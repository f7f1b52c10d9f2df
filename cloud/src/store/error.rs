//! Translates database errors in one place; constraints are translated by name.

use sqlx::postgres::PgQueryResult;

use crate::domain::error::{Error, Resource};

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match database.constraint().and_then(constraint_error) {
                Some(known) => known,
                None if is_transient(database.code().as_deref()) => Self::unavailable(error),
                None => Self::internal(error),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed => Self::unavailable(error),
            // The other variants of this foreign, growing enum mean that the driver is used wrongly.
            _ => Self::internal(error),
        }
    }
}

/// What the violation of a constraint means to the caller.
fn constraint_error(constraint: &str) -> Option<Error> {
    Some(match constraint {
        // Two registrations of one address, of which this one was second: its code is used up.
        "users_email_key" => Error::CodeExpired,
        "documents_record_fkey" | "jobs_record_fkey" => Error::NotFound(Resource::Record),
        "pages_document_fkey" => Error::NotFound(Resource::Document),
        _ => return None,
    })
}

/// The SQLSTATE classes of conditions that end by themselves: connection (08), resources (53), shutdown and cancelled
/// statements (57), deadlock and serialization (40), lock timeout (55P03).
fn is_transient(code: Option<&str>) -> bool {
    code.is_some_and(|code| {
        ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class)) || code == "55P03"
    })
}

/// Checks that a statement changed as many rows as it must.
///
/// # Errors
/// `Internal` if it did not; the transaction is then dropped and rolls back.
pub(super) fn expect_rows(expected: u64, done: &PgQueryResult) -> Result<(), Error> {
    let changed = done.rows_affected();
    if changed == expected {
        Ok(())
    } else {
        Err(Error::internal(anyhow::anyhow!("a statement changed {changed} rows instead of {expected}")))
    }
}
