//! The authenticator of a user of a test, which shows codes by the test's clock.

use base32::Alphabet;
use maneiro_api::second_factor::{
    ConfirmPassword, EnrolledSecondFactor, SecondFactorCode, SecondFactorEnrolment,
};
use maneiro_cloud::domain::second_factor::TotpSecret;
use secrecy::ExposeSecret as _;

use crate::{
    app::TestApp,
    personas::{PASSWORD, Person},
};

/// An authenticator with a secret.
pub struct Authenticator(TotpSecret);

impl Authenticator {
    /// An authenticator into which the secret was typed.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn new(enrolment: &SecondFactorEnrolment) -> Self {
        let secret = base32::decode(Alphabet::Rfc4648 { padding: false }, enrolment.secret.expose_secret());
        Self(TotpSecret::new(&secret.expect("Base32"), "").expect("a secret that is long enough"))
    }

    /// What it shows now.
    #[must_use]
    pub fn code(&self, app: &TestApp) -> SecondFactorCode {
        SecondFactorCode { code: self.0.code_at(app.app.now()).into() }
    }

    /// What it shows after the present code, which can be used once.
    #[must_use]
    pub fn next_code(&self, app: &TestApp) -> SecondFactorCode {
        app.clock.advance(time::Duration::seconds(30));
        self.code(app)
    }
}

impl Person {
    /// Enrols an authenticator. The session of this value has ended then; the returned one is in its place.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn enrol(&self, app: &TestApp) -> (Self, Authenticator, EnrolledSecondFactor) {
        let password = ConfirmPassword { password: PASSWORD.into() };
        let enrolment = self.enrol_second_factor(&password).await.expect("a member can enrol");
        let authenticator = Authenticator::new(&enrolment);
        let confirmed =
            self.confirm_second_factor(&authenticator.code(app)).await.expect("the code is right");
        let person = self.clone().with_session_token(app, confirmed.session.token.clone());
        (person, authenticator, confirmed)
    }
}
