//! A workstation: the real `maneiro` with a home and a data folder of its own, and without a keychain.

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

use crate::binaries::binary_path;

const STORE_KEY: &str = "8f1d0c5b7a39e2466f0b9d18c3a7524e6d90fb1235ac784e0f6b2d9183c4a75e";

/// A machine with `maneiro` on it.
#[derive(Debug)]
pub struct Workstation {
    folder: TempDir,
    cloud: Option<(String, SecretString)>,
}

/// The output of a finished command.
#[derive(Debug)]
pub struct CommandOutput {
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Default for Workstation {
    fn default() -> Self {
        Self::new()
    }
}

impl Workstation {
    /// A workstation without a cloud.
    ///
    /// # Panics
    /// If the disk is full.
    #[must_use]
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), cloud: None }
    }

    /// Signs in to a cloud.
    #[must_use]
    pub fn signed_in(self, cloud: &str, token: &SecretString) -> Self {
        Self { cloud: Some((cloud.to_owned(), token.clone())), ..self }
    }

    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    ///
    /// # Panics
    /// If the disk is full.
    #[must_use]
    pub fn write_file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a file can be written");
        path
    }

    /// The folder of its store.
    #[must_use]
    pub fn data_folder(&self) -> DataFolder {
        DataFolder::new(self.path("data"))
    }

    /// Opens its store, also while `maneiro` runs.
    ///
    /// # Panics
    /// If it does not open.
    pub async fn open_store(&self) -> Store {
        let key = StoreKey::parse(&SecretString::from(STORE_KEY)).expect("a key");
        Store::open(&self.data_folder(), &key).await.expect("the store opens")
    }

    /// A command of `maneiro` with this workstation's environment.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(binary_path("maneiro"));
        command.args(arguments);
        self.set_environment(&mut command);
        command
    }

    /// Gives a command this workstation's environment.
    pub fn set_environment(&self, command: &mut Command) {
        command.env_clear();
        for passed in ["PATH", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "TMPDIR"] {
            if let Some(value) = std::env::var_os(passed) {
                command.env(passed, value);
            }
        }
        command
            .env("HOME", self.folder.path())
            // Without a session bus, the test does not use the keychain of this machine.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("MANEIRO_DATA_DIR", self.path("data"))
            .env("MANEIRO_STORE_KEY", STORE_KEY)
            .stdin(Stdio::null());
        if let Some((url, token)) = &self.cloud {
            command.env("MANEIRO_CLOUD_URL", url).env("MANEIRO_TOKEN", token.expose_secret());
        }
    }

    /// Runs `maneiro` to its end. Blocks.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> CommandOutput {
        self.command(arguments).output().expect("maneiro can be started").into()
    }

    /// Runs `maneiro` to its end without blocking a service in this process.
    ///
    /// # Panics
    /// If it cannot be started.
    pub async fn run_async<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> CommandOutput {
        let command = self.command(arguments);
        tokio::process::Command::from(command).output().await.expect("maneiro can be started").into()
    }

    /// The bytes of all files in a folder.
    ///
    /// # Panics
    /// If one cannot be read.
    #[must_use]
    pub fn folder_bytes(&self, folder: &str) -> Vec<u8> {
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

impl From<Output> for CommandOutput {
    fn from(output: Output) -> Self {
        Self {
            exit_code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl CommandOutput {
    /// The JSON document of a command with `--json`.
    ///
    /// # Panics
    /// If the command failed or printed anything else.
    #[must_use]
    pub fn json(&self) -> Value {
        assert_eq!(self.exit_code, 0, "{}", self.stderr);
        assert_eq!(self.stderr, "", "with --json, only the document is printed");
        serde_json::from_str(&self.stdout).expect("one JSON document")
    }

    /// Checks that the command failed with this exit code and error code. Returns its one sentence.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn assert_error(&self, exit_code: i32, code: &str) -> &str {
        let prefix = format!("error[{code}]: ");
        assert!(self.stderr.starts_with(&prefix), "{code}: {}", self.stderr);
        assert_eq!(self.stderr.trim_end().lines().count(), 1, "not one sentence: {}", self.stderr);
        assert_eq!(self.exit_code, exit_code, "{}", self.stderr);
        assert_eq!(self.stdout, "", "no partial output");
        self.stderr[prefix.len()..].trim_end()
    }
}
