//! Analyses of the window's records, and what readers changed in them.

use maneiro_api::{AnalysisId, RecordId, UserId, analysis::Analysis};
use serde::{Deserialize, Serialize};
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::{database::Store, error::StoreError};
use crate::contract::{
    common::Timestamp,
    review::{HistoryKind, ReviewChange, ReviewCitation},
};

const ZSTD_LEVEL: i32 = 3;

/// Bounds what a damaged row can cost.
const MAX_ANALYSIS_BYTES: usize = 256 * 1024 * 1024;

/// An analysis of a record.
#[derive(Debug, Clone)]
pub(crate) struct AnalysisRow {
    pub(crate) analysis: Analysis,
    pub(crate) is_shown: bool,
    /// The ids of the statements of the result that was shown before.
    pub(crate) known_statements: Vec<String>,
    /// The number of the last edit in the cloud that this computer has.
    pub(crate) edits_seen: u32,
}

/// Whether a change holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeState {
    Done,
    /// Taken back; it can be made again.
    Undone,
    /// Taken back, and then overtaken by another change; or given up for what others wrote.
    Dropped,
    /// Refused by the cloud, because others wrote something else meanwhile: it waits for the reader's choice.
    Conflict,
}

impl ChangeState {
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Undone => "undone",
            Self::Dropped => "dropped",
            Self::Conflict => "conflict",
        }
    }

    fn parse(name: &str) -> Result<Self, StoreError> {
        [Self::Done, Self::Undone, Self::Dropped, Self::Conflict]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or(StoreError::Damaged)
    }
}

/// A change with the words that its reader chose. Their pages are numbered in their files, because files may be moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredChange {
    pub(crate) change: ReviewChange,
    pub(crate) citations: Vec<ReviewCitation>,
}

/// A change of a statement, or an undo, a redo or a run in the history.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ChangeRow {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) author: UserId,
    pub(crate) author_name: String,
    pub(crate) kind: HistoryKind,
    pub(crate) statement: Option<String>,
    /// The change that an undo takes back, or a redo makes again.
    pub(crate) target: Option<String>,
    /// Absent for an undo, a redo and a run.
    pub(crate) change: Option<StoredChange>,
    pub(crate) state: ChangeState,
    /// The analysis in the cloud that has it, or to which it will never be sent.
    pub(crate) sent_to: Option<AnalysisId>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

fn change_row(row: &SqliteRow) -> Result<ChangeRow, StoreError> {
    let damaged = |_| StoreError::Damaged;
    let change: Option<String> = row.get("change");
    let kind: String = row.get("kind");
    let sent_to: Option<String> = row.get("sent_to");
    Ok(ChangeRow {
        id: row.get("id"),
        at: Timestamp::parse(row.get("changed_at")).ok_or(StoreError::Damaged)?,
        author: row.get::<String, _>("author_id").parse().map_err(|_| StoreError::Damaged)?,
        author_name: row.get("author_name"),
        kind: serde_json::from_value(kind.into()).map_err(damaged)?,
        statement: row.get("statement_id"),
        target: row.get("target_id"),
        sent_to: sent_to.as_deref().map(str::parse).transpose().map_err(|_| StoreError::Damaged)?,
        change: change.as_deref().map(serde_json::from_str).transpose().map_err(damaged)?,
        state: ChangeState::parse(row.get("state"))?,
        before: row.get("text_before"),
        after: row.get("text_after"),
    })
}

