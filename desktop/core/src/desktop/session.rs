//! The door: server, clinic, sign-in, lock, keychain.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use maneiro_api::{
    ErrorCode, RetryPolicy,
    account::{ConfirmRegistration, Login, MailLanguage, Register},
    client::{Client, ClientError},
};
use secrecy::SecretString;
use tokio::time::Instant;

use super::{
    account_file::{AccountFile, AccountKey, AccountSecrets, ClinicStore, DeviceSecret, account_name},
    state::{
        AccountAccess, ClinicDraft, Desktop, KeptSettings, OpenSession, Session, SignedIn, blocking, lock,
    },
};
use crate::{
    cloud::mail_outbox::MailOutbox,
    contract::{
        common::{CommandError, CommandErrorCode},
        events::ShellEvent,
        session::{
            KeychainFault, KeychainFaultReason, LockReason, Platform, PreferenceChanges, Preferences,
            ServerChoice, SessionState, SignedInMember, StartState, WindowLanguage,
        },
    },
    keychain::KeychainError,
    store::{Store, StoreKey},
};

/// How long a keychain may take to answer; see `keychain`.
const KEYCHAIN_SECONDS: u32 = 10;

/// Somebody waits for the answer of a server that may not be there.
const CHECK_RETRY: RetryPolicy = RetryPolicy::with_total_delay(Duration::from_secs(2));

/// Minutes after which a sign-in that nobody goes on with is forgotten: a half session lasts as long in the cloud.
const UNFINISHED_MINUTES: u32 = 10;

/// How soon a shorter time without use is noticed.
const IDLE_CHECK: Duration = Duration::from_secs(20);

/// A new clinic and its first member.
#[derive(Clone, serde::Deserialize)]
pub struct ClinicRequest {
    clinic: String,
    name: String,
    email: String,
    password: SecretString,
}

impl Desktop {
    /// Everything the first frame needs, from this computer alone.
    #[must_use]
    pub fn start(&self) -> StartState {
        StartState {
            version: self.shared.config.version.clone(),
            platform: platform(),
            server: self.server(),
            session: self.session_state(),
            preferences: lock(&self.shared.kept).preferences.clone(),
            page_base: self.shared.config.page_base.clone(),
        }
    }

    #[must_use]
    pub fn preferences(&self) -> Preferences {
        lock(&self.shared.kept).preferences.clone()
    }

    /// Changes some of the preferences and answers all.
    ///
    /// # Errors
    /// `DiskFull` if they cannot be kept.
    pub fn set_preferences(&self, changes: PreferenceChanges) -> Result<Preferences, CommandError> {
        self.keep(|kept| kept.preferences.apply(changes))?;
        Ok(self.preferences())
    }

    pub(super) fn keep(&self, change: impl FnOnce(&mut KeptSettings)) -> Result<(), CommandError> {
        let mut kept = lock(&self.shared.kept);
        change(&mut kept);
        kept.save(&self.shared.config.folder).map_err(|_| CommandErrorCode::DiskFull.into())
    }

    /// The server of this window.
    #[must_use]
    pub fn server(&self) -> ServerChoice {
        let kept = lock(&self.shared.kept);
        let preset = &self.shared.config.preset_server;
        let url = kept.server.clone().unwrap_or_else(|| preset.clone());
        ServerChoice { preset: url == *preset, url, version: kept.server_version.clone() }
    }

    /// Asks an address whether it is a Maneiro server this window can work with, and keeps nothing.
    ///
    /// # Errors
    /// `InvalidInput`, `ServerUnreachable`, `ServerNotManeiro`, `ServerTooOld`, `ServerTooNew`.
    pub async fn check_server(&self, url: &str) -> Result<ServerChoice, CommandError> {
        let url = if url.contains("://") { url.trim().to_owned() } else { format!("https://{}", url.trim()) };
        let client = Client::new(&url, CHECK_RETRY).map_err(|_| CommandErrorCode::InvalidInput)?;
        let host = client.base_url().host_str().unwrap_or_default().to_owned();
        let url = client.base_url().as_str().trim_end_matches('/').to_owned();
        let version = match client.server_version().await {
            Ok(version) => version,
            Err(ClientError::Unreachable(_) | ClientError::Unavailable) => {
                return Err(CommandError::from(CommandErrorCode::ServerUnreachable).with_text("url", host));
            }
            Err(ClientError::Api(_) | ClientError::InvalidResponse(_) | ClientError::File(_)) => {
                return Err(CommandError::from(CommandErrorCode::ServerNotManeiro).with_text("url", host));
            }
        };
        match major(&version).cmp(&major(&self.shared.config.version)) {
            std::cmp::Ordering::Less => {
                Err(CommandError::from(CommandErrorCode::ServerTooOld).with_text("version", version))
            }
            std::cmp::Ordering::Greater => {
                Err(CommandError::from(CommandErrorCode::ServerTooNew).with_text("version", version))
            }
            std::cmp::Ordering::Equal => {
                let preset = url == self.shared.config.preset_server;
                Ok(ServerChoice { url, preset, version: Some(version) })
            }
        }
    }

