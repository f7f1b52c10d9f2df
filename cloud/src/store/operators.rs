//! Who runs the platform. Granted with the login that migrations run with, which serve and worker do not have.

use std::str::FromStr as _;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use super::audit::{self, By};
use crate::domain::{audit::Event, error::Error};

/// Lets the person of this address run the platform, and notes it. Answers whether there is such a person.
///
/// # Errors
/// `Unavailable` if the database is; `Bug` if the login is no member of `maneiro_owner`.
pub async fn grant(login: &SecretString, email: &str, event: Event) -> Result<bool, Error> {
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
    let by = By { org: None, kind: "operator", id: None, request: None };
    audit::insert(&mut tx, &Event { subject: Some(user), ..event }, by).await?;
    tx.commit().await?;
    connection.close().await?;
    Ok(true)
}
