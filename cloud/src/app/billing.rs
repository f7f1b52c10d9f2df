//! Buying and changing a subscription. What a clinic wants is stored before Stripe is asked, and a task asks again if the
//! process ends between: each step is recognised by its key, so that nothing is done twice.

use maneiro_api::{
    ErrorCode, TaskId,
    record::List,
    subscription::{
        AddOns, CancelSubscription, ChangePreview, ChangeTime, Invoice, PaymentPage, SubscriptionOrder,
    },
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::billing_sync;
use crate::{
    domain::{
        actor::{Actor, OrgActor},
        audit::AuditAction,
        billing::{
            self, BillingIntent, BillingRequest, MAX_CANCEL_REASON_CHARS, RemoteSubscription, change_time,
            check_add_ons, check_order, priced_items,
        },
        entitlements::Entitlements,
        error::Error,
        plan::PlanCatalogue,
        quota_period::QuotaPeriod,
        subscription::{PlanChoice, Subscription},
        task::{MAX_ATTEMPTS, NewTask, TaskKind, TaskLease},
        validation::{BoundedText, FieldErrors},
    },
    ports::payments::{ItemChange, NewCheckout, NewCustomer, Payments, PaymentsError},
    state::App,
    store::{
        OrgTx, accounts, audit,
        billing_intents::{self, IntentOutcome},
        subscriptions::{self, PaymentIds},
        tasks, usage_reports,
    },
};

/// After this long, a task does what the request that wanted it has not done.
const RECOVERY_DELAY: std::time::Duration = std::time::Duration::from_secs(60);

/// How long a task whose attempts are used up waits for Stripe.
const RECOVERY_PAUSE: std::time::Duration = std::time::Duration::from_secs(1800);

impl From<PaymentsError> for Error {
    fn from(error: PaymentsError) -> Self {
        match error {
            PaymentsError::Unavailable(_) => Self::unavailable(error),
            PaymentsError::Refused(_) => Self::Rejected(error.into()),
            PaymentsError::NotFound => Self::Conflict(ErrorCode::SubscriptionConflict),
        }
    }
}

fn payments(app: &App) -> Result<&dyn Payments, Error> {
    app.payments.as_deref().ok_or(Error::Conflict(ErrorCode::PaymentsDisabled))
}

const CONFLICT: Error = Error::Conflict(ErrorCode::SubscriptionConflict);

/// A page on which a plan is bought.
///
/// # Errors
/// `InvalidInput` with every invalid field; `Conflict` if the clinic pays for a plan already, or nothing can be bought.
pub async fn checkout(app: &App, who: &OrgActor, order: SubscriptionOrder) -> Result<PaymentPage, Error> {
    payments(app)?;
    let mut errors = FieldErrors::default();
    check_order(&mut errors, &app.plans, &order);
    errors.finish()?;
    let (requested_by, _) = who.require_member()?;
    let request = BillingRequest::Checkout { order, requested_by };
    let (intent, subscription) =
        begin(
            app,
            who,
            request,
            |subscription, _| {
                if subscription.is_billed() { Err(CONFLICT) } else { Ok(()) }
            },
        )
        .await?;
    drop(subscription);
    let url = perform(app, who, &intent).await?;
    let url = url.ok_or_else(|| Error::internal(anyhow::anyhow!("a checkout has no page")))?;
    Ok(PaymentPage { url: url.into() })
}

/// The page on which cards and addresses are changed.
///
/// # Errors
/// `Conflict` if the clinic has bought nothing yet, or nothing can be bought.
pub async fn portal(app: &App, who: &OrgActor) -> Result<PaymentPage, Error> {
    let payments = payments(app)?;
    let mut tx = app.db.begin_org(who).await?;
    let ids = subscriptions::payment_ids(&mut tx).await?;
    let customer = ids.customer.ok_or(CONFLICT)?;
    audit::append(&mut tx, &app.audit_event(AuditAction::PaymentPortalOpened, Some(who.org().uuid())))
        .await?;
    tx.commit().await?;
    let url = payments.create_portal(&customer, &return_url(app, "account/billing")?).await?;
    Ok(PaymentPage { url: url.into() })
}

/// Invoices, newest first.
///
/// # Errors
/// `Unavailable` while payments are.
pub async fn invoices(app: &App, who: &OrgActor, cursor: Option<&str>) -> Result<List<Invoice>, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let ids = subscriptions::payment_ids(&mut tx).await?;
    tx.commit().await?;
    let (Some(payments), Some(customer)) = (&app.payments, ids.customer) else {
        return Ok(List { items: Vec::new(), next_cursor: None });
    };
    if cursor.is_some_and(|cursor| !cursor.starts_with("in_") || cursor.len() > 255) {
        return Err(Error::invalid_field("cursor", "is not a cursor of this list"));
    }
    let page = payments.invoices(&customer, cursor).await?;
    Ok(List { items: page.items, next_cursor: page.next })
}

