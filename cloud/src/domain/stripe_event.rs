//! Stripe's events: whether one is Stripe's, and whom it concerns. What it says is never applied: the present state is fetched.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use time::OffsetDateTime;

/// How far the time of a signature may be from ours, either way, in seconds (as Stripe's own libraries have it).
pub const SIGNATURE_TOLERANCE_S: u64 = 300;

/// Why an event was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("is not of the form t=TIME,v1=SIGNATURE")]
    Malformed,
    #[error("is too old, or of the future")]
    OutOfTime,
    #[error("does not match")]
    Mismatch,
}

/// Checks that one of the secrets signed these bytes a moment ago. Several are valid while a secret is rotated.
///
/// # Errors
/// [`SignatureError`] says what is wrong with the signature.
pub fn verify_signature(
    secrets: &[SecretString],
    header: &str,
    body: &[u8],
    now: OffsetDateTime,
) -> Result<(), SignatureError> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let timestamp = parts().find_map(|(name, value)| (name == "t").then_some(value));
    let timestamp = timestamp.ok_or(SignatureError::Malformed)?;
    let signed_at: i64 = timestamp.parse().map_err(|_| SignatureError::Malformed)?;
    let signatures: Vec<Vec<u8>> =
        parts().filter(|(name, _)| *name == "v1").filter_map(|(_, value)| hex::decode(value).ok()).collect();
    if signatures.is_empty() {
        return Err(SignatureError::Malformed);
    }
    let is_signed = secrets.iter().any(|secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
            .expect("a key of any length is accepted");
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        // In constant time.
        signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    });
    if !is_signed {
        return Err(SignatureError::Mismatch);
    }
    if signed_at.abs_diff(now.unix_timestamp()) > SIGNATURE_TOLERANCE_S {
        return Err(SignatureError::OutOfTime);
    }
    Ok(())
}

/// An event, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeEvent {
    pub id: String,
    /// Stripe's name of what happened.
    pub kind: String,
    pub is_live: bool,
    /// The customer that it concerns.
    pub customer: Option<String>,
}

#[derive(Deserialize)]
struct EventEnvelope {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    livemode: bool,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: EventObject,
}

#[derive(Deserialize)]
struct EventObject {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    object: Option<String>,
    #[serde(default)]
    customer: Option<EventCustomer>,
}

/// An id, or the whole object in its place.
#[derive(Deserialize)]
#[serde(untagged)]
enum EventCustomer {
    Id(String),
    Whole { id: String },
}

/// What is applied. Everything else is acknowledged and ignored.
const APPLIED: [&str; 13] = [
    "checkout.session.completed",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.updated",
    "charge.dispute.created",
    "charge.refunded",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
];

impl StripeEvent {
    /// Reads an event of any version of Stripe's API. None if it is no event.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let EventEnvelope { id, kind, livemode, data: EventData { object } } =
            serde_json::from_slice(body).ok()?;
        let customer = match object.customer {
            Some(EventCustomer::Id(id) | EventCustomer::Whole { id }) => Some(id),
            None if object.object.as_deref() == Some("customer") => object.id,
            None => None,
        };
        (1..=255).contains(&id.len()).then_some(Self { id, kind, is_live: livemode, customer })
    }

    /// Whether it may change a clinic's subscription.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        APPLIED.contains(&self.kind.as_str())
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-28 12:00 UTC);

    fn sign(secret: &str, body: &[u8], at: OffsetDateTime) -> String {
        let timestamp = at.unix_timestamp();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{timestamp}.").as_bytes());
        mac.update(body);
        format!("t={timestamp},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn signature_counts_for_300_seconds_either_way() {
        let secrets = [SecretString::from("whsec_new"), SecretString::from("whsec_old")];
        let verify = |header: &str| verify_signature(&secrets, header, b"{}", NOW);
        for (seconds, expected) in [
            (0, Ok(())),
            (300, Ok(())),
            (-300, Ok(())),
            (301, Err(SignatureError::OutOfTime)),
            (-301, Err(SignatureError::OutOfTime)),
        ] {
            assert_eq!(
                verify(&sign("whsec_old", b"{}", NOW + Duration::seconds(seconds))),
                expected,
                "{seconds}"
            );
        }
        assert_eq!(verify(&sign("whsec_new", b"{}", NOW)), Ok(()));
        assert_eq!(verify(&sign("whsec_other", b"{}", NOW)), Err(SignatureError::Mismatch));
        assert_eq!(verify(&sign("whsec_new", b"{ }", NOW)), Err(SignatureError::Mismatch));
        for malformed in ["", "v1=00", "t=now,v1=00", "t=1764331200", "t=1764331200,v0=00"] {
            assert_eq!(verify(malformed), Err(SignatureError::Malformed), "{malformed}");
        }
        assert_eq!(verify_signature(&[], &sign("", b"{}", NOW), b"{}", NOW), Err(SignatureError::Mismatch));
    }

    #[test]
    fn customer_is_found_wherever_the_event_has_it() {
        let customer = |object: serde_json::Value| {
            let event = serde_json::json!({
                "id": "evt_1", "type": "invoice.paid", "livemode": false, "api_version": "2031-01-01", "data": { "object": object },
            });
            StripeEvent::parse(event.to_string().as_bytes()).unwrap().customer
        };
        let expected = Some("cus_1".to_owned());
        assert_eq!(customer(serde_json::json!({ "object": "invoice", "customer": "cus_1" })), expected);
        assert_eq!(
            customer(serde_json::json!({ "object": "invoice", "customer": { "id": "cus_1" } })),
            expected
        );
        assert_eq!(customer(serde_json::json!({ "object": "customer", "id": "cus_1" })), expected);
        assert_eq!(
            customer(serde_json::json!({ "object": "invoice", "id": "in_1", "customer": null })),
            None
        );
        assert_eq!(StripeEvent::parse(b"[]"), None);
    }
}
