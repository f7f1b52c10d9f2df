//! The state behind the window: the session, its store, and what runs in it.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use maneiro_api::{
    AnalysisId, DocumentId, RecordId, RetryPolicy,
    account::{LoginResponse, SecondFactorStep},
    analysis::Analysis,
    branding::{ClinicLetterhead, SignerBlock},
    client::Client,
    member::OwnClinic,
    signature::ReportSignature,
};
use maneiro_report::{PageLink, Report, Signer};
use secrecy::SecretString;
use time::Date;
use tokio::{
    sync::{Notify, broadcast, oneshot},
    task::JoinHandle,
};
use uuid::Uuid;

use super::{
    account_file::{AccountFile, AccountKey},
    renderer::SharedRenderer,
};
use crate::{
    contract::{
        common::{CommandError, CommandErrorCode, Timestamp},
        events::ShellEvent,
        report::ReportOptions,
        review::{AnalysisRun, UnusedLine},
        session::{KeychainFault, LockReason, Preferences, SignedInMember},
    },
    files::{DataFolder, SourceFile},
    keychain::Keychain,
    store::Store,
    system::{Random, WallClock, new_uuid},
};

/// How many events may wait for a window that does not listen; it then asks anew.
const MAX_WAITING_EVENTS: usize = 1024;

/// How often what waits for the network is tried again.
pub(super) const RETRY_INTERVAL: Duration = Duration::from_secs(15);

/// What the shell gives to the state behind its window.
pub struct DesktopConfig {
    pub version: String,
    pub folder: DataFolder,
    pub keychain: Arc<dyn Keychain>,
    /// From `MANEIRO_STORE_KEY`; the keychain is then not asked.
    pub store_key: Option<SecretString>,
    /// The address that the app is shipped with, or that of `MANEIRO_CLOUD_URL`.
    pub preset_server: String,
    /// Where the embedded cloud puts its mail, if the server is one.
    pub mail_outbox: Option<PathBuf>,
    /// The binary that becomes a page worker, usually the running one.
    pub worker: PathBuf,
    /// Where the window fetches images, with its secret in the path and no slash at the end.
    pub page_base: String,
    /// The record of a synthetic patient.
    pub sample_record: &'static [u8],
    pub retry: RetryPolicy,
    pub random: Arc<dyn Random>,
    pub clock: Arc<dyn WallClock>,
}

/// The state behind the window. Clones share it.
#[derive(Clone)]
pub struct Desktop {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) config: DesktopConfig,
    pub(super) events: broadcast::Sender<ShellEvent>,
    pub(super) session: Mutex<Session>,
    pub(super) kept: Mutex<KeptSettings>,
    pub(super) offers: Mutex<HashMap<String, Offer>>,
    /// A registration whose code was not given yet.
    pub(super) registration: Mutex<Option<ClinicDraft>>,
    /// When a key or the pointer was last used.
    pub(super) active_at: Mutex<tokio::time::Instant>,
}

/// A clinic that is made by a mailed code.
#[derive(Clone)]
pub(super) struct ClinicDraft {
    pub(super) clinic: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) password: SecretString,
}

/// What this computer keeps in clear: nothing of a patient.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct KeptSettings {
    pub(super) server: Option<String>,
    pub(super) server_version: Option<String>,
    /// The account whose session goes on, locked or not.
    pub(super) account: Option<String>,
    pub(super) preferences: Preferences,
}

pub(super) enum Session {
    SignedOut,
    /// The password was right, and the cloud asks for more. At the end of an enrolment nothing is missing any more, but the
    /// recovery codes are still shown.
    SecondFactor {
        step: SecondFactorStep,
        signed_in: Box<SignedIn>,
    },
    /// Signed in, but not yet into one of several clinics.
    ChooseClinic {
        clinics: Vec<OwnClinic>,
        signed_in: Box<SignedIn>,
    },
    /// Signed in, but there is nowhere to keep the store's key.
    NoKeychain {
        fault: KeychainFault,
        signed_in: Box<SignedIn>,
    },
    Locked {
        account: Box<AccountFile>,
        reason: LockReason,
        needs_sign_in: bool,
    },
    Open(Arc<OpenSession>),
}

/// A session of the cloud before its store is open.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) token: SecretString,
    pub(super) expires_at: Timestamp,
    pub(super) me: SignedInMember,
    /// What the cloud asks for before the session reaches anything else.
    pub(super) missing_step: Option<SecondFactorStep>,
    pub(super) access: AccountAccess,
    /// Whether the user said in which of their clinics to work.
    pub(super) is_clinic_chosen: bool,
}

/// What opens and seals the account on this computer.
#[derive(Clone)]
pub(super) enum AccountAccess {
    /// Just given.
    Password(SecretString),
    /// That of the open session in place of which another one began.
    Key(AccountKey),
}

