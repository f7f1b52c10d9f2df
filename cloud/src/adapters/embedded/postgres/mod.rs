//! A private PostgreSQL cluster that lives exactly as long as its owner.
//!
//! A watcher (a shell that reads from a pipe) starts the server and stops it when the pipe closes, which happens
//! however the owner ends, `kill -9` included. Knows no tables: whoever starts a cluster fills it.

use std::{
    env, fs,
    io::{self, Read as _},
    net::{Ipv4Addr, TcpListener},
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use nix::unistd::{Gid, Uid, User, geteuid};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// The cluster's superuser: makes the database and runs the migrations. The service never logs in as this.
pub const SUPERUSER: &str = "postgres";

/// How often another port is tried when a chosen one was taken in the meantime.
const PORT_ATTEMPTS: u32 = 5;

/// Recovery after a power cut may read the whole write-ahead log.
const START_SECONDS: u32 = 300;

/// Runs as the user of the cluster. Arguments: pg_ctl, data folder, server options, log, stop mode, folder to remove
/// or nothing, seconds to wait for the start. It starts the server itself, so that an owner that dies in the meantime
/// cannot leave one behind, and stops only the server that it started.
const WATCHER: &str = r#"
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

/// Where a cluster lives and what is asked of it.
pub struct ClusterOptions<'a> {
    /// The data folder; made if there is none. The folder around it must exist and belong to this process's user.
    pub data: &'a Path,
    /// The superuser's password.
    pub password: &'a SecretString,
    /// Whether the data matters after the owner's end.
    pub lifetime: Lifetime,
}

/// What becomes of a cluster's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Kept, and written through to the disk.
    Kept,
    /// Removed with its owner, together with the folder around it, so nothing needs to reach the disk. For tests.
    Scratch,
}

/// Why there is no cluster, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Nothing to run.
    #[error("PostgreSQL is not installed: neither PATH nor the usual folders have initdb and pg_ctl")]
    NotInstalled,
    /// PostgreSQL refuses to run as root.
    #[error("PostgreSQL does not run as root, and there is no user named postgres to run it as")]
    NoUser,
    /// The other user cannot get there.
    #[error(
        "the user postgres, as which PostgreSQL runs when started by root, cannot reach {}: choose a folder outside private ones",
        .0.display()
    )]
    Unreachable(PathBuf),
    /// `initdb` failed.
    #[error("initdb failed: {0}")]
    Init(String),
    /// The server did not start.
    #[error("PostgreSQL did not start: {0}")]
    Start(String),
    /// A server of an earlier run would not stop.
    #[error("the PostgreSQL server of an earlier run does not stop: {0}")]
    Leftover(String),
    /// The server refused what every new cluster is asked.
    #[error("the private PostgreSQL server refused a statement")]
    Sql(#[from] sqlx::Error),
    /// The file system or the operating system refused.
    #[error("{what} failed")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: io::Error,
    },
}

fn io_for(what: impl Into<String>) -> impl FnOnce(io::Error) -> ClusterError {
    let what = what.into();
    |source| ClusterError::Io { what, source }
}

/// A running cluster. Dropping it stops the server.
pub struct Cluster {
    port: u16,
    password: SecretString,
    watcher: Child,
}

impl Cluster {
    /// Makes the cluster if there is none, ends what an earlier run may have left, and starts it on a free port of
    /// the loopback interface. Blocks until it takes connections.
    ///
    /// # Errors
    /// Any [`ClusterError`].
    pub fn start(options: &ClusterOptions<'_>) -> Result<Self, ClusterError> {
        let tools = Tools::find()?;
        if let (Lifetime::Scratch, Some(around)) = (options.lifetime, options.data.parent()) {
            tools.give(around, 0o700)?;
        }
        tools.check_reachable(options.data)?;
        if options.data.join("PG_VERSION").exists() {
            tools.end_leftover(options.data)?;
        } else {
            tools.init(options)?;
        }
        for _ in 0..PORT_ATTEMPTS {
            let port = free_port().map_err(io_for("looking for a free port"))?;
            if let Some(watcher) = tools.watch(options, port)? {
                return Ok(Self { port, password: options.password.clone(), watcher });
            }
        }
        Err(ClusterError::Start(format!("{PORT_ATTEMPTS} ports were taken by others, one after the other")))
    }

    /// The address of one of its databases, for a role with its password.
    #[must_use]
    pub fn url(&self, role: &str, password: &SecretString, database: &str) -> SecretString {
        let Self { port, .. } = self;
        format!("postgres://{role}:{}@127.0.0.1:{port}/{database}?sslmode=disable", password.expose_secret())
            .into()
    }

