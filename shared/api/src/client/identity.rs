//! Password reset, change of e-mail address, closing an account, and the mails about it.

use bytes::Bytes;
use http::{Method, header};
use serde::Serialize;

use super::{Client, ClientError, json, request::Idempotency};
use crate::{
    account::LoginResponse,
    identity::{
        ChangeEmail, CloseAccount, ConfirmEmailChange, LoginWithCode, PasswordWasReset, RequestPasswordReset,
        ResetPassword, SentMail,
    },
    record::List,
};

impl Client {
    /// Has a code mailed, with which [`Client::reset_password`] sets another password. Succeeds whether or not the address
    /// has an account.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if it is no e-mail address.
    pub async fn request_password_reset(&self, request: &RequestPasswordReset) -> Result<(), ClientError> {
        self.send("v1/auth/password/reset", request).await
    }

    /// Sets another password by a mailed code, ends every session of the user and signs in.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if the password is refused, `CodeWrong` or `CodeExpired` if the code is not a mailed
    /// one.
    pub async fn reset_password(&self, reset: &ResetPassword) -> Result<PasswordWasReset, ClientError> {
        self.post("v1/auth/password/reset/confirm", reset, Idempotency::NotIdempotent).await
    }

    /// Signs in with the code that a web page shows.
    ///
    /// # Errors
    /// [`ClientError`]; `CodeWrong` if the page did not show it, or too long ago.
    pub async fn login_with_code(&self, login: &LoginWithCode) -> Result<LoginResponse, ClientError> {
        self.post("v1/auth/login/code", login, Idempotency::NotIdempotent).await
    }

    /// Has a code mailed to a new address, with which [`Client::confirm_email_change`] makes it the user's.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if it is no e-mail address or the password is wrong.
    pub async fn change_email(&self, change: &ChangeEmail) -> Result<(), ClientError> {
        self.send("v1/me/email", change).await
    }

    /// Makes the new address the user's. Needs no session: who reads its mail has the code.
    ///
    /// # Errors
    /// [`ClientError`]; `CodeWrong` or `CodeExpired` if the code is not the mailed one.
    pub async fn confirm_email_change(&self, confirm: &ConfirmEmailChange) -> Result<(), ClientError> {
        self.send("v1/auth/email/confirm", confirm).await
    }

    /// Closes the user's account for good.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if the password is wrong, `LastAdmin` if a clinic would be without an admin.
    pub async fn close_account(&self, close: &CloseAccount) -> Result<(), ClientError> {
        self.send("v1/me/close", close).await
    }

    /// The mails to the user of the last thirty days, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn mails(&self) -> Result<Vec<SentMail>, ClientError> {
        Ok(self.get::<List<SentMail>>("v1/me/mails").await?.items)
    }

    /// Posts what is answered without a body.
    async fn send<T: Serialize>(&self, path: &str, input: &T) -> Result<(), ClientError> {
        let body = Bytes::from(json(input));
        self.call(Idempotency::NotIdempotent, || {
            self.request(Method::POST, path)
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.clone())
        })
        .await
        .map(drop)
    }
}
