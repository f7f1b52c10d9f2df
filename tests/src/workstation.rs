//! A workstation: the real `maneiro`, with a data folder and a home of its own, and no keychain.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use maneiro_core::{
    files::DataFolder,
    store::{Store, StoreKey},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tempfile::TempDir;

use crate::binaries::binary;

/// The key of every test's store.
const STORE_KEY: &str = "8f1d0c5b7a39e2466f0b9d18c3a7524e6d90fb1235ac784e0f6b2d9183c4a75e";

/// A machine with `maneiro` on it.
#[derive(Debug)]
pub struct Workstation {
    folder: TempDir,
    cloud: Option<(String, SecretString)>,
}

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub exit: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Default for Workstation {
    fn default() -> Self {
        Self::new()
    }
}

impl Workstation {
    /// A new one, which knows no cloud.
    ///
    /// # Panics
    /// If there is no room for it.
    #[must_use]
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), cloud: None }
    }

    /// The same, signed in to a cloud.
    #[must_use]
    pub fn signed_in(self, cloud: &str, token: &SecretString) -> Self {
        Self { cloud: Some((cloud.to_owned(), token.clone())), ..self }
    }

    /// A path on it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file on it.
    ///
    /// # Panics
    /// If there is no room for it.
    #[must_use]
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a file can be written");
        path
    }

    /// Where its store is.
    #[must_use]
    pub fn data(&self) -> DataFolder {
        DataFolder::at(self.path("data"))
    }

    /// Its store, opened beside whatever runs.
    ///
    /// # Panics
    /// If it does not open.
    pub async fn store(&self) -> Store {
        let key = StoreKey::parse(&SecretString::from(STORE_KEY)).expect("a key");
        Store::open(&self.data(), &key).await.expect("the store opens")
    }

    /// A command that is ready to run.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(binary("maneiro"));
        command.args(arguments);
        self.dress(&mut command);
        command
    }

    /// Gives any command this workstation's environment.
    pub fn dress(&self, command: &mut Command) {
        command.env_clear();
        for kept in ["PATH", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "TMPDIR"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
            .env("HOME", self.folder.path())
            // A session bus that is not there: whatever keychain this machine has, the test does not touch it.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("MANEIRO_DATA_DIR", self.path("data"))
            .env("MANEIRO_STORE_KEY", STORE_KEY)
            .stdin(Stdio::null());
        if let Some((url, token)) = &self.cloud {
            command.env("MANEIRO_CLOUD_URL", url).env("MANEIRO_TOKEN", token.expose_secret());
        }
    }

    /// Runs `maneiro` to its end. Blocks, as a person at a terminal does.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        self.command(arguments).output().expect("maneiro can be started").into()
    }

    /// Runs `maneiro` beside a service that lives in the test itself.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn run_beside<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        let command = self.command(arguments);
        tokio::process::Command::from(command).output().await.expect("maneiro can be started").into()
    }

    /// Every byte of every file in a folder of it.
    ///
    /// # Panics
    /// If one cannot be read.
    #[must_use]
    pub fn bytes_of(&self, folder: &str) -> Vec<u8> {
        fn collect(folder: &Path, bytes: &mut Vec<u8>) {
            for entry in std::fs::read_dir(folder).expect("a folder can be listed") {
                let path = entry.expect("a folder can be listed").path();
                if path.is_dir() {
                    collect(&path, bytes);
                } else {
                    bytes.extend(std::fs::read(path).expect("a file can be read"));
                }
            }
        }
        let mut bytes = Vec::new();
        collect(&self.path(folder), &mut bytes);
        bytes
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            exit: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// The document of a command with `--json` that succeeded.
    ///
    /// # Panics
    /// If it did not succeed, or wrote anything else.
    #[must_use]
    pub fn json(&self) -> Value {
        assert_eq!(self.exit, 0, "{}", self.stderr);
        assert_eq!(self.stderr, "", "with --json nothing but the document");
        serde_json::from_str(&self.stdout).expect("one JSON document")
    }

    /// That it failed with this exit code and this code, in one sentence.
    ///
    /// # Panics
    /// If it did otherwise.
    #[track_caller]
    pub fn refused(&self, exit: i32, code: &str) -> &str {
        let beginning = format!("error[{code}]: ");
        assert!(self.stderr.starts_with(&beginning), "{code}: {}", self.stderr);
        assert_eq!(self.stderr.trim_end().lines().count(), 1, "one sentence: {}", self.stderr);
        assert_eq!(self.exit, exit, "{}", self.stderr);
        assert_eq!(self.stdout, "", "nothing half-done");
        self.stderr[beginning.len()..].trim_end()
    }
}
