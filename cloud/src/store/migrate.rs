//! Brings a database to the schema this program needs. Run by `maneiro-cloud migrate` and by the embedded mode.

use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Connection, Executor, PgConnection, PgPool,
    migrate::{MigrateError, Migrator},
    postgres::PgConnectOptions,
};

/// Why a database could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// It did not answer, or the login may not make roles or the schema.
    #[error("the database does not answer, or the login may not make its roles and schema")]
    Unprepared(#[from] sqlx::Error),
    /// A migration failed, or one that was applied is not the one that ships.
    #[error("a migration could not be applied")]
    Refused(#[from] MigrateError),
}

/// Makes the roles if they are missing, then applies what has not been applied, as `maneiro_owner`.
///
/// `url` must log in as a member of `maneiro_owner`, or as one that may create it.
///
/// # Errors
/// [`SchemaError`] says what failed; each migration is applied whole or not at all.
pub async fn migrate(url: &SecretString) -> Result<(), SchemaError> {
    let options = PgConnectOptions::from_str(url.expose_secret())?;
    let mut connection = PgConnection::connect_with(&options).await?;
    connection.execute(include_str!("../../../migrations/roles.sql")).await?;
    connection.execute("set role maneiro_owner").await?;
    migrator().run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// How many migrations of this program the database lacks. One that is ahead of the program is fine: migrations expand
/// before they contract.
pub(super) async fn missing(pool: &PgPool) -> Result<usize, sqlx::Error> {
    let there =
        sqlx::query_scalar!(r#"select to_regclass('maneiro._sqlx_migrations') is not null as "there!""#)
            .fetch_one(pool)
            .await?;
    let migrator = migrator();
    let shipped = migrator.iter().map(|migration| migration.version);
    if !there {
        return Ok(shipped.count());
    }
    let applied: Vec<i64> = sqlx::query_scalar!("select version from maneiro._sqlx_migrations where success")
        .fetch_all(pool)
        .await?;
    Ok(shipped.filter(|version| !applied.contains(version)).count())
}

fn migrator() -> Migrator {
    let mut migrator = sqlx::migrate!("../migrations");
    migrator.dangerous_set_table_name("maneiro._sqlx_migrations");
    migrator
}
