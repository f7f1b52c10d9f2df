//! A clinic's subscription, its money and its use.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use crate::{OrgId, UserId, error::PlanLimit};

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// On a trial, until it ends.
    Trialing,
    /// Paid.
    Active,
    /// A payment failed, and will be tried again. Everything works.
    PastDue,
    /// The third payment failed, or an operator suspended it: no new analyses. Reading and export work.
    Suspended,
    /// Ended, and the paid period is over.
    Cancelled,
    /// Never paid, or no longer.
    Free,
}

/// How often a subscription is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum BillingInterval {
    /// Every month.
    Month,
    /// Every year, for 10 % less.
    Year,
}

/// What a plan offers beyond its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PlanFeature {
    /// A report without letterhead.
    PlainReport,
    /// A report on the clinic's letterhead.
    LetterheadReport,
    /// Dictation and transcription.
    Dictation,
    /// The clinic's own report templates.
    OwnTemplates,
    /// Many records in one go.
    BulkRuns,
    /// Support answers these clinics first.
    PrioritySupport,
    /// Keys for the API.
    ApiKeys,
    /// Webhooks to the clinic's own systems.
    OutgoingWebhooks,
    /// Sign-in through the clinic's own provider.
    SingleSignOn,
    /// The clinic's own name and colours.
    WhiteLabel,
}

/// A limit of the plan and how much of it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LimitUse {
    /// Which limit.
    pub limit: PlanLimit,
    /// How much is used.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub used: u64,
    /// How much the plan and its add-ons allow; absent means unlimited.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub maximum: Option<u64>,
    /// When `used` starts again at 0; absent if it does not.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp | null"))]
    pub resets_at: Option<OffsetDateTime>,
}

/// A plan of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PlanOffer {
    /// The plan's key, such as `starter`.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// Price of a month, US cents.
    pub monthly_cents: u32,
    /// Price of a year, US cents; absent for plans that cannot be bought.
    pub yearly_cents: Option<u32>,
    /// Analyses a month; absent means unlimited.
    pub analyses_per_month: Option<u32>,
    /// Members; absent means unlimited.
    pub seats: Option<u32>,
    /// Stored documents in gigabytes of 10⁹ bytes; absent means unlimited.
    pub storage_gb: Option<u32>,
    /// What it offers besides.
    pub features: Vec<PlanFeature>,
}

/// An add-on of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AddOnOffer {
    /// The add-on's key: `seat` or `storage`.
    pub key: String,
    /// The name that people see.
    pub name: String,
    /// Price of a month, US cents.
    pub monthly_cents: u32,
    /// Price of a year, US cents.
    pub yearly_cents: u32,
    /// Members that one of it adds.
    pub seats: u32,
    /// Gigabytes that one of it adds.
    pub storage_gb: u32,
}

/// `GET /v1/plans`: what can be bought, cheapest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PlanOffers {
    /// All plans, the free one and the trial included.
    pub plans: Vec<PlanOffer>,
    /// What a paid plan can be extended by.
    pub add_ons: Vec<AddOnOffer>,
    /// Whether anything can be bought here: an embedded service has no payments.
    pub can_buy: bool,
}

/// A change that takes place at the end of the paid period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ScheduledPlan {
    /// The key of the plan.
    pub plan: String,
    /// How often it is billed.
    pub interval: BillingInterval,
    /// When it begins.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp"))]
    pub at: OffsetDateTime,
}

/// `GET /v1/subscription`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SubscriptionStatus {
    /// The key of the plan that applies now: a trial that ended, or a plan that was not paid, is `free`.
    pub plan: String,
    /// The key of the plan that was subscribed to.
    pub subscribed_plan: String,
    /// Where it stands.
    pub state: SubscriptionState,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp"))]
    pub state_since: OffsetDateTime,
    /// How often it is billed; absent if nothing is.
    pub interval: Option<BillingInterval>,
    /// When the trial ends or ended.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp | null"))]
    pub trial_ends_at: Option<OffsetDateTime>,
    /// When the paid period ends: it is then renewed, unless it is cancelled.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp | null"))]
    pub period_ends_at: Option<OffsetDateTime>,
    /// Whether it ends with the paid period.
    pub cancels_at_period_end: bool,
    /// What follows at the end of the paid period.
    pub next: Option<ScheduledPlan>,
    /// Payments in a row that failed.
    pub failed_payments: u32,
    /// Seats that were added.
    pub extra_seats: u32,
    /// Storage that was added, in units of the add-on.
    pub extra_storage: u32,
    /// Whether there is anything that payments know of: without it there is no portal.
    pub has_customer: bool,
    /// Each limit and how much of it is used.
    pub limits: Vec<LimitUse>,
    /// What the plan offers besides.
    pub features: Vec<PlanFeature>,
}

