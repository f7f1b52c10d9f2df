//! The catalogue of plans against Stripe's: what differs, and what has to be created. For the administrator's commands.

use std::collections::BTreeMap;

use crate::{
    domain::{
        error::Error,
        plan::{PlanCatalogue, SoldItem},
    },
    ports::payments::{CataloguePrice, NewPrice, Payments},
};

/// A product of Stripe's has this before the key of the plan or add-on.
const PRODUCT_PREFIX: &str = "maneiro_";

/// The name by which a price is found again in Stripe.
fn lookup_key(item: &SoldItem<'_>) -> String {
    format!("{PRODUCT_PREFIX}{}", item.price_key())
}

fn is_as_wanted(price: &CataloguePrice, item: &SoldItem<'_>) -> bool {
    price.is_active
        && price.cents == i64::from(item.cents)
        && price.currency == "usd"
        && price.interval == Some(item.interval)
}

/// What differs between the catalogue and Stripe, one sentence each.
///
/// # Errors
/// `Unavailable` while Stripe is.
pub async fn check(catalogue: &PlanCatalogue, payments: &dyn Payments) -> Result<Vec<String>, Error> {
    let environment = payments.environment();
    let items = catalogue.sold_items();
    let keys: Vec<String> = items.iter().map(lookup_key).collect();
    let there = payments.find_prices(&keys).await?;
    let mut differences = Vec::new();
    for item in &items {
        let key = lookup_key(item);
        let known = catalogue.price(environment, item.key, item.interval);
        match (there.iter().find(|price| price.lookup_key == key), known) {
            (None, _) => differences.push(format!("Stripe has no price {key}")),
            (Some(price), _) if !is_as_wanted(price, item) => differences.push(format!(
                "{key} is {} {} in Stripe and {} usd in the catalogue",
                price.cents, price.currency, item.cents
            )),
            (Some(price), Some(known)) if price.id != known => {
                differences.push(format!("{key} is {} in Stripe and {known} in the catalogue", price.id));
            }
            (Some(price), None) => {
                differences.push(format!("the catalogue lacks {} = \"{}\"", item.price_key(), price.id));
            }
            (Some(_), Some(_)) => {}
        }
    }
    Ok(differences)
}

/// What a push did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pushed {
    /// The lookup keys of prices that were created.
    pub created: Vec<String>,
    /// All price ids, by the names that the catalogue has for them.
    pub prices: BTreeMap<String, String>,
}

/// Creates the products and prices that Stripe lacks. A price that changed is a new one, which takes over the lookup key: who
/// pays the old one goes on paying it.
///
/// # Errors
/// `Unavailable` while Stripe is; run again, it goes on.
pub async fn push(catalogue: &PlanCatalogue, payments: &dyn Payments) -> Result<Pushed, Error> {
    let items = catalogue.sold_items();
    let keys: Vec<String> = items.iter().map(lookup_key).collect();
    let there = payments.find_prices(&keys).await?;
    let mut pushed = Pushed::default();
    for item in &items {
        let key = lookup_key(item);
        let existing = there.iter().find(|price| price.lookup_key == key && is_as_wanted(price, item));
        let id = match existing {
            Some(price) => price.id.clone(),
            None => {
                let product = format!("{PRODUCT_PREFIX}{}", item.key);
                payments.ensure_product(&product, item.name).await?;
                // The same price created twice is one; one that takes the name over from another is new.
                let replaced = there.iter().find(|price| price.lookup_key == key);
                let replaced = replaced.map_or("none", |price| price.id.as_str());
                let idempotency_key = format!("{key}/{}/{replaced}", item.cents);
                let new =
                    NewPrice { lookup_key: key.clone(), product, cents: item.cents, interval: item.interval };
                pushed.created.push(key);
                payments.create_price(&idempotency_key, &new).await?
            }
        };
        pushed.prices.insert(item.price_key(), id);
    }
    Ok(pushed)
}
