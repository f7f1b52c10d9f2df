//! The clinics of one user, and the switch from one to another.

use maneiro_api::{
    account::LoginResponse,
    member::{OwnClinic, SwitchClinic},
    record::List,
};

use super::sessions;
use crate::{
    domain::{
        actor::OrgActor,
        audit::{AuditAction, AuditActor},
        error::{Error, Resource},
    },
    state::App,
    store::{SystemTask, audit, members},
};

/// The clinics that the actor is a member of, by name.
///
/// # Errors
/// `PermissionDenied` if a worker acts.
pub async fn list(app: &App, who: &OrgActor) -> Result<List<OwnClinic>, Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let items = members::list_clinics(&mut tx, user, who.org()).await?;
    tx.commit().await?;
    Ok(List { items, next_cursor: None })
}

/// Begins a session in another clinic in place of the one that is used. What was proved stays proved; a clinic that asks for more
/// has it asked then.
///
/// # Errors
/// `NotFound` if the actor is not a member of it; `Unauthenticated` if the session has ended.
pub async fn switch(app: &App, who: &OrgActor, input: &SwitchClinic) -> Result<LoginResponse, Error> {
    let (user, session) = who.require_member()?;
    let (origin, level) = (who.require_origin()?.clone(), who.require_proof()?.level);
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let clinics = members::list_clinics(&mut tx, user, who.org()).await?;
    if !clinics.iter().any(|clinic| clinic.organization == input.organization) {
        return Err(Error::NotFound(Resource::Clinic));
    }
    let started = sessions::replace(app, &mut tx, input.organization, who, level).await?;
    let ended = app.audit_event(AuditAction::SessionEnded, Some(session.uuid()));
    audit::append_as(&mut tx, &ended, AuditActor::from_org_actor(who)).await?;
    let switched = app.audit_event(AuditAction::ClinicSwitched, Some(started.session.session.uuid()));
    let actor = AuditActor::member(input.organization, user, started.session.session, &origin);
    audit::append_as(&mut tx, &switched, actor).await?;
    tx.commit().await?;
    started.into_login_response(app, origin).await
}