impl SignedIn {
    pub(super) fn new(response: LoginResponse, access: AccountAccess) -> Self {
        Self {
            token: response.token,
            expires_at: Timestamp(response.expires_at),
            me: response.me.into(),
            missing_step: response.second_factor,
            access,
            is_clinic_chosen: false,
        }
    }

    /// The same session in the clinic that the user chose.
    pub(super) fn in_chosen_clinic(self) -> Self {
        Self { is_clinic_chosen: true, ..self }
    }
}

/// A session whose store is open.
pub(super) struct OpenSession {
    pub(super) client: Client,
    pub(super) me: Mutex<SignedInMember>,
    pub(super) store: Store,
    /// Absent if nothing is kept on this computer.
    pub(super) account_key: Mutex<Option<AccountKey>>,
    /// Nothing is kept on this computer.
    pub(super) read_only: bool,
    pub(super) readings: Mutex<HashMap<RecordId, ReadingTask>>,
    pub(super) runs: Mutex<HashMap<RecordId, RunTask>>,
    pub(super) renderers: tokio::sync::Mutex<Vec<(DocumentId, SharedRenderer)>>,
    pub(super) previews: Mutex<Vec<(String, Arc<Preview>)>>,
    /// Typeset reports by the digest of what they are made of, the latest last.
    pub(super) drawings: Mutex<Vec<(String, Arc<Drawing>)>>,
    /// The unused lines of the analysis that was reviewed last.
    pub(super) found_lines: Mutex<Option<FoundLines>>,
    /// What was last chosen for the report of a record.
    pub(super) report_options: Mutex<HashMap<RecordId, ReportOptions>>,
    /// PNG images by their handles, the latest last.
    pub(super) pictures: Mutex<Vec<(String, Arc<[u8]>)>>,
    pub(super) offline_since: Mutex<Option<Timestamp>>,
    /// Told of each change that is to be sent.
    pub(super) outbox: Notify,
    /// Held by whoever sends edits or keeps those of others.
    pub(super) edits: tokio::sync::Mutex<()>,
    /// The analysis whose edits are followed.
    pub(super) watch: Mutex<Option<AnalysisWatch>>,
    /// What runs as long as the session.
    pub(super) tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// A task that follows what others do to an analysis.
pub(super) struct AnalysisWatch {
    pub(super) analysis: AnalysisId,
    pub(super) task: JoinHandle<()>,
}

/// A reading that goes on.
pub(super) struct ReadingTask {
    pub(super) task: JoinHandle<()>,
    pub(super) rate: Arc<Mutex<ReadingRate>>,
}

/// How quick a reading is.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadingRate {
    pub(super) started: tokio::time::Instant,
    pub(super) pages: u32,
    pub(super) shown: Option<tokio::time::Instant>,
    pub(super) listed: Option<tokio::time::Instant>,
}

/// An analysis that goes on, or the last one if it failed.
pub(super) struct RunTask {
    pub(super) task: JoinHandle<()>,
    pub(super) run: Option<AnalysisRun>,
}

/// A drawn report.
pub(super) struct Preview {
    pub(super) record: RecordId,
    pub(super) source: ReportSource,
    pub(super) pdf: SourceFile,
    pub(super) renderer: SharedRenderer,
}

/// The unused lines of an analysis, before those are taken out that readers' statements rest on. Found once, as each page has
/// to be opened for it.
pub(super) struct FoundLines {
    pub(super) key: FoundLinesKey,
    pub(super) lines: Arc<[UnusedLine]>,
}

/// What the lines depend on: the analysis, and which pages of which files are where in the record.
pub(super) type FoundLinesKey = (AnalysisId, Vec<(DocumentId, u32, usize)>);

/// A typeset report.
pub(super) struct Drawing {
    pub(super) pdf: SourceFile,
    /// The page references of each page.
    pub(super) links: Vec<Vec<PageLink>>,
}

/// What a report is made of.
#[derive(Clone)]
pub(super) struct ReportSource {
    pub(super) options: ReportOptions,
    /// The day on which it is drawn.
    pub(super) date: Date,
    /// None on a plain report.
    pub(super) letterhead: Option<ClinicLetterhead>,
    pub(super) title: String,
    pub(super) analysis: Analysis,
    /// What stands below the signature, of whoever may sign or has signed.
    pub(super) block: Option<SignerBlock>,
    /// None in a draft.
    pub(super) signature: Option<ReportSignature>,
}

impl ReportSource {
    pub(super) fn report(&self) -> Report<'_> {
        let signature = self.signature.as_ref();
        Report {
            letterhead: self.letterhead.as_ref(),
            options: &self.options,
            date: self.date,
            record_title: &self.title,
            analysis: &self.analysis,
            signer: self.block.as_ref().map(|block| Signer { block, signature }),
        }
    }
}

