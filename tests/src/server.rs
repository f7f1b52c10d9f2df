//! The real `maneiro-cloud` in a process of its own, as an operator runs it.

use std::{
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
};

use maneiro_api::{
    RetryPolicy,
    account::{LoginResponse, MailLanguage, Register},
    client::Client,
};
use maneiro_cloud::config::StorageConfig;
use maneiro_core::cloud::mail_outbox::MailOutbox;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};
use url::Url;

use crate::{app::TestApp, binaries::binary_path, personas::confirm_registration};

/// A command of `maneiro-cloud`, without the environment of the tests.
///
/// # Panics
/// If the program was not built.
#[must_use]
pub fn cloud_command(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary_path("maneiro-cloud"));
    command
        .args(arguments)
        .env_clear()
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs a command of `maneiro-cloud` to its end.
pub async fn run_cloud(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    cloud_command(arguments, settings).output().await.expect("the program runs")
}

/// The standard error of a command.
#[must_use]
pub fn stderr_text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// One of several `maneiro-cloud serve` with the same data. Dropping it kills the process.
pub struct ServerInstance {
    /// Its address.
    pub url: Url,
    _child: Child,
}

impl TestApp {
    /// Starts a service with the same data, behind a proxy of this machine, that counts requests at a Redis server.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn server_instance(&self, redis_url: &SecretString) -> ServerInstance {
        let StorageConfig { database, objects, master_keys } = self.storage_config();
        let (id, secret) = objects.credentials.expect("the object store of tests has credentials");
        let settings = [
            ("MANEIRO_LISTEN", "127.0.0.1:0"),
            ("MANEIRO_TRUSTED_PROXIES", "127.0.0.1"),
            ("MANEIRO_REDIS_URL", redis_url.expose_secret()),
            ("MANEIRO_LOG", "error"),
            ("MANEIRO_DATABASE_URL", database.url.expose_secret()),
            ("MANEIRO_S3_ENDPOINT", self.object_store().as_str()),
            ("MANEIRO_S3_REGION", objects.region.as_str()),
            ("MANEIRO_S3_BUCKET", objects.bucket.as_str()),
            ("MANEIRO_S3_ACCESS_KEY_ID", id.as_str()),
            ("MANEIRO_S3_SECRET_ACCESS_KEY", secret.expose_secret()),
            ("MANEIRO_MASTER_KEY_FILE", master_keys.file.to_str().expect("the test's folder is text")),
            ("MANEIRO_SMTP_URL", "smtp://127.0.0.1:9?tls=none"),
            ("MANEIRO_MAIL_FROM", "no-reply@clinics.example"),
        ];
        let mut child =
            cloud_command(&["serve"], &settings).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("its output is piped"));
        stdout.read_line(&mut line).await.expect("its output can be read");
        let url = line.trim_end().strip_prefix("listening on ").expect("it listens");
        ServerInstance { url: Url::parse(url).expect("an address makes a URL"), _child: child }
    }
}

/// A running `maneiro-cloud serve --embedded`. Dropping it kills the process.
pub struct ServerProcess {
    /// Its address.
    pub url: String,
    folder: PathBuf,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl ServerProcess {
    /// Starts a service with its data in `folder`, and waits until it listens.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn embedded(folder: &Path) -> Self {
        let arguments = ["serve", "--until-stdin-closes", "--embedded"];
        let mut child = cloud_command(&arguments, &[("MANEIRO_LOG", "error")])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdin = child.stdin.take().expect("its input is piped");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).await.expect("its output can be read");
        let url = line
            .trim_end()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("its first line is {line:?}"))
            .to_owned();
        Self { url, folder: folder.to_owned(), child, stdin, stdout }
    }

    /// A client without a session.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(&self.url, RetryPolicy::with_total_delay(std::time::Duration::ZERO))
            .expect("a loopback address")
    }

    /// The mails that it wrote.
    #[must_use]
    pub fn outbox(&self) -> MailOutbox {
        MailOutbox::new(self.folder.join("outbox"))
    }

    /// Has a code mailed to an address.
    ///
    /// # Panics
    /// If the service refuses it, or no code comes.
    pub async fn request_code(&self, email: &str) -> String {
        let register = Register { email: email.to_owned(), language: MailLanguage::En };
        self.anonymous().register(&register).await.expect("a code can be requested");
        self.outbox().wait_for_code(email, None).await.expect("a code is mailed")
    }

    /// Registers a clinic by the code that is mailed to an address.
    ///
    /// # Panics
    /// If the service refuses it.
    pub async fn register(&self, email: &str) -> LoginResponse {
        let confirm =
            confirm_registration("Lakeside Family Practice", email, &self.request_code(email).await);
        self.anonymous().confirm_registration(&confirm).await.expect("a clinic can be registered")
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// If the process has ended.
    pub fn signal(&self, signal: Signal) {
        let pid = self.child.id().expect("the service still runs");
        kill(Pid::from_raw(i32::try_from(pid).expect("a process number")), signal)
            .expect("a child can be signalled");
    }

    /// Closes its standard input, as the end of its parent process does.
    pub fn close_stdin(self) -> StoppingServer {
        let Self { child, stdin, stdout, .. } = self;
        drop(stdin);
        StoppingServer { child, _stdin: None, stdout }
    }

    /// Leaves its standard input open, after a signal.
    #[must_use]
    pub fn stopping(self) -> StoppingServer {
        let Self { child, stdin, stdout, .. } = self;
        StoppingServer { child, _stdin: Some(stdin), stdout }
    }
}

/// A service that is about to end.
pub struct StoppingServer {
    child: Child,
    _stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl StoppingServer {
    /// Waits for its end. Returns what it printed after its address.
    pub async fn wait(mut self) -> io::Result<(ExitStatus, String)> {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).await?;
        Ok((self.child.wait().await?, rest))
    }
}
