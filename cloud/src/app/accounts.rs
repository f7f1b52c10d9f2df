//! The account of the signed-in user.

use maneiro_api::account::{Me, Usage};

use crate::{
    domain::{actor::OrgActor, error::Error, plan::Subscription, quota_period::QuotaPeriod},
    state::App,
    store::{OrgTx, accounts, usage},
};

/// The actor's account and clinic, and what is left of the clinic's plan.
///
/// # Errors
/// `PermissionDenied` if a job acts.
pub async fn me(app: &App, who: &OrgActor) -> Result<Me, Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_org(who).await?;
    let identity = accounts::identity(&mut tx, user).await?;
    let usage = current_usage(app, &mut tx, &identity.subscription).await?;
    tx.commit().await?;
    Ok(Me {
        user,
        name: identity.name,
        email: identity.email,
        organization: who.org(),
        clinic: identity.clinic,
        role: identity.role,
        signs: identity.signs,
        usage,
    })
}

async fn current_usage(app: &App, tx: &mut OrgTx, subscription: &Subscription) -> Result<Usage, Error> {
    let now = app.now();
    let period = QuotaPeriod::containing(now);
    let plan = app.plans.effective_plan(subscription, now);
    Ok(Usage {
        plan: plan.key.clone(),
        trial_ends_at: subscription.trial_ends_at,
        analyses_used: usage::used(tx, period).await?,
        analyses_limit: plan.analyses_per_month.map(std::num::NonZero::get),
        resets_at: period.end(),
    })
}
