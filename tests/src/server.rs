//! The real program in a process of its own, run as an operator runs it.

use std::{
    io,
    path::Path,
    process::{ExitStatus, Output, Stdio},
};

use maneiro_api::{RetryPolicy, client::Client};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::binaries::binary;

/// A command of `maneiro-cloud`, without any setting of the environment that the tests run in.
///
/// # Panics
/// If the program was not built.
#[must_use]
pub fn maneiro_cloud(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary("maneiro-cloud"));
    command
        .args(arguments)
        .env_clear()
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs such a command to its end.
pub async fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    maneiro_cloud(arguments, settings).output().await.expect("the program runs")
}

/// What a command said on its standard error.
#[must_use]
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running `maneiro-cloud serve --embedded`. Dropping it kills the process.
pub struct ServerProcess {
    /// Where it answers.
    pub url: String,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl ServerProcess {
    /// Starts a service that keeps everything in `folder`, and waits until it answers.
    ///
    /// # Panics
    /// If it ends instead.
    pub async fn embedded(folder: &Path) -> Self {
        let arguments = ["serve", "--until-stdin-closes", "--embedded"];
        let mut child = maneiro_cloud(&arguments, &[("MANEIRO_LOG", "error")])
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
            .unwrap_or_else(|| panic!("it said {line:?}"))
            .to_owned();
        Self { url, child, stdin, stdout }
    }

    /// Somebody who has not signed in.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(&self.url, RetryPolicy::with_total_delay(std::time::Duration::ZERO))
            .expect("a loopback address")
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

    /// Closes its standard input, as the end of whoever started it does.
    pub fn close_stdin(self) -> EndingServer {
        let Self { child, stdin, stdout, .. } = self;
        drop(stdin);
        EndingServer { child, _stdin: None, stdout }
    }

    /// Leaves its standard input open.
    #[must_use]
    pub fn ending(self) -> EndingServer {
        let Self { child, stdin, stdout, .. } = self;
        EndingServer { child, _stdin: Some(stdin), stdout }
    }
}

/// A service that was told to end.
pub struct EndingServer {
    child: Child,
    _stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl EndingServer {
    /// Waits for its end; gives what it said after its address.
    pub async fn ended(mut self) -> io::Result<(ExitStatus, String)> {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).await?;
        Ok((self.child.wait().await?, rest))
    }
}
