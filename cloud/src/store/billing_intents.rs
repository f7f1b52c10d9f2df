//! What clinics want Stripe to do, stored before Stripe is asked.

use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::OrgTx;
use crate::domain::{
    billing::{BillingIntent, BillingRequest},
    error::Error,
};

/// Stores an intent, unless the clinic has one that is pending. Returns whether it was stored.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn insert(tx: &mut OrgTx, intent: &BillingIntent, at: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.billing_intents (id, org_id, request, state, created_at)
         values ($1, $2, $3, 'pending', $4) on conflict do nothing",
        intent.id,
        tx.org(),
        Json(&intent.request) as _,
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The intent of the clinic that is pending.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_pending(tx: &mut OrgTx) -> Result<Option<BillingIntent>, Error> {
    let row = sqlx::query!(
        r#"select id, request as "request: Json<BillingRequest>" from maneiro.billing_intents
           where org_id = $1 and state = 'pending'"#,
        tx.org(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| BillingIntent { id: row.id, request: row.request.0 }))
}

/// The intent, if it is pending still.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn find_pending_by_id(tx: &mut OrgTx, id: Uuid) -> Result<Option<BillingIntent>, Error> {
    Ok(find_pending(tx).await?.filter(|intent| intent.id == id))
}

/// How an intent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentOutcome<'a> {
    /// With the page of Stripe that it made, if it is for one.
    Done(Option<&'a str>),
    /// With Stripe's code.
    Refused(&'a str),
}

/// Records how an intent ended, unless that was recorded.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn finish(
    tx: &mut OrgTx,
    id: Uuid,
    outcome: IntentOutcome<'_>,
    at: OffsetDateTime,
) -> Result<(), Error> {
    let (state, url, error_code) = match outcome {
        IntentOutcome::Done(url) => ("done", url, None),
        IntentOutcome::Refused(code) => ("refused", None, Some(code)),
    };
    sqlx::query!(
        "update maneiro.billing_intents set state = $3, url = $4, error_code = $5, finished_at = $6
         where org_id = $1 and id = $2 and state = 'pending'",
        tx.org(),
        id,
        state,
        url,
        error_code,
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
