//! The plan catalogue. Which plan of it applies to a clinic is decided in `entitlements`. Knows nothing of Stripe.

use std::num::NonZeroU32;

use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use super::subscription::{Subscription, SubscriptionState};

/// What a plan offers beyond its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
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

/// One plan of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The name in the database.
    pub key: String,
    /// The name that users see.
    pub name: String,
    /// Price of a month, US cents.
    pub monthly_cents: u32,
    /// Price of a year, US cents; absent for plans that are free.
    pub yearly_cents: Option<u32>,
    /// The length of a trial; absent for other plans.
    pub trial_days: Option<NonZeroU32>,
    /// Analyses in a calendar month; absent means unlimited.
    pub analyses_per_month: Option<NonZeroU32>,
    /// Members; absent means unlimited.
    pub seats: Option<NonZeroU32>,
    /// Stored documents, in gigabytes of 10⁹ bytes; absent means unlimited.
    pub storage_gb: Option<NonZeroU32>,
    pub features: Vec<Feature>,
}

/// Something a clinic can buy in addition to its plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddOn {
    /// The name in the database.
    pub key: String,
    /// The name that users see.
    pub name: String,
    /// Price of a month, US cents.
    pub monthly_cents: u32,
    /// Additional members.
    #[serde(default)]
    pub seats: u32,
    /// Additional storage, in gigabytes of 10⁹ bytes.
    #[serde(default)]
    pub storage_gb: u32,
}

/// Why the plan catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("the plan catalogue cannot be parsed")]
    Syntax(#[from] toml::de::Error),
    /// The plan that a clinic falls back to, or the one that it starts on, is missing.
    #[error("the plan catalogue lacks the plan `{0}`")]
    MissingPlan(&'static str),
    #[error("the trial of the plan catalogue has no length in days")]
    EndlessTrial,
}

/// All plans and add-ons.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanCatalogue {
    #[serde(rename = "plan")]
    plans: Vec<Plan>,
    #[serde(rename = "add_on")]
    add_ons: Vec<AddOn>,
}

const FREE_PLAN: &str = "free";
const TRIAL_PLAN: &str = "trial";

impl PlanCatalogue {
    /// The catalogue that is part of the program.
    ///
    /// # Errors
    /// [`CatalogueError`] if the file in the source is broken.
    pub fn bundled() -> Result<Self, CatalogueError> {
        Self::parse(include_str!("plans.toml"))
    }

    fn parse(text: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self = toml::from_str(text)?;
        catalogue.plan(FREE_PLAN).ok_or(CatalogueError::MissingPlan(FREE_PLAN))?;
        let trial = catalogue.plan(TRIAL_PLAN).ok_or(CatalogueError::MissingPlan(TRIAL_PLAN))?;
        trial.trial_days.ok_or(CatalogueError::EndlessTrial)?;
        Ok(catalogue)
    }

    /// Cheapest first.
    #[must_use]
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    #[must_use]
    pub fn add_ons(&self) -> &[AddOn] {
        &self.add_ons
    }

    #[must_use]
    pub fn plan(&self, key: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.key == key)
    }

    /// The plan of clinics that pay for none.
    #[must_use]
    pub fn free_plan(&self) -> &Plan {
        self.plan(FREE_PLAN).expect("checked when the catalogue was read")
    }

    /// The subscription that a new clinic starts on.
    #[must_use]
    pub fn new_clinic_subscription(&self, now: OffsetDateTime) -> Subscription {
        let trial = self.plan(TRIAL_PLAN).expect("checked when the catalogue was read");
        let days = trial.trial_days.expect("checked when the catalogue was read");
        Subscription {
            plan: trial.key.clone(),
            state: SubscriptionState::Trialing,
            trial_ends_at: Some(now + Duration::days(i64::from(days.get()))),
            period_anchor: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn year_costs_twelve_months_less_ten_percent() {
        let catalogue = PlanCatalogue::bundled().unwrap();
        let sold: Vec<&Plan> = catalogue.plans().iter().filter(|plan| plan.monthly_cents > 0).collect();
        assert_eq!(sold.len(), 3);
        for plan in sold {
            assert_eq!(plan.yearly_cents, Some(plan.monthly_cents * 12 / 10 * 9), "{}", plan.key);
        }
        assert_eq!(catalogue.add_ons().len(), 2);
    }

    #[test]
    fn catalogue_without_the_free_plan_is_refused() {
        assert!(PlanCatalogue::parse("plan = []\nadd_on = []").is_err());
    }
}
