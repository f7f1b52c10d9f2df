//! What a clinic has subscribed to, and how that changes: each change is a method that can refuse. What the clinic may do is
//! decided in `entitlements`. Knows nothing of Stripe: it is given what was paid, and decides.

pub use maneiro_api::subscription::{BillingInterval, SubscriptionState};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// The third payment in a row that fails suspends.
pub const SUSPENDING_FAILURES: u32 = 3;

/// How long a subscription that ended is called cancelled before it is free.
pub const CANCELLED_FOR: Duration = Duration::days(30);

/// Who suspended a subscription. A payment mends what a payment broke, an operator what an operator did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionCause {
    Payment,
    Operator,
}

/// A plan and how often it is billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChoice {
    /// The key of the plan in the catalogue.
    pub plan: String,
    pub interval: BillingInterval,
}

/// What is billed, and for how long it is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidTerms {
    pub choice: PlanChoice,
    pub extra_seats: u32,
    pub extra_storage: u32,
    /// The day and time at which it is billed.
    pub anchor: OffsetDateTime,
    pub period_ends_at: OffsetDateTime,
    pub cancels_at_period_end: bool,
    /// What follows at the end of the period.
    pub next: Option<PlanChoice>,
}

/// How a clinic's subscription stands with the payment provider, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentStanding {
    /// Paid.
    Paid(PaidTerms),
    /// So many payments in a row failed.
    Failing(PaidTerms, u32),
    /// The first payment is under way, or waits for the bank's consent: nothing is bought yet.
    Pending,
    /// There is none, or none any more.
    Ended,
}

/// The subscription of a clinic, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The key of the plan in the catalogue.
    pub plan: String,
    pub state: SubscriptionState,
    pub state_since: OffsetDateTime,
    /// While the state is `Suspended`.
    pub suspended_by: Option<SuspensionCause>,
    /// When the trial ends or ended; counts only while the state is `Trialing`.
    pub trial_ends_at: Option<OffsetDateTime>,
    /// When the trial began, or the day and time of the month when a paid plan is billed.
    pub period_anchor: OffsetDateTime,
    /// Of a plan that is billed.
    pub interval: Option<BillingInterval>,
    pub extra_seats: u32,
    pub extra_storage: u32,
    pub failed_payments: u32,
    /// Of a plan that is billed.
    pub period_ends_at: Option<OffsetDateTime>,
    pub cancels_at_period_end: bool,
    pub next: Option<PlanChoice>,
}

/// Why a subscription did not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a subscription that is {from:?} cannot {transition}")]
pub struct TransitionRefused {
    pub from: SubscriptionState,
    pub transition: &'static str,
}

impl Subscription {
    /// The trial of a new clinic: the only one it ever has, since nothing leads back to it but an operator who suspended it.
    #[must_use]
    pub const fn trial(plan: String, begins_at: OffsetDateTime, ends_at: OffsetDateTime) -> Self {
        Self {
            plan,
            state: SubscriptionState::Trialing,
            state_since: begins_at,
            suspended_by: None,
            trial_ends_at: Some(ends_at),
            period_anchor: begins_at,
            interval: None,
            extra_seats: 0,
            extra_storage: 0,
            failed_payments: 0,
            period_ends_at: None,
            cancels_at_period_end: false,
            next: None,
        }
    }

    const fn transition_error(&self, transition: &'static str) -> TransitionRefused {
        TransitionRefused { from: self.state, transition }
    }

    const fn is_suspended_by_operator(&self) -> bool {
        matches!(self.suspended_by, Some(SuspensionCause::Operator))
    }

    /// In another state from `at` on, or as it is in the same one.
    fn with_state(
        self,
        state: SubscriptionState,
        suspended_by: Option<SuspensionCause>,
        at: OffsetDateTime,
    ) -> Self {
        let state_since = if state == self.state { self.state_since } else { at };
        Self { state, suspended_by, state_since, ..self }
    }

    fn with_terms(self, terms: PaidTerms, failed_payments: u32) -> Self {
        let PaidTerms {
            choice,
            extra_seats,
            extra_storage,
            anchor,
            period_ends_at,
            cancels_at_period_end,
            next,
        } = terms;
        Self {
            plan: choice.plan,
            interval: Some(choice.interval),
            extra_seats,
            extra_storage,
            period_anchor: anchor,
            period_ends_at: Some(period_ends_at),
            cancels_at_period_end,
            next,
            failed_payments,
            ..self
        }
    }