    /// Uses an address from now on; only while signed out.
    ///
    /// # Errors
    /// As [`Self::check_server`]; `InvalidInput` while signed in.
    pub async fn use_server(&self, url: &str) -> Result<ServerChoice, CommandError> {
        if !matches!(&*lock(&self.shared.session), Session::SignedOut) {
            return Err(CommandErrorCode::InvalidInput.into());
        }
        let server = self.check_server(url).await?;
        let kept = server.clone();
        self.keep(move |settings| {
            settings.server = Some(kept.url);
            settings.server_version = kept.version;
        })?;
        Ok(server)
    }

    pub(super) fn client(&self) -> Result<Client, CommandError> {
        Client::new(&self.server().url, self.shared.config.retry)
            .map_err(|_| CommandErrorCode::InvalidInput.into())
    }

    /// Asks for a clinic; a code is mailed, and the answer is the same whether the address is known.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn register(&self, clinic: ClinicRequest) -> Result<(), CommandError> {
        let register = Register { email: clinic.email.clone(), language: self.mail_language() };
        self.client()?.register(&register).await.map_err(|error| self.at_the_door(error))?;
        self.note_server();
        *lock(&self.shared.registration) = Some(ClinicDraft {
            clinic: clinic.clinic,
            name: clinic.name,
            email: clinic.email,
            password: clinic.password,
        });
        Ok(())
    }

    /// The language of the window, for mails that are asked for in it.
    pub(super) fn mail_language(&self) -> MailLanguage {
        match self.preferences().language {
            WindowLanguage::En => MailLanguage::En,
            WindowLanguage::Es => MailLanguage::Es,
        }
    }

    /// The mailed code, where the server's mail lies on this computer (embedded cloud); none elsewhere.
    pub async fn mailed_code(&self, email: &str) -> Option<String> {
        let outbox = MailOutbox::new(self.shared.config.mail_outbox.clone()?);
        if !self.server().preset {
            return None;
        }
        outbox.wait_for_code(email, None).await
    }

    /// Makes clinic, account and session of the mailed code.
    ///
    /// # Errors
    /// `CodeWrong`, `CodeExpired`; `CodeExpired` too if this window did not ask for the code.
    pub async fn confirm_registration(&self, email: &str, code: &str) -> Result<SessionState, CommandError> {
        let pending = lock(&self.shared.registration).clone().filter(|pending| pending.email == email);
        let pending = pending.ok_or(CommandErrorCode::CodeExpired)?;
        let confirm = ConfirmRegistration {
            email: pending.email,
            code: code.to_owned().into(),
            clinic: pending.clinic,
            name: pending.name,
            password: pending.password.clone(),
        };
        let response =
            self.client()?.confirm_registration(&confirm).await.map_err(|error| self.at_the_door(error))?;
        *lock(&self.shared.registration) = None;
        let access = AccountAccess::Password(pending.password);
        self.continue_sign_in(SignedIn::new(response, access).in_chosen_clinic()).await
    }

    /// # Errors
    /// `InvalidCredentials`; those of the call and of the store.
    pub async fn sign_in(&self, email: &str, password: SecretString) -> Result<SessionState, CommandError> {
        let login = Login { email: email.to_owned(), password: password.clone(), organization: None };
        let response = self.client()?.login(&login).await.map_err(|error| self.at_the_door(error))?;
        self.note_server();
        self.continue_sign_in(SignedIn::new(response, AccountAccess::Password(password))).await
    }

    /// Goes on with a session that the cloud began: asks for what it lacks, then for the clinic, then opens its store.
    ///
    /// # Errors
    /// Those of the call and of the store.
    pub(super) async fn continue_sign_in(&self, signed_in: SignedIn) -> Result<SessionState, CommandError> {
        if let Some(step) = signed_in.missing_step {
            return Ok(self.set_session(Session::SecondFactor { step, signed_in: Box::new(signed_in) }));
        }
        if !signed_in.is_clinic_chosen {
            let client = self.client()?.with_token(signed_in.token.clone());
            let clinics = client.own_clinics().await.map_err(|error| self.at_the_door(error))?;
            if clinics.len() > 1 {
                let signed_in = Box::new(signed_in);
                return Ok(self.set_session(Session::ChooseClinic { clinics, signed_in }));
            }
        }
        self.open_signed_in(signed_in).await
    }

    /// Keeps the version of a server that answered, for what the door and About say of it.
    fn note_server(&self) {
        let desktop = self.clone();
        tokio::spawn(async move {
            let Ok(client) = desktop.client() else { return };
            if let Ok(version) = client.server_version().await
                && desktop.keep(|kept| kept.server_version = Some(version)).is_err()
            {
                tracing::warn!("the server's version could not be kept");
            }
        });
    }

    /// At the door an unreachable server is named: its address may be the mistake.
    pub(super) fn at_the_door(&self, error: ClientError) -> CommandError {
        match error {
            ClientError::Unreachable(_) => {
                CommandError::from(CommandErrorCode::ServerUnreachable).with_text("url", self.server().url)
            }
            error => error.into(),
        }
    }

    /// Opens the store of a new session, if there is a keychain for its key.
    async fn open_signed_in(&self, signed_in: SignedIn) -> Result<SessionState, CommandError> {
        let (desktop, unsealing) = (self.clone(), signed_in.clone());
        let key = match blocking(move || desktop.account_key(&unsealing)).await {
            Ok(key) => key,
            Err(fault) => {
                return Ok(self.set_session(Session::NoKeychain { fault, signed_in: Box::new(signed_in) }));
            }
        };
        let (account, store) = self.seal_account(&signed_in, &key)?;
        let client = self.client()?.with_token(signed_in.token);
        let open = self.open_session(client, &account, &store, key, signed_in.me).await?;
        Ok(self.set_session(Session::Open(open)))
    }

    pub(super) fn find_device_secret(&self) -> Result<DeviceSecret, KeychainFault> {
        let config = &self.shared.config;
        DeviceSecret::find(config.store_key.as_ref(), &*config.keychain, &*config.random)
            .map_err(keychain_fault)
    }

    /// The account of a new session, if something of it is kept on this computer.
    fn kept_account(&self, signed_in: &SignedIn) -> Option<AccountFile> {
        let name = account_name(&self.server().url, &signed_in.me.user.to_string());
        AccountFile::load(&self.shared.config.folder, &name)
    }

    /// The key that the account of a new session is sealed with. Blocks for a quarter of a second.
    fn account_key(&self, signed_in: &SignedIn) -> Result<AccountKey, KeychainFault> {
        let password = match &signed_in.access {
            AccountAccess::Key(key) => return Ok(key.clone()),
            AccountAccess::Password(password) => password,
        };
        let device = self.find_device_secret()?;
        let known = self.kept_account(signed_in).and_then(|kept| kept.key(password, &device).ok());
        Ok(known.unwrap_or_else(|| AccountKey::generate(password, &device, &*self.shared.config.random)))
    }

    /// Seals the account with a new session in it, and finds the store of its clinic. Its stores stay the same if the key opens
    /// what was sealed before; the folders of what another password sealed stay as they are, and others are begun beside them.
    fn seal_account(
        &self,
        signed_in: &SignedIn,
        key: &AccountKey,
    ) -> Result<(AccountFile, ClinicStore), CommandError> {
        let config = &self.shared.config;
        let before = self.kept_account(signed_in).map(|kept| kept.open(key));
        let stores = match (before, &signed_in.access) {
            (Some(Ok(secrets)), _) => secrets.stores,
            (Some(Err(_)), AccountAccess::Key(_)) => return Err(CommandErrorCode::StoreDamaged.into()),
            (Some(Err(_)), AccountAccess::Password(_)) | (None, _) => Vec::new(),
        };
        let mut secrets = AccountSecrets { token: signed_in.token.clone(), me: signed_in.me.clone(), stores };
        let store = match secrets.store() {
            Some(store) => store.clone(),
            None => {
                let store = ClinicStore {
                    organization: signed_in.me.organization,
                    folder: self.new_uuid().simple().to_string(),
                    key: StoreKey::generate(&*config.random).digits(),
                };
                secrets.stores.push(store.clone());
                store
            }
        };
        let server = self.server().url;
        let account = AccountFile::seal(&server, signed_in.expires_at, &secrets, key, &*config.random);
        account.save(&config.folder).map_err(|_| CommandErrorCode::DiskFull)?;
        self.keep(|kept| kept.account = Some(account.account()))?;
        Ok((account, store))
    }

    async fn open_session(
        &self,
        client: Client,
        account: &AccountFile,
        store: &ClinicStore,
        key: AccountKey,
        me: SignedInMember,
    ) -> Result<Arc<OpenSession>, CommandError> {
        let store_key = StoreKey::parse(&store.key)?;
        let folder = account.store_folder(&self.shared.config.folder, store);
        let store = Store::open(&folder, &store_key).await?;
        Ok(Arc::new(OpenSession::new(client, store, me, Some(key))))
    }

    /// Opens the local store again with the password alone, also without network.
    ///
    /// # Errors
    /// `WrongPassword`; `SessionEnded` if only a full sign-in opens; `KeychainUnavailable`.
    pub async fn unlock(&self, password: SecretString) -> Result<SessionState, CommandError> {
        let account = match &*lock(&self.shared.session) {
            Session::Locked { account, needs_sign_in: false, .. } => (**account).clone(),
            Session::Locked { .. } => return Err(CommandErrorCode::SessionEnded.into()),
            Session::SignedOut
            | Session::SecondFactor { .. }
            | Session::ChooseClinic { .. }
            | Session::NoKeychain { .. }
            | Session::Open(_) => return Err(CommandErrorCode::Unauthenticated.into()),
        };
        if account.expires_at <= self.now() {
            self.set_session(Session::Locked {
                account: Box::new(account),
                reason: LockReason::Start,
                needs_sign_in: true,
            });
            return Err(CommandErrorCode::SessionEnded.into());
        }
        let desktop = self.clone();
        let sealed = account.clone();
        let (key, secrets) = blocking(move || desktop.open_secrets(&sealed, &password)).await?;
        let store = secrets.store().ok_or(CommandErrorCode::StoreDamaged)?.clone();
        let client = self.client()?.with_token(secrets.token);
        let open = self.open_session(client, &account, &store, key, secrets.me).await?;
        let state = self.set_session(Session::Open(Arc::clone(&open)));
        let desktop = self.clone();
        tokio::spawn(async move { desktop.check_session(&open).await });
        Ok(state)
    }

    /// What this computer keeps of an account, opened with its key. Blocks for a quarter of a second.
    ///
    /// # Errors
    /// `WrongPassword`; `KeychainUnavailable`.
    pub(super) fn open_secrets(
        &self,
        account: &AccountFile,
        password: &SecretString,
    ) -> Result<(AccountKey, AccountSecrets), CommandError> {
        let device = self.find_device_secret().map_err(|_| CommandErrorCode::KeychainUnavailable)?;
        let key = account.key(password, &device).map_err(|_| CommandErrorCode::StoreDamaged)?;
        let secrets = account.open(&key).map_err(|_| CommandErrorCode::WrongPassword)?;
        Ok((key, secrets))
    }

    /// Asks the cloud whether the session goes on, and what it knows of the member.
    pub(super) async fn check_session(&self, session: &Arc<OpenSession>) {
        match session.client.me().await {
            Ok(me) => self.set_member(session, me.into()),
            // The clinic may require a second factor meanwhile: the sign-in asks for it.
            Err(ClientError::Api(body))
                if matches!(body.code, ErrorCode::Unauthenticated | ErrorCode::SecondFactorRequired) =>
            {
                if self.is_current(session) {
                    self.lock_with(LockReason::Start, true).await;
                }
            }
            // Without the cloud the session goes on until its absolute end.
            Err(_) => {}
        }
    }

    /// Takes what the cloud knows of the member of a session.
    pub(super) fn set_member(&self, session: &Arc<OpenSession>, me: SignedInMember) {
        *lock(&session.me) = me;
        if self.is_current(session) {
            self.emit(ShellEvent::Session { session: self.session_state() });
        }
    }

    /// Closes the store and forgets the keys; the shell then reloads the web view.
    pub async fn lock(&self, reason: LockReason) {
        self.lock_with(reason, false).await;
    }

    pub(super) async fn lock_with(&self, reason: LockReason, needs_sign_in: bool) {
        let kept = lock(&self.shared.kept).account.clone();
        let account = kept.and_then(|account| AccountFile::load(&self.shared.config.folder, &account));
        let next = match account {
            Some(account) => Session::Locked { account: Box::new(account), reason, needs_sign_in },
            // What was kept in memory only is gone with the session.
            None => Session::SignedOut,
        };
        self.close_session(next).await;
    }

    /// Replaces an open session by another state and closes its store.
    pub(super) async fn close_session(&self, next: Session) {
        self.leave_session(next).await;
        self.emit(ShellEvent::Session { session: self.session_state() });
    }

    /// As [`Self::close_session`], without telling the window: another session follows at once.
    pub(super) async fn leave_session(&self, next: Session) {
        let before = std::mem::replace(&mut *lock(&self.shared.session), next);
        lock(&self.shared.offers).clear();
        if let Session::Open(open) = before {
            open.stop();
            open.store.close().await;
        }
    }

    /// A key or the pointer was used.
    pub fn active(&self) {
        *lock(&self.shared.active_at) = Instant::now();
    }

    /// Locks the window whenever nobody has used it for a while, and forgets a sign-in that nobody finishes. Never returns.
    pub async fn lock_when_idle(&self) {
        loop {
            let active_at = *lock(&self.shared.active_at);
            let minutes = self.session().map_or(UNFINISHED_MINUTES, |session| session.member().idle_minutes);
            let idle_at = active_at + Duration::from_secs(u64::from(minutes) * 60);
            tokio::time::sleep_until(idle_at.min(Instant::now() + IDLE_CHECK)).await;
            if idle_at <= Instant::now() && *lock(&self.shared.active_at) == active_at {
                self.leave_idle().await;
                self.active();
            }
        }
    }

    async fn leave_idle(&self) {
        let is_open = match &*lock(&self.shared.session) {
            Session::Open(_) => true,
            Session::SecondFactor { .. } | Session::ChooseClinic { .. } | Session::NoKeychain { .. } => false,
            Session::SignedOut | Session::Locked { .. } => return,
        };
        if is_open {
            self.lock(LockReason::Idle).await;
        } else if let Err(error) = self.sign_out().await {
            tracing::warn!(code = ?error.code, "it cannot be kept that nobody is signed in");
        }
    }

    /// Stops all work and closes the store: the program ends.
    pub async fn close(&self) {
        if let Ok(session) = self.session() {
            session.stop();
            session.store.close().await;
        }
    }

    /// Ends the session here and, if it can be reached, in the cloud.
    ///
    /// # Errors
    /// `DiskFull` if it cannot be kept that nobody is signed in.
    pub async fn sign_out(&self) -> Result<(), CommandError> {
        let client = self.session_client();
        self.keep(|kept| kept.account = None)?;
        self.close_session(Session::SignedOut).await;
        if let Some(client) = client
            && let Err(error) = client.logout().await
        {
            tracing::warn!(error = %error, "the cloud does not know yet that the session ended");
        }
        Ok(())
    }

    /// A client with the token of the session, also of one that is not open yet.
    fn session_client(&self) -> Option<Client> {
        let token = match &*lock(&self.shared.session) {
            Session::SignedOut | Session::Locked { .. } => return None,
            Session::Open(open) => return Some(open.client.clone()),
            Session::SecondFactor { signed_in, .. }
            | Session::ChooseClinic { signed_in, .. }
            | Session::NoKeychain { signed_in, .. } => signed_in.token.clone(),
        };
        Some(self.client().ok()?.with_token(token))
    }

    /// Tries the keychain again.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn look_for_keychain(&self) -> Result<SessionState, CommandError> {
        match self.without_keychain() {
            Some(signed_in) => self.open_signed_in(signed_in).await,
            None => Ok(self.session_state()),
        }
    }

    /// Goes on without a keychain: nothing is kept on this computer.
    ///
    /// # Errors
    /// `Unauthenticated` unless signed in without a keychain; those of the store.
    pub async fn work_in_memory(&self) -> Result<SessionState, CommandError> {
        let signed_in = self.without_keychain().ok_or(CommandErrorCode::Unauthenticated)?;
        let store = Store::in_memory().await?;
        let client = self.client()?.with_token(signed_in.token);
        let open = OpenSession::new(client, store, signed_in.me, None);
        Ok(self.set_session(Session::Open(Arc::new(open))))
    }

    fn without_keychain(&self) -> Option<SignedIn> {
        match &*lock(&self.shared.session) {
            Session::NoKeychain { signed_in, .. } => Some((**signed_in).clone()),
            Session::SignedOut
            | Session::SecondFactor { .. }
            | Session::ChooseClinic { .. }
            | Session::Locked { .. }
            | Session::Open(_) => None,
        }
    }

    pub(super) fn set_session(&self, session: Session) -> SessionState {
        self.active();
        *lock(&self.shared.session) = session;
        let state = self.session_state();
        self.emit(ShellEvent::Session { session: state.clone() });
        if let Ok(session) = self.session() {
            self.resume_work(&session);
        }
        state
    }

    /// The session as the window sees it.
    #[must_use]
    pub fn session_state(&self) -> SessionState {
        match &*lock(&self.shared.session) {
            Session::SignedOut => SessionState::SignedOut,
            Session::SecondFactor { step, signed_in } => SessionState::SecondFactor {
                step: *step,
                email: signed_in.me.email.clone(),
                clinic: signed_in.me.clinic.clone(),
            },
            Session::ChooseClinic { clinics, signed_in } => {
                SessionState::ChooseClinic { email: signed_in.me.email.clone(), clinics: clinics.clone() }
            }
            Session::NoKeychain { fault, signed_in } => {
                SessionState::NoKeychain { fault: fault.clone(), email: signed_in.me.email.clone() }
            }
            Session::Locked { account, reason, needs_sign_in } => account.locked(*reason, *needs_sign_in),
            Session::Open(open) => SessionState::Open { me: open.member(), read_only: open.read_only },
        }
    }
}

