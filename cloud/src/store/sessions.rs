//! Sessions. Of a token only its SHA-256 is stored.

use std::net::IpAddr;

use maneiro_api::{
    OrgId, SessionId, UserId,
    account::{ActiveSession, SessionLevel},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    OrgTx, SystemTx,
    enum_text::{from_text, to_text},
};
use crate::domain::{
    actor::{SessionProof, ValidSession},
    error::Error,
    second_factor::HALF_SESSION_LIFETIME,
};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// What every new session has.
#[derive(Debug)]
pub struct NewSession<'a> {
    pub id: SessionId,
    /// The user whose rights it has.
    pub user: UserId,
    pub token_hash: TokenHash,
    pub level: SessionLevel,
    pub client_address: Option<IpAddr>,
    pub device: Option<&'a str>,
    pub created_at: OffsetDateTime,
}

/// By what right a session of a member begins.
#[derive(Debug, Clone, Copy)]
pub enum SessionBasis<'a> {
    /// The password was given, and has this hash.
    Password(&'a str),
    /// In place of another session of the user, which had been given the password when that one had.
    Session(SessionId),
}

/// Begins a session of a member of a clinic. Account, password, membership and clinic are locked, so that whatever ends the
/// right to a session sees this one, or is seen here. A session that lacks its second factor is a short one.
///
/// # Errors
/// `InvalidCredentials` if the password has changed, the account is disabled, or the membership or the clinic has ended.
pub async fn insert(
    tx: &mut SystemTx,
    org: OrgId,
    new: &NewSession<'_>,
    basis: SessionBasis<'_>,
) -> Result<ValidSession, Error> {
    let (password_hash, replaced) = match basis {
        SessionBasis::Password(hash) => (Some(hash), None),
        SessionBasis::Session(session) => (None, Some(session.uuid())),
    };
    let row = sqlx::query!(
        r#"with account as (
             select m.role, p.requires_second_factor, p.idle_minutes,
                    exists (select from maneiro.second_factors f
                            where f.user_id = m.user_id and f.confirmed_at is not null) as has_second_factor,
                    make_interval(hours => p.absolute_hours) as lifetime
             from maneiro.memberships m
             join maneiro.users u on u.id = m.user_id
             join maneiro.credentials c on c.user_id = m.user_id and c.kind = 'password'
             join maneiro.organizations o on o.id = m.org_id
             join maneiro.org_policies p on p.org_id = m.org_id
             where m.org_id = $2 and m.user_id = $3 and ($9::text is null or c.hash = $9)
               and m.ended_at is null and u.disabled_at is null and o.deleted_at is null
             for share of m, u, c, o
         ), started as (
             insert into maneiro.sessions (id, org_id, user_id, token_hash, level, client_address, device,
                                           created_at, password_given_at, last_used_at, expires_at)
             select $1, $2, $3, $4, $5::text, $6, $7, $8, 
                    case when $9::text is not null then $8::timestamptz
                         else (select e.password_given_at from maneiro.sessions e where e.id = $11 and e.user_id = $3) end, $8,
                    $8::timestamptz + case when $5::text = 'password' and (requires_second_factor or has_second_factor)
                                           then make_interval(mins => $10) else lifetime end
             from account
             returning expires_at
         )
         select role, requires_second_factor, has_second_factor as "has_second_factor!", expires_at,
                least(expires_at, $8 + make_interval(mins => idle_minutes)) as "valid_until!"
         from account, started"#,
        new.id.uuid(),
        org.uuid(),
        new.user.uuid(),
        &new.token_hash,
        to_text(&new.level),
        new.client_address.map(|address| address.to_string()),
        new.device,
        new.created_at,
        password_hash,
        i32::try_from(HALF_SESSION_LIFETIME.whole_minutes()).map_err(Error::internal)?,
        replaced,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::InvalidCredentials)?;
    Ok(ValidSession {
        session: new.id,
        org,
        user: new.user,
        operator: None,
        role: from_text(&row.role)?,
        proof: SessionProof {
            level: new.level,
            requires_second_factor: row.requires_second_factor,
            has_second_factor: row.has_second_factor,
        },
        expires_at: row.expires_at,
        valid_until: row.valid_until,
    })
}