    /// Without anything that is billed.
    fn without_terms(self) -> Self {
        Self {
            interval: None,
            extra_seats: 0,
            extra_storage: 0,
            period_ends_at: None,
            cancels_at_period_end: false,
            next: None,
            failed_payments: 0,
            ..self
        }
    }

    /// It was paid.
    ///
    /// # Errors
    /// Refused while an operator suspends it.
    pub fn activate(self, terms: PaidTerms, at: OffsetDateTime) -> Result<Self, TransitionRefused> {
        if self.is_suspended_by_operator() {
            return Err(self.transition_error("activate"));
        }
        Ok(self.with_terms(terms, 0).with_state(SubscriptionState::Active, None, at))
    }

    /// So many payments in a row failed: it is past due, and suspended from the third on.
    ///
    /// # Errors
    /// Refused while an operator suspends it, and if no payment failed.
    pub fn fail_payment(
        self,
        terms: PaidTerms,
        failures: u32,
        at: OffsetDateTime,
    ) -> Result<Self, TransitionRefused> {
        if failures == 0 || self.is_suspended_by_operator() {
            return Err(self.transition_error("fail_payment"));
        }
        let (state, cause) = if failures < SUSPENDING_FAILURES {
            (SubscriptionState::PastDue, None)
        } else {
            (SubscriptionState::Suspended, Some(SuspensionCause::Payment))
        };
        Ok(self.with_terms(terms, failures).with_state(state, cause, at))
    }

    /// The paid period is over, and it is not renewed.
    ///
    /// # Errors
    /// Refused where nothing is billed, and while an operator suspends it.
    pub fn end(self, at: OffsetDateTime) -> Result<Self, TransitionRefused> {
        match self.state {
            SubscriptionState::Active | SubscriptionState::PastDue => {}
            SubscriptionState::Suspended if !self.is_suspended_by_operator() => {}
            SubscriptionState::Suspended
            | SubscriptionState::Trialing
            | SubscriptionState::Cancelled
            | SubscriptionState::Free => return Err(self.transition_error("end")),
        }
        Ok(self.without_terms().with_state(SubscriptionState::Cancelled, None, at))
    }

    /// The trial is over, unpaid.
    ///
    /// # Errors
    /// Refused before its end, and where there is no trial.
    pub fn expire_trial(self, at: OffsetDateTime) -> Result<Self, TransitionRefused> {
        match (self.state, self.trial_ends_at) {
            (SubscriptionState::Trialing, Some(end)) if at >= end => {
                Ok(self.with_state(SubscriptionState::Free, None, at))
            }
            (
                SubscriptionState::Trialing
                | SubscriptionState::Active
                | SubscriptionState::PastDue
                | SubscriptionState::Suspended
                | SubscriptionState::Cancelled
                | SubscriptionState::Free,
                _,
            ) => Err(self.transition_error("expire_trial")),
        }
    }

    /// It was cancelled long ago.
    ///
    /// # Errors
    /// Refused before that, and where nothing was cancelled.
    pub fn lapse(self, at: OffsetDateTime) -> Result<Self, TransitionRefused> {
        if self.state != SubscriptionState::Cancelled || at < self.state_since + CANCELLED_FOR {
            return Err(self.transition_error("lapse"));
        }
        Ok(self.with_state(SubscriptionState::Free, None, at))
    }

    /// An operator suspends it, whatever was paid.
    ///
    /// # Errors
    /// Refused if an operator did already.
    pub fn suspend(self, at: OffsetDateTime) -> Result<Self, TransitionRefused> {
        if self.is_suspended_by_operator() {
            return Err(self.transition_error("suspend"));
        }
        Ok(self.with_state(SubscriptionState::Suspended, Some(SuspensionCause::Operator), at))
    }

    /// An operator takes the suspension back: it stands as it would without it.
    ///
    /// # Errors
    /// Refused if no operator suspended it.
    pub fn reactivate(self, at: OffsetDateTime) -> Result<Self, TransitionRefused> {
        if !self.is_suspended_by_operator() {
            return Err(self.transition_error("reactivate"));
        }
        let trial_runs = self.trial_ends_at.is_some_and(|end| at < end);
        let (state, cause) = match (self.interval, self.failed_payments) {
            (Some(_), 0) => (SubscriptionState::Active, None),
            (Some(_), SUSPENDING_FAILURES..) => {
                (SubscriptionState::Suspended, Some(SuspensionCause::Payment))
            }
            (Some(_), _) => (SubscriptionState::PastDue, None),
            (None, _) if trial_runs => (SubscriptionState::Trialing, None),
            (None, _) => (SubscriptionState::Free, None),
        };
        Ok(self.with_state(state, cause, at))
    }

