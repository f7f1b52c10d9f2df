//! Payments by Stripe, through async-stripe. Of its answers only what is applied is read, so that a field that is new, gone or of
//! another version stops nothing. Logs no answer: errors hold Stripe's codes only.

use std::time::Duration;

use async_trait::async_trait;
use maneiro_api::subscription::{BillingInterval, Invoice, InvoiceStatus};
use miniserde::Deserialize;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError};
use stripe_client_core::{RequestBuilder, StripeMethod};
use time::OffsetDateTime;
use url::Url;

use crate::{
    domain::{
        billing::{BilledItem, LatestInvoice, PricedItem, RemoteSchedule, RemoteStatus, RemoteSubscription},
        plan::PaymentEnvironment,
    },
    ports::payments::{
        CataloguePrice, ItemChange, ListPage, NewCheckout, NewCustomer, NewPrice, Payments, PaymentsError,
        PreviewedInvoice,
    },
};

/// An answer takes a second or two; a checkout with taxes a few more.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The most that one page of a list holds (Stripe's limit).
const PAGE_ITEMS: u32 = 100;
const INVOICES_PER_PAGE: u32 = 20;

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StripeKeyError {
    #[error("the Stripe key is none of sk_test_, rk_test_, sk_live_, rk_live_")]
    UnknownKind,
    #[error("the Stripe client cannot be made")]
    Client(#[source] StripeError),
}

/// Payments by Stripe.
#[derive(Debug, Clone)]
pub struct StripePayments {
    client: Client,
    environment: PaymentEnvironment,
}

impl StripePayments {
    /// With the key of an account; the key tells the world.
    ///
    /// # Errors
    /// [`StripeKeyError`] if it is no key.
    pub fn new(key: &SecretString) -> Result<Self, StripeKeyError> {
        Self::with_builder(key, |builder| builder)
    }

    /// At another address than Stripe's, which no setting can name.
    ///
    /// # Errors
    /// As [`StripePayments::new`].
    pub fn at(key: &SecretString, url: &Url) -> Result<Self, StripeKeyError> {
        Self::with_builder(key, |builder| builder.url(url.as_str()))
    }

    fn with_builder(
        key: &SecretString,
        configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self, StripeKeyError> {
        let text = key.expose_secret();
        let environment = match text.get(..8) {
            Some("sk_test_" | "rk_test_") => PaymentEnvironment::Test,
            Some("sk_live_" | "rk_live_") => PaymentEnvironment::Live,
            Some(_) | None => return Err(StripeKeyError::UnknownKind),
        };
        let builder = ClientBuilder::new(text).timeout(TIMEOUT).app_info(
            "Maneiro",
            Some(env!("CARGO_PKG_VERSION").to_owned()),
            None,
        );
        let client = configure(builder).build().map_err(StripeKeyError::Client)?;
        Ok(Self { client, environment })
    }

    async fn get<T: Deserialize>(&self, path: &str, query: &Value) -> Result<T, PaymentsError> {
        let request = RequestBuilder::new(StripeMethod::Get, path).query(query).customize::<T>();
        request.request_strategy(RequestStrategy::Once).send(&self.client).await.map_err(failure)
    }

    async fn post<T: Deserialize>(
        &self,
        key: Option<&str>,
        path: &str,
        form: &Value,
    ) -> Result<T, PaymentsError> {
        let strategy = match key {
            Some(key) => {
                let key =
                    IdempotencyKey::new(key).map_err(|error| PaymentsError::Refused(error.to_string()))?;
                RequestStrategy::Idempotent(key)
            }
            None => RequestStrategy::Once,
        };
        let request = RequestBuilder::new(StripeMethod::Post, path).form(form).customize::<T>();
        request.request_strategy(strategy).send(&self.client).await.map_err(failure)
    }
}

fn failure(error: StripeError) -> PaymentsError {
    match error {
        StripeError::Stripe(error, status) => {
            let code = error.code.map_or_else(|| "no_code".to_owned(), |code| code.to_string());
            match status {
                404 => PaymentsError::NotFound,
                // A key that was revoked is mended by an operator, and what was wanted is then done.
                401 | 403 | 409 | 429 | 500.. => {
                    PaymentsError::Unavailable(format!("status {status}, {code}"))
                }
                _ => PaymentsError::Refused(code),
            }
        }
        StripeError::Timeout => PaymentsError::Unavailable("no answer in time".to_owned()),
        StripeError::JSONDeserialize(_) => PaymentsError::Unavailable("an answer that is none".to_owned()),
        StripeError::ClientError(_) => PaymentsError::Unavailable("no connection".to_owned()),
        StripeError::ConfigError(_) => PaymentsError::Refused("configuration".to_owned()),
    }
}

#[derive(Deserialize)]
struct StripeObject {
    id: String,
}

#[derive(Deserialize)]
struct HostedPage {
    url: String,
}

#[derive(Deserialize)]
struct StripeList<T> {
    data: Vec<T>,
    has_more: bool,
}

#[derive(Deserialize)]
struct SubscriptionObject {
    id: String,
    customer: String,
    livemode: bool,
    status: String,
    items: ItemList,
    billing_cycle_anchor: i64,
    cancel_at_period_end: bool,
    schedule: Option<ScheduleObject>,
    created: i64,
    latest_invoice: Option<InvoiceObject>,
}

#[derive(Deserialize)]
struct ItemList {
    data: Vec<ItemObject>,
}

#[derive(Deserialize)]
struct ItemObject {
    id: String,
    price: StripeObject,
    quantity: Option<u32>,
    current_period_start: i64,
    current_period_end: i64,
}

#[derive(Deserialize)]
struct ScheduleObject {
    id: String,
    current_phase: Option<PhaseTimes>,
    phases: Vec<SchedulePhase>,
}

#[derive(Deserialize)]
struct PhaseTimes {
    start_date: i64,
    end_date: i64,
}

#[derive(Deserialize)]
struct SchedulePhase {
    start_date: i64,
    items: Vec<PhaseItem>,
}

#[derive(Deserialize)]
struct PhaseItem {
    price: String,
}

#[derive(Deserialize)]
struct InvoiceObject {
    id: Option<String>,
    number: Option<String>,
    status: Option<String>,
    total: i64,
    amount_paid: i64,
    amount_due: i64,
    currency: String,
    created: i64,
    attempt_count: u32,
    hosted_invoice_url: Option<String>,
    invoice_pdf: Option<String>,
}

#[derive(Deserialize)]
struct PriceObject {
    id: String,
    lookup_key: Option<String>,
    unit_amount: Option<i64>,
    currency: String,
    recurring: Option<Recurring>,
    active: bool,
    product: String,
}

#[derive(Deserialize)]
struct Recurring {
    interval: String,
}

fn moment(seconds: i64) -> Result<OffsetDateTime, PaymentsError> {
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|_| PaymentsError::Unavailable("an answer with a time that is none".to_owned()))
}

fn interval_name(interval: BillingInterval) -> &'static str {
    match interval {
        BillingInterval::Month => "month",
        BillingInterval::Year => "year",
    }
}

