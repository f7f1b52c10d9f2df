//! The parent's half of a page worker: starts it, sends requests, and kills it when it exceeds its time. Dropping a
//! worker kills its process.

use std::{
    ffi::OsString,
    io,
    num::NonZeroU32,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use tokio::{
    io::AsyncReadExt as _,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

use super::{
    child,
    protocol::{self, FileContent, OpenRefusal, WorkerRequest, WorkerResponse},
};
use crate::{
    Error,
    files::{FileProblem, SourceFile},
    languages::Languages,
};

/// How much of a worker's standard error is kept.
const MAX_STDERR_BYTES: usize = 4096;

/// How long a worker whose pipe is closed may take to exit.
const EXIT_TIMEOUT: Duration = Duration::from_secs(5);

/// The variables of the parent's environment that a worker needs: where Tesseract's models and the system's libraries
/// are.
const PASSED_VARIABLES: [&str; 4] =
    ["TESSDATA_PREFIX", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "SystemRoot"];

/// The resources that one page may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    /// Memory besides the file itself, in MiB.
    pub memory_mib: NonZeroU32,
    pub time: Duration,
}

impl Default for PageLimits {
    /// 1 GiB and a minute: thirty times what a dense page takes.
    fn default() -> Self {
        Self { memory_mib: NonZeroU32::new(1024).expect("not zero"), time: Duration::from_secs(60) }
    }
}

/// How to start a page worker, and which file it opens.
#[derive(Debug)]
pub(crate) struct WorkerOptions<'a> {
    /// The binary that calls [`child::run`].
    pub(crate) program: PathBuf,
    pub(crate) source: &'a SourceFile,
    pub(crate) password: Option<&'a SecretString>,
    pub(crate) limits: PageLimits,
    pub(crate) languages: &'a Languages,
}

/// Why a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkerExit {
    /// It exceeded its time and was killed.
    TimedOut,
    /// It exceeded its memory.
    OutOfMemory,
    /// It crashed, or the system killed it.
    Crashed,
    /// Somebody terminated it, such as the end of the user's session. The page is not the cause.
    Terminated,
}

impl WorkerExit {
    /// Why a page could not be read, for the user.
    pub(crate) fn reason(self, limits: PageLimits) -> String {
        match self {
            Self::TimedOut => format!("reading it takes longer than {} s", limits.time.as_secs()),
            Self::OutOfMemory => format!("reading it takes more than {} MiB of memory", limits.memory_mib),
            Self::Crashed | Self::Terminated => "the page worker crashed on it".to_owned(),
        }
    }
}

/// What opening a file came to.
pub(crate) enum OpenOutcome {
    Opened { worker: Box<PageWorker>, pages: u32, media_type: String },
    Refused(OpenRefusal),
    LanguageNotInstalled { reason: String },
    Exited(WorkerExit),
}

/// A running worker with an open file.
pub(crate) struct PageWorker {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr_tail: JoinHandle<Vec<u8>>,
    time_limit: Duration,
}

