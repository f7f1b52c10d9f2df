//! What a clinic may do: its features, seats, storage and analyses. The only place that decides it, from the stored
//! subscription and the catalogue; every use case asks here.

use std::num::NonZeroU32;

use maneiro_api::{error::PlanLimit, subscription::LimitUse};
use time::OffsetDateTime;

use super::{
    plan::{AddOn, Feature, Plan, PlanCatalogue, SEAT_ADD_ON, STORAGE_ADD_ON},
    quota_period::QuotaPeriod,
    subscription::{Subscription, SubscriptionState},
};

const BYTES_PER_GB: u64 = 1_000_000_000;

/// What a clinic may do at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entitlements<'a> {
    plan: &'a Plan,
    period: QuotaPeriod,
    extra_seats: u32,
    extra_storage_gb: u32,
    is_suspended: bool,
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
        Some(plan) => Entitlements::for_plan(
            catalogue,
            plan,
            period,
            subscription.extra_seats,
            subscription.extra_storage,
        ),
        // A plan that the catalogue no longer has counts as free, too.
        None => Entitlements {
            plan: catalogue.free_plan(),
            period: QuotaPeriod::calendar_month(now),
            extra_seats: 0,
            extra_storage_gb: 0,
            is_suspended: subscription.state == SubscriptionState::Suspended,
        },
    }
}

/// How much of what a plan limits is there, whichever plan it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandingUse {
    /// Members, and invitations that are open.
    pub seats: u64,
    pub storage_bytes: u64,
}

impl<'a> Entitlements<'a> {
    /// What a plan with its add-ons would permit.
    #[must_use]
    pub fn for_plan(
        catalogue: &PlanCatalogue,
        plan: &'a Plan,
        period: QuotaPeriod,
        extra_seats: u32,
        extra_storage: u32,
    ) -> Self {
        let added = |key: &str, count: u32, each: fn(&AddOn) -> u32| {
            catalogue.add_on(key).map_or(0, |add_on| each(add_on).saturating_mul(count))
        };
        Self {
            plan,
            period,
            extra_seats: added(SEAT_ADD_ON, extra_seats, |add_on| add_on.seats),
            extra_storage_gb: added(STORAGE_ADD_ON, extra_storage, |add_on| add_on.storage_gb),
            is_suspended: false,
        }
    }

    /// The key of the plan that applies.
    #[must_use]
    pub fn plan(&self) -> &'a str {
        &self.plan.key
    }

    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.plan.features.contains(&feature)
    }

    #[must_use]
    pub fn features(&self) -> &'a [Feature] {
        &self.plan.features
    }

    /// Whether nothing new is analysed, whatever the plan.
    #[must_use]
    pub const fn is_suspended(&self) -> bool {
        self.is_suspended
    }

    /// The period in which analyses are counted.
    #[must_use]
    pub const fn period(&self) -> QuotaPeriod {
        self.period
    }

    /// Analyses in a period; `None` means unlimited.
    #[must_use]
    pub fn analyses(&self) -> Option<u32> {
        if self.is_suspended { Some(0) } else { self.plan.analyses_per_month.map(NonZeroU32::get) }
    }

    /// Members; `None` means unlimited.
    #[must_use]
    pub fn seats(&self) -> Option<u32> {
        self.plan.seats.map(|seats| seats.get().saturating_add(self.extra_seats))
    }

    /// Bytes of stored documents; `None` means unlimited.
    #[must_use]
    pub fn storage_bytes(&self) -> Option<u64> {
        let gigabytes = self.plan.storage_gb?.get().saturating_add(self.extra_storage_gb);
        Some(u64::from(gigabytes) * BYTES_PER_GB)
    }

    /// Each limit with how much of it is used.
    #[must_use]
    pub fn limits(&self, analyses_used: u32, standing: StandingUse) -> [LimitUse; 3] {
        let StandingUse { seats, storage_bytes } = standing;
        [
            LimitUse {
                limit: PlanLimit::Analyses,
                used: analyses_used.into(),
                maximum: self.analyses().map(u64::from),
                resets_at: Some(self.period.ends_at()),
            },
            LimitUse {
                limit: PlanLimit::Seats,
                used: seats,
                maximum: self.seats().map(u64::from),
                resets_at: None,
            },
            LimitUse {
                limit: PlanLimit::StorageBytes,
                used: storage_bytes,
                maximum: self.storage_bytes(),
                resets_at: None,
            },
        ]
    }

    /// The limits that are exceeded already, so that nobody can go to this plan without losing something.
    #[must_use]
    pub fn obstacles(&self, standing: StandingUse) -> Vec<LimitUse> {
        let exceeded = |limit: &LimitUse| limit.maximum.is_some_and(|maximum| limit.used > maximum);
        self.limits(0, standing).into_iter().filter(exceeded).collect()
    }
}

