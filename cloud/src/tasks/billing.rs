//! What passes between the service and Stripe, and mails about money.

use crate::{
    app::{billing, billing_mails, billing_sync},
    domain::{actor::OrgActor, error::Error, task::LeasedTask},
    state::App,
};

pub(super) async fn sync(app: &App, task: &LeasedTask) -> Result<(), Error> {
    billing_sync::sync_task(app, &task.lease).await
}

/// Hourly.
pub(super) async fn reconcile(app: &App) -> Result<(), Error> {
    billing_sync::reconcile(app).await.map(drop)
}

pub(super) async fn finish_intent(app: &App, task: &LeasedTask) -> Result<(), Error> {
    billing::finish_intent_task(app, &OrgActor::from_task_lease(&task.lease)?, &task.lease).await
}

pub(super) async fn send_mail(app: &App, task: &LeasedTask) -> Result<(), Error> {
    billing_mails::send(app, &task.lease).await
}
