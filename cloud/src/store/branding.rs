//! Letterheads and signature blocks, sealed.

use maneiro_api::UserId;
use time::OffsetDateTime;

use super::OrgTx;
use crate::domain::error::Error;

/// The sealed letterhead of the clinic; `None` if it has none but its name.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn letterhead(tx: &mut OrgTx) -> Result<Option<Vec<u8>>, Error> {
    let org = tx.org();
    Ok(sqlx::query_scalar!("select content_sealed from maneiro.letterheads where org_id = $1", org)
        .fetch_optional(tx.conn())
        .await?)
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn set_letterhead(tx: &mut OrgTx, sealed: &[u8], at: OffsetDateTime) -> Result<(), Error> {
    let org = tx.org();
    sqlx::query!(
        "insert into maneiro.letterheads (org_id, content_sealed, changed_at) values ($1, $2, $3)
         on conflict (org_id) do update set content_sealed = $2, changed_at = $3",
        org,
        sealed,
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The sealed signature block of a member; `None` if there is none.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn signature_block(tx: &mut OrgTx, user: UserId) -> Result<Option<Vec<u8>>, Error> {
    let org = tx.org();
    Ok(sqlx::query_scalar!(
        "select content_sealed from maneiro.signature_blocks where org_id = $1 and user_id = $2",
        org,
        user.uuid(),
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// # Errors
/// `Unavailable` if the database is.
pub async fn set_signature_block(
    tx: &mut OrgTx,
    user: UserId,
    sealed: &[u8],
    at: OffsetDateTime,
) -> Result<(), Error> {
    let org = tx.org();
    sqlx::query!(
        "insert into maneiro.signature_blocks (org_id, user_id, content_sealed, changed_at) values ($1, $2, $3, $4)
         on conflict (org_id, user_id) do update set content_sealed = $3, changed_at = $4",
        org,
        user.uuid(),
        sealed,
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
