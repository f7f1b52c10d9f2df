use http::{Method, StatusCode};
use maneiro_api::subscription::SubscriptionState;
use maneiro_cloud::{
    app::{billing_sync, queue},
    domain::task::TaskKind,
};
use maneiro_tests::{billing::BillingApp, stripe::StripeFault};
use serde_json::json;
use time::Duration;

/// The customer and the checkout are two writes; each may get no answer, having happened or not.
#[tokio::test]
async fn crash_at_each_step_of_a_checkout_makes_nothing_twice() {
    for step in 0..2 {
        for fault in [StripeFault::LostAnswer, StripeFault::Status(500)] {
            for is_recovered_by_task in [false, true] {
                let billing = BillingApp::start().await;
                let admin = billing.app.clinic().await.admin();
                billing.stripe.fail_write(step, fault);
                let order = json!({ "plan": "starter", "interval": "month" });
                let (status, _) =
                    billing.call(&admin, Method::POST, "v1/checkout", Some(order.clone())).await;
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
                if is_recovered_by_task {
                    billing.skip_delays().await;
                    billing.run_tasks().await;
                    assert_eq!(billing.texts("select state from maneiro.billing_intents").await, ["done"]);
                } else {
                    let (status, _) = billing.call(&admin, Method::POST, "v1/checkout", Some(order)).await;
                    assert_eq!(status, StatusCode::CREATED);
                }
                let made = (billing.stripe.count("customer"), billing.stripe.count("session"));
                assert_eq!(made, (1, 1), "step {step}, {fault:?}, by task {is_recovered_by_task}");
                billing.app.finish().await;
            }
        }
    }
}

/// The process ends while Stripe has, or has not, done a write; whoever asks again later is a task of another process.
#[tokio::test]
async fn killed_checkout_is_finished_by_its_task() {
    for step in 0..2 {
        for fault in [StripeFault::HangBefore, StripeFault::HangAfter] {
            let billing = BillingApp::start().await;
            let admin = billing.app.clinic().await.admin();
            billing.stripe.fail_write(step, fault);
            let order = json!({ "plan": "starter", "interval": "month" });
            tokio::select! {
                answer = billing.call(&admin, Method::POST, "v1/checkout", Some(order)) => panic!("{answer:?}"),
                () = billing.stripe.stopped_call() => {}
            }
            assert_eq!(billing.texts("select state from maneiro.billing_intents").await, ["pending"]);
            billing.skip_delays().await;
            billing.run_tasks().await;
            assert_eq!(billing.texts("select state from maneiro.billing_intents").await, ["done"]);
            let made = (billing.stripe.count("customer"), billing.stripe.count("session"));
            assert_eq!(made, (1, 1), "step {step}, {fault:?}");
            billing.app.finish().await;
        }
    }
}

/// Where the process that applies a subscription ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SyncDeath {
    BeforeAsking,
    WhileStripeAnswers,
    AfterTheCommit,
}

#[tokio::test]
async fn killed_sync_is_done_again_by_the_next_worker() {
    for death in [SyncDeath::BeforeAsking, SyncDeath::WhileStripeAnswers, SyncDeath::AfterTheCommit] {
        let billing = BillingApp::start().await;
        let admin = billing.app.clinic().await.admin();
        billing.buy(&admin, "starter").await;
        // One event, so that no other task does the work.
        billing.deliver(&billing.stripe.take_events()[1]).await;
        let app = &billing.app.app;
        let lease = Duration::minutes(1).unsigned_abs();
        let claimed = queue::claim(app, &[TaskKind::SyncSubscription], lease, 1).await.unwrap();
        let task = &claimed[0].lease;
        match death {
            SyncDeath::BeforeAsking => {}
            SyncDeath::WhileStripeAnswers => {
                billing.stripe.set_hangs(true);
                tokio::select! {
                    done = billing_sync::sync_task(app, task) => panic!("{done:?}"),
                    () = billing.stripe.stopped_call() => {}
                }
                billing.stripe.set_hangs(false);
            }
            SyncDeath::AfterTheCommit => billing_sync::sync_task(app, task).await.unwrap(),
        }
        let is_applied = death == SyncDeath::AfterTheCommit;
        assert_eq!(billing.status(&admin).await.state == SubscriptionState::Active, is_applied, "{death:?}");
        billing
            .execute("update maneiro.tasks set lease_expires_at = now() - interval '1 second' where state = 'running'")
            .await;
        queue::reap_expired_leases(app, 10).await.unwrap();
        billing
            .execute("update maneiro.tasks set run_after = now() where kind = 'sync_subscription' and state = 'waiting'")
            .await;
        billing.run_tasks().await;
        assert_eq!(billing.status(&admin).await.state, SubscriptionState::Active, "{death:?}");
        assert_eq!(billing.sent_mails().await, ["payment_succeeded"], "{death:?}");
        let changes = "select action from maneiro.audit_events where action = 'subscription.changed'";
        assert_eq!(billing.texts(changes).await.len(), 1, "{death:?}");
        billing.app.finish().await;
    }
}

