//! The plan catalogue. Which plan of it applies to a clinic is decided in `entitlements`. Knows nothing of Stripe.

use std::{collections::BTreeMap, num::NonZeroU32};

pub use maneiro_api::subscription::PlanFeature as Feature;
use maneiro_api::subscription::{AddOnOffer, BillingInterval, PlanOffer};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use super::subscription::Subscription;

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
    /// Price of a year, US cents: the items of one subscription are billed in one interval.
    pub yearly_cents: u32,
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
    #[error("the plan catalogue has two entries `{0}`")]
    DuplicateKey(String),
    #[error("the plan `{0}` costs something by the month but nothing by the year, or the reverse")]
    IncompletePrice(String),
    #[error("the plan catalogue names `{0}` among its Stripe prices, which it does not sell")]
    UnknownPrice(String),
    #[error("the plan catalogue uses the Stripe price `{0}` twice")]
    DuplicatePrice(String),
    #[error(
        "the plan catalogue has no Stripe price for {prices} in {environment} mode; run `maneiro-cloud admin catalogue push`"
    )]
    MissingPrice { environment: &'static str, prices: String },
}

/// Which of Stripe's two worlds: they share nothing, and nothing of one is ever applied in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentEnvironment {
    Test,
    Live,
}

impl PaymentEnvironment {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }
}

/// Something that is sold: a plan or an add-on, by the month or by the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldItem<'a> {
    /// The key of the plan or add-on.
    pub key: &'a str,
    pub name: &'a str,
    pub interval: BillingInterval,
    pub cents: u32,
}

impl SoldItem<'_> {
    /// Names its price in the catalogue, such as `starter_monthly`.
    #[must_use]
    pub fn price_key(&self) -> String {
        price_key(self.key, self.interval)
    }
}

/// Names a price in the catalogue, such as `starter_monthly`.
#[must_use]
pub fn price_key(key: &str, interval: BillingInterval) -> String {
    match interval {
        BillingInterval::Month => format!("{key}_monthly"),
        BillingInterval::Year => format!("{key}_yearly"),
    }
}

/// All plans and add-ons.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanCatalogue {
    #[serde(rename = "plan")]
    plans: Vec<Plan>,
    #[serde(rename = "add_on")]
    add_ons: Vec<AddOn>,
    /// Stripe's price ids by the names of prices.
    #[serde(default)]
    stripe: StripePrices,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StripePrices {
    test: BTreeMap<String, String>,
    live: BTreeMap<String, String>,
}

impl StripePrices {
    const fn in_environment(&self, environment: PaymentEnvironment) -> &BTreeMap<String, String> {
        match environment {
            PaymentEnvironment::Test => &self.test,
            PaymentEnvironment::Live => &self.live,
        }
    }
}