/// What a change would cost, and what stands in its way.
///
/// # Errors
/// `InvalidInput` with every invalid field; `Conflict` if nothing is billed that could be changed.
pub async fn preview(app: &App, who: &OrgActor, order: SubscriptionOrder) -> Result<ChangePreview, Error> {
    let payments = payments(app)?;
    let mut errors = FieldErrors::default();
    check_order(&mut errors, &app.plans, &order);
    errors.finish()?;
    let mut tx = app.db.begin_org(who).await?;
    let subscription = subscriptions::find(&mut tx).await?;
    let (choice, add_ons) = billed(&subscription)?;
    let ids = subscriptions::payment_ids(&mut tx).await?;
    let when = change_time(&app.plans, (&choice, add_ons), &order);
    let obstacles = obstacles(app, &mut tx, &order).await?;
    tx.commit().await?;
    let remote = remote_subscription(payments, &ids).await?;
    let (at, due_cents, currency) = match when {
        ChangeTime::Now => {
            let changes = item_changes(app, payments, &remote, &order)?;
            let invoice = payments.preview_change(&remote.id, &changes).await?;
            (app.now(), invoice.due_cents, invoice.currency)
        }
        ChangeTime::PeriodEnd => {
            let at = subscription.period_ends_at.unwrap_or_else(|| app.now());
            let currency = remote.latest_invoice.map_or_else(|| "usd".to_owned(), |invoice| invoice.currency);
            (at, catalogue_cents(&app.plans, &order), currency)
        }
    };
    Ok(ChangePreview { when, at, due_cents, currency, obstacles })
}

/// What an order costs in one interval by the catalogue.
fn catalogue_cents(catalogue: &PlanCatalogue, order: &SubscriptionOrder) -> i64 {
    let quantity = |key: &str| match key {
        billing::SEAT => order.extra_seats,
        billing::STORAGE => order.extra_storage,
        key => u32::from(key == order.plan),
    };
    let items = catalogue.sold_items().into_iter().filter(|item| item.interval == order.interval);
    items.map(|item| i64::from(item.cents) * i64::from(quantity(item.key))).sum()
}

/// Changes plan, interval or add-ons: what costs more at once, what costs less at the end of the period.
///
/// # Errors
/// `InvalidInput` with every invalid field; `LimitReached` with the first thing that stands in its way; `Conflict` if
/// nothing is billed that could be changed, or it is like that already.
pub async fn change(app: &App, who: &OrgActor, order: SubscriptionOrder) -> Result<(), Error> {
    payments(app)?;
    let mut errors = FieldErrors::default();
    check_order(&mut errors, &app.plans, &order);
    errors.finish()?;
    let mut tx = app.db.begin_org(who).await?;
    let subscription = subscriptions::find(&mut tx).await?;
    let (choice, add_ons) = billed(&subscription)?;
    let is_same = order.plan == choice.plan
        && order.interval == choice.interval
        && (order.extra_seats, order.extra_storage) == (add_ons.extra_seats, add_ons.extra_storage);
    if is_same && subscription.next.is_none() {
        return Err(CONFLICT);
    }
    let when = change_time(&app.plans, (&choice, add_ons), &order);
    if let Some(obstacle) = obstacles(app, &mut tx, &order).await?.first() {
        return Err(super::plan_limits::limit_reached(
            app,
            obstacle.limit,
            obstacle.used,
            obstacle.maximum.unwrap_or(u64::MAX),
            None,
        ));
    }
    tx.commit().await?;
    let request = BillingRequest::Change { order, when };
    let (intent, _) = begin(app, who, request, |subscription, _| billed(subscription).map(drop)).await?;
    perform(app, who, &intent).await.map(drop)
}