/// A file that the window was offered.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) name: String,
    pub(super) media_type: Option<String>,
    pub(super) bytes: u64,
    pub(super) path: PathBuf,
    /// The bytes of what lies nowhere on the disk.
    pub(super) content: Option<Arc<[u8]>>,
}

impl Desktop {
    /// The state at the start: what was kept, and the session locked or signed out.
    #[must_use]
    pub fn new(config: DesktopConfig) -> Self {
        let kept = KeptSettings::load(&config.folder);
        let account = kept.account.as_deref().and_then(|account| AccountFile::load(&config.folder, account));
        let session = match account {
            Some(account) => {
                let needs_sign_in = account.expires_at.0 <= config.clock.now();
                Session::Locked { account: Box::new(account), reason: LockReason::Start, needs_sign_in }
            }
            None => Session::SignedOut,
        };
        let (events, _) = broadcast::channel(MAX_WAITING_EVENTS);
        let shared = Shared {
            config,
            events,
            session: Mutex::new(session),
            kept: Mutex::new(kept),
            offers: Mutex::default(),
            registration: Mutex::default(),
            active_at: Mutex::new(tokio::time::Instant::now()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Every event from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<ShellEvent> {
        self.shared.events.subscribe()
    }

    /// Tells the window. Without a window nobody hears it, which is no error.
    pub fn emit(&self, event: ShellEvent) {
        let _ = self.shared.events.send(event);
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp(self.shared.config.clock.now())
    }

    pub(super) fn new_uuid(&self) -> Uuid {
        new_uuid(&*self.shared.config.clock, &*self.shared.config.random)
    }

    /// The open session.
    ///
    /// # Errors
    /// `Locked` or `Unauthenticated`.
    pub(super) fn session(&self) -> Result<Arc<OpenSession>, CommandError> {
        match &*lock(&self.shared.session) {
            Session::Open(open) => Ok(Arc::clone(open)),
            Session::Locked { .. } => Err(CommandErrorCode::Locked.into()),
            Session::SignedOut
            | Session::SecondFactor { .. }
            | Session::ChooseClinic { .. }
            | Session::NoKeychain { .. } => Err(CommandErrorCode::Unauthenticated.into()),
        }
    }

    /// The open session, if things may be kept.
    ///
    /// # Errors
    /// As [`Self::session`]; `ReadOnly`.
    pub(super) fn writable_session(&self) -> Result<Arc<OpenSession>, CommandError> {
        let session = self.session()?;
        if session.read_only { Err(CommandErrorCode::ReadOnly.into()) } else { Ok(session) }
    }

    /// Whether a session is still the open one: work that began in another must not be seen in this one.
    pub(super) fn is_current(&self, session: &Arc<OpenSession>) -> bool {
        matches!(&*lock(&self.shared.session), Session::Open(open) if Arc::ptr_eq(open, session))
    }
}

impl OpenSession {
    /// Stops what runs in it.
    pub(super) fn stop(&self) {
        for (_, reading) in lock(&self.readings).drain() {
            reading.task.abort();
        }
        for (_, run) in lock(&self.runs).drain() {
            run.task.abort();
        }
        if let Some(watch) = lock(&self.watch).take() {
            watch.task.abort();
        }
        for task in lock(&self.tasks).drain(..) {
            task.abort();
        }
    }

    pub(super) fn member(&self) -> SignedInMember {
        lock(&self.me).clone()
    }

    /// The reading of a record that goes on, if there is one.
    pub(super) fn reading_rate(&self, record: RecordId) -> Option<ReadingRate> {
        let readings = lock(&self.readings);
        let reading = readings.get(&record).filter(|reading| !reading.task.is_finished())?;
        Some(*lock(&reading.rate))
    }

    /// A drawn report.
    pub(super) fn preview(&self, name: &str) -> Result<Arc<Preview>, CommandError> {
        let previews = lock(&self.previews);
        let found = previews.iter().find(|(known, _)| known == name);
        found.map(|(_, preview)| Arc::clone(preview)).ok_or_else(|| CommandErrorCode::NotFound.into())
    }

    pub(super) fn run(&self, record: RecordId) -> Option<AnalysisRun> {
        lock(&self.runs).get(&record)?.run.clone()
    }
}

impl KeptSettings {
    const FILE: &str = "settings.json";

    /// What cannot be read is as if it was never set.
    fn load(folder: &DataFolder) -> Self {
        let text = std::fs::read(folder.join(Self::FILE)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub(super) fn save(&self, folder: &DataFolder) -> std::io::Result<()> {
        folder.create()?;
        let text = serde_json::to_vec_pretty(self).expect("settings have string keys only");
        crate::files::write_atomically(&folder.join(Self::FILE), &text)
    }
}

/// A panic under the lock leaves nothing half-done: every change under these locks is one assignment.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs what blocks on a thread of its own.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, outcome) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        // Nobody waits any more if the window was reloaded.
        let _ = done.send(work());
    });
    outcome.await.expect("the thread answers unless it panics")
}