/// Whether `amount` more fits into a limit.
#[must_use]
pub fn fits(limit: LimitUse, amount: u64) -> bool {
    limit.maximum.is_none_or(|maximum| limit.used.saturating_add(amount) <= maximum)
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

    fn subscription(plan: &str, state: SubscriptionState) -> Subscription {
        Subscription { state, trial_ends_at: None, ..Subscription::trial(plan.to_owned(), NOW, NOW) }
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

    #[test]
    fn add_ons_extend_a_paid_plan_only() {
        let catalogue = PlanCatalogue::bundled().unwrap();
        let with_add_ons =
            |plan, state| Subscription { extra_seats: 2, extra_storage: 1, ..subscription(plan, state) };
        let seats_and_storage = |subscription: &Subscription| {
            let may = entitlements(&catalogue, subscription, NOW);
            (may.seats(), may.storage_bytes())
        };
        let paid = with_add_ons("starter", SubscriptionState::Active);
        assert_eq!(seats_and_storage(&paid), (Some(7), Some(20_000_000_000)));
        let unlimited = with_add_ons("enterprise", SubscriptionState::Active);
        assert_eq!(seats_and_storage(&unlimited), (None, None));
        let ended = with_add_ons("starter", SubscriptionState::Cancelled);
        assert_eq!(seats_and_storage(&ended), (Some(1), Some(1_000_000_000)));
    }

    #[test]
    fn suspension_stops_new_analyses_until_it_ends() {
        let catalogue = PlanCatalogue::bundled().unwrap();
        let suspended = subscription("enterprise", SubscriptionState::Suspended);
        let may = entitlements(&catalogue, &suspended, NOW);
        assert!(may.is_suspended());
        let [analyses, _, storage] = may.limits(0, StandingUse { seats: 4, storage_bytes: 0 });
        assert!(!fits(analyses, 1) && fits(storage, 1));
    }

    #[test]
    fn obstacles_of_a_smaller_plan_are_what_exceeds_it() {
        let catalogue = PlanCatalogue::bundled().unwrap();
        let starter = catalogue.plan("starter").unwrap();
        let period = QuotaPeriod::calendar_month(NOW);
        let obstacles = |extra_seats, seats, storage_bytes| {
            Entitlements::for_plan(&catalogue, starter, period, extra_seats, 0)
                .obstacles(StandingUse { seats, storage_bytes })
                .iter()
                .map(|obstacle| (obstacle.limit, obstacle.used, obstacle.maximum))
                .collect::<Vec<_>>()
        };
        assert_eq!(obstacles(0, 5, 10_000_000_000), []);
        assert_eq!(obstacles(0, 6, 0), [(PlanLimit::Seats, 6, Some(5))]);
        assert_eq!(
            obstacles(1, 6, 10_000_000_001),
            [(PlanLimit::StorageBytes, 10_000_000_001, Some(10_000_000_000))]
        );
    }

    #[test]
    fn yearly_plan_over_29_february_is_counted_by_months() {
        let catalogue = PlanCatalogue::bundled().unwrap();
        let anchor = datetime!(2028-02-29 08:00 UTC);
        let yearly =
            Subscription { period_anchor: anchor, ..subscription("starter", SubscriptionState::Active) };
        let period = |at| entitlements(&catalogue, &yearly, at).period();
        let (leap, common) = (period(anchor), period(datetime!(2029-02-28 08:00 UTC)));
        assert_eq!(leap.ends_at(), datetime!(2028-03-29 08:00 UTC));
        assert_eq!(
            (common.starts_at(), common.ends_at()),
            (datetime!(2029-02-28 08:00 UTC), datetime!(2029-03-29 08:00 UTC))
        );
        // Every instant of the leap year is in exactly one period.
        let (mut at, mut count) = (anchor, 0);
        while at < datetime!(2029-02-28 08:00 UTC) {
            assert_eq!(period(at).starts_at(), at);
            at = period(at).ends_at();
            count += 1;
        }
        assert_eq!((at, count), (datetime!(2029-02-28 08:00 UTC), 12));
    }
}
