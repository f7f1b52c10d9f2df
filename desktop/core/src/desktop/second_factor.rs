//! The second factor: asked for at the door, set up there or in Security.

use maneiro_api::{
    ErrorCode,
    account::SecondFactorStep,
    client::{Client, ClientError},
    second_factor::{
        ConfirmPassword, EnrolledSecondFactor, RecoveryCodes, SecondFactorCode, SecondFactorStatus,
    },
};
use secrecy::{ExposeSecret as _, SecretString};

use super::state::{AccountAccess, Desktop, OpenSession, Session, SignedIn, lock};
use crate::contract::{
    account::Enrolment,
    common::{CommandError, CommandErrorCode, Timestamp},
    session::SessionState,
};

impl Desktop {
    /// Proves the second factor at the door, by a code of the authenticator or a recovery code.
    ///
    /// # Errors
    /// `InvalidInput` if it is neither; `SessionEnded` if the sign-in took too long; `Unauthenticated` unless it is asked for.
    pub async fn prove_second_factor(&self, code: SecretString) -> Result<SessionState, CommandError> {
        let half = self.half_session(SecondFactorStep::Prove)?;
        let proved = self.half_client(&half)?.prove_second_factor(&SecondFactorCode { code }).await;
        let response = match proved {
            Ok(response) => response,
            Err(error) => return Err(self.half_session_error(error).await),
        };
        let signed_in = SignedIn::new(response, half.access);
        self.continue_sign_in(SignedIn { is_clinic_chosen: half.is_clinic_chosen, ..signed_in }).await
    }

    /// Begins to enrol an authenticator. At the door the password may be left away where it was just given.
    ///
    /// # Errors
    /// `PasswordRequired` if no password is known; `InvalidInput` if it is wrong; `SessionEnded` if the sign-in took too long;
    /// those of the call.
    pub async fn begin_second_factor(
        &self,
        password: Option<SecretString>,
    ) -> Result<Enrolment, CommandError> {
        if let Ok(session) = self.session() {
            let password = password.ok_or(CommandErrorCode::PasswordRequired)?;
            return Ok(session.client.enrol_second_factor(&ConfirmPassword { password }).await?.into());
        }
        let half = self.half_session(SecondFactorStep::Enrol)?;
        let password = match (password, &half.access) {
            (Some(password), _) => password,
            (None, AccountAccess::Password(password)) => password.clone(),
            (None, AccountAccess::Key(_)) => return Err(CommandErrorCode::PasswordRequired.into()),
        };
        match self.half_client(&half)?.enrol_second_factor(&ConfirmPassword { password }).await {
            Ok(enrolment) => Ok(enrolment.into()),
            Err(error) => Err(self.half_session_error(error).await),
        }
    }

    /// Confirms the authenticator by its first code, and answers the recovery codes, which are shown this once. Every other
    /// session of the account has ended then. At the door the session goes on with [`Self::finish_second_factor`].
    ///
    /// # Errors
    /// `InvalidInput` if it is not its code; `SessionEnded` if the sign-in took too long; those of the call.
    pub async fn confirm_second_factor(&self, code: SecretString) -> Result<Vec<String>, CommandError> {
        let code = SecondFactorCode { code };
        if let Ok(session) = self.session() {
            let enrolled = session.client.confirm_second_factor(&code).await?;
            return Ok(self.keep_enrolled(&session, enrolled));
        }
        let half = self.half_session(SecondFactorStep::Enrol)?;
        let enrolled = match self.half_client(&half)?.confirm_second_factor(&code).await {
            Ok(enrolled) => enrolled,
            Err(error) => return Err(self.half_session_error(error).await),
        };
        let whole = SignedIn::new(enrolled.session, half.access);
        let whole = SignedIn { is_clinic_chosen: half.is_clinic_chosen, ..whole };
        if let Session::SecondFactor { signed_in, .. } = &mut *lock(&self.shared.session) {
            **signed_in = whole;
        }
        Ok(shown(&enrolled.codes))
    }

    /// An open session goes on with the token that replaced its own. The recovery codes are answered even if this computer
    /// cannot keep the token: they are shown this once, and without the token a full sign-in opens.
    fn keep_enrolled(&self, session: &OpenSession, enrolled: EnrolledSecondFactor) -> Vec<String> {
        let token = enrolled.session.token;
        session.client.replace_token(token.clone());
        let expires_at = Timestamp(enrolled.session.expires_at);
        if let Err(error) = self.keep_secrets(session, Some(expires_at), |secrets| secrets.token = token) {
            tracing::warn!(code = ?error.code, "the session's new token could not be kept");
        }
        shown(&enrolled.codes)
    }

    /// Goes on with a sign-in whose recovery codes were shown.
    ///
    /// # Errors
    /// `Unauthenticated` unless an authenticator was confirmed at the door; those of the store.
    pub async fn finish_second_factor(&self) -> Result<SessionState, CommandError> {
        let enrolled = self.half_session(SecondFactorStep::Enrol)?;
        if enrolled.missing_step.is_some() {
            return Err(CommandErrorCode::Unauthenticated.into());
        }
        self.continue_sign_in(enrolled).await
    }

    /// What is known of the own second factor.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn second_factor(&self) -> Result<SecondFactorStatus, CommandError> {
        Ok(self.session()?.client.second_factor().await?)
    }

    /// Replaces the recovery codes, and answers the new ones, which are shown this once.
    ///
    /// # Errors
    /// `InvalidInput` if the password is wrong; those of the call.
    pub async fn replace_recovery_codes(&self, password: SecretString) -> Result<Vec<String>, CommandError> {
        let password = ConfirmPassword { password };
        Ok(shown(&self.session()?.client.replace_recovery_codes(&password).await?))
    }

    /// Removes the second factor. Every other session of the account ends.
    ///
    /// # Errors
    /// `InvalidInput` if the password is wrong; `SecondFactorRequired` if a clinic of the user requires it; those of the call.
    pub async fn remove_second_factor(&self, password: SecretString) -> Result<(), CommandError> {
        Ok(self.session()?.client.remove_second_factor(&ConfirmPassword { password }).await?)
    }

    /// The session that this step was asked for.
    ///
    /// # Errors
    /// `Unauthenticated`.
    fn half_session(&self, wanted: SecondFactorStep) -> Result<SignedIn, CommandError> {
        match &*lock(&self.shared.session) {
            Session::SecondFactor { step, signed_in } if *step == wanted => Ok((**signed_in).clone()),
            Session::SecondFactor { .. }
            | Session::SignedOut
            | Session::ChooseClinic { .. }
            | Session::NoKeychain { .. }
            | Session::Locked { .. }
            | Session::Open(_) => Err(CommandErrorCode::Unauthenticated.into()),
        }
    }

    fn half_client(&self, half: &SignedIn) -> Result<Client, CommandError> {
        Ok(self.client()?.with_token(half.token.clone()))
    }

    /// A half session lasts ten minutes; when it has ended, the sign-in begins anew.
    async fn half_session_error(&self, error: ClientError) -> CommandError {
        if error.api_code() == Some(ErrorCode::Unauthenticated) {
            self.close_session(Session::SignedOut).await;
        }
        self.at_the_door(error)
    }
}

fn shown(codes: &RecoveryCodes) -> Vec<String> {
    codes.recovery_codes.iter().map(|code| code.expose_secret().to_owned()).collect()
}