    /// As it stands with the payment provider now. The same standing gives the same subscription, however often and after
    /// whichever others it is applied.
    #[must_use]
    pub fn apply(self, standing: PaymentStanding, at: OffsetDateTime) -> Self {
        if self.is_suspended_by_operator() {
            // What was paid is kept for the day when the suspension is taken back.
            return match standing {
                PaymentStanding::Paid(terms) => self.with_terms(terms, 0),
                PaymentStanding::Failing(terms, failures) => self.with_terms(terms, failures),
                PaymentStanding::Pending => self,
                PaymentStanding::Ended => self.without_terms(),
            };
        }
        let unchanged = self.clone();
        let changed = match standing {
            PaymentStanding::Paid(terms) => self.activate(terms, at),
            PaymentStanding::Failing(terms, failures) => self.fail_payment(terms, failures.max(1), at),
            PaymentStanding::Pending => return unchanged,
            PaymentStanding::Ended => self.end(at),
        };
        // Where nothing was billed, nothing ends.
        changed.unwrap_or(unchanged)
    }

    /// Whether something is billed that can be changed.
    #[must_use]
    pub const fn is_billed(&self) -> bool {
        self.interval.is_some()
    }
}

/// A change from one state to another, for the diagram in the docs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub from: SubscriptionState,
    pub name: &'static str,
    pub to: SubscriptionState,
}

pub const STATES: [SubscriptionState; 6] = [
    SubscriptionState::Trialing,
    SubscriptionState::Active,
    SubscriptionState::PastDue,
    SubscriptionState::Suspended,
    SubscriptionState::Cancelled,
    SubscriptionState::Free,
];

type Change = fn(Subscription, PaidTerms, OffsetDateTime) -> Result<Subscription, TransitionRefused>;

const CHANGES: [(&str, Change); 8] = [
    ("activate", |subscription, terms, at| subscription.activate(terms, at)),
    ("fail_payment 1, 2", |subscription, terms, at| subscription.fail_payment(terms, 1, at)),
    ("fail_payment 3", |subscription, terms, at| subscription.fail_payment(terms, SUSPENDING_FAILURES, at)),
    ("end", |subscription, _, at| subscription.end(at)),
    ("expire_trial", |subscription, _, at| subscription.expire_trial(at)),
    ("lapse", |subscription, _, at| subscription.lapse(at)),
    ("suspend", |subscription, _, at| subscription.suspend(at)),
    ("reactivate", |subscription, _, at| subscription.reactivate(at)),
];

/// Every subscription that differs in what a change depends on, long after it began.
fn samples(state: SubscriptionState, begins_at: OffsetDateTime) -> Vec<Subscription> {
    let trial = Subscription::trial("trial".to_owned(), begins_at, begins_at + Duration::days(14));
    let causes: &[Option<SuspensionCause>] = match state {
        SubscriptionState::Suspended => &[Some(SuspensionCause::Payment), Some(SuspensionCause::Operator)],
        SubscriptionState::Trialing
        | SubscriptionState::Active
        | SubscriptionState::PastDue
        | SubscriptionState::Cancelled
        | SubscriptionState::Free => &[None],
    };
    let intervals: &[Option<BillingInterval>] = match state {
        SubscriptionState::Active | SubscriptionState::PastDue => &[Some(BillingInterval::Month)],
        SubscriptionState::Suspended => &[Some(BillingInterval::Month), None],
        SubscriptionState::Trialing | SubscriptionState::Cancelled | SubscriptionState::Free => &[None],
    };
    let of_interval = |interval: &Option<BillingInterval>| {
        causes
            .iter()
            .filter(|cause| interval.is_some() || **cause != Some(SuspensionCause::Payment))
            .map(|cause| Subscription { state, suspended_by: *cause, interval: *interval, ..trial.clone() })
            .collect::<Vec<_>>()
    };
    intervals.iter().flat_map(of_interval).collect()
}

