//! Payments: what is asked of Stripe. Every write has an idempotency key, so that it can be sent again.

use async_trait::async_trait;
use maneiro_api::subscription::{BillingInterval, Invoice};
use url::Url;

use crate::domain::{
    billing::{PricedItem, RemoteSubscription},
    plan::PaymentEnvironment,
};

/// Why a call failed. Holds no key and nothing of a card.
#[derive(Debug, thiserror::Error)]
pub enum PaymentsError {
    /// It may succeed later: no answer, 409, 429 or 5xx. Whether it had an effect is unknown.
    #[error("payments are unavailable: {0}")]
    Unavailable(String),
    /// It will never succeed like this; Stripe's code says why.
    #[error("payments refused it: {0}")]
    Refused(String),
    /// There is no such thing, or it was deleted.
    #[error("payments do not know it")]
    NotFound,
}

/// The customer of a clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    /// The clinic's id, by which an operator finds it.
    pub org: String,
    pub name: String,
    pub email: String,
}

/// An order that is paid on a page of Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCheckout {
    pub customer: String,
    pub org: String,
    pub items: Vec<PricedItem>,
    pub success_url: Url,
    pub cancel_url: Url,
    /// Whether Stripe Tax computes taxes.
    pub automatic_tax: bool,
}

/// Items of a subscription from now on. A quantity of 0 removes an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemChange {
    /// The item that is changed; a new one without it.
    pub id: Option<String>,
    pub price: String,
    pub quantity: u32,
}

/// What a change would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedInvoice {
    pub due_cents: i64,
    pub currency: String,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage<T> {
    pub items: Vec<T>,
    /// To be given for the next page; none at the end.
    pub next: Option<String>,
}

/// A price of Stripe's catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CataloguePrice {
    pub id: String,
    pub lookup_key: String,
    pub cents: i64,
    pub currency: String,
    pub interval: Option<BillingInterval>,
    pub is_active: bool,
    pub product: String,
}

/// A price to be created. It takes its lookup key from any other price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrice {
    pub lookup_key: String,
    pub product: String,
    pub cents: u32,
    pub interval: BillingInterval,
}

#[async_trait]
pub trait Payments: Send + Sync {
    /// The world that the key belongs to.
    fn environment(&self) -> PaymentEnvironment;

    /// The id of a new customer.
    async fn create_customer(&self, key: &str, customer: &NewCustomer) -> Result<String, PaymentsError>;

    /// Where an order is paid.
    async fn create_checkout(&self, key: &str, checkout: &NewCheckout) -> Result<Url, PaymentsError>;

    /// Where a customer changes cards and addresses.
    async fn create_portal(&self, customer: &str, return_url: &Url) -> Result<Url, PaymentsError>;

    /// All subscriptions of a customer with their latest invoices, also those that ended.
    async fn subscriptions_of(&self, customer: &str) -> Result<Vec<RemoteSubscription>, PaymentsError>;

    /// All subscriptions of all customers, a hundred a page.
    async fn list_subscriptions(
        &self,
        after: Option<&str>,
    ) -> Result<ListPage<RemoteSubscription>, PaymentsError>;

    /// Changes items at once; the difference is billed at once.
    async fn change_items(
        &self,
        key: &str,
        subscription: &str,
        changes: &[ItemChange],
    ) -> Result<(), PaymentsError>;

    /// What [`Payments::change_items`] would bill.
    async fn preview_change(
        &self,
        subscription: &str,
        changes: &[ItemChange],
    ) -> Result<PreviewedInvoice, PaymentsError>;

    /// Has other items follow at the end of the period. Takes two calls, so two keys are made of `key`.
    async fn schedule_items(
        &self,
        key: &str,
        subscription: &RemoteSubscription,
        items: &[PricedItem],
    ) -> Result<(), PaymentsError>;

    /// Lets nothing else follow at the end of the period.
    async fn release_schedule(&self, key: &str, schedule: &str) -> Result<(), PaymentsError>;

    /// Whether a subscription ends with its period.
    async fn set_cancel_at_period_end(
        &self,
        key: &str,
        subscription: &str,
        cancels: bool,
        reason: Option<&str>,
    ) -> Result<(), PaymentsError>;

    /// Invoices of a customer, newest first.
    async fn invoices(&self, customer: &str, after: Option<&str>)
    -> Result<ListPage<Invoice>, PaymentsError>;

    /// The prices with these lookup keys.
    async fn find_prices(&self, lookup_keys: &[String]) -> Result<Vec<CataloguePrice>, PaymentsError>;

    /// Creates a product of this id, or leaves it as it is if there is one.
    async fn ensure_product(&self, id: &str, name: &str) -> Result<(), PaymentsError>;

    /// The id of a new price.
    async fn create_price(&self, key: &str, price: &NewPrice) -> Result<String, PaymentsError>;
}