/// `GET /v1/subscription/limits/check`: what is left, for whoever is about to use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitCheck {
    /// The limit and how much of it is used.
    #[serde(flatten)]
    pub usage: LimitUse,
    /// Whether the amount asked for fits.
    pub is_allowed: bool,
    /// Whether nothing new is allowed because the subscription is suspended.
    pub is_suspended: bool,
    /// Where the clinic can change its plan.
    pub upgrade_url: String,
}

/// What to buy: a plan with its add-ons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct SubscriptionOrder {
    /// The key of a plan that is sold.
    pub plan: String,
    /// How often it is billed.
    pub interval: BillingInterval,
    /// Seats to be added, at most 1,000.
    #[serde(default)]
    #[schema(maximum = 1000)]
    pub extra_seats: u32,
    /// Storage to be added, in units of the add-on, at most 1,000.
    #[serde(default)]
    #[schema(maximum = 1000)]
    pub extra_storage: u32,
}

/// A page of the payment provider, where nothing of a card passes us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentPage {
    /// To be opened in a browser.
    pub url: String,
}

/// When a change takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ChangeTime {
    /// At once, and the difference is billed at once.
    Now,
    /// At the end of the paid period.
    PeriodEnd,
}

/// What a change would do. Nothing is changed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ChangePreview {
    /// When it takes place.
    pub when: ChangeTime,
    /// That moment.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp"))]
    pub at: OffsetDateTime,
    /// What is billed then, in the smallest unit of the currency; negative is a credit.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub due_cents: i64,
    /// The currency, such as `usd`.
    pub currency: String,
    /// What stands in its way: limits of the new plan that are already exceeded.
    pub obstacles: Vec<LimitUse>,
}

/// `POST /v1/subscription/cancel`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelSubscription {
    /// Why, if the clinic likes to say, at most 500 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// `PUT /v1/subscription/add-ons`: how many of each there are from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddOns {
    /// Seats in all that are added, at most 1,000.
    #[schema(maximum = 1000)]
    pub extra_seats: u32,
    /// Storage in all that is added, in units of the add-on, at most 1,000.
    #[schema(maximum = 1000)]
    pub extra_storage: u32,
}

/// How an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// Not made out yet.
    Draft,
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// Given up.
    Uncollectible,
    /// Taken back.
    Void,
}

/// An invoice, as the payment provider made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invoice {
    /// The provider's id.
    pub id: String,
    /// The number that is printed on it; absent while it is a draft.
    pub number: Option<String>,
    /// How it stands.
    pub status: InvoiceStatus,
    /// The amount in the smallest unit of the currency.
    pub total_cents: i64,
    /// How much of it was paid.
    pub paid_cents: i64,
    /// The currency, such as `usd`.
    pub currency: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Where it can be paid and seen.
    pub page_url: Option<String>,
    /// Where its PDF is.
    pub pdf_url: Option<String>,
}

/// What was used in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MonthUse {
    /// The first day of the month (UTC).
    #[serde(with = "calendar_day")]
    #[cfg_attr(feature = "typescript", ts(type = "Day"))]
    #[schema(value_type = String, format = Date)]
    pub month: Date,
    /// Analyses that were requested and did not fail.
    pub analyses: u32,
    /// Pages that were stored.
    pub pages: u32,
    /// Minutes that were dictated.
    pub dictation_minutes: u32,
    /// Bytes of stored documents at the last measurement of the month; absent if there was none.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub storage_bytes: Option<u64>,
    /// Members at the last measurement of the month; absent if there was none.
    pub members: Option<u32>,
}

/// What one person used in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PersonUse {
    /// The user; absent if it was not a person.
    pub user: Option<UserId>,
    /// Their name; absent if they are gone.
    pub name: Option<String>,
    /// Analyses that they requested and did not fail.
    pub analyses: u32,
    /// Pages that they stored.
    pub pages: u32,
    /// Minutes that they dictated.
    pub dictation_minutes: u32,
    /// Bytes of the documents of the records that they created, now.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub storage_bytes: u64,
}

/// `GET /v1/usage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct UsageReport {
    /// The clinic.
    pub organization: OrgId,
    /// The last twelve months with the present one, the latest first.
    pub months: Vec<MonthUse>,
    /// Who used how much in the month that was asked for.
    pub persons: Vec<PersonUse>,
    /// The first day of that month (UTC).
    #[serde(with = "calendar_day")]
    #[cfg_attr(feature = "typescript", ts(type = "Day"))]
    #[schema(value_type = String, format = Date)]
    pub month: Date,
}

/// Which mails the user gets that are not about money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailPreferences {
    /// That 80, 90 or 100 % of a limit are used.
    pub usage_alerts: bool,
    /// That the trial began or is about to end.
    pub trial_reminders: bool,
}

time::serde::format_description!(calendar_day, Date, "[year]-[month]-[day]");
