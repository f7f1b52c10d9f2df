//! Tasks that failed for good, for the administrator of the server: with the login of migrations, which serve and worker do not
//! have.

use std::fmt;

use maneiro_api::{OrgId, TaskId};
use secrecy::SecretString;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{audit, owner::begin_as_owner};
use crate::domain::{
    audit::{AuditActor, AuditEvent},
    error::Error,
    task::TaskKind,
};

/// A task that failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: TaskId,
    /// Also one that this release does not know.
    pub kind: String,
    pub org: Option<OrgId>,
    pub subject: Option<Uuid>,
    pub attempts: i32,
    pub error_code: Option<String>,
    pub failed_at: Option<OffsetDateTime>,
}

/// One line with a tab between its parts, for an administrator's terminal.
impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, kind, attempts, .. } = self;
        let org = self.org.map_or_else(|| "-".to_owned(), |org| org.to_string());
        let subject = self.subject.map_or_else(|| "-".to_owned(), |subject| subject.simple().to_string());
        let error = self.error_code.as_deref().unwrap_or("-");
        let failed_at = self.failed_at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default();
        write!(f, "{id}\t{kind}\t{org}\t{subject}\t{attempts}\t{error}\t{failed_at}")
    }
}

/// All dead letters, the oldest first.
///
/// # Errors
/// `Unavailable` if the database is; `Internal` if the login is not a member of `maneiro_owner`.
pub async fn list(login: &SecretString) -> Result<Vec<DeadLetter>, Error> {
    let mut owner = begin_as_owner(login).await?;
    let rows = sqlx::query!(
        "select id, kind, org_id, subject_id, attempt, error_code, finished_at from maneiro.tasks
         where state = 'dead' order by finished_at, id"
    )
    .fetch_all(owner.conn())
    .await?;
    owner.commit().await?;
    let letters = rows.into_iter().map(|row| DeadLetter {
        id: TaskId::from_uuid(row.id),
        kind: row.kind,
        org: row.org_id.map(OrgId::from_uuid),
        subject: row.subject_id,
        attempts: row.attempt,
        error_code: row.error_code,
        failed_at: row.finished_at,
    });
    Ok(letters.collect())
}

/// Puts a dead task back into the queue with all its attempts, and its job with it, which is not counted again. Returns whether
/// there is such a one.
///
/// # Errors
/// As [`list`].
pub async fn retry(login: &SecretString, task: TaskId, event: &AuditEvent) -> Result<bool, Error> {
    let mut owner = begin_as_owner(login).await?;
    let row = sqlx::query!(
        r#"with retried as (
               update maneiro.tasks
               set state = 'waiting', attempt = 0, run_after = now(), finished_at = null
               where id = $1 and state = 'dead'
               returning org_id, kind, subject_id
           ), job as (
               update maneiro.jobs j
               set state = 'waiting', attempt = 0, error_code = null, pages_done = 0, finished_at = null
               from retried where retried.kind = $2 and j.id = retried.subject_id and j.state = 'error'
           )
           select org_id from retried"#,
        task.uuid(),
        TaskKind::Analysis.name(),
    )
    .fetch_optional(owner.conn())
    .await?;
    let Some(row) = row else { return Ok(false) };
    let actor = AuditActor { org: row.org_id.map(OrgId::from_uuid), ..AuditActor::SERVER };
    audit::insert(owner.conn(), event, actor).await?;
    owner.commit().await?;
    Ok(true)
}

/// Deletes a dead task. Returns whether there is such a one.
///
/// # Errors
/// As [`list`].
pub async fn delete(login: &SecretString, task: TaskId, event: &AuditEvent) -> Result<bool, Error> {
    let mut owner = begin_as_owner(login).await?;
    let row = sqlx::query!(
        "delete from maneiro.tasks where id = $1 and state = 'dead' returning org_id",
        task.uuid()
    )
    .fetch_optional(owner.conn())
    .await?;
    let Some(row) = row else { return Ok(false) };
    let actor = AuditActor { org: row.org_id.map(OrgId::from_uuid), ..AuditActor::SERVER };
    audit::insert(owner.conn(), event, actor).await?;
    owner.commit().await?;
    Ok(true)
}
