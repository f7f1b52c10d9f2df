//! One private PostgreSQL cluster per test process, started when the first test asks, gone with the process however it
//! ends; and a database of its own for every test, copied from one that was migrated once.

use std::sync::atomic::{AtomicU32, Ordering};

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
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "template_of_tests";

/// What the service logs in as.
pub const APP_ROLE: &str = "maneiro_app";

struct Shared {
    cluster: Cluster,
    app_password: SecretString,
    databases: AtomicU32,
}

static SHARED: OnceCell<Shared> = OnceCell::const_new();

async fn shared() -> &'static Shared {
    SHARED.get_or_init(start).await
}

async fn start() -> Shared {
    let cluster =
        tokio::task::spawn_blocking(scratch_cluster).await.expect("starting PostgreSQL does not panic");
    let app_password = SecretString::from(random_password(&SystemRandom));
    cluster.create_database(TEMPLATE).await.expect("a new cluster takes a new database");
    migrate::migrate(&cluster.superuser_url(TEMPLATE))
        .await
        .expect("the migrations apply to an empty database");
    cluster.set_password(APP_ROLE, &app_password).await.expect("the migrations made the role");
    Shared { cluster, app_password, databases: AtomicU32::new(0) }
}

/// A cluster that nobody else uses. It and its folder go when it is dropped, or with this process.
///
/// # Panics
/// If PostgreSQL is not installed or does not start; the message says why.
#[must_use]
pub fn scratch_cluster() -> Cluster {
    let around =
        tempfile::Builder::new().prefix("maneiro-tests-").tempdir().expect("a temporary folder").keep();
    let password = SecretString::from(random_password(&SystemRandom));
    let options =
        ClusterOptions { data: &around.join("postgres"), password: &password, lifetime: Lifetime::Temporary };
    Cluster::start(&options).unwrap_or_else(|error| panic!("{error} ({error:?})"))
}

/// A migrated database of its own.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    /// As the service logs in.
    pub url: SecretString,
    /// Past row-level security, to look at what the service cannot see.
    pub superuser_url: SecretString,
}

impl TestDatabase {
    /// Copies the migrated one.
    pub async fn create() -> Self {
        Self::copy_of(TEMPLATE).await
    }

    /// One that was never migrated.
    pub async fn empty() -> Self {
        Self::copy_of("template0").await
    }

    async fn copy_of(template: &str) -> Self {
        let shared = shared().await;
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

    /// A connection that sees everything.
    pub async fn superuser(&self) -> PgConnection {
        connect(&self.superuser_url).await
    }
}

async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect(url.expose_secret()).await.expect("the private cluster takes connections")
}
