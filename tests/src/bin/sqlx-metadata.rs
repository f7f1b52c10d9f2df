//! Keeps `.sqlx/`, the compiler's metadata of our queries, current:
//! `sqlx-metadata check` fails if it is not current, `sqlx-metadata write` makes it so.
//!
//! Both create the schema in a private PostgreSQL and have the compiler check every query against it. New queries keep this
//! program from being built again, so run the one in `target/debug` then.

use std::{
    collections::BTreeMap,
    env, fs,
    fs::File,
    io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::SystemTime,
};

use anyhow::{Context as _, bail, ensure};
use maneiro_tests::{postgres::scratch_cluster, workspace::root};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{Connection as _, Executor as _, PgConnection, migrate::Migrator};

/// The metadata files by name.
type Metadata = BTreeMap<String, String>;

fn main() -> ExitCode {
    let outcome = match env::args().nth(1).as_deref() {
        Some("check") => check_metadata(),
        Some("write") => write_metadata(),
        _ => Err(anyhow::anyhow!("usage: sqlx-metadata check | write")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sqlx-metadata: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn check_metadata() -> anyhow::Result<()> {
    let (current, committed) = (compile_metadata()?, read_metadata(&committed_folder())?);
    let differing: Vec<&str> = current
        .keys()
        .chain(committed.keys().filter(|name| !current.contains_key(*name)))
        .filter(|name| current.get(*name) != committed.get(*name))
        .map(String::as_str)
        .collect();
    ensure!(
        differing.is_empty(),
        ".sqlx/ is not current ({}): run `target/debug/sqlx-metadata write` and commit the result",
        differing.join(", ")
    );
    println!("{} queries, all current", current.len());
    Ok(())
}

fn write_metadata() -> anyhow::Result<()> {
    let current = compile_metadata()?;
    let folder = committed_folder();
    fs::create_dir_all(&folder)?;
    for name in read_metadata(&folder)?.keys().filter(|name| !current.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    for (name, content) in &current {
        fs::write(folder.join(name), content)?;
    }
    println!("{} queries written", current.len());
    Ok(())
}

fn committed_folder() -> PathBuf {
    root().join(".sqlx")
}

fn read_metadata(folder: &Path) -> anyhow::Result<Metadata> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Metadata::new()),
        entries => entries.with_context(|| format!("{} cannot be listed", folder.display()))?,
    };
    let mut found = Metadata::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("query-") {
            let content =
                fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            found.insert(name, content);
        }
    }
    Ok(found)
}

/// Has the compiler check every query against a database with the current schema.
fn compile_metadata() -> anyhow::Result<Metadata> {
    let cluster = scratch_cluster();
    let database = cluster.superuser_url("postgres");
    tokio::runtime::Runtime::new()?.block_on(migrate(&database)).context("the migrations do not apply")?;
    let found = tempfile::tempdir()?;
    // The compiler checks only changed files. The file's time is restored afterwards, so that nothing else is compiled.
    let touched = TouchedFile::now(root().join("cloud/src/lib.rs"))?;
    let checked = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--locked", "--quiet", "--lib"])
        .current_dir(root())
        .env("DATABASE_URL", database.expose_secret())
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", found.path())
        .status()
        .context("cargo cannot be run")?;
    drop(touched);
    if !checked.success() {
        bail!("the queries do not compile");
    }
    let found = read_metadata(found.path())?;
    ensure!(!found.is_empty(), "the compiler checked no query");
    Ok(found)
}

/// Migrates as `maneiro-cloud migrate` does, but with the current migrations instead of those of the last build.
async fn migrate(database: &SecretString) -> anyhow::Result<()> {
    let folder = root().join("migrations");
    let mut connection = PgConnection::connect(database.expose_secret()).await?;
    let roles = fs::read_to_string(folder.join("roles.sql"))?;
    connection.execute(sqlx::AssertSqlSafe(roles)).await?;
    connection.execute("set role maneiro_owner").await?;
    let mut migrator = Migrator::new(folder).await?;
    migrator.dangerous_set_table_name("maneiro._sqlx_migrations");
    migrator.run_direct(None, &mut connection, false).await?;
    connection.close().await?;
    Ok(())
}

/// A file whose modification time is now, until this is dropped.
struct TouchedFile {
    path: PathBuf,
    before: SystemTime,
}

impl TouchedFile {
    fn now(path: PathBuf) -> anyhow::Result<Self> {
        let before = fs::metadata(&path)?.modified()?;
        #[expect(clippy::disallowed_methods, reason = "cargo compares with the machine's clock")]
        File::options().append(true).open(&path)?.set_modified(SystemTime::now())?;
        Ok(Self { path, before })
    }
}

impl Drop for TouchedFile {
    fn drop(&mut self) {
        // If it fails, the next build merely compiles more than necessary.
        let _ = File::options().append(true).open(&self.path).and_then(|file| file.set_modified(self.before));
    }
}
