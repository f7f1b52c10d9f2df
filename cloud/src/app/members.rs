//! The members of a clinic: their roles, and what becomes of their records when they leave. A clinic keeps an admin: whoever
//! changes who is one locks the clinic's row first.

use maneiro_api::{
    UserId,
    account::Role,
    member::{HandOver, Member, UpdateMember},
    record::List,
};
use serde_json::json;

use crate::{
    domain::{actor::OrgActor, audit::AuditAction, error::Error},
    state::App,
    store::{self, OrgTx, audit, members},
};

/// The members of the actor's clinic, by name. Only an admin sees more of them than who they are.
///
/// # Errors
/// `PermissionDenied` if a worker acts.
pub async fn list(app: &App, who: &OrgActor) -> Result<List<Member>, Error> {
    let role = who.require_role()?;
    let mut tx = app.db.begin_org(who).await?;
    let mut items = members::list(&mut tx).await?;
    tx.commit().await?;
    if role != Role::Admin {
        for member in &mut items {
            (member.last_seen_at, member.has_second_factor, member.records) = (None, None, None);
        }
    }
    Ok(List { items, next_cursor: None })
}

/// Changes the role of a member, or whether they sign.
///
/// # Errors
/// `NotFound` if the clinic has no such member; `InvalidInput` if the last admin would be none.
pub async fn update(app: &App, who: &OrgActor, user: UserId, input: &UpdateMember) -> Result<Member, Error> {
    let mut tx = app.db.begin_org(who).await?;
    members::lock_clinic(&mut tx).await?;
    require_admin(&mut tx, who).await?;
    if input.role.is_some_and(|role| role != Role::Admin) {
        require_another_admin(&mut tx, user, "role").await?;
    }
    members::update(&mut tx, user, input.role, input.signs).await?;
    let event = app
        .audit_event(AuditAction::MemberUpdated, Some(user.uuid()))
        .with_details(json!({ "role": input.role, "signs": input.signs }));
    audit::append(&mut tx, &event).await?;
    let all = members::list(&mut tx).await?;
    tx.commit().await?;
    all.into_iter()
        .find(|member| member.user == user)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("a member that was changed is none")))
}

/// Removes a member. Their sessions in the clinic end; their records are handed over or kept.
///
/// # Errors
/// `NotFound` if the clinic has no such member; `InvalidInput` for the last admin, or if the records are handed over to somebody
/// who is no other member.
pub async fn remove(app: &App, who: &OrgActor, user: UserId, input: &HandOver) -> Result<(), Error> {
    let mut tx = app.db.begin_org(who).await?;
    members::lock_clinic(&mut tx).await?;
    require_admin(&mut tx, who).await?;
    end(app, tx, user, input).await
}

/// Leaves the actor's clinic.
///
/// # Errors
/// As [`remove`].
pub async fn leave(app: &App, who: &OrgActor, input: &HandOver) -> Result<(), Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_org(who).await?;
    members::lock_clinic(&mut tx).await?;
    end(app, tx, user, input).await
}

async fn end(app: &App, mut tx: OrgTx, user: UserId, input: &HandOver) -> Result<(), Error> {
    require_another_admin(&mut tx, user, "user").await?;
    let mut event = app.audit_event(AuditAction::MemberRemoved, Some(user.uuid()));
    if let Some(to) = input.records_to {
        let is_other_member = to != user && members::role(&mut tx, to).await.is_ok();
        if !is_other_member {
            return Err(Error::invalid_field("records_to", "is no other member of the clinic"));
        }
        let records = store::records::hand_over(&mut tx, user, to).await?;
        event = event.with_details(json!({ "records": records, "to": to }));
    }
    members::end(&mut tx, user, event.occurred_at).await?;
    audit::append(&mut tx, &event).await?;
    tx.commit().await
}

/// Checks that the actor still is an admin: another one may have changed that while this waited for the clinic's row.
async fn require_admin(tx: &mut OrgTx, who: &OrgActor) -> Result<(), Error> {
    let (user, _) = who.require_member()?;
    match members::role(tx, user).await {
        Ok(Role::Admin) => Ok(()),
        Ok(Role::Doctor | Role::Assistant) | Err(Error::NotFound(_)) => Err(Error::PermissionDenied),
        Err(error) => Err(error),
    }
}

/// Checks that the clinic, whose row is locked, has an admin besides `user`.
async fn require_another_admin(tx: &mut OrgTx, user: UserId, field: &str) -> Result<(), Error> {
    let is_admin = members::role(tx, user).await? == Role::Admin;
    if is_admin && members::count_admins(tx).await? < 2 {
        return Err(Error::invalid_field(field, "is the last admin of the clinic, which must keep one"));
    }
    Ok(())
}
