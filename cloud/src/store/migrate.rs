//! Migrates a database to the schema of this program, for `maneiro-cloud migrate` and the embedded mode.

use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Connection, Executor, PgConnection, PgPool,
    migrate::{MigrateError, Migrator},
    postgres::PgConnectOptions,
};

/// Why a database could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error("the database does not answer, or the login may not create its roles and schema")]
    Connection(#[from] sqlx::Error),
    /// A migration failed, or an applied one differs from the one in this program.
    #[error("a migration could not be applied")]
    Failed(#[from] MigrateError),
}

/// Creates the roles if they are missing, then applies the pending migrations as `maneiro_owner`.
///
/// `url` must log in as a member of `maneiro_owner`, or as the owner of the database who may create roles.
///
/// # Errors
/// [`MigrationError`]; each migration is applied completely or not at all.
pub async fn migrate(url: &SecretString) -> Result<(), MigrationError> {
    let options = PgConnectOptions::from_str(url.expose_secret())?;
    let mut connection = PgConnection::connect_with(&options).await?;
    create_roles(&mut connection).await?;
    connection.execute("set role maneiro_owner").await?;
    migrator().run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// More than migrations that run at the same moment in one cluster.
const MAX_ROLE_ATTEMPTS: u32 = 50;

/// Creates what is missing of the roles and the schema. Another database of the cluster may be migrated at the same moment;
/// who is second finds what the first has made.
async fn create_roles(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    for _ in 1..MAX_ROLE_ATTEMPTS {
        match connection.execute(include_str!("../../../migrations/roles.sql")).await {
            Err(error) if is_concurrent_change(&error) => {}
            done => return done.map(drop),
        }
    }
    connection.execute(include_str!("../../../migrations/roles.sql")).await.map(drop)
}

/// Whether another transaction changed the same roles: it created one (23505, 42710), or changed one (XX000, by its message,
/// because that code stands for all internal errors).
fn is_concurrent_change(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    match error.code().as_deref() {
        Some("23505" | "42710") => true,
        Some("XX000") => error.message().contains("concurrently updated"),
        _ => false,
    }
}

/// How many migrations of this program were not applied. A database that is ahead of the program has none pending:
/// migrations expand before they contract.
pub(super) async fn pending(pool: &PgPool) -> Result<usize, sqlx::Error> {
    let has_table =
        sqlx::query_scalar!(r#"select to_regclass('maneiro._sqlx_migrations') is not null as "has_table!""#)
            .fetch_one(pool)
            .await?;
    let migrator = migrator();
    let versions = migrator.iter().map(|migration| migration.version);
    if !has_table {
        return Ok(versions.count());
    }
    let applied: Vec<i64> = sqlx::query_scalar!("select version from maneiro._sqlx_migrations where success")
        .fetch_all(pool)
        .await?;
    Ok(versions.filter(|version| !applied.contains(version)).count())
}

fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("../migrations");
    migrator.dangerous_set_table_name("maneiro._sqlx_migrations");
    migrator
}
