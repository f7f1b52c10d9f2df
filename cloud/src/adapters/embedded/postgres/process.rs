//! Runs PostgreSQL's programs: creates the cluster, starts the server under a watchdog, stops the one of an earlier run.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{self, Read as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use secrecy::ExposeSecret as _;

use super::{
    error::{ClusterError, io_error},
    options::{ClusterOptions, Lifetime, SUPERUSER},
    users::{ServiceUser, chown_to},
};

/// Recovery after a power cut may read the whole write-ahead log.
const START_TIMEOUT_SECONDS: u32 = 300;

/// Runs as the user of the cluster. Arguments: pg_ctl, data folder, server options, log, stop mode, folder to remove or
/// nothing, timeout of the start in seconds. It starts the server itself, so that an owner that dies in the meantime cannot
/// leave one behind, and stops only the server that it started.
const WATCHDOG: &str = r#"
trap '' PIPE HUP
trap : INT TERM
"$1" start -D "$2" -w -t "$7" -l "$4" -o "$3" >/dev/null 2>&1 || exit 1
pid=$(head -n 1 "$2/postmaster.pid")
echo ready
cat >/dev/null
if [ "$(head -n 1 "$2/postmaster.pid" 2>/dev/null)" = "$pid" ]; then
    "$1" stop -D "$2" -w -m "$5" >/dev/null 2>&1
fi
if [ -n "$6" ]; then rm -rf "$6"; fi
"#;

/// PostgreSQL's programs and the user that they run as.
pub(super) struct PostgresPrograms {
    folder: PathBuf,
    user: Option<ServiceUser>,
}

impl PostgresPrograms {
    pub(super) fn find() -> Result<Self, ClusterError> {
        let folder = candidate_folders()
            .into_iter()
            .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
            .ok_or(ClusterError::NotInstalled)?;
        Ok(Self { folder, user: ServiceUser::detect()? })
    }

