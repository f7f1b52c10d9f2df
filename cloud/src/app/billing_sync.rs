//! From Stripe to our database. An event only says that something changed: a task fetches the present state and applies it, so
//! that order and repeats cannot matter. An hourly reconciliation finds what no event told.

use std::collections::HashMap;

use maneiro_api::{ErrorCode, OrgId, TaskId};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::Duration;
use tracing::{error, info, warn};

use super::billing_mails;
use crate::{
    domain::{
        actor::OrgActor,
        audit::AuditAction,
        billing::{RemoteStatus, RemoteSubscription, relevant},
        billing_mail::BillingMail,
        error::Error,
        plan::PaymentEnvironment,
        stripe_event::{StripeEvent, verify_signature},
        subscription::{PaymentStanding, Subscription, SubscriptionState},
        task::{MAX_ATTEMPTS, NewTask, TaskKind, TaskLease},
    },
    ports::payments::{Payments, PaymentsError},
    state::App,
    store::{
        OrgTx, SystemTask, SystemTx, audit,
        stripe_events::{self, NewStripeEvent, StripeProblem},
        subscriptions, tasks,
    },
};

/// Stripe repeats an event for three days; its list of events goes back 30.
const EVENTS_KEPT: Duration = Duration::days(40);

/// How often the present state is fetched again because somebody else applied another meanwhile.
const MAX_SYNC_ROUNDS: u32 = 5;

/// Clinics that a reconciliation looks at between two looks at the database.
const CLINICS_PER_BATCH: i64 = 1_000;

/// Takes an event: its id and the task that applies it are stored in one transaction.
///
/// # Errors
/// `InvalidInput` if it is not Stripe's, or of the other of its two worlds; `Conflict` if the service has no payments.
pub async fn receive(app: &App, signature: &str, body: &[u8]) -> Result<(), Error> {
    let payments = app.payments.as_deref().ok_or(Error::Conflict(ErrorCode::PaymentsDisabled))?;
    verify_signature(&app.stripe_webhook_secrets, signature, body, app.now())
        .map_err(|error| Error::invalid_field("Stripe-Signature", error.to_string()))?;
    let event = StripeEvent::parse(body).ok_or_else(|| Error::invalid_field("body", "is no event"))?;
    if event.is_live != (payments.environment() == PaymentEnvironment::Live) {
        return Err(Error::invalid_field("livemode", "belongs to the other mode"));
    }
    let Some(customer) = event.customer.as_deref().filter(|_| event.is_applied()) else { return Ok(()) };
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    let org = subscriptions::find_org_of_customer(&mut tx, customer).await?;
    let new = NewStripeEvent {
        id: &event.id,
        org,
        kind: &event.kind,
        customer: Some(customer),
        anomaly: org.is_none().then_some(StripeProblem::UnknownCustomer),
        received_at: app.now(),
    };
    if stripe_events::insert(&mut tx, new).await? {
        match org {
            Some(org) => {
                let key = format!("stripe/{}", hex::encode(&Sha256::digest(&event.id)[..16]));
                enqueue_sync(app, &mut tx, org, Some(key)).await?;
            }
            None => error!(stripe.event = event.id, "an event concerns a customer whom no clinic has"),
        }
    }
    tx.commit().await
}

async fn enqueue_sync(
    app: &App,
    tx: &mut SystemTx,
    org: OrgId,
    dedupe_key: Option<String>,
) -> Result<(), Error> {
    subscriptions::want_sync(tx, org, app.now()).await?;
    let task = NewTask::new(TaskId::from_uuid(app.new_uuid()), TaskKind::SyncSubscription);
    let task = match dedupe_key {
        Some(key) => task.with_dedupe_key(key),
        None => task,
    };
    tasks::enqueue(tasks::TaskTx::SystemFor(tx, org), &task).await?;
    Ok(())
}

/// Applies the present state of a clinic's subscription, as a task. While Stripe is down it stays wanted, and the next
/// reconciliation enqueues it again: there is nothing for an operator to do.
///
/// # Errors
/// `Unavailable` while payments are, except in the last attempt.
pub async fn sync_task(app: &App, lease: &TaskLease) -> Result<(), Error> {
    let who = OrgActor::from_task_lease(lease)?;
    match sync(app, &who).await {
        Err(error @ Error::Unavailable { .. }) if lease.attempt() >= MAX_ATTEMPTS => {
            warn!(org.id = %who.org(), error = %error, "a subscription is applied when payments are back");
            let mut tx = app.db.begin_system(SystemTask::Queue).await?;
            subscriptions::want_sync(&mut tx, who.org(), app.now()).await?;
            tx.commit().await
        }
        done => done,
    }
}

