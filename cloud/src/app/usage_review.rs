//! What is done to clinics by themselves, with time: trials end, use is measured, and admins are told.

use maneiro_api::{OrgId, TaskId, error::PlanLimit};
use serde_json::json;

use super::billing_mails;
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        billing_mail::{BillingMail, alert_percent, trial_reminder},
        entitlements::entitlements,
        error::Error,
        subscription::SubscriptionState,
        task::{NewTask, TaskKind, TaskLease},
    },
    state::App,
    store::{SystemTask, audit, subscriptions, tasks, usage, usage_reports},
};

/// Clinics whose tasks are enqueued in one transaction.
const CLINICS_PER_BATCH: i64 = 1_000;

/// Enqueues the review of each clinic that is on a trial, or whose subscription ended.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn enqueue_reviews(app: &App) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    for org in subscriptions::list_due(&mut tx).await? {
        enqueue(app, &mut tx, org, TaskKind::ReviewSubscription).await?;
    }
    tx.commit().await
}

/// Enqueues the measurement of every clinic.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn enqueue_measurements(app: &App) -> Result<(), Error> {
    let mut last = None;
    loop {
        let mut tx = app.db.begin_system(SystemTask::Queue).await?;
        let orgs = subscriptions::list_orgs(&mut tx, last, CLINICS_PER_BATCH).await?;
        for org in &orgs {
            enqueue(app, &mut tx, *org, TaskKind::MeasureUsage).await?;
        }
        tx.commit().await?;
        last = orgs.last().copied();
        if last.is_none() {
            return Ok(());
        }
    }
}

async fn enqueue(
    app: &App,
    tx: &mut crate::store::SystemTx,
    org: OrgId,
    kind: TaskKind,
) -> Result<(), Error> {
    let task = NewTask::new(TaskId::from_uuid(app.new_uuid()), kind);
    tasks::enqueue(tasks::TaskTx::SystemFor(tx, org), &task).await.map(drop)
}

/// Ends a trial that is over and what was cancelled long ago; tells of the beginning of a trial, and of its end before.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn review(app: &App, lease: &TaskLease) -> Result<(), Error> {
    let who = OrgActor::from_task_lease(lease)?;
    let now = app.now();
    let mut tx = app.db.begin_org(&who).await?;
    let subscription = subscriptions::lock(&mut tx).await?;
    let trial_ends_at =
        subscription.trial_ends_at.filter(|_| subscription.state == SubscriptionState::Trialing);
    if let Some(ends_at) = trial_ends_at.filter(|end| now < *end) {
        let mail = BillingMail::TrialStarted { ends_at };
        billing_mails::queue(app, &mut tx, "trial_started", &mail).await?;
    }
    if let Some(ends_at) = trial_ends_at
        && let Some(days) = trial_reminder(ends_at, now)
    {
        let mail = BillingMail::TrialEnding { days, ends_at };
        billing_mails::queue(app, &mut tx, &format!("trial_ending/{days}"), &mail).await?;
    }
    let before = subscription.state;
    let changed = subscription.clone().expire_trial(now).or_else(|_| subscription.lapse(now));
    if let Ok(changed) = changed {
        subscriptions::update(&mut tx, &changed).await?;
        let event = app
            .audit_event(AuditAction::SubscriptionChanged, Some(who.org().uuid()))
            .with_details(json!({ "from": before, "to": changed.state }));
        audit::append(&mut tx, &event).await?;
        if before == SubscriptionState::Trialing {
            billing_mails::queue(app, &mut tx, "trial_ended", &BillingMail::TrialEnded).await?;
        }
    }
    tx.commit().await
}

/// Measures what a clinic uses, and tells its admins of 80, 90 and 100 % of a limit, once each a period.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn measure(app: &App, lease: &TaskLease) -> Result<(), Error> {
    let who = OrgActor::from_task_lease(lease)?;
    let now = app.now();
    let mut tx = app.db.begin_org(&who).await?;
    let subscription = subscriptions::find(&mut tx).await?;
    let may = entitlements(&app.plans, &subscription, now);
    let standing = usage_reports::standing(&mut tx).await?;
    usage_reports::measure(&mut tx, standing, now).await?;
    let analyses = usage::used(&mut tx, may.period().starts_at()).await?;
    for limit in may.limits(analyses, standing) {
        // A free clinic has one seat, and its one member takes it.
        let is_told = limit.limit != PlanLimit::Seats || limit.maximum.is_some_and(|seats| seats > 1);
        if let Some(maximum) = limit.maximum.filter(|_| is_told)
            && let Some(percent) = alert_percent(limit.used, maximum)
        {
            let period = may.period().starts_at().unix_timestamp();
            let cause = format!("usage/{:?}/{percent}/{period}", limit.limit);
            let (used, resets_at, limit) = (limit.used, limit.resets_at, limit.limit);
            let mail = BillingMail::UsageAlert { limit, percent, used, maximum, resets_at };
            billing_mails::queue(app, &mut tx, &cause, &mail).await?;
        }
    }
    tx.commit().await
}
