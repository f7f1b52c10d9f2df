//! The user's second factor.

use http::Method;

use super::{Client, ClientError, request::Idempotency};
use crate::{
    account::LoginResponse,
    second_factor::{
        ConfirmPassword, EnrolledSecondFactor, RecoveryCodes, SecondFactorCode, SecondFactorEnrolment,
        SecondFactorStatus,
    },
};

impl Client {
    /// Proves the second factor. The token that was used ends; the response has the one from now on.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if the code is wrong or was used before, `NotFound` if the user has no second factor.
    pub async fn prove_second_factor(&self, code: &SecondFactorCode) -> Result<LoginResponse, ClientError> {
        self.post("v1/auth/second-factor", code, Idempotency::NotIdempotent).await
    }

    /// What is known of the user's second factor.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn second_factor(&self) -> Result<SecondFactorStatus, ClientError> {
        self.get("v1/me/second-factor").await
    }

    /// Begins to enrol an authenticator.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if the password is wrong, `SecondFactorRequired` if there is an authenticator that the
    /// session has not proved.
    pub async fn enrol_second_factor(
        &self,
        password: &ConfirmPassword,
    ) -> Result<SecondFactorEnrolment, ClientError> {
        self.post("v1/me/second-factor", password, Idempotency::NotIdempotent).await
    }

    /// Confirms the authenticator. The token that was used ends; the response has the one from now on.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if it is not its code, `NotFound` if no enrolment waits for one.
    pub async fn confirm_second_factor(
        &self,
        code: &SecondFactorCode,
    ) -> Result<EnrolledSecondFactor, ClientError> {
        self.post("v1/me/second-factor/confirm", code, Idempotency::NotIdempotent).await
    }

    /// Replaces the recovery codes.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if the password is wrong.
    pub async fn replace_recovery_codes(
        &self,
        password: &ConfirmPassword,
    ) -> Result<RecoveryCodes, ClientError> {
        self.post("v1/me/second-factor/recovery-codes", password, Idempotency::NotIdempotent).await
    }

    /// Removes the second factor.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if the password is wrong, `SecondFactorRequired` if a clinic requires it.
    pub async fn remove_second_factor(&self, password: &ConfirmPassword) -> Result<(), ClientError> {
        let path = "v1/me/second-factor/remove";
        self.send_json(Method::POST, path, password, Idempotency::NotIdempotent).await.map(drop)
    }
}
