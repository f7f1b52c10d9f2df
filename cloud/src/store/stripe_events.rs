//! Events of Stripe by their ids, and what of Stripe's nobody here knows.

use std::fmt;

use maneiro_api::OrgId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{OrgTx, SystemTx, enum_text::to_text, owner::begin_as_owner};
use crate::domain::error::Error;

/// What an operator is to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StripeProblem {
    /// No clinic has this customer.
    UnknownCustomer,
    /// A subscription bills what the catalogue does not sell.
    UnknownPrice,
    /// A customer pays two subscriptions.
    TwoSubscriptions,
}

/// Something that Stripe said.
#[derive(Debug, Clone, Copy)]
pub struct NewStripeEvent<'a> {
    pub id: &'a str,
    pub org: Option<OrgId>,
    pub kind: &'a str,
    pub customer: Option<&'a str>,
    /// What is wrong with it, if anything is.
    pub anomaly: Option<StripeProblem>,
    pub received_at: OffsetDateTime,
}

/// Stores an event. Returns whether it is new.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn insert(tx: &mut SystemTx, event: NewStripeEvent<'_>) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.stripe_events (id, org_id, kind, customer, problem, received_at) values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint stripe_events_pkey do nothing",
        event.id,
        event.org.map(OrgId::uuid),
        event.kind,
        event.customer,
        event.anomaly.as_ref().map(to_text),
        event.received_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps what is wrong with a clinic's subscription, or that nothing is any more.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn set_problem(
    tx: &mut OrgTx,
    subscription: &str,
    customer: &str,
    problem: Option<StripeProblem>,
    at: OffsetDateTime,
) -> Result<(), Error> {
    let id = format!("problem/{subscription}");
    if let Some(problem) = problem {
        sqlx::query!(
            "insert into maneiro.stripe_events (id, org_id, kind, customer, problem, received_at)
             values ($1, $2, 'sync', $3, $4, $5)
             on conflict on constraint stripe_events_pkey do update set problem = excluded.problem",
            id,
            tx.org(),
            customer,
            to_text(&problem),
            at,
        )
        .execute(tx.conn())
        .await?;
    } else {
        sqlx::query!(
            "update maneiro.stripe_events set problem = null where id = $1 and org_id = $2",
            id,
            tx.org()
        )
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Deletes events that nobody has to look at and that are older than Stripe repeats any.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn delete_old(tx: &mut SystemTx, before: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!("delete from maneiro.stripe_events where problem is null and received_at < $1", before)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Something that an operator is to look at.
#[derive(Debug, Clone)]
pub struct OpenProblem {
    pub id: String,
    pub org: Option<OrgId>,
    pub customer: Option<String>,
    pub anomaly: String,
    pub received_at: OffsetDateTime,
}

impl fmt::Display for OpenProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let org = self.org.map_or_else(|| "no clinic".to_owned(), |org| org.to_string());
        let customer = self.customer.as_deref().unwrap_or("no customer");
        write!(f, "{} {} {org} {customer} {}", self.received_at, self.anomaly, self.id)
    }
}

/// What operators are to look at, the oldest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn problems(login: &SecretString) -> Result<Vec<OpenProblem>, Error> {
    let mut tx = begin_as_owner(login).await?;
    let rows = sqlx::query!(
        r#"select id, org_id, customer, problem as "problem!", received_at from maneiro.stripe_events
           where problem is not null order by received_at, id"#
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(rows
        .into_iter()
        .map(|row| OpenProblem {
            id: row.id,
            org: row.org_id.map(OrgId::from_uuid),
            customer: row.customer,
            anomaly: row.problem,
            received_at: row.received_at,
        })
        .collect())
}
