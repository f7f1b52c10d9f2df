//! Requests to set another password. Whether an address has an account is looked up by the statement that stores the request,
//! so that a known and an unknown address take the same statements.

use maneiro_api::{OrgId, UserId, account::MailLanguage};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{SystemTx, enum_text::from_text};
use crate::domain::{
    error::Error,
    password_reset::{MAX_RESETS_PER_LIFETIME, NewPasswordReset, RESET_LIFETIME, RESET_RESEND_DELAY},
    validation::Email,
};

/// Stores a request, unless the address has just been mailed, or often. Returns whether it is stored.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn insert(tx: &mut SystemTx, new: &NewPasswordReset) -> Result<bool, Error> {
    // Requests of one address are counted one after another.
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('password_reset/' || lower($1), 0))",
        new.email.as_str()
    )
    .execute(tx.conn())
    .await?;
    let done = sqlx::query!(
        "insert into maneiro.password_resets (id, email, user_id, code_hash, requested_at, expires_at)
         select $1, $2, (select u.id from maneiro.users u where lower(u.email) = lower($2) and u.disabled_at is null),
                $3, $4, $5
         where (select count(*) filter (where r.requested_at > $6) = 0 and count(*) < $8
                from maneiro.password_resets r where lower(r.email) = lower($2) and r.requested_at > $7)",
        new.id,
        new.email.as_str(),
        &new.code_hash,
        new.requested_at,
        new.expires_at(),
        new.requested_at - RESET_RESEND_DELAY,
        new.requested_at - RESET_LIFETIME,
        MAX_RESETS_PER_LIFETIME,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whose password a request is about.
#[derive(Debug)]
pub struct ResetAccount {
    pub user: UserId,
    pub name: String,
    pub email: Email,
    pub language: MailLanguage,
    /// In the order they were joined.
    pub clinics: Vec<OrgId>,
    pub expires_at: OffsetDateTime,
}

struct ResetAccountRow {
    id: Uuid,
    name: String,
    email: String,
    language: String,
    clinics: Vec<Uuid>,
    expires_at: OffsetDateTime,
}

impl TryFrom<ResetAccountRow> for ResetAccount {
    type Error = Error;

    fn try_from(row: ResetAccountRow) -> Result<Self, Error> {
        Ok(Self {
            user: UserId::from_uuid(row.id),
            name: row.name,
            email: Email::parse(&row.email).map_err(|message| Error::internal(anyhow::anyhow!(message)))?,
            language: from_text(&row.language)?,
            clinics: row.clinics.into_iter().map(OrgId::from_uuid).collect(),
            expires_at: row.expires_at,
        })
    }
}

macro_rules! find_account {
    ($condition:literal, $arg:expr) => {
        sqlx::query_as!(
            ResetAccountRow,
            r#"select u.id, u.name, u.email, u.language, r.expires_at,
                      array(select m.org_id from maneiro.memberships m join maneiro.organizations o on o.id = m.org_id
                            where m.user_id = u.id and m.ended_at is null and o.deleted_at is null
                            order by m.created_at, m.org_id) as "clinics!"
               from maneiro.password_resets r join maneiro.users u on u.id = r.user_id
               where u.disabled_at is null and "# + $condition,
            $arg
        )
    };
}

/// The account of a request; none if its address had none, or the request was used up.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find(tx: &mut SystemTx, id: Uuid) -> Result<Option<ResetAccount>, Error> {
    find_account!("r.id = $1", id).fetch_optional(tx.conn()).await?.map(ResetAccount::try_from).transpose()
}

/// The account of the request that a code belongs to.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_by_code(tx: &mut SystemTx, code_hash: &[u8; 32]) -> Result<Option<ResetAccount>, Error> {
    let row = find_account!("r.code_hash = $1", code_hash).fetch_optional(tx.conn()).await?;
    row.map(ResetAccount::try_from).transpose()
}

/// Uses a code up, and with it every other of the same user. Of two that do so at the same time one is told that it is used.
///
/// # Errors
/// `CodeExpired` if it is used up already.
pub async fn use_up(tx: &mut SystemTx, user: UserId, code_hash: &[u8; 32]) -> Result<(), Error> {
    let used = sqlx::query!("delete from maneiro.password_resets where code_hash = $1", code_hash)
        .execute(tx.conn())
        .await?;
    if used.rows_affected() == 0 {
        return Err(Error::CodeExpired);
    }
    delete_of_user(tx, user).await
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_of_user(tx: &mut SystemTx, user: UserId) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.password_resets where user_id = $1", user.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_expired(tx: &mut SystemTx, before: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.password_resets where expires_at < $1", before)
        .execute(tx.conn())
        .await?;
    Ok(())
}
