//! The policies of clinics.

use maneiro_api::policy::ClinicPolicy;

use super::OrgTx;
use crate::domain::{clinic_policy::ValidPolicy, error::Error};

/// # Errors
/// `Unavailable` if the database is.
pub async fn find(tx: &mut OrgTx) -> Result<ClinicPolicy, Error> {
    let row = sqlx::query!(
        "select requires_second_factor, idle_minutes, absolute_hours, retention_days, mail_domains, recording_consent,
                uploads_originals, model_hosts
         from maneiro.org_policies where org_id = $1",
        tx.org()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(ClinicPolicy {
        requires_second_factor: row.requires_second_factor,
        idle_minutes: u32::try_from(row.idle_minutes).map_err(Error::internal)?,
        session_hours: u32::try_from(row.absolute_hours).map_err(Error::internal)?,
        mail_domains: row.mail_domains,
        retention_days: u32::try_from(row.retention_days).map_err(Error::internal)?,
        recording_consent: row.recording_consent,
        uploads_originals: row.uploads_originals,
        model_hosts: row.model_hosts,
    })
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn update(tx: &mut OrgTx, policy: &ValidPolicy) -> Result<(), Error> {
    let policy = policy.policy();
    let number = |value: u32| i32::try_from(value).map_err(Error::internal);
    sqlx::query!(
        "update maneiro.org_policies
         set requires_second_factor = $2, idle_minutes = $3, absolute_hours = $4, retention_days = $5,
             mail_domains = $6, recording_consent = $7, uploads_originals = $8, model_hosts = $9
         where org_id = $1",
        tx.org(),
        policy.requires_second_factor,
        number(policy.idle_minutes)?,
        number(policy.session_hours)?,
        number(policy.retention_days)?,
        &policy.mail_domains,
        policy.recording_consent,
        policy.uploads_originals,
        policy.model_hosts.as_deref(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
