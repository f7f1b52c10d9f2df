//! Sessions. Of a token only its SHA-256 is stored.

use maneiro_api::{OrgId, SessionId, UserId};
use time::OffsetDateTime;

use super::{OrgTx, SystemTx, enum_text::from_text};
use crate::domain::{actor::ValidSession, error::Error};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

#[derive(Debug)]
pub struct NewSession {
    pub id: SessionId,
    /// The clinic it acts in.
    pub org: OrgId,
    pub user: UserId,
    pub token_hash: TokenHash,
    pub created_at: OffsetDateTime,
    /// When it ends at the latest.
    pub expires_at: OffsetDateTime,
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn insert(tx: &mut SystemTx, new: &NewSession) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.sessions (id, org_id, user_id, token_hash, created_at, last_seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $5, $6)",
        new.id.uuid(),
        new.org.uuid(),
        new.user.uuid(),
        &new.token_hash,
        new.created_at,
        new.expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The session of a token that is valid at `now`. Stores when it was last used, to the minute.
///
/// # Errors
/// `Unauthenticated` if there is none, or it expired or was revoked.
pub async fn authenticate(
    tx: &mut SystemTx,
    token_hash: &TokenHash,
    now: OffsetDateTime,
) -> Result<ValidSession, Error> {
    let row = sqlx::query!(
        "with seen as (
             update maneiro.sessions set last_seen_at = $2
             where token_hash = $1 and revoked_at is null and expires_at > $2
               and last_seen_at < $2::timestamptz - interval '1 minute'
         )
         select s.id, s.org_id, s.user_id, m.role
         from maneiro.sessions s
         join maneiro.memberships m on m.org_id = s.org_id and m.user_id = s.user_id
         where s.token_hash = $1 and s.revoked_at is null and s.expires_at > $2",
        token_hash,
        now,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::Unauthenticated)?;
    Ok(ValidSession {
        session: SessionId::from_uuid(row.id),
        org: OrgId::from_uuid(row.org_id),
        user: UserId::from_uuid(row.user_id),
        role: from_text(&row.role)?,
    })
}

/// Whether a session is valid at `now`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn is_valid(tx: &mut OrgTx, session: SessionId, now: OffsetDateTime) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from maneiro.sessions
                          where id = $1 and revoked_at is null and expires_at > $2) as "valid!""#,
        session.uuid(),
        now,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Ends a session. Returns whether it had not been revoked before.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn revoke(tx: &mut OrgTx, session: SessionId, revoked_at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.sessions set revoked_at = $2 where id = $1 and revoked_at is null",
        session.uuid(),
        revoked_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
