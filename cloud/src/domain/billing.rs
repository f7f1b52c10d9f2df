//! Orders and what payments answer, between the catalogue and Stripe's ids. Pure: decides what a clinic wants, and how what
//! Stripe says of it stands.

use maneiro_api::{
    UserId,
    subscription::{AddOns, BillingInterval, ChangeTime, SubscriptionOrder},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    plan::{PaymentEnvironment, PlanCatalogue, SEAT_ADD_ON, STORAGE_ADD_ON},
    subscription::{PaidTerms, PaymentStanding, PlanChoice, SUSPENDING_FAILURES},
    validation::FieldErrors,
};

pub use super::plan::{SEAT_ADD_ON as SEAT, STORAGE_ADD_ON as STORAGE};

/// How many of an add-on can be bought.
pub const MAX_ADD_ONS: u32 = 1_000;

/// Characters of the reason of a cancellation.
pub const MAX_CANCEL_REASON_CHARS: usize = 500;

/// What a clinic wants Stripe to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BillingRequest {
    /// A page on which the order is paid.
    Checkout { order: SubscriptionOrder, requested_by: UserId },
    /// Another plan, interval or number of add-ons.
    Change { order: SubscriptionOrder, when: ChangeTime },
    /// No renewal.
    Cancel { reason: Option<String> },
    /// Renewal after all, and no other plan.
    Resume,
}

impl BillingRequest {
    /// The name in the audit log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Checkout { .. } => "checkout",
            Self::Change { .. } => "change",
            Self::Cancel { .. } => "cancel",
            Self::Resume => "resume",
        }
    }
}

/// What a clinic wants, with the id that Stripe recognises it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingIntent {
    pub id: Uuid,
    pub request: BillingRequest,
}

impl BillingIntent {
    /// The idempotency key of one of the calls that it takes.
    #[must_use]
    pub fn key(&self, call: &str) -> String {
        format!("{}/{call}", self.id.simple())
    }
}

/// A price and how many of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedItem {
    pub price: String,
    pub quantity: u32,
}

/// A price that is billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledItem {
    pub id: String,
    pub price: String,
    pub quantity: u32,
    pub period_starts_at: OffsetDateTime,
    pub period_ends_at: OffsetDateTime,
}

/// Stripe's word for how a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteStatus {
    /// `active`, `trialing`.
    Active,
    /// `past_due`.
    PastDue,
    /// `unpaid`, `paused`.
    Unpaid,
    /// `incomplete`.
    Incomplete,
    /// `canceled`, `incomplete_expired`.
    Ended,
}

/// The plan that follows at the end of the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteSchedule {
    pub id: String,
    /// None if nothing else follows.
    pub next_prices: Vec<String>,
}

/// A subscription as Stripe has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteSubscription {
    pub id: String,
    pub customer: String,
    pub is_live: bool,
    pub status: RemoteStatus,
    pub items: Vec<BilledItem>,
    pub anchor: OffsetDateTime,
    pub cancels_at_period_end: bool,
    pub schedule: Option<RemoteSchedule>,
    pub created_at: OffsetDateTime,
    /// How often the payment of the latest invoice was tried, if it is not paid.
    pub failed_attempts: u32,
    /// The latest invoice: its id, whether it is paid, what was paid, and the currency.
    pub latest_invoice: Option<LatestInvoice>,
}

/// The invoice that a subscription made last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestInvoice {
    pub id: String,
    pub is_paid: bool,
    pub total_cents: i64,
    pub currency: String,
}

/// Something of Stripe's that is not in the catalogue: an operator is to look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownPrice {
    #[error("a subscription has no price of a plan of the catalogue")]
    NoPlan,
    #[error("a subscription has a price that the catalogue does not have")]
    NotInCatalogue,
}

