//! The clinics of one person: which one is worked in, and the invitation to another.

use maneiro_api::{
    ErrorCode, OrgId,
    member::{AcceptInvitation, OfferedMembership, OwnClinic, SwitchClinic, ViewInvitation},
};
use secrecy::SecretString;

use super::state::{AccountAccess, Desktop, Session, SignedIn, lock};
use crate::contract::{
    common::{CommandError, CommandErrorCode},
    session::{LockReason, SessionState},
};

impl Desktop {
    /// The clinics that the user is a member of, by name. The role that it tells is what the window shows from then on; a
    /// session that has ended is locked.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn own_clinics(&self) -> Result<Vec<OwnClinic>, CommandError> {
        let session = self.session()?;
        let answer = session.client.own_clinics().await;
        match &answer {
            Ok(clinics) => {
                let mut me = session.member();
                let own = clinics.iter().find(|clinic| clinic.is_current);
                if let Some(own) = own.filter(|own| own.role != me.role) {
                    me.role = own.role;
                    self.set_member(&session, me);
                }
            }
            Err(error) => {
                if matches!(
                    error.api_code(),
                    Some(ErrorCode::Unauthenticated | ErrorCode::SecondFactorRequired)
                ) {
                    self.check_session(&session).await;
                }
            }
        }
        Ok(answer?)
    }

    /// Says at the door in which clinic to work.
    ///
    /// # Errors
    /// `NotFound` if the user is no member of it; `Unauthenticated` unless it is asked for; those of the call and of the store.
    pub async fn choose_clinic(&self, organization: OrgId) -> Result<SessionState, CommandError> {
        let signed_in = match &*lock(&self.shared.session) {
            Session::ChooseClinic { signed_in, .. } => (**signed_in).clone(),
            Session::SignedOut
            | Session::SecondFactor { .. }
            | Session::NoKeychain { .. }
            | Session::Locked { .. }
            | Session::Open(_) => return Err(CommandErrorCode::Unauthenticated.into()),
        };
        let signed_in = if signed_in.me.organization == organization {
            signed_in
        } else {
            let client = self.client()?.with_token(signed_in.token);
            let response = client.switch_clinic(&SwitchClinic { organization }).await;
            SignedIn::new(response.map_err(|error| self.at_the_door(error))?, signed_in.access)
        };
        self.continue_sign_in(signed_in.in_chosen_clinic()).await
    }

    /// Goes on in another clinic, whose store is another. What that clinic asks for besides is asked then.
    ///
    /// # Errors
    /// `NotFound` if the user is no member of it; `ReadOnly` if nothing is kept on this computer; those of the call and of the
    /// store, after which only a full sign-in opens.
    pub async fn switch_clinic(&self, organization: OrgId) -> Result<SessionState, CommandError> {
        let session = self.session()?;
        let key = lock(&session.account_key).clone().ok_or(CommandErrorCode::ReadOnly)?;
        let response = session.client.switch_clinic(&SwitchClinic { organization }).await?;
        // The token has ended, and nothing of one clinic may stay open in another.
        self.leave_session(Session::SignedOut).await;
        let signed_in = SignedIn::new(response, AccountAccess::Key(key)).in_chosen_clinic();
        let switched = self.continue_sign_in(signed_in).await;
        if switched.is_err() {
            self.lock_with(LockReason::Start, true).await;
        }
        switched
    }

    /// What an invitation offers, by its mailed code.
    ///
    /// # Errors
    /// `CodeWrong`; `CodeExpired` if it can no longer be accepted; those of the call.
    pub async fn view_invitation(&self, code: SecretString) -> Result<OfferedMembership, CommandError> {
        let view = ViewInvitation { token: code };
        self.client()?.view_invitation(&view).await.map_err(|error| self.at_the_door(error))
    }

    /// Accepts an invitation with the password of the address's account, or with name and password of a new one, and signs in.
    ///
    /// # Errors
    /// As [`Self::view_invitation`]; `InvalidCredentials` if the account has another password; `InvalidInput` if the new one is
    /// refused; `LimitReached` without a free seat; those of the store.
    pub async fn accept_invitation(
        &self,
        code: SecretString,
        name: Option<String>,
        password: SecretString,
    ) -> Result<SessionState, CommandError> {
        let accept = AcceptInvitation { token: code, name, password: password.clone() };
        let response =
            self.client()?.accept_invitation(&accept).await.map_err(|error| self.at_the_door(error))?;
        let access = AccountAccess::Password(password);
        self.continue_sign_in(SignedIn::new(response, access).in_chosen_clinic()).await
    }
}
