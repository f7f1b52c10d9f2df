//! One private PostgreSQL cluster for each test process, and one database for each test, copied from a migrated template.
//! The cluster starts with the first test and ends with the process, however that ends.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use maneiro_cloud::{
    adapters::{
        embedded::{
            credentials::random_password,
            postgres::{Cluster, ClusterOptions, Lifetime},
        },
        system::SystemRandom,
    },
    store::migrate,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use url::Url;

use crate::proxy::Proxy;

const TEMPLATE: &str = "test_template";

/// The role that the service logs in as.
pub const APP_ROLE: &str = "maneiro_app";

struct SharedCluster {
    cluster: Cluster,
    app_password: SecretString,
    databases: AtomicU32,
}

static SHARED_CLUSTER: OnceCell<SharedCluster> = OnceCell::const_new();

async fn shared_cluster() -> &'static SharedCluster {
    SHARED_CLUSTER.get_or_init(start_cluster).await
}

async fn start_cluster() -> SharedCluster {
    let cluster =
        tokio::task::spawn_blocking(scratch_cluster).await.expect("starting PostgreSQL does not panic");
    let app_password = SecretString::from(random_password(&SystemRandom));
    cluster.create_database(TEMPLATE).await.expect("a new cluster takes a new database");
    migrate::migrate(&cluster.superuser_url(TEMPLATE))
        .await
        .expect("the migrations apply to an empty database");
    cluster.set_password(APP_ROLE, &app_password).await.expect("the migrations made the role");
    SharedCluster { cluster, app_password, databases: AtomicU32::new(0) }
}

/// A private cluster. It and its folder are removed when it is dropped or this process ends.
///
/// # Panics
/// If PostgreSQL is not installed or does not start; the message says why.
#[must_use]
pub fn scratch_cluster() -> Cluster {
    let folder =
        tempfile::Builder::new().prefix("maneiro-tests-").tempdir().expect("a temporary folder").keep();
    let password = SecretString::from(random_password(&SystemRandom));
    let options =
        ClusterOptions { data: &folder.join("postgres"), password: &password, lifetime: Lifetime::Temporary };
    Cluster::start(&options).unwrap_or_else(|error| panic!("{error} ({error:?})"))
}

/// A cluster of its own, synced to the disk, that can be stopped as by a power cut. Its clients reach it at one address.
pub struct CrashableCluster {
    cluster: Option<Cluster>,
    folder: TempDir,
    password: SecretString,
    proxy: Proxy,
}

impl CrashableCluster {
    /// Starts it with one migrated database.
    pub async fn start() -> (Self, TestDatabase) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // The server may run as another user, who must be able to pass.
        let passable = fs::Permissions::from_mode(0o711);
        fs::set_permissions(folder.path(), passable).expect("the folder is this process's own");
        let password = SecretString::from(random_password(&SystemRandom));
        let cluster = start_persistent(&folder, &password).await;
        let app_password = SecretString::from(random_password(&SystemRandom));
        cluster.create_database("test").await.expect("a new cluster takes a new database");
        migrate::migrate(&cluster.superuser_url("test")).await.expect("the migrations apply");
        cluster.set_password(APP_ROLE, &app_password).await.expect("the migrations made the role");
        let proxy = Proxy::start(&parse(&cluster.superuser_url("test"))).await;
        let database = TestDatabase {
            url: at_proxy(&cluster.url(APP_ROLE, &app_password, "test"), &proxy),
            superuser_url: at_proxy(&cluster.superuser_url("test"), &proxy),
        };
        (Self { cluster: Some(cluster), folder, password, proxy }, database)
    }

    /// Stops the server as `pg_ctl stop -m immediate` does, and starts it again, which recovers from the write-ahead log.
    ///
    /// # Panics
    /// If it does not recover.
    pub async fn crash_and_restart(&mut self) {
        let pid_file = self.folder.path().join("postgres/postmaster.pid");
        let content = fs::read_to_string(pid_file).expect("the server runs");
        let pid = content.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process number");
        kill(Pid::from_raw(pid), Signal::SIGQUIT).expect("the server can be signalled");
        while kill(Pid::from_raw(pid), None).is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let crashed = self.cluster.take();
        tokio::task::spawn_blocking(move || drop(crashed)).await.expect("its watchdog ends");
        let cluster = start_persistent(&self.folder, &self.password).await;
        self.proxy.set_target(&parse(&cluster.superuser_url("test")));
        self.cluster = Some(cluster);
    }
}

async fn start_persistent(folder: &TempDir, password: &SecretString) -> Cluster {
    let (data, password) = (folder.path().join("postgres"), password.clone());
    tokio::task::spawn_blocking(move || {
        let options = ClusterOptions { data: &data, password: &password, lifetime: Lifetime::Persistent };
        Cluster::start(&options).unwrap_or_else(|error| panic!("{error} ({error:?})"))
    })
    .await
    .expect("starting PostgreSQL does not panic")
}

fn parse(url: &SecretString) -> Url {
    Url::parse(url.expose_secret()).expect("the cluster makes URLs")
}

fn at_proxy(url: &SecretString, proxy: &Proxy) -> SecretString {
    let mut url = parse(url);
    url.set_port(proxy.url().port()).expect("the URL has a host");
    SecretString::from(url.to_string())
}

/// The database of one test.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    /// With the login of the service.
    pub url: SecretString,
    /// With a superuser, who bypasses row-level security.
    pub superuser_url: SecretString,
}

impl TestDatabase {
    /// A copy of the migrated template.
    pub async fn create() -> Self {
        Self::copy_template(TEMPLATE).await
    }

    /// A database without migrations.
    pub async fn empty() -> Self {
        Self::copy_template("template0").await
    }

    async fn copy_template(template: &str) -> Self {
        let shared = shared_cluster().await;
        let name = format!("test_{}", shared.databases.fetch_add(1, Ordering::Relaxed));
        let mut superuser = connect(&shared.cluster.superuser_url("postgres")).await;
        let create = format!("create database {name} template {template}");
        sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut superuser)
            .await
            .expect("the template can be copied");
        superuser.close().await.expect("the connection closes");
        Self {
            url: shared.cluster.url(APP_ROLE, &shared.app_password, &name),
            superuser_url: shared.cluster.superuser_url(&name),
        }
    }

    /// A connection of the superuser.
    pub async fn superuser(&self) -> PgConnection {
        connect(&self.superuser_url).await
    }
}

async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect(url.expose_secret()).await.expect("the private cluster takes connections")
}
