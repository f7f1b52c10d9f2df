//! How much of its plan a clinic used: one row per quota period, named by its start. Consuming is one statement, so that
//! parallel requests cannot pass the limit.

use time::OffsetDateTime;

use super::OrgTx;
use crate::domain::error::Error;

/// Counts one analysis unless `limit` is reached. Returns whether it was counted.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn try_consume(tx: &mut OrgTx, period: OffsetDateTime, limit: Option<u32>) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into maneiro.usage as u (org_id, period_start, analyses) values ($1, $2, 1)
         on conflict on constraint usage_pkey
         do update set analyses = u.analyses + 1 where $3::bigint is null or u.analyses < $3",
        tx.org(),
        period,
        limit.map(i64::from),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes one analysis off the count. Returns whether one was counted in that period.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn refund(tx: &mut OrgTx, period: OffsetDateTime) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update maneiro.usage set analyses = analyses - 1 where org_id = $1 and period_start = $2 and analyses > 0",
        tx.org(),
        period,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Analyses counted in a period.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn used(tx: &mut OrgTx, period: OffsetDateTime) -> Result<u32, Error> {
    let used = sqlx::query_scalar!(
        "select analyses from maneiro.usage where org_id = $1 and period_start = $2",
        tx.org(),
        period,
    )
    .fetch_optional(tx.conn())
    .await?;
    u32::try_from(used.unwrap_or(0)).map_err(Error::internal)
}
