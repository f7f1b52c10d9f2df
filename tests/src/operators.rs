//! Operators of the platform, such as `app.operator().await`.

use http::StatusCode;
use maneiro_api::{
    UserId,
    operator::{OperatorLogin, OperatorToken, StartSupportSession},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    app::TestApp,
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
    /// A new operator who has proved a second factor, which the service cannot ask for yet.
    pub async fn operator(&self) -> Operator {
        let operator = self.operator_without_second_factor().await;
        let mut superuser = self.database.superuser().await;
        sqlx::query(
            "update maneiro.sessions set level = 'second_factor' where user_id = $1 and org_id is null",
        )
        .bind(operator.user.uuid())
        .execute(&mut superuser)
        .await
        .expect("the superuser may change a session");
        operator
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