/// Has as many add-ons as this from now on.
///
/// # Errors
/// As [`change`].
pub async fn set_add_ons(app: &App, who: &OrgActor, add_ons: AddOns) -> Result<(), Error> {
    let mut errors = FieldErrors::default();
    check_add_ons(&mut errors, add_ons.extra_seats, add_ons.extra_storage);
    errors.finish()?;
    let mut tx = app.db.begin_org(who).await?;
    let (choice, _) = billed(&subscriptions::find(&mut tx).await?)?;
    tx.commit().await?;
    let PlanChoice { plan, interval } = choice;
    let AddOns { extra_seats, extra_storage } = add_ons;
    change(app, who, SubscriptionOrder { plan, interval, extra_seats, extra_storage }).await
}

/// Ends the subscription with its paid period. Records stay readable and exportable.
///
/// # Errors
/// `InvalidInput` if the reason is too long; `Conflict` if nothing is billed, or it ends already.
pub async fn cancel(app: &App, who: &OrgActor, input: &CancelSubscription) -> Result<(), Error> {
    payments(app)?;
    let reason = input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let mut errors = FieldErrors::default();
    let reason =
        errors.check("reason", reason.map(BoundedText::<MAX_CANCEL_REASON_CHARS>::parse).transpose());
    let Some(reason) = reason else { return Err(errors.into_error()) };
    let request = BillingRequest::Cancel { reason: reason.map(|reason| reason.as_str().to_owned()) };
    let (intent, _) = begin(app, who, request, |subscription, _| {
        billed(subscription)?;
        if subscription.cancels_at_period_end { Err(CONFLICT) } else { Ok(()) }
    })
    .await?;
    perform(app, who, &intent).await.map(drop)
}

/// Takes a cancellation, or a change at the end of the period, back.
///
/// # Errors
/// `Conflict` if there is nothing to take back.
pub async fn resume(app: &App, who: &OrgActor) -> Result<(), Error> {
    payments(app)?;
    let (intent, _) = begin(app, who, BillingRequest::Resume, |subscription, _| {
        billed(subscription)?;
        if subscription.cancels_at_period_end || subscription.next.is_some() { Ok(()) } else { Err(CONFLICT) }
    })
    .await?;
    perform(app, who, &intent).await.map(drop)
}

fn billed(subscription: &Subscription) -> Result<(PlanChoice, AddOns), Error> {
    let interval = subscription.interval.ok_or(CONFLICT)?;
    let Subscription { plan, extra_seats, extra_storage, .. } = subscription;
    Ok((
        PlanChoice { plan: plan.clone(), interval },
        AddOns { extra_seats: *extra_seats, extra_storage: *extra_storage },
    ))
}

async fn obstacles(
    app: &App,
    tx: &mut OrgTx,
    order: &SubscriptionOrder,
) -> Result<Vec<maneiro_api::subscription::LimitUse>, Error> {
    let plan = app.plans.plan(&order.plan).ok_or(CONFLICT)?;
    let period = QuotaPeriod::calendar_month(app.now());
    let wanted = Entitlements::for_plan(&app.plans, plan, period, order.extra_seats, order.extra_storage);
    Ok(wanted.obstacles(usage_reports::standing(tx).await?))
}

/// Stores what is wanted, with the task that does it if this process ends. A pending intent with the same request is taken up;
/// another one has to be finished first.
async fn begin(
    app: &App,
    who: &OrgActor,
    request: BillingRequest,
    check: impl Fn(&Subscription, &PaymentIds) -> Result<(), Error>,
) -> Result<(BillingIntent, Subscription), Error> {
    let pending = {
        let mut tx = app.db.begin_org(who).await?;
        let pending = billing_intents::find_pending(&mut tx).await?;
        tx.commit().await?;
        pending
    };
    if let Some(pending) = pending
        && pending.request != request
    {
        perform(app, who, &pending).await?;
    }
    let mut tx = app.db.begin_org(who).await?;
    let subscription = subscriptions::lock(&mut tx).await?;
    if let Some(pending) = billing_intents::find_pending(&mut tx).await? {
        tx.commit().await?;
        return if pending.request == request { Ok((pending, subscription)) } else { Err(CONFLICT) };
    }
    check(&subscription, &subscriptions::payment_ids(&mut tx).await?)?;
    let intent = BillingIntent { id: app.new_uuid(), request };
    if !billing_intents::insert(&mut tx, &intent, app.now()).await? {
        return Err(CONFLICT);
    }
    tasks::enqueue(&mut tx, &recovery_task(app, intent.id, RECOVERY_DELAY)).await?;
    let event = app
        .audit_event(AuditAction::SubscriptionChangeRequested, Some(intent.id))
        .with_details(json!({ "change": intent.request.name() }));
    audit::append(&mut tx, &event).await?;
    tx.commit().await?;
    Ok((intent, subscription))
}

