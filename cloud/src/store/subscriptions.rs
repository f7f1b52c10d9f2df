//! The subscriptions of clinics.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    OrgTx,
    enum_text::{from_text, to_text},
};
use crate::domain::{error::Error, subscription::Subscription};

struct SubscriptionRow {
    plan: String,
    state: String,
    trial_ends_at: Option<OffsetDateTime>,
    period_anchor: OffsetDateTime,
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = Error;

    fn try_from(row: SubscriptionRow) -> Result<Self, Error> {
        let SubscriptionRow { plan, state, trial_ends_at, period_anchor } = row;
        Ok(Self { plan, state: from_text(&state)?, trial_ends_at, period_anchor })
    }
}

/// Stores the subscription of a new clinic.
pub(super) async fn insert(
    conn: impl PgExecutor<'_>,
    org: Uuid,
    subscription: &Subscription,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.subscriptions (org_id, plan, state, trial_ends_at, period_anchor)
         values ($1, $2, $3, $4, $5)",
        org,
        subscription.plan,
        to_text(&subscription.state),
        subscription.trial_ends_at,
        subscription.period_anchor,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The subscription of the clinic.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find(tx: &mut OrgTx) -> Result<Subscription, Error> {
    sqlx::query_as!(
        SubscriptionRow,
        "select plan, state, trial_ends_at, period_anchor from maneiro.subscriptions where org_id = $1",
        tx.org(),
    )
    .fetch_one(tx.conn())
    .await?
    .try_into()
}
