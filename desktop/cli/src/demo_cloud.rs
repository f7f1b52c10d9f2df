//! The private cloud of the demonstration: the `maneiro-cloud` beside this program, in a folder of its own.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use maneiro_core::{cloud::mail_outbox::MailOutbox, files::TemporaryFolder};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{context::current_binary, failure::Failure};

const LOG_FILE: &str = "cloud.log";

/// Creating a database cluster on a slow disk takes long.
const START_TIMEOUT: Duration = Duration::from_secs(120);
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// A running private cloud. It waits for the end of its standard input, so it stops by itself when this process ends,
/// however that happens.
pub(crate) struct DemoCloud {
    child: Child,
}

impl DemoCloud {
    /// The folder of its data.
    fn data(folder: &TemporaryFolder) -> PathBuf {
        folder.path().join("cloud")
    }

    /// The mails that it sends.
    pub(crate) fn outbox(folder: &TemporaryFolder) -> MailOutbox {
        MailOutbox::new(Self::data(folder).join("outbox"))
    }

    /// Starts the cloud and returns its address. Sets `running` at once, so that it can be stopped while it starts.
    pub(crate) async fn start(
        folder: &TemporaryFolder,
        running: &mut Option<Self>,
    ) -> Result<String, Failure> {
        let name = format!("maneiro-cloud{}", std::env::consts::EXE_SUFFIX);
        let program = current_binary()?.with_file_name(name);
        let log_path = folder.path().join(LOG_FILE);
        let log = File::create(&log_path).map_err(Failure::output)?;
        let mut command = Command::new(&program);
        command
            .args(["serve", "--embedded"])
            .arg(Self::data(folder))
            .arg("--until-stdin-closes")
            .env_remove("MANEIRO_TOKEN")
            .env_remove("MANEIRO_STORE_KEY")
            .env_remove("MANEIRO_PASSWORD")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        // Ctrl-C in a terminal is for this process, which stops the cloud in order.
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn().map_err(|error| {
            let message = format!("{} cannot be started ({error})", program.display());
            Failure::internal("demo_cloud_missing", message)
        })?;
        let cloud = running.insert(Self { child });
        let stdout = cloud.child.stdout.take().expect("standard output is piped");
        let mut line = String::new();
        let read = timeout(START_TIMEOUT, BufReader::new(stdout).read_line(&mut line)).await;
        match (read, line.trim().strip_prefix("listening on ")) {
            (Ok(Ok(_)), Some(address)) => Ok(address.to_owned()),
            _ => {
                let reason = last_line(&log_path).unwrap_or_else(|| "no reason is known".to_owned());
                let message = format!("the private cloud did not start: {reason}");
                Err(Failure::internal("demo_cloud_not_started", message))
            }
        }
    }

    /// Stops the cloud in order, or kills it after a timeout.
    pub(crate) async fn stop(mut self) {
        drop(self.child.stdin.take());
        if timeout(STOP_TIMEOUT, self.child.wait()).await.is_err() {
            // It may have ended at this moment. Either way it is gone afterwards.
            let _ = self.child.kill().await;
        }
    }
}

fn last_line(log: &Path) -> Option<String> {
    let log = fs::read_to_string(log).ok()?;
    log.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned)
}