    /// A program that runs as the cluster's user, in a folder that it may enter, without the settings of other clusters.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if let Some(user) = &self.user {
            user.run_as(&mut command);
        }
        command
    }

    fn run(&self, program: &str, arguments: impl FnOnce(&mut Command)) -> Result<Output, ClusterError> {
        let mut command = self.command(self.folder.join(program));
        arguments(&mut command);
        command.output().map_err(io_error(format!("running {program}")))
    }

    /// Makes a path the cluster user's own.
    pub(super) fn chown(&self, path: &Path, mode: u32) -> Result<(), ClusterError> {
        chown_to(self.user.as_ref(), path, mode)
    }

    /// If this process is root's, the cluster's user must be able to enter every folder above the data folder.
    pub(super) fn check_reachable(&self, data: &Path) -> Result<(), ClusterError> {
        let (Some(_), Some(parent)) = (&self.user, data.parent()) else { return Ok(()) };
        let status = self
            .command("test")
            .arg("-x")
            .arg(parent)
            .status()
            .map_err(io_error(format!("checking access to {}", parent.display())))?;
        if status.success() { Ok(()) } else { Err(ClusterError::Unreachable(parent.to_owned())) }
    }

    /// Creates the cluster in a temporary folder and moves it into place when it is complete.
    pub(super) fn init(&self, options: &ClusterOptions<'_>) -> Result<(), ClusterError> {
        let unfinished = options.data.with_extension("unfinished");
        match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error(format!("removing {}", unfinished.display()))(error));
            }
            Ok(()) | Err(_) => {}
        }
        fs::create_dir(&unfinished).map_err(io_error(format!("creating {}", unfinished.display())))?;
        self.chown(&unfinished, 0o700)?;
        // initdb reads a password only from a file. It is in the folder that only the cluster's user may enter.
        let cluster = unfinished.join("cluster");
        let password_file = unfinished.join("password");
        fs::write(&password_file, options.password.expose_secret())
            .map_err(io_error("writing the password file"))?;
        self.chown(&password_file, 0o600)?;
        let output = self.run("initdb", |command| {
            command
                .arg("--pgdata")
                .arg(&cluster)
                .arg("--pwfile")
                .arg(&password_file)
                .args(["--username", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"])
                .args(["--data-checksums", "--no-instructions"]);
            if options.lifetime == Lifetime::Temporary {
                command.arg("--no-sync");
            }
        })?;
        if !output.status.success() {
            return Err(ClusterError::Init(last_line(&output.stderr)));
        }
        fs::rename(&cluster, options.data).map_err(io_error("moving the new cluster into place"))?;
        fs::remove_dir_all(&unfinished).map_err(io_error(format!("removing {}", unfinished.display())))
    }

    /// Stops a server of this data folder that outlived its watchdog. Removes the PID file of a server that was killed if
    /// its process id now belongs to another program, which PostgreSQL would take for the server.
    pub(super) fn stop_leftover(&self, data: &Path) -> Result<(), ClusterError> {
        let pid_file = data.join("postmaster.pid");
        let Ok(content) = fs::read_to_string(&pid_file) else { return Ok(()) };
        let pid = content.lines().next().and_then(|line| line.trim().parse::<u32>().ok());
        if pid.is_some_and(|pid| is_server_of(pid, data)) {
            let output = self.run("pg_ctl", |command| {
                command.arg("stop").arg("-D").arg(data).args(["-w", "-t", "60", "-m", "fast"]);
            })?;
            // It may have stopped by itself in the meantime.
            if !output.status.success() && pid_file.exists() {
                return Err(ClusterError::StopLeftover(last_line(&output.stderr)));
            }
            Ok(())
        } else {
            match fs::remove_file(&pid_file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(io_error(format!("removing {}", pid_file.display()))(error))
                }
                Ok(()) | Err(_) => Ok(()),
            }
        }
    }

    /// Starts the server under a watchdog. `None` if another process took the port first.
    pub(super) fn start(
        &self,
        options: &ClusterOptions<'_>,
        port: u16,
    ) -> Result<Option<Child>, ClusterError> {
        let log = options.data.join("server.log");
        let log_bytes_before = fs::metadata(&log).map_or(0, |metadata| metadata.len());
        let (stop_mode, folder_to_remove) = match options.lifetime {
            Lifetime::Persistent => ("fast", PathBuf::new()),
            Lifetime::Temporary => ("immediate", options.data.parent().unwrap_or(options.data).to_owned()),
        };
        let mut watchdog = self
            .command("sh")
            .args(["-c", WATCHDOG, "maneiro-watchdog"])
            .arg(self.folder.join("pg_ctl"))
            .arg(options.data)
            .arg(server_options(port, options.lifetime))
            .arg(&log)
            .arg(stop_mode)
            .arg(folder_to_remove)
            .arg(START_TIMEOUT_SECONDS.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal reaches the owner, which stops the server in order.
            .process_group(0)
            .spawn()
            .map_err(io_error("starting the watchdog of PostgreSQL"))?;
        let mut stdout = watchdog.stdout.take().expect("the watchdog's output is piped");
        let mut ready = [0; 6];
        match stdout.read_exact(&mut ready) {
            Ok(()) => return Ok(Some(watchdog)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(io_error("waiting for PostgreSQL")(error)),
        }
        watchdog.wait().map_err(io_error("waiting for the watchdog of PostgreSQL"))?;
        let content = fs::read(&log).unwrap_or_default();
        let start = usize::try_from(log_bytes_before).unwrap_or(usize::MAX).min(content.len());
        let logged = String::from_utf8_lossy(&content[start..]);
        if logged.contains("could not bind") {
            return Ok(None);
        }
        Err(ClusterError::Start(last_line(logged.as_bytes())))
    }
}

/// The server's settings. Nothing that a user wrote gets into its log.
fn server_options(port: u16, lifetime: Lifetime) -> String {
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=200".to_owned(),
        "log_min_error_statement=panic".to_owned(),
        "log_error_verbosity=terse".to_owned(),
        "timezone=UTC".to_owned(),
    ];
    if lifetime == Lifetime::Temporary {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    settings.iter().map(|setting| format!("-c {setting}")).collect::<Vec<_>>().join(" ")
}

/// Folders that may contain PostgreSQL's programs, best first: those in PATH, then the installed ones, newest first.
fn candidate_folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let mut installed: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, prefix, below) in [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
    ] {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let version =
                name.to_str().and_then(|name| name.strip_prefix(prefix)).and_then(|text| text.parse().ok());
            if let Some(version) = version {
                installed.push((version, entry.path().join(below)));
            }
        }
    }
    installed.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.extend(installed.into_iter().map(|(_, folder)| folder));
    folders.extend(["/opt/homebrew/opt/postgresql/bin", "/usr/local/opt/postgresql/bin"].map(PathBuf::from));
    folders
}

/// Whether a process is the server of this data folder, which is then its working directory.
fn is_server_of(pid: u32, data: &Path) -> bool {
    if let Ok(folder) = fs::read_link(format!("/proc/{pid}/cwd")) {
        return fs::canonicalize(data).is_ok_and(|data| data == folder);
    }
    // On systems without /proc: the server was started with its data folder on the command line.
    let output = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&*data.to_string_lossy()))
}

fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no reason was given").to_owned()
}
