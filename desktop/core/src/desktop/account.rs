//! What keeps an account its owner's: password, sessions, address, and its end.

use maneiro_api::{
    SessionId,
    account::ChangePassword,
    identity::{ChangeEmail, CloseAccount, ConfirmEmailChange, RequestPasswordReset, ResetPassword},
};
use secrecy::SecretString;

use super::{
    account_file::{AccountFile, AccountKey, AccountSecrets},
    state::{AccountAccess, Desktop, OpenSession, SignedIn, blocking, lock},
};
use crate::contract::{
    account::AccountSession,
    common::{CommandError, CommandErrorCode, Timestamp},
    session::SessionState,
};

impl Desktop {
    /// Changes the password, which ends every other session, and seals what this computer keeps under the new one.
    ///
    /// # Errors
    /// `WrongPassword`; `InvalidInput` if the new one is refused; those of the call.
    pub async fn change_password(
        &self,
        current_password: SecretString,
        new_password: SecretString,
    ) -> Result<(), CommandError> {
        let session = self.writable_session()?;
        let account = self.kept_open_account()?;
        let (desktop, password) = (self.clone(), current_password.clone());
        let (account, secrets) = blocking(move || {
            let (_, secrets) = desktop.open_secrets(&account, &password)?;
            Ok::<_, CommandError>((account, secrets))
        })
        .await?;
        let change = ChangePassword { current_password, new_password: new_password.clone() };
        session.client.change_password(&change).await?;
        let desktop = self.clone();
        let key = blocking(move || desktop.seal_anew(&account, &secrets, &new_password)).await?;
        *lock(&session.account_key) = Some(key);
        Ok(())
    }

    /// What this computer keeps of the open account.
    fn kept_open_account(&self) -> Result<AccountFile, CommandError> {
        let name = lock(&self.shared.kept).account.clone().ok_or(CommandErrorCode::Unauthenticated)?;
        AccountFile::load(&self.shared.config.folder, &name)
            .ok_or_else(|| CommandErrorCode::StoreDamaged.into())
    }

    /// Seals the secrets of an account under another password, and returns its key.
    fn seal_anew(
        &self,
        account: &AccountFile,
        secrets: &AccountSecrets,
        password: &SecretString,
    ) -> Result<AccountKey, CommandError> {
        let config = &self.shared.config;
        let device = self.find_device_secret().map_err(|_| CommandErrorCode::KeychainUnavailable)?;
        let key = AccountKey::generate(password, &device, &*config.random);
        AccountFile::seal(&account.server, account.expires_at, secrets, &key, &*config.random)
            .save(&config.folder)
            .map_err(|_| CommandErrorCode::DiskFull)?;
        Ok(key)
    }

    /// Changes what this computer keeps of an open account, unless it keeps nothing.
    ///
    /// # Errors
    /// `StoreDamaged`; `DiskFull`.
    pub(super) fn keep_secrets(
        &self,
        session: &OpenSession,
        expires_at: Option<Timestamp>,
        change: impl FnOnce(&mut AccountSecrets),
    ) -> Result<(), CommandError> {
        let Some(key) = lock(&session.account_key).clone() else { return Ok(()) };
        let config = &self.shared.config;
        let account = self.kept_open_account()?;
        let mut secrets = account.open(&key).map_err(|_| CommandErrorCode::StoreDamaged)?;
        change(&mut secrets);
        let expires_at = expires_at.unwrap_or(account.expires_at);
        AccountFile::seal(&account.server, expires_at, &secrets, &key, &*config.random)
            .save(&config.folder)
            .map_err(|_| CommandErrorCode::DiskFull.into())
    }

    /// The sessions of the account that have not ended, in all clinics, newest first.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn sessions(&self) -> Result<Vec<AccountSession>, CommandError> {
        let sessions = self.session()?.client.sessions().await?;
        Ok(sessions.into_iter().map(AccountSession::from).collect())
    }

    /// # Errors
    /// `NotFound` if it has ended; those of the call.
    pub async fn end_session(&self, session: SessionId) -> Result<(), CommandError> {
        Ok(self.session()?.client.end_session(session).await?)
    }

    /// Ends every session, this one too.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn end_all_sessions(&self) -> Result<(), CommandError> {
        self.session()?.client.end_all_sessions().await?;
        self.sign_out().await
    }

    /// Has a code mailed; the answer is the same whether the address is known.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn request_password_reset(&self, email: String) -> Result<(), CommandError> {
        let request = RequestPasswordReset { email };
        self.client()?.request_password_reset(&request).await.map_err(|error| self.at_the_door(error))
    }

    /// Sets another password by a mailed code, and signs in. What the old password sealed on this computer stays sealed.
    ///
    /// # Errors
    /// `CodeWrong`, `CodeExpired`; `InvalidInput` if the password is refused; `InvalidCredentials` for who belongs to no
    /// clinic.
    pub async fn reset_password(
        &self,
        code: SecretString,
        new_password: SecretString,
    ) -> Result<SessionState, CommandError> {
        let reset = ResetPassword { code, new_password: new_password.clone(), organization: None };
        let answer = self.client()?.reset_password(&reset).await.map_err(|error| self.at_the_door(error))?;
        let response = answer.session.ok_or(CommandErrorCode::InvalidCredentials)?;
        self.continue_sign_in(SignedIn::new(response, AccountAccess::Password(new_password))).await
    }

    /// Has a code mailed to a new address.
    ///
    /// # Errors
    /// `InvalidInput` if it is no address or the password is wrong; those of the call.
    pub async fn change_email(&self, new_email: String, password: SecretString) -> Result<(), CommandError> {
        Ok(self.session()?.client.change_email(&ChangeEmail { new_email, password }).await?)
    }

    /// Takes the new address by the mailed code.
    ///
    /// # Errors
    /// `CodeWrong`, `CodeExpired`; those of the call.
    pub async fn confirm_email_change(&self, code: SecretString) -> Result<(), CommandError> {
        let session = self.session()?;
        session.client.confirm_email_change(&ConfirmEmailChange { code }).await?;
        self.set_member(&session, session.client.me().await?.into());
        Ok(())
    }

    /// Closes the account for good.
    ///
    /// # Errors
    /// `InvalidInput` if the password is wrong; `LastAdmin` if a clinic would be left without an admin.
    pub async fn close_account(
        &self,
        password: SecretString,
        close_clinics: bool,
    ) -> Result<(), CommandError> {
        self.session()?.client.close_account(&CloseAccount { password, close_clinics }).await?;
        self.sign_out().await
    }
}
