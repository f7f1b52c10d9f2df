//! What a clinic has subscribed to. What it may do is decided in `entitlements`. Knows nothing of Stripe.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// On a trial, until it ends.
    Trialing,
    /// Paid.
    Active,
    /// A payment failed, and will be tried again.
    PastDue,
    /// The last payment failed, or an operator suspended it.
    Suspended,
    /// Ended, and the paid period is over.
    Cancelled,
    /// Never paid, or no longer.
    Free,
}

/// The subscription of a clinic, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The key of the plan in the catalogue.
    pub plan: String,
    pub state: SubscriptionState,
    /// When the trial ends or ended; counts only while the state is `Trialing`.
    pub trial_ends_at: Option<OffsetDateTime>,
    /// When the trial began, or the day and time of the month when a paid plan is billed.
    pub period_anchor: OffsetDateTime,
}