impl Store {
    /// The analyses of a record, oldest first.
    pub(crate) async fn analyses(&self, record: RecordId) -> Result<Vec<AnalysisRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT is_shown, known_statements, edits_seen, content FROM analyses WHERE record_id = ? ORDER BY generated_at, id",
        )
        .bind(record.to_string())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let content: Vec<u8> = row.get("content");
                let json =
                    zstd::bulk::decompress(&content, MAX_ANALYSIS_BYTES).map_err(|_| StoreError::Damaged)?;
                Ok(AnalysisRow {
                    analysis: serde_json::from_slice(&json).map_err(|_| StoreError::Damaged)?,
                    is_shown: row.get("is_shown"),
                    known_statements: serde_json::from_str(row.get("known_statements"))
                        .map_err(|_| StoreError::Damaged)?,
                    edits_seen: row.get("edits_seen"),
                })
            })
            .collect()
    }

    /// Saves an analysis that the cloud made; one that is known stays as it is.
    pub(crate) async fn save_analysis(&self, record: RecordId, row: &AnalysisRow) -> Result<(), StoreError> {
        let json = serde_json::to_vec(&row.analysis).expect("an analysis has string keys only");
        let content = zstd::bulk::compress(&json, ZSTD_LEVEL).expect("compressing into memory cannot fail");
        sqlx::query(
            "INSERT INTO analyses (id, record_id, generated_at, is_shown, known_statements, content)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        )
        .bind(row.analysis.id.to_string())
        .bind(record.to_string())
        .bind(Timestamp(row.analysis.generated_at).text())
        .bind(row.is_shown)
        .bind(serde_json::to_string(&row.known_statements).expect("ids are texts"))
        .bind(content)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Shows one analysis of a record from now on, and forgets the older ones.
    pub(crate) async fn show_analysis(
        &self,
        record: RecordId,
        shown: AnalysisId,
        known_statements: &[String],
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("DELETE FROM analyses WHERE record_id = ? AND is_shown = 1")
            .bind(record.to_string())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE analyses SET is_shown = 1, known_statements = ? WHERE id = ?")
            .bind(serde_json::to_string(known_statements).expect("ids are texts"))
            .bind(shown.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The changes of a record's statements, oldest first.
    pub(crate) async fn changes(&self, record: RecordId) -> Result<Vec<ChangeRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM review_changes WHERE record_id = ? ORDER BY sequence")
            .bind(record.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(change_row).collect()
    }

    /// Appends a change of the reader. One that holds overtakes those of theirs that were taken back.
    pub(crate) async fn append_change(&self, record: RecordId, change: &ChangeRow) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        if change.change.is_some() {
            sqlx::query(
                "UPDATE review_changes SET state = 'dropped'
                 WHERE record_id = ? AND author_id = ? AND state = 'undone'",
            )
            .bind(record.to_string())
            .bind(change.author.to_string())
            .execute(&mut *transaction)
            .await?;
        }
        insert(&mut transaction, record, change).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Appends a change that was made elsewhere.
    pub(crate) async fn insert_change(&self, record: RecordId, change: &ChangeRow) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        insert(&mut transaction, record, change).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Records that an analysis in the cloud has a change, or will never be sent it.
    pub(crate) async fn set_change_sent(&self, id: &str, analysis: AnalysisId) -> Result<(), StoreError> {
        sqlx::query("UPDATE review_changes SET sent_to = ? WHERE id = ?")
            .bind(analysis.to_string())
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Records which edits of an analysis in the cloud are among the changes.
    pub(crate) async fn set_edits_seen(&self, analysis: AnalysisId, number: u32) -> Result<(), StoreError> {
        sqlx::query("UPDATE analyses SET edits_seen = max(edits_seen, ?) WHERE id = ?")
            .bind(number)
            .bind(analysis.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes a change back, or makes it again.
    pub(crate) async fn set_change_state(&self, id: &str, state: ChangeState) -> Result<(), StoreError> {
        sqlx::query("UPDATE review_changes SET state = ? WHERE id = ?")
            .bind(state.name())
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    record: RecordId,
    change: &ChangeRow,
) -> Result<(), StoreError> {
    let kind = serde_json::to_value(change.kind).expect("a kind is a text");
    let stored = change.change.as_ref();
    sqlx::query(
        "INSERT INTO review_changes (id, record_id, changed_at, author_id, author_name, kind, statement_id, target_id,
                                     change, state, sent_to, text_before, text_after)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&change.id)
    .bind(record.to_string())
    .bind(change.at.text())
    .bind(change.author.to_string())
    .bind(&change.author_name)
    .bind(kind.as_str())
    .bind(&change.statement)
    .bind(&change.target)
    .bind(stored.map(|change| serde_json::to_string(change).expect("a change has string keys only")))
    .bind(change.state.name())
    .bind(change.sent_to.map(|analysis| analysis.to_string()))
    .bind(&change.before)
    .bind(&change.after)
    .execute(connection)
    .await?;
    Ok(())
}