impl TryFrom<SubscriptionObject> for RemoteSubscription {
    type Error = PaymentsError;

    fn try_from(object: SubscriptionObject) -> Result<Self, PaymentsError> {
        let status = match object.status.as_str() {
            "active" | "trialing" => RemoteStatus::Active,
            "past_due" => RemoteStatus::PastDue,
            "unpaid" | "paused" => RemoteStatus::Unpaid,
            "incomplete" => RemoteStatus::Incomplete,
            "canceled" | "incomplete_expired" => RemoteStatus::Ended,
            _ => return Err(PaymentsError::Unavailable("a status that is not known".to_owned())),
        };
        let items = object.items.data.into_iter().map(|item| {
            Ok(BilledItem {
                id: item.id,
                price: item.price.id,
                quantity: item.quantity.unwrap_or(1),
                period_starts_at: moment(item.current_period_start)?,
                period_ends_at: moment(item.current_period_end)?,
            })
        });
        let items = items.collect::<Result<Vec<_>, PaymentsError>>()?;
        let schedule = object.schedule.map(|schedule| {
            let ends_at = schedule.current_phase.map_or(0, |phase| phase.end_date);
            let next = schedule.phases.into_iter().filter(|phase| phase.start_date >= ends_at);
            let next_prices = next.flat_map(|phase| phase.items).map(|item| item.price).collect();
            RemoteSchedule { id: schedule.id, next_prices }
        });
        let invoice = object.latest_invoice;
        let is_paid = |invoice: &InvoiceObject| invoice.status.as_deref() == Some("paid");
        Ok(Self {
            id: object.id,
            customer: object.customer,
            is_live: object.livemode,
            status,
            items,
            anchor: moment(object.billing_cycle_anchor)?,
            cancels_at_period_end: object.cancel_at_period_end,
            schedule,
            created_at: moment(object.created)?,
            failed_attempts: invoice
                .as_ref()
                .filter(|invoice| !is_paid(invoice))
                .map_or(0, |invoice| invoice.attempt_count),
            latest_invoice: invoice.and_then(|invoice| {
                Some(LatestInvoice {
                    is_paid: is_paid(&invoice),
                    total_cents: invoice.total,
                    currency: invoice.currency,
                    id: invoice.id?,
                })
            }),
        })
    }
}

