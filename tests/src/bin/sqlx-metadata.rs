//! Keeps `.sqlx/`, what the compiler knows of our queries, in step with queries and migrations:
//! `sqlx-metadata check` fails if it is not current, `sqlx-metadata write` makes it so.
//!
//! Both build the schema in a private PostgreSQL and have the compiler ask that about every query. Queries that are new
//! keep this program from being built again, so run the one in `target/debug` then.

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
use maneiro_tests::postgres::scratch_cluster;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{Connection as _, Executor as _, PgConnection, migrate::Migrator};

/// Which files there are, by name, and what each says.
type Metadata = BTreeMap<String, String>;

fn main() -> ExitCode {
    let outcome = match env::args().nth(1).as_deref() {
        Some("check") => check(),
        Some("write") => write(),
        _ => Err(anyhow::anyhow!("say `sqlx-metadata check` or `sqlx-metadata write`")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("sqlx-metadata: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn check() -> anyhow::Result<()> {
    let (current, committed) = (ask_compiler()?, read(&committed_folder())?);
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

fn write() -> anyhow::Result<()> {
    let current = ask_compiler()?;
    let folder = committed_folder();
    fs::create_dir_all(&folder)?;
    for name in read(&folder)?.keys().filter(|name| !current.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    for (name, content) in &current {
        fs::write(folder.join(name), content)?;
    }
    println!("{} queries written", current.len());
    Ok(())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package stands in the workspace")
}

fn committed_folder() -> PathBuf {
    root().join(".sqlx")
}

fn read(folder: &Path) -> anyhow::Result<Metadata> {
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

/// Has the compiler look at every query with a database of today's schema at hand.
fn ask_compiler() -> anyhow::Result<Metadata> {
    let cluster = scratch_cluster();
    let database = cluster.superuser_url("postgres");
    tokio::runtime::Runtime::new()?.block_on(migrate(&database)).context("the migrations do not apply")?;
    let found = tempfile::tempdir()?;
    // The compiler looks again only at what has changed; the file's time is put back, so that nothing else is.
    let touched = Touched::now(root().join("cloud/src/lib.rs"))?;
    let checked = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--locked", "--quiet", "--workspace", "--lib"])
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
    let found = read(found.path())?;
    ensure!(!found.is_empty(), "the compiler looked at no query");
    Ok(found)
}

/// As `maneiro-cloud migrate` does it, but with the migrations as they are now, not as they were when this was built.
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

/// A file that looks changed for as long as this lives.
struct Touched {
    path: PathBuf,
    before: SystemTime,
}

impl Touched {
    fn now(path: PathBuf) -> anyhow::Result<Self> {
        let before = fs::metadata(&path)?.modified()?;
        #[expect(clippy::disallowed_methods, reason = "cargo compares with the machine's clock")]
        File::options().append(true).open(&path)?.set_modified(SystemTime::now())?;
        Ok(Self { path, before })
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        // If it fails, the next build only looks at more than it must.
        let _ = File::options().append(true).open(&self.path).and_then(|file| file.set_modified(self.before));
    }
}
