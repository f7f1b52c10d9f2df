//! The worker's half of an analysis process. Dropping it kills the child.

use std::{
    io, num::NonZeroU32, os::unix::process::ExitStatusExt as _, path::PathBuf, process::Stdio, time::Duration,
};

use nix::sys::signal::Signal;
use tokio::{
    io::AsyncReadExt as _,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

use super::{
    child,
    protocol::{self, AnalysisReply, AnalysisStep},
};

/// How much of the child's standard error is kept.
const MAX_STDERR_BYTES: usize = 4096;

/// How long a child whose pipe is closed may take to exit.
const EXIT_TIMEOUT: Duration = Duration::from_secs(5);

/// What an analysis process may take.
#[derive(Debug, Clone)]
pub struct ProcessLimits {
    /// The binary that calls [`child::run`].
    pub program: PathBuf,
    /// Memory besides the program itself.
    pub memory_mib: NonZeroU32,
    /// Processor time. How long it may take by the clock is the caller's affair, who drops it.
    pub cpu_time: Duration,
}

/// Why an analysis process ended without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProcessExit {
    #[error("the analysis process needed more memory than its limit")]
    OutOfMemory,
    #[error("the analysis process needed more processor time than its limit")]
    OutOfTime,
    #[error("the analysis process crashed or was killed")]
    Crashed,
}

/// A running analysis process.
pub struct AnalysisProcess {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr_tail: JoinHandle<Vec<u8>>,
}

impl AnalysisProcess {
    /// Starts a child.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(limits: &ProcessLimits) -> io::Result<Self> {
        let memory_bytes = u64::from(limits.memory_mib.get()) * 1024 * 1024;
        let mut child = Command::new(&limits.program)
            .arg(child::COMMAND)
            .args([memory_bytes, limits.cpu_time.as_secs().max(1)].map(|number| number.to_string()))
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C in a terminal is for the worker, which then kills the child.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let stdin = child.stdin.take().expect("standard input is piped");
        let stdout = child.stdout.take().expect("standard output is piped");
        let stderr = child.stderr.take().expect("standard error is piped");
        Ok(Self { child, stdin, stdout, stderr_tail: tokio::spawn(read_tail(stderr)) })
    }

    /// Sends a message that has no reply.
    ///
    /// # Errors
    /// Why the child ended.
    pub async fn send(&mut self, step: &AnalysisStep) -> Result<(), ProcessExit> {
        match protocol::send_message(&mut self.stdin, step).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.exit_cause().await),
        }
    }

    /// Sends a message and waits for the reply.
    ///
    /// # Errors
    /// Why the child ended.
    pub async fn ask(&mut self, step: &AnalysisStep) -> Result<AnalysisReply, ProcessExit> {
        self.send(step).await?;
        match protocol::receive_message(&mut self.stdout).await {
            Ok(reply) => Ok(reply),
            Err(_) => Err(self.exit_cause().await),
        }
    }

    /// The process id, while the child runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    async fn exit_cause(&mut self) -> ProcessExit {
        let Ok(Ok(status)) = timeout(EXIT_TIMEOUT, self.child.wait()).await else {
            // It may have ended at this moment. Either way it is gone afterwards.
            let _ = self.child.kill().await;
            return ProcessExit::Crashed;
        };
        let stderr = (&mut self.stderr_tail).await.unwrap_or_default();
        if String::from_utf8_lossy(&stderr).contains("memory allocation of") {
            ProcessExit::OutOfMemory
        } else if status.signal() == Some(Signal::SIGXCPU as i32) {
            ProcessExit::OutOfTime
        } else {
            ProcessExit::Crashed
        }
    }
}

/// The end of the child's standard error. It only tells the causes of an exit apart, and is never shown or logged.
async fn read_tail(mut stderr: ChildStderr) -> Vec<u8> {
    let (mut tail, mut buffer) = (Vec::new(), [0; 1024]);
    while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
        tail.extend_from_slice(&buffer[..read]);
        let surplus = tail.len().saturating_sub(MAX_STDERR_BYTES);
        tail.drain(..surplus);
    }
    tail
}