#[tokio::test]
async fn late_answer_does_not_undo_what_was_applied_meanwhile() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let subscription = billing.buy(&admin, "starter").await;
    billing.deliver_all().await;
    billing.stripe.hold_next_answer();
    let events = |count: usize| billing.stripe.take_events().into_iter().take(count);
    billing.stripe.end_period(&subscription, true);
    for event in events(1) {
        billing.deliver(&event).await;
    }
    let late = billing.run_tasks();
    let meanwhile = async {
        billing.stripe.stopped_call().await;
        billing.stripe.cancel_now(&subscription);
        for event in events(1) {
            billing.deliver(&event).await;
        }
        billing.run_tasks().await;
        assert_eq!(billing.status(&admin).await.state, SubscriptionState::Cancelled);
        billing.stripe.release_answer();
    };
    tokio::join!(late, meanwhile);
    assert_eq!(billing.status(&admin).await.state, SubscriptionState::Cancelled);
    billing.app.finish().await;
}

/// A change at the end of the period takes two writes.
#[tokio::test]
async fn crash_at_each_step_of_a_change_makes_nothing_twice() {
    for step in 0..2 {
        for fault in [StripeFault::LostAnswer, StripeFault::Status(503)] {
            let billing = BillingApp::start().await;
            let admin = billing.app.clinic().await.admin();
            billing.buy(&admin, "professional").await;
            billing.deliver_all().await;
            billing.stripe.fail_write(step, fault);
            let order = json!({ "plan": "starter", "interval": "month" });
            let (status, _) = billing.call(&admin, Method::POST, "v1/subscription/change", Some(order)).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            billing.skip_delays().await;
            billing.run_tasks().await;
            let next = billing.status(&admin).await.next.expect("a plan follows");
            assert_eq!(
                (next.plan.as_str(), billing.stripe.count("schedule")),
                ("starter", 1),
                "step {step}, {fault:?}"
            );
            billing.app.finish().await;
        }
    }
}

#[tokio::test]
async fn day_without_stripe_loses_nothing_and_locks_nobody_out() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let subscription = billing.buy(&admin, "starter").await;
    billing.deliver_all().await;
    // An event arrives, and then Stripe is away before it can be applied.
    billing.stripe.end_period(&subscription, false);
    for event in billing.stripe.take_events() {
        billing.deliver(&event).await;
    }
    billing.stripe.set_down(true);
    for hour in 0..24 {
        billing.app.clock.advance(Duration::hours(1));
        billing.skip_delays().await;
        billing.run_tasks().await;
        assert!(billing_sync::reconcile(&billing.app.app).await.is_err());
        let admin = admin.sign_in_again(&billing.app).await;
        let (status, check) =
            billing.call(&admin, Method::GET, "v1/subscription/limits/check?limit=analyses", None).await;
        assert_eq!((status, &check["is_allowed"]), (StatusCode::OK, &json!(true)), "hour {hour}");
    }
    let admin = admin.sign_in_again(&billing.app).await;
    let (status, _) = billing.call(&admin, Method::POST, "v1/subscription/cancel", Some(json!({}))).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    for _ in 0..6 {
        billing.execute("update maneiro.tasks set run_after = now() where state = 'waiting'").await;
        billing.run_tasks().await;
    }
    assert_eq!(
        billing.texts("select kind from maneiro.tasks where state = 'dead'").await,
        Vec::<String>::new()
    );
    billing.stripe.set_down(false);
    billing.execute("update maneiro.tasks set run_after = now() where state = 'waiting'").await;
    billing.run_tasks().await;
    let found = billing_sync::reconcile(&billing.app.app).await.unwrap();
    assert_eq!(found.clinics, 1);
    billing.run_tasks().await;
    let status = billing.status(&admin).await;
    assert_eq!((status.state, status.cancels_at_period_end), (SubscriptionState::PastDue, true));
    assert_eq!(billing_sync::reconcile(&billing.app.app).await.unwrap().differences, 0);
    billing.execute("delete from maneiro.tasks where kind = 'finish_billing_intent'").await;
    billing.app.finish().await;
}

#[tokio::test]
async fn reconciliation_mends_what_no_event_told() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let subscription = billing.buy(&admin, "starter").await;
    // The events are lost.
    drop(billing.stripe.take_events());
    assert_eq!(billing_sync::reconcile(&billing.app.app).await.unwrap().differences, 1);
    billing.run_tasks().await;
    assert_eq!(billing.status(&admin).await.state, SubscriptionState::Active);
    billing.stripe.cancel_now(&subscription);
    drop(billing.stripe.take_events());
    assert_eq!(billing_sync::reconcile(&billing.app.app).await.unwrap().differences, 1);
    billing.run_tasks().await;
    assert_eq!(billing.status(&admin).await.state, SubscriptionState::Cancelled);
    let again = billing_sync::reconcile(&billing.app.app).await.unwrap();
    assert_eq!((again.differences, again.unknown), (0, 0));
    let price = billing.plans.price(
        billing.payments.environment(),
        "starter",
        maneiro_api::subscription::BillingInterval::Month,
    );
    billing.stripe.add_subscription("cus_stranger", price.unwrap());
    assert_eq!(billing_sync::reconcile(&billing.app.app).await.unwrap().unknown, 1);
    billing.app.finish().await;
}