impl OpenSession {
    /// Without a key nothing is kept on this computer.
    fn new(client: Client, store: Store, me: SignedInMember, key: Option<AccountKey>) -> Self {
        Self {
            client,
            me: Mutex::new(me),
            store,
            read_only: key.is_none(),
            account_key: Mutex::new(key),
            readings: Mutex::default(),
            runs: Mutex::default(),
            renderers: tokio::sync::Mutex::default(),
            previews: Mutex::default(),
            drawings: Mutex::default(),
            found_lines: Mutex::default(),
            report_options: Mutex::default(),
            pictures: Mutex::default(),
            offline_since: Mutex::default(),
            outbox: tokio::sync::Notify::default(),
            edits: tokio::sync::Mutex::default(),
            watch: Mutex::default(),
            tasks: Mutex::default(),
        }
    }
}

fn keychain_fault(error: Option<KeychainError>) -> KeychainFault {
    let (number, reason, seconds) = match error {
        Some(KeychainError::Unavailable) => ("KEYCHAIN-01", KeychainFaultReason::NoService, 0),
        Some(KeychainError::Locked) => ("KEYCHAIN-02", KeychainFaultReason::NoAnswer, KEYCHAIN_SECONDS),
        Some(KeychainError::Refused) => ("KEYCHAIN-03", KeychainFaultReason::Denied, 0),
        None => ("KEYCHAIN-04", KeychainFaultReason::NotKept, 0),
    };
    KeychainFault { number: number.to_owned(), reason, seconds }
}

/// Windows and servers of one major version work together; before 1.0 that is the minor one (semver.org, item 4).
fn major(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    match (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) {
        (0, minor) => (0, minor),
        (major, _) => (major, 0),
    }
}

fn platform() -> Platform {
    if cfg!(windows) {
        Platform::Windows
    } else if cfg!(target_os = "macos") {
        Platform::Macos
    } else {
        Platform::Linux
    }
}
