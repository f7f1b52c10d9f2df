//! Second factor, people and clinics behind the window: several computers, each with its own folder and keychain, on one service.

use std::{path::PathBuf, sync::Arc};

use maneiro_api::{
    OrgId,
    account::{Role, SecondFactorStep},
    member::{HandOver, InvitationState, UpdateMember},
    policy::ClinicPolicy,
    second_factor::SecondFactorEnrolment,
};
use maneiro_core::{
    contract::{
        account::Enrolment,
        common::{CommandError, CommandErrorCode},
        events::ShellEvent,
        session::{LockReason, SessionState, SignedInMember},
    },
    desktop::Desktop,
    keychain::{Keychain, MemoryKeychain, NoKeychain},
};
use maneiro_tests::{Clinic, PASSWORD, TestApp, authenticator::Authenticator, pdf_fixtures::notes_pdf};
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;
use time::Duration;

use super::window::{heard, read_file, start_desktop};

const EMAIL: &str = "dora.doctor@clinic.example";

/// A computer with a folder and a keychain of its own.
struct Computer {
    folder: TempDir,
    keychain: Arc<dyn Keychain>,
}

impl Computer {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), keychain: Arc::new(MemoryKeychain::default()) }
    }

    fn start(&self, app: &TestApp) -> Desktop {
        start_desktop(&app.url, app, self.folder.path(), &self.keychain)
    }

    async fn sign_in(&self, app: &TestApp, email: &str) -> (Desktop, SessionState) {
        let desktop = self.start(app);
        let state = desktop.sign_in(email, PASSWORD.into()).await.unwrap();
        (desktop, state)
    }

    fn write_notes(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, notes_pdf(1, "Asthma since childhood")).unwrap();
        path
    }
}

fn code<T>(answer: Result<T, CommandError>) -> CommandErrorCode {
    answer.err().expect("a refusal").code
}

fn member(state: &SessionState) -> &SignedInMember {
    match state {
        SessionState::Open { me, .. } => me,
        other => panic!("expected an open window, not {other:?}"),
    }
}

fn step(state: &SessionState) -> SecondFactorStep {
    match state {
        SessionState::SecondFactor { step, .. } => *step,
        other => panic!("expected the second step, not {other:?}"),
    }
}

fn authenticator(enrolment: Enrolment) -> Authenticator {
    assert!(enrolment.qr_svg.contains("<svg") && enrolment.uri.starts_with("otpauth://totp/"));
    let Enrolment { secret, uri, qr_svg } = enrolment;
    Authenticator::new(&SecondFactorEnrolment {
        secret: secret.into(),
        uri: uri.into(),
        qr_svg: qr_svg.into(),
    })
}

async fn require_second_factor(app: &TestApp, org: OrgId) {
    sqlx::query("update maneiro.org_policies set requires_second_factor = true where org_id = $1")
        .bind(org.uuid())
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
}

async fn record_count(desktop: &Desktop) -> usize {
    desktop.list_records(&Default::default()).await.unwrap().items.len()
}

