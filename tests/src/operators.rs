//! Operators of the platform, such as `app.operator().await`.

use http::StatusCode;
use maneiro_api::{
    UserId,
    operator::{OperatorLogin, OperatorToken, StartSupportSession},
    second_factor::{ConfirmPassword, EnrolledOperator, SecondFactorEnrolment},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    app::TestApp,
    authenticator::Authenticator,
    personas::{PASSWORD, Person},
};

/// A signed-in operator.
#[derive(Debug, Clone)]
pub struct Operator {
    pub user: UserId,
    pub email: String,
    pub token: SecretString,
}

impl TestApp {
    /// A new operator who has proved a second factor.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn operator(&self) -> Operator {
        let operator = self.operator_without_second_factor().await;
        let password = ConfirmPassword { password: PASSWORD.into() };
        let enrolment = self.operator_post("v1/admin/second-factor/enrol", &operator.token, &password).await;
        let enrolment: SecondFactorEnrolment = enrolment.json().await.expect("an operator can enrol");
        let code = Authenticator::new(&enrolment).code(self);
        let confirmed = self.operator_post("v1/admin/second-factor/confirm", &operator.token, &code).await;
        let confirmed: EnrolledOperator = confirmed.json().await.expect("the code is right");
        Operator { token: confirmed.session.token, ..operator }
    }

    async fn operator_post(
        &self,
        path: &str,
        token: &SecretString,
        body: &impl serde::Serialize,
    ) -> reqwest::Response {
        let url = self.url.join(path).expect("a path");
        let request = reqwest::Client::new().post(url).bearer_auth(token.expose_secret());
        request.json(body).send().await.expect("a response")
    }

    /// A new operator who has signed in with the password alone.
    pub async fn operator_without_second_factor(&self) -> Operator {
        let me = self.other_clinic().await.admin().me;
        let mut superuser = self.database.superuser().await;
        sqlx::query("update maneiro.users set is_operator = true where id = $1")
            .bind(me.user.uuid())
            .execute(&mut superuser)
            .await
            .expect("the superuser may grant an operator");
        let signed_in = self.operator_login(&me.email).await.json::<OperatorToken>().await;
        Operator { user: me.user, email: me.email, token: signed_in.expect("an operator can sign in").token }
    }

    /// The answer to the sign-in of an operator.
    pub async fn operator_login(&self, email: &str) -> reqwest::Response {
        let login = OperatorLogin { email: email.to_owned(), password: PASSWORD.into() };
        let url = self.url.join("v1/admin/login").expect("a path");
        reqwest::Client::new().post(url).json(&login).send().await.expect("a response")
    }

    /// An operator who acts as `member` for `minutes`.
    pub async fn support_session(&self, operator: &Operator, member: &Person, minutes: u32) -> Person {
        let response = self.start_support_session(operator, member, minutes).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let started: OperatorToken = response.json().await.expect("a support session can be started");
        member.clone().with_session_token(self, started.token)
    }

    /// The answer to the start of a support session.
    pub async fn start_support_session(
        &self,
        operator: &Operator,
        member: &Person,
        minutes: u32,
    ) -> reqwest::Response {
        let start = StartSupportSession {
            organization: member.me.organization,
            user: member.me.user,
            minutes,
            reason: "the member asked why a job waits".to_owned(),
        };
        let url = self.url.join("v1/admin/support-sessions").expect("a path");
        let request = reqwest::Client::new().post(url).bearer_auth(operator.token.expose_secret());
        request.json(&start).send().await.expect("a response")
    }
}
