//! The clinic's plan, its money and its use. What is paid is paid on pages of the payment provider, which the shell opens.

use maneiro_api::subscription::{
    AddOns, CancelSubscription, ChangePreview, Invoice, PlanOffers, SubscriptionOrder, SubscriptionStatus,
    UsageReport,
};
use time::Date;
use url::Url;

use super::{
    report::SavedReport,
    state::{Desktop, OpenSession, lock},
};
use crate::contract::{
    billing::{InvoiceForm, ListedInvoice},
    common::{CommandError, CommandErrorCode},
    events::ShellEvent,
};

/// The domain that all pages of the payment provider belong to.
const PROVIDER_DOMAIN: &str = "stripe.com";

/// Pages of invoices that are fetched at most: more than a clinic gets in decades.
const MAX_INVOICE_PAGES: u32 = 50;

/// An address of the payment provider. Nothing else that a server may answer is opened.
fn provider_page(text: &str) -> Result<Url, CommandError> {
    let url = Url::parse(text).ok().filter(|url| {
        let host = url.host_str().unwrap_or_default();
        let is_provider =
            host.strip_suffix(PROVIDER_DOMAIN).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        url.scheme() == "https" && is_provider && url.username().is_empty() && url.password().is_none()
    });
    url.ok_or_else(|| {
        tracing::error!("the server answered a page that is not the payment provider's");
        CommandErrorCode::Internal.into()
    })
}

impl Desktop {
    /// The clinic's subscription.
    ///
    /// # Errors
    /// `PermissionDenied` for who is not an admin; those of the call.
    pub async fn subscription(&self) -> Result<SubscriptionStatus, CommandError> {
        let session = self.session()?;
        let status = session.client.subscription().await?;
        self.note_plan(&session, status).await
    }

    /// A plan that was bought elsewhere meanwhile changes what the window may do.
    async fn note_plan(
        &self,
        session: &OpenSession,
        status: SubscriptionStatus,
    ) -> Result<SubscriptionStatus, CommandError> {
        if session.member().usage.plan != status.plan {
            let me = session.client.me().await?;
            *lock(&session.me) = me.into();
            self.emit(ShellEvent::Session { session: self.session_state() });
        }
        Ok(status)
    }

