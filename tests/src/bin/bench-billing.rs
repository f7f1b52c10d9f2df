//! Measures what Stripe waits for and what a reconciliation takes, and prints it: `cargo run --release --bin bench-billing`.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use maneiro_api::subscription::BillingInterval;
use maneiro_cloud::app::billing_sync;
use maneiro_tests::billing::BillingApp;
use serde_json::json;

const CLINICS: usize = 10_000;
const EVENTS: usize = 4_000;
const CONCURRENT_DELIVERIES: usize = 20;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure());
}

async fn measure() {
    let billing = BillingApp::start().await;
    billing
        .execute(
            "with clinic as (
                 insert into maneiro.organizations (id, name, created_at)
                 select gen_random_uuid(), 'Clinic ' || n, now() from generate_series(1, 10000) n returning id, name
             )
             insert into maneiro.subscriptions (org_id, plan, state, state_since, period_anchor, stripe_customer)
             select id, 'free', 'free', now(), now(), 'cus_' || substring(name from 8) from clinic",
        )
        .await;
    let price = billing.plans.price(billing.payments.environment(), "starter", BillingInterval::Month);
    let price = price.expect("it was pushed");
    for number in 1..=CLINICS {
        billing.stripe.add_subscription(&format!("cus_{number}"), price);
    }

    let calls = billing.stripe.calls();
    let started = Instant::now();
    let found = billing_sync::reconcile(&billing.app.app).await.expect("the stand-in answers");
    println!(
        "reconciliation of {} clinics: {:.2} s, {} calls, {} differences",
        found.clinics,
        started.elapsed().as_secs_f64(),
        billing.stripe.calls() - calls,
        found.differences
    );

    let mut latencies: Vec<Duration> = stream::iter(0..EVENTS)
        .map(|number| {
            let billing = &billing;
            async move {
                let customer = format!("cus_{}", number * 7 % CLINICS + 1);
                let event = json!({
                    "id": format!("evt_{number}"), "type": "customer.subscription.updated", "livemode": false,
                    "data": { "object": { "object": "subscription", "id": "sub_1", "customer": customer } },
                });
                let started = Instant::now();
                let status = billing.deliver(&event).await;
                assert!(status.is_success(), "{status}");
                started.elapsed()
            }
        })
        .buffer_unordered(CONCURRENT_DELIVERIES)
        .collect()
        .await;
    latencies.sort_unstable();
    let percentile =
        |percent: usize| latencies[(EVENTS * percent / 100).min(EVENTS - 1)].as_secs_f64() * 1000.0;
    println!(
        "webhook acknowledgement, {EVENTS} events, {CONCURRENT_DELIVERIES} at a time: p50 {:.1} ms, p99 {:.1} ms",
        percentile(50),
        percentile(99)
    );
}
