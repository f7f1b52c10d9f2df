//! What a clinic may do: its features, seats, storage and analyses. The only place that decides it, from the stored
//! subscription and the catalogue; every use case asks here.

use time::OffsetDateTime;

use super::{
    plan::{Feature, Plan, PlanCatalogue},
    quota_period::QuotaPeriod,
    subscription::{Subscription, SubscriptionState},
};

const BYTES_PER_GB: u64 = 1_000_000_000;

/// What a clinic may do at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entitlements<'a> {
    plan: &'a Plan,
    period: QuotaPeriod,
}

/// What a clinic may do at `now`.
#[must_use]
pub fn entitlements<'a>(
    catalogue: &'a PlanCatalogue,
    subscription: &Subscription,
    now: OffsetDateTime,
) -> Entitlements<'a> {
    let subscribed = || catalogue.plan(&subscription.plan);
    let (plan, period) = match (subscription.state, subscription.trial_ends_at) {
        (SubscriptionState::Trialing, Some(end)) if now < end => {
            (subscribed(), QuotaPeriod::trial(subscription.period_anchor, end))
        }
        // A trial that ended without anyone paying is free, from that moment on.
        (SubscriptionState::Trialing, _) => (None, QuotaPeriod::calendar_month(now)),
        (SubscriptionState::Active | SubscriptionState::PastDue, _) => {
            (subscribed(), QuotaPeriod::billed_month(subscription.period_anchor, now))
        }
        (SubscriptionState::Suspended | SubscriptionState::Cancelled | SubscriptionState::Free, _) => {
            (None, QuotaPeriod::calendar_month(now))
        }
    };
    match plan {
        Some(plan) => Entitlements { plan, period },
        // A plan that the catalogue no longer has counts as free, too.
        None => Entitlements { plan: catalogue.free_plan(), period: QuotaPeriod::calendar_month(now) },
    }
}

impl Entitlements<'_> {
    /// The key of the plan that applies.
    #[must_use]
    pub fn plan(&self) -> &str {
        &self.plan.key
    }

    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.plan.features.contains(&feature)
    }

    /// The period in which analyses are counted.
    #[must_use]
    pub const fn period(&self) -> QuotaPeriod {
        self.period
    }

    /// Analyses in a period; `None` means unlimited.
    #[must_use]
    pub fn analyses(&self) -> Option<u32> {
        self.plan.analyses_per_month.map(std::num::NonZero::get)
    }

    /// Members; `None` means unlimited.
    #[must_use]
    pub fn seats(&self) -> Option<u32> {
        self.plan.seats.map(std::num::NonZero::get)
    }

    /// Bytes of stored documents; `None` means unlimited.
    #[must_use]
    pub fn storage_bytes(&self) -> Option<u64> {
        self.plan.storage_gb.map(|gigabytes| u64::from(gigabytes.get()) * BYTES_PER_GB)
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

    fn subscription(plan: &str, state: SubscriptionState) -> Subscription {
        Subscription { plan: plan.to_owned(), state, trial_ends_at: None, period_anchor: NOW }
    }

    fn plan_at(subscription: &Subscription, at: OffsetDateTime) -> String {
        entitlements(&PlanCatalogue::bundled().unwrap(), subscription, at).plan().to_owned()
    }

    #[test]
    fn trial_is_one_period_of_fourteen_days_and_then_is_free() {
        let catalogue = PlanCatalogue::bundled().unwrap();
        let trial = catalogue.new_clinic_subscription(NOW);
        let end = NOW + Duration::days(14);
        for at in [NOW, end - Duration::nanoseconds(1)] {
            let may = entitlements(&catalogue, &trial, at);
            assert_eq!(
                (may.plan(), may.analyses(), may.period()),
                ("trial", Some(50), QuotaPeriod::trial(NOW, end))
            );
        }
        let after = entitlements(&catalogue, &trial, end);
        assert_eq!((after.plan(), after.analyses(), after.seats()), ("free", Some(5), Some(1)));
        assert_eq!(after.period(), QuotaPeriod::calendar_month(end));
    }

    #[test]
    fn end_of_the_trial_does_not_end_a_paid_plan() {
        for state in [SubscriptionState::Active, SubscriptionState::PastDue] {
            let paid = Subscription { trial_ends_at: Some(NOW), ..subscription("professional", state) };
            assert_eq!(plan_at(&paid, NOW + Duration::days(400)), "professional");
        }
    }

    #[test]
    fn unpaid_subscription_is_free() {
        for state in [SubscriptionState::Suspended, SubscriptionState::Cancelled, SubscriptionState::Free] {
            let over = Subscription {
                trial_ends_at: Some(NOW + Duration::days(9)),
                ..subscription("starter", state)
            };
            assert_eq!(plan_at(&over, NOW), "free", "{state:?}");
        }
    }

    #[test]
    fn plan_outside_the_catalogue_is_free() {
        let catalogue = PlanCatalogue::bundled().unwrap();
        let unknown = subscription("gold", SubscriptionState::Active);
        let may = entitlements(&catalogue, &unknown, NOW);
        assert_eq!((may.plan(), may.period()), ("free", QuotaPeriod::calendar_month(NOW)));
    }

    #[test]
    fn features_and_storage_are_those_of_the_plan() {
        let catalogue = PlanCatalogue::bundled().unwrap();
        let starter = subscription("starter", SubscriptionState::Active);
        let may = entitlements(&catalogue, &starter, NOW);
        assert!(may.has(Feature::LetterheadReport) && !may.has(Feature::ApiKeys));
        assert_eq!(may.storage_bytes(), Some(10_000_000_000));
        let enterprise = subscription("enterprise", SubscriptionState::Active);
        let may = entitlements(&catalogue, &enterprise, NOW);
        assert_eq!((may.analyses(), may.seats(), may.storage_bytes()), (None, None, None));
        assert!(may.has(Feature::ApiKeys));
    }
}
