//! What is mailed to admins about money and use: codes, counts and amounts, nothing of a patient.

use maneiro_api::{
    error::PlanLimit,
    subscription::{BillingInterval, MailPreferences},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BillingMail {
    TrialStarted {
        #[serde(with = "time::serde::rfc3339")]
        ends_at: OffsetDateTime,
    },
    TrialEnding {
        days: u8,
        #[serde(with = "time::serde::rfc3339")]
        ends_at: OffsetDateTime,
    },
    TrialEnded,
    /// Also the receipt.
    PaymentSucceeded {
        amount_cents: i64,
        currency: String,
        plan: String,
        interval: BillingInterval,
        #[serde(with = "time::serde::rfc3339::option")]
        next_at: Option<OffsetDateTime>,
    },
    /// The third in a row suspends.
    PaymentFailed {
        failures: u32,
        amount_cents: i64,
        currency: String,
    },
    UsageAlert {
        limit: PlanLimit,
        percent: u8,
        used: u64,
        maximum: u64,
        #[serde(with = "time::serde::rfc3339::option")]
        resets_at: Option<OffsetDateTime>,
    },
    /// It was cancelled, and is paid until then.
    CancellationScheduled {
        #[serde(with = "time::serde::rfc3339::option")]
        ends_at: Option<OffsetDateTime>,
    },
    /// The paid period is over.
    SubscriptionEnded,
}

impl BillingMail {
    /// Whether somebody who chose so gets it. What is about money, every admin gets.
    #[must_use]
    pub const fn is_wanted(&self, preferences: MailPreferences) -> bool {
        match self {
            Self::TrialStarted { .. } | Self::TrialEnding { .. } => preferences.trial_reminders,
            Self::UsageAlert { .. } => preferences.usage_alerts,
            Self::TrialEnded
            | Self::PaymentSucceeded { .. }
            | Self::PaymentFailed { .. }
            | Self::CancellationScheduled { .. }
            | Self::SubscriptionEnded => true,
        }
    }
}

/// The percentages of a limit at which admins are told.
pub const ALERT_PERCENTS: [u8; 3] = [80, 90, 100];

/// The highest of them that is reached.
#[must_use]
pub fn alert_percent(used: u64, maximum: u64) -> Option<u8> {
    let is_reached =
        |percent: &u8| maximum > 0 && u128::from(used) * 100 >= u128::from(maximum) * u128::from(*percent);
    ALERT_PERCENTS.into_iter().rev().find(is_reached)
}

/// Days before the end of a trial at which admins are told.
pub const TRIAL_REMINDER_DAYS: [u8; 3] = [7, 3, 1];

/// The reminder that is due: the one with the fewest days that has come.
#[must_use]
pub fn trial_reminder(ends_at: OffsetDateTime, now: OffsetDateTime) -> Option<u8> {
    let left = ends_at - now;
    if !left.is_positive() {
        return None;
    }
    TRIAL_REMINDER_DAYS.into_iter().rev().find(|days| left <= time::Duration::days(i64::from(*days)))
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    #[test]
    fn alert_is_the_highest_percentage_that_is_reached() {
        let percents: Vec<Option<u8>> =
            [39, 40, 44, 45, 49, 50, 60].map(|used| alert_percent(used, 50)).to_vec();
        assert_eq!(percents, [None, Some(80), Some(80), Some(90), Some(90), Some(100), Some(100)]);
        assert_eq!(alert_percent(1, 0), None);
    }

    #[test]
    fn reminder_is_due_from_its_day_to_the_next() {
        let end = datetime!(2026-12-12 09:00 UTC);
        let due = |hours: i64| trial_reminder(end, end - Duration::hours(hours));
        assert_eq!(
            [169, 168, 73, 72, 25, 24, 1, 0].map(due),
            [None, Some(7), Some(7), Some(3), Some(3), Some(1), Some(1), None]
        );
    }
}
