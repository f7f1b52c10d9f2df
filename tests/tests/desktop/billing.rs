//! Plan, money and use behind the window, without the window: the real service, paid by a stand-in of Stripe.

use std::sync::Arc;

use maneiro_api::{
    error::PlanLimit,
    subscription::{
        AddOns, BillingInterval, ChangeTime, InvoiceStatus, SubscriptionOrder, SubscriptionState,
    },
};
use maneiro_core::{
    contract::{
        billing::InvoiceForm,
        common::{CommandErrorCode, ErrorParameter},
        session::SessionState,
    },
    desktop::Desktop,
    keychain::{Keychain, MemoryKeychain, NoKeychain},
};
use maneiro_tests::{TestApp, billing::BillingApp, personas::PASSWORD};
use tempfile::TempDir;
use time::macros::date;

use crate::window::start_desktop;

async fn sign_in(app: &TestApp, folder: &TempDir, email: &str) -> Desktop {
    let keychain: Arc<dyn Keychain> = Arc::new(MemoryKeychain::default());
    let desktop = start_desktop(&app.url, app, folder.path(), &keychain);
    desktop.sign_in(email, PASSWORD.into()).await.unwrap();
    desktop
}

fn order(plan: &str) -> SubscriptionOrder {
    let interval = BillingInterval::Month;
    SubscriptionOrder { plan: plan.to_owned(), interval, extra_seats: 0, extra_storage: 0 }
}

