//! The versions of clinics' keys, each wrapped under a master key that is not in the database.

use maneiro_api::OrgId;
use secrecy::SecretString;
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{OrgTx, audit, error::expect_rows, owner::begin_as_owner};
use crate::domain::{
    audit::{AuditActor, AuditEvent},
    clinic_key::{KeyVersion, WrappedKeyVersion},
    error::Error,
};

/// Stores a version of a clinic's key.
pub(super) async fn insert(
    conn: impl PgExecutor<'_>,
    org: Uuid,
    key: &WrappedKeyVersion,
    created_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.clinic_keys (org_id, version, wrapped, created_at, seals_from)
         values ($1, $2, $3, $4, $5)",
        org,
        i32::try_from(key.version).map_err(Error::internal)?,
        key.wrapped,
        created_at,
        key.seals_from,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// All versions of the clinic's key.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(tx: &mut OrgTx) -> Result<Vec<WrappedKeyVersion>, Error> {
    let rows = sqlx::query!(
        "select version, wrapped, seals_from from maneiro.clinic_keys where org_id = $1 order by version",
        tx.org()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let version = KeyVersion::try_from(row.version).map_err(Error::internal)?;
            Ok(WrappedKeyVersion { version, wrapped: row.wrapped, seals_from: row.seals_from })
        })
        .collect()
}

/// The newest version of a clinic's key; `None` if there is no such clinic. `login` is the one of migrations, as below.
///
/// # Errors
/// `Unavailable` if the database is; `Internal` if the login is not a member of `maneiro_owner`.
pub async fn newest_version(login: &SecretString, org: OrgId) -> Result<Option<KeyVersion>, Error> {
    let mut owner = begin_as_owner(login).await?;
    let newest =
        sqlx::query_scalar!("select max(version) from maneiro.clinic_keys where org_id = $1", org.uuid())
            .fetch_one(owner.conn())
            .await?;
    owner.commit().await?;
    newest.map(KeyVersion::try_from).transpose().map_err(Error::internal)
}

/// Stores the next version of a clinic's key and retires the one before it, and records it.
///
/// # Errors
/// As [`newest_version`]; `Internal` also if another rotation was first.
pub async fn rotate(
    login: &SecretString,
    org: OrgId,
    key: &WrappedKeyVersion,
    event: &AuditEvent,
) -> Result<(), Error> {
    let mut owner = begin_as_owner(login).await?;
    insert(owner.conn(), org.uuid(), key, event.occurred_at).await?;
    let done = sqlx::query!(
        "update maneiro.clinic_keys set retired_at = $3 where org_id = $1 and version = $2 and retired_at is null",
        org.uuid(),
        i32::try_from(key.version - 1).map_err(Error::internal)?,
        key.seals_from,
    )
    .execute(owner.conn())
    .await?;
    expect_rows(1, &done)?;
    let actor = AuditActor { org: Some(org), ..AuditActor::SERVER };
    audit::insert(owner.conn(), event, actor).await?;
    owner.commit().await
}

/// All versions of the keys of all clinics.
///
/// # Errors
/// As [`newest_version`].
pub async fn list_all(login: &SecretString) -> Result<Vec<(OrgId, KeyVersion, Vec<u8>)>, Error> {
    let mut owner = begin_as_owner(login).await?;
    let rows =
        sqlx::query!("select org_id, version, wrapped from maneiro.clinic_keys order by org_id, version")
            .fetch_all(owner.conn())
            .await?;
    owner.commit().await?;
    rows.into_iter()
        .map(|row| {
            let version = KeyVersion::try_from(row.version).map_err(Error::internal)?;
            Ok((OrgId::from_uuid(row.org_id), version, row.wrapped))
        })
        .collect()
}

/// Stores a key that was wrapped again.
///
/// # Errors
/// As [`newest_version`]; `Internal` also if there is no such version.
pub async fn replace_wrapped(
    login: &SecretString,
    org: OrgId,
    version: KeyVersion,
    wrapped: &[u8],
) -> Result<(), Error> {
    let mut owner = begin_as_owner(login).await?;
    let done = sqlx::query!(
        "update maneiro.clinic_keys set wrapped = $3 where org_id = $1 and version = $2",
        org.uuid(),
        i32::try_from(version).map_err(Error::internal)?,
        wrapped,
    )
    .execute(owner.conn())
    .await?;
    expect_rows(1, &done)?;
    owner.commit().await
}
