//! The real `maneiro-cloud worker` in a process of its own, to be killed, paused and stopped by the operating system.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use maneiro_cloud::config::ObjectStoreConfig;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use secrecy::ExposeSecret as _;
use tokio::process::{Child, Command};
use url::Url;

use crate::{app::TestApp, binaries::binary_path};

static STARTED: AtomicU32 = AtomicU32::new(0);

/// A running `maneiro-cloud worker`. Dropping it kills the process.
pub struct WorkerProcess {
    child: Child,
    log: PathBuf,
}

impl TestApp {
    /// Starts a worker with the same data that uses the object store at `objects`.
    ///
    /// # Panics
    /// If the program was not built.
    #[must_use]
    pub fn worker_process(&self, objects: &Url, settings: &[(&str, &str)]) -> WorkerProcess {
        let stores = self.storage_config();
        let ObjectStoreConfig { region, bucket, credentials, .. } = stores.objects;
        let (id, secret) = credentials.expect("the object store of tests has credentials");
        let log = self.folder.path().join(format!("worker-{}.log", STARTED.fetch_add(1, Ordering::Relaxed)));
        let child = Command::new(binary_path("maneiro-cloud"))
            .arg("worker")
            .env_clear()
            .env("MANEIRO_DATABASE_URL", stores.database.url.expose_secret())
            .env("MANEIRO_DATABASE_CONNECTIONS", "6")
            .env("MANEIRO_S3_ENDPOINT", objects.as_str())
            .env("MANEIRO_S3_REGION", region)
            .env("MANEIRO_S3_BUCKET", bucket)
            .env("MANEIRO_S3_ACCESS_KEY_ID", id)
            .env("MANEIRO_S3_SECRET_ACCESS_KEY", secret.expose_secret())
            .env("MANEIRO_MASTER_KEY_FILE", stores.master_keys.file)
            .env("MANEIRO_SMTP_URL", "smtp://127.0.0.1:9?tls=none")
            .env("MANEIRO_MAIL_FROM", "no-reply@clinics.example")
            .env("MANEIRO_JOB_LEASE_MS", "900")
            .env("MANEIRO_JOB_HEARTBEAT_MS", "250")
            .env("MANEIRO_JOB_POLL_MS", "100")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("the test's folder can be written"))
            .kill_on_drop(true)
            .spawn()
            .expect("the worker starts");
        WorkerProcess { child, log }
    }

    /// The address of the object store.
    #[must_use]
    pub const fn object_store(&self) -> &Url {
        self.objects.endpoint()
    }
}

impl WorkerProcess {
    /// Its process id.
    ///
    /// # Panics
    /// If the process has ended.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().expect("the worker still runs")
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// If the process has ended.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.id()).expect("a process number"));
        kill(pid, signal).expect("a child can be signalled");
    }

    /// Waits for its end. Returns its status and log.
    pub async fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().await.expect("a child can be waited for");
        (status, fs::read_to_string(&self.log).expect("the log can be read"))
    }

    /// Kills it without a chance to clean up.
    pub async fn kill(self) {
        self.signal(Signal::SIGKILL);
        self.wait().await;
    }

    /// Stops it in order and returns its log.
    ///
    /// # Panics
    /// If it fails.
    pub async fn stop(self) -> String {
        self.signal(Signal::SIGTERM);
        let (status, log) = self.wait().await;
        assert!(status.success(), "the worker ended with {status}: {log}");
        log
    }
}
