//! The clinic's subscription, its invoices and its use.

use http::Method;
use time::Date;

use super::{Client, ClientError, parse, request::Idempotency};
use crate::{
    record::List,
    subscription::{
        AddOns, CancelSubscription, ChangePreview, Invoice, PaymentPage, PlanOffers, SubscriptionOrder,
        SubscriptionStatus, UsageReport,
    },
};

impl Client {
    /// The clinic's subscription.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn subscription(&self) -> Result<SubscriptionStatus, ClientError> {
        self.get("v1/subscription").await
    }

    /// The plans and add-ons, cheapest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn plans(&self) -> Result<PlanOffers, ClientError> {
        self.get("v1/plans").await
    }

    /// A page of the payment provider on which the order is paid.
    ///
    /// # Errors
    /// [`ClientError`]; `SubscriptionConflict` if the clinic pays for a plan already, `PaymentsDisabled` where nothing is sold.
    pub async fn create_checkout(&self, order: &SubscriptionOrder) -> Result<PaymentPage, ClientError> {
        self.post("v1/checkout", order, Idempotency::NotIdempotent).await
    }

    /// The page of the payment provider on which cards and addresses are changed.
    ///
    /// # Errors
    /// [`ClientError`]; `SubscriptionConflict` if the clinic has bought nothing yet.
    pub async fn create_portal(&self) -> Result<PaymentPage, ClientError> {
        self.post_empty("v1/subscription/portal").await
    }

    /// What a change would cost, and what stands in its way. Nothing is changed.
    ///
    /// # Errors
    /// [`ClientError`]; `SubscriptionConflict` if nothing is billed that could be changed.
    pub async fn preview_change(&self, order: &SubscriptionOrder) -> Result<ChangePreview, ClientError> {
        self.post("v1/subscription/preview", order, Idempotency::Idempotent).await
    }

    /// Changes plan, interval or add-ons.
    ///
    /// # Errors
    /// [`ClientError`]; `LimitReached` with what stands in its way, `SubscriptionConflict` if nothing is billed that could be
    /// changed.
    pub async fn change_subscription(
        &self,
        order: &SubscriptionOrder,
    ) -> Result<SubscriptionStatus, ClientError> {
        self.post("v1/subscription/change", order, Idempotency::NotIdempotent).await
    }

    /// Sets how many add-ons there are.
    ///
    /// # Errors
    /// As [`Client::change_subscription`].
    pub async fn set_add_ons(&self, add_ons: &AddOns) -> Result<SubscriptionStatus, ClientError> {
        let path = "v1/subscription/add-ons";
        parse(&self.send_json(Method::PUT, path, add_ons, Idempotency::NotIdempotent).await?)
    }

    /// Cancels at the end of the paid period.
    ///
    /// # Errors
    /// [`ClientError`]; `SubscriptionConflict` if nothing is billed, or it ends already.
    pub async fn cancel_subscription(
        &self,
        cancel: &CancelSubscription,
    ) -> Result<SubscriptionStatus, ClientError> {
        self.post("v1/subscription/cancel", cancel, Idempotency::NotIdempotent).await
    }

    /// Takes a cancellation, or a change at the end of the period, back.
    ///
    /// # Errors
    /// [`ClientError`]; `SubscriptionConflict` if there is nothing to take back.
    pub async fn resume_subscription(&self) -> Result<SubscriptionStatus, ClientError> {
        self.post_empty("v1/subscription/resume").await
    }

    /// Invoices, newest first, from a cursor on.
    ///
    /// # Errors
    /// [`ClientError`]; `Unavailable` while payments are.
    pub async fn invoices(&self, cursor: Option<&str>) -> Result<List<Invoice>, ClientError> {
        let request = || {
            let request = self.request(Method::GET, "v1/invoices");
            match cursor {
                Some(cursor) => request.query(&[("cursor", cursor)]),
                None => request,
            }
        };
        parse(&self.call(Idempotency::Idempotent, request).await?)
    }

    /// What the clinic used by month, and who used how much in `month` or the present one.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn usage(&self, month: Option<Date>) -> Result<UsageReport, ClientError> {
        parse(&self.call(Idempotency::Idempotent, || self.usage_request(month)).await?)
    }

    /// The same as CSV.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn usage_csv(&self, month: Option<Date>) -> Result<Vec<u8>, ClientError> {
        let request = || self.usage_request(month).query(&[("format", "csv")]);
        Ok(self.call(Idempotency::Idempotent, request).await?.body.to_vec())
    }

    fn usage_request(&self, month: Option<Date>) -> reqwest::RequestBuilder {
        let request = self.request(Method::GET, "v1/usage");
        match month {
            Some(month) => {
                let text = format!("{:04}-{:02}", month.year(), u8::from(month.month()));
                request.query(&[("month", text)])
            }
            None => request,
        }
    }

    async fn post_empty<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        parse(&self.call(Idempotency::NotIdempotent, || self.request(Method::POST, path)).await?)
    }
}
