//! A clinic's subscription as its members see it: what they have, what is used, what is left.

use maneiro_api::{
    error::PlanLimit,
    subscription::{
        LimitCheck, LimitUse, MailPreferences, PlanOffers, ScheduledPlan, SubscriptionStatus, UsageReport,
    },
};
use time::Date;

use super::plan_limits::upgrade_url;
use crate::{
    domain::{
        actor::OrgActor,
        entitlements::{Entitlements, StandingUse, entitlements, fits},
        error::Error,
        subscription::Subscription,
    },
    state::App,
    store::{OrgTx, mail_preferences, subscriptions, usage, usage_reports},
};

/// What can be bought.
#[must_use]
pub fn offers(app: &App) -> PlanOffers {
    let (plans, add_ons) = app.plans.offers();
    PlanOffers { plans, add_ons, can_buy: app.payments.is_some() }
}

async fn limits(tx: &mut OrgTx, may: &Entitlements<'_>) -> Result<([LimitUse; 3], StandingUse), Error> {
    let standing = usage_reports::standing(tx).await?;
    let analyses = usage::used(tx, may.period().starts_at()).await?;
    Ok((may.limits(analyses, standing), standing))
}

/// The clinic's subscription.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn status(app: &App, who: &OrgActor) -> Result<SubscriptionStatus, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let subscription = subscriptions::find(&mut tx).await?;
    let ids = subscriptions::payment_ids(&mut tx).await?;
    let may = entitlements(&app.plans, &subscription, app.now());
    let (limits, _) = limits(&mut tx, &may).await?;
    tx.commit().await?;
    let Subscription { next, period_ends_at, .. } = subscription;
    Ok(SubscriptionStatus {
        plan: may.plan().to_owned(),
        subscribed_plan: subscription.plan,
        state: subscription.state,
        state_since: subscription.state_since,
        interval: subscription.interval,
        trial_ends_at: subscription.trial_ends_at,
        period_ends_at,
        cancels_at_period_end: subscription.cancels_at_period_end,
        next: next.zip(period_ends_at).map(|(next, at)| ScheduledPlan {
            plan: next.plan,
            interval: next.interval,
            at,
        }),
        failed_payments: subscription.failed_payments,
        extra_seats: subscription.extra_seats,
        extra_storage: subscription.extra_storage,
        has_customer: ids.customer.is_some(),
        limits: limits.to_vec(),
        features: may.features().to_vec(),
    })
}

/// Whether `amount` more fits into a limit.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn check_limit(
    app: &App,
    who: &OrgActor,
    limit: PlanLimit,
    amount: u64,
) -> Result<LimitCheck, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let subscription = subscriptions::find(&mut tx).await?;
    let may = entitlements(&app.plans, &subscription, app.now());
    let (limits, _) = limits(&mut tx, &may).await?;
    tx.commit().await?;
    let usage = limits.into_iter().find(|usage| usage.limit == limit);
    let usage = usage.ok_or_else(|| Error::internal(anyhow::anyhow!("a limit is not measured")))?;
    Ok(LimitCheck {
        is_allowed: fits(usage, amount),
        is_suspended: may.is_suspended(),
        upgrade_url: upgrade_url(app)?,
        usage,
    })
}

/// What the clinic used by month, and who used how much in `month` or the present one.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn usage_report(app: &App, who: &OrgActor, month: Option<Date>) -> Result<UsageReport, Error> {
    let month = month.unwrap_or_else(|| usage_reports::month_of(app.now()));
    let mut tx = app.db.begin_org(who).await?;
    let months = usage_reports::months(&mut tx, app.now()).await?;
    let persons = usage_reports::persons(&mut tx, month).await?;
    tx.commit().await?;
    Ok(UsageReport { organization: who.org(), months, persons, month })
}

/// Which mails the actor gets.
///
/// # Errors
/// `PermissionDenied` if a worker acts.
pub async fn mail_preferences(app: &App, who: &OrgActor) -> Result<MailPreferences, Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_org(who).await?;
    let found = mail_preferences::find(&mut tx, user).await?;
    tx.commit().await?;
    Ok(found)
}

/// Chooses which mails the actor gets.
///
/// # Errors
/// `PermissionDenied` if a worker acts.
pub async fn set_mail_preferences(
    app: &App,
    who: &OrgActor,
    chosen: MailPreferences,
) -> Result<MailPreferences, Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_org(who).await?;
    mail_preferences::upsert(&mut tx, user, chosen).await?;
    tx.commit().await?;
    Ok(chosen)
}
