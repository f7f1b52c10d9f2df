//! Edits of analyses, sealed. Appended, never changed.

use maneiro_api::{AnalysisId, EditId, UserId, edit::EditAuthor};
use time::OffsetDateTime;

use super::OrgTx;
use crate::domain::error::Error;

/// An edit as it is stored.
#[derive(Debug, Clone)]
pub struct StoredEdit {
    pub number: u32,
    pub id: EditId,
    pub author: EditAuthor,
    /// What it changes as JSON, sealed.
    pub change_sealed: Vec<u8>,
    pub created_at: OffsetDateTime,
}

/// The edits of an analysis after the number `after`, in their order.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(tx: &mut OrgTx, analysis: AnalysisId, after: u32) -> Result<Vec<StoredEdit>, Error> {
    let rows = sqlx::query!(
        r#"select e.number, e.edit_id, e.author_id, u.name as "author?", e.change_sealed, e.created_at
           from maneiro.analysis_edits e left join maneiro.users u on u.id = e.author_id
           where e.analysis_id = $1 and e.number > $2 order by e.number"#,
        analysis.uuid(),
        i32::try_from(after).unwrap_or(i32::MAX),
    )
    .fetch_all(tx.conn())
    .await?;
    let edits = rows.into_iter().map(|row| StoredEdit {
        number: row.number.unsigned_abs(),
        id: EditId::from_uuid(row.edit_id),
        author: EditAuthor { id: UserId::from_uuid(row.author_id), name: row.author },
        change_sealed: row.change_sealed,
        created_at: row.created_at,
    });
    Ok(edits.collect())
}

/// The number of the last edit of an analysis; 0 without edits.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn last_number(tx: &mut OrgTx, analysis: AnalysisId) -> Result<u32, Error> {
    let last = sqlx::query_scalar!(
        "select max(number) from maneiro.analysis_edits where analysis_id = $1",
        analysis.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(last.map_or(0, i32::unsigned_abs))
}

/// Appends an edit. The caller holds the lock of the record.
///
/// # Errors
/// `Internal` if the number or the id is taken.
pub async fn insert(tx: &mut OrgTx, analysis: AnalysisId, edit: &StoredEdit) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.analysis_edits (org_id, analysis_id, number, edit_id, author_id, change_sealed, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tx.org(),
        analysis.uuid(),
        i32::try_from(edit.number).map_err(Error::internal)?,
        edit.id.uuid(),
        edit.author.id.uuid(),
        edit.change_sealed,
        edit.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
