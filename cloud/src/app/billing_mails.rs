//! Mails to admins about money and use, each once for its cause.

use maneiro_api::TaskId;
use uuid::Uuid;

use crate::{
    domain::{
        actor::OrgActor,
        billing_mail::BillingMail,
        error::Error,
        task::{NewTask, TaskKind, TaskLease},
    },
    mail::{ComposedMail, billing},
    ports::OutgoingMail,
    state::App,
    store::{
        OrgTx,
        billing_mails::{self, UnsentMail},
        tasks,
    },
};

/// Has a mail sent to every admin who wants it and was not told of this cause before.
///
/// # Errors
/// `Unavailable` if the database is.
pub(super) async fn queue(
    app: &App,
    tx: &mut OrgTx,
    cause: &str,
    content: &BillingMail,
) -> Result<(), Error> {
    for (user, preferences) in billing_mails::recipients(tx).await? {
        let id = app.new_uuid();
        if content.is_wanted(preferences)
            && billing_mails::insert(tx, id, user, cause, content, app.now()).await?
        {
            let task =
                NewTask::new(TaskId::from_uuid(app.new_uuid()), TaskKind::BillingMail).with_subject(id);
            tasks::enqueue(&mut *tx, &task).await?;
        }
    }
    Ok(())
}

/// Sends a mail, unless it was sent or its recipient is no admin any more.
///
/// # Errors
/// `Unavailable` if it can be sent later; `Rejected` if it never can.
pub async fn send(app: &App, lease: &TaskLease) -> Result<(), Error> {
    let who = OrgActor::from_task_lease(lease)?;
    send_as(app, &who, lease.require_subject()?).await
}

async fn send_as(app: &App, who: &OrgActor, id: Uuid) -> Result<(), Error> {
    let mut tx = app.db.begin_org(who).await?;
    let found = billing_mails::find_unsent(&mut tx, id).await?;
    tx.commit().await?;
    let Some(UnsentMail { content, to, language, clinic }) = found else { return Ok(()) };
    let plan_name = |key: &str| app.plans.plan(key).map_or_else(|| key.to_owned(), |plan| plan.name.clone());
    let ComposedMail { subject, text, html } = billing::compose(&content, &clinic, plan_name, language);
    app.mailer.send(&OutgoingMail { id, to, subject, text, html, sent_at: app.now() }).await?;
    let mut tx = app.db.begin_org(who).await?;
    billing_mails::set_sent(&mut tx, id, app.now()).await?;
    tx.commit().await
}
