//! Puts the parts together: the only file that names adapters. Decides nothing else.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::info;
use url::Url;

use crate::{
    adapters::{
        embedded::{Embedded, objects::ObjectServer, random_text},
        keys::FileKeys,
        model::LanguageModel,
        s3::S3Files,
        system::{SystemClock, SystemRandom},
    },
    app, config,
    domain::plan::Catalogue,
    http, jobs,
    ports::{Keys, Model, Random},
    state::{App, Parts},
    store::{Db, migrate, notices::Notices},
};

/// The name of the embedded database, and of the role that the service logs in as.
const EMBEDDED_DATABASE: &str = "maneiro";
const APP_ROLE: &str = "maneiro_app";

/// Where the data lies.
#[derive(Debug, Clone)]
pub enum Place {
    /// On servers of their own.
    Servers(config::Stores),
    /// Under one folder, on servers that this process starts.
    Embedded(PathBuf),
}

/// Serves HTTP until `stop`. Tells its address to `ready` once it takes requests. With `jobs` it works on them too.
///
/// # Errors
/// Whatever kept it from starting, with its causes.
pub async fn serve(
    http: config::Http,
    place: Place,
    jobs: Option<config::Jobs>,
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    // An embedded service takes a free port unless it was given one, so that several can run side by side.
    let default_port = match place {
        Place::Servers(_) => 8080,
        Place::Embedded(_) => 0,
    };
    let listen = http.listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, default_port)));
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr().context("the address listened on is not known")?;
    let public_url = match http.public_url {
        Some(url) => url,
        None => Url::parse(&format!("http://{address}")).context("the address listened on makes no URL")?,
    };
    let servers = Servers::start(place).await?;
    let model = jobs.as_ref().and_then(|jobs| jobs.model.as_ref());
    let app = servers.app(model, public_url, stop.clone()).await?;
    let worker = jobs.map(|jobs| tokio::spawn(jobs::run(app.clone(), job_settings(&jobs), stop.clone())));
    ready(address);
    let served = http::serve(listener, app.clone()).await.context("serving ended");
    // Whatever ended it, the rest of the process ends in order too.
    stop.cancel();
    if let Some(worker) = worker {
        worker.await.context("the worker failed")?;
    }
    app.db.close().await;
    servers.stop().await;
    served
}

/// Works on jobs until `stop`.
///
/// # Errors
/// Whatever kept it from starting, with its causes.
pub async fn worker(
    stores: config::Stores,
    jobs: config::Jobs,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let servers = Servers::start(Place::Servers(stores)).await?;
    // A worker gives out no addresses.
    let nowhere = Url::parse("http://localhost").context("a constant address")?;
    let app = servers.app(jobs.model.as_ref(), nowhere, stop.clone()).await?;
    jobs::run(app.clone(), job_settings(&jobs), stop).await;
    app.db.close().await;
    Ok(())
}

/// Brings the database to the schema of this program.
///
/// # Errors
/// What could not be applied, with its causes.
pub async fn migrate(login: &SecretString) -> anyhow::Result<()> {
    migrate::migrate(login).await.context("the database could not be migrated")?;
    info!("the database has the schema of this program");
    Ok(())
}

/// Where an administrator's command finds the database.
#[derive(Debug, Clone)]
pub enum AdminPlace {
    /// On a server of its own, with the login that migrations run with.
    Server(SecretString),
    /// Under the folder of an embedded service that is not running.
    Embedded(PathBuf),
}

/// Lets the person of this address run the platform. Answers whether there is such a person.
///
/// # Errors
/// Whatever kept it from being done, with its causes.
pub async fn grant_operator(place: AdminPlace, email: &str) -> anyhow::Result<bool> {
    let (login, embedded) = match place {
        AdminPlace::Server(login) => (login, None),
        AdminPlace::Embedded(folder) => {
            let (embedded, _) = open_embedded(&folder).await?;
            (embedded.cluster.superuser_url(EMBEDDED_DATABASE), Some(embedded))
        }
    };
    let granted = app::operators::grant(&login, &SystemClock, &SystemRandom, email).await;
    drop_blocking(embedded).await;
    granted.context("the operator could not be granted")
}

/// The servers behind the service, started or only known of.
struct Servers {
    database: config::Database,
    objects: config::ObjectStore,
    keys: Arc<dyn Keys>,
    embedded: Option<(Embedded, ObjectServer)>,
}

impl Servers {
    async fn start(place: Place) -> anyhow::Result<Self> {
        match place {
            Place::Servers(stores) => {
                let keys = FileKeys::open(&stores.master_key_file, Arc::new(SystemRandom))
                    .context("the master key cannot be used")?;
                Ok(Self {
                    database: stores.database,
                    objects: stores.objects,
                    keys: Arc::new(keys),
                    embedded: None,
                })
            }
            Place::Embedded(folder) => {
                let (embedded, database) = open_embedded(&folder).await?;
                let server = ObjectServer::start(embedded.objects(), &SystemRandom).await?;
                Ok(Self {
                    database,
                    objects: server.settings(),
                    keys: embedded.keys.clone(),
                    embedded: Some((embedded, server)),
                })
            }
        }
    }

    async fn app(
        &self,
        model: Option<&config::Model>,
        public_url: Url,
        stopping: CancellationToken,
    ) -> anyhow::Result<App> {
        let files = S3Files::new(self.objects.clone()).await;
        let db = connect(&self.database).await?;
        let model =
            model.map(|model| LanguageModel::new(model).map(|model| Arc::new(model) as Arc<dyn Model>));
        let parts = Parts {
            notices: Notices::listen(db.clone(), stopping.clone()),
            db,
            files: Arc::new(files),
            keys: Arc::clone(&self.keys),
            model: model.transpose().context("the language model cannot be used")?,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            plans: Catalogue::shipped().context("the shipped plans cannot be read")?,
            public_url,
            stopping,
        };
        Ok(App::new(parts))
    }

    async fn stop(self) {
        drop_blocking(self.embedded).await;
    }
}

async fn connect(database: &config::Database) -> anyhow::Result<Db> {
    Ok(Db::connect(&database.url, database.connections).await?)
}

/// Takes the folder, starts the database server and brings it to the schema of this program.
async fn open_embedded(folder: &Path) -> anyhow::Result<(Embedded, config::Database)> {
    let folder = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || Embedded::open(&folder, Arc::new(SystemRandom)));
    let embedded = opened.await.context("starting the embedded servers failed")??;
    let cluster = &embedded.cluster;
    cluster.create_database(EMBEDDED_DATABASE).await?;
    migrate(&cluster.superuser_url(EMBEDDED_DATABASE)).await?;
    // The service's own password lives as long as this process and is written nowhere.
    let password = SecretString::from(random_text(&SystemRandom as &dyn Random));
    cluster.set_password(APP_ROLE, &password).await?;
    let url = cluster.url(APP_ROLE, &password, EMBEDDED_DATABASE);
    Ok((embedded, config::Database { url, connections: config::DEFAULT_DATABASE_CONNECTIONS }))
}

/// Stopping servers waits for them.
async fn drop_blocking<T: Send + 'static>(servers: T) {
    // It fails only if stopping panicked, which the hook has logged.
    let _ = tokio::task::spawn_blocking(move || drop(servers)).await;
}

fn job_settings(jobs: &config::Jobs) -> jobs::Settings {
    let config::Jobs { concurrency, lease, heartbeat, poll, limit, model: _ } = *jobs;
    jobs::Settings { concurrency, lease, heartbeat, poll, limit }
}