fn plan_at_the_door(desktop: &Desktop) -> String {
    let SessionState::Open { me, .. } = desktop.session_state() else { panic!("the window is open") };
    me.usage.plan
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_is_bought_changed_and_cancelled_in_the_window() {
    let billing = BillingApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let clinic = billing.app.clinic().await;
    let desktop = sign_in(&billing.app, &folder, &clinic.admin().me.email).await;
    let conflict = CommandErrorCode::ChangedElsewhere;

    let offers = desktop.plans().await.unwrap();
    assert!(offers.can_buy && offers.plans.iter().any(|plan| plan.key == "starter"));
    let before = desktop.subscription().await.unwrap();
    assert_eq!((before.state, before.has_customer), (SubscriptionState::Trialing, false));
    assert_eq!(desktop.portal_page().await.unwrap_err().code, conflict);
    assert_eq!(desktop.change_plan(&order("starter")).await.unwrap_err().code, conflict);
    assert!(desktop.invoices().await.unwrap().is_empty());

    let page = desktop.checkout_page(&order("professional")).await.unwrap();
    assert_eq!((page.scheme(), page.host_str()), ("https", Some("checkout.stripe.com")));
    assert_eq!(plan_at_the_door(&desktop), "trial");
    billing.stripe.pay_checkout(page.as_str());
    billing.deliver_all().await;
    let bought = desktop.subscription().await.unwrap();
    assert_eq!((bought.state, bought.plan.as_str()), (SubscriptionState::Active, "professional"));
    assert_eq!(plan_at_the_door(&desktop), "professional", "what the window may do follows");
    assert_eq!(desktop.portal_page().await.unwrap().host_str(), Some("billing.stripe.com"));
    assert_eq!(desktop.checkout_page(&order("starter")).await.unwrap_err().code, conflict);

    let invoices = desktop.invoices().await.unwrap();
    let [invoice] = invoices.as_slice() else { panic!("{invoices:?}") };
    assert_eq!((invoice.status, invoice.has_page, invoice.has_pdf), (InvoiceStatus::Paid, true, true));
    assert_eq!(invoice.total_cents, invoice.paid_cents);
    let pdf = desktop.invoice_page(&invoice.id, InvoiceForm::Pdf).await.unwrap();
    assert!(pdf.path().contains(&invoice.id) && pdf.path().ends_with("/pdf"), "{pdf}");
    assert!(!desktop.invoice_page(&invoice.id, InvoiceForm::Page).await.unwrap().path().ends_with("/pdf"));
    let unknown = desktop.invoice_page("in_unknown", InvoiceForm::Pdf).await;
    assert_eq!(unknown.unwrap_err().code, CommandErrorCode::NotFound);

    let with_seats = desktop.set_add_ons(AddOns { extra_seats: 2, extra_storage: 1 }).await.unwrap();
    assert_eq!((with_seats.extra_seats, with_seats.extra_storage), (2, 1));
    let preview = desktop.preview_change(&order("starter")).await.unwrap();
    assert_eq!((preview.when, &*preview.currency), (ChangeTime::PeriodEnd, "usd"));
    assert!(preview.obstacles.is_empty());
    let changed = desktop.change_plan(&order("starter")).await.unwrap();
    assert_eq!(changed.next.map(|next| next.plan).as_deref(), Some("starter"));
    let cancelled = desktop.cancel_subscription(Some("we retire".to_owned())).await.unwrap();
    assert!(cancelled.cancels_at_period_end);
    assert_eq!(desktop.cancel_subscription(None).await.unwrap_err().code, conflict);
    let resumed = desktop.resume_subscription().await.unwrap();
    assert_eq!((resumed.cancels_at_period_end, resumed.next), (false, None));
    desktop.close().await;
    billing.deliver_all().await;
    billing.app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lower_plan_names_the_seats_that_stand_in_its_way() {
    let billing = BillingApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let clinic = billing.app.clinic().await;
    let admin = clinic.admin();
    billing.buy(&admin, "professional").await;
    billing.deliver_all().await;
    for _ in 0..5 {
        clinic.doctor().await;
    }
    let desktop = sign_in(&billing.app, &folder, &admin.me.email).await;
    let preview = desktop.preview_change(&order("starter")).await.unwrap();
    let obstacles: Vec<_> = preview.obstacles.iter().map(|it| (it.limit, it.used, it.maximum)).collect();
    assert_eq!(obstacles, [(PlanLimit::Seats, 6, Some(5))]);
    let refused = desktop.change_plan(&order("starter")).await.unwrap_err();
    assert_eq!(refused.code, CommandErrorCode::LimitReached);
    for (name, value) in [("limit", "seats"), ("used", "6"), ("maximum", "5")] {
        assert_eq!(refused.params[name], ErrorParameter::Text(value.to_owned()), "{name}");
    }
    desktop.close().await;
    billing.app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn use_is_shown_and_saved_as_a_table_for_admins_alone() {
    let billing = BillingApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let clinic = billing.app.clinic().await;
    let desktop = sign_in(&billing.app, &folder, &clinic.admin().me.email).await;
    let report = desktop.usage(None).await.unwrap();
    assert_eq!(report.organization, clinic.id());
    assert_eq!(report.months.first().map(|use_of| use_of.month), Some(report.month));
    let earlier = desktop.usage(Some(date!(2025 - 02 - 01))).await.unwrap();
    assert_eq!(earlier.month, date!(2025 - 02 - 01));
    let table = desktop.usage_table(Some(date!(2025 - 02 - 01))).await.unwrap();
    assert_eq!(table.name, "maneiro-usage-2025-02.csv");
    let text = String::from_utf8(table.bytes).unwrap();
    assert!(text.starts_with("month,person,analyses,"), "{text}");
    desktop.close().await;

    let doctor = clinic.doctor().await;
    let other_folder = tempfile::tempdir().unwrap();
    let desktop = sign_in(&billing.app, &other_folder, &doctor.me.email).await;
    let denied = CommandErrorCode::PermissionDenied;
    assert_eq!(desktop.subscription().await.unwrap_err().code, denied);
    assert_eq!(desktop.usage(None).await.unwrap_err().code, denied);
    assert_eq!(desktop.usage_table(None).await.err().map(|error| error.code), Some(denied));
    assert_eq!(desktop.checkout_page(&order("starter")).await.unwrap_err().code, denied);
    desktop.close().await;
    billing.app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn service_without_payments_offers_nothing_to_buy() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desktop = sign_in(&app, &folder, &app.clinic().await.admin().me.email).await;
    assert!(!desktop.plans().await.unwrap().can_buy);
    assert!(desktop.invoices().await.unwrap().is_empty());
    let refused = desktop.checkout_page(&order("starter")).await.unwrap_err();
    assert_eq!(refused.code, CommandErrorCode::PermissionDenied);
    desktop.close().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_nothing_is_bought() {
    let billing = BillingApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let keychain: Arc<dyn Keychain> = Arc::new(NoKeychain);
    let desktop = start_desktop(&billing.app.url, &billing.app, folder.path(), &keychain);
    let email = billing.app.clinic().await.admin().me.email;
    desktop.sign_in(&email, PASSWORD.into()).await.unwrap();
    desktop.work_in_memory().await.unwrap();
    let read_only = CommandErrorCode::ReadOnly;
    assert_eq!(desktop.checkout_page(&order("starter")).await.unwrap_err().code, read_only);
    assert_eq!(desktop.cancel_subscription(None).await.unwrap_err().code, read_only);
    assert_eq!(billing.stripe.count("customer"), 0);
    desktop.close().await;
}
