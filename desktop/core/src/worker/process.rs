//! One page worker as its parent holds it: started, asked, and killed when it takes too long. Dropping it kills it.

use std::{
    ffi::OsString,
    io,
    num::NonZeroU32,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use secrecy::SecretString;
use tokio::{
    io::AsyncReadExt as _,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

use super::{
    child,
    protocol::{self, Answer, Refusal, Request},
};
use crate::{files::SourceFile, languages::Languages};

/// What one page may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    /// Memory beside the file itself, in MiB.
    pub memory_mib: NonZeroU32,
    /// Time.
    pub time: Duration,
}

impl Default for PageLimits {
    /// 1 GiB and a minute: thirty times what a dense page takes.
    fn default() -> Self {
        Self { memory_mib: NonZeroU32::new(1024).expect("not zero"), time: Duration::from_secs(60) }
    }
}

/// How to start a page worker and what it is to read.
#[derive(Debug)]
pub(crate) struct WorkerPlan<'a> {
    /// The binary that calls [`child::main`].
    pub(crate) program: PathBuf,
    pub(crate) source: &'a SourceFile,
    pub(crate) password: Option<&'a SecretString>,
    pub(crate) limits: PageLimits,
    pub(crate) languages: &'a Languages,
}

/// How a worker came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// It took too long and was killed.
    TooSlow,
    /// It asked for more memory than it may have.
    OutOfMemory,
    /// It crashed, or the system killed it.
    Crashed,
    /// Somebody ended it, as at the end of the user's session: the page is not to blame.
    Ended,
}

impl Death {
    /// The reason to give for a page, in words a user can act on.
    pub(crate) fn reason(self, limits: PageLimits) -> String {
        match self {
            Self::TooSlow => format!("reading it takes longer than {} s", limits.time.as_secs()),
            Self::OutOfMemory => format!("reading it takes more than {} MiB of memory", limits.memory_mib),
            Self::Crashed | Self::Ended => "the reader crashed on it".to_owned(),
        }
    }
}

/// What opening a file came to.
pub(crate) enum Opening {
    /// It is open.
    Open { worker: Box<PageWorker>, pages: u32, media_type: String },
    /// It cannot be opened.
    Refused(Refusal),
    /// Scans cannot be recognised in the languages asked for.
    NoRecogniser { reason: String },
    /// The worker did not survive it.
    Died(Death),
}

/// A running worker with an open file.
pub(crate) struct PageWorker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    complaints: JoinHandle<Vec<u8>>,
    time: Duration,
}

impl WorkerPlan<'_> {
    /// Starts a worker and has it open the file.
    ///
    /// # Errors
    /// As of starting a process.
    pub(crate) async fn start(&self) -> io::Result<Opening> {
        let mut child = self.command().spawn()?;
        let input = child.stdin.take().expect("standard input is piped");
        let output = child.stdout.take().expect("standard output is piped");
        let complaints = tokio::spawn(last_complaints(child.stderr.take().expect("standard error is piped")));
        let mut worker = PageWorker { child, input, output, complaints, time: self.limits.time };
        let open = Request::Open {
            path: std::path::absolute(&self.source.path)?.into(),
            sha256: self.source.sha256.clone(),
            password: self.password.cloned(),
            languages: self.languages.models().to_vec(),
        };
        match worker.ask(&open).await {
            Ok(Answer::Opened { pages, media_type }) => {
                Ok(Opening::Open { worker: Box::new(worker), pages, media_type })
            }
            Ok(Answer::Refused(refusal)) => Ok(Opening::Refused(refusal)),
            Ok(Answer::NoRecogniser { reason }) => Ok(Opening::NoRecogniser { reason }),
            Ok(_) => Err(io::Error::other("a page worker spoke out of turn")),
            Err(death) => Ok(Opening::Died(death)),
        }
    }

    fn command(&self) -> Command {
        let memory = u64::from(self.limits.memory_mib.get()) * 1024 * 1024 + self.source.bytes;
        let mut command = Command::new(&self.program);
        command.args([OsString::from(child::COMMAND), memory.to_string().into()]);
        command
            .env_clear()
            .envs(KEPT_VARIABLES.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        // One page per core; threads within a page would only get into each other's way.
        command.env("OMP_THREAD_LIMIT", "1");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // Ctrl-C in a terminal is for the parent alone; a worker that it ended would look like a page that killed it.
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

/// What a worker needs to know of the parent's environment: where Tesseract's models and the system's libraries are.
const KEPT_VARIABLES: [&str; 4] =
    ["TESSDATA_PREFIX", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "SystemRoot"];

impl PageWorker {
    /// Asks one thing. A worker that did not answer is dead, and not to be asked again.
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Answer, Death> {
        let conversation = async {
            protocol::send(&mut self.input, request).await?;
            protocol::receive(&mut self.output).await
        };
        match timeout(self.time, conversation).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(self.post_mortem().await),
            Err(_) => {
                self.kill().await;
                Err(Death::TooSlow)
            }
        }
    }

    async fn kill(&mut self) {
        // It may have ended by itself in this moment; either way it is gone afterwards.
        let _ = self.child.kill().await;
    }

    async fn post_mortem(&mut self) -> Death {
        let status = match timeout(Duration::from_secs(5), self.child.wait()).await {
            Ok(Ok(status)) => status,
            Ok(Err(_)) | Err(_) => {
                self.kill().await;
                return Death::Crashed;
            }
        };
        let complaints = (&mut self.complaints).await.unwrap_or_default();
        let complaints = String::from_utf8_lossy(&complaints);
        if was_ended(status) {
            Death::Ended
        } else if ["memory allocation of", "bad_alloc"].iter().any(|sign| complaints.contains(sign)) {
            Death::OutOfMemory
        } else {
            Death::Crashed
        }
    }
}

/// The end of what a worker wrote to its standard error: only to tell causes of death apart, never shown or logged.
async fn last_complaints(mut stderr: ChildStderr) -> Vec<u8> {
    let (mut last, mut buffer) = (Vec::new(), [0; 1024]);
    while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
        last.extend_from_slice(&buffer[..read]);
        let surplus = last.len().saturating_sub(4096);
        last.drain(..surplus);
    }
    last
}

