//! A clinic's subscription, its money and its use.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header};
use maneiro_api::{
    error::PlanLimit,
    record::List,
    subscription::{
        AddOns, CancelSubscription, ChangePreview, Invoice, LimitCheck, MailPreferences, PaymentPage,
        PlanOffers, SubscriptionOrder, SubscriptionStatus, UsageReport,
    },
};
use serde::Deserialize;
use time::{Date, macros::format_description};
use utoipa::IntoParams;

use super::{
    caller::Caller,
    error_response::ErrorResponse,
    extract::{JsonBody, QueryParams},
};
use crate::{
    app::{billing, subscriptions, usage_csv},
    domain::error::Error,
    state::App,
};

/// List the plans and add-ons
#[utoipa::path(get, path = "", tag = "subscription", operation_id = "list_plans",
    responses((status = 200, description = "What can be bought.", body = PlanOffers)))]
pub(super) async fn plans(State(app): State<App>, Caller(_who): Caller) -> Json<PlanOffers> {
    Json(subscriptions::offers(&app))
}

/// Get the clinic's subscription
#[utoipa::path(get, path = "", tag = "subscription", operation_id = "get_subscription",
    responses((status = 200, description = "The subscription.", body = SubscriptionStatus)))]
pub(super) async fn get(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<SubscriptionStatus>, ErrorResponse> {
    Ok(Json(subscriptions::status(&app, &who).await?))
}

/// Which limit is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitQuery {
    /// The limit.
    limit: PlanLimit,
    /// How much more of it is wanted. Default: 1.
    #[serde(default = "one")]
    amount: u64,
}

const fn one() -> u64 {
    1
}

/// Check whether something fits into a limit of the plan
#[utoipa::path(get, path = "", tag = "subscription", operation_id = "check_limit", params(LimitQuery),
    responses((status = 200, description = "Whether it fits, and what is left.", body = LimitCheck)))]
pub(super) async fn check_limit(
    State(app): State<App>,
    Caller(who): Caller,
    QueryParams(query): QueryParams<LimitQuery>,
) -> Result<Json<LimitCheck>, ErrorResponse> {
    Ok(Json(subscriptions::check_limit(&app, &who, query.limit, query.amount).await?))
}

/// Which month, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct UsageQuery {
    /// A month as `2026-11`, for the persons. Default: the present one (UTC).
    #[serde(default)]
    month: Option<String>,
    /// `json` or `csv`. Default: `json`.
    #[serde(default)]
    #[param(inline)]
    format: UsageFormat,
}

#[derive(Debug, Default, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum UsageFormat {
    #[default]
    Json,
    Csv,
}

/// Get what the clinic used, by month and person
#[utoipa::path(get, path = "", tag = "subscription", operation_id = "get_usage", params(UsageQuery),
    responses((status = 200, description = "The use.", content(
        (UsageReport = "application/json"), (String = "text/csv")))))]
pub(super) async fn usage(
    State(app): State<App>,
    Caller(who): Caller,
    QueryParams(query): QueryParams<UsageQuery>,
) -> Result<Response, ErrorResponse> {
    let month = query.month.as_deref().map(parse_month).transpose()?;
    let report = subscriptions::usage_report(&app, &who, month).await?;
    Ok(match query.format {
        UsageFormat::Json => Json(report).into_response(),
        UsageFormat::Csv => {
            let csv = (header::CONTENT_TYPE, "text/csv; charset=utf-8");
            let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"maneiro-usage.csv\"");
            ([csv, name], usage_csv::write(&report)).into_response()
        }
    })
}

fn parse_month(text: &str) -> Result<Date, Error> {
    Date::parse(&format!("{text}-01"), format_description!("[year]-[month]-[day]"))
        .map_err(|_| Error::invalid_field("month", "must be a month such as 2026-11"))
}

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct InvoiceQuery {
    /// `next_cursor` of the previous list.
    #[serde(default)]
    cursor: Option<String>,
}

/// List the clinic's invoices, newest first
#[utoipa::path(get, path = "", tag = "subscription", operation_id = "list_invoices", params(InvoiceQuery),
    responses((status = 200, description = "Invoices, as Stripe has them.", body = List<Invoice>)))]
pub(super) async fn invoices(
    State(app): State<App>,
    Caller(who): Caller,
    QueryParams(query): QueryParams<InvoiceQuery>,
) -> Result<Json<List<Invoice>>, ErrorResponse> {
    Ok(Json(billing::invoices(&app, &who, query.cursor.as_deref()).await?))
}

