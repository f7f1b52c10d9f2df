//! One private PostgreSQL cluster for each test process, and one database for each test, copied from a migrated template.
//! The cluster starts with the first test and ends with the process, however that ends.

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
