use futures::future::join_all;
use http::StatusCode;
use maneiro_api::subscription::SubscriptionState;
use maneiro_cloud::{
    app::{billing_sync, queue},
    domain::{actor::OrgActor, task::TaskKind},
};
use maneiro_tests::{
    billing::BillingApp,
    stripe::{WEBHOOK_SECRET, sign},
};
use serde_json::{Value, json};
use time::Duration;

/// All orders of `0..n`.
fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(n - 1);
    shorter
        .iter()
        .flat_map(|order| {
            (0..n).map(move |place| {
                let mut order = order.clone();
                order.insert(place, n - 1);
                order
            })
        })
        .collect()
}

fn renamed(event: &Value, id: &str) -> Value {
    let mut event = event.clone();
    event["id"] = json!(id);
    event
}

const STATE: &str =
    "select concat_ws(' ', plan, state, billing_interval, extra_seats, failed_payments, period_ends_at,
    cancels_at_period_end, stripe_subscription, period_anchor) from maneiro.subscriptions";

#[tokio::test]
async fn every_order_of_a_life_ends_in_the_same_state() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let subscription = billing.buy(&admin, "starter").await;
    billing.stripe.end_period(&subscription, false);
    billing.stripe.retry_payment(&subscription, true);
    let mut events = billing.stripe.take_events();
    let kinds = [
        "checkout.session.completed",
        "customer.subscription.created",
        "invoice.payment_succeeded",
        "invoice.payment_failed",
        "customer.subscription.updated",
    ];
    events.retain(|event| kinds.contains(&event["type"].as_str().unwrap()));
    events.truncate(6);
    assert_eq!(events.len(), 6);
    for event in &events {
        billing.deliver(event).await;
    }
    billing.run_tasks().await;
    let expected = billing.texts(STATE).await;
    assert!(expected[0].starts_with("starter active month"), "{expected:?}");

    let app = &billing.app.app;
    billing.deliver(&renamed(&events[0], "evt_actor")).await;
    let minute = Duration::minutes(1).unsigned_abs();
    let claimed = queue::claim(app, &[TaskKind::SyncSubscription], minute, 1).await.unwrap();
    let who = OrgActor::from_task_lease(&claimed[0].lease).unwrap();
    for (number, order) in orders(6).into_iter().enumerate() {
        billing.execute("update maneiro.subscriptions set plan = 'trial', state = 'trialing', billing_interval = null,
            period_ends_at = null, stripe_subscription = null, applied_hash = null").await;
        let doubled = number % 6;
        // Through HTTP and the queue for some; by what stands behind them for the others, which is quicker.
        let is_whole_way = number % 30 == 0;
        for (nth, place) in order.into_iter().enumerate() {
            let event = renamed(&events[place], &format!("evt_{number}_{place}"));
            let times = if place == doubled { 2 } else { 1 };
            for _ in 0..times {
                if is_whole_way {
                    assert_eq!(billing.deliver(&event).await, StatusCode::OK);
                } else {
                    let body = event.to_string();
                    let signature = sign(WEBHOOK_SECRET, &body, app.now());
                    billing_sync::receive(app, &signature, body.as_bytes()).await.unwrap();
                }
            }
            if is_whole_way {
                billing.run_tasks().await;
            } else if nth == doubled || nth == 5 {
                billing_sync::sync(app, &who).await.unwrap();
            }
        }
        assert_eq!(billing.texts(STATE).await, expected, "order {number}");
        billing.execute("delete from maneiro.tasks where kind = 'sync_subscription'").await;
    }
    billing.run_tasks().await;
    let mails = billing.sent_mails().await;
    assert_eq!(mails.iter().filter(|mail| *mail == "payment_succeeded").count(), 1, "{mails:?}");
    billing.app.finish().await;
}