/// Get a page on which a plan is bought
#[utoipa::path(post, path = "", tag = "subscription", operation_id = "create_checkout", request_body = SubscriptionOrder,
    responses((status = 201, description = "The page.", body = PaymentPage)))]
pub(super) async fn checkout(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(order): JsonBody<SubscriptionOrder>,
) -> Result<(StatusCode, Json<PaymentPage>), ErrorResponse> {
    Ok((StatusCode::CREATED, Json(billing::checkout(&app, &who, order).await?)))
}

/// Get the page on which cards and addresses are changed
#[utoipa::path(post, path = "", tag = "subscription", operation_id = "create_portal",
    responses((status = 201, description = "The page.", body = PaymentPage)))]
pub(super) async fn portal(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<(StatusCode, Json<PaymentPage>), ErrorResponse> {
    Ok((StatusCode::CREATED, Json(billing::portal(&app, &who).await?)))
}

/// Preview a change of plan, interval or add-ons
#[utoipa::path(post, path = "", tag = "subscription", operation_id = "preview_change", request_body = SubscriptionOrder,
    responses((status = 200, description = "What it would cost and what stands in its way.", body = ChangePreview)))]
pub(super) async fn preview(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(order): JsonBody<SubscriptionOrder>,
) -> Result<Json<ChangePreview>, ErrorResponse> {
    Ok(Json(billing::preview(&app, &who, order).await?))
}

/// Change plan, interval or add-ons
///
/// What costs more takes place at once, what costs less at the end of the paid period. What stands in its way is
/// `limit_reached`.
#[utoipa::path(post, path = "", tag = "subscription", operation_id = "change_subscription", request_body = SubscriptionOrder,
    responses((status = 200, description = "The subscription.", body = SubscriptionStatus)))]
pub(super) async fn change(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(order): JsonBody<SubscriptionOrder>,
) -> Result<Json<SubscriptionStatus>, ErrorResponse> {
    billing::change(&app, &who, order).await?;
    Ok(Json(subscriptions::status(&app, &who).await?))
}

/// Set how many add-ons there are
#[utoipa::path(put, path = "", tag = "subscription", operation_id = "set_add_ons", request_body = AddOns,
    responses((status = 200, description = "The subscription.", body = SubscriptionStatus)))]
pub(super) async fn set_add_ons(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(add_ons): JsonBody<AddOns>,
) -> Result<Json<SubscriptionStatus>, ErrorResponse> {
    billing::set_add_ons(&app, &who, add_ons).await?;
    Ok(Json(subscriptions::status(&app, &who).await?))
}

/// Cancel at the end of the paid period
#[utoipa::path(post, path = "", tag = "subscription", operation_id = "cancel_subscription",
    request_body = CancelSubscription,
    responses((status = 200, description = "The subscription.", body = SubscriptionStatus)))]
pub(super) async fn cancel(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(input): JsonBody<CancelSubscription>,
) -> Result<Json<SubscriptionStatus>, ErrorResponse> {
    billing::cancel(&app, &who, &input).await?;
    Ok(Json(subscriptions::status(&app, &who).await?))
}

/// Take a cancellation or a change at the end of the period back
#[utoipa::path(post, path = "", tag = "subscription", operation_id = "resume_subscription",
    responses((status = 200, description = "The subscription.", body = SubscriptionStatus)))]
pub(super) async fn resume(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<SubscriptionStatus>, ErrorResponse> {
    billing::resume(&app, &who).await?;
    Ok(Json(subscriptions::status(&app, &who).await?))
}

/// Get which mails the user gets
#[utoipa::path(get, path = "", tag = "subscription", operation_id = "get_mail_preferences",
    responses((status = 200, description = "The preferences.", body = MailPreferences)))]
pub(super) async fn mail_preferences(
    State(app): State<App>,
    Caller(who): Caller,
) -> Result<Json<MailPreferences>, ErrorResponse> {
    Ok(Json(subscriptions::mail_preferences(&app, &who).await?))
}

/// Choose which mails the user gets
#[utoipa::path(put, path = "", tag = "subscription", operation_id = "set_mail_preferences",
    request_body = MailPreferences,
    responses((status = 200, description = "The preferences.", body = MailPreferences)))]
pub(super) async fn set_mail_preferences(
    State(app): State<App>,
    Caller(who): Caller,
    JsonBody(chosen): JsonBody<MailPreferences>,
) -> Result<Json<MailPreferences>, ErrorResponse> {
    Ok(Json(subscriptions::set_mail_preferences(&app, &who, chosen).await?))
}
