//! The clinic's policy. What reads it reads it anew each time, so that what is stricter takes effect at once; the store of sessions
//! applies what is about them.

use maneiro_api::policy::ClinicPolicy;
use serde_json::json;

use crate::{
    domain::{actor::OrgActor, audit::AuditAction, clinic_policy::ValidPolicy, error::Error},
    state::App,
    store::{audit, policies},
};

/// What the actor's clinic requires and permits.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find(app: &App, who: &OrgActor) -> Result<ClinicPolicy, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let policy = policies::find(&mut tx).await?;
    tx.commit().await?;
    Ok(policy)
}

/// Replaces the policy of the actor's clinic.
///
/// # Errors
/// `InvalidInput` with every refused field.
pub async fn set(app: &App, who: &OrgActor, input: ClinicPolicy) -> Result<ClinicPolicy, Error> {
    let policy = ValidPolicy::new(input)?;
    let mut tx = app.db.begin_org(who).await?;
    policies::update(&mut tx, &policy).await?;
    let policy = policy.into_policy();
    let event = app.audit_event(AuditAction::PolicyChanged, Some(who.org().uuid())).with_details(json!({
        "requires_second_factor": policy.requires_second_factor,
        "idle_minutes": policy.idle_minutes,
        "session_hours": policy.session_hours,
        "mail_domains": policy.mail_domains,
        "retention_days": policy.retention_days,
        "has_recording_consent": policy.recording_consent.is_some(),
        "uploads_originals": policy.uploads_originals,
        "model_hosts": policy.model_hosts,
    }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    app.sessions.evict_of(who.org().uuid());
    Ok(policy)
}