/// Fetches the present state of a clinic's subscription and applies it.
///
/// # Errors
/// `Unavailable` while payments are.
pub async fn sync(app: &App, who: &OrgActor) -> Result<(), Error> {
    let Some(payments) = app.payments.as_deref() else { return Ok(()) };
    for _ in 0..MAX_SYNC_ROUNDS {
        let mut tx = app.db.begin_org(who).await?;
        let ids = subscriptions::payment_ids(&mut tx).await?;
        let seen = subscriptions::sync_count(&mut tx).await?;
        tx.commit().await?;
        let Some(customer) = ids.customer else { return Ok(()) };
        let all = match payments.subscriptions_of(&customer).await {
            // A customer who was deleted has no subscription any more.
            Err(PaymentsError::NotFound) => Vec::new(),
            found => found?,
        };
        let mut tx = app.db.begin_org(who).await?;
        let subscription = subscriptions::lock(&mut tx).await?;
        if subscriptions::sync_count(&mut tx).await? != seen {
            // Somebody applied what may be later than this.
            continue;
        }
        apply(app, &mut tx, payments, subscription, &customer, &all).await?;
        return tx.commit().await;
    }
    Err(Error::unavailable(anyhow::anyhow!("a subscription is applied by others all the time")))
}

/// The digest of nothing.
fn no_digest() -> [u8; 32] {
    Sha256::digest(b"none").into()
}

async fn apply(
    app: &App,
    tx: &mut OrgTx,
    payments: &dyn Payments,
    before: Subscription,
    customer: &str,
    all: &[RemoteSubscription],
) -> Result<(), Error> {
    let now = app.now();
    let environment = payments.environment();
    let is_live = environment == PaymentEnvironment::Live;
    let all: Vec<RemoteSubscription> =
        all.iter().filter(|remote| remote.is_live == is_live).cloned().collect();
    let paid = |remote: &&RemoteSubscription| remote.is_live() && remote.status != RemoteStatus::Incomplete;
    let Some(remote) = relevant(&all) else {
        let after = before.clone().apply(PaymentStanding::Ended, now);
        if after != before {
            subscriptions::update(tx, &after).await?;
            record(app, tx, &before, &after).await?;
            billing_mails::queue(app, tx, &format!("ended/{customer}"), &BillingMail::SubscriptionEnded)
                .await?;
        }
        return subscriptions::set_synced(tx, None, &no_digest(), now).await;
    };
    let standing = match remote.standing(&app.plans, environment) {
        Ok(standing) => standing,
        Err(problem) => {
            // Nothing is taken away because of a price: the clinic keeps what it had until somebody has looked.
            error!(org.id = %tx.who().org(), stripe.subscription = remote.id, %problem, "a subscription cannot be applied");
            stripe_events::set_problem(tx, &remote.id, customer, Some(StripeProblem::UnknownPrice), now)
                .await?;
            return subscriptions::set_synced(tx, Some(&remote.id), &remote.digest(), now).await;
        }
    };
    let problem = (all.iter().filter(paid).count() > 1).then_some(StripeProblem::TwoSubscriptions);
    stripe_events::set_problem(tx, &remote.id, customer, problem, now).await?;
    let after = before.clone().apply(standing, now);
    if after != before {
        subscriptions::update(tx, &after).await?;
        record(app, tx, &before, &after).await?;
    }
    mail(app, tx, remote, &before, &after).await?;
    subscriptions::set_synced(tx, Some(&remote.id), &remote.digest(), now).await
}

async fn record(app: &App, tx: &mut OrgTx, before: &Subscription, after: &Subscription) -> Result<(), Error> {
    let event =
        app.audit_event(AuditAction::SubscriptionChanged, Some(tx.who().org().uuid())).with_details(json!({
            "from": before.state, "to": after.state, "plan": after.plan, "interval": after.interval,
        }));
    audit::append(tx, &event).await
}