impl WorkerOptions<'_> {
    /// Starts a worker that has the file open. Returns it with the file's page count and media type.
    ///
    /// # Errors
    /// `Worker` if the process cannot be started; `File` if the file cannot be opened; `LanguageNotInstalled`.
    pub(crate) async fn open(&self) -> Result<(Box<PageWorker>, u32, String), Error> {
        let problem = match self.start().await.map_err(Error::Worker)? {
            OpenOutcome::Opened { worker, pages, media_type } => return Ok((worker, pages, media_type)),
            OpenOutcome::Refused(refusal) => refusal.into(),
            OpenOutcome::LanguageNotInstalled { reason } => return Err(Error::LanguageNotInstalled(reason)),
            OpenOutcome::Exited(exit) => FileProblem::NotOpened(exit.reason(self.limits)),
        };
        Err(self.source.error(problem).into())
    }

    /// Starts another worker for a file that was opened before.
    ///
    /// # Errors
    /// As [`Self::open`], except that a file which is gone has changed, and a worker that exits was stopped.
    pub(crate) async fn reopen(&self) -> Result<Box<PageWorker>, Error> {
        let refusal = match self.start().await.map_err(Error::Worker)? {
            OpenOutcome::Opened { worker, .. } => return Ok(worker),
            OpenOutcome::Refused(OpenRefusal::NotFound) => OpenRefusal::Changed,
            OpenOutcome::Refused(refusal) => refusal,
            OpenOutcome::LanguageNotInstalled { reason } => return Err(Error::LanguageNotInstalled(reason)),
            OpenOutcome::Exited(_) => return Err(Error::Interrupted),
        };
        Err(self.source.error(refusal.into()).into())
    }

    async fn start(&self) -> io::Result<OpenOutcome> {
        let mut child = self.command().spawn()?;
        let stdin = child.stdin.take().expect("standard input is piped");
        let stdout = child.stdout.take().expect("standard output is piped");
        let stderr_tail = tokio::spawn(read_tail(child.stderr.take().expect("standard error is piped")));
        let mut worker = PageWorker { child, stdin, stdout, stderr_tail, time_limit: self.limits.time };
        let content = match &self.source.content {
            Some(content) => FileContent::Inline(STANDARD.encode(content)),
            None => FileContent::Path {
                path: std::path::absolute(&self.source.path)?.into(),
                sha256: self.source.sha256.clone(),
            },
        };
        let open = WorkerRequest::Open {
            content,
            password: self.password.cloned(),
            languages: self.languages.models().to_vec(),
        };
        match worker.request(&open).await {
            Ok(WorkerResponse::Opened { pages, media_type }) => {
                Ok(OpenOutcome::Opened { worker: Box::new(worker), pages, media_type })
            }
            Ok(WorkerResponse::OpenRefused(refusal)) => Ok(OpenOutcome::Refused(refusal)),
            Ok(WorkerResponse::LanguageNotInstalled { reason }) => {
                Ok(OpenOutcome::LanguageNotInstalled { reason })
            }
            Ok(_) => Err(io::Error::other("a page worker sent an unexpected response")),
            Err(exit) => Ok(OpenOutcome::Exited(exit)),
        }
    }

    fn command(&self) -> Command {
        let memory_bytes = u64::from(self.limits.memory_mib.get()) * 1024 * 1024 + self.source.bytes;
        let mut command = Command::new(&self.program);
        command.args([OsString::from(child::COMMAND), memory_bytes.to_string().into()]);
        command
            .env_clear()
            .envs(PASSED_VARIABLES.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        // One page per core: threads within a page would compete with the other workers.
        command.env("OMP_THREAD_LIMIT", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // Ctrl-C in a terminal is for the parent only. A worker that it ended would look like a page that crashes it.
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

impl PageWorker {
    /// Sends a request and waits for the response. After an error the worker is gone.
    pub(crate) async fn request(&mut self, request: &WorkerRequest) -> Result<WorkerResponse, WorkerExit> {
        let exchange = async {
            protocol::send_message(&mut self.stdin, request).await?;
            protocol::receive_message(&mut self.stdout).await
        };
        match timeout(self.time_limit, exchange).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(_)) => Err(self.exit_cause().await),
            Err(_) => {
                self.kill().await;
                Err(WorkerExit::TimedOut)
            }
        }
    }

    async fn kill(&mut self) {
        // It may have ended at this moment. Either way it is gone afterwards.
        let _ = self.child.kill().await;
    }

    async fn exit_cause(&mut self) -> WorkerExit {
        let status = match timeout(EXIT_TIMEOUT, self.child.wait()).await {
            Ok(Ok(status)) => status,
            Ok(Err(_)) | Err(_) => {
                self.kill().await;
                return WorkerExit::Crashed;
            }
        };
        let stderr = (&mut self.stderr_tail).await.unwrap_or_default();
        let stderr = String::from_utf8_lossy(&stderr);
        if is_terminated(status) {
            WorkerExit::Terminated
        } else if ["memory allocation of", "bad_alloc"].iter().any(|sign| stderr.contains(sign)) {
            WorkerExit::OutOfMemory
        } else {
            WorkerExit::Crashed
        }
    }
}

/// The end of a worker's standard error. It only tells the causes of an exit apart, and is never shown or logged.
async fn read_tail(mut stderr: ChildStderr) -> Vec<u8> {
    let (mut tail, mut buffer) = (Vec::new(), [0; 1024]);
    while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
        tail.extend_from_slice(&buffer[..read]);
        let surplus = tail.len().saturating_sub(MAX_STDERR_BYTES);
        tail.drain(..surplus);
    }
    tail
}

