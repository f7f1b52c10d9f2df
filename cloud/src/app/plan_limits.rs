//! What the clinic of a transaction may do now, and the refusal that says which limit of its plan is reached.

use maneiro_api::error::{LimitReached, PlanLimit};
use time::OffsetDateTime;

use crate::{
    domain::{
        entitlements::{Entitlements, entitlements},
        error::Error,
    },
    state::App,
    store::{OrgTx, documents, subscriptions, usage},
};

/// What the clinic may do now.
///
/// # Errors
/// `Unavailable` if the database is.
pub(super) async fn current<'a>(app: &'a App, tx: &mut OrgTx) -> Result<Entitlements<'a>, Error> {
    let subscription = subscriptions::find(tx).await?;
    Ok(entitlements(&app.plans, &subscription, app.now()))
}

/// Counts one analysis in the current period.
///
/// # Errors
/// `LimitReached` if the plan's analyses are used up.
pub(super) async fn consume_analysis(
    app: &App,
    tx: &mut OrgTx,
    entitlements: &Entitlements<'_>,
) -> Result<(), Error> {
    let period = entitlements.period();
    if usage::try_consume(tx, period.starts_at(), entitlements.analyses()).await? {
        return Ok(());
    }
    let used = usage::used(tx, period.starts_at()).await?;
    let maximum = entitlements.analyses().unwrap_or(u32::MAX);
    Err(limit_reached(app, PlanLimit::Analyses, used.into(), maximum.into(), Some(period.ends_at())))
}

/// Checks that all documents of the clinic together, also one that this transaction has just added, fit into its storage.
///
/// # Errors
/// `LimitReached` if they do not.
pub(super) async fn check_storage(app: &App, tx: &mut OrgTx) -> Result<(), Error> {
    let Some(maximum) = current(app, tx).await?.storage_bytes() else { return Ok(()) };
    let used = documents::total_bytes(tx).await?;
    if used <= maximum {
        return Ok(());
    }
    Err(limit_reached(app, PlanLimit::StorageBytes, used, maximum, None))
}

/// Checks that a seat is free while `taken` are not.
///
/// # Errors
/// `LimitReached` if there is none.
pub(super) fn check_seats(app: &App, seats: Option<u32>, taken: i64) -> Result<(), Error> {
    let Some(maximum) = seats else { return Ok(()) };
    let used = u64::try_from(taken).map_err(Error::internal)?;
    if used < u64::from(maximum) {
        return Ok(());
    }
    Err(limit_reached(app, PlanLimit::Seats, used, maximum.into(), None))
}

/// Where the clinic can change its plan.
///
/// # Errors
/// `Internal` if the service's own URL takes no path.
pub(super) fn upgrade_url(app: &App) -> Result<String, Error> {
    app.public_url.join("account/billing").map(String::from).map_err(Error::internal)
}

pub(super) fn limit_reached(
    app: &App,
    limit: PlanLimit,
    used: u64,
    maximum: u64,
    resets_at: Option<OffsetDateTime>,
) -> Error {
    match upgrade_url(app) {
        Ok(upgrade_url) => Error::LimitReached(LimitReached { limit, used, maximum, resets_at, upgrade_url }),
        Err(error) => error,
    }
}