fn read_subscriptions(
    list: StripeList<SubscriptionObject>,
) -> Result<ListPage<RemoteSubscription>, PaymentsError> {
    let next = list.data.last().filter(|_| list.has_more).map(|last| last.id.clone());
    let items = list.data.into_iter().map(RemoteSubscription::try_from).collect::<Result<_, _>>()?;
    Ok(ListPage { items, next })
}

fn read_invoice_status(status: Option<&str>) -> Result<InvoiceStatus, PaymentsError> {
    Ok(match status {
        Some("draft") | None => InvoiceStatus::Draft,
        Some("open") => InvoiceStatus::Open,
        Some("paid") => InvoiceStatus::Paid,
        Some("uncollectible") => InvoiceStatus::Uncollectible,
        Some("void") => InvoiceStatus::Void,
        Some(_) => return Err(PaymentsError::Unavailable("an invoice's status is not known".to_owned())),
    })
}

fn read_invoice(object: InvoiceObject) -> Result<Option<Invoice>, PaymentsError> {
    let InvoiceObject { number, status, currency, hosted_invoice_url, invoice_pdf, .. } = object;
    let Some(id) = object.id else { return Ok(None) };
    Ok(Some(Invoice {
        id,
        number,
        status: read_invoice_status(status.as_deref())?,
        total_cents: object.total,
        paid_cents: object.amount_paid,
        currency,
        created_at: moment(object.created)?,
        page_url: hosted_invoice_url,
        pdf_url: invoice_pdf,
    }))
}

fn change_form(changes: &[ItemChange]) -> Value {
    let change = |change: &ItemChange| match (&change.id, change.quantity) {
        (Some(id), 0) => json!({ "id": id, "deleted": true }),
        (Some(id), quantity) => json!({ "id": id, "price": change.price, "quantity": quantity }),
        (None, quantity) => json!({ "price": change.price, "quantity": quantity }),
    };
    changes.iter().map(change).collect()
}

fn item_form(items: &[PricedItem]) -> Value {
    items.iter().map(|item| json!({ "price": item.price, "quantity": item.quantity })).collect()
}

const EXPANDED: [&str; 2] = ["data.latest_invoice", "data.schedule"];

#[async_trait]
impl Payments for StripePayments {
    fn environment(&self) -> PaymentEnvironment {
        self.environment
    }