/// Does what an earlier process wanted and may not have done. While Stripe is down it stays pending, and is looked at again
/// later: there is nothing for an operator to do.
///
/// # Errors
/// `Unavailable` while payments are, except in the last attempt.
pub async fn finish_intent_task(app: &App, who: &OrgActor, lease: &TaskLease) -> Result<(), Error> {
    let id = lease.require_subject()?;
    match finish_intent(app, who, id).await {
        Err(Error::Unavailable { .. }) if lease.attempt() >= MAX_ATTEMPTS => {
            let mut tx = app.db.begin_org(who).await?;
            tasks::enqueue(&mut tx, &recovery_task(app, id, RECOVERY_PAUSE)).await?;
            tx.commit().await
        }
        done => done,
    }
}

fn recovery_task(app: &App, intent: Uuid, delay: std::time::Duration) -> NewTask {
    NewTask::new(TaskId::from_uuid(app.new_uuid()), TaskKind::FinishBillingIntent)
        .with_subject(intent)
        .with_delay(delay)
}

async fn finish_intent(app: &App, who: &OrgActor, id: Uuid) -> Result<(), Error> {
    let mut tx = app.db.begin_org(who).await?;
    let intent = billing_intents::find_pending_by_id(&mut tx, id).await?;
    tx.commit().await?;
    match intent {
        // What Stripe refuses is recorded; there is nobody to tell.
        Some(intent) => match perform(app, who, &intent).await {
            Err(Error::Rejected(_) | Error::Conflict(_)) => Ok(()),
            done => done.map(drop),
        },
        None => Ok(()),
    }
}

/// Asks Stripe, and records the answer. As long as Stripe does not answer, the intent is pending.
async fn perform(app: &App, who: &OrgActor, intent: &BillingIntent) -> Result<Option<Url>, Error> {
    let done = ask(app, who, intent).await;
    let outcome = match &done {
        Ok(url) => IntentOutcome::Done(url.as_ref().map(Url::as_str)),
        Err(Error::Rejected(_)) => IntentOutcome::Refused("refused"),
        Err(Error::Conflict(_)) => IntentOutcome::Refused("conflict"),
        Err(_) => return done,
    };
    let mut tx = app.db.begin_org(who).await?;
    billing_intents::finish(&mut tx, intent.id, outcome, app.now()).await?;
    if matches!(who.actor(), Actor::Member { .. } | Actor::Support { .. }) {
        // Nothing is left to recover.
        tasks::delete_for_subject(&mut tx, TaskKind::FinishBillingIntent, intent.id).await?;
    }
    tx.commit().await?;
    if done.is_ok() && !matches!(intent.request, BillingRequest::Checkout { .. }) {
        // Stripe's event follows, but nobody should have to wait for it.
        billing_sync::sync(app, who).await?;
    }
    done
}