/// All changes from one state to another, as the methods make them.
#[must_use]
pub fn transitions() -> Vec<Transition> {
    let begins_at = OffsetDateTime::UNIX_EPOCH;
    let mut all = Vec::new();
    // While a trial runs, and long after.
    for at in [begins_at + Duration::days(1), begins_at + Duration::days(400)] {
        let terms = PaidTerms {
            choice: PlanChoice { plan: "starter".to_owned(), interval: BillingInterval::Month },
            extra_seats: 0,
            extra_storage: 0,
            anchor: at,
            period_ends_at: at + Duration::days(30),
            cancels_at_period_end: false,
            next: None,
        };
        for from in STATES {
            for sample in samples(from, begins_at) {
                for (name, change) in CHANGES {
                    let Ok(changed) = change(sample.clone(), terms.clone(), at) else { continue };
                    let transition = Transition { from, name, to: changed.state };
                    let is_new = !all.contains(&transition);
                    if changed.state != from && is_new {
                        all.push(transition);
                    }
                }
            }
        }
    }
    all.sort_by_key(|transition| {
        let place = |state| STATES.iter().position(|known| *known == state);
        (place(transition.from), place(transition.to), transition.name)
    });
    all
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;
    use crate::domain::{entitlements::entitlements, plan::PlanCatalogue};

    const BEGIN: OffsetDateTime = datetime!(2028-02-01 09:00 UTC);

    fn state_name(state: SubscriptionState) -> String {
        serde_json::to_value(state).unwrap().as_str().unwrap().to_owned()
    }

    fn diagram() -> String {
        let mut text = "```mermaid\nstateDiagram-v2\n    [*] --> trialing: register\n".to_owned();
        for Transition { from, name, to } in transitions() {
            let _ = writeln!(text, "    {} --> {}: {name}", state_name(from), state_name(to));
        }
        text.push_str("```\n");
        text
    }

    #[test]
    fn diagram_of_the_docs_is_that_of_the_code() {
        let docs = include_str!("../../../docs/SUBSCRIPTIONS.md");
        assert!(docs.contains(&diagram()), "docs/SUBSCRIPTIONS.md lacks this diagram:\n{}", diagram());
    }

    fn terms(plan: &str, at: OffsetDateTime) -> PaidTerms {
        PaidTerms {
            choice: PlanChoice { plan: plan.to_owned(), interval: BillingInterval::Year },
            extra_seats: 2,
            extra_storage: 1,
            anchor: at,
            period_ends_at: at + Duration::days(365),
            cancels_at_period_end: false,
            next: None,
        }
    }

    fn trial() -> Subscription {
        Subscription::trial("trial".to_owned(), BEGIN, BEGIN + Duration::days(14))
    }

    #[test]
    fn third_failure_suspends_and_a_payment_mends_it() {
        let at = BEGIN + Duration::days(40);
        let paid = trial().activate(terms("starter", BEGIN), BEGIN).unwrap();
        let states: Vec<SubscriptionState> = (1..=4)
            .map(|failures| paid.clone().fail_payment(terms("starter", BEGIN), failures, at).unwrap().state)
            .collect();
        use SubscriptionState::{Active, PastDue, Suspended};
        assert_eq!(states, [PastDue, PastDue, Suspended, Suspended]);
        let suspended = paid.fail_payment(terms("starter", BEGIN), 3, at).unwrap();
        let mended = suspended.activate(terms("starter", BEGIN), at + Duration::days(1)).unwrap();
        assert_eq!((mended.state, mended.failed_payments), (Active, 0));
    }

    #[test]
    fn payment_does_not_lift_an_operators_suspension() {
        let at = BEGIN + Duration::days(40);
        let suspended = trial().activate(terms("starter", BEGIN), BEGIN).unwrap().suspend(at).unwrap();
        assert!(suspended.clone().activate(terms("starter", BEGIN), at).is_err());
        let paid = suspended.apply(PaymentStanding::Paid(terms("professional", BEGIN)), at);
        assert_eq!(paid.state, SubscriptionState::Suspended);
        let back = paid.reactivate(at).unwrap();
        assert_eq!((back.state, back.plan.as_str()), (SubscriptionState::Active, "professional"));
    }

    #[test]
    fn trial_expires_at_its_end_and_never_comes_back() {
        let end = BEGIN + Duration::days(14);
        assert!(trial().expire_trial(end - Duration::SECOND).is_err());
        let free = trial().expire_trial(end).unwrap();
        assert_eq!((free.state, free.state_since), (SubscriptionState::Free, end));
        assert!(free.clone().expire_trial(end).is_err());
        let is_trial = |transition: &Transition| transition.to == SubscriptionState::Trialing;
        let back: Vec<Transition> = transitions().into_iter().filter(is_trial).collect();
        assert!(back.iter().all(|transition| transition.name == "reactivate"), "{back:?}");
    }

    #[test]
    fn no_state_is_without_a_way_out() {
        let all = transitions();
        for state in STATES {
            assert!(all.iter().any(|transition| transition.from == state), "{state:?} is a dead end");
            // Whoever pays is active again, whatever happened before, unless an operator says otherwise.
            let mut reached = vec![state];
            while let Some(next) = all
                .iter()
                .find(|transition| reached.contains(&transition.from) && !reached.contains(&transition.to))
            {
                reached.push(next.to);
            }
            assert!(reached.contains(&SubscriptionState::Active), "{state:?} never becomes active");
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Apply(PaymentStanding),
        ExpireTrial,
        Lapse,
        Suspend,
        Reactivate,
    }

    fn step() -> impl Strategy<Value = Step> {
        let plan = prop_oneof![Just("starter"), Just("professional"), Just("enterprise"), Just("gone")];
        prop_oneof![
            plan.clone().prop_map(|plan| Step::Apply(PaymentStanding::Paid(terms(plan, BEGIN)))),
            (plan, 1_u32..6).prop_map(|(plan, failures)| Step::Apply(PaymentStanding::Failing(
                terms(plan, BEGIN),
                failures
            ))),
            Just(Step::Apply(PaymentStanding::Pending)),
            Just(Step::Apply(PaymentStanding::Ended)),
            Just(Step::ExpireTrial),
            Just(Step::Lapse),
            Just(Step::Suspend),
            Just(Step::Reactivate),
        ]
    }

    fn take(subscription: Subscription, step: Step, at: OffsetDateTime) -> Subscription {
        let unchanged = subscription.clone();
        match step {
            Step::Apply(standing) => subscription.apply(standing, at),
            Step::ExpireTrial => subscription.expire_trial(at).unwrap_or(unchanged),
            Step::Lapse => subscription.lapse(at).unwrap_or(unchanged),
            Step::Suspend => subscription.suspend(at).unwrap_or(unchanged),
            Step::Reactivate => subscription.reactivate(at).unwrap_or(unchanged),
        }
    }

    proptest! {
        #[test]
        fn nothing_paid_is_had_without_a_paid_state(steps in prop::collection::vec((step(), 0_i64..40), 1..30)) {
            let catalogue = PlanCatalogue::bundled().unwrap();
            let free = catalogue.free_plan();
            let (mut subscription, mut at) = (trial(), BEGIN);
            for (step, days) in steps {
                at += Duration::days(days);
                subscription = take(subscription, step, at);
                let suspended = subscription.state == SubscriptionState::Suspended;
                prop_assert_eq!(subscription.suspended_by.is_some(), suspended);
                let may = entitlements(&catalogue, &subscription, at);
                let trial_runs = subscription.state == SubscriptionState::Trialing
                    && subscription.trial_ends_at.is_some_and(|end| at < end);
                let paid = matches!(subscription.state, SubscriptionState::Active | SubscriptionState::PastDue);
                if !paid && !trial_runs {
                    prop_assert_eq!(may.plan(), "free");
                    prop_assert!(may.features().iter().all(|feature| free.features.contains(feature)));
                    prop_assert!(may.analyses() <= free.analyses_per_month.map(std::num::NonZero::get));
                    prop_assert!(may.seats() == free.seats.map(std::num::NonZero::get));
                }
                if suspended {
                    prop_assert_eq!(may.analyses(), Some(0));
                }
            }
        }

        #[test]
        fn same_standing_twice_is_the_same_as_once(steps in prop::collection::vec(step(), 0..12), last in step()) {
            let subscription = steps.into_iter().fold(trial(), |subscription, step| take(subscription, step, BEGIN));
            if let Step::Apply(standing) = last {
                let once = subscription.apply(standing.clone(), BEGIN);
                prop_assert_eq!(once.clone().apply(standing, BEGIN + Duration::days(1)), once);
            }
        }
    }
}
