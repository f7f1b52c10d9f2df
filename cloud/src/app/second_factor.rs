//! The second factor of a member or an operator: its enrolment, its proof, and what replaces a lost one. A secret is sealed, a
//! code is accepted once, and guesses are counted before they are looked at.

use maneiro_api::{
    UserId,
    account::{LoginResponse, SessionLevel},
    operator::OperatorToken,
    seal::associated_data,
    second_factor::{
        ConfirmPassword, EnrolledOperator, EnrolledSecondFactor, RecoveryCodes, SecondFactorCode,
        SecondFactorEnrolment, SecondFactorStatus,
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use zeroize::Zeroizing;

use super::{auth, operators, rate_limits, sessions};
use crate::{
    domain::{
        actor::{OperatorActor, OrgActor},
        audit::{AuditAction, AuditActor},
        error::{Error, Resource},
        rate_limit::{RateLimitSubject, SECOND_FACTOR_GUESSES},
        second_factor::{ENROLMENT_LIFETIME, RECOVERY_CODES, RecoveryCode, SECRET_BYTES, TotpSecret, qr_svg},
    },
    state::App,
    store::{self, SystemTask, SystemTx, accounts, audit, second_factors},
};

/// Whose second factor it is, and what their session has proved.
#[derive(Clone, Copy)]
struct Subject {
    user: UserId,
    level: SessionLevel,
    actor: AuditActor,
}

impl Subject {
    fn member(who: &OrgActor) -> Result<Self, Error> {
        let (user, _) = who.require_member()?;
        let level = who.require_proof()?.level;
        Ok(Self { user, level, actor: AuditActor::from_org_actor(who) })
    }

    const fn operator(who: &OperatorActor) -> Self {
        let actor = AuditActor::from_operator(who, None, None);
        Self { user: who.operator, level: who.level, actor }
    }

    /// Whether an authenticator that is asked for may be replaced: not with a password alone.
    const fn may_replace(self) -> bool {
        matches!(self.level, SessionLevel::SecondFactor)
    }

    fn guesses(self) -> RateLimitSubject {
        RateLimitSubject::account(&self.user.to_string())
    }

    /// The latest try was no guess.
    async fn acquit(self, app: &App) {
        rate_limits::discount(app, &self.guesses(), &SECOND_FACTOR_GUESSES).await;
    }
}

/// What is known of the own second factor.
///
/// # Errors
/// `PermissionDenied` if no member acts.
pub async fn status(app: &App, who: &OrgActor) -> Result<SecondFactorStatus, Error> {
    let (user, _) = who.require_member()?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let overview = second_factors::overview(&mut tx, user).await?;
    tx.commit().await?;
    Ok(SecondFactorStatus {
        enrolled_at: overview.enrolled_at,
        recovery_codes_left: u32::try_from(overview.recovery_codes_left).map_err(Error::internal)?,
        is_required: overview.is_required,
    })
}

/// Begins to enrol an authenticator of a member.
///
/// # Errors
/// `InvalidInput` if the password is wrong; `SecondFactorRequired` if there is an authenticator already and the session has not
/// proved it.
pub async fn enrol(
    app: &App,
    who: &OrgActor,
    input: &ConfirmPassword,
) -> Result<SecondFactorEnrolment, Error> {
    enrol_subject(app, Subject::member(who)?, &input.password).await
}

/// Begins to enrol an authenticator of an operator.
///
/// # Errors
/// As [`enrol`].
pub async fn enrol_operator(
    app: &App,
    who: &OperatorActor,
    input: &ConfirmPassword,
) -> Result<SecondFactorEnrolment, Error> {
    enrol_subject(app, Subject::operator(who), &input.password).await
}

async fn enrol_subject(
    app: &App,
    subject: Subject,
    password: &SecretString,
) -> Result<SecondFactorEnrolment, Error> {
    let email = confirm_password(app, subject.user, password).await?;
    let bytes = Zeroizing::new(app.random_bytes::<SECRET_BYTES>());
    let sealed =
        app.key_service.seal(&associated_data::second_factor(subject.user), bytes.as_slice()).await?;
    let secret = TotpSecret::new(bytes.as_slice(), &email)?;

    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let stored = second_factors::find(&mut tx, subject.user).await?;
    if stored.is_some_and(|stored| stored.secret_sealed.is_some()) && !subject.may_replace() {
        return Err(Error::SecondFactorRequired);
    }
    second_factors::put_pending(&mut tx, subject.user, &sealed, app.now()).await?;
    let event = app.audit_event(AuditAction::SecondFactorIssued, Some(subject.user.uuid()));
    audit::append_as(&mut tx, &event, subject.actor).await?;
    tx.commit().await?;

    let uri = secret.uri()?;
    Ok(SecondFactorEnrolment {
        secret: secret.to_base32().into(),
        qr_svg: qr_svg(&uri)?.into(),
        uri: uri.into(),
    })
}

/// Confirms the authenticator of a member with its first code. Every other session of the user ends, in all clinics.
///
/// # Errors
/// `InvalidInput` if it is not its code; `NotFound` if no enrolment waits for one.
pub async fn confirm(
    app: &App,
    who: &OrgActor,
    input: &SecondFactorCode,
) -> Result<EnrolledSecondFactor, Error> {
    let origin = who.require_origin()?.clone();
    let subject = Subject::member(who)?;
    let (mut tx, codes) = confirm_subject(app, subject, &input.code).await?;
    let started = sessions::replace(app, &mut tx, who.org(), who, SessionLevel::SecondFactor).await?;
    store::sessions::end_all(&mut tx, subject.user, Some(started.session.session), app.now()).await?;
    tx.commit().await?;
    subject.acquit(app).await;
    Ok(EnrolledSecondFactor { codes, session: started.into_login_response(app, origin).await? })
}

/// Confirms the authenticator of an operator with its first code. Every other session of the user ends.
///
/// # Errors
/// As [`confirm`].
pub async fn confirm_operator(
    app: &App,
    who: &OperatorActor,
    input: &SecondFactorCode,
) -> Result<EnrolledOperator, Error> {
    let subject = Subject::operator(who);
    let (mut tx, codes) = confirm_subject(app, subject, &input.code).await?;
    let session = operators::replace(app, &mut tx, who).await?;
    store::sessions::end_all(&mut tx, subject.user, Some(session.session), app.now()).await?;
    tx.commit().await?;
    subject.acquit(app).await;
    Ok(EnrolledOperator { codes, session })
}

/// A transaction in which the authenticator is confirmed, and its recovery codes.
async fn confirm_subject(
    app: &App,
    subject: Subject,
    code: &SecretString,
) -> Result<(SystemTx, RecoveryCodes), Error> {
    rate_limits::require(app, &subject.guesses(), &SECOND_FACTOR_GUESSES).await?;
    let stored = find(app, subject.user).await?;
    let now = app.now();
    let (sealed, _) = stored
        .and_then(|stored| stored.pending)
        .filter(|(_, began_at)| *began_at + ENROLMENT_LIFETIME > now)
        .ok_or(Error::NotFound(Resource::SecondFactor))?;
    let secret = open(app, subject.user, &sealed).await?;
    let Some(step) = secret.matching_step(code.expose_secret(), now) else {
        return fail(app, subject).await;
    };
    let codes = new_recovery_codes(app);

    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    if !second_factors::confirm(&mut tx, subject.user, &sealed, step, subject.may_replace(), now).await? {
        // Another request confirmed or replaced it meanwhile.
        return Err(Error::NotFound(Resource::SecondFactor));
    }
    store_recovery_codes(&mut tx, subject.user, &codes).await?;
    let event = app.audit_event(AuditAction::SecondFactorEnrolled, Some(subject.user.uuid()));
    audit::append_as(&mut tx, &event, subject.actor).await?;
    Ok((tx, show(&codes)))
}

/// Proves the second factor of a member. The session is replaced by one that reaches everything that the role permits.
///
/// # Errors
/// `InvalidInput` if the code is wrong or was used before; `NotFound` if there is no second factor; `TooManyRequests` after too
/// many guesses.
pub async fn prove(app: &App, who: &OrgActor, input: &SecondFactorCode) -> Result<LoginResponse, Error> {
    let origin = who.require_origin()?.clone();
    let subject = Subject::member(who)?;
    let mut tx = prove_subject(app, subject, &input.code).await?;
    let started = sessions::replace(app, &mut tx, who.org(), who, SessionLevel::SecondFactor).await?;
    tx.commit().await?;
    subject.acquit(app).await;
    started.into_login_response(app, origin).await
}

/// Proves the second factor of an operator.
///
/// # Errors
/// As [`prove`].
pub async fn prove_operator(
    app: &App,
    who: &OperatorActor,
    input: &SecondFactorCode,
) -> Result<OperatorToken, Error> {
    let subject = Subject::operator(who);
    let mut tx = prove_subject(app, subject, &input.code).await?;
    let token = operators::replace(app, &mut tx, who).await?;
    tx.commit().await?;
    subject.acquit(app).await;
    Ok(token)
}

/// A transaction in which the code is spent.
async fn prove_subject(app: &App, subject: Subject, code: &SecretString) -> Result<SystemTx, Error> {
    rate_limits::require(app, &subject.guesses(), &SECOND_FACTOR_GUESSES).await?;
    let sealed = find(app, subject.user)
        .await?
        .and_then(|stored| stored.secret_sealed)
        .ok_or(Error::NotFound(Resource::SecondFactor))?;
    let secret = open(app, subject.user, &sealed).await?;
    let now = app.now();
    let step = secret.matching_step(code.expose_secret(), now);
    let recovery_code = RecoveryCode::parse(code.expose_secret());

    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let (by, is_spent) = match (step, recovery_code) {
        (Some(step), _) => {
            ("authenticator", second_factors::spend_step(&mut tx, subject.user, &sealed, step).await?)
        }
        (None, Some(code)) => {
            let hash = code.hash(subject.user);
            let is_spent = second_factors::spend_recovery_code(&mut tx, subject.user, &hash, now).await?;
            ("recovery_code", is_spent)
        }
        (None, None) => ("none", false),
    };
    if !is_spent {
        drop(tx);
        return fail(app, subject).await;
    }
    let event = app
        .audit_event(AuditAction::SecondFactorProved, Some(subject.user.uuid()))
        .with_details(json!({ "by": by }));
    audit::append_as(&mut tx, &event, subject.actor).await?;
    Ok(tx)
}

/// Replaces the recovery codes, used and unused ones.
///
/// # Errors
/// `InvalidInput` if the password is wrong; `NotFound` if there is no second factor.
pub async fn replace_recovery_codes(
    app: &App,
    who: &OrgActor,
    input: &ConfirmPassword,
) -> Result<RecoveryCodes, Error> {
    let subject = Subject::member(who)?;
    confirm_password(app, subject.user, &input.password).await?;
    let codes = new_recovery_codes(app);
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    if second_factors::overview(&mut tx, subject.user).await?.enrolled_at.is_none() {
        return Err(Error::NotFound(Resource::SecondFactor));
    }
    store_recovery_codes(&mut tx, subject.user, &codes).await?;
    let event = app.audit_event(AuditAction::RecoveryCodesReplaced, Some(subject.user.uuid()));
    audit::append_as(&mut tx, &event, subject.actor).await?;
    tx.commit().await?;
    Ok(show(&codes))
}

/// Removes the own second factor, which no clinic of the user may require.
///
/// # Errors
/// `InvalidInput` if the password is wrong; `SecondFactorRequired` if it is required; `NotFound` if there is none.
pub async fn remove(app: &App, who: &OrgActor, input: &ConfirmPassword) -> Result<(), Error> {
    let subject = Subject::member(who)?;
    let (user, session) = who.require_member()?;
    confirm_password(app, user, &input.password).await?;
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    if second_factors::overview(&mut tx, user).await?.is_required {
        return Err(Error::SecondFactorRequired);
    }
    if !second_factors::delete(&mut tx, user).await? {
        return Err(Error::NotFound(Resource::SecondFactor));
    }
    let event = app.audit_event(AuditAction::SecondFactorRemoved, Some(user.uuid()));
    store::sessions::end_all(&mut tx, user, Some(session), event.occurred_at).await?;
    audit::append_as(&mut tx, &event, subject.actor).await?;
    tx.commit().await
}

/// Checks the password of a signed-in user, and returns the e-mail address of the account.
async fn confirm_password(app: &App, user: UserId, password: &SecretString) -> Result<String, Error> {
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let email = accounts::email(&mut tx, user).await?;
    tx.commit().await?;
    let check = auth::verify(app, &email, password).await?;
    let is_own = check.account.is_some_and(|account| account.user == user);
    if check.password_matches && is_own {
        Ok(email)
    } else {
        Err(Error::invalid_field("password", "is not the password of the account"))
    }
}

async fn find(app: &App, user: UserId) -> Result<Option<second_factors::StoredSecondFactor>, Error> {
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let stored = second_factors::find(&mut tx, user).await?;
    tx.commit().await?;
    Ok(stored)
}

async fn open(app: &App, user: UserId, sealed: &[u8]) -> Result<TotpSecret, Error> {
    let bytes = app.key_service.open(&associated_data::second_factor(user), sealed).await?;
    // Only the label of a URI names the account.
    TotpSecret::new(&bytes, "")
}

/// Records a code that is none.
async fn fail<T>(app: &App, subject: Subject) -> Result<T, Error> {
    let mut tx = app.db.begin_system(SystemTask::ManageAccount).await?;
    let event = app.audit_event(AuditAction::SecondFactorFailed, Some(subject.user.uuid()));
    audit::append_as(&mut tx, &event, subject.actor).await?;
    tx.commit().await?;
    Err(Error::invalid_field("code", "is wrong, has expired or was used before"))
}

fn new_recovery_codes(app: &App) -> Vec<RecoveryCode> {
    (0..RECOVERY_CODES).map(|_| RecoveryCode::new(app.random_bytes())).collect()
}

async fn store_recovery_codes(tx: &mut SystemTx, user: UserId, codes: &[RecoveryCode]) -> Result<(), Error> {
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| code.hash(user)).collect();
    second_factors::replace_recovery_codes(tx, user, &hashes).await
}

fn show(codes: &[RecoveryCode]) -> RecoveryCodes {
    RecoveryCodes { recovery_codes: codes.iter().map(|code| code.to_string().into()).collect() }
}
