//! Who runs the platform. Asked for by a command on the server, never over HTTP.

use maneiro_api::AuditEventId;
use secrecy::SecretString;
use serde_json::json;

use crate::{
    domain::{
        audit::{Deed, Event},
        error::Error,
    },
    ports::{Clock, Random},
    store::operators,
};

/// Lets the person of this address run the platform. Answers whether there is such a person.
///
/// `login` is the one that migrations run with: the service's own may not do this.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn grant(
    login: &SecretString,
    clock: &dyn Clock,
    random: &dyn Random,
    email: &str,
) -> Result<bool, Error> {
    let event = Event {
        id: AuditEventId::from_uuid(random.uuid()),
        at: clock.now(),
        deed: Deed::OperatorGranted,
        subject: None,
        details: json!({}),
    };
    operators::grant(login, email.trim(), event).await
}