/// The add-on that seats are sold as.
pub const SEAT_ADD_ON: &str = "seat";
/// The add-on that storage is sold as.
pub const STORAGE_ADD_ON: &str = "storage";

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

    /// Reads a catalogue and checks that it is complete in itself.
    ///
    /// # Errors
    /// [`CatalogueError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self = toml::from_str(text)?;
        catalogue.check_keys()?;
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

    fn check_keys(&self) -> Result<(), CatalogueError> {
        let mut keys = BTreeMap::new();
        let all =
            self.plans.iter().map(|plan| &plan.key).chain(self.add_ons.iter().map(|add_on| &add_on.key));
        for key in all {
            if keys.insert(key, ()).is_some() {
                return Err(CatalogueError::DuplicateKey(key.clone()));
            }
        }
        for plan in &self.plans {
            if (plan.monthly_cents > 0) != plan.yearly_cents.is_some() {
                return Err(CatalogueError::IncompletePrice(plan.key.clone()));
            }
        }
        let sold: Vec<String> = self.sold_items().iter().map(SoldItem::price_key).collect();
        let mut ids = BTreeMap::new();
        for (key, id) in self.stripe.test.iter().chain(&self.stripe.live) {
            if !sold.contains(key) {
                return Err(CatalogueError::UnknownPrice(key.clone()));
            }
            if ids.insert(id, ()).is_some() {
                return Err(CatalogueError::DuplicatePrice(id.clone()));
            }
        }
        Ok(())
    }

    /// What can be bought, as clients see it.
    #[must_use]
    pub fn offers(&self) -> (Vec<PlanOffer>, Vec<AddOnOffer>) {
        let plans = self.plans.iter().map(|plan| PlanOffer {
            key: plan.key.clone(),
            name: plan.name.clone(),
            monthly_cents: plan.monthly_cents,
            yearly_cents: plan.yearly_cents,
            analyses_per_month: plan.analyses_per_month.map(NonZeroU32::get),
            seats: plan.seats.map(NonZeroU32::get),
            storage_gb: plan.storage_gb.map(NonZeroU32::get),
            features: plan.features.clone(),
        });
        let add_ons = self.add_ons.iter().map(|add_on| AddOnOffer {
            key: add_on.key.clone(),
            name: add_on.name.clone(),
            monthly_cents: add_on.monthly_cents,
            yearly_cents: add_on.yearly_cents,
            seats: add_on.seats,
            storage_gb: add_on.storage_gb,
        });
        (plans.collect(), add_ons.collect())
    }

    /// Everything that is sold, in each interval.
    #[must_use]
    pub fn sold_items(&self) -> Vec<SoldItem<'_>> {
        let plans = self
            .plans
            .iter()
            .filter_map(|plan| Some((&*plan.key, &*plan.name, plan.monthly_cents, plan.yearly_cents?)));
        let add_ons = self
            .add_ons
            .iter()
            .map(|add_on| (&*add_on.key, &*add_on.name, add_on.monthly_cents, add_on.yearly_cents));
        plans
            .chain(add_ons)
            .flat_map(|(key, name, monthly, yearly)| {
                [(BillingInterval::Month, monthly), (BillingInterval::Year, yearly)]
                    .map(|(interval, cents)| SoldItem { key, name, interval, cents })
            })
            .collect()
    }

    /// Checks that everything that is sold has its Stripe price.
    ///
    /// # Errors
    /// `MissingPrice` names every price that is missing.
    pub fn require_prices(&self, environment: PaymentEnvironment) -> Result<(), CatalogueError> {
        let prices = self.stripe.in_environment(environment);
        let missing: Vec<String> = self
            .sold_items()
            .iter()
            .map(SoldItem::price_key)
            .filter(|key| !prices.contains_key(key))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(CatalogueError::MissingPrice { environment: environment.name(), prices: missing.join(", ") })
    }

    /// The Stripe price of a plan or add-on.
    #[must_use]
    pub fn price(
        &self,
        environment: PaymentEnvironment,
        key: &str,
        interval: BillingInterval,
    ) -> Option<&str> {
        self.stripe.in_environment(environment).get(&price_key(key, interval)).map(String::as_str)
    }

    /// What a Stripe price is for: the key of a plan or add-on, and the interval.
    #[must_use]
    pub fn find_price(&self, environment: PaymentEnvironment, id: &str) -> Option<(&str, BillingInterval)> {
        let name = self
            .stripe
            .in_environment(environment)
            .iter()
            .find_map(|(name, known)| (known == id).then_some(name))?;
        self.sold_items()
            .into_iter()
            .find(|item| item.price_key() == *name)
            .map(|item| (item.key, item.interval))
    }

    /// The same catalogue with the Stripe prices of an environment.
    #[must_use]
    pub fn with_prices(mut self, environment: PaymentEnvironment, prices: BTreeMap<String, String>) -> Self {
        match environment {
            PaymentEnvironment::Test => self.stripe.test = prices,
            PaymentEnvironment::Live => self.stripe.live = prices,
        }
        self
    }

    #[must_use]
    pub fn add_on(&self, key: &str) -> Option<&AddOn> {
        self.add_ons.iter().find(|add_on| add_on.key == key)
    }

    /// Whether going from one plan to another is paid at once: a plan that costs more by the month, or the same one by the
    /// year.
    #[must_use]
    pub fn is_upgrade(&self, from: (&str, BillingInterval), to: (&str, BillingInterval)) -> bool {
        let cents = |key: &str| self.plan(key).map_or(0, |plan| plan.monthly_cents);
        match cents(to.0).cmp(&cents(from.0)) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => (from.1, to.1) == (BillingInterval::Month, BillingInterval::Year),
        }
    }

    /// The subscription that a new clinic starts on.
    #[must_use]
    pub fn new_clinic_subscription(&self, now: OffsetDateTime) -> Subscription {
        let trial = self.plan(TRIAL_PLAN).expect("checked when the catalogue was read");
        let days = trial.trial_days.expect("checked when the catalogue was read");
        Subscription::trial(trial.key.clone(), now, now + Duration::days(i64::from(days.get())))
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
        for add_on in catalogue.add_ons() {
            assert_eq!(add_on.yearly_cents, add_on.monthly_cents * 12 / 10 * 9, "{}", add_on.key);
        }
    }

    #[test]
    fn catalogue_that_contradicts_itself_is_refused() {
        let bundled = include_str!("plans.toml");
        let refused = |text: String| PlanCatalogue::parse(&text).unwrap_err().to_string();
        let twice = bundled.replace(r#"key = "storage""#, r#"key = "starter""#);
        assert!(refused(twice).contains("two entries `starter`"));
        assert!(refused(bundled.replacen("yearly_cents = 106_920", "", 1)).contains("`starter` costs"));
        let unknown = format!("{bundled}\n[stripe.test]\ngold_monthly = \"price_1\"\n");
        assert!(refused(unknown).contains("`gold_monthly`"));
        let same = "\n[stripe.test]\nstarter_monthly = \"price_1\"\nstarter_yearly = \"price_1\"\n";
        assert!(refused(format!("{bundled}{same}")).contains("`price_1` twice"));
    }

    #[test]
    fn price_is_found_in_its_environment_only() {
        let prices = BTreeMap::from([("starter_yearly".to_owned(), "price_9".to_owned())]);
        let catalogue = PlanCatalogue::bundled().unwrap().with_prices(PaymentEnvironment::Test, prices);
        let found = |environment| catalogue.find_price(environment, "price_9");
        assert_eq!(found(PaymentEnvironment::Test), Some(("starter", BillingInterval::Year)));
        assert_eq!(found(PaymentEnvironment::Live), None);
        let missing = catalogue.require_prices(PaymentEnvironment::Test).unwrap_err().to_string();
        assert!(missing.contains("starter_monthly") && !missing.contains("starter_yearly"), "{missing}");
    }

    #[test]
    fn catalogue_without_the_free_plan_is_refused() {
        assert!(PlanCatalogue::parse("plan = []\nadd_on = []").is_err());
    }
}