#[cfg(unix)]
fn is_terminated(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;

    use nix::sys::signal::Signal;
    [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]
        .iter()
        .any(|&signal| status.signal() == Some(signal as i32))
}

#[cfg(not(unix))]
fn is_terminated(_: ExitStatus) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::*;

    fn source() -> SourceFile {
        SourceFile { path: "record.pdf".into(), sha256: String::new(), bytes: 0, content: None }
    }

    /// A script in place of a worker. Another process writes it: if this process had it open for writing, a fork of a
    /// test that runs at the same time could keep it open, and then it cannot be started.
    fn write_script(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("worker");
        let written = std::process::Command::new("/bin/sh")
            .args(["-c", "printf '#!/bin/sh\n%s\n' \"$1\" > \"$0\" && chmod 700 \"$0\""])
            .arg(&path)
            .arg(script)
            .status();
        assert!(written.unwrap().success());
        path
    }

    async fn start(script: &str, time: Duration) -> OpenOutcome {
        let folder = tempfile::tempdir().unwrap();
        let program = write_script(folder.path(), script);
        let limits = PageLimits { time, ..PageLimits::default() };
        let options = WorkerOptions {
            program,
            source: &source(),
            password: None,
            limits,
            languages: &Languages::default(),
        };
        options.start().await.unwrap()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_worker_gets_only_the_environment_that_it_needs() {
        let folder = tempfile::tempdir().unwrap();
        let seen = folder.path().join("seen");
        start(&format!("/usr/bin/env > {}", seen.display()), LONG).await;
        let seen = std::fs::read_to_string(seen).unwrap();
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "the parent has more variables");
        assert!(seen.contains("OMP_THREAD_LIMIT=1"));
        let is_passed = |line: &str| {
            let name = line.split('=').next().unwrap();
            PASSED_VARIABLES.contains(&name) || ["OMP_THREAD_LIMIT", "PWD", "SHLVL", "_"].contains(&name)
        };
        assert!(seen.lines().all(is_passed), "{seen}");
    }

    #[tokio::test]
    async fn the_causes_of_a_workers_exit_are_told_apart() {
        let exit = async |script, time| match start(script, time).await {
            OpenOutcome::Exited(exit) => exit,
            OpenOutcome::Opened { .. }
            | OpenOutcome::Refused(_)
            | OpenOutcome::LanguageNotInstalled { .. } => {
                panic!("a script cannot open a file")
            }
        };
        assert_eq!(exit("exit 0", LONG).await, WorkerExit::Crashed);
        assert_eq!(exit("kill -SEGV $$", LONG).await, WorkerExit::Crashed);
        assert_eq!(exit("kill -TERM $$", LONG).await, WorkerExit::Terminated);
        assert_eq!(
            exit("echo memory allocation of 9 bytes failed >&2; kill -ABRT $$", LONG).await,
            WorkerExit::OutOfMemory
        );
        assert_eq!(exit("exec sleep 600", Duration::from_millis(50)).await, WorkerExit::TimedOut);
    }
}
