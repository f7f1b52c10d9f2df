use http::{Method, StatusCode};
use maneiro_api::{
    error::PlanLimit,
    subscription::{BillingInterval, SubscriptionState},
};
use maneiro_tests::billing::BillingApp;
use serde_json::json;
use time::{Duration, OffsetDateTime, macros::datetime};

#[tokio::test]
async fn clinic_buys_changes_cancels_and_comes_back() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let subscription = billing.buy(&admin, "starter").await;
    assert_eq!(billing.status(&admin).await.state, SubscriptionState::Trialing);
    billing.deliver_all().await;
    let bought = billing.status(&admin).await;
    assert_eq!((bought.state, bought.plan.as_str()), (SubscriptionState::Active, "starter"));
    assert_eq!(billing.sent_mails().await, ["payment_succeeded"]);

    // What costs more takes place at once.
    let order = json!({ "plan": "professional", "interval": "month", "extra_seats": 2 });
    let (_, preview) =
        billing.call(&admin, Method::POST, "v1/subscription/preview", Some(order.clone())).await;
    assert_eq!(
        (&preview["when"], &preview["due_cents"], &preview["currency"]),
        (&json!("now"), &json!(21_000), &json!("usd"))
    );
    let (status, changed) = billing.call(&admin, Method::POST, "v1/subscription/change", Some(order)).await;
    assert_eq!(
        (status, &changed["plan"], &changed["extra_seats"]),
        (StatusCode::OK, &json!("professional"), &json!(2))
    );

    // What costs less takes place when the paid period is over.
    let order = json!({ "plan": "starter", "interval": "month" });
    let (status, changed) = billing.call(&admin, Method::POST, "v1/subscription/change", Some(order)).await;
    assert_eq!(
        (status, &changed["plan"], &changed["next"]["plan"]),
        (StatusCode::OK, &json!("professional"), &json!("starter"))
    );
    let (_, resumed) = billing.call(&admin, Method::POST, "v1/subscription/resume", None).await;
    assert_eq!(resumed["next"], json!(null));
    let order = json!({ "plan": "starter", "interval": "month" });
    billing.call(&admin, Method::POST, "v1/subscription/change", Some(order)).await;
    billing.stripe.end_period(&subscription, true);
    billing.deliver_all().await;
    let renewed = billing.status(&admin).await;
    assert_eq!((renewed.plan.as_str(), renewed.next, renewed.extra_seats), ("starter", None, 0));

    let (status, cancelled) = billing
        .call(&admin, Method::POST, "v1/subscription/cancel", Some(json!({ "reason": "we retire" })))
        .await;
    assert_eq!((status, &cancelled["cancels_at_period_end"]), (StatusCode::OK, &json!(true)));
    let (status, _) = billing.call(&admin, Method::POST, "v1/subscription/cancel", Some(json!({}))).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (_, resumed) = billing.call(&admin, Method::POST, "v1/subscription/resume", None).await;
    assert_eq!(resumed["cancels_at_period_end"], json!(false));
    billing.call(&admin, Method::POST, "v1/subscription/cancel", Some(json!({}))).await;
    billing.stripe.end_period(&subscription, true);
    billing.deliver_all().await;
    let ended = billing.status(&admin).await;
    assert_eq!((ended.state, ended.plan.as_str()), (SubscriptionState::Cancelled, "free"));
    let (_, invoices) = billing.call(&admin, Method::GET, "v1/invoices", None).await;
    assert_eq!(invoices["items"].as_array().unwrap().len(), 3);
    assert!(invoices["items"][0]["pdf_url"].as_str().unwrap().ends_with("/pdf"));

    billing.buy(&admin, "starter").await;
    billing.deliver_all().await;
    assert_eq!(billing.status(&admin).await.state, SubscriptionState::Active);
    assert_eq!(billing.stripe.count("customer"), 1);
    billing.app.finish().await;
}

#[tokio::test]
async fn second_change_at_the_end_of_the_period_replaces_the_first() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    billing.buy(&admin, "enterprise").await;
    billing.deliver_all().await;
    for plan in ["professional", "starter"] {
        let order = json!({ "plan": plan, "interval": "month" });
        let (status, changed) =
            billing.call(&admin, Method::POST, "v1/subscription/change", Some(order)).await;
        assert_eq!((status, &changed["next"]["plan"]), (StatusCode::OK, &json!(plan)), "{changed}");
    }
    assert_eq!(billing.stripe.count("schedule"), 1);
    billing.deliver_all().await;
    billing.app.finish().await;
}

#[tokio::test]
async fn downgrade_with_too_many_seats_says_what_stands_in_its_way() {
    let billing = BillingApp::start().await;
    let clinic = billing.app.clinic().await;
    let admin = clinic.admin();
    billing.buy(&admin, "professional").await;
    billing.deliver_all().await;
    for _ in 0..5 {
        clinic.doctor().await;
    }
    let order = json!({ "plan": "starter", "interval": "month" });
    let (_, preview) =
        billing.call(&admin, Method::POST, "v1/subscription/preview", Some(order.clone())).await;
    assert_eq!(preview["obstacles"][0]["limit"], json!(PlanLimit::Seats));
    let (status, refused) = billing.call(&admin, Method::POST, "v1/subscription/change", Some(order)).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        (&refused["limit"], &refused["used"], &refused["maximum"]),
        (&json!("seats"), &json!(6), &json!(5))
    );
    assert_eq!(billing.stripe.count("schedule"), 0);
    // With a seat more it fits.
    let order = json!({ "plan": "starter", "interval": "month", "extra_seats": 1 });
    let (status, _) = billing.call(&admin, Method::POST, "v1/subscription/change", Some(order)).await;
    assert_eq!(status, StatusCode::OK);
    billing.app.finish().await;
}

