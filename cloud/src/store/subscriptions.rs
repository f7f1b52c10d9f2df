//! The subscriptions of clinics, and what payments call them.

use maneiro_api::OrgId;
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    OrgTx, SystemTx,
    enum_text::{from_text, to_text},
    error::expect_rows,
};
use crate::domain::{
    error::Error,
    subscription::{PlanChoice, Subscription},
};

struct SubscriptionRow {
    plan: String,
    state: String,
    state_since: OffsetDateTime,
    suspended_by: Option<String>,
    trial_ends_at: Option<OffsetDateTime>,
    period_anchor: OffsetDateTime,
    billing_interval: Option<String>,
    extra_seats: i32,
    extra_storage: i32,
    failed_payments: i32,
    period_ends_at: Option<OffsetDateTime>,
    cancels_at_period_end: bool,
    next_plan: Option<String>,
    next_interval: Option<String>,
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = Error;

    fn try_from(row: SubscriptionRow) -> Result<Self, Error> {
        let next = match row.next_plan.zip(row.next_interval) {
            Some((plan, interval)) => Some(PlanChoice { plan, interval: from_text(&interval)? }),
            None => None,
        };
        Ok(Self {
            plan: row.plan,
            state: from_text(&row.state)?,
            state_since: row.state_since,
            suspended_by: row.suspended_by.as_deref().map(from_text).transpose()?,
            trial_ends_at: row.trial_ends_at,
            period_anchor: row.period_anchor,
            interval: row.billing_interval.as_deref().map(from_text).transpose()?,
            extra_seats: count(row.extra_seats)?,
            extra_storage: count(row.extra_storage)?,
            failed_payments: count(row.failed_payments)?,
            period_ends_at: row.period_ends_at,
            cancels_at_period_end: row.cancels_at_period_end,
            next,
        })
    }
}

fn count(number: i32) -> Result<u32, Error> {
    u32::try_from(number).map_err(Error::internal)
}

fn number(count: u32) -> Result<i32, Error> {
    i32::try_from(count).map_err(Error::internal)
}

/// Stores the subscription of a new clinic, which is a trial.
pub(super) async fn insert(
    conn: impl PgExecutor<'_>,
    org: Uuid,
    subscription: &Subscription,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.subscriptions (org_id, plan, state, state_since, trial_ends_at, period_anchor)
         values ($1, $2, $3, $4, $5, $6)",
        org,
        subscription.plan,
        to_text(&subscription.state),
        subscription.state_since,
        subscription.trial_ends_at,
        subscription.period_anchor,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The subscription of the clinic.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find(tx: &mut OrgTx) -> Result<Subscription, Error> {
    let org = tx.org();
    find_by_org(tx.conn(), org).await
}

/// The subscription of a clinic whose invitation is accepted.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_of_invitation(tx: &mut SystemTx, org: OrgId) -> Result<Subscription, Error> {
    find_by_org(tx.conn(), org.uuid()).await
}

async fn find_by_org(conn: impl PgExecutor<'_>, org: Uuid) -> Result<Subscription, Error> {
    sqlx::query_as!(
        SubscriptionRow,
        "select plan, state, state_since, suspended_by, trial_ends_at, period_anchor, billing_interval, extra_seats,
                extra_storage, failed_payments, period_ends_at, cancels_at_period_end, next_plan, next_interval
         from maneiro.subscriptions where org_id = $1",
        org,
    )
    .fetch_one(conn)
    .await?
    .try_into()
}

/// The subscription of the clinic, which nobody else changes until the transaction ends.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn lock(tx: &mut OrgTx) -> Result<Subscription, Error> {
    sqlx::query_scalar!("select org_id from maneiro.subscriptions where org_id = $1 for update", tx.org())
        .fetch_one(tx.conn())
        .await?;
    find(tx).await
}

/// Stores a subscription that changed.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn update(tx: &mut OrgTx, subscription: &Subscription) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.subscriptions
         set plan = $2, state = $3, state_since = $4, suspended_by = $5, period_anchor = $6, billing_interval = $7,
             extra_seats = $8, extra_storage = $9, failed_payments = $10, period_ends_at = $11,
             cancels_at_period_end = $12, next_plan = $13, next_interval = $14
         where org_id = $1",
        tx.org(),
        subscription.plan,
        to_text(&subscription.state),
        subscription.state_since,
        subscription.suspended_by.as_ref().map(to_text),
        subscription.period_anchor,
        subscription.interval.as_ref().map(to_text),
        number(subscription.extra_seats)?,
        number(subscription.extra_storage)?,
        number(subscription.failed_payments)?,
        subscription.period_ends_at,
        subscription.cancels_at_period_end,
        subscription.next.as_ref().map(|next| next.plan.as_str()),
        subscription.next.as_ref().map(|next| to_text(&next.interval)),
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}

