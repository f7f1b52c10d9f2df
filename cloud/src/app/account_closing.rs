//! A user closes their own account. What they made stays with their clinics.

use maneiro_api::{ErrorCode, identity::CloseAccount};
use serde_json::json;

use super::{mails, own_password};
use crate::{
    domain::{
        actor::OrgActor,
        audit::{AuditAction, AuditActor},
        error::Error,
        notice::{NewMail, UserNotice},
    },
    state::App,
    store::{SystemTask, accounts, audit, credentials},
};

/// Ends the account with its memberships and sessions. Its address is free again.
///
/// # Errors
/// `InvalidInput` if the password is wrong; `Conflict` with `LastAdmin` if a clinic would be left without an admin: one that
/// has other members, or any unless clinics are to be closed too.
pub async fn close(app: &App, who: &OrgActor, input: &CloseAccount) -> Result<(), Error> {
    let (user, _) = who.require_member()?;
    own_password::require(app, who, user, &input.password, "password", AuditAction::PasswordCheckFailed)
        .await?;

    let event = app.audit_event(AuditAction::AccountClosed, Some(user.uuid()));
    let closed_at = event.occurred_at;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let contact = accounts::contact(&mut tx, user).await?;
    let mut closed_clinics = 0;
    for clinic in accounts::lock_clinics_of_last_admin(&mut tx, user).await? {
        if clinic.has_other_members || !input.close_clinics {
            return Err(Error::Conflict(ErrorCode::LastAdmin));
        }
        accounts::delete_clinic(&mut tx, clinic.org, closed_at).await?;
        closed_clinics += 1;
    }
    accounts::close(&mut tx, user, closed_at).await?;
    credentials::delete_all(&mut tx, user).await?;
    let mail = NewMail {
        id: app.new_uuid(),
        user: Some(user),
        recipient: contact.email,
        language: contact.language,
        notice: UserNotice::AccountClosed,
        created_at: closed_at,
    };
    mails::enqueue(app, &mut tx, &mail).await?;
    let event = event.with_details(json!({ "clinics_closed": closed_clinics }));
    audit::append_as(&mut tx, &event, AuditActor::from_org_actor(who)).await?;
    tx.commit().await
}
