//! The plan catalogue, and which plan a clinic is on at a given moment. Knows no Stripe.

use std::num::NonZeroU32;

use serde::Deserialize;
use time::{Duration, OffsetDateTime};

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
    /// What the database calls it.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Price of a month, US cents.
    pub monthly_cents: u32,
    /// Price of a year, US cents; absent for plans that are not sold.
    pub yearly_cents: Option<u32>,
    /// How long the plan lasts, for a trial.
    pub trial_days: Option<NonZeroU32>,
    /// Analyses in a calendar month; absent means unlimited.
    pub analyses_per_month: Option<NonZeroU32>,
    /// People; absent means unlimited.
    pub seats: Option<NonZeroU32>,
    /// Stored documents, in gigabytes of 10⁹ bytes; absent means unlimited.
    pub storage_gb: Option<NonZeroU32>,
    /// What else it offers.
    pub features: Vec<Feature>,
}

/// Something a clinic can buy beside its plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddOn {
    /// What the database calls it.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Price of a month, US cents.
    pub monthly_cents: u32,
    /// People more.
    #[serde(default)]
    pub seats: u32,
    /// Stored documents more, in gigabytes.
    #[serde(default)]
    pub storage_gb: u32,
}

/// What a clinic subscribed to, as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Key of the plan.
    pub plan: String,
    /// When a trial ends.
    pub trial_ends_at: Option<OffsetDateTime>,
}

/// Why the catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file is not of the expected form.
    #[error("the plan catalogue cannot be read")]
    Form(#[from] toml::de::Error),
    /// The plan every clinic falls back to, or the one it starts on, is missing.
    #[error("the plan catalogue lacks the plan «{0}»")]
    Missing(&'static str),
}

/// All plans and add-ons.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "plan")]
    plans: Vec<Plan>,
    #[serde(rename = "add_on")]
    add_ons: Vec<AddOn>,
}

const FREE: &str = "free";
const TRIAL: &str = "trial";

impl Catalogue {
    /// The catalogue that ships with the program.
    ///
    /// # Errors
    /// [`CatalogueError`] if someone broke the file.
    pub fn shipped() -> Result<Self, CatalogueError> {
        Self::parse(include_str!("plans.toml"))
    }

    fn parse(text: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self = toml::from_str(text)?;
        for key in [FREE, TRIAL] {
            catalogue.plan(key).ok_or(CatalogueError::Missing(key))?;
        }
        Ok(catalogue)
    }

    /// All plans, cheapest first.
    #[must_use]
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// All add-ons.
    #[must_use]
    pub fn add_ons(&self) -> &[AddOn] {
        &self.add_ons
    }

    /// The plan of a key.
    #[must_use]
    pub fn plan(&self, key: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.key == key)
    }

    /// What a new clinic starts on.
    #[must_use]
    pub fn for_new_clinic(&self, now: OffsetDateTime) -> Subscription {
        let trial = self.plan(TRIAL).expect("checked when the catalogue was read");
        let days = trial.trial_days.map(|days| Duration::days(i64::from(days.get())));
        Subscription { plan: trial.key.clone(), trial_ends_at: days.map(|days| now + days) }
    }

    /// The plan whose limits hold at `now`: a trial that is over, or a plan that is no longer sold, counts as free.
    #[must_use]
    pub fn in_force(&self, subscription: &Subscription, now: OffsetDateTime) -> &Plan {
        let over = subscription.trial_ends_at.is_some_and(|end| end <= now);
        let key = if over { FREE } else { &subscription.plan };
        self.plan(key).or_else(|| self.plan(FREE)).expect("checked when the catalogue was read")
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 09:00 UTC);

    #[test]
    fn a_year_costs_twelve_months_less_ten_percent() {
        let catalogue = Catalogue::shipped().unwrap();
        let sold: Vec<&Plan> = catalogue.plans().iter().filter(|plan| plan.monthly_cents > 0).collect();
        assert_eq!(sold.len(), 3);
        for plan in sold {
            assert_eq!(plan.yearly_cents, Some(plan.monthly_cents * 12 / 10 * 9), "{}", plan.key);
        }
        assert_eq!(catalogue.add_ons().len(), 2);
    }

    #[test]
    fn a_trial_lasts_fourteen_days_and_then_counts_as_free() {
        let catalogue = Catalogue::shipped().unwrap();
        let subscription = catalogue.for_new_clinic(NOW);
        let end = subscription.trial_ends_at.unwrap();
        assert_eq!(end, NOW + Duration::days(14));
        let last_instant = end - Duration::nanoseconds(1);
        assert_eq!(catalogue.in_force(&subscription, last_instant).analyses_per_month, NonZeroU32::new(50));
        assert_eq!(catalogue.in_force(&subscription, end).key, "free");
    }

    #[test]
    fn a_plan_that_is_no_longer_sold_counts_as_free() {
        let gone = Subscription { plan: "gold".to_owned(), trial_ends_at: None };
        assert_eq!(Catalogue::shipped().unwrap().in_force(&gone, NOW).key, "free");
    }

    #[test]
    fn a_catalogue_without_the_free_plan_is_refused() {
        assert!(Catalogue::parse("plan = []\nadd_on = []").is_err());
    }
}
