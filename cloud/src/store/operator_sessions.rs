//! Sessions of operators of the platform, and the support sessions in which they act as members.

use maneiro_api::{OrgId, SessionId, UserId, operator::SupportSession};
use time::{Duration, OffsetDateTime};

use super::{
    OperatorTx, OrgTx, SystemTx,
    enum_text::{from_text, to_text},
    sessions::{NewSession, TokenHash},
};
use crate::domain::{
    actor::{OperatorActor, RequestOrigin},
    error::{Error, Resource},
};

/// Begins a session of an operator whose password has this hash, or who has another session. Account and password are locked, as by
/// [`super::sessions::insert`].
///
/// # Errors
/// `InvalidCredentials` if the password has changed, the account is disabled, or the user is no operator.
pub async fn insert(
    tx: &mut SystemTx,
    new: &NewSession<'_>,
    expires_at: OffsetDateTime,
    password_hash: Option<&str>,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "with account as (
             select u.id from maneiro.users u
             join maneiro.credentials c on c.user_id = u.id and c.kind = 'password'
             where u.id = $2 and ($9::text is null or c.hash = $9) and u.is_operator and u.disabled_at is null
             for share of u, c
         )
         insert into maneiro.sessions (id, user_id, token_hash, level, client_address, device, created_at, last_used_at,
                                       expires_at)
         select $1, $2, $3, $4, $5, $6, $7, $7, $8 from account",
        new.id.uuid(),
        new.user.uuid(),
        &new.token_hash,
        to_text(&new.level),
        new.client_address.map(|address| address.to_string()),
        new.device,
        new.created_at,
        expires_at,
        password_hash,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::InvalidCredentials) }
}

/// The operator of a token whose session is valid at `now` and was used within `idle`. Stores when it was last used.
///
/// # Errors
/// `Unauthenticated` if there is none.
pub async fn find_by_token(
    tx: &mut SystemTx,
    token_hash: &TokenHash,
    now: OffsetDateTime,
    idle: Duration,
    origin: RequestOrigin,
) -> Result<OperatorActor, Error> {
    let row = sqlx::query!(
        "update maneiro.sessions s set last_used_at = $2 from maneiro.users u
         where s.token_hash = $1 and s.org_id is null and s.ended_at is null and s.expires_at > $2
           and s.last_used_at > $3 and u.id = s.user_id and u.is_operator and u.disabled_at is null
         returning s.id, s.user_id, s.level",
        token_hash,
        now,
        now - idle,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::Unauthenticated)?;
    Ok(OperatorActor {
        operator: UserId::from_uuid(row.user_id),
        session: SessionId::from_uuid(row.id),
        level: from_text(&row.level)?,
        origin,
    })
}

/// Begins a support session of the transaction's operator as a member of a clinic.
///
/// # Errors
/// `NotFound` if the clinic has no such member, or they can no longer sign in.
pub async fn insert_support(
    tx: &mut OperatorTx,
    org: OrgId,
    new: &NewSession<'_>,
    expires_at: OffsetDateTime,
    reason: &str,
) -> Result<(), Error> {
    let operator = tx.who().operator;
    let done = sqlx::query!(
        "insert into maneiro.sessions (id, org_id, user_id, operator_id, support_reason, token_hash, level, client_address,
                                       device, created_at, last_used_at, expires_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11
         from maneiro.memberships m
         join maneiro.users u on u.id = m.user_id
         join maneiro.organizations o on o.id = m.org_id
         where m.org_id = $2 and m.user_id = $3 and m.ended_at is null and u.disabled_at is null
           and o.deleted_at is null",
        new.id.uuid(),
        org.uuid(),
        new.user.uuid(),
        operator.uuid(),
        reason,
        &new.token_hash,
        to_text(&new.level),
        new.client_address.map(|address| address.to_string()),
        new.device,
        new.created_at,
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound(Resource::Member)) }
}

/// The support sessions of the clinic that are valid at `now`, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_support(tx: &mut OrgTx, now: OffsetDateTime) -> Result<Vec<SupportSession>, Error> {
    let rows = sqlx::query!(
        r#"select id, operator_id as "operator_id!", user_id, support_reason as "reason!", created_at, expires_at
           from maneiro.sessions
           where operator_id is not null and ended_at is null and expires_at > $1
           order by id desc"#,
        now,
    )
    .fetch_all(tx.conn())
    .await?;
    let sessions = rows.into_iter().map(|row| SupportSession {
        id: SessionId::from_uuid(row.id),
        operator: UserId::from_uuid(row.operator_id),
        user: UserId::from_uuid(row.user_id),
        reason: row.reason,
        created_at: row.created_at,
        expires_at: row.expires_at,
    });
    Ok(sessions.collect())
}

/// Ends a support session of the clinic.
///
/// # Errors
/// `NotFound` if the clinic has no such support session, or it has ended.
pub async fn end_support(tx: &mut OrgTx, session: SessionId, ended_at: OffsetDateTime) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.sessions set ended_at = $2
         where id = $1 and operator_id is not null and ended_at is null and expires_at > $2",
        session.uuid(),
        ended_at,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound(Resource::Session)) }
}