async fn ask(app: &App, who: &OrgActor, intent: &BillingIntent) -> Result<Option<Url>, Error> {
    let payments = payments(app)?;
    let mut tx = app.db.begin_org(who).await?;
    let ids = subscriptions::payment_ids(&mut tx).await?;
    tx.commit().await?;
    match &intent.request {
        BillingRequest::Checkout { order, requested_by } => {
            let customer = match ids.customer {
                Some(customer) => customer,
                None => create_customer(app, who, payments, intent, *requested_by).await?,
            };
            // Whoever paid on another page meanwhile does not pay twice.
            let existing = payments.subscriptions_of(&customer).await?;
            if existing
                .iter()
                .any(|remote| remote.is_live() && remote.status != billing::RemoteStatus::Incomplete)
            {
                billing_sync::sync(app, who).await?;
                return Err(CONFLICT);
            }
            let items = priced_items(&app.plans, payments.environment(), order).ok_or(CONFLICT)?;
            let checkout = NewCheckout {
                customer,
                org: who.org().to_string(),
                items,
                success_url: return_url(app, "account/billing/paid")?,
                cancel_url: return_url(app, "account/billing")?,
                automatic_tax: app.automatic_tax,
            };
            Ok(Some(payments.create_checkout(&intent.key("checkout"), &checkout).await?))
        }
        BillingRequest::Change { order, when } => {
            let remote = remote_subscription(payments, &ids).await?;
            match when {
                ChangeTime::Now => {
                    if let Some(schedule) = &remote.schedule {
                        payments.release_schedule(&intent.key("release"), &schedule.id).await?;
                    }
                    let changes = item_changes(app, payments, &remote, order)?;
                    payments.change_items(&intent.key("items"), &remote.id, &changes).await?;
                }
                ChangeTime::PeriodEnd => {
                    // A schedule that is there already takes other items: one that is released takes none.
                    let items = priced_items(&app.plans, payments.environment(), order).ok_or(CONFLICT)?;
                    payments.schedule_items(&intent.key("schedule"), &remote, &items).await?;
                }
            }
            Ok(None)
        }
        BillingRequest::Cancel { reason } => {
            let remote = remote_subscription(payments, &ids).await?;
            if let Some(schedule) = &remote.schedule {
                payments.release_schedule(&intent.key("release"), &schedule.id).await?;
            }
            payments
                .set_cancel_at_period_end(&intent.key("cancel"), &remote.id, true, reason.as_deref())
                .await?;
            Ok(None)
        }
        BillingRequest::Resume => {
            let remote = remote_subscription(payments, &ids).await?;
            if let Some(schedule) = &remote.schedule {
                payments.release_schedule(&intent.key("release"), &schedule.id).await?;
            }
            if remote.cancels_at_period_end {
                payments.set_cancel_at_period_end(&intent.key("resume"), &remote.id, false, None).await?;
            }
            Ok(None)
        }
    }
}

async fn create_customer(
    app: &App,
    who: &OrgActor,
    payments: &dyn Payments,
    intent: &BillingIntent,
    requested_by: maneiro_api::UserId,
) -> Result<String, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let identity = accounts::identity(&mut tx, requested_by).await?;
    tx.commit().await?;
    let new = NewCustomer { org: who.org().to_string(), name: identity.clinic, email: identity.email };
    let customer = payments.create_customer(&intent.key("customer"), &new).await?;
    let mut tx = app.db.begin_org(who).await?;
    subscriptions::set_customer(&mut tx, &customer).await?;
    tx.commit().await?;
    Ok(customer)
}

async fn remote_subscription(payments: &dyn Payments, ids: &PaymentIds) -> Result<RemoteSubscription, Error> {
    let customer = ids.customer.as_deref().ok_or(CONFLICT)?;
    let all = payments.subscriptions_of(customer).await?;
    billing::relevant(&all).filter(|remote| remote.is_live()).cloned().ok_or(CONFLICT)
}

/// From the items that there are to those of an order.
fn item_changes(
    app: &App,
    payments: &dyn Payments,
    remote: &RemoteSubscription,
    order: &SubscriptionOrder,
) -> Result<Vec<ItemChange>, Error> {
    let environment = payments.environment();
    let wanted = priced_items(&app.plans, environment, order).ok_or(CONFLICT)?;
    let role = |price: &str| {
        app.plans.find_price(environment, price).map(|(key, _)| match key {
            billing::SEAT => billing::SEAT,
            billing::STORAGE => billing::STORAGE,
            _ => "plan",
        })
    };
    let mut changes: Vec<ItemChange> = wanted
        .iter()
        .map(|item| ItemChange {
            id: remote
                .items
                .iter()
                .find(|there| role(&there.price) == role(&item.price))
                .map(|there| there.id.clone()),
            price: item.price.clone(),
            quantity: item.quantity,
        })
        .collect();
    let kept: Vec<_> = wanted.iter().map(|item| role(&item.price)).collect();
    for there in &remote.items {
        if !kept.contains(&role(&there.price)) {
            changes.push(ItemChange { id: Some(there.id.clone()), price: there.price.clone(), quantity: 0 });
        }
    }
    Ok(changes)
}

fn return_url(app: &App, path: &str) -> Result<Url, Error> {
    app.public_url.join(path).map_err(Error::internal)
}