async fn mail(
    app: &App,
    tx: &mut OrgTx,
    remote: &RemoteSubscription,
    before: &Subscription,
    after: &Subscription,
) -> Result<(), Error> {
    let id = &remote.id;
    if let Some(invoice) = &remote.latest_invoice {
        let (amount_cents, currency) = (invoice.total_cents, invoice.currency.clone());
        match (invoice.is_paid, after.state, after.interval) {
            (true, SubscriptionState::Active, Some(interval)) => {
                let (plan, next_at) = (after.plan.clone(), after.period_ends_at);
                let paid = BillingMail::PaymentSucceeded { amount_cents, currency, plan, interval, next_at };
                billing_mails::queue(app, tx, &format!("paid/{}", invoice.id), &paid).await?;
            }
            (false, SubscriptionState::PastDue | SubscriptionState::Suspended, _)
                if after.failed_payments > 0 =>
            {
                let failures = after.failed_payments;
                let failed = BillingMail::PaymentFailed { failures, amount_cents, currency };
                billing_mails::queue(app, tx, &format!("failed/{}/{failures}", invoice.id), &failed).await?;
            }
            (
                true | false,
                SubscriptionState::Trialing
                | SubscriptionState::Active
                | SubscriptionState::PastDue
                | SubscriptionState::Suspended
                | SubscriptionState::Cancelled
                | SubscriptionState::Free,
                _,
            ) => {}
        }
    }
    if after.cancels_at_period_end && !before.cancels_at_period_end {
        let ends_at = after.period_ends_at;
        let cause = format!("cancel/{id}/{}", ends_at.map_or(0, time::OffsetDateTime::unix_timestamp));
        billing_mails::queue(app, tx, &cause, &BillingMail::CancellationScheduled { ends_at }).await?;
    }
    if after.state == SubscriptionState::Cancelled && before.state != SubscriptionState::Cancelled {
        billing_mails::queue(app, tx, &format!("ended/{id}"), &BillingMail::SubscriptionEnded).await?;
    }
    Ok(())
}

/// What a reconciliation found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    pub clinics: u64,
    pub subscriptions: u64,
    /// Calls of Stripe.
    pub calls: u64,
    /// Clinics whose subscription differs, or waits: they are mended by tasks.
    pub differences: u64,
    /// Subscriptions of customers whom no clinic has.
    pub unknown: u64,
}

/// Compares all clinics with all subscriptions of Stripe, which are listed, and has what differs applied.
///
/// # Errors
/// `Unavailable` while payments are.
pub async fn reconcile(app: &App) -> Result<Reconciled, Error> {
    let Some(payments) = app.payments.as_deref() else { return Ok(Reconciled::default()) };
    let is_live = payments.environment() == PaymentEnvironment::Live;
    let mut found = Reconciled::default();
    let mut by_customer: HashMap<String, Vec<RemoteSubscription>> = HashMap::new();
    let mut after = None;
    loop {
        let page = payments.list_subscriptions(after.as_deref()).await?;
        found.calls += 1;
        for remote in page.items {
            if remote.is_live == is_live {
                found.subscriptions += 1;
                by_customer.entry(remote.customer.clone()).or_default().push(remote);
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut last = None;
    loop {
        let mut tx = app.db.begin_system(SystemTask::Queue).await?;
        let clinics = subscriptions::list_customers(&mut tx, last, CLINICS_PER_BATCH).await?;
        for clinic in &clinics {
            found.clinics += 1;
            let remote = by_customer.remove(&clinic.customer);
            let differs = match remote.as_deref().and_then(relevant) {
                Some(remote) => clinic.applied_hash != Some(remote.digest()),
                // What ended is not listed.
                None => clinic.is_billed,
            };
            if differs || clinic.waits {
                found.differences += 1;
                enqueue_sync(app, &mut tx, clinic.org, None).await?;
            }
        }
        last = clinics.last().map(|clinic| clinic.org);
        if last.is_none() {
            stripe_events::delete_old(&mut tx, app.now() - EVENTS_KEPT).await?;
            tx.commit().await?;
            break;
        }
        tx.commit().await?;
    }
    let mut tx = app.db.begin_system(SystemTask::Queue).await?;
    for remote in by_customer.values().flatten() {
        found.unknown += 1;
        let id = format!("unknown/{}", remote.id);
        let new = NewStripeEvent {
            id: &id,
            org: None,
            kind: "reconciliation",
            customer: Some(&remote.customer),
            anomaly: Some(StripeProblem::UnknownCustomer),
            received_at: app.now(),
        };
        if stripe_events::insert(&mut tx, new).await? {
            error!(stripe.subscription = remote.id, "a subscription is of a customer whom no clinic has");
        }
    }
    tx.commit().await?;
    let Reconciled { clinics, subscriptions, calls, differences, unknown } = found;
    info!(clinics, subscriptions, calls, differences, unknown, "subscriptions were reconciled");
    Ok(found)
}
