//! The whole service in the test's own process: the real router on a real port, the real database and object store,
//! and what tests need to hold in their hands: the clock, the ids, the ports.

use std::{
    net::Ipv4Addr,
    path::PathBuf,
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use maneiro_api::{JobId, RetryPolicy, client::Client};
use maneiro_cloud::{
    adapters::{
        embedded::object_server::ObjectServer, master_key_file::MasterKeyFile,
        s3_object_store::S3ObjectStore, system::SystemRandom,
    },
    config::{DatabaseConfig, StorageConfig, WorkerConfig},
    domain::plan::PlanCatalogue,
    http, jobs,
    ports::{KeyService, LanguageModel, ObjectStore},
    state::{App, AppParts},
    store::{Db, notifications::DbNotifications},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    faults::{Breakable, FakeModel},
    postgres::TestDatabase,
    time::{TestClock, TestRandom},
};

/// Connections of the service under test; few, so that one that is not given back is felt.
const CONNECTIONS: u32 = 8;

/// How jobs are run in tests: as always, but with less waiting.
pub const JOBS: WorkerConfig = WorkerConfig {
    max_concurrent_jobs: 2,
    lease_duration: Duration::from_millis(1500),
    heartbeat_interval: Duration::from_millis(250),
    poll_interval: Duration::from_millis(100),
    attempt_timeout: Duration::from_secs(60),
};

/// A running service and everything around it. Dropping it stops the service.
pub struct TestApp {
    /// Where it answers.
    pub url: Url,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its object store.
    pub files: Arc<Breakable<dyn ObjectStore>>,
    /// Its key service.
    pub keys: Arc<Breakable<dyn KeyService>>,
    /// Its database.
    pub database: TestDatabase,
    /// What its use cases are given, for what no request can do.
    pub app: App,
    pub(crate) objects: ObjectServer,
    pub(crate) folder: TempDir,
    pub(crate) persons: AtomicU32,
    stop: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
}

/// What a test wants otherwise.
#[derive(Default)]
pub struct Wishes {
    model: Option<Arc<FakeModel>>,
    connections: Option<u32>,
}

impl Wishes {
    /// Analyses are made by this model.
    #[must_use]
    pub fn model(self, model: &Arc<FakeModel>) -> Self {
        Self { model: Some(Arc::clone(model)), ..self }
    }

    /// The service has this many connections to the database.
    #[must_use]
    pub fn connections(self, connections: u32) -> Self {
        Self { connections: Some(connections), ..self }
    }

    /// Starts the service.
    pub async fn start(self) -> TestApp {
        log_if_asked();
        let database = TestDatabase::create().await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let objects = ObjectServer::start(folder.path(), &SystemRandom).await.expect("an object store");
        let random = Arc::new(TestRandom::new(1));
        // Beside the bucket, where no object can be.
        let master = MasterKeyFile::create(&folder.path().join("master.key"), Arc::new(SystemRandom))
            .expect("a master key");
        let files: Arc<Breakable<dyn ObjectStore>> =
            Arc::new(Breakable::new(Arc::new(S3ObjectStore::new(objects.client_config()).await)));
        let keys: Arc<Breakable<dyn KeyService>> = Arc::new(Breakable::new(Arc::new(master)));
        let clock = Arc::new(TestClock::default());
        let stop = CancellationToken::new();
        let connections = self.connections.unwrap_or(CONNECTIONS);
        let db = Db::connect(&database.url, connections).await.expect("the service accepts its database");
        files.watch(&db);
        keys.watch(&db);
        if let Some(model) = &self.model {
            model.watch(&db);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let url = Url::parse(&format!("http://{address}")).expect("an address makes a URL");
        let app = App::new(AppParts {
            notifications: DbNotifications::listen(db.clone(), stop.clone()),
            db,
            objects: files.clone(),
            key_service: keys.clone(),
            model: self.model.map(|model| model as Arc<dyn LanguageModel>),
            clock: clock.clone(),
            random,
            plans: PlanCatalogue::bundled().expect("the bundled plans are valid"),
            public_url: url.clone(),
            stopping: stop.clone(),
        });
        let server = tokio::spawn(http::serve(listener, app.clone()));
        TestApp {
            url,
            clock,
            files,
            keys,
            database,
            app,
            objects,
            folder,
            persons: AtomicU32::new(0),
            stop,
            server,
        }
    }
}

/// `MANEIRO_TEST_LOG=info cargo test ..` shows what the service logs.
fn log_if_asked() {
    if let Ok(filter) = std::env::var("MANEIRO_TEST_LOG") {
        // It fails if another test of this process was first.
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
    }
}

impl TestApp {
    /// The service as it is by itself.
    pub async fn start() -> Self {
        Wishes::default().start().await
    }

    /// A service that is otherwise.
    #[must_use]
    pub fn with() -> Wishes {
        Wishes::default()
    }

    /// Somebody who has not signed in. Nothing is tried twice: a test wants to see the first answer.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(self.url.as_str(), RetryPolicy::with_total_delay(Duration::ZERO))
            .expect("a loopback address")
    }

    /// Where the objects lie as files.
    #[must_use]
    pub fn bucket(&self) -> PathBuf {
        self.folder.path().join("maneiro")
    }

    /// The settings that a process of its own needs to work on the same data.
    #[must_use]
    pub fn stores(&self) -> StorageConfig {
        StorageConfig {
            database: DatabaseConfig { url: self.database.url.clone(), max_connections: CONNECTIONS },
            objects: self.objects.client_config(),
            master_key_file: self.folder.path().join("master.key"),
        }
    }

    /// Works on jobs in this process until the answer is dropped.
    #[must_use]
    pub fn worker(&self) -> TestWorker {
        self.worker_with(JOBS)
    }

    /// The same, with other settings.
    #[must_use]
    pub fn worker_with(&self, config: WorkerConfig) -> TestWorker {
        let stop = self.stop.child_token();
        let task = tokio::spawn(jobs::run(self.app.clone(), config, stop.clone()));
        TestWorker { stop, task }
    }

    /// Lets the back-off of a waiting job be over.
    pub async fn skip_back_off(&self, job: JobId) {
        let mut superuser = self.database.superuser().await;
        sqlx::query(
            "update maneiro.jobs set run_after = now(), state = state where id = $1 and state = 'waiting'",
        )
        .bind(job.uuid())
        .execute(&mut superuser)
        .await
        .expect("the superuser may change a job");
    }

    /// Ends the test in order: the service stops, and no job is left that nobody expected.
    ///
    /// # Panics
    /// If a job waits or is being worked on.
    pub async fn finish(self) {
        let mut superuser = self.database.superuser().await;
        let left: Vec<(String,)> = sqlx::query_as(
            "select state || ' ' || id from maneiro.jobs where state in ('waiting', 'processing')",
        )
        .fetch_all(&mut superuser)
        .await
        .expect("the superuser sees the jobs");
        assert!(left.is_empty(), "jobs are left: {left:?}");
        self.stop.cancel();
        let Self { server, .. } = self;
        server.await.expect("the server does not panic").expect("the server ends in order");
    }
}

/// A worker in the test's own process. Dropping it stops it without giving back what it has in hand.
pub struct TestWorker {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl TestWorker {
    /// Stops in order, as at SIGTERM.
    pub async fn stop(mut self) {
        self.stop.cancel();
        (&mut self.task).await.expect("the worker does not panic");
    }
}

impl Drop for TestWorker {
    fn drop(&mut self) {
        self.task.abort();
    }
}
