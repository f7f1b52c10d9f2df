//! A transaction on a connection of the pool, with a time limit of this process on each step: a server that has vanished
//! behind a broken network answers no more, and the limits of the server itself are then worth nothing.

use std::{io, sync::Arc, time::Duration};

use futures::{StreamExt as _, future::BoxFuture, stream, stream::BoxStream};
use sqlx::{
    AssertSqlSafe, Describe, Either, Execute, Executor, PgConnection, PgPool, Postgres, SqlStr,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use tokio::time::{Instant, timeout, timeout_at};

use crate::domain::error::Error;

/// How long the database may take before this process gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseTimeouts {
    /// For a connection.
    pub acquire: Duration,
    /// For a statement: longer than the server's own limit, whose error says more.
    pub statement: Duration,
    /// For an answer to whether a connection still stands.
    pub probe: Duration,
    /// How long a connection may be silent before it is probed.
    pub probe_interval: Duration,
}

impl Default for DatabaseTimeouts {
    fn default() -> Self {
        Self {
            acquire: Duration::from_secs(5),
            statement: Duration::from_secs(35),
            probe: Duration::from_secs(2),
            probe_interval: Duration::from_secs(5),
        }
    }
}

/// Is told of every transaction. Tests see by it what happens while one is open.
pub trait TransactionObserver: std::fmt::Debug + Send + Sync {
    /// This task of the runtime begins a transaction.
    fn began(&self, task: Option<tokio::task::Id>);

    /// A transaction that this task began has ended.
    fn ended(&self, task: Option<tokio::task::Id>);
}

pub(super) async fn connect(
    options: PgConnectOptions,
    max_connections: u32,
    timeouts: DatabaseTimeouts,
) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(timeouts.acquire)
        // Instead of asking each connection each time.
        .test_before_acquire(false)
        .before_acquire(move |connection, state| {
            Box::pin(async move {
                if state.idle_for < timeouts.probe_interval {
                    return Ok(true);
                }
                limited(timeouts.probe, sqlx::Connection::ping(connection)).await.map(|()| true)
            })
        })
        .connect_with(options)
        .await
}

/// The result of a step, if it comes in time.
pub(super) async fn limited<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(limit, step).await.unwrap_or_else(|_| Err(timed_out()))
}

fn timed_out() -> sqlx::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the database did not answer in time").into()
}

/// An open transaction. Dropping it rolls back.
#[derive(Debug)]
pub(super) struct OpenTransaction {
    /// None once it was given back.
    connection: Option<PoolConnection<Postgres>>,
    is_committed: bool,
    timeouts: DatabaseTimeouts,
    observed: Option<(Arc<dyn TransactionObserver>, Option<tokio::task::Id>)>,
}

impl OpenTransaction {
    /// `begin` is one round trip that begins the transaction and sets what it may see.
    ///
    /// It runs in a task of its own because a `begin` that is abandoned half-way cannot be undone: the connection would
    /// return to the pool inside a transaction that sees another clinic. A task is not abandoned.
    pub(super) async fn begin(
        pool: PgPool,
        begin: String,
        timeouts: DatabaseTimeouts,
        observer: Option<Arc<dyn TransactionObserver>>,
    ) -> Result<Self, Error> {
        let begun = tokio::spawn(async move {
            let connection = pool.acquire().await?;
            let mut open =
                Self { connection: Some(connection), is_committed: false, timeouts, observed: None };
            sqlx::raw_sql(AssertSqlSafe(begin)).execute(open.statements()).await?;
            Ok::<_, sqlx::Error>(open)
        });
        let mut open = begun.await.map_err(Error::internal)??;
        if let Some(observer) = observer {
            let task = tokio::task::try_id();
            observer.began(task);
            open.observed = Some((observer, task));
        }
        Ok(open)
    }

    pub(super) fn statements(&mut self) -> StatementExecutor<'_> {
        let connection =
            self.connection.as_mut().expect("a transaction has its connection until it is dropped");
        StatementExecutor { connection, limit: self.timeouts.statement }
    }

    pub(super) async fn commit(mut self) -> Result<(), Error> {
        sqlx::raw_sql("commit").execute(self.statements()).await?;
        self.is_committed = true;
        Ok(())
    }
}

impl Drop for OpenTransaction {
    fn drop(&mut self) {
        if let Some((observer, task)) = self.observed.take() {
            observer.ended(task);
        }
        let Some(connection) = self.connection.take() else { return };
        if tokio::runtime::Handle::try_current().is_err() {
            // The process ends, and with it the connection.
            drop(connection.detach());
            return;
        }
        tokio::spawn(return_connection(connection, self.is_committed, self.timeouts.probe));
    }
}

/// Returns a connection to the pool after its transaction. One that does not answer in time is closed, so that it keeps no
/// place in the pool.
async fn return_connection(mut connection: PoolConnection<Postgres>, is_committed: bool, limit: Duration) {
    if !is_committed {
        let rolled_back = limited(limit, sqlx::raw_sql("rollback").execute(&mut *connection)).await;
        if rolled_back.is_err() {
            drop(connection.detach());
            return;
        }
    }
    // The pool asks whether it still answers. A future that is given up closes the connection.
    let _ = timeout(limit, connection.return_to_pool()).await;
}

/// Executes the statements of a transaction, each with a time limit.
#[derive(Debug)]
pub(crate) struct StatementExecutor<'c> {
    connection: &'c mut PgConnection,
    limit: Duration,
}

impl<'c> Executor<'c> for StatementExecutor<'c> {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let deadline = Instant::now() + self.limit;
        let rows = self.connection.fetch_many(query);
        stream::unfold(Some(rows), move |rows| async move {
            let mut rows = rows?;
            match timeout_at(deadline, rows.next()).await {
                Ok(row) => Some((row?, Some(rows))),
                Err(_) => Some((Err(timed_out()), None)),
            }
        })
        .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(limited(self.limit, self.connection.fetch_optional(query)))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        Box::pin(limited(self.limit, self.connection.prepare_with(sql, parameters)))
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        Box::pin(limited(self.limit, self.connection.describe(sql)))
    }
}
