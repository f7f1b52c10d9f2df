//! The demonstration's private cloud: `maneiro-cloud` beside this binary, in a folder of its own.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{context::this_binary, failure::Failure};

const FOLDER: &str = "maneiro-demo-";
const LOCK: &str = "in-use";
const LOG: &str = "cloud.log";

/// How long the cloud may take to start: a database cluster is made, on a slow disk.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How long it may take to stop in order.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A fresh folder for one demonstration, removed at its end.
pub(crate) struct DemoFolder {
    folder: TempDir,
    /// Held for as long as this process lives, so that others know the folder is in use.
    _lock: File,
}

impl DemoFolder {
    /// Makes it, and removes those of demonstrations that were killed.
    pub(crate) fn create() -> io::Result<Self> {
        let parent = std::env::temp_dir();
        sweep(&parent);
        let folder = tempfile::Builder::new().prefix(FOLDER).tempdir_in(parent)?;
        // PostgreSQL refuses to run as root, so its own user must get through to the cluster's folder.
        #[cfg(unix)]
        if nix::unistd::geteuid().is_root() {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
        }
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// Writes a file into it.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// Removes it with everything in it.
    pub(crate) fn remove(self) {
        // What cannot be removed now is removed by the next demonstration.
        let _ = self.folder.close();
    }
}

/// Removes the folders of demonstrations that ended without doing so.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(FOLDER)
            && entry.metadata().is_ok_and(|metadata| metadata.is_dir() && is_own(&metadata));
        if !ours {
            continue;
        }
        let abandoned = File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if abandoned {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_own(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == nix::unistd::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_: &fs::Metadata) -> bool {
    true
}

/// A running private cloud. It stops by itself when this process ends, however that happens: it waits for the end of
/// its standard input.
pub(crate) struct DemoCloud {
    child: Child,
}

impl DemoCloud {
    /// Starts it, and gives its address. It is put into `running` at once, so that it can be stopped while starting.
    pub(crate) async fn start(folder: &DemoFolder, running: &mut Option<Self>) -> Result<String, Failure> {
        let name = format!("maneiro-cloud{}", std::env::consts::EXE_SUFFIX);
        let program = this_binary()?.with_file_name(name);
        let log_path = folder.folder.path().join(LOG);
        let log = File::create(&log_path).map_err(Failure::output)?;
        let mut command = Command::new(&program);
        command
            .args(["serve", "--embedded"])
            .arg(folder.folder.path().join("cloud"))
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
            Failure::fault("demo_cloud_missing", message)
        })?;
        let cloud = running.insert(Self { child });
        let stdout = cloud.child.stdout.take().expect("standard output is piped");
        let mut line = String::new();
        let read = timeout(START_LIMIT, BufReader::new(stdout).read_line(&mut line)).await;
        match (read, line.trim().strip_prefix("listening on ")) {
            (Ok(Ok(_)), Some(address)) => Ok(address.to_owned()),
            _ => {
                let last = last_line(&log_path).unwrap_or_else(|| "it gave no reason".to_owned());
                let message = format!("the private cloud did not start: {last}");
                Err(Failure::fault("demo_cloud_not_started", message))
            }
        }
    }

    /// Stops it in order, or at least stops it.
    pub(crate) async fn stop(mut self) {
        drop(self.child.stdin.take());
        if timeout(STOP_LIMIT, self.child.wait()).await.is_err() {
            // It may have ended in this moment; either way it is gone afterwards.
            let _ = self.child.kill().await;
        }
    }
}

fn last_line(log: &Path) -> Option<String> {
    let log = fs::read_to_string(log).ok()?;
    log.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned)
}