/// Whether the user has signed in since `since` with the same program and from the same network, or never before at all.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn is_familiar(
    tx: &mut SystemTx,
    new: &NewSession<'_>,
    since: OffsetDateTime,
) -> Result<bool, Error> {
    // A provider gives its subscribers other addresses of one network by and by.
    Ok(sqlx::query_scalar!(
        r#"select not exists (select from maneiro.sessions s where s.user_id = $1 and s.id <> $2 and s.operator_id is null)
               or exists (select from maneiro.sessions s
                          where s.user_id = $1 and s.id <> $2 and s.operator_id is null and s.created_at > $5
                            and s.device is not distinct from $3
                            and network(set_masklen(s.client_address::inet, case family(s.client_address::inet) when 4 then 24 else 48 end))
                                is not distinct from
                                network(set_masklen($4::text::inet, case family($4::text::inet) when 4 then 24 else 48 end)))
           as "is_familiar!""#,
        new.user.uuid(),
        new.id.uuid(),
        new.device,
        new.client_address.map(|address| address.to_string()),
        since,
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Finds the one session that satisfies a condition on `s`, with `$1` and now as `$2`, and records its use.
macro_rules! find_valid {
    ($condition:literal, $arg:expr, $now:expr) => {
        sqlx::query_as!(
            ValidSessionRow,
            r#"with valid as (
                   select s.id, s.org_id as "org_id!", s.user_id, s.operator_id, s.level, s.last_used_at,
                          latest.ends_at, m.role, p.requires_second_factor,
                          exists (select from maneiro.second_factors f
                                  where f.user_id = s.user_id and f.confirmed_at is not null) as has_second_factor,
                          least(latest.ends_at, $2::timestamptz + make_interval(mins => p.idle_minutes)) as "valid_until!"
                   from maneiro.sessions s
                   join maneiro.memberships m on m.org_id = s.org_id and m.user_id = s.user_id
                   join maneiro.users u on u.id = s.user_id
                   join maneiro.organizations o on o.id = s.org_id
                   join maneiro.org_policies p on p.org_id = s.org_id
                   left join maneiro.users operator on operator.id = s.operator_id
                   -- A shorter policy ends sessions that have begun; support sessions have a length of their own.
                   cross join lateral (select least(s.expires_at, case when s.operator_id is null
                       then s.created_at + make_interval(hours => p.absolute_hours) end) as ends_at) latest
                   where "# + $condition + r#" and s.ended_at is null and latest.ends_at > $2
                     and s.last_used_at > $2 - make_interval(mins => p.idle_minutes)
                     and m.ended_at is null and u.disabled_at is null and o.deleted_at is null
                     and (s.operator_id is null or operator.is_operator and operator.disabled_at is null)
               ), used as (
                   update maneiro.sessions s set last_used_at = $2 from valid
                   where s.id = valid.id and valid.last_used_at < $2 - interval '10 seconds'
               )
               select id, "org_id!", user_id, operator_id, level, ends_at as "expires_at!", role, requires_second_factor,
                      has_second_factor as "has_second_factor!", "valid_until!"
               from valid"#,
            $arg,
            $now,
        )
    };
}

struct ValidSessionRow {
    id: Uuid,
    org_id: Uuid,
    user_id: Uuid,
    operator_id: Option<Uuid>,
    level: String,
    expires_at: OffsetDateTime,
    role: String,
    requires_second_factor: bool,
    has_second_factor: bool,
    valid_until: OffsetDateTime,
}

impl TryFrom<ValidSessionRow> for ValidSession {
    type Error = Error;

    fn try_from(row: ValidSessionRow) -> Result<Self, Error> {
        let level = from_text(&row.level)?;
        Ok(Self {
            session: SessionId::from_uuid(row.id),
            org: OrgId::from_uuid(row.org_id),
            user: UserId::from_uuid(row.user_id),
            operator: row.operator_id.map(UserId::from_uuid),
            role: from_text(&row.role)?,
            proof: SessionProof {
                level,
                requires_second_factor: row.requires_second_factor,
                has_second_factor: row.has_second_factor,
            },
            expires_at: row.expires_at,
            valid_until: row.valid_until,
        })
    }
}

/// The session of a token that is valid at `now`. Stores when it was last used, to ten seconds.
///
/// # Errors
/// `Unauthenticated` if there is none, or it ended, expired, or was idle for longer than the clinic permits.
pub async fn find_by_token(
    tx: &mut SystemTx,
    token_hash: &TokenHash,
    now: OffsetDateTime,
) -> Result<ValidSession, Error> {
    let row = find_valid!("s.token_hash = $1", token_hash, now).fetch_optional(tx.conn()).await?;
    row.ok_or(Error::Unauthenticated)?.try_into()
}

/// A session that is valid at `now`. An open stream uses its session.
///
/// # Errors
/// As [`find_by_token`].
pub async fn find(tx: &mut SystemTx, id: SessionId, now: OffsetDateTime) -> Result<ValidSession, Error> {
    let row = find_valid!("s.id = $1", id.uuid(), now).fetch_optional(tx.conn()).await?;
    row.ok_or(Error::Unauthenticated)?.try_into()
}

/// The sessions of a user, in all clinics, that are valid at `now`, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(
    tx: &mut SystemTx,
    user: UserId,
    current: SessionId,
    now: OffsetDateTime,
) -> Result<Vec<ActiveSession>, Error> {
    let rows = sqlx::query!(
        r#"select s.id, s.org_id as "org_id!", s.operator_id, s.level, s.client_address, s.device, s.created_at,
                  s.last_used_at, s.expires_at
           from maneiro.sessions s
           join maneiro.memberships m on m.org_id = s.org_id and m.user_id = s.user_id
           join maneiro.org_policies p on p.org_id = s.org_id
           where s.user_id = $1 and s.ended_at is null and m.ended_at is null and s.expires_at > $2
             and s.last_used_at > $2 - make_interval(mins => p.idle_minutes)
           order by s.id desc"#,
        user.uuid(),
        now,
    )
    .fetch_all(tx.conn())
    .await?;
    let sessions = rows.into_iter().map(|row| {
        Ok(ActiveSession {
            id: SessionId::from_uuid(row.id),
            organization: OrgId::from_uuid(row.org_id),
            level: from_text(&row.level)?,
            is_current: row.id == current.uuid(),
            is_support: row.operator_id.is_some(),
            address: row.client_address,
            device: row.device,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        })
    });
    sessions.collect()
}

/// Ends one session of a user, in whichever clinic. Returns whether it had not ended before.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn end_of_user(
    tx: &mut SystemTx,
    user: UserId,
    session: SessionId,
    ended_at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.sessions set ended_at = $3 where user_id = $1 and id = $2 and ended_at is null",
        user.uuid(),
        session.uuid(),
        ended_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends all sessions of a user but `kept`, in all clinics. Returns how many.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn end_all(
    tx: &mut SystemTx,
    user: UserId,
    kept: Option<SessionId>,
    ended_at: OffsetDateTime,
) -> Result<u64, Error> {
    let done = sqlx::query!(
        "update maneiro.sessions set ended_at = $3
         where user_id = $1 and ($2::uuid is null or id <> $2) and ended_at is null",
        user.uuid(),
        kept.map(SessionId::uuid),
        ended_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Which of these sessions are valid at `now` and lack no second factor. An open stream uses its session.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_valid(
    tx: &mut SystemTx,
    sessions: &[SessionId],
    now: OffsetDateTime,
) -> Result<Vec<SessionId>, Error> {
    let ids: Vec<Uuid> = sessions.iter().map(|session| session.uuid()).collect();
    let rows = find_valid!("s.id = any($1)", &ids, now).fetch_all(tx.conn()).await?;
    let sessions = rows.into_iter().map(ValidSession::try_from).collect::<Result<Vec<_>, _>>()?;
    let complete = sessions.into_iter().filter(|session| session.proof.missing_step().is_none());
    Ok(complete.map(|session| session.session).collect())
}

/// When a session of the clinic was last given the user's password; `None` if it never was.
///
/// # Errors
/// `Unauthenticated` if there is no such session any more.
pub async fn password_given_at(tx: &mut OrgTx, session: SessionId) -> Result<Option<OffsetDateTime>, Error> {
    sqlx::query_scalar!(
        "select password_given_at from maneiro.sessions where id = $1 and ended_at is null",
        session.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::Unauthenticated)
}

/// Records that a session of the clinic was given the user's password.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_password_given(tx: &mut OrgTx, session: SessionId, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("update maneiro.sessions set password_given_at = $2 where id = $1", session.uuid(), at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends a session of the clinic. Returns whether it had not ended before.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn end(tx: &mut OrgTx, session: SessionId, ended_at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.sessions set ended_at = $2 where id = $1 and ended_at is null",
        session.uuid(),
        ended_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