impl RemoteSubscription {
    /// Whether anything can still become of it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.status != RemoteStatus::Ended
    }

    /// How the clinic stands by it.
    ///
    /// # Errors
    /// [`UnknownPrice`] if it bills what the catalogue does not sell.
    pub fn standing(
        &self,
        catalogue: &PlanCatalogue,
        environment: PaymentEnvironment,
    ) -> Result<PaymentStanding, UnknownPrice> {
        match self.status {
            RemoteStatus::Ended => return Ok(PaymentStanding::Ended),
            RemoteStatus::Incomplete => return Ok(PaymentStanding::Pending),
            RemoteStatus::Active | RemoteStatus::PastDue | RemoteStatus::Unpaid => {}
        }
        let mut choice = None;
        let (mut extra_seats, mut extra_storage, mut period_ends_at) = (0, 0, self.anchor);
        for item in &self.items {
            let (key, interval) =
                catalogue.find_price(environment, &item.price).ok_or(UnknownPrice::NotInCatalogue)?;
            match key {
                SEAT_ADD_ON => extra_seats = item.quantity,
                STORAGE_ADD_ON => extra_storage = item.quantity,
                plan => {
                    choice = Some(PlanChoice { plan: plan.to_owned(), interval });
                    period_ends_at = item.period_ends_at;
                }
            }
        }
        let choice = choice.ok_or(UnknownPrice::NoPlan)?;
        let next_prices = self.schedule.iter().flat_map(|schedule| &schedule.next_prices);
        let next = next_prices
            .filter_map(|price| catalogue.find_price(environment, price))
            .find(|(key, _)| catalogue.plan(key).is_some())
            .map(|(plan, interval)| PlanChoice { plan: plan.to_owned(), interval })
            .filter(|next| *next != choice);
        let terms = PaidTerms {
            choice,
            extra_seats,
            extra_storage,
            anchor: self.anchor,
            period_ends_at,
            cancels_at_period_end: self.cancels_at_period_end,
            next,
        };
        Ok(match self.status {
            RemoteStatus::PastDue => PaymentStanding::Failing(terms, self.failed_attempts.max(1)),
            RemoteStatus::Unpaid => {
                PaymentStanding::Failing(terms, self.failed_attempts.max(SUSPENDING_FAILURES))
            }
            RemoteStatus::Active | RemoteStatus::Incomplete | RemoteStatus::Ended => {
                PaymentStanding::Paid(terms)
            }
        })
    }

    /// A digest of all that is applied of it, by which a reconciliation sees what differs.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let Self { id, customer, is_live, status, items, anchor, cancels_at_period_end, schedule, .. } = self;
        let next = schedule.as_ref().map(|schedule| &schedule.next_prices);
        let parts = (id, customer, is_live, *status as u8, anchor, cancels_at_period_end, next);
        let invoice = self.latest_invoice.as_ref().map(|invoice| (&invoice.id, invoice.is_paid));
        Sha256::digest(format!("{parts:?}{items:?}{}{invoice:?}", self.failed_attempts)).into()
    }
}

/// The one of a customer's subscriptions that counts: the latest that is live, or else the latest.
#[must_use]
pub fn relevant(subscriptions: &[RemoteSubscription]) -> Option<&RemoteSubscription> {
    subscriptions.iter().max_by_key(|subscription| {
        (
            subscription.is_live(),
            subscription.status != RemoteStatus::Incomplete,
            subscription.created_at,
            &subscription.id,
        )
    })
}

/// Checks an order.
pub fn check_order(errors: &mut FieldErrors, catalogue: &PlanCatalogue, order: &SubscriptionOrder) {
    if catalogue.plan(&order.plan).is_none_or(|plan| plan.yearly_cents.is_none()) {
        errors.add("plan", "must be the key of a plan that is sold");
    }
    check_add_ons(errors, order.extra_seats, order.extra_storage);
}

/// Checks how many add-ons are wanted.
pub fn check_add_ons(errors: &mut FieldErrors, extra_seats: u32, extra_storage: u32) {
    for (field, count) in [("extra_seats", extra_seats), ("extra_storage", extra_storage)] {
        if count > MAX_ADD_ONS {
            errors.add(field, format!("must be at most {MAX_ADD_ONS}"));
        }
    }
}

/// The prices of an order. None of them if the catalogue has no price for one of its parts.
#[must_use]
pub fn priced_items(
    catalogue: &PlanCatalogue,
    environment: PaymentEnvironment,
    order: &SubscriptionOrder,
) -> Option<Vec<PricedItem>> {
    let parts = [(&*order.plan, 1), (SEAT_ADD_ON, order.extra_seats), (STORAGE_ADD_ON, order.extra_storage)];
    parts
        .into_iter()
        .filter(|(_, quantity)| *quantity > 0)
        .map(|(key, quantity)| {
            let price = catalogue.price(environment, key, order.interval)?.to_owned();
            Some(PricedItem { price, quantity })
        })
        .collect()
}

/// When a change takes place: what costs more at once, what costs less at the end of what is paid.
#[must_use]
pub fn change_time(
    catalogue: &PlanCatalogue,
    from: (&PlanChoice, AddOns),
    to: &SubscriptionOrder,
) -> ChangeTime {
    let (choice, add_ons) = from;
    let target: (&str, BillingInterval) = (&to.plan, to.interval);
    if catalogue.is_upgrade((&choice.plan, choice.interval), target) {
        return ChangeTime::Now;
    }
    let is_same = (&*choice.plan, choice.interval) == target;
    let has_no_less = to.extra_seats >= add_ons.extra_seats && to.extra_storage >= add_ons.extra_storage;
    if is_same && has_no_less { ChangeTime::Now } else { ChangeTime::PeriodEnd }
}
