//! Plans, money and use. Pages of the payment provider open in the browser: their addresses do not cross.

use maneiro_api::subscription::{Invoice, InvoiceStatus};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::common::Timestamp;

/// An invoice, as the payment provider made it. Amounts are in the smallest unit of the currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "Invoice")]
pub struct ListedInvoice {
    pub id: String,
    /// Null while it is a draft.
    pub number: Option<String>,
    pub status: InvoiceStatus,
    #[ts(type = "number")]
    pub total_cents: i64,
    #[ts(type = "number")]
    pub paid_cents: i64,
    pub currency: String,
    pub created_at: Timestamp,
    pub has_page: bool,
    pub has_pdf: bool,
}

impl From<Invoice> for ListedInvoice {
    fn from(invoice: Invoice) -> Self {
        Self {
            id: invoice.id,
            number: invoice.number,
            status: invoice.status,
            total_cents: invoice.total_cents,
            paid_cents: invoice.paid_cents,
            currency: invoice.currency,
            created_at: Timestamp(invoice.created_at),
            has_page: invoice.page_url.is_some(),
            has_pdf: invoice.pdf_url.is_some(),
        }
    }
}

/// The page on which an invoice is paid, or its PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceForm {
    Page,
    Pdf,
}
