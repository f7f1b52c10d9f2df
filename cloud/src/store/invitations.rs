//! Invitations to clinics.

use maneiro_api::{
    InvitationId, OrgId, UserId,
    account::{MailLanguage, Role},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    OrgTx, SystemTx,
    enum_text::{from_text, to_text},
};
use crate::domain::{
    error::{Error, Resource},
    invitation::{NewInvitation, OpenInvitation, StoredInvitation},
    validation::Email,
};

/// Stores an invitation.
///
/// # Errors
/// `InvalidInput` if the address has an open one in the clinic.
pub async fn insert(tx: &mut OrgTx, new: &NewInvitation) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into maneiro.invitations (id, org_id, email, role, signs, language, invited_by, created_at, sent_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
         on conflict (org_id, lower(email)) where accepted_at is null and revoked_at is null do nothing",
        new.id.uuid(),
        tx.org(),
        new.email.as_str(),
        to_text(&new.role),
        new.signs,
        to_text(&new.language),
        new.invited_by.uuid(),
        new.sent_at,
        new.expires_at(),
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::invalid_field("email", "is invited already; the invitation can be sent again"))
    }
}

struct OpenInvitationRow {
    id: Uuid,
    email: String,
    role: String,
    signs: bool,
    invited_by: Uuid,
    sent_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    is_refused: bool,
}

impl TryFrom<OpenInvitationRow> for OpenInvitation {
    type Error = Error;

    fn try_from(row: OpenInvitationRow) -> Result<Self, Error> {
        Ok(Self {
            id: InvitationId::from_uuid(row.id),
            email: row.email,
            role: from_text(&row.role)?,
            signs: row.signs,
            invited_by: UserId::from_uuid(row.invited_by),
            sent_at: row.sent_at,
            expires_at: row.expires_at,
            is_refused: row.is_refused,
        })
    }
}

/// The invitations that were neither accepted nor revoked, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_open(tx: &mut OrgTx) -> Result<Vec<OpenInvitation>, Error> {
    let rows = sqlx::query_as!(
        OpenInvitationRow,
        r#"select id, email, role, signs, invited_by, sent_at, expires_at, mail_refused_at is not null as "is_refused!"
           from maneiro.invitations where accepted_at is null and revoked_at is null order by id desc"#
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(OpenInvitation::try_from).collect()
}

/// Members and open invitations of the clinic that `now` has not ended: the seats that are spoken for.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn count_taken_seats(tx: &mut OrgTx, now: OffsetDateTime) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(
        r#"select (select count(*) from maneiro.memberships where ended_at is null)
                + (select count(*) from maneiro.invitations
                   where accepted_at is null and revoked_at is null and expires_at > $1) as "count!""#,
        now
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Whether an address belongs to a member of the clinic.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn is_member(tx: &mut OrgTx, email: &Email) -> Result<bool, Error> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from maneiro.memberships m join maneiro.users u on u.id = m.user_id
                          where m.ended_at is null and lower(u.email) = lower($1)) as "exists!""#,
        email.as_str()
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Begins a new mail of an invitation, whose earlier secret ends. Returns the invitation and the version of the mail.
///
/// # Errors
/// `NotFound` if the clinic has no such invitation, or it was accepted or revoked.
pub async fn renew(
    tx: &mut OrgTx,
    id: InvitationId,
    sent_at: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(OpenInvitation, i32), Error> {
    let row = sqlx::query!(
        "update maneiro.invitations
         set version = version + 1, sent_at = $2, expires_at = $3, mail_refused_at = null
         where id = $1 and accepted_at is null and revoked_at is null
         returning id, email, role, signs, invited_by, sent_at, expires_at, version",
        id.uuid(),
        sent_at,
        expires_at,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound(Resource::Invitation))?;
    let version = row.version;
    let row = OpenInvitationRow {
        id: row.id,
        email: row.email,
        role: row.role,
        signs: row.signs,
        invited_by: row.invited_by,
        sent_at: row.sent_at,
        expires_at: row.expires_at,
        is_refused: false,
    };
    Ok((row.try_into()?, version))
}

/// Revokes an invitation.
///
/// # Errors
/// `NotFound` if the clinic has no such invitation, or it was accepted or revoked.
pub async fn revoke(tx: &mut OrgTx, id: InvitationId, now: OffsetDateTime) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.invitations set revoked_at = $2
         where id = $1 and accepted_at is null and revoked_at is null",
        id.uuid(),
        now,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::NotFound(Resource::Invitation)) }
}

/// An invitation, whatever became of it, with what is known of its address and its clinic.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find(tx: &mut SystemTx, id: InvitationId) -> Result<Option<StoredInvitation>, Error> {
    let row = sqlx::query!(
        r#"select i.org_id, i.email, i.role, i.signs, i.language, i.version, i.expires_at, o.name as clinic,
                  i.accepted_at is null and i.revoked_at is null and o.deleted_at is null
                      -- The clinic may allow fewer domains than when it invited.
                      and (p.mail_domains = '{}' or lower(split_part(i.email, '@', 2)) = any(p.mail_domains)) as "is_open!",
                  u.id as "user?"
           from maneiro.invitations i
           join maneiro.organizations o on o.id = i.org_id
           join maneiro.org_policies p on p.org_id = i.org_id
           left join maneiro.users u on lower(u.email) = lower(i.email)
           where i.id = $1"#,
        id.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let role: Role = from_text(&row.role)?;
    let language: MailLanguage = from_text(&row.language)?;
    Ok(Some(StoredInvitation {
        id,
        org: OrgId::from_uuid(row.org_id),
        clinic: row.clinic,
        email: Email::parse(&row.email).map_err(|message| Error::internal(anyhow::anyhow!(message)))?,
        role,
        signs: row.signs,
        language,
        version: row.version,
        expires_at: row.expires_at,
        is_open: row.is_open,
        user: row.user.map(UserId::from_uuid),
    }))
}

/// Records that an invitation was accepted. Returns whether that version of it could still be.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn accept(
    tx: &mut SystemTx,
    invitation: &StoredInvitation,
    user: UserId,
    now: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.invitations set accepted_at = $3, accepted_by = $4
         where id = $1 and version = $2 and accepted_at is null and revoked_at is null and expires_at > $3",
        invitation.id.uuid(),
        invitation.version,
        now,
        user.uuid(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Records that the mail server refused the mail of a version for good.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn note_refusal(
    tx: &mut SystemTx,
    id: InvitationId,
    version: i32,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.invitations set mail_refused_at = $3 where id = $1 and version = $2",
        id.uuid(),
        version,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
