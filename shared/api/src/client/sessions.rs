//! The user's password and sessions, and the support sessions in their clinic.

use bytes::Bytes;
use http::{Method, header};

use super::{Client, ClientError, json, request::Idempotency};
use crate::{
    SessionId,
    account::{ActiveSession, ChangePassword},
    operator::SupportSession,
    record::List,
};

impl Client {
    /// Changes the user's password, and ends every other session of the user.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if the current password is wrong or the new one too short.
    pub async fn change_password(&self, change: &ChangePassword) -> Result<(), ClientError> {
        let body = Bytes::from(json(change));
        self.call(Idempotency::NotIdempotent, || {
            self.request(Method::POST, "v1/me/password")
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.clone())
        })
        .await
        .map(drop)
    }

    /// The user's sessions that have not ended, in all clinics, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn sessions(&self) -> Result<Vec<ActiveSession>, ClientError> {
        Ok(self.get::<List<ActiveSession>>("v1/sessions").await?.items)
    }

    /// Ends one session of the user.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the user has no such session or it has ended.
    pub async fn end_session(&self, session: SessionId) -> Result<(), ClientError> {
        self.delete(&format!("v1/sessions/{session}")).await
    }

    /// Ends every session of the user, this one too.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn end_all_sessions(&self) -> Result<(), ClientError> {
        self.delete("v1/sessions").await
    }

    /// The operators of the platform who act as members of the clinic at present.
    ///
    /// # Errors
    /// [`ClientError`]; `PermissionDenied` unless the user is an admin.
    pub async fn support_sessions(&self) -> Result<Vec<SupportSession>, ClientError> {
        Ok(self.get::<List<SupportSession>>("v1/support-sessions").await?.items)
    }

    /// Ends a support session in the clinic.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such support session or it has ended.
    pub async fn end_support_session(&self, session: SessionId) -> Result<(), ClientError> {
        self.delete(&format!("v1/support-sessions/{session}")).await
    }
}
