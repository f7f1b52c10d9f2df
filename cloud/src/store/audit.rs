//! The audit log. Events are appended in the transaction of what they record, and never read or changed here.

use maneiro_api::{OrgId, RequestId, SessionId, UserId};
use sqlx::PgConnection;

use super::{OrgTx, SystemTx};
use crate::domain::{
    audit::{AuditActor, AuditEvent},
    error::Error,
};

/// Records what the transaction's actor did in their clinic.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn append(tx: &mut OrgTx, event: &AuditEvent) -> Result<(), Error> {
    let actor = AuditActor::from_org_actor(tx.who());
    insert(tx.conn(), event, actor).await
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
             (id, org_id, occurred_at, actor_kind, actor_id, acting_as, action, subject_id, details, request_id,
              session_id, client_address)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        event.id.uuid(),
        actor.org.map(OrgId::uuid),
        event.occurred_at,
        actor.kind,
        actor.id,
        actor.acting_as.map(UserId::uuid),
        event.action.name(),
        event.subject,
        event.details,
        actor.request.map(RequestId::uuid),
        actor.session.map(SessionId::uuid),
        actor.address.map(|address| address.to_string()),
    )
    .execute(conn)
    .await?;
    Ok(())
}
