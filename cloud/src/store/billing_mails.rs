//! Mails about money and use: one row for each recipient and cause.

use maneiro_api::{
    UserId,
    account::{MailLanguage, Role},
    subscription::MailPreferences,
};
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    OrgTx,
    enum_text::{from_text, to_text},
};
use crate::domain::{billing_mail::BillingMail, error::Error};

/// The clinic's admins, with what they want to be told.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn recipients(tx: &mut OrgTx) -> Result<Vec<(UserId, MailPreferences)>, Error> {
    let rows = sqlx::query!(
        r#"select m.user_id, coalesce(p.usage_alerts, true) as "usage_alerts!",
                  coalesce(p.trial_reminders, true) as "trial_reminders!"
           from maneiro.memberships m
           left join maneiro.mail_preferences p on p.org_id = m.org_id and p.user_id = m.user_id
           where m.org_id = $1 and m.role = $2 and m.ended_at is null order by m.created_at, m.user_id"#,
        tx.org(),
        to_text(&Role::Admin),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (usage_alerts, trial_reminders) = (row.usage_alerts, row.trial_reminders);
            (UserId::from_uuid(row.user_id), MailPreferences { usage_alerts, trial_reminders })
        })
        .collect())
}

/// Stores a mail unless this cause was mailed to this user. Returns whether it is new.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn insert(
    tx: &mut OrgTx,
    id: Uuid,
    user: UserId,
    cause: &str,
    content: &BillingMail,
    at: OffsetDateTime,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.billing_mails (id, org_id, user_id, cause, content, caused_at) values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint billing_mails_cause_key do nothing",
        id,
        tx.org(),
        user.uuid(),
        cause,
        Json(content) as _,
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A mail that was not sent yet.
#[derive(Debug, Clone)]
pub struct UnsentMail {
    pub content: BillingMail,
    pub to: String,
    pub language: MailLanguage,
    pub clinic: String,
}

/// A mail that was not sent yet, to somebody who is an admin still.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_unsent(tx: &mut OrgTx, id: Uuid) -> Result<Option<UnsentMail>, Error> {
    let row = sqlx::query!(
        r#"select b.content as "content: Json<BillingMail>", u.email, u.language, o.name as clinic
           from maneiro.billing_mails b
           join maneiro.users u on u.id = b.user_id
           join maneiro.organizations o on o.id = b.org_id
           join maneiro.memberships m on m.org_id = b.org_id and m.user_id = b.user_id
           where b.org_id = $1 and b.id = $2 and b.sent_at is null and m.ended_at is null and m.role = $3"#,
        tx.org(),
        id,
        to_text(&Role::Admin),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| {
        let language = from_text(&row.language)?;
        Ok(UnsentMail { content: row.content.0, to: row.email, language, clinic: row.clinic })
    })
    .transpose()
}

/// Records that a mail was sent.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_sent(tx: &mut OrgTx, id: Uuid, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.billing_mails set sent_at = $3 where org_id = $1 and id = $2 and sent_at is null",
        tx.org(),
        id,
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
