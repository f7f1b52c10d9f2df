//! A service whose payments are the stand-in of Stripe.

use std::{sync::Arc, time::Duration};

use http::{Method, StatusCode};
use maneiro_api::subscription::SubscriptionStatus;
use maneiro_cloud::{
    adapters::stripe::StripePayments,
    app::{billing, billing_mails, billing_sync, catalogue, queue, usage_review},
    domain::{
        actor::OrgActor,
        error::Error,
        plan::{PaymentEnvironment, PlanCatalogue},
        task::{TaskErrorCode, TaskKind},
    },
    ports::payments::Payments,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    personas::Person,
    stripe::{STRIPE_KEY, StripeStandIn, WEBHOOK_SECRET, sign},
    time::START_TIME,
};

/// The kinds of tasks that are about money and use.
const KINDS: [TaskKind; 6] = [
    TaskKind::SyncSubscription,
    TaskKind::FinishBillingIntent,
    TaskKind::ReviewSubscription,
    TaskKind::MeasureUsage,
    TaskKind::BillingMail,
    TaskKind::ReconcileSubscriptions,
];

/// A service, and the stand-in that it is paid by.
pub struct BillingApp {
    pub app: TestApp,
    pub stripe: StripeStandIn,
    pub payments: Arc<dyn Payments>,
    pub plans: PlanCatalogue,
}

impl BillingApp {
    /// Starts both, with all plans pushed to the stand-in.
    ///
    /// # Panics
    /// If the plans cannot be pushed.
    pub async fn start() -> Self {
        let stripe = StripeStandIn::start(START_TIME).await;
        let payments = StripePayments::at(&SecretString::from(STRIPE_KEY), stripe.url()).expect("a key");
        let plans = PlanCatalogue::bundled().expect("the bundled plans are valid");
        let pushed = catalogue::push(&plans, &payments).await.expect("the stand-in answers");
        let plans = plans.with_prices(PaymentEnvironment::Test, pushed.prices);
        let payments: Arc<dyn Payments> = Arc::new(payments);
        let app = TestApp::options().payments(&payments, &plans, WEBHOOK_SECRET).start().await;
        Self { app, stripe, payments, plans }
    }

    /// Calls an operation. Returns the status and the body.
    ///
    /// # Panics
    /// If there is no response.
    pub async fn call(
        &self,
        who: &Person,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let url = self.app.url.join(path).expect("a path");
        let mut request = reqwest::Client::new().request(method, url).bearer_auth(who.token.expose_secret());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("a response");
        (response.status(), response.json().await.unwrap_or_default())
    }

    /// The clinic's subscription.
    ///
    /// # Panics
    /// If it cannot be read.
    pub async fn status(&self, who: &Person) -> SubscriptionStatus {
        let (status, body) = self.call(who, Method::GET, "v1/subscription", None).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_value(body).expect("the wire type")
    }

    /// Buys a plan through a checkout. Returns Stripe's id of the subscription; its events wait to be delivered.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn buy(&self, who: &Person, plan: &str) -> String {
        let order = json!({ "plan": plan, "interval": "month" });
        let (status, body) = self.call(who, Method::POST, "v1/checkout", Some(order)).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        self.stripe.pay_checkout(body["url"].as_str().expect("a page"))
    }

    /// Delivers an event as Stripe does.
    ///
    /// # Panics
    /// If there is no response.
    pub async fn deliver(&self, event: &Value) -> StatusCode {
        let body = event.to_string();
        let signature = sign(WEBHOOK_SECRET, &body, self.app.app.now());
        self.deliver_signed(body, &signature).await
    }

    /// Delivers a body with a signature.
    ///
    /// # Panics
    /// If there is no response.
    pub async fn deliver_signed(&self, body: String, signature: &str) -> StatusCode {
        let url = self.app.url.join("v1/webhooks/stripe").expect("a path");
        let request = reqwest::Client::new().post(url).header("Stripe-Signature", signature).body(body);
        request.send().await.expect("a response").status()
    }

    /// Delivers all events that wait, in order, and does the tasks that they cause.
    ///
    /// # Panics
    /// If one is refused.
    pub async fn deliver_all(&self) {
        for event in self.stripe.take_events() {
            assert_eq!(self.deliver(&event).await, StatusCode::OK, "{event}");
        }
        self.run_tasks().await;
    }

    /// Does the tasks that are due, as a worker would, without waiting for those that are tried again.
    ///
    /// # Panics
    /// If the queue does not answer.
    pub async fn run_tasks(&self) {
        let app = &self.app.app;
        loop {
            let tasks =
                queue::claim(app, &KINDS, Duration::from_secs(60), 100).await.expect("the queue answers");
            if tasks.is_empty() {
                return;
            }
            for task in tasks {
                let lease = task.lease;
                let done = match lease.kind() {
                    TaskKind::SyncSubscription => billing_sync::sync_task(app, &lease).await,
                    TaskKind::FinishBillingIntent => {
                        let who = OrgActor::from_task_lease(&lease).expect("a clinic");
                        billing::finish_intent_task(app, &who, &lease).await
                    }
                    TaskKind::ReviewSubscription => usage_review::review(app, &lease).await,
                    TaskKind::MeasureUsage => usage_review::measure(app, &lease).await,
                    TaskKind::BillingMail => billing_mails::send(app, &lease).await,
                    other => panic!("{other:?} is not done here"),
                };
                let recorded = match done {
                    Ok(()) => queue::complete(app, &lease).await,
                    Err(error) => queue::fail(app, &lease, TaskErrorCode::from(&error)).await.map(drop),
                };
                match recorded {
                    Ok(()) | Err(Error::LeaseLost) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
    }

    /// Makes every task that waits due at once.
    ///
    /// # Panics
    /// If the database does not answer.
    pub async fn skip_delays(&self) {
        self.execute(
            "update maneiro.tasks set run_after = now() where state = 'waiting' and dedupe_key is null",
        )
        .await;
    }

    /// Runs a statement as superuser.
    ///
    /// # Panics
    /// If the database refuses it.
    pub async fn execute(&self, statement: &'static str) {
        let mut superuser = self.app.database.superuser().await;
        sqlx::query(statement).execute(&mut superuser).await.expect("the superuser may");
    }

    /// A column of texts, read as superuser.
    ///
    /// # Panics
    /// If the database refuses it.
    pub async fn texts(&self, query: &'static str) -> Vec<String> {
        let mut superuser = self.app.database.superuser().await;
        sqlx::query_scalar(query).fetch_all(&mut superuser).await.expect("the superuser may")
    }

    /// The kinds of the mails that were sent, in order.
    ///
    /// # Panics
    /// If the database does not answer.
    pub async fn sent_mails(&self) -> Vec<String> {
        self.texts(
            "select (content->>'kind') || coalesce(' ' || coalesce(content->>'days', content->>'failures', content->>'percent'), '')
             from maneiro.billing_mails where sent_at is not null order by id",
        )
        .await
    }
}