#[tokio::test]
async fn third_failure_stops_new_analyses_until_the_invoice_is_paid() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let subscription = billing.buy(&admin, "starter").await;
    billing.deliver_all().await;
    billing.app.clock.advance(Duration::days(31));
    let admin = admin.sign_in_again(&billing.app).await;
    billing.stripe.end_period(&subscription, false);
    let mut states = Vec::new();
    for attempt in 1..=3 {
        if attempt > 1 {
            billing.stripe.retry_payment(&subscription, false);
        }
        billing.deliver_all().await;
        let status = billing.status(&admin).await;
        let (_, check) =
            billing.call(&admin, Method::GET, "v1/subscription/limits/check?limit=analyses", None).await;
        states.push((status.state, check["is_allowed"].as_bool().unwrap()));
    }
    use SubscriptionState::{PastDue, Suspended};
    assert_eq!(states, [(PastDue, true), (PastDue, true), (Suspended, false)]);
    billing.stripe.retry_payment(&subscription, true);
    billing.deliver_all().await;
    assert_eq!(billing.status(&admin).await.state, SubscriptionState::Active);
    assert_eq!(
        billing.sent_mails().await,
        [
            "payment_succeeded",
            "payment_failed 1",
            "payment_failed 2",
            "payment_failed 3",
            "payment_succeeded"
        ]
    );
    billing.app.finish().await;
}

#[tokio::test]
async fn who_leaves_the_payment_page_is_led_back_to_the_app() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let order = json!({ "plan": "starter", "interval": "month" });
    let (_, page) = billing.call(&admin, Method::POST, "v1/checkout", Some(order)).await;
    for (url, words) in
        billing.stripe.return_urls(page["url"].as_str().unwrap()).iter().zip(["Thank you", "Back to"])
    {
        let response = reqwest::get(url).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{url}");
        assert!(response.text().await.unwrap().contains(words), "{url}");
    }
    billing.app.finish().await;
}

/// Bought on 29 February, a year ends on the 28th unless it has a 29th, and so does each month of its analyses.
#[tokio::test]
async fn yearly_plan_passes_over_29_february() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let bought_at = datetime!(2028-02-29 10:00 UTC);
    let at = |moment: OffsetDateTime| {
        billing.stripe.advance(moment - billing.app.app.now());
        billing.app.clock.set(moment);
    };
    at(bought_at);
    let admin = admin.sign_in_again(&billing.app).await;
    let order = json!({ "plan": "starter", "interval": "year" });
    let (_, page) = billing.call(&admin, Method::POST, "v1/checkout", Some(order)).await;
    let subscription = billing.stripe.pay_checkout(page["url"].as_str().unwrap());
    billing.deliver_all().await;
    let analyses_renewed_at = async || {
        let admin = admin.sign_in_again(&billing.app).await;
        let status = billing.status(&admin).await;
        assert_eq!((status.state, status.interval), (SubscriptionState::Active, Some(BillingInterval::Year)));
        let analyses = status.limits.iter().find(|limit| limit.limit == PlanLimit::Analyses).unwrap();
        (analyses.resets_at.unwrap(), status.period_ends_at.unwrap())
    };
    assert_eq!(
        analyses_renewed_at().await,
        (datetime!(2028-03-29 10:00 UTC), datetime!(2029-02-28 10:00 UTC))
    );
    at(datetime!(2029-02-28 09:59 UTC));
    assert_eq!(analyses_renewed_at().await.0, datetime!(2029-02-28 10:00 UTC));
    for (end, next_month, next_end) in [
        (datetime!(2029-02-28 10:00 UTC), datetime!(2029-03-29 10:00 UTC), datetime!(2030-02-28 10:00 UTC)),
        (datetime!(2030-02-28 10:00 UTC), datetime!(2030-03-29 10:00 UTC), datetime!(2031-02-28 10:00 UTC)),
        (datetime!(2031-02-28 10:00 UTC), datetime!(2031-03-29 10:00 UTC), datetime!(2032-02-29 10:00 UTC)),
        (datetime!(2032-02-29 10:00 UTC), datetime!(2032-03-29 10:00 UTC), datetime!(2033-02-28 10:00 UTC)),
    ] {
        at(end);
        billing.stripe.end_period(&subscription, true);
        billing.deliver_all().await;
        assert_eq!(analyses_renewed_at().await, (next_month, next_end));
    }
    billing.app.finish().await;
}

#[tokio::test]
async fn only_admins_see_money() {
    let billing = BillingApp::start().await;
    let doctor = billing.app.clinic().await.doctor().await;
    let (status, _) = billing.call(&doctor, Method::GET, "v1/subscription", None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, check) = billing
        .call(&doctor, Method::GET, "v1/subscription/limits/check?limit=analyses&amount=51", None)
        .await;
    assert_eq!(
        (status, &check["maximum"], &check["is_allowed"]),
        (StatusCode::OK, &json!(50), &json!(false))
    );
    billing.app.finish().await;
}
