//! Who acts in a test: people of a clinic, of another clinic, or nobody. `app.clinic().doctor()` reads as it sounds.

use std::{fmt, ops::Deref, sync::atomic::Ordering};

use maneiro_api::{
    OrgId, UserId,
    account::{Login, Me, Register, Role},
    client::Client,
};
use secrecy::SecretString;

use crate::app::TestApp;

/// What everybody in a test signs in with.
pub const PASSWORD: &str = "correct horse battery staple";

/// A clinic with its admin.
pub struct Clinic<'a> {
    app: &'a TestApp,
    admin: Person,
}

/// Somebody who has signed in; calls the service as the workstation does.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who they are.
    pub me: Me,
    /// Their session's token.
    pub token: SecretString,
    client: Client,
}

impl Deref for Person {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl fmt::Debug for Clinic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clinic").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl TestApp {
    /// A new clinic.
    pub async fn clinic(&self) -> Clinic<'_> {
        self.clinic_named("Lakeside Family Practice").await
    }

    /// A new clinic, to be foreign to the first.
    pub async fn other_clinic(&self) -> Clinic<'_> {
        self.clinic_named("Hillview Orthopaedics").await
    }

    async fn clinic_named(&self, name: &str) -> Clinic<'_> {
        let register = Register {
            clinic: name.to_owned(),
            name: "Ada Admin".to_owned(),
            email: self.new_address("admin"),
            password: PASSWORD.into(),
        };
        let signed_in = self.anonymous().register(&register).await.expect("a clinic can register");
        let client = self.anonymous().with_token(signed_in.token.clone());
        Clinic { app: self, admin: Person { me: signed_in.me, token: signed_in.token, client } }
    }

    fn new_address(&self, who: &str) -> String {
        format!("{who}-{}@clinic.example", self.persons.fetch_add(1, Ordering::Relaxed))
    }
}

impl Clinic<'_> {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> OrgId {
        self.admin.me.organization
    }

    /// Who registered it.
    #[must_use]
    pub fn admin(&self) -> Person {
        self.admin.clone()
    }

    /// A new doctor.
    pub async fn doctor(&self) -> Person {
        self.member(Role::Doctor, "Dora Doctor").await
    }

    /// A new assistant.
    pub async fn assistant(&self) -> Person {
        self.member(Role::Assistant, "Alan Assistant").await
    }

    /// Somebody of this role.
    pub async fn person(&self, role: Role) -> Person {
        match role {
            Role::Admin => self.admin(),
            Role::Doctor => self.doctor().await,
            Role::Assistant => self.assistant().await,
        }
    }

    /// Puts the clinic on another plan of the catalogue.
    pub async fn subscribe(&self, plan: &str) {
        let mut superuser = self.app.database.superuser().await;
        sqlx::query("update maneiro.organizations set plan = $2, trial_ends_at = null where id = $1")
            .bind(self.id().uuid())
            .bind(plan)
            .execute(&mut superuser)
            .await
            .expect("the superuser may change a clinic");
    }

    /// Members are added past the service until it can invite them: with the admin's password, then signed in.
    async fn member(&self, role: Role, name: &str) -> Person {
        let email = self.app.new_address("member");
        let user = UserId::from_uuid(self.app.app.new_uuid());
        let role = match role {
            Role::Admin => "admin",
            Role::Doctor => "doctor",
            Role::Assistant => "assistant",
        };
        let mut superuser = self.app.database.superuser().await;
        sqlx::query(
            "with person as (
                 insert into maneiro.users (id, email, name, password_hash, created_at)
                 select $1, $2, $3, password_hash, created_at from maneiro.users where id = $4 returning id, created_at
             )
             insert into maneiro.memberships (org_id, user_id, role, created_at)
             select $5, id, $6, created_at from person",
        )
        .bind(user.uuid())
        .bind(&email)
        .bind(name)
        .bind(self.admin.me.user.uuid())
        .bind(self.id().uuid())
        .bind(role)
        .execute(&mut superuser)
        .await
        .expect("the superuser may add a member");
        let login = Login { email, password: PASSWORD.into(), organization: None };
        let signed_in = self.app.anonymous().login(&login).await.expect("a member can sign in");
        let client = self.app.anonymous().with_token(signed_in.token.clone());
        Person { me: signed_in.me, token: signed_in.token, client }
    }
}
