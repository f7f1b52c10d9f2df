//! Invitations: an admin invites an address, and whoever reads its mail becomes a member, if there is a seat. Seats are counted
//! with the clinic's row locked, so that two who accept at the same moment take turns.

use maneiro_api::{
    InvitationId, TaskId, UserId,
    account::LoginResponse,
    member::{AcceptInvitation, CreateInvitation, Invitation, OfferedMembership, ViewInvitation},
    record::List,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{
    auth, plan_limits,
    sign_in_codes::{FirstSignIn, SignInCode},
};
use crate::{
    domain::{
        actor::{OrgActor, RequestOrigin},
        audit::AuditAction,
        clinic_policy::allows_address,
        entitlements::entitlements,
        error::Error,
        invitation::{
            INVITATION_LIFETIME, InvitationToken, NewInvitation, OpenInvitation, StoredInvitation, mac_input,
        },
        task::{NewTask, TaskKind},
        validation::{Email, FieldErrors, NewPassword, Title},
    },
    mail::{ComposedMail, Mail},
    ports::{MailerError, OutgoingMail},
    state::App,
    store::{OrgTx, SystemTask, accounts, audit, invitations, members, policies, subscriptions, tasks},
};

/// Invites an address to the actor's clinic.
///
/// # Errors
/// `InvalidInput` if it is no address, belongs to a member, is invited already or is of a domain that the policy does not
/// allow; `LimitReached` if every seat is taken or
/// offered.
pub async fn create(app: &App, who: &OrgActor, input: &CreateInvitation) -> Result<Invitation, Error> {
    let (invited_by, _) = who.require_member()?;
    let mut errors = FieldErrors::default();
    let Some(email) = errors.check("email", Email::parse(&input.email)) else {
        return Err(errors.into_error());
    };
    let new = NewInvitation {
        id: InvitationId::from_uuid(app.new_uuid()),
        email,
        role: input.role,
        signs: input.signs,
        language: input.language,
        invited_by,
        sent_at: app.now(),
    };
    let mut tx = app.db.begin_org(who).await?;
    members::lock_clinic(&mut tx).await?;
    require_allowed(&mut tx, new.email.as_str()).await?;
    if invitations::is_member(&mut tx, &new.email).await? {
        return Err(Error::invalid_field("email", "belongs to a member of the clinic"));
    }
    let taken = invitations::count_taken_seats(&mut tx, new.sent_at).await?;
    let seats = plan_limits::current(app, &mut tx).await?.seats();
    plan_limits::check_seats(app, seats, taken)?;
    invitations::insert(&mut tx, &new).await?;
    announce(app, &mut tx, new.id, 1).await?;
    tx.commit().await?;
    let (sent_at, expires_at) = (new.sent_at, new.expires_at());
    let NewInvitation { id, email, role, signs, .. } = new;
    let email = email.as_str().to_owned();
    let open = OpenInvitation { id, email, role, signs, invited_by, sent_at, expires_at, is_refused: false };
    Ok(open.show(sent_at))
}

/// Checks that the clinic's policy allows an address.
async fn require_allowed(tx: &mut OrgTx, email: &str) -> Result<(), Error> {
    if allows_address(&policies::find(tx).await?, email) {
        Ok(())
    } else {
        Err(Error::invalid_field("email", "is of a domain that the clinic's policy does not allow"))
    }
}

/// Has the mail of a version sent.
async fn announce(app: &App, tx: &mut OrgTx, id: InvitationId, version: i32) -> Result<(), Error> {
    let task = NewTask::new(TaskId::from_uuid(app.new_uuid()), TaskKind::InvitationMail)
        .with_subject(id.uuid())
        .with_dedupe_key(format!("invitation_mail/{}/{version}", id.uuid().simple()));
    tasks::enqueue(&mut *tx, &task).await?;
    let event = app
        .audit_event(AuditAction::InvitationSent, Some(id.uuid()))
        .with_details(json!({ "mail": version }));
    audit::append(tx, &event).await
}

/// The invitations of the actor's clinic that were neither accepted nor revoked, newest first.
///
/// # Errors
/// `Unavailable` if the database is.
pub async fn list(app: &App, who: &OrgActor) -> Result<List<Invitation>, Error> {
    let mut tx = app.db.begin_org(who).await?;
    let open = invitations::list_open(&mut tx).await?;
    tx.commit().await?;
    let now = app.now();
    Ok(List { items: open.into_iter().map(|invitation| invitation.show(now)).collect(), next_cursor: None })
}

/// Mails an invitation again, for another seven days. The secret of the earlier mail ends.
///
/// # Errors
/// `NotFound` if the clinic has no such invitation, or it was accepted or revoked.
pub async fn resend(app: &App, who: &OrgActor, id: InvitationId) -> Result<Invitation, Error> {
    let now = app.now();
    let mut tx = app.db.begin_org(who).await?;
    let (open, version) = invitations::renew(&mut tx, id, now, now + INVITATION_LIFETIME).await?;
    require_allowed(&mut tx, &open.email).await?;
    announce(app, &mut tx, id, version).await?;
    tx.commit().await?;
    Ok(open.show(now))
}

/// Revokes an invitation.
///
/// # Errors
/// As [`resend`].
pub async fn revoke(app: &App, who: &OrgActor, id: InvitationId) -> Result<(), Error> {
    let mut tx = app.db.begin_org(who).await?;
    let event = app.audit_event(AuditAction::InvitationRevoked, Some(id.uuid()));
    invitations::revoke(&mut tx, id, event.occurred_at).await?;
    audit::append(&mut tx, &event).await?;
    tx.commit().await
}

/// Sends the mail of an invitation, unless it ended meanwhile. A refusal for good is shown to the clinic.
///
/// # Errors
/// `Unavailable` if it can be sent later.
pub async fn send_mail(app: &App, id: InvitationId) -> Result<(), Error> {
    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    let found = invitations::find(&mut tx, id).await?;
    tx.commit().await?;
    let Some(invitation) = found.filter(|invitation| invitation.is_open && app.now() < invitation.expires_at)
    else {
        return Ok(());
    };
    let token = mailed_token(app, &invitation).await?.to_secret();
    let page = app.public_url.join("account/invitation").map_err(Error::internal)?;
    let mail = Mail::Invitation {
        clinic: &invitation.clinic,
        role: invitation.role,
        page,
        token: token.expose_secret(),
    };
    let ComposedMail { subject, text, html } = mail.compose(invitation.language);
    let to = invitation.email.as_str().to_owned();
    // Another mail for each version.
    let id_of_mail =
        uuid::Uuid::from_u128(id.uuid().as_u128() ^ u128::from(invitation.version.unsigned_abs()));
    let outgoing = OutgoingMail { id: id_of_mail, to, subject, text, html, sent_at: app.now() };
    match app.mailer.send(&outgoing).await {
        Ok(()) => Ok(()),
        Err(MailerError::Refused(_)) => {
            let mut tx = app.db.begin_system(SystemTask::Register).await?;
            invitations::note_refusal(&mut tx, id, invitation.version, app.now()).await?;
            tx.commit().await
        }
        Err(error) => Err(error.into()),
    }
}

/// The secret of the latest mail, which is stored nowhere.
async fn mailed_token(app: &App, invitation: &StoredInvitation) -> Result<InvitationToken, Error> {
    let input = mac_input(invitation.id, invitation.version);
    Ok(InvitationToken::from_mac(invitation.id, &app.key_service.mac("invitation", &input).await?))
}

/// The invitation of a secret.
///
/// # Errors
/// `CodeWrong` if there is none; `CodeExpired` if it can no longer be accepted.
async fn find(app: &App, token: &SecretString) -> Result<StoredInvitation, Error> {
    let tried = InvitationToken::parse(token).ok_or(Error::CodeWrong)?;
    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    let found = invitations::find(&mut tx, tried.invitation).await?;
    tx.commit().await?;
    let invitation = found.ok_or(Error::CodeWrong)?;
    invitation.check(&tried, &mailed_token(app, &invitation).await?, app.now())?;
    Ok(invitation)
}

/// What an invitation offers, to whoever has its secret.
///
/// # Errors
/// `CodeWrong` if the secret is none; `CodeExpired` if it can no longer be accepted.
pub async fn view(app: &App, input: &ViewInvitation) -> Result<OfferedMembership, Error> {
    let invitation = find(app, &input.token).await?;
    Ok(OfferedMembership {
        clinic: invitation.clinic,
        email: invitation.email.as_str().to_owned(),
        role: invitation.role,
        has_account: invitation.user.is_some(),
        expires_at: invitation.expires_at,
    })
}

/// Who accepts an invitation.
enum Invitee {
    /// Somebody with an account, whose password was verified against this hash.
    Known { user: UserId, password_hash: String },
    /// Somebody new.
    New { user: UserId, name: Title, password_hash: String },
}

impl Invitee {
    fn user_and_hash(&self) -> (UserId, &str) {
        match self {
            Self::Known { user, password_hash } | Self::New { user, password_hash, .. } => {
                (*user, password_hash.as_str())
            }
        }
    }
}

/// Makes whoever has the secret of an invitation a member of its clinic, with the account of the address or a new one, and signs
/// them in. A second factor of the account or of the clinic is asked for as at any sign-in.
///
/// # Errors
/// `CodeWrong` if the secret is none; `CodeExpired` if it can no longer be accepted; `InvalidCredentials` if the account of the
/// address has another password; `InvalidInput` for a new account with an invalid name or password; `LimitReached` if there is
/// no seat.
pub async fn accept(
    app: &App,
    input: AcceptInvitation,
    origin: RequestOrigin,
) -> Result<LoginResponse, Error> {
    join(app, input, &origin).await?.with_session(app, origin).await
}

/// As [`accept`], on a web page: instead of a session there is a code, with which the app signs in.
///
/// # Errors
/// As [`accept`].
pub async fn accept_on_page(
    app: &App,
    input: AcceptInvitation,
    origin: &RequestOrigin,
) -> Result<SignInCode, Error> {
    join(app, input, origin).await?.with_code(app, origin).await
}

async fn join(app: &App, input: AcceptInvitation, origin: &RequestOrigin) -> Result<FirstSignIn, Error> {
    let invitation = find(app, &input.token).await?;
    let invitee = match invitation.user {
        Some(user) => verify(app, &invitation, user, &input.password, origin).await?,
        None => {
            new_account(app, &invitation, input.name.as_deref().unwrap_or_default(), input.password).await?
        }
    };
    let (user, password_hash) = invitee.user_and_hash();
    let (org, now) = (invitation.org, app.now());

    let mut tx = app.db.begin_system(SystemTask::Register).await?;
    members::lock_clinic_of_invitation(&mut tx, org).await?;
    if !invitations::accept(&mut tx, &invitation, user, now).await? {
        return Err(Error::CodeExpired);
    }
    if let Invitee::New { name, .. } = &invitee {
        let (email, language) = (&invitation.email, invitation.language);
        accounts::insert_user(&mut tx, user, email, name, language, password_hash, now).await?;
    }
    if members::join(&mut tx, org, user, invitation.role, invitation.signs, now).await? {
        let subscription = subscriptions::find_of_invitation(&mut tx, org).await?;
        let seats = entitlements(&app.plans, &subscription, now).seats();
        plan_limits::check_seats(app, seats, members::count(&mut tx, org).await? - 1)?;
    }
    let event = app
        .audit_event(AuditAction::InvitationAccepted, Some(invitation.id.uuid()))
        .with_details(json!({ "user": user }));
    let password_hash = password_hash.to_owned();
    Ok(FirstSignIn { tx, org, user, password_hash, event })
}

/// The account of the address, whose password is asked for: to read its mail is not enough to act as it.
async fn verify(
    app: &App,
    invitation: &StoredInvitation,
    user: UserId,
    password: &SecretString,
    origin: &RequestOrigin,
) -> Result<Invitee, Error> {
    let check = auth::verify(app, invitation.email.as_str(), password).await?;
    match check.account {
        Some(account) if check.password_matches && account.user == user => {
            Ok(Invitee::Known { user, password_hash: account.password_hash })
        }
        account => auth::fail_login(app, account.as_ref(), Some(invitation.org), origin).await,
    }
}

async fn new_account(
    app: &App,
    invitation: &StoredInvitation,
    name: &str,
    password: SecretString,
) -> Result<Invitee, Error> {
    let mut errors = FieldErrors::default();
    // Words that a guesser tries first.
    let personal = [name, invitation.email.as_str(), invitation.clinic.as_str()];
    let password = errors.check("password", NewPassword::parse(password, &personal));
    let name = errors.check("name", Title::parse(name));
    let (Some(name), Some(password)) = (name, password) else { return Err(errors.into_error()) };
    let password_hash = app.passwords.hash(&password, &*app.random).await?;
    Ok(Invitee::New { user: UserId::from_uuid(app.new_uuid()), name, password_hash })
}