    /// What can be bought.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn plans(&self) -> Result<PlanOffers, CommandError> {
        Ok(self.session()?.client.plans().await?)
    }

    /// The page on which a plan is bought.
    ///
    /// # Errors
    /// `ChangedElsewhere` if the clinic pays for a plan already; `InvalidInput`; those of the call.
    pub async fn checkout_page(&self, order: &SubscriptionOrder) -> Result<Url, CommandError> {
        let page = self.writable_session()?.client.create_checkout(order).await?;
        provider_page(&page.url)
    }

    /// The page on which cards and addresses are changed.
    ///
    /// # Errors
    /// `ChangedElsewhere` if the clinic has bought nothing yet; those of the call.
    pub async fn portal_page(&self) -> Result<Url, CommandError> {
        let page = self.writable_session()?.client.create_portal().await?;
        provider_page(&page.url)
    }

    /// What a change would cost, and what stands in its way.
    ///
    /// # Errors
    /// `ChangedElsewhere` if nothing is billed that could be changed; those of the call.
    pub async fn preview_change(&self, order: &SubscriptionOrder) -> Result<ChangePreview, CommandError> {
        Ok(self.session()?.client.preview_change(order).await?)
    }

    /// Changes plan, interval or add-ons.
    ///
    /// # Errors
    /// `LimitReached` with what stands in its way; `ChangedElsewhere` if nothing is billed that could be changed.
    pub async fn change_plan(&self, order: &SubscriptionOrder) -> Result<SubscriptionStatus, CommandError> {
        let session = self.writable_session()?;
        let status = session.client.change_subscription(order).await?;
        self.note_plan(&session, status).await
    }

    /// Sets how many add-ons there are.
    ///
    /// # Errors
    /// As [`Self::change_plan`].
    pub async fn set_add_ons(&self, add_ons: AddOns) -> Result<SubscriptionStatus, CommandError> {
        Ok(self.writable_session()?.client.set_add_ons(&add_ons).await?)
    }

    /// Cancels at the end of the paid period.
    ///
    /// # Errors
    /// `ChangedElsewhere` if nothing is billed, or it ends already; `InvalidInput` if the reason is too long.
    pub async fn cancel_subscription(
        &self,
        reason: Option<String>,
    ) -> Result<SubscriptionStatus, CommandError> {
        let cancel = CancelSubscription { reason };
        Ok(self.writable_session()?.client.cancel_subscription(&cancel).await?)
    }

    /// Takes a cancellation, or a change at the end of the period, back.
    ///
    /// # Errors
    /// `ChangedElsewhere` if there is nothing to take back.
    pub async fn resume_subscription(&self) -> Result<SubscriptionStatus, CommandError> {
        Ok(self.writable_session()?.client.resume_subscription().await?)
    }

    /// All invoices, newest first.
    ///
    /// # Errors
    /// `Unavailable` while payments are; those of the call.
    pub async fn invoices(&self) -> Result<Vec<ListedInvoice>, CommandError> {
        let session = self.session()?;
        let mut listed = Vec::new();
        find_invoice(&session, |invoice| {
            listed.push(ListedInvoice::from(invoice.clone()));
            false
        })
        .await?;
        Ok(listed)
    }

    /// The address of an invoice's page or PDF.
    ///
    /// # Errors
    /// `NotFound` if the clinic has no such invoice, or it has no such form; those of the call.
    pub async fn invoice_page(&self, id: &str, form: InvoiceForm) -> Result<Url, CommandError> {
        let session = self.session()?;
        let invoice = find_invoice(&session, |invoice| invoice.id == id).await?;
        let url = invoice.and_then(|invoice| match form {
            InvoiceForm::Page => invoice.page_url,
            InvoiceForm::Pdf => invoice.pdf_url,
        });
        provider_page(&url.ok_or(CommandErrorCode::NotFound)?)
    }

    /// What the clinic used by month, and who used how much in `month` or the present one.
    ///
    /// # Errors
    /// `PermissionDenied` for who is not an admin; those of the call.
    pub async fn usage(&self, month: Option<Date>) -> Result<UsageReport, CommandError> {
        Ok(self.session()?.client.usage(month).await?)
    }

    /// The same as a table to be saved.
    ///
    /// # Errors
    /// As [`Self::usage`].
    pub async fn usage_table(&self, month: Option<Date>) -> Result<SavedReport, CommandError> {
        let bytes = self.session()?.client.usage_csv(month).await?;
        let month = month.unwrap_or_else(|| self.now().0.date());
        let name = format!("maneiro-usage-{:04}-{:02}.csv", month.year(), u8::from(month.month()));
        Ok(SavedReport { name, bytes })
    }
}

/// The first invoice, newest first, that a condition holds for.
async fn find_invoice(
    session: &OpenSession,
    mut is_wanted: impl FnMut(&Invoice) -> bool,
) -> Result<Option<Invoice>, CommandError> {
    let mut cursor = None;
    for _ in 0..MAX_INVOICE_PAGES {
        let page = session.client.invoices(cursor.as_deref()).await?;
        if let Some(found) = page.items.into_iter().find(|invoice| is_wanted(invoice)) {
            return Ok(Some(found));
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_payment_provider_are_opened() {
        for page in [
            "https://checkout.stripe.com/c/pay/cs_1#fragment",
            "https://billing.stripe.com/p/session/1",
            "https://pay.stripe.com/invoice/acct_1/in_1/pdf?s=ap",
            "https://stripe.com/",
        ] {
            assert_eq!(provider_page(page).map(String::from), Ok(page.to_owned()));
        }
        for other in [
            "http://checkout.stripe.com/c/pay/cs_1",
            "https://checkout.stripe.com.evil.example/",
            "https://notstripe.com/",
            "https://stripe.com@evil.example/",
            "https://user:word@checkout.stripe.com/",
            "https://evil.example/checkout.stripe.com",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,stripe.com",
            "checkout.stripe.com",
            "",
        ] {
            assert_eq!(provider_page(other), Err(CommandErrorCode::Internal.into()), "{other}");
        }
    }
}
