//! How much of its plan a clinic used: one row per month. Consuming is one statement, so that parallel requests cannot pass
//! the limit.

use std::num::NonZeroU32;

use super::OrgTx;
use crate::domain::{error::Error, quota_period::QuotaPeriod};

/// Counts one analysis unless `limit` is reached. Returns whether it was counted.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn try_consume(
    tx: &mut OrgTx,
    period: QuotaPeriod,
    limit: Option<NonZeroU32>,
) -> Result<bool, Error> {
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

/// Takes one analysis off the count. Returns whether one was counted in that month.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn refund(tx: &mut OrgTx, period: QuotaPeriod) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.usage set analyses = analyses - 1 where org_id = $1 and period = $2 and analyses > 0",
        tx.org(),
        period.first_day(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Analyses counted in a month.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn used(tx: &mut OrgTx, period: QuotaPeriod) -> Result<u32, Error> {
    let used = sqlx::query_scalar!(
        "select analyses from maneiro.usage where org_id = $1 and period = $2",
        tx.org(),
        period.first_day(),
    )
    .fetch_optional(tx.conn())
    .await?;
    u32::try_from(used.unwrap_or(0)).map_err(Error::internal)
}
