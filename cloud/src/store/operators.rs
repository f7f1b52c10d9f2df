//! Platform operators. Granted with the login of migrations, which serve and worker do not have.

use std::str::FromStr as _;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    PgConnection, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::audit;
use crate::domain::{
    audit::{AuditActor, AuditEvent},
    error::Error,
};

/// Makes the user of this e-mail address an operator, and records it. Returns whether there is such a user.
///
/// # Errors
/// `Unavailable` if the database is; `Internal` if the login is not a member of `maneiro_owner`.
pub async fn grant(login: &SecretString, email: &str, event: AuditEvent) -> Result<bool, Error> {
    let mut owner = begin_as_owner(login).await?;
    let user = sqlx::query_scalar!(
        "update maneiro.users set is_operator = true where lower(email) = lower($1) returning id",
        email
    )
    .fetch_optional(owner.conn())
    .await?;
    let Some(user) = user else { return Ok(false) };
    audit::insert(owner.conn(), &AuditEvent { subject: Some(user), ..event }, AuditActor::SERVER).await?;
    owner.commit().await?;
    Ok(true)
}

/// A transaction as `maneiro_owner`. Dropping it rolls back.
#[must_use = "a transaction that is dropped rolls back"]
pub(super) struct OwnerTx(Transaction<'static, Postgres>);

impl OwnerTx {
    pub(super) fn conn(&mut self) -> &mut PgConnection {
        &mut self.0
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        Ok(self.0.commit().await?)
    }
}

/// Logs in as migrations do.
///
/// # Errors
/// `Unavailable` if the database is; `Internal` if the login is not a member of `maneiro_owner`.
pub(super) async fn begin_as_owner(login: &SecretString) -> Result<OwnerTx, Error> {
    let options = PgConnectOptions::from_str(login.expose_secret())?;
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await?;
    Ok(OwnerTx(pool.begin_with("begin; set local role maneiro_owner").await?))
}
