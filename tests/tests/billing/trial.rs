use http::Method;
use maneiro_api::subscription::SubscriptionState;
use maneiro_cloud::app::usage_review;
use maneiro_tests::billing::BillingApp;
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn trial_is_told_of_exactly_once_each() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    for _ in 0..16 {
        // However often it is looked at.
        for _ in 0..3 {
            usage_review::enqueue_reviews(&billing.app.app).await.unwrap();
            billing.run_tasks().await;
        }
        billing.app.clock.advance(Duration::days(1));
    }
    assert_eq!(
        billing.sent_mails().await,
        ["trial_started", "trial_ending 7", "trial_ending 3", "trial_ending 1", "trial_ended"]
    );
    // The session of the first day has ended.
    let admin = admin.sign_in_again(&billing.app).await;
    let status = billing.status(&admin).await;
    assert_eq!((status.state, status.plan.as_str()), (SubscriptionState::Free, "free"));
    billing.app.finish().await;
}

#[tokio::test]
async fn who_does_not_want_reminders_gets_what_is_about_money() {
    let billing = BillingApp::start().await;
    let admin = billing.app.clinic().await.admin();
    let chosen = json!({ "usage_alerts": false, "trial_reminders": false });
    billing.call(&admin, Method::PUT, "v1/me/mail-preferences", Some(chosen)).await;
    billing.app.clock.advance(Duration::days(8));
    usage_review::enqueue_reviews(&billing.app.app).await.unwrap();
    billing.run_tasks().await;
    billing.app.clock.advance(Duration::days(7));
    usage_review::enqueue_reviews(&billing.app.app).await.unwrap();
    billing.run_tasks().await;
    assert_eq!(billing.sent_mails().await, ["trial_ended"]);
    billing.app.finish().await;
}

#[tokio::test]
async fn use_is_measured_and_told_once_a_period() {
    let billing = BillingApp::start().await;
    drop(billing.app.clinic().await.admin());
    let measure = async |used: &'static str| {
        billing.execute(used).await;
        for _ in 0..2 {
            billing.app.clock.advance(Duration::hours(6));
            usage_review::enqueue_measurements(&billing.app.app).await.unwrap();
            billing.run_tasks().await;
        }
    };
    measure("insert into maneiro.usage (org_id, period_start, analyses) select org_id, period_anchor, 41 from maneiro.subscriptions").await;
    measure("update maneiro.usage set analyses = 45").await;
    measure("update maneiro.usage set analyses = 50").await;
    assert_eq!(billing.sent_mails().await, ["usage_alert 80", "usage_alert 90", "usage_alert 100"]);
    assert_eq!(billing.texts("select measured_at::text from maneiro.usage_history").await.len(), 6);
    billing.app.finish().await;
}
