//! A private Redis server for one test, on a socket in a folder of its own.

use std::{
    io::{Read as _, Write as _},
    os::unix::{net::UnixStream, process::CommandExt as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use secrecy::SecretString;
use tempfile::TempDir;

/// Runs the server until standard input closes, which happens however its owner ends. Argument: the folder.
const WATCHDOG: &str = r#"
trap '' HUP INT TERM
redis-server --port 0 --unixsocket "$1/socket" --dir "$1" --save "" --appendonly no >/dev/null 2>&1 &
until [ -S "$1/socket" ]; do kill -0 $! || exit 1; done
echo ready
cat >/dev/null
kill -9 $!
"#;

/// A running server. Dropping it kills the server.
pub struct RedisServer {
    folder: TempDir,
    watchdog: Option<Child>,
}

impl RedisServer {
    /// Starts a server without data.
    ///
    /// # Panics
    /// If Redis is not installed.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut server = Self { folder, watchdog: None };
        server.restart();
        server
    }

    /// Starts it again after [`Self::kill`], without its data.
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&mut self) {
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "redis-watchdog"])
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("a shell starts");
        let mut ready = [0; 6];
        let mut stdout = watchdog.stdout.take().expect("its output is piped");
        stdout.read_exact(&mut ready).expect("redis-server is installed and starts: run scripts/bootstrap");
        self.watchdog = Some(watchdog);
        // The socket is there a moment before the server listens on it.
        while UnixStream::connect(self.socket()).is_err() {
            std::thread::yield_now();
        }
        assert_eq!(self.command("PING"), "+PONG");
    }

    /// Ends the server at once.
    pub fn kill(&mut self) {
        if let Some(mut watchdog) = self.watchdog.take() {
            drop(watchdog.stdin.take());
            // It only waits for a process that it has just killed.
            let _ = watchdog.wait();
            let _ = std::fs::remove_file(self.socket());
        }
    }

    #[must_use]
    pub fn url(&self) -> SecretString {
        format!("redis+unix://{}", self.socket().display()).into()
    }

    /// Sends a command of one line. Returns the first line of the answer.
    ///
    /// # Panics
    /// If the server does not answer.
    #[must_use]
    pub fn command(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(self.socket()).expect("the server listens");
        stream.write_all(format!("{command}\r\n").as_bytes()).expect("the server reads");
        let (mut answer, mut byte) = (Vec::new(), [0]);
        while !answer.ends_with(b"\r\n") {
            stream.read_exact(&mut byte).expect("the server answers");
            answer.extend_from_slice(&byte);
        }
        String::from_utf8_lossy(&answer).trim_end().to_owned()
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