#[cfg(unix)]
fn was_ended(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;

    use nix::sys::signal::Signal;
    [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]
        .iter()
        .any(|&signal| status.signal() == Some(signal as i32))
}

#[cfg(not(unix))]
fn was_ended(_: ExitStatus) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::*;

    fn source() -> SourceFile {
        SourceFile { path: "record.pdf".into(), sha256: String::new(), bytes: 0 }
    }

    /// A program that stands for a worker. Another process writes it: while this one had it open for writing, a
    /// test beside this could fork and keep it open, and then it cannot be started.
    fn stand_in(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("worker");
        let made = std::process::Command::new("/bin/sh")
            .args(["-c", "printf '#!/bin/sh\n%s\n' \"$1\" > \"$0\" && chmod 700 \"$0\""])
            .arg(&path)
            .arg(script)
            .status();
        assert!(made.unwrap().success());
        path
    }

    async fn start(script: &str, time: Duration) -> Opening {
        let folder = tempfile::tempdir().unwrap();
        let program = stand_in(folder.path(), script);
        let limits = PageLimits { time, ..PageLimits::default() };
        let plan = WorkerPlan {
            program,
            source: &source(),
            password: None,
            limits,
            languages: &Languages::default(),
        };
        plan.start().await.unwrap()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_worker_sees_nothing_of_the_parents_environment_but_what_it_needs() {
        let folder = tempfile::tempdir().unwrap();
        let seen = folder.path().join("seen");
        start(&format!("/usr/bin/env > {}", seen.display()), LONG).await;
        let seen = std::fs::read_to_string(seen).unwrap();
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "the parent has something to hide");
        assert!(seen.contains("OMP_THREAD_LIMIT=1"));
        let kept = |line: &str| {
            let name = line.split('=').next().unwrap();
            KEPT_VARIABLES.contains(&name) || ["OMP_THREAD_LIMIT", "PWD", "SHLVL", "_"].contains(&name)
        };
        assert!(seen.lines().all(kept), "{seen}");
    }

    #[tokio::test]
    async fn the_causes_of_a_workers_death_are_told_apart() {
        let death = async |script, time| match start(script, time).await {
            Opening::Died(death) => death,
            Opening::Open { .. } | Opening::Refused(_) | Opening::NoRecogniser { .. } => {
                panic!("this is no worker")
            }
        };
        assert_eq!(death("exit 0", LONG).await, Death::Crashed);
        assert_eq!(death("kill -SEGV $$", LONG).await, Death::Crashed);
        assert_eq!(death("kill -TERM $$", LONG).await, Death::Ended);
        assert_eq!(
            death("echo memory allocation of 9 bytes failed >&2; kill -ABRT $$", LONG).await,
            Death::OutOfMemory
        );
        assert_eq!(death("exec sleep 600", Duration::from_millis(50)).await, Death::TooSlow);
    }
}
