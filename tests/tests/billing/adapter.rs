//! The real adapter of Stripe against a stand-in that speaks Stripe's API over HTTP.

use maneiro_api::subscription::{BillingInterval, SubscriptionOrder};
use maneiro_cloud::{
    adapters::stripe::StripePayments,
    app::catalogue,
    domain::{
        billing::{RemoteSubscription, priced_items},
        plan::{PaymentEnvironment, PlanCatalogue},
        subscription::PaymentStanding,
    },
    ports::payments::{ItemChange, NewCheckout, NewCustomer, Payments as _, PaymentsError},
};
use maneiro_tests::stripe::{STRIPE_KEY, StripeFault, StripeStandIn};
use secrecy::SecretString;
use time::macros::datetime;

async fn start() -> (StripeStandIn, StripePayments, PlanCatalogue) {
    let s = StripeStandIn::start(datetime!(2026-03-02 09:00 UTC)).await;
    let p = StripePayments::at(&SecretString::from(STRIPE_KEY), s.url()).unwrap();
    let plans = PlanCatalogue::bundled().unwrap();
    let pushed = catalogue::push(&plans, &p).await.unwrap();
    let plans = plans.with_prices(PaymentEnvironment::Test, pushed.prices);
    (s, p, plans)
}
fn order(plan: &str) -> SubscriptionOrder {
    SubscriptionOrder {
        plan: plan.into(),
        interval: BillingInterval::Month,
        extra_seats: 2,
        extra_storage: 0,
    }
}
async fn bought(
    s: &StripeStandIn,
    p: &StripePayments,
    plans: &PlanCatalogue,
) -> (String, RemoteSubscription) {
    let customer = p
        .create_customer(
            "k1",
            &NewCustomer { org: "org_1".into(), name: "C & Co [x]".into(), email: "a@b.example".into() },
        )
        .await
        .unwrap();
    let url = url::Url::parse("https://x.example/a?b=c&d={CHECKOUT_SESSION_ID}").unwrap();
    let items = priced_items(plans, PaymentEnvironment::Test, &order("professional")).unwrap();
    let new = NewCheckout {
        customer: customer.clone(),
        org: "org_1".into(),
        items,
        success_url: url.clone(),
        cancel_url: url,
        automatic_tax: false,
    };
    let page = p.create_checkout("k2", &new).await.unwrap();
    let again = p.create_checkout("k2", &new).await.unwrap();
    assert_eq!(page, again);
    assert_eq!(s.count("session"), 1);
    s.pay_checkout(page.as_str());
    let all = p.subscriptions_of(&customer).await.unwrap();
    (customer, all[0].clone())
}
#[tokio::test]
async fn second_push_of_the_catalogue_changes_nothing() {
    let (s, p, plans) = start().await;
    assert_eq!((s.count("price"), s.count("product")), (10, 5));
    assert!(catalogue::push(&plans, &p).await.unwrap().created.is_empty());
    assert_eq!(catalogue::check(&plans, &p).await.unwrap(), Vec::<String>::new());
    assert_eq!((s.count("price"), s.count("product")), (10, 5));
}
#[tokio::test]
async fn subscription_is_bought_changed_and_cancelled() {
    let (s, p, plans) = start().await;
    let (customer, remote) = bought(&s, &p, &plans).await;
    let PaymentStanding::Paid(terms) = remote.standing(&plans, PaymentEnvironment::Test).unwrap() else {
        panic!("{remote:?}")
    };
    assert_eq!((terms.choice.plan.as_str(), terms.extra_seats), ("professional", 2));
    let invoices = p.invoices(&customer, None).await.unwrap();
    assert_eq!((invoices.items.len(), invoices.items[0].total_cents), (1, 30_900));
    let items = priced_items(&plans, PaymentEnvironment::Test, &order("starter")).unwrap();
    p.schedule_items("k3", &remote, &items).await.unwrap();
    let remote = p.subscriptions_of(&customer).await.unwrap().remove(0);
    let PaymentStanding::Paid(terms) = remote.standing(&plans, PaymentEnvironment::Test).unwrap() else {
        panic!("{remote:?}")
    };
    assert_eq!(terms.next.unwrap().plan, "starter");
    p.release_schedule("k4", &remote.schedule.unwrap().id).await.unwrap();
    p.set_cancel_at_period_end("k5", &remote.id, true, Some("we retire")).await.unwrap();
    s.end_period(&remote.id, true);
    let remote = p.subscriptions_of(&customer).await.unwrap().remove(0);
    assert_eq!(remote.standing(&plans, PaymentEnvironment::Test).unwrap(), PaymentStanding::Ended);
    assert!(p.list_subscriptions(None).await.unwrap().items.is_empty());
    assert!(matches!(p.subscriptions_of("cus_nobody").await, Err(PaymentsError::NotFound)));
}
#[tokio::test]
async fn lost_answer_makes_nothing_twice() {
    let (s, p, plans) = start().await;
    s.fail_write(0, StripeFault::LostAnswer);
    let new = NewCustomer { org: "org_1".into(), name: "C".into(), email: "a@b.example".into() };
    assert!(matches!(p.create_customer("k", &new).await, Err(PaymentsError::Unavailable(_))));
    p.create_customer("k", &new).await.unwrap();
    assert_eq!(s.count("customer"), 1);
    let (customer, remote) = bought(&s, &p, &plans).await;
    s.end_period(&remote.id, false);
    s.retry_payment(&remote.id, false);
    s.retry_payment(&remote.id, false);
    let remote = p.subscriptions_of(&customer).await.unwrap().remove(0);
    assert!(matches!(
        remote.standing(&plans, PaymentEnvironment::Test).unwrap(),
        PaymentStanding::Failing(_, 3)
    ));
    s.set_down(true);
    assert!(matches!(p.subscriptions_of(&customer).await, Err(PaymentsError::Unavailable(_))));
}
#[tokio::test]
async fn preview_costs_the_difference_and_lists_have_pages() {
    let (s, p, plans) = start().await;
    let (_, remote) = bought(&s, &p, &plans).await;
    let price = plans.price(PaymentEnvironment::Test, "enterprise", BillingInterval::Month).unwrap();
    let change = ItemChange { id: Some(remote.items[0].id.clone()), price: price.into(), quantity: 1 };
    assert_eq!(
        p.preview_change(&remote.id, std::slice::from_ref(&change)).await.unwrap().due_cents,
        99_900 - 30_900
    );
    p.change_items("k9", &remote.id, &[change]).await.unwrap();
    for n in 0..250 {
        s.add_subscription(&format!("cus_x{n}"), price);
    }
    let (mut after, mut all, mut pages) = (None, 0, 0);
    loop {
        let page = p.list_subscriptions(after.as_deref()).await.unwrap();
        all += page.items.len();
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((all, pages), (251, 3));
}
