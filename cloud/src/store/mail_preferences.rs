//! Which mails members get that are not about money.

use maneiro_api::{UserId, subscription::MailPreferences};

use super::OrgTx;
use crate::domain::error::Error;

/// What a member chose; everything, if nothing.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find(tx: &mut OrgTx, user: UserId) -> Result<MailPreferences, Error> {
    let row = sqlx::query!(
        "select usage_alerts, trial_reminders from maneiro.mail_preferences where org_id = $1 and user_id = $2",
        tx.org(),
        user.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map_or(MailPreferences { usage_alerts: true, trial_reminders: true }, |row| MailPreferences {
        usage_alerts: row.usage_alerts,
        trial_reminders: row.trial_reminders,
    }))
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn upsert(tx: &mut OrgTx, user: UserId, chosen: MailPreferences) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.mail_preferences (org_id, user_id, usage_alerts, trial_reminders) values ($1, $2, $3, $4)
         on conflict on constraint mail_preferences_pkey
         do update set usage_alerts = excluded.usage_alerts, trial_reminders = excluded.trial_reminders",
        tx.org(),
        user.uuid(),
        chosen.usage_alerts,
        chosen.trial_reminders,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
