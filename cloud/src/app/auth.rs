//! Sign-in. Second factor and password reset belong here too.

use maneiro_api::{
    OrgId,
    account::{Login, LoginResponse},
};

use super::sessions;
use crate::{
    domain::{
        actor::RequestOrigin,
        audit::{AuditAction, AuditActor},
        error::Error,
        validation::Email,
    },
    state::App,
    store::{
        SystemTask,
        accounts::{self, Account},
        audit,
    },
};

/// Signs a user in. An unknown e-mail address takes the same statements and the same time as a known one.
///
/// # Errors
/// `InvalidCredentials` whatever does not match: e-mail address, password, or clinic.
pub async fn login(app: &App, input: Login, origin: RequestOrigin) -> Result<LoginResponse, Error> {
    // No account has a malformed e-mail address.
    let email = Email::parse(&input.email).ok();
    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    let account = accounts::find_by_email(&mut tx, email.as_ref()).await?;
    tx.commit().await?;

    // The limit of attempts per account belongs here, before the password is verified.
    let stored = account.as_ref().map(|account| account.password_hash.as_str());
    let matches = app.passwords.verify(&input.password, stored).await?;
    let org = account.as_ref().and_then(|account| select_clinic(account, input.organization));

    if let (Some(account), Some(org), true) = (&account, org, matches) {
        let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
        match sessions::start(app, &mut tx, org, account.user, &account.password_hash, &origin).await {
            Ok(started) => {
                let session = started.session.session;
                let event = app.audit_event(AuditAction::LoginSucceeded, Some(session.uuid()));
                let actor = AuditActor::member(org, account.user, session, &origin);
                audit::append_as(&mut tx, &event, actor).await?;
                tx.commit().await?;
                return started.into_login_response(app, origin).await;
            }
            // The password was changed, or the right to sign in ended, while it was verified.
            Err(Error::InvalidCredentials) => {}
            Err(error) => return Err(error),
        }
    }
    let mut tx = app.db.begin_system(SystemTask::SignIn).await?;
    let user = account.as_ref().map(|account| account.user.uuid());
    let org = org.or_else(|| account.as_ref().and_then(|account| select_clinic(account, None)));
    let event = app.audit_event(AuditAction::LoginFailed, user);
    audit::append_as(&mut tx, &event, AuditActor::anonymous(org, &origin)).await?;
    tx.commit().await?;
    Err(Error::InvalidCredentials)
}

/// The requested clinic if the user is a member of it; without a request, the clinic they joined first.
fn select_clinic(account: &Account, requested: Option<OrgId>) -> Option<OrgId> {
    let mut clinics = account.clinics.iter().copied();
    match requested {
        Some(requested) => clinics.find(|org| *org == requested),
        None => clinics.next(),
    }
}