    async fn create_customer(&self, key: &str, customer: &NewCustomer) -> Result<String, PaymentsError> {
        let NewCustomer { org, name, email } = customer;
        let form = json!({ "name": name, "email": email, "metadata": { "org": org } });
        Ok(self.post::<StripeObject>(Some(key), "/customers", &form).await?.id)
    }

    async fn create_checkout(&self, key: &str, checkout: &NewCheckout) -> Result<Url, PaymentsError> {
        let form = json!({
            "mode": "subscription",
            "customer": checkout.customer,
            "client_reference_id": checkout.org,
            "line_items": item_form(&checkout.items),
            "success_url": checkout.success_url,
            "cancel_url": checkout.cancel_url,
            "allow_promotion_codes": true,
            "tax_id_collection": { "enabled": true },
            "automatic_tax": { "enabled": checkout.automatic_tax },
            "customer_update": { "name": "auto", "address": "auto" },
            "subscription_data": { "metadata": { "org": checkout.org } },
        });
        let page: HostedPage = self.post(Some(key), "/checkout/sessions", &form).await?;
        parse_url(&page.url)
    }

    async fn create_portal(&self, customer: &str, return_url: &Url) -> Result<Url, PaymentsError> {
        let form = json!({ "customer": customer, "return_url": return_url });
        let page: HostedPage = self.post(None, "/billing_portal/sessions", &form).await?;
        parse_url(&page.url)
    }

    async fn subscriptions_of(&self, customer: &str) -> Result<Vec<RemoteSubscription>, PaymentsError> {
        let query = json!({ "customer": customer, "status": "all", "limit": PAGE_ITEMS, "expand": EXPANDED });
        Ok(read_subscriptions(self.get("/subscriptions", &query).await?)?.items)
    }

    async fn list_subscriptions(
        &self,
        after: Option<&str>,
    ) -> Result<ListPage<RemoteSubscription>, PaymentsError> {
        let mut query = json!({ "limit": PAGE_ITEMS, "expand": EXPANDED });
        if let Some(after) = after {
            query["starting_after"] = after.into();
        }
        read_subscriptions(self.get("/subscriptions", &query).await?)
    }

    async fn change_items(
        &self,
        key: &str,
        subscription: &str,
        changes: &[ItemChange],
    ) -> Result<(), PaymentsError> {
        // What the bank wants consent for is changed once it is paid, on Stripe's page of the invoice.
        let form = json!({
            "items": change_form(changes),
            "proration_behavior": "always_invoice",
            "payment_behavior": "pending_if_incomplete",
        });
        self.post::<StripeObject>(Some(key), &format!("/subscriptions/{subscription}"), &form).await.map(drop)
    }

    async fn preview_change(
        &self,
        subscription: &str,
        changes: &[ItemChange],
    ) -> Result<PreviewedInvoice, PaymentsError> {
        let details = json!({ "items": change_form(changes), "proration_behavior": "always_invoice" });
        let form = json!({ "subscription": subscription, "subscription_details": details });
        let invoice: InvoiceObject = self.post(None, "/invoices/create_preview", &form).await?;
        // What is due is never negative; a credit is.
        let due_cents = if invoice.total < 0 { invoice.total } else { invoice.amount_due };
        Ok(PreviewedInvoice { due_cents, currency: invoice.currency })
    }

    async fn schedule_items(
        &self,
        key: &str,
        subscription: &RemoteSubscription,
        items: &[PricedItem],
    ) -> Result<(), PaymentsError> {
        let id = match &subscription.schedule {
            Some(schedule) => schedule.id.clone(),
            None => {
                let form = json!({ "from_subscription": subscription.id });
                self.post::<StripeObject>(Some(&format!("{key}/create")), "/subscription_schedules", &form)
                    .await?
                    .id
            }
        };
        let current: ScheduleObject = self.get(&format!("/subscription_schedules/{id}"), &json!({})).await?;
        let phase = current.current_phase.ok_or(PaymentsError::NotFound)?;
        let present: Vec<PricedItem> = subscription
            .items
            .iter()
            .map(|item| PricedItem { price: item.price.clone(), quantity: item.quantity })
            .collect();
        let form = json!({
            "end_behavior": "release",
            "proration_behavior": "none",
            "phases": [
                { "items": item_form(&present), "start_date": phase.start_date, "end_date": phase.end_date },
                { "items": item_form(items), "duration": { "interval": "month", "interval_count": 1 } },
            ],
        });
        let path = format!("/subscription_schedules/{id}");
        self.post::<StripeObject>(Some(&format!("{key}/phases")), &path, &form).await.map(drop)
    }

