//! The audit log. Events are appended in the transaction of what they record, and never read or changed here.

use maneiro_api::{OrgId, RequestId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{OrgTx, SystemTx};
use crate::domain::{audit::AuditEvent, error::Error};

/// Records what the transaction's actor did in their clinic.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn append(tx: &mut OrgTx, event: &AuditEvent) -> Result<(), Error> {
    let who = tx.who().clone();
    let actor = AuditActor {
        org: Some(who.org()),
        kind: who.actor().kind(),
        id: Some(who.actor().id()),
        request: who.request(),
    };
    insert(tx.conn(), event, actor).await
}

/// Who did something before the clinic they act for was known.
#[derive(Debug, Clone, Copy)]
pub struct AuditActor {
    /// The clinic, if it is known by now.
    pub org: Option<OrgId>,
    /// `member`, `anonymous` or `operator`.
    pub kind: &'static str,
    /// The user, if known.
    pub id: Option<Uuid>,
    pub request: Option<RequestId>,
}

/// Records what was done before the clinic was known.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn append_as(tx: &mut SystemTx, event: &AuditEvent, actor: AuditActor) -> Result<(), Error> {
    insert(tx.conn(), event, actor).await
}

pub(super) async fn insert(
    conn: &mut PgConnection,
    event: &AuditEvent,
    actor: AuditActor,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.audit_events
             (id, org_id, occurred_at, actor_kind, actor_id, action, subject_id, details, request_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        event.id.uuid(),
        actor.org.map(OrgId::uuid),
        event.occurred_at,
        actor.kind,
        actor.id,
        event.action.name(),
        event.subject,
        event.details,
        actor.request.map(RequestId::uuid),
    )
    .execute(conn)
    .await?;
    Ok(())
}
