//! The second factors of users. Each code is accepted once: the statement that accepts one is the one that spends it.

use maneiro_api::{TaskId, UserId};
use secrecy::SecretString;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{SystemTx, audit, enum_text::from_text, mails, owner::begin_as_owner, tasks};
use crate::domain::{
    audit::{AuditActor, AuditEvent},
    error::Error,
    notice::{NewMail, UserNotice},
    task::{NewTask, TaskKind},
    validation::Email,
};

/// The authenticator of a user.
#[derive(Debug)]
pub struct StoredSecondFactor {
    /// The secret, once it was confirmed.
    pub secret_sealed: Option<Vec<u8>>,
    /// The secret of an enrolment that waits for its first code, and when that began.
    pub pending: Option<(Vec<u8>, OffsetDateTime)>,
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn find(tx: &mut SystemTx, user: UserId) -> Result<Option<StoredSecondFactor>, Error> {
    let row = sqlx::query!(
        "select secret_sealed, pending_sealed, pending_at from maneiro.second_factors where user_id = $1",
        user.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| StoredSecondFactor {
        secret_sealed: row.secret_sealed,
        pending: row.pending_sealed.zip(row.pending_at),
    }))
}

/// What is known of a user's second factor without its secret.
#[derive(Debug)]
pub struct SecondFactorOverview {
    pub enrolled_at: Option<OffsetDateTime>,
    pub recovery_codes_left: i64,
    /// Whether a clinic of the user requires one, or the user is an operator.
    pub is_required: bool,
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn overview(tx: &mut SystemTx, user: UserId) -> Result<SecondFactorOverview, Error> {
    let row = sqlx::query!(
        r#"select (select f.confirmed_at from maneiro.second_factors f where f.user_id = u.id) as enrolled_at,
                  (select count(*) from maneiro.recovery_codes c
                   where c.user_id = u.id and c.used_at is null) as "recovery_codes_left!",
                  u.is_operator or exists (
                      select from maneiro.memberships m join maneiro.org_policies p on p.org_id = m.org_id
                      where m.user_id = u.id and m.ended_at is null and p.requires_second_factor
                  ) as "is_required!"
           from maneiro.users u where u.id = $1"#,
        user.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(SecondFactorOverview {
        enrolled_at: row.enrolled_at,
        recovery_codes_left: row.recovery_codes_left,
        is_required: row.is_required,
    })
}

/// Begins an enrolment in place of an earlier one that was not confirmed. What was confirmed stays asked for.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn put_pending(
    tx: &mut SystemTx,
    user: UserId,
    sealed: &[u8],
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.second_factors (user_id, pending_sealed, pending_at) values ($1, $2, $3)
         on conflict (user_id) do update set pending_sealed = $2, pending_at = $3",
        user.uuid(),
        sealed,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes the secret of an enrolment the one that is asked for, and spends the step of its first code. Returns whether that
/// enrolment was still the pending one; `may_replace` says whether a confirmed secret may be replaced.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn confirm(
    tx: &mut SystemTx,
    user: UserId,
    sealed: &[u8],
    step: i64,
    may_replace: bool,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.second_factors
         set secret_sealed = pending_sealed, confirmed_at = $4, last_step = $3, pending_sealed = null, pending_at = null
         where user_id = $1 and pending_sealed = $2 and ($5 or confirmed_at is null)",
        user.uuid(),
        sealed,
        step,
        now,
        may_replace,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Spends the code of a time step. Returns whether it, or a later one, was not spent before.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn spend_step(tx: &mut SystemTx, user: UserId, sealed: &[u8], step: i64) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.second_factors set last_step = $3
         where user_id = $1 and secret_sealed = $2 and last_step < $3",
        user.uuid(),
        sealed,
        step,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Spends a recovery code. Returns whether the user has it and had not used it before.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn spend_recovery_code(
    tx: &mut SystemTx,
    user: UserId,
    hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.recovery_codes set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null",
        user.uuid(),
        hash,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces all recovery codes of a user.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn replace_recovery_codes(
    tx: &mut SystemTx,
    user: UserId,
    hashes: &[[u8; 32]],
) -> Result<(), Error> {
    let hashes: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
    sqlx::query!("delete from maneiro.recovery_codes where user_id = $1", user.uuid())
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into maneiro.recovery_codes (user_id, code_hash) select $1, hash from unnest($2::bytea[]) hash",
        user.uuid(),
        &hashes,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes the authenticator of a user with its recovery codes. Returns whether there was one.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete(tx: &mut SystemTx, user: UserId) -> Result<bool, Error> {
    let done = sqlx::query!("delete from maneiro.second_factors where user_id = $1", user.uuid())
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// What became of the command to reset a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactorReset {
    Done,
    NoAccount,
    NoSecondFactor,
}

/// Removes the second factor of the user of this e-mail address, ends all their sessions, records it, and has it mailed to them
/// as mail `mail`.
///
/// # Errors
/// As [`list_all`].
pub async fn reset(
    login: &SecretString,
    email: &str,
    mail: Uuid,
    task: TaskId,
    event: AuditEvent,
) -> Result<SecondFactorReset, Error> {
    let mut tx = begin_as_owner(login).await?;
    let found =
        sqlx::query!("select id, email, language from maneiro.users where lower(email) = lower($1)", email)
            .fetch_optional(tx.conn())
            .await?;
    let Some(user) = found else { return Ok(SecondFactorReset::NoAccount) };
    let removed = sqlx::query!("delete from maneiro.second_factors where user_id = $1", user.id)
        .execute(tx.conn())
        .await?;
    if removed.rows_affected() == 0 {
        return Ok(SecondFactorReset::NoSecondFactor);
    }
    sqlx::query!(
        "update maneiro.sessions set ended_at = $2 where user_id = $1 and ended_at is null",
        user.id,
        event.occurred_at,
    )
    .execute(tx.conn())
    .await?;
    let notice = NewMail {
        id: mail,
        user: Some(UserId::from_uuid(user.id)),
        recipient: Email::parse(&user.email).map_err(|message| Error::internal(anyhow::anyhow!(message)))?,
        language: from_text(&user.language)?,
        notice: UserNotice::SecondFactorReset,
        created_at: event.occurred_at,
    };
    mails::insert_with(tx.conn(), &notice).await?;
    let task = NewTask::new(task, TaskKind::Mail)
        .with_subject(mail)
        .with_dedupe_key(format!("mail/{}", mail.simple()));
    tasks::insert(tx.conn(), None, &task).await?;
    audit::insert(tx.conn(), &AuditEvent { subject: Some(user.id), ..event }, AuditActor::SERVER).await?;
    tx.commit().await?;
    Ok(SecondFactorReset::Done)
}

/// A secret that is sealed under a master key.
pub struct SealedSecret {
    pub user: UserId,
    pub sealed: Vec<u8>,
}

/// The secrets of all users. `login` is the one of migrations, as below.
///
/// # Errors
/// `Unavailable` if the database is; `Internal` if the login is not a member of `maneiro_owner`.
pub async fn list_all(login: &SecretString) -> Result<Vec<SealedSecret>, Error> {
    let mut tx = begin_as_owner(login).await?;
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query!(
        r#"select user_id, secret_sealed as "sealed!" from maneiro.second_factors where secret_sealed is not null
           union all
           select user_id, pending_sealed from maneiro.second_factors where pending_sealed is not null"#
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .filter_map(|row| Some((row.user_id?, row.sealed)))
    .collect();
    tx.commit().await?;
    Ok(rows
        .into_iter()
        .map(|(user, sealed)| SealedSecret { user: UserId::from_uuid(user), sealed })
        .collect())
}

/// Stores a secret sealed anew, unless it was replaced meanwhile.
///
/// # Errors
/// As [`list_all`].
pub async fn replace_sealed(login: &SecretString, old: &SealedSecret, new: &[u8]) -> Result<(), Error> {
    let mut tx = begin_as_owner(login).await?;
    sqlx::query!(
        "update maneiro.second_factors
         set secret_sealed = case when secret_sealed = $2 then $3 else secret_sealed end,
             pending_sealed = case when pending_sealed = $2 then $3 else pending_sealed end
         where user_id = $1",
        old.user.uuid(),
        old.sealed,
        new,
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