    /// Makes an empty database, unless there is one of this name.
    ///
    /// # Errors
    /// [`ClusterError::Sql`] if the server refuses.
    pub async fn create_database(&self, name: &str) -> Result<(), ClusterError> {
        let mut superuser = self.superuser().await?;
        let exists = sqlx::query("select from pg_database where datname = $1")
            .bind(name)
            .fetch_optional(&mut superuser);
        if exists.await?.is_none() {
            let create = format!("create database {}", quoted(name));
            sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut superuser).await?;
        }
        Ok(superuser.close().await?)
    }

    /// Lets a role log in with this password, and no other.
    ///
    /// # Errors
    /// [`ClusterError::Sql`] if there is no such role.
    pub async fn set_password(&self, role: &str, password: &SecretString) -> Result<(), ClusterError> {
        let mut superuser = self.superuser().await?;
        let literal = password.expose_secret().replace('\'', "''");
        let alter = format!("alter role {} password '{literal}'", quoted(role));
        sqlx::raw_sql(AssertSqlSafe(alter)).execute(&mut superuser).await?;
        Ok(superuser.close().await?)
    }

    async fn superuser(&self) -> Result<PgConnection, ClusterError> {
        Ok(PgConnection::connect(self.superuser_url(SUPERUSER).expose_secret()).await?)
    }

    /// The address of one of its databases, for the superuser.
    #[must_use]
    pub fn superuser_url(&self, database: &str) -> SecretString {
        self.url(SUPERUSER, &self.password, database)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        // Nothing is left to do if waiting fails: the watcher goes on by itself.
        let _ = self.watcher.wait();
    }
}

/// The user that the server runs as when we are root.
struct Servant {
    uid: Uid,
    gid: Gid,
}

/// PostgreSQL's programs and how to run them.
struct Tools {
    folder: PathBuf,
    servant: Option<Servant>,
}

impl Tools {
    fn find() -> Result<Self, ClusterError> {
        let folder = candidates()
            .into_iter()
            .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
            .ok_or(ClusterError::NotInstalled)?;
        let servant = if geteuid().is_root() {
            let user = User::from_name(SUPERUSER).ok().flatten().ok_or(ClusterError::NoUser)?;
            Some(Servant { uid: user.uid, gid: user.gid })
        } else {
            None
        };
        Ok(Self { folder, servant })
    }