    async fn release_schedule(&self, key: &str, schedule: &str) -> Result<(), PaymentsError> {
        let path = format!("/subscription_schedules/{schedule}/release");
        self.post::<StripeObject>(Some(key), &path, &json!({})).await.map(drop)
    }

    async fn set_cancel_at_period_end(
        &self,
        key: &str,
        subscription: &str,
        cancels: bool,
        reason: Option<&str>,
    ) -> Result<(), PaymentsError> {
        let mut form = json!({ "cancel_at_period_end": cancels });
        if let Some(reason) = reason {
            form["cancellation_details"] = json!({ "comment": reason });
        }
        self.post::<StripeObject>(Some(key), &format!("/subscriptions/{subscription}"), &form).await.map(drop)
    }

    async fn invoices(
        &self,
        customer: &str,
        after: Option<&str>,
    ) -> Result<ListPage<Invoice>, PaymentsError> {
        let mut query = json!({ "customer": customer, "limit": INVOICES_PER_PAGE });
        if let Some(after) = after {
            query["starting_after"] = after.into();
        }
        let list: StripeList<InvoiceObject> = self.get("/invoices", &query).await?;
        let next = list.data.last().filter(|_| list.has_more).and_then(|last| last.id.clone());
        let items = list.data.into_iter().filter_map(|invoice| read_invoice(invoice).transpose());
        Ok(ListPage { items: items.collect::<Result<_, _>>()?, next })
    }

    async fn find_prices(&self, lookup_keys: &[String]) -> Result<Vec<CataloguePrice>, PaymentsError> {
        let mut found = Vec::new();
        // Stripe takes ten keys at a time.
        for keys in lookup_keys.chunks(10) {
            let query = json!({ "lookup_keys": keys, "limit": PAGE_ITEMS });
            let list: StripeList<PriceObject> = self.get("/prices", &query).await?;
            found.extend(list.data.into_iter().map(|price| CataloguePrice {
                id: price.id,
                lookup_key: price.lookup_key.unwrap_or_default(),
                cents: price.unit_amount.unwrap_or_default(),
                currency: price.currency,
                interval: price.recurring.and_then(|recurring| match recurring.interval.as_str() {
                    "month" => Some(BillingInterval::Month),
                    "year" => Some(BillingInterval::Year),
                    _ => None,
                }),
                is_active: price.active,
                product: price.product,
            }));
        }
        Ok(found)
    }

    async fn ensure_product(&self, id: &str, name: &str) -> Result<(), PaymentsError> {
        match self.get::<StripeObject>(&format!("/products/{id}"), &json!({})).await {
            Err(PaymentsError::NotFound) => {}
            found => return found.map(drop),
        }
        let form = json!({ "id": id, "name": name });
        self.post::<StripeObject>(Some(&format!("product/{id}")), "/products", &form).await.map(drop)
    }

    async fn create_price(&self, key: &str, price: &NewPrice) -> Result<String, PaymentsError> {
        let form = json!({
            "product": price.product,
            "unit_amount": price.cents,
            "currency": "usd",
            "recurring": { "interval": interval_name(price.interval) },
            "lookup_key": price.lookup_key,
            "transfer_lookup_key": true,
        });
        Ok(self.post::<StripeObject>(Some(key), "/prices", &form).await?.id)
    }
}

fn parse_url(text: &str) -> Result<Url, PaymentsError> {
    Url::parse(text).map_err(|_| PaymentsError::Unavailable("an answer with a URL that is none".to_owned()))
}
