//! Database errors become ours in one place; constraints are translated by name.

use maneiro_api::ErrorCode;
use sqlx::postgres::PgQueryResult;

use crate::domain::error::{Error, Noun};

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refused) => match refused.constraint().and_then(translate) {
                Some(known) => known,
                None if is_passing(refused.code().as_deref()) => Self::unavailable(error),
                None => Self::bug(error),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed => Self::unavailable(error),
            // The other variants, of a foreign enum that grows, are wrong use of the driver.
            _ => Self::bug(error),
        }
    }
}

/// What breaking a constraint means to whoever asked.
fn translate(constraint: &str) -> Option<Error> {
    Some(match constraint {
        "users_email_key" => Error::Conflict(ErrorCode::EmailTaken),
        "documents_record_fkey" | "jobs_record_fkey" => Error::NotFound(Noun::Record),
        "pages_document_fkey" => Error::NotFound(Noun::Document),
        _ => return None,
    })
}

/// SQLSTATE classes of what passes by itself: connections (08), resources (53), shutdown and cancelled statements (57),
/// deadlocks and serialization (40), locks not had in time (55P03).
fn is_passing(code: Option<&str>) -> bool {
    code.is_some_and(|code| {
        ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class)) || code == "55P03"
    })
}

/// Makes sure that a statement hit as many rows as it must.
///
/// # Errors
/// `Bug` if it did not; the transaction is then dropped and nothing of it stays.
pub(super) fn expect_rows(expected: u64, done: &PgQueryResult) -> Result<(), Error> {
    let hit = done.rows_affected();
    if hit == expected {
        Ok(())
    } else {
        Err(Error::bug(anyhow::anyhow!("a statement hit {hit} rows where it must hit {expected}")))
    }
}
