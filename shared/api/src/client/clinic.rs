//! The clinic itself: its policy.

use http::Method;

use super::{Client, ClientError, parse, request::Idempotency};
use crate::policy::ClinicPolicy;

impl Client {
    /// What the clinic requires of its members and permits.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn policy(&self) -> Result<ClinicPolicy, ClientError> {
        self.get("v1/policy").await
    }

    /// Replaces the policy. The session that asks may lack what it requires from then on.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` with every refused field, `PermissionDenied` unless the user is an admin.
    pub async fn set_policy(&self, policy: &ClinicPolicy) -> Result<ClinicPolicy, ClientError> {
        parse(&self.send_json(Method::PUT, "v1/policy", policy, Idempotency::Idempotent).await?)
    }
}
