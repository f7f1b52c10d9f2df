//! The audit log. Events are appended in the transaction of what they record, and never changed; only the owner reads them.

use futures::{TryStream, TryStreamExt as _};
use maneiro_api::AuditEventId;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{OperatorTx, OrgTx, SystemTx};
use crate::domain::{
    audit::{AuditActor, AuditEvent, CANONICAL_VERSION, RecordedEvent},
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

/// Records what an operator did.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn append_as_operator(
    tx: &mut OperatorTx,
    event: &AuditEvent,
    actor: AuditActor,
) -> Result<(), Error> {
    insert(tx.conn(), event, actor).await
}

pub(super) async fn insert(
    conn: impl PgExecutor<'_>,
    event: &AuditEvent,
    actor: AuditActor,
) -> Result<(), Error> {
    let event = RecordedEvent::new(event, actor);
    let hash = event.hash();
    sqlx::query!(
        "insert into maneiro.audit_events
             (id, org_id, occurred_at, actor_kind, actor_id, acting_as, action, subject_id, details, request_id,
              session_id, client_address, hash, hash_version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        event.id,
        event.org,
        event.occurred_at,
        event.actor_kind,
        event.actor,
        event.acting_as,
        event.action,
        event.subject,
        event.details,
        event.request,
        event.session,
        event.address,
        &hash,
        i16::from(CANONICAL_VERSION),
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct EventRow {
    id: Uuid,
    org_id: Option<Uuid>,
    occurred_at: OffsetDateTime,
    actor_kind: String,
    actor_id: Option<Uuid>,
    acting_as: Option<Uuid>,
    action: String,
    subject_id: Option<Uuid>,
    details: serde_json::Value,
    request_id: Option<Uuid>,
    session_id: Option<Uuid>,
    client_address: Option<String>,
    hash: Vec<u8>,
    hash_version: i16,
}

impl EventRow {
    /// Whether the event is as it was recorded. One in a form that this program does not know is not.
    fn has_its_hash(self) -> bool {
        let event = RecordedEvent {
            id: self.id,
            org: self.org_id,
            occurred_at: self.occurred_at,
            actor_kind: self.actor_kind,
            actor: self.actor_id,
            acting_as: self.acting_as,
            action: self.action,
            subject: self.subject_id,
            details: self.details,
            request: self.request_id,
            session: self.session_id,
            address: self.client_address,
        };
        self.hash_version == i16::from(CANONICAL_VERSION) && event.hash() == *self.hash
    }
}

/// Every event of the log, in the order of their ids, and whether it is as it was recorded.
pub(super) fn verify(
    conn: &mut PgConnection,
) -> impl TryStream<Ok = (AuditEventId, bool), Error = Error> + '_ {
    sqlx::query_as!(
        EventRow,
        "select id, org_id, occurred_at, actor_kind, actor_id, acting_as, action, subject_id, details, request_id,
                session_id, client_address, hash, hash_version
         from maneiro.audit_events order by id"
    )
    .fetch(conn)
    .map_ok(|event| (AuditEventId::from_uuid(event.id), event.has_its_hash()))
    .map_err(Error::from)
}
