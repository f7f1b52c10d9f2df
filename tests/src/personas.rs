//! The users of a test: members of a clinic or of another clinic, such as `app.clinic().await.doctor()`.

use std::{fmt, ops::Deref, sync::atomic::Ordering, time::Duration};

use maneiro_api::{
    DocumentId, JobId, OrgId, RecordId, RetryPolicy, UserId,
    account::{ConfirmRegistration, Login, LoginResponse, MailLanguage, Me, Register, Role},
    client::Client,
    job::{CreateJob, Job},
    record::{CreateRecord, PageBatch},
};
use maneiro_page::Page;
use secrecy::SecretString;

use crate::{
    app::TestApp,
    page_fixtures::{add_document_request, text_page},
};

/// The password of every test user.
pub const PASSWORD: &str = "correct horse battery staple";

/// A clinic with its admin.
pub struct Clinic<'a> {
    app: &'a TestApp,
    admin: Person,
}

/// A signed-in user. Calls the service with the workstation's client.
#[derive(Debug, Clone)]
pub struct Person {
    pub me: Me,
    pub token: SecretString,
    client: Client,
}

impl Deref for Person {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A registration with the password of every test user.
#[must_use]
pub fn confirm_registration(clinic: &str, email: &str, code: &str) -> ConfirmRegistration {
    ConfirmRegistration {
        email: email.to_owned(),
        code: code.into(),
        clinic: clinic.to_owned(),
        name: "Ada Admin".to_owned(),
        password: PASSWORD.into(),
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

    /// Another new clinic.
    pub async fn other_clinic(&self) -> Clinic<'_> {
        self.clinic_named("Hillview Orthopaedics").await
    }

    async fn clinic_named(&self, name: &str) -> Clinic<'_> {
        let signed_in = self.register(name, &self.new_address("admin")).await;
        let client = self.anonymous().with_token(signed_in.token.clone());
        Clinic { app: self, admin: Person { me: signed_in.me, token: signed_in.token, client } }
    }

    /// Registers a clinic by the code that is mailed to an address.
    ///
    /// # Panics
    /// If the service refuses it or sends no code.
    pub async fn register(&self, clinic: &str, email: &str) -> LoginResponse {
        let code = self.request_code(email).await.expect("a code is mailed");
        let confirm = confirm_registration(clinic, email, &code);
        self.anonymous().confirm_registration(&confirm).await.expect("a clinic can be registered")
    }

    /// Has a code mailed to an address; `None` if the mail has none.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn request_code(&self, email: &str) -> Option<String> {
        let register = Register { email: email.to_owned(), language: MailLanguage::En };
        self.anonymous().register(&register).await.expect("a code can be requested");
        self.send_registration_mails().await;
        self.outbox().newest_code(email)
    }

    fn new_address(&self, who: &str) -> String {
        format!("{who}-{}@clinic.example", self.persons.fetch_add(1, Ordering::Relaxed))
    }
}

impl Clinic<'_> {
    #[must_use]
    pub fn id(&self) -> OrgId {
        self.admin.me.organization
    }

    #[must_use]
    pub fn admin(&self) -> Person {
        self.admin.clone()
    }

    pub async fn doctor(&self) -> Person {
        self.member(Role::Doctor, "Dora Doctor").await
    }

    pub async fn assistant(&self) -> Person {
        self.member(Role::Assistant, "Alan Assistant").await
    }

    /// A member with this role. Doctors and assistants are new.
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
        sqlx::query("update maneiro.subscriptions set plan = $2, state = case $2 when 'free' then 'free' else 'active' end where org_id = $1")
            .bind(self.id().uuid())
            .bind(plan)
            .execute(&mut superuser)
            .await
            .expect("the superuser may change a clinic");
    }

    /// Adds a member to the database, with the admin's password, because the service has no invitations yet.
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
                 insert into maneiro.users (id, email, name, created_at)
                 select $1, $2, $3, created_at from maneiro.users where id = $4 returning id, created_at
             ), credential as (
                 insert into maneiro.credentials (user_id, kind, hash, created_at, changed_at)
                 select $1, kind, hash, created_at, changed_at from maneiro.credentials where user_id = $4
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

impl Person {
    /// The same person with a client that waits for a service that is not available, as the workstation's does.
    #[must_use]
    pub fn retrying(&self, app: &TestApp) -> Self {
        let retry = RetryPolicy::with_total_delay(Duration::from_secs(60));
        let client = Client::new(app.url.as_str(), retry).expect("a loopback address");
        Self { client: client.with_token(self.token.clone()), ..self.clone() }
    }

    /// The same user with the session of another token.
    #[must_use]
    pub fn with_session_token(self, app: &TestApp, token: SecretString) -> Self {
        let client = app.anonymous().with_token(token.clone());
        Self { token, client, ..self }
    }

    /// Signs in again, as from another device.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn sign_in_again(&self, app: &TestApp) -> Self {
        let login = Login { email: self.me.email.clone(), password: PASSWORD.into(), organization: None };
        let signed_in = app.anonymous().login(&login).await.expect("a member can sign in again");
        self.clone().with_session_token(app, signed_in.token)
    }

    /// Uploads a record with one document of these pages.
    ///
    /// # Panics
    /// If the service refuses anything of it.
    pub async fn upload(&self, title: &str, pages: &[&str]) -> (RecordId, DocumentId) {
        let record = self
            .create_record(&CreateRecord { title: title.to_owned() })
            .await
            .expect("a record can be made");
        let count = u32::try_from(pages.len()).expect("a test's record is small");
        let document = self
            .add_document(record.id, &add_document_request(pages.concat().as_bytes(), count))
            .await
            .expect("a document can be added");
        let pages: Vec<Page> = (1..).zip(pages).map(|(number, text)| text_page(number, text)).collect();
        for batch in pages.chunks(maneiro_api::limits::MAX_PAGES_PER_BATCH) {
            let batch = PageBatch { pages: batch.to_vec() };
            self.put_pages(document.id, &batch).await.expect("pages can be stored");
        }
        (record.id, document.id)
    }

    /// Requests an analysis of a record.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn request_analysis(&self, record: RecordId, idempotency_key: &str) -> JobId {
        let create = CreateJob { record, focus: None, window: None };
        self.create_job(&create, idempotency_key).await.expect("an analysis can be requested").id
    }

    /// Waits for a job to end.
    ///
    /// # Panics
    /// If the service stops reporting it.
    pub async fn wait_for_outcome(&self, job: JobId) -> Job {
        self.wait_for_job(job, |job| job.state.is_final()).await
    }

    /// Waits until a job satisfies a condition.
    ///
    /// # Panics
    /// If it ends otherwise, or the service stops reporting it.
    pub async fn wait_for_job(&self, job: JobId, condition: impl Fn(&Job) -> bool) -> Job {
        let (sender, mut receiver) = tokio::sync::oneshot::channel();
        let mut sender = Some(sender);
        let watched = self.watch_job(job, |job| {
            if condition(job)
                && let Some(sender) = sender.take()
            {
                let _ = sender.send(job.clone());
            }
        });
        tokio::select! {
            biased;
            seen = &mut receiver => seen.expect("the watch outlives what it sees"),
            // The last state may satisfy the condition.
            ended = watched => receiver.try_recv().unwrap_or_else(|_| panic!("the job ended otherwise: {ended:?}")),
        }
    }
}
