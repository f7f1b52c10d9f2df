use maneiro_cloud::{
    app::catalogue,
    domain::plan::{PaymentEnvironment, PlanCatalogue},
};
use maneiro_tests::billing::BillingApp;

const TEST: PaymentEnvironment = PaymentEnvironment::Test;

#[tokio::test]
async fn second_push_changes_nothing() {
    let billing = BillingApp::start().await;
    let before = (billing.stripe.count("price"), billing.stripe.count("product"));
    assert_eq!(before, (10, 5));
    let again = catalogue::push(&billing.plans, &*billing.payments).await.unwrap();
    assert_eq!(again.created, Vec::<String>::new());
    assert_eq!((billing.stripe.count("price"), billing.stripe.count("product")), before);
    assert_eq!(catalogue::check(&billing.plans, &*billing.payments).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn check_names_what_differs() {
    let billing = BillingApp::start().await;
    let bundled = PlanCatalogue::bundled().unwrap();
    let none = Vec::<String>::new();
    let missing = catalogue::check(&bundled, &*billing.payments).await.unwrap();
    assert_eq!(missing.len(), 10);
    assert!(missing[0].starts_with("the catalogue lacks starter_monthly = \"price_"), "{missing:?}");
    let dearer = include_str!("../../../cloud/src/domain/plans.toml")
        .replace("monthly_cents = 9_900", "monthly_cents = 9_901");
    let dearer = PlanCatalogue::parse(&dearer).unwrap();
    let differing = catalogue::check(&dearer, &*billing.payments).await.unwrap();
    assert!(
        differing[0].contains("maneiro_starter_monthly is 9900 usd in Stripe and 9901 usd"),
        "{differing:?}"
    );
    // The new price takes over the name; the old one stays for those who pay it.
    let pushed = catalogue::push(&dearer, &*billing.payments).await.unwrap();
    assert_eq!(pushed.created, ["maneiro_starter_monthly"]);
    assert_eq!(billing.stripe.count("price"), 11);
    assert_eq!(
        catalogue::check(&dearer.with_prices(TEST, pushed.prices), &*billing.payments).await.unwrap(),
        none
    );
    // Back at the old amount on the same day.
    let pushed = catalogue::push(&bundled, &*billing.payments).await.unwrap();
    assert_eq!(pushed.created, ["maneiro_starter_monthly"]);
    assert_eq!(billing.stripe.count("price"), 12);
    assert_eq!(
        catalogue::check(&bundled.with_prices(TEST, pushed.prices), &*billing.payments).await.unwrap(),
        none
    );
}
