//! What is done with the login of migrations, which serve and worker do not have: operators, verifying the audit log.

use std::str::FromStr as _;

use futures::{TryStreamExt as _, pin_mut};
use maneiro_api::AuditEventId;
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

/// Makes the user of this e-mail address an operator, and records it. Returns whether there is such a user.
///
/// # Errors
/// `Unavailable` if the database is; `Internal` if the login is not a member of `maneiro_owner`.
pub async fn grant_operator(login: &SecretString, email: &str, event: AuditEvent) -> Result<bool, Error> {
    let mut tx = begin_as_owner(login).await?;
    let user = sqlx::query_scalar!(
        "update maneiro.users set is_operator = true where lower(email) = lower($1) returning id",
        email
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(user) = user else { return Ok(false) };
    audit::insert(tx.conn(), &AuditEvent { subject: Some(user), ..event }, AuditActor::SERVER).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes the right of an operator away, ends what they opened with it, and records it. Returns whether the user of this
/// e-mail address was one.
///
/// # Errors
/// As [`grant_operator`].
pub async fn revoke_operator(login: &SecretString, email: &str, event: AuditEvent) -> Result<bool, Error> {
    let mut tx = begin_as_owner(login).await?;
    let user = sqlx::query_scalar!(
        "update maneiro.users set is_operator = false where lower(email) = lower($1) and is_operator returning id",
        email
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(user) = user else { return Ok(false) };
    sqlx::query!(
        "update maneiro.sessions set ended_at = $2
         where ended_at is null and (operator_id = $1 or user_id = $1 and org_id is null)",
        user,
        event.occurred_at,
    )
    .execute(tx.conn())
    .await?;
    audit::insert(tx.conn(), &AuditEvent { subject: Some(user), ..event }, AuditActor::SERVER).await?;
    tx.commit().await?;
    Ok(true)
}

/// The e-mail addresses of all operators.
///
/// # Errors
/// As [`grant_operator`].
pub async fn operators(login: &SecretString) -> Result<Vec<String>, Error> {
    let mut tx = begin_as_owner(login).await?;
    let found =
        sqlx::query_scalar!("select email from maneiro.users where is_operator order by lower(email)")
            .fetch_all(tx.conn())
            .await?;
    tx.commit().await?;
    Ok(found)
}

/// Passes every event of the audit log to `on_event`, and whether it is as it was recorded.
///
/// # Errors
/// As [`grant_operator`].
pub async fn verify_audit(
    login: &SecretString,
    mut on_event: impl FnMut(AuditEventId, bool),
) -> Result<(), Error> {
    let mut tx = begin_as_owner(login).await?;
    {
        let events = audit::verify(tx.conn());
        pin_mut!(events);
        while let Some((event, is_intact)) = events.try_next().await? {
            on_event(event, is_intact);
        }
    }
    tx.commit().await
}
