//! The account of the signed-in user.

use maneiro_api::account::{Me, Usage};

use crate::{
    domain::{actor::OrgActor, entitlements::entitlements, error::Error},
    state::App,
    store::{OrgTx, accounts, subscriptions, usage},
};

/// The actor's account and clinic, and what is left of the clinic's plan.
///
/// # Errors
/// `PermissionDenied` if a job acts.
pub async fn me(app: &App, who: &OrgActor) -> Result<Me, Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_org(who).await?;
    let identity = accounts::identity(&mut tx, user).await?;
    let usage = current_usage(app, &mut tx).await?;
    tx.commit().await?;
    Ok(Me {
        user,
        name: identity.name,
        email: identity.email,
        organization: who.org(),
        clinic: identity.clinic,
        role: identity.role,
        signs: identity.signs,
        idle_minutes: identity.idle_minutes,
        usage,
    })
}

async fn current_usage(app: &App, tx: &mut OrgTx) -> Result<Usage, Error> {
    let subscription = subscriptions::find(tx).await?;
    let may = entitlements(&app.plans, &subscription, app.now());
    let period = may.period();
    Ok(Usage {
        plan: may.plan().to_owned(),
        trial_ends_at: subscription.trial_ends_at,
        analyses_used: usage::used(tx, period.starts_at()).await?,
        analyses_limit: may.analyses(),
        resets_at: period.ends_at(),
    })
}
