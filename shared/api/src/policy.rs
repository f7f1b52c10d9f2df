//! What a clinic requires of its members and permits.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /v1/policy` and `PUT /v1/policy`: what holds for everybody in the clinic. What is stricter takes effect at once, in
/// sessions that have begun too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ClinicPolicy {
    /// Whether a password alone opens nothing.
    pub requires_second_factor: bool,
    /// Minutes without use after which a session ends and the window locks itself.
    #[schema(minimum = 1, maximum = 720)]
    pub idle_minutes: u32,
    /// Hours after which a session ends, used or not.
    #[schema(minimum = 1, maximum = 24)]
    pub session_hours: u32,
    /// Domains of the addresses that may be invited and become members, such as `clinic.example`; empty means any.
    #[schema(max_items = 100)]
    pub mail_domains: Vec<String>,
    /// Days after which a record that nothing was added to is purged.
    #[schema(minimum = 1, maximum = 3650)]
    pub retention_days: u32,
    /// What a patient hears or reads before a recording, 1 to 2,000 characters; absent means nothing.
    #[schema(max_length = 2000)]
    pub recording_consent: Option<String>,
    /// Whether files themselves may be uploaded, besides the text of their pages.
    pub uploads_originals: bool,
    /// Hosts of language models that pages may be sent to; absent means any that the service has, empty means none.
    #[schema(max_items = 100)]
    pub model_hosts: Option<Vec<String>>,
}
