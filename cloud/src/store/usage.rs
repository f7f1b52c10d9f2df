//! How much of the plan a clinic used. One row per month; counting is one statement, so parallel requests take turns.

use std::num::NonZeroU32;

use super::{OrgTx, error::expect_rows};
use crate::domain::{error::Error, period::Period};

/// Counts one analysis unless `limit` is reached. Answers whether it was counted.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn count(tx: &mut OrgTx, period: Period, limit: Option<NonZeroU32>) -> Result<bool, Error> {
    let limit = limit.map(|limit| i64::from(limit.get()));
    let done = sqlx::query!(
        "insert into maneiro.usage as u (org_id, period, analyses) values ($1, $2, 1)
         on conflict on constraint usage_pkey
         do update set analyses = u.analyses + 1 where $3::bigint is null or u.analyses < $3",
        tx.org(),
        period.first_day(),
        limit,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives one analysis back.
///
/// # Errors
/// `Bug` if none was counted in that month.
pub async fn give_back(tx: &mut OrgTx, period: Period) -> Result<(), Error> {
    let done = sqlx::query!(
        "update maneiro.usage set analyses = analyses - 1 where org_id = $1 and period = $2",
        tx.org(),
        period.first_day(),
    )
    .execute(tx.conn())
    .await?;
    expect_rows(1, &done)
}

/// Analyses counted in a month.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn used(tx: &mut OrgTx, period: Period) -> Result<u32, Error> {
    let used = sqlx::query_scalar!(
        "select analyses from maneiro.usage where org_id = $1 and period = $2",
        tx.org(),
        period.first_day(),
    )
    .fetch_optional(tx.conn())
    .await?;
    u32::try_from(used.unwrap_or(0)).map_err(Error::bug)
}