    /// A program that runs as the cluster's user, in a folder it may be in, without settings of other clusters.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if let Some(servant) = &self.servant {
            command.uid(servant.uid.as_raw()).gid(servant.gid.as_raw());
        }
        command
    }

    fn run(&self, program: &str, arguments: impl FnOnce(&mut Command)) -> Result<Output, ClusterError> {
        let mut command = self.command(self.folder.join(program));
        arguments(&mut command);
        command.output().map_err(io_for(format!("running {program}")))
    }

    /// When we are root, the server's user has to get to the data folder through everything above it.
    fn check_reachable(&self, data: &Path) -> Result<(), ClusterError> {
        let (Some(_), Some(parent)) = (&self.servant, data.parent()) else { return Ok(()) };
        let reached = self
            .command("test")
            .arg("-x")
            .arg(parent)
            .status()
            .map_err(io_for(format!("looking at {}", parent.display())))?;
        if reached.success() { Ok(()) } else { Err(ClusterError::Unreachable(parent.to_owned())) }
    }

    /// Makes the cluster beside its place and moves it there when it is whole.
    fn init(&self, options: &ClusterOptions<'_>) -> Result<(), ClusterError> {
        let unfinished = options.data.with_extension("unfinished");
        match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_for(format!("removing {}", unfinished.display()))(error));
            }
            Ok(()) | Err(_) => {}
        }
        fs::create_dir(&unfinished).map_err(io_for(format!("making {}", unfinished.display())))?;
        self.give(&unfinished, 0o700)?;
        // initdb takes a password only from a file; it lies inside the folder that only the server's user may enter.
        let cluster = unfinished.join("cluster");
        let password_file = unfinished.join("password");
        fs::write(&password_file, options.password.expose_secret())
            .map_err(io_for("writing the password file"))?;
        self.give(&password_file, 0o600)?;
        let made = self.run("initdb", |command| {
            command
                .arg("--pgdata")
                .arg(&cluster)
                .arg("--pwfile")
                .arg(&password_file)
                .args(["--username", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"])
                .args(["--data-checksums", "--no-instructions"]);
            if options.lifetime == Lifetime::Scratch {
                command.arg("--no-sync");
            }
        })?;
        if !made.status.success() {
            return Err(ClusterError::Init(last_line(&made.stderr)));
        }
        fs::rename(&cluster, options.data).map_err(io_for("moving the new cluster to its place"))?;
        fs::remove_dir_all(&unfinished).map_err(io_for(format!("removing {}", unfinished.display())))
    }

    /// Makes a path the cluster user's own.
    fn give(&self, path: &Path, mode: u32) -> Result<(), ClusterError> {
        let what = || format!("preparing {}", path.display());
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(io_for(what()))?;
        match &self.servant {
            Some(servant) => {
                chown(path, Some(servant.uid.as_raw()), Some(servant.gid.as_raw())).map_err(io_for(what()))
            }
            None => Ok(()),
        }
    }

    /// Stops a server of this folder that outlived its watcher, and removes the mark of one that was killed if
    /// its process number now belongs to something else: PostgreSQL would take that for itself.
    fn end_leftover(&self, data: &Path) -> Result<(), ClusterError> {
        let mark = data.join("postmaster.pid");
        let Ok(content) = fs::read_to_string(&mark) else { return Ok(()) };
        let pid = content.lines().next().and_then(|line| line.trim().parse::<u32>().ok());
        if pid.is_some_and(|pid| serves(pid, data)) {
            let stopped = self.run("pg_ctl", |command| {
                command.arg("stop").arg("-D").arg(data).args(["-w", "-t", "60", "-m", "fast"]);
            })?;
            // It may have stopped by itself just now; what counts is that it is gone.
            if !stopped.status.success() && mark.exists() {
                return Err(ClusterError::Leftover(last_line(&stopped.stderr)));
            }
            Ok(())
        } else {
            match fs::remove_file(&mark) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(io_for(format!("removing {}", mark.display()))(error))
                }
                Ok(()) | Err(_) => Ok(()),
            }
        }
    }

    /// Starts watcher and server. `None` if another process took the port first.
    fn watch(&self, options: &ClusterOptions<'_>, port: u16) -> Result<Option<Child>, ClusterError> {
        let log = options.data.join("server.log");
        let log_before = fs::metadata(&log).map_or(0, |metadata| metadata.len());
        let (stop_mode, removed) = match options.lifetime {
            Lifetime::Kept => ("fast", PathBuf::new()),
            Lifetime::Scratch => ("immediate", options.data.parent().unwrap_or(options.data).to_owned()),
        };
        let mut watcher = self
            .command("sh")
            .args(["-c", WATCHER, "maneiro-watcher"])
            .arg(self.folder.join("pg_ctl"))
            .arg(options.data)
            .arg(server_options(port, options.lifetime))
            .arg(&log)
            .arg(stop_mode)
            .arg(removed)
            .arg(START_SECONDS.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal reaches the owner, which stops the server in order.
            .process_group(0)
            .spawn()
            .map_err(io_for("starting the watcher of PostgreSQL"))?;
        let mut stdout = watcher.stdout.take().expect("the watcher's output is piped");
        let mut ready = [0; 6];
        match stdout.read_exact(&mut ready) {
            Ok(()) => return Ok(Some(watcher)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(io_for("waiting for PostgreSQL")(error)),
        }
        watcher.wait().map_err(io_for("waiting for the watcher of PostgreSQL"))?;
        let written = fs::read(&log).unwrap_or_default();
        let since = usize::try_from(log_before).unwrap_or(usize::MAX).min(written.len());
        let said = String::from_utf8_lossy(&written[since..]);
        if said.contains("could not bind") {
            return Ok(None);
        }
        Err(ClusterError::Start(last_line(said.as_bytes())))
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
    if lifetime == Lifetime::Scratch {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    settings.iter().map(|setting| format!("-c {setting}")).collect::<Vec<_>>().join(" ")
}

/// A port that nobody has at the moment.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Folders that may hold PostgreSQL's programs, best first: what the user put in PATH, then the newest installed.
fn candidates() -> Vec<PathBuf> {
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

/// Whether a process is the server of this data folder, in which it then works.
fn serves(pid: u32, data: &Path) -> bool {
    if let Ok(folder) = fs::read_link(format!("/proc/{pid}/cwd")) {
        return fs::canonicalize(data).is_ok_and(|data| data == folder);
    }
    // Systems without /proc: the server was started with its data folder on the command line.
    let listed = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    listed.is_ok_and(|listed| String::from_utf8_lossy(&listed.stdout).contains(&*data.to_string_lossy()))
}

/// A name in SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no reason was given").to_owned()
}
