//! The audit log. Lines are added in the transaction of what they tell of, and never read or changed here.

use maneiro_api::{OrgId, RequestId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{OrgTx, SystemTx};
use crate::domain::{audit::Event, error::Error};

/// Notes what the transaction's actor did in their clinic.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn add(tx: &mut OrgTx, event: &Event) -> Result<(), Error> {
    let who = tx.who().clone();
    let by = By {
        org: Some(who.org()),
        kind: who.actor().kind(),
        id: Some(who.actor().id()),
        request: who.request(),
    };
    insert(tx.conn(), event, by).await
}

/// Who did something before it was known for which clinic they act.
#[derive(Debug, Clone, Copy)]
pub struct By {
    /// The clinic, if it came out.
    pub org: Option<OrgId>,
    /// `member`, `anonymous` or `operator`.
    pub kind: &'static str,
    /// The person, if it came out who.
    pub id: Option<Uuid>,
    /// The HTTP request.
    pub request: Option<RequestId>,
}

/// Notes what was done before the clinic was known.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn add_before_sign_in(tx: &mut SystemTx, event: &Event, by: By) -> Result<(), Error> {
    insert(tx.conn(), event, by).await
}

pub(super) async fn insert(conn: &mut PgConnection, event: &Event, by: By) -> Result<(), Error> {
    sqlx::query!(
        "insert into maneiro.audit_events
             (id, org_id, at, actor_kind, actor_id, action, subject_id, details, request_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        event.id.uuid(),
        by.org.map(OrgId::uuid),
        event.at,
        by.kind,
        by.id,
        event.deed.name(),
        event.subject,
        event.details,
        by.request.map(RequestId::uuid),
    )
    .execute(conn)
    .await?;
    Ok(())
}
