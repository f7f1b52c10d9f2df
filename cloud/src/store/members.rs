//! Who belongs to a clinic. Whoever counts admins or seats locks the clinic's row first, so that two of them take turns.

use maneiro_api::{
    OrgId, UserId,
    account::Role,
    member::{Member, OwnClinic},
};
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    OrgTx, SystemTx,
    enum_text::{from_text, to_text},
};
use crate::domain::error::{Error, Resource};

/// Locks the clinic of the transaction until it ends.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn lock_clinic(tx: &mut OrgTx) -> Result<(), Error> {
    let org = tx.org();
    lock(tx.conn(), org).await
}

/// Locks a clinic until the transaction ends.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn lock_clinic_of_invitation(tx: &mut SystemTx, org: OrgId) -> Result<(), Error> {
    lock(tx.conn(), org.uuid()).await
}

async fn lock(conn: impl PgExecutor<'_>, org: Uuid) -> Result<(), Error> {
    sqlx::query!("select id from maneiro.organizations where id = $1 for update", org)
        .fetch_one(conn)
        .await?;
    Ok(())
}

/// The members of the clinic, by name.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(tx: &mut OrgTx) -> Result<Vec<Member>, Error> {
    let rows = sqlx::query!(
        r#"select m.user_id, u.name, u.email, m.role, m.signs, m.created_at,
                  (select max(s.last_used_at) from maneiro.sessions s
                   where s.org_id = m.org_id and s.user_id = m.user_id and s.operator_id is null) as last_seen_at,
                  exists (select from maneiro.second_factors f
                          where f.user_id = m.user_id and f.confirmed_at is not null) as "has_second_factor!",
                  (select count(*) from maneiro.records r
                   where r.org_id = m.org_id and r.owner_id = m.user_id and r.deleted_at is null) as "records!"
           from maneiro.memberships m join maneiro.users u on u.id = m.user_id
           where m.ended_at is null order by lower(u.name), m.user_id"#
    )
    .fetch_all(tx.conn())
    .await?;
    let members = rows.into_iter().map(|row| {
        Ok(Member {
            user: UserId::from_uuid(row.user_id),
            name: row.name,
            email: row.email,
            role: from_text(&row.role)?,
            signs: row.signs,
            joined_at: row.created_at,
            last_seen_at: row.last_seen_at,
            has_second_factor: Some(row.has_second_factor),
            records: Some(u32::try_from(row.records).map_err(Error::internal)?),
        })
    });
    members.collect()
}

/// The role of a member.
///
/// # Errors
/// `NotFound` if the clinic has no such member.
pub async fn role(tx: &mut OrgTx, user: UserId) -> Result<Role, Error> {
    let role = sqlx::query_scalar!(
        "select role from maneiro.memberships where user_id = $1 and ended_at is null",
        user.uuid()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Resource::Member))?;
    from_text(&role)
}

/// The admins of the clinic, whose row must be locked.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn count_admins(tx: &mut OrgTx) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from maneiro.memberships where role = 'admin' and ended_at is null"#
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Changes the role of a member, and whether they sign.
///
/// # Errors
/// `NotFound` if the clinic has no such member.
pub async fn update(
    tx: &mut OrgTx,
    user: UserId,
    role: Option<Role>,
    signs: Option<bool>,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.memberships set role = coalesce($2, role), signs = coalesce($3, signs)
         where user_id = $1 and ended_at is null",
        user.uuid(),
        role.map(|role| to_text(&role)),
        signs,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound(Resource::Member)) }
}

/// Ends a membership, and with it the member's sessions in the clinic.
///
/// # Errors
/// `NotFound` if the clinic has no such member.
pub async fn end(tx: &mut OrgTx, user: UserId, ended_at: OffsetDateTime) -> Result<(), Error> {
    let actor = tx.who().actor();
    let done = sqlx::query!(
        "update maneiro.memberships set ended_at = $2, ended_by_kind = $3, ended_by_id = $4
         where user_id = $1 and ended_at is null",
        user.uuid(),
        ended_at,
        actor.kind(),
        actor.id(),
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound(Resource::Member)) }
}

/// Makes a user a member of a clinic, also one who was before. Returns whether they are not one already.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn join(
    tx: &mut SystemTx,
    org: OrgId,
    user: UserId,
    role: Role,
    signs: bool,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.memberships (org_id, user_id, role, signs, created_at) values ($1, $2, $3, $4, $5)
         on conflict (org_id, user_id) do update
         set role = $3, signs = $4, created_at = $5, ended_at = null, ended_by_kind = null, ended_by_id = null
         where memberships.ended_at is not null",
        org.uuid(),
        user.uuid(),
        to_text(&role),
        signs,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The members of a clinic, whose row must be locked.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn count(tx: &mut SystemTx, org: OrgId) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from maneiro.memberships where org_id = $1 and ended_at is null"#,
        org.uuid()
    )
    .fetch_one(tx.conn())
    .await?)
}

/// The clinics of a user, by name; `current` is the one that the session acts in.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_clinics(tx: &mut SystemTx, user: UserId, current: OrgId) -> Result<Vec<OwnClinic>, Error> {
    let rows = sqlx::query!(
        "select o.id, o.name, m.role, p.requires_second_factor
         from maneiro.memberships m
         join maneiro.organizations o on o.id = m.org_id
         join maneiro.org_policies p on p.org_id = m.org_id
         where m.user_id = $1 and m.ended_at is null and o.deleted_at is null
         order by lower(o.name), o.id",
        user.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    let clinics = rows.into_iter().map(|row| {
        Ok(OwnClinic {
            organization: OrgId::from_uuid(row.id),
            name: row.name,
            role: from_text(&row.role)?,
            is_current: row.id == current.uuid(),
            requires_second_factor: row.requires_second_factor,
        })
    });
    clinics.collect()
}
