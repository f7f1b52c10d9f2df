//! Clinics, users and memberships.

use maneiro_api::{
    OrgId, UserId,
    account::{MailLanguage, Role},
};
use sqlx::PgExecutor;
use time::OffsetDateTime;

use super::{
    OrgTx, SystemTx, clinic_keys,
    enum_text::{from_text, to_text},
    subscriptions,
};
use crate::domain::{
    clinic_key::WrappedKeyVersion,
    error::Error,
    subscription::Subscription,
    validation::{Email, Title},
};

/// A new clinic with its first admin.
#[derive(Debug)]
pub struct NewClinic<'a> {
    pub org: OrgId,
    pub clinic: &'a Title,
    pub subscription: &'a Subscription,
    /// The first version of the clinic's key.
    pub key: &'a WrappedKeyVersion,
    pub user: UserId,
    pub name: &'a Title,
    pub email: &'a Email,
    pub language: MailLanguage,
    pub password_hash: &'a str,
    pub created_at: OffsetDateTime,
}

/// Stores a clinic with its policy, its first admin and their membership.
///
/// # Errors
/// `CodeExpired` if the e-mail address has got an account meanwhile.
pub async fn insert_clinic(tx: &mut SystemTx, new: &NewClinic<'_>) -> Result<(), Error> {
    insert_user(tx, new.user, new.email, new.name, new.language, new.password_hash, new.created_at).await?;
    insert_organization(tx.conn(), new.org, new.clinic, new.created_at).await?;
    clinic_keys::insert(tx.conn(), new.org.uuid(), new.key, new.created_at).await?;
    subscriptions::insert(tx.conn(), new.org.uuid(), new.subscription).await?;
    sqlx::query!(
        "insert into maneiro.memberships (org_id, user_id, role, created_at) values ($1, $2, $3, $4)",
        new.org.uuid(),
        new.user.uuid(),
        to_text(&Role::Admin),
        new.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores a clinic with its policy.
pub(super) async fn insert_organization(
    conn: impl PgExecutor<'_>,
    org: OrgId,
    name: &Title,
    created_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "with organization as (
             insert into maneiro.organizations (id, name, created_at) values ($1, $2, $3) returning id
         )
         insert into maneiro.org_policies (org_id) select id from organization",
        org.uuid(),
        name.as_str(),
        created_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores an account whose address was proved by a mail, with its password.
///
/// # Errors
/// `CodeExpired` if the address has got an account meanwhile.
pub async fn insert_user(
    tx: &mut SystemTx,
    user: UserId,
    email: &Email,
    name: &Title,
    language: MailLanguage,
    password_hash: &str,
    created_at: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.users (id, email, email_verified_at, name, language, created_at)
         values ($1, $2, $4, $3, $5, $4)",
        user.uuid(),
        email.as_str(),
        name.as_str(),
        created_at,
        to_text(&language),
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into maneiro.credentials (user_id, kind, hash, created_at, changed_at)
         values ($1, 'password', $2, $3, $3)",
        user.uuid(),
        password_hash,
        created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What sign-in needs to know of an account.
#[derive(Debug)]
pub struct Account {
    pub user: UserId,
    pub password_hash: String,
    /// The clinics of the user, in the order they were joined.
    pub clinics: Vec<OrgId>,
}

/// An account that was looked up, or that there is none.
#[derive(Debug)]
pub struct FoundAccount {
    pub account: Option<Account>,
    /// How the passwords of all accounts are hashed, in order: what precedes the salts.
    pub schemes: Vec<String>,
}

/// The account of an e-mail address, regardless of case. One statement with one row, whether there is one or not.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_by_email(tx: &mut SystemTx, email: Option<&Email>) -> Result<FoundAccount, Error> {
    // Each scheme is one step in the index, however many accounts have it.
    let row = sqlx::query!(
        r#"with recursive schemes (scheme) as (
               (select c.scheme from maneiro.credentials c where c.kind = 'password' order by c.scheme limit 1)
               union all
               select (select c.scheme from maneiro.credentials c where c.kind = 'password' and c.scheme > s.scheme
                       order by c.scheme limit 1)
               from schemes s where s.scheme is not null
           )
           select array(select s.scheme from schemes s where s.scheme is not null order by 1) as "schemes!",
                  found.id as "id?", found.hash as "hash?",
                  array(select m.org_id from maneiro.memberships m
                        where m.user_id = found.id and m.ended_at is null order by m.created_at, m.org_id) as "clinics!"
           from (select) always
           left join (select u.id, c.hash
                      from maneiro.users u
                      join maneiro.credentials c on c.user_id = u.id and c.kind = 'password'
                      where lower(u.email) = lower($1) and u.disabled_at is null) found on true"#,
        email.map(Email::as_str)
    )
    .fetch_one(tx.conn())
    .await?;
    let account = row.id.zip(row.hash).map(|(id, password_hash)| Account {
        user: UserId::from_uuid(id),
        password_hash,
        clinics: row.clinics.into_iter().map(OrgId::from_uuid).collect(),
    });
    Ok(FoundAccount { account, schemes: row.schemes })
}

/// The e-mail address of an account.
///
/// # Errors
/// `Unavailable` if the database is; `Internal` if there is no such account.
pub async fn email(tx: &mut SystemTx, user: UserId) -> Result<String, Error> {
    Ok(sqlx::query_scalar!("select email from maneiro.users where id = $1", user.uuid())
        .fetch_one(tx.conn())
        .await?)
}

/// A member of the clinic with the clinic's name.
#[derive(Debug)]
pub struct Identity {
    pub name: String,
    pub email: String,
    pub clinic: String,
    pub role: Role,
    pub signs: bool,
    pub idle_minutes: u32,
}

/// # Errors
/// `Internal` if the user is not a member: a session does not outlive its membership.
pub async fn identity(tx: &mut OrgTx, user: UserId) -> Result<Identity, Error> {
    let row = sqlx::query!(
        "select u.name, u.email, m.role, m.signs, o.name as clinic, p.idle_minutes
         from maneiro.memberships m
         join maneiro.users u on u.id = m.user_id
         join maneiro.organizations o on o.id = m.org_id
         join maneiro.org_policies p on p.org_id = m.org_id
         where m.user_id = $1",
        user.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Identity {
        name: row.name,
        email: row.email,
        clinic: row.clinic,
        role: from_text(&row.role)?,
        signs: row.signs,
        idle_minutes: u32::try_from(row.idle_minutes).map_err(Error::internal)?,
    })
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn clinic_name(tx: &mut OrgTx) -> Result<String, Error> {
    Ok(sqlx::query_scalar!("select name from maneiro.organizations where id = $1", tx.org())
        .fetch_one(tx.conn())
        .await?)
}

/// Changes the clinic's name.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn rename_clinic(tx: &mut OrgTx, name: &Title) -> Result<(), Error> {
    let org = tx.org();
    sqlx::query!("update maneiro.organizations set name = $2 where id = $1", org, name.as_str())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Where a user is written to.
#[derive(Debug)]
pub struct Contact {
    pub name: String,
    pub email: Email,
    pub language: MailLanguage,
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn contact(tx: &mut SystemTx, user: UserId) -> Result<Contact, Error> {
    let row = sqlx::query!("select name, email, language from maneiro.users where id = $1", user.uuid())
        .fetch_one(tx.conn())
        .await?;
    let email = Email::parse(&row.email).map_err(|message| Error::internal(anyhow::anyhow!(message)))?;
    Ok(Contact { name: row.name, email, language: from_text(&row.language)? })
}

/// A clinic of which somebody is the last admin.
#[derive(Debug)]
pub struct ClinicOfLastAdmin {
    pub org: OrgId,
    pub has_other_members: bool,
}

/// The clinics of which a user is the only admin. All clinics of the user stay locked until the transaction ends, so that of
/// two admins who leave at the same moment the second is seen to be the last.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn lock_clinics_of_last_admin(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<Vec<ClinicOfLastAdmin>, Error> {
    sqlx::query!(
        "select o.id from maneiro.organizations o join maneiro.memberships m on m.org_id = o.id
         where m.user_id = $1 and m.ended_at is null and o.deleted_at is null order by o.id for update of o",
        user.uuid(),
    )
    .fetch_all(tx.conn())
    .await?;
    // A statement of its own, which sees what was committed while it waited for the locks.
    let rows = sqlx::query!(
        r#"select m.org_id,
                  exists (select from maneiro.memberships other where other.org_id = m.org_id and other.user_id <> m.user_id
                          and other.ended_at is null) as "has_other_members!"
           from maneiro.memberships m join maneiro.organizations o on o.id = m.org_id
           where m.user_id = $1 and m.role = 'admin' and m.ended_at is null and o.deleted_at is null
             and not exists (select from maneiro.memberships other where other.org_id = m.org_id
                             and other.user_id <> m.user_id and other.role = 'admin' and other.ended_at is null)
           order by m.org_id"#,
        user.uuid(),
    )
    .fetch_all(tx.conn())
    .await?;
    let clinics = rows.into_iter().map(|row| ClinicOfLastAdmin {
        org: OrgId::from_uuid(row.org_id),
        has_other_members: row.has_other_members,
    });
    Ok(clinics.collect())
}

/// Marks a clinic as deleted: nobody signs in to it, and its sessions end.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_clinic(tx: &mut SystemTx, org: OrgId, deleted_at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("update maneiro.organizations set deleted_at = $2 where id = $1", org.uuid(), deleted_at)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends an account with its memberships, which ends its sessions. The name stays beside what the user made; the address goes.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn close(tx: &mut SystemTx, user: UserId, closed_at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.memberships set ended_at = $2, ended_by_kind = 'member', ended_by_id = $1
         where user_id = $1 and ended_at is null",
        user.uuid(),
        closed_at,
    )
    .execute(tx.conn())
    .await?;
    // RFC 2606: no mail reaches `invalid`.
    sqlx::query!(
        "update maneiro.users set email = id::text || '@closed.invalid', email_verified_at = null, disabled_at = $2
         where id = $1",
        user.uuid(),
        closed_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
