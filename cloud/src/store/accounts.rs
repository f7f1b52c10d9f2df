//! Clinics, users and memberships.

use maneiro_api::{OrgId, UserId, account::Role};
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
    pub password_hash: &'a str,
    pub created_at: OffsetDateTime,
}

/// Stores a clinic with its policy, its first admin and their membership.
///
/// # Errors
/// `CodeExpired` if the e-mail address has got an account meanwhile.
pub async fn insert_clinic(tx: &mut SystemTx, new: &NewClinic<'_>) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.users (id, email, email_verified_at, name, created_at) values ($1, $2, $4, $3, $4)",
        new.user.uuid(),
        new.email.as_str(),
        new.name.as_str(),
        new.created_at,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into maneiro.credentials (user_id, kind, hash, created_at, changed_at)
         values ($1, 'password', $2, $3, $3)",
        new.user.uuid(),
        new.password_hash,
        new.created_at,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into maneiro.organizations (id, name, created_at) values ($1, $2, $3)",
        new.org.uuid(),
        new.clinic.as_str(),
        new.created_at,
    )
    .execute(tx.conn())
    .await?;
    clinic_keys::insert(tx.conn(), new.org.uuid(), new.key, new.created_at).await?;
    subscriptions::insert(tx.conn(), new.org.uuid(), new.subscription).await?;
    sqlx::query!("insert into maneiro.org_policies (org_id) values ($1)", new.org.uuid())
        .execute(tx.conn())
        .await?;
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

/// What sign-in needs to know of an account.
#[derive(Debug)]
pub struct Account {
    pub user: UserId,
    pub password_hash: String,
    /// The clinics of the user, in the order they were joined.
    pub clinics: Vec<OrgId>,
}

/// The account of an e-mail address, regardless of case. One statement, whether there is one or not.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_by_email(tx: &mut SystemTx, email: Option<&Email>) -> Result<Option<Account>, Error> {
    let row = sqlx::query!(
        r#"select u.id, c.hash,
                  array(select m.org_id from maneiro.memberships m
                        where m.user_id = u.id and m.ended_at is null order by m.created_at, m.org_id) as "clinics!"
           from maneiro.users u
           join maneiro.credentials c on c.user_id = u.id and c.kind = 'password'
           where lower(u.email) = lower($1) and u.disabled_at is null"#,
        email.map(Email::as_str)
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Account {
        user: UserId::from_uuid(row.id),
        password_hash: row.hash,
        clinics: row.clinics.into_iter().map(OrgId::from_uuid).collect(),
    }))
}

/// A member of the clinic with the clinic's name.
#[derive(Debug)]
pub struct Identity {
    pub name: String,
    pub email: String,
    pub clinic: String,
    pub role: Role,
    pub signs: bool,
}

/// # Errors
/// `Internal` if the user is not a member: a session does not outlive its membership.
pub async fn identity(tx: &mut OrgTx, user: UserId) -> Result<Identity, Error> {
    let row = sqlx::query!(
        "select u.name, u.email, m.role, m.signs, o.name as clinic
         from maneiro.memberships m
         join maneiro.users u on u.id = m.user_id
         join maneiro.organizations o on o.id = m.org_id
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
    })
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn clinic_name(tx: &mut OrgTx) -> Result<String, Error> {
    Ok(sqlx::query_scalar!("select name from maneiro.organizations where id = $1", tx.org())
        .fetch_one(tx.conn())
        .await?)
}
