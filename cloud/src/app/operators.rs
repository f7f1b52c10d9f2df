//! Platform operators. Granted by a command on the server, never over HTTP.

use maneiro_api::AuditEventId;
use secrecy::SecretString;
use serde_json::json;

use crate::{
    domain::{
        audit::{AuditAction, AuditEvent},
        error::Error,
    },
    ports::{Clock, Random},
    store::operators,
};

/// Makes the user of this e-mail address an operator. Returns whether there is such a user.
///
/// `login` is the one of migrations: the service's own may not do this.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn grant(
    login: &SecretString,
    clock: &dyn Clock,
    random: &dyn Random,
    email: &str,
) -> Result<bool, Error> {
    let event = AuditEvent {
        id: AuditEventId::from_uuid(random.uuid()),
        occurred_at: clock.now(),
        action: AuditAction::OperatorGranted,
        subject: None,
        details: json!({}),
    };
    operators::grant(login, email.trim(), event).await
}