/// What Stripe calls a clinic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentIds {
    pub customer: Option<String>,
    pub subscription: Option<String>,
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn payment_ids(tx: &mut OrgTx) -> Result<PaymentIds, Error> {
    let row = sqlx::query!(
        "select stripe_customer, stripe_subscription from maneiro.subscriptions where org_id = $1",
        tx.org(),
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(PaymentIds { customer: row.stripe_customer, subscription: row.stripe_subscription })
}

/// Keeps the customer that was made for the clinic.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_customer(tx: &mut OrgTx, customer: &str) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.subscriptions set stripe_customer = $2 where org_id = $1",
        tx.org(),
        customer,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}

/// Notes what was applied. Whatever waited for it does no longer.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_synced(
    tx: &mut OrgTx,
    subscription: Option<&str>,
    applied_hash: &[u8; 32],
    at: OffsetDateTime,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.subscriptions
         set stripe_subscription = $2, applied_hash = $3, synced_at = $4, sync_wanted_at = null,
             sync_count = sync_count + 1
         where org_id = $1",
        tx.org(),
        subscription,
        applied_hash.as_slice(),
        at,
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}

/// How often anything was applied.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn sync_count(tx: &mut OrgTx) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!("select sync_count from maneiro.subscriptions where org_id = $1", tx.org())
        .fetch_one(tx.conn())
        .await?)
}

/// The clinic of a customer.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_org_of_customer(tx: &mut SystemTx, customer: &str) -> Result<Option<OrgId>, Error> {
    let org =
        sqlx::query_scalar!("select org_id from maneiro.subscriptions where stripe_customer = $1", customer,)
            .fetch_optional(tx.conn())
            .await?;
    Ok(org.map(OrgId::from_uuid))
}

/// Notes that something of Stripe's waits to be applied.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn want_sync(tx: &mut SystemTx, org: OrgId, at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "update maneiro.subscriptions set sync_wanted_at = coalesce(sync_wanted_at, $2) where org_id = $1",
        org.uuid(),
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A clinic that Stripe knows, and what of it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCustomer {
    pub org: OrgId,
    pub customer: String,
    pub applied_hash: Option<[u8; 32]>,
    /// Whether something waits to be applied.
    pub waits: bool,
    /// Whether something is billed.
    pub is_billed: bool,
}

/// Clinics that Stripe knows, in the order of their ids, the first of them after `after`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_customers(
    tx: &mut SystemTx,
    after: Option<OrgId>,
    limit: i64,
) -> Result<Vec<KnownCustomer>, Error> {
    let rows = sqlx::query!(
        r#"select org_id, stripe_customer as "customer!", applied_hash, sync_wanted_at is not null as "waits!",
                  billing_interval is not null as "is_billed!"
           from maneiro.subscriptions
           where stripe_customer is not null and ($1::uuid is null or org_id > $1) order by org_id limit $2"#,
        after.map(OrgId::uuid),
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| KnownCustomer {
            org: OrgId::from_uuid(row.org_id),
            customer: row.customer,
            applied_hash: row.applied_hash.and_then(|hash| hash.try_into().ok()),
            waits: row.waits,
            is_billed: row.is_billed,
        })
        .collect())
}

/// Clinics whose subscription changes by itself with time.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_due(tx: &mut SystemTx) -> Result<Vec<OrgId>, Error> {
    let orgs = sqlx::query_scalar!(
        "select org_id from maneiro.subscriptions where state in ('trialing', 'cancelled') order by org_id",
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(orgs.into_iter().map(OrgId::from_uuid).collect())
}

/// All clinics that are there, in the order of their ids, the first of them after `after`.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list_orgs(tx: &mut SystemTx, after: Option<OrgId>, limit: i64) -> Result<Vec<OrgId>, Error> {
    let orgs = sqlx::query_scalar!(
        "select org_id from maneiro.subscriptions where $1::uuid is null or org_id > $1 order by org_id limit $2",
        after.map(OrgId::uuid),
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(orgs.into_iter().map(OrgId::from_uuid).collect())
}