/// Locks and opens again, and waits until the cloud has said what it knows of the session.
async fn unlock_and_check(desktop: &Desktop) -> SessionState {
    desktop.lock(LockReason::Key).await;
    let mut events = desktop.subscribe();
    desktop.unlock(PASSWORD.into()).await.unwrap();
    // The first tells that the window is open, the second what the cloud knows.
    for _ in 0..2 {
        heard(&mut events, |event| matches!(event, ShellEvent::Session { .. })).await;
    }
    desktop.session_state()
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_set_up_in_security_is_asked_at_the_door() {
    let app = TestApp::start().await;
    let email = app.clinic().await.admin().me.email;
    let computer = Computer::new();
    let (desktop, state) = computer.sign_in(&app, &email).await;
    member(&state);
    assert!(desktop.second_factor().await.unwrap().enrolled_at.is_none());
    assert_eq!(code(desktop.begin_second_factor(None).await), CommandErrorCode::PasswordRequired);
    assert_eq!(
        code(desktop.begin_second_factor(Some("another".into())).await),
        CommandErrorCode::InvalidInput
    );
    let shown = authenticator(desktop.begin_second_factor(Some(PASSWORD.into())).await.unwrap());
    assert_eq!(code(desktop.confirm_second_factor("000000".into()).await), CommandErrorCode::InvalidInput);
    let codes = desktop.confirm_second_factor(shown.code(&app).code).await.unwrap();
    assert_eq!(codes.len(), 10);
    // The session goes on with another token, also after the program was ended.
    assert!(desktop.second_factor().await.unwrap().enrolled_at.is_some());
    desktop.close().await;
    let again = computer.start(&app);
    again.unlock(PASSWORD.into()).await.unwrap();
    assert_eq!(again.second_factor().await.unwrap().recovery_codes_left, 10);

    let elsewhere = Computer::new();
    let (desktop, state) = elsewhere.sign_in(&app, &email).await;
    assert_eq!(step(&state), SecondFactorStep::Prove);
    assert_eq!(code(desktop.members().await), CommandErrorCode::Unauthenticated);
    assert_eq!(code(desktop.list_records(&Default::default()).await), CommandErrorCode::Unauthenticated);
    assert_eq!(code(desktop.finish_second_factor().await), CommandErrorCode::Unauthenticated);
    assert_eq!(code(desktop.prove_second_factor("000000".into()).await), CommandErrorCode::InvalidInput);
    assert_eq!(
        elsewhere.start(&app).session_state(),
        SessionState::SignedOut,
        "nothing is kept before the code"
    );
    let state = desktop.prove_second_factor(shown.next_code(&app).code).await.unwrap();
    assert_eq!(member(&state).email, email);
    desktop.members().await.unwrap();

    // A recovery code opens once.
    desktop.sign_out().await.unwrap();
    desktop.sign_in(&email, PASSWORD.into()).await.unwrap();
    member(&desktop.prove_second_factor(codes[0].as_str().into()).await.unwrap());
    desktop.sign_out().await.unwrap();
    desktop.sign_in(&email, PASSWORD.into()).await.unwrap();
    let refused = desktop.prove_second_factor(codes[0].as_str().into()).await;
    assert_eq!(code(refused), CommandErrorCode::InvalidInput);
    member(&desktop.prove_second_factor(codes[1].as_str().into()).await.unwrap());
    assert_eq!(desktop.second_factor().await.unwrap().recovery_codes_left, 8);
    let fresh = desktop.replace_recovery_codes(PASSWORD.into()).await.unwrap();
    assert!(fresh.len() == 10 && !fresh.contains(&codes[2]));
    assert_eq!(code(desktop.remove_second_factor("another".into()).await), CommandErrorCode::InvalidInput);
    desktop.remove_second_factor(PASSWORD.into()).await.unwrap();
    desktop.sign_out().await.unwrap();
    member(&desktop.sign_in(&email, PASSWORD.into()).await.unwrap());
    desktop.close().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_that_is_not_finished_in_time_begins_anew() {
    let app = TestApp::start().await;
    let admin = app.clinic().await.admin();
    let (_, shown, _) = admin.enrol(&app).await;
    let (desktop, state) = Computer::new().sign_in(&app, &admin.me.email).await;
    assert_eq!(step(&state), SecondFactorStep::Prove);
    app.clock.advance(Duration::minutes(11));
    let late = desktop.prove_second_factor(shown.code(&app).code).await;
    assert_eq!(code(late), CommandErrorCode::SessionEnded);
    assert_eq!(desktop.session_state(), SessionState::SignedOut);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn required_second_factor_is_set_up_at_the_door() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    require_second_factor(&app, clinic.id()).await;
    let (desktop, state) = Computer::new().sign_in(&app, &clinic.admin().me.email).await;
    assert_eq!(step(&state), SecondFactorStep::Enrol);
    let shown = authenticator(desktop.begin_second_factor(None).await.unwrap());
    assert_eq!(code(desktop.finish_second_factor().await), CommandErrorCode::Unauthenticated);
    let codes = desktop.confirm_second_factor(shown.code(&app).code).await.unwrap();
    assert_eq!(codes.len(), 10);
    assert_eq!(step(&desktop.session_state()), SecondFactorStep::Enrol, "the codes are still shown");
    assert_eq!(code(desktop.members().await), CommandErrorCode::Unauthenticated);
    member(&desktop.finish_second_factor().await.unwrap());
    assert!(desktop.second_factor().await.unwrap().is_required);
    let refused = desktop.remove_second_factor(PASSWORD.into()).await;
    assert_eq!(code(refused), CommandErrorCode::SecondFactorRequired);
    desktop.close().await;
    app.finish().await;
}

/// The code of the invitation's mail.
async fn mailed(app: &TestApp, email: &str) -> SecretString {
    app.invitation_token(email).await.expect("an invitation was mailed")
}

/// The code of a later mail of the only invitation.
async fn mailed_again(app: &TestApp, earlier: &SecretString) -> SecretString {
    app.send_invitation_mails().await;
    let mails = app.mails();
    let codes = mails.iter().flat_map(|mail| mail.lines()).filter(|line| line.starts_with("mni_"));
    codes
        .map(str::trim)
        .find(|code| *code != earlier.expose_secret())
        .expect("another code was mailed")
        .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn invited_person_joins_changes_role_and_is_removed() {
    let app = TestApp::start().await;
    let clinic = app.clinic().await;
    let (admin, _) = Computer::new().sign_in(&app, &clinic.admin().me.email).await;
    let sent = admin.create_invitation(EMAIL.to_owned(), Role::Doctor, true).await.unwrap();
    let twice = admin.create_invitation(EMAIL.to_owned(), Role::Doctor, true).await;
    assert_eq!(code(twice), CommandErrorCode::InvalidInput);
    let first = mailed(&app, EMAIL).await;
    let renewed = admin.resend_invitation(sent.id).await.unwrap();
    assert_eq!((renewed.id, renewed.state), (sent.id, InvitationState::Open));
    let second = mailed_again(&app, &first).await;

    let computer = Computer::new();
    let doctor = computer.start(&app);
    assert_eq!(code(doctor.view_invitation(first).await), CommandErrorCode::CodeWrong);
    let offer = doctor.view_invitation(second.clone()).await.unwrap();
    assert_eq!((&*offer.clinic, &*offer.email), ("Lakeside Family Practice", EMAIL));
    assert!(!offer.has_account && offer.role == Role::Doctor);
    let accept = |password: &str| {
        doctor.accept_invitation(second.clone(), Some("Dora Doctor".to_owned()), password.into())
    };
    assert_eq!(code(accept("short").await), CommandErrorCode::InvalidInput);
    let state = accept(PASSWORD).await.unwrap();
    let me = member(&state).clone();
    assert!(me.role == Role::Doctor && me.signs && me.email == EMAIL);
    assert!(admin.invitations().await.unwrap().is_empty());

    // A doctor sees who is there, and changes nothing.
    let seen = doctor.members().await.unwrap();
    assert_eq!(seen.iter().map(|it| &*it.name).collect::<Vec<_>>(), ["Ada Admin", "Dora Doctor"]);
    assert!(seen.iter().all(|it| it.has_second_factor.is_none()));
    let to_admin = UpdateMember { role: Some(Role::Admin), signs: None };
    let denied = CommandErrorCode::PermissionDenied;
    assert_eq!(code(doctor.update_member(me.user, &to_admin).await), denied);
    assert_eq!(code(doctor.invitations().await), denied);

    let to_assistant = UpdateMember { role: Some(Role::Assistant), signs: Some(false) };
    let changed = admin.update_member(me.user, &to_assistant).await.unwrap();
    assert!(changed.role == Role::Assistant && !changed.signs);
    // The next answer tells the open window.
    let mut events = doctor.subscribe();
    doctor.own_clinics().await.unwrap();
    heard(&mut events, |event| matches!(event, ShellEvent::Session { .. })).await;
    assert_eq!(member(&doctor.session_state()).role, Role::Assistant);
    doctor.members().await.unwrap();
    assert!(!member(&doctor.session_state()).signs);
    let state = unlock_and_check(&doctor).await;
    assert!(member(&state).role == Role::Assistant && !member(&state).signs, "{state:?}");

    let ada = clinic.admin().me.user;
    assert_eq!(code(admin.update_member(ada, &to_assistant).await), CommandErrorCode::InvalidInput);
    assert_eq!(code(admin.leave_clinic(&HandOver::default()).await), CommandErrorCode::InvalidInput);
    member(&admin.session_state());
    let signs = UpdateMember { role: None, signs: Some(true) };
    admin.update_member(ada, &signs).await.unwrap();
    assert!(member(&admin.session_state()).signs, "the window knows at once");

    admin.remove_member(me.user, &HandOver::default()).await.unwrap();
    assert_eq!(admin.members().await.unwrap().len(), 1);
    // A session is known for a second at most.
    while doctor.own_clinics().await.is_ok() {
        tokio::task::yield_now().await;
    }
    let state = doctor.session_state();
    assert!(matches!(state, SessionState::Locked { needs_sign_in: true, .. }), "{state:?}");
    let sign_in = doctor.sign_in(EMAIL, PASSWORD.into()).await;
    assert_eq!(code(sign_in), CommandErrorCode::InvalidCredentials);

    let unwanted =
        admin.create_invitation("x@clinic.example".to_owned(), Role::Assistant, false).await.unwrap();
    admin.revoke_invitation(unwanted.id).await.unwrap();
    assert!(admin.invitations().await.unwrap().is_empty());
    app.send_invitation_mails().await;
    admin.close().await;
    app.finish().await;
}

/// The admin of one clinic, who is a doctor of another.
async fn join_other(app: &TestApp, clinic: &Clinic<'_>, other: &Clinic<'_>) -> String {
    let email = clinic.admin().me.email;
    let (admin, _) = Computer::new().sign_in(app, &other.admin().me.email).await;
    admin.create_invitation(email.clone(), Role::Doctor, false).await.unwrap();
    admin.close().await;
    let invited = Computer::new().start(app);
    let token = mailed(app, &email).await;
    let wrong = invited.accept_invitation(token.clone(), None, "not my password".into()).await;
    assert_eq!(code(wrong), CommandErrorCode::InvalidCredentials);
    let state = invited.accept_invitation(token, None, PASSWORD.into()).await.unwrap();
    assert_eq!(member(&state).organization, other.id());
    invited.close().await;
    email
}

#[tokio::test(flavor = "multi_thread")]
async fn each_clinic_has_a_store_of_its_own() {
    let app = TestApp::start().await;
    let (clinic, other) = (app.clinic().await, app.other_clinic().await);
    let email = join_other(&app, &clinic, &other).await;
    let computer = Computer::new();
    let (desktop, state) = computer.sign_in(&app, &email).await;
    let SessionState::ChooseClinic { clinics, .. } = &state else { panic!("{state:?}") };
    let names: Vec<_> = clinics.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["Hillview Orthopaedics", "Lakeside Family Practice"]);
    assert_eq!(code(desktop.members().await), CommandErrorCode::Unauthenticated);
    let stranger = app.other_clinic().await.id();
    assert_eq!(code(desktop.choose_clinic(stranger).await), CommandErrorCode::NotFound);
    let state = desktop.choose_clinic(clinic.id()).await.unwrap();
    assert_eq!((member(&state).organization, member(&state).role), (clinic.id(), Role::Admin));

    let record = read_file(&desktop, &computer.write_notes("Zebedee.pdf")).await;
    assert_eq!(code(desktop.switch_clinic(stranger).await), CommandErrorCode::NotFound);
    assert_eq!(record_count(&desktop).await, 1, "the session goes on");
    let state = desktop.switch_clinic(other.id()).await.unwrap();
    assert_eq!((member(&state).organization, member(&state).role), (other.id(), Role::Doctor));
    assert_eq!(code(desktop.record(record).await), CommandErrorCode::NotFound);
    assert_eq!(record_count(&desktop).await, 0);
    let current = desktop.own_clinics().await.unwrap().into_iter().find(|it| it.is_current).unwrap();
    assert_eq!(current.organization, other.id(), "the token is that of the other clinic");
    read_file(&desktop, &computer.write_notes("Quux.pdf")).await;

    // Lock and unlock stay in the clinic, also after the program was ended.
    desktop.close().await;
    let again = computer.start(&app);
    let SessionState::Locked { clinic: shown, .. } = again.session_state() else { panic!("it is locked") };
    assert_eq!(shown, "Hillview Orthopaedics");
    again.unlock(PASSWORD.into()).await.unwrap();
    assert_eq!(
        (record_count(&again).await, code(again.record(record).await)),
        (1, CommandErrorCode::NotFound)
    );
    again.switch_clinic(clinic.id()).await.unwrap();
    assert_eq!(again.record(record).await.unwrap().summary.title, "Zebedee");
    // Another password of the account seals all of them.
    let new_password = "a longer sentence of mine";
    again.change_password(PASSWORD.into(), new_password.into()).await.unwrap();
    again.switch_clinic(other.id()).await.unwrap();
    again.lock(LockReason::Key).await;
    assert_eq!(code(again.unlock(PASSWORD.into()).await), CommandErrorCode::WrongPassword);
    again.unlock(new_password.into()).await.unwrap();
    assert_eq!(record_count(&again).await, 1);

    // Who leaves is signed out, and belongs to one clinic.
    again.leave_clinic(&HandOver::default()).await.unwrap();
    assert_eq!(again.session_state(), SessionState::SignedOut);
    let state = again.sign_in(&email, new_password.into()).await.unwrap();
    assert_eq!(member(&state).organization, clinic.id());
    assert_eq!(again.record(record).await.unwrap().summary.title, "Zebedee");
    again.close().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clinic_that_requires_more_asks_for_it_at_the_switch() {
    let app = TestApp::start().await;
    let (clinic, other) = (app.clinic().await, app.other_clinic().await);
    let email = join_other(&app, &clinic, &other).await;
    require_second_factor(&app, other.id()).await;
    let computer = Computer::new();
    let (desktop, _) = computer.sign_in(&app, &email).await;
    desktop.choose_clinic(clinic.id()).await.unwrap();
    let record = read_file(&desktop, &computer.write_notes("Zebedee.pdf")).await;
    let state = desktop.switch_clinic(other.id()).await.unwrap();
    assert_eq!(step(&state), SecondFactorStep::Enrol);
    assert_eq!(code(desktop.record(record).await), CommandErrorCode::Unauthenticated);
    assert_eq!(code(desktop.begin_second_factor(None).await), CommandErrorCode::PasswordRequired);
    let shown = authenticator(desktop.begin_second_factor(Some(PASSWORD.into())).await.unwrap());
    desktop.confirm_second_factor(shown.code(&app).code).await.unwrap();
    let state = desktop.finish_second_factor().await.unwrap();
    assert_eq!(member(&state).organization, other.id());
    desktop.switch_clinic(clinic.id()).await.unwrap();
    assert_eq!(desktop.record(record).await.unwrap().summary.title, "Zebedee");
    desktop.close().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stricter_policy_asks_its_own_author_at_once() {
    let app = TestApp::start().await;
    let email = app.clinic().await.admin().me.email;
    let computer = Computer::new();
    let (desktop, _) = computer.sign_in(&app, &email).await;
    let policy = desktop.policy().await.unwrap();
    let idle = ClinicPolicy { idle_minutes: 5, ..policy };
    assert_eq!(desktop.save_policy(&idle).await.unwrap(), idle);
    assert_eq!(member(&desktop.session_state()).idle_minutes, 5);
    let bad = ClinicPolicy { session_hours: 25, ..idle.clone() };
    assert_eq!(code(desktop.save_policy(&bad).await), CommandErrorCode::InvalidInput);
    desktop.save_policy(&ClinicPolicy { requires_second_factor: true, ..idle }).await.unwrap();
    let state = desktop.session_state();
    assert!(matches!(state, SessionState::Locked { needs_sign_in: true, .. }), "{state:?}");
    let state = desktop.sign_in(&email, PASSWORD.into()).await.unwrap();
    assert_eq!(step(&state), SecondFactorStep::Enrol);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_no_other_clinic_is_switched_to() {
    let app = TestApp::start().await;
    let (clinic, other) = (app.clinic().await, app.other_clinic().await);
    let email = join_other(&app, &clinic, &other).await;
    let computer = Computer { folder: tempfile::tempdir().unwrap(), keychain: Arc::new(NoKeychain) };
    let (desktop, _) = computer.sign_in(&app, &email).await;
    let state = desktop.choose_clinic(clinic.id()).await.unwrap();
    assert!(matches!(state, SessionState::NoKeychain { .. }), "{state:?}");
    desktop.work_in_memory().await.unwrap();
    assert_eq!(code(desktop.switch_clinic(other.id()).await), CommandErrorCode::ReadOnly);
    assert_eq!(desktop.own_clinics().await.unwrap().len(), 2, "the session goes on");
    desktop.close().await;
    app.finish().await;
}
