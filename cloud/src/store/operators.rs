//! Platform operators. Granted with the login of migrations, which serve and worker do not have.

use std::str::FromStr as _;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

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
    let options = PgConnectOptions::from_str(login.expose_secret())?;
    let mut connection = PgConnection::connect_with(&options).await?;
    let mut tx = connection.begin_with("begin; set local role maneiro_owner").await?;
    let user = sqlx::query_scalar!(
        "update maneiro.users set is_operator = true where lower(email) = lower($1) returning id",
        email
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(user) = user else { return Ok(false) };
    audit::insert(&mut tx, &AuditEvent { subject: Some(user), ..event }, AuditActor::SERVER).await?;
    tx.commit().await?;
    connection.close().await?;
    Ok(true)
}