#[tokio::test]
async fn hundred_parallel_deliveries_have_one_effect() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    billing.buy(&admin, "starter").await;
    let event = billing.stripe.take_events().remove(1);
    let answers = join_all((0..100).map(|_| billing.deliver(&event))).await;
    assert!(answers.iter().all(|status| *status == StatusCode::OK), "{answers:?}");
    let tasks = billing.texts("select kind from maneiro.tasks where kind = 'sync_subscription'").await;
    assert_eq!(tasks.len(), 1);
    let calls = billing.stripe.calls();
    billing.run_tasks().await;
    assert_eq!(billing.stripe.calls() - calls, 1);
    assert_eq!(billing.status(&admin).await.state, SubscriptionState::Active);
    assert_eq!(billing.sent_mails().await, ["payment_succeeded"]);
    billing.app.finish().await;
}

#[tokio::test]
async fn event_that_is_not_ours_is_refused() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    billing.buy(&admin, "starter").await;
    let event = billing.stripe.take_events().remove(1);
    let body = event.to_string();
    let now = billing.app.app.now();
    let refused = StatusCode::BAD_REQUEST;
    assert_eq!(billing.deliver_signed(body.clone(), &sign("whsec_other", &body, now)).await, refused);
    let late = now - Duration::seconds(301);
    assert_eq!(billing.deliver_signed(body.clone(), &sign(WEBHOOK_SECRET, &body, late)).await, refused);
    assert_eq!(billing.deliver_signed(format!("{body} "), &sign(WEBHOOK_SECRET, &body, now)).await, refused);
    let mut live = event.clone();
    live["livemode"] = json!(true);
    assert_eq!(billing.deliver(&live).await, refused);
    let mut other_version = event;
    other_version["api_version"] = json!("2031-01-01.future");
    other_version["type"] = json!("invoice.sent");
    assert_eq!(billing.deliver(&other_version).await, StatusCode::OK);
    assert_eq!(billing.texts("select id from maneiro.stripe_events").await, Vec::<String>::new());
    billing.app.finish().await;
}

#[tokio::test]
async fn what_nobody_knows_is_kept_for_operators() {
    const PROBLEMS: &str =
        "select problem from maneiro.stripe_events where problem is not null order by received_at, id";
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let subscription = billing.buy(&admin, "starter").await;
    billing.deliver_all().await;
    let stranger = json!({
        "id": "evt_stranger", "type": "customer.subscription.created", "livemode": false,
        "data": { "object": { "object": "subscription", "id": "sub_x", "customer": "cus_stranger" } },
    });
    assert_eq!(billing.deliver(&stranger).await, StatusCode::OK);
    assert_eq!(billing.texts(PROBLEMS).await, ["unknown_customer"]);
    // A price that nobody knows takes nothing away.
    billing.stripe.replace_price(&subscription, "price_removed");
    billing.deliver_all().await;
    assert_eq!(billing.status(&admin).await.plan, "starter");
    assert_eq!(billing.texts(PROBLEMS).await.len(), 2);
    billing.app.finish().await;
}

#[tokio::test]
async fn refund_dispute_and_another_currency_change_no_state() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let subscription = billing.buy(&admin, "starter").await;
    billing.stripe.set_currency(&subscription, "eur");
    billing.deliver_all().await;
    for kind in ["charge.refunded", "charge.dispute.created"] {
        billing.stripe.charge_event(&subscription, kind);
        billing.deliver_all().await;
        assert_eq!(billing.status(&admin).await.state, SubscriptionState::Active, "{kind}");
    }
    assert!(billing.app.mails().iter().any(|mail| mail.contains("99.00 EUR")));
    billing.app.finish().await;
}

#[tokio::test]
async fn deleted_customer_has_no_subscription_any_more() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let subscription = billing.buy(&admin, "starter").await;
    billing.deliver_all().await;
    billing.stripe.delete_customer(&subscription);
    billing.deliver_all().await;
    let status = billing.status(&admin).await;
    assert_eq!((status.state, status.plan.as_str()), (SubscriptionState::Cancelled, "free"));
    billing.app.finish().await;
}
