//! The clinic's plan, its money and its use. Pages of the payment provider open in the system's browser.

use maneiro_api::subscription::{
    AddOns, ChangePreview, PlanOffers, SubscriptionOrder, SubscriptionStatus, UsageReport,
};
use maneiro_core::{
    contract::{
        billing::{InvoiceForm, ListedInvoice},
        common::CalendarDay,
        report::SavedFile,
    },
    desktop::Desktop,
};
use serde::Deserialize;
use tauri::{AppHandle, State};

use super::{CommandResult, open_in_browser};
use crate::dialogs;

#[derive(Deserialize)]
pub(crate) struct CancelRequest {
    reason: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct WantedInvoice {
    invoice: String,
    form: InvoiceForm,
}

#[derive(Deserialize)]
pub(crate) struct WantedMonth {
    month: Option<CalendarDay>,
}

#[tauri::command]
pub(crate) async fn subscription(desktop: State<'_, Desktop>) -> CommandResult<SubscriptionStatus> {
    desktop.subscription().await
}

#[tauri::command]
pub(crate) async fn plans(desktop: State<'_, Desktop>) -> CommandResult<PlanOffers> {
    desktop.plans().await
}

#[tauri::command]
pub(crate) async fn buy_plan(
    app: AppHandle,
    desktop: State<'_, Desktop>,
    input: SubscriptionOrder,
) -> CommandResult<()> {
    open_in_browser(&app, desktop.checkout_page(&input).await?)
}

#[tauri::command]
pub(crate) async fn open_payment_portal(app: AppHandle, desktop: State<'_, Desktop>) -> CommandResult<()> {
    open_in_browser(&app, desktop.portal_page().await?)
}

#[tauri::command]
pub(crate) async fn preview_change(
    desktop: State<'_, Desktop>,
    input: SubscriptionOrder,
) -> CommandResult<ChangePreview> {
    desktop.preview_change(&input).await
}

#[tauri::command]
pub(crate) async fn change_plan(
    desktop: State<'_, Desktop>,
    input: SubscriptionOrder,
) -> CommandResult<SubscriptionStatus> {
    desktop.change_plan(&input).await
}

#[tauri::command]
pub(crate) async fn set_add_ons(
    desktop: State<'_, Desktop>,
    input: AddOns,
) -> CommandResult<SubscriptionStatus> {
    desktop.set_add_ons(input).await
}

#[tauri::command]
pub(crate) async fn cancel_subscription(
    desktop: State<'_, Desktop>,
    input: CancelRequest,
) -> CommandResult<SubscriptionStatus> {
    desktop.cancel_subscription(input.reason).await
}

#[tauri::command]
pub(crate) async fn resume_subscription(desktop: State<'_, Desktop>) -> CommandResult<SubscriptionStatus> {
    desktop.resume_subscription().await
}

#[tauri::command]
pub(crate) async fn invoices(desktop: State<'_, Desktop>) -> CommandResult<Vec<ListedInvoice>> {
    desktop.invoices().await
}

#[tauri::command]
pub(crate) async fn open_invoice(
    app: AppHandle,
    desktop: State<'_, Desktop>,
    input: WantedInvoice,
) -> CommandResult<()> {
    open_in_browser(&app, desktop.invoice_page(&input.invoice, input.form).await?)
}

#[tauri::command]
pub(crate) async fn usage(desktop: State<'_, Desktop>, input: WantedMonth) -> CommandResult<UsageReport> {
    desktop.usage(input.month.map(|month| month.0)).await
}

#[tauri::command]
pub(crate) async fn save_usage(
    app: AppHandle,
    desktop: State<'_, Desktop>,
    input: WantedMonth,
) -> CommandResult<Option<SavedFile>> {
    let table = desktop.usage_table(input.month.map(|month| month.0)).await?;
    let Some(path) = dialogs::choose_target(&app, &table.name).await else { return Ok(None) };
    Ok(Some(SavedFile { name: table.write(&path).await? }))
}
