//! Composes the service: the only file that names adapters. Decides nothing else.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use maneiro_api::OrgId;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::info;
use url::Url;

use crate::{
    adapters::{
        embedded::{EmbeddedFolder, credentials::random_password, object_server::ObjectServer},
        master_key_file::MasterKeyFile,
        memory_rate_limiter::MemoryRateLimiter,
        openai_model::OpenAiModel,
        outbox_mailer::OutboxMailer,
        redis_rate_limiter::RedisRateLimiter,
        s3_object_store::S3ObjectStore,
        smtp_mailer::SmtpMailer,
        stripe::StripePayments,
        system::{SystemClock, SystemRandom},
    },
    app::{catalogue, clinic_keys::KeyAdministration, job_watch},
    config::{
        DEFAULT_MAX_CONNECTIONS, DatabaseConfig, HttpConfig, JobsConfig, MailConfig, MasterKeyConfig,
        ModelConfig, ObjectStoreConfig, PaymentsConfig, StorageConfig,
    },
    domain::{client_address::TrustedProxies, plan::PlanCatalogue, rate_limit::DEFAULT_ANALYSES_PER_HOUR},
    http,
    ports::{Clock, KeyService, LanguageModel, Mailer, Random, RateLimiter, payments::Payments},
    state::{App, AppParts},
    store::{DatabaseTimeouts, Db, migrate, notifications::DbNotifications},
    tasks,
};

pub use crate::{
    app::administration::Administration,
    domain::{
        error::Error,
        user_import::{ImportOutcome, ImportedUser},
        validation::{Email, Title},
    },
    store::second_factors::SecondFactorReset,
};

const EMBEDDED_DATABASE: &str = "maneiro";
/// The role that the service logs in as.
const APP_ROLE: &str = "maneiro_app";

const DEFAULT_PORT: u16 = 8080;

/// Where the service finds its servers.
#[derive(Debug, Clone)]
pub enum Deployment {
    /// They run on their own.
    External(Box<StorageConfig>, Box<MailConfig>),
    /// This process starts them, with all data in one folder.
    Embedded(PathBuf),
}

/// Serves HTTP until `stop`, and runs jobs too if `jobs` is given. Calls `on_listening` once it accepts requests.
///
/// # Errors
/// What prevented the start, with its causes.
pub async fn serve(
    http: HttpConfig,
    deployment: Deployment,
    payments: Option<PaymentsConfig>,
    jobs: Option<JobsConfig>,
    stop: CancellationToken,
    on_listening: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    // By default an embedded service takes a free port, so that several can run side by side.
    let default_port = match deployment {
        Deployment::External(..) => DEFAULT_PORT,
        Deployment::Embedded(_) => 0,
    };
    let limits = http::ServerLimits { stop_delay: http.stop_delay, ..http::ServerLimits::default() };
    let listen = http.listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, default_port)));
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr().context("the address of the listener is not known")?;
    let public_url = match &http.public_url {
        Some(url) => url.clone(),
        None => {
            Url::parse(&format!("http://{address}")).context("the address of the listener is not a URL")?
        }
    };
    let sales = Sales::new(payments)?;
    let backends = Backends::start(deployment).await?;
    let model = jobs.as_ref().and_then(|jobs| jobs.model.as_ref());
    let requests = RequestLimits::new(&http)?;
    let app = backends.app(model, public_url, requests, sales, stop.clone()).await?;
    let worker = jobs.map(|jobs| tasks::run(app.clone(), jobs.worker, stop.clone()));
    on_listening(address);
    let served = serve_with_worker(http::serve(listener, app.clone(), limits), worker, &stop).await;
    app.db.close().await;
    backends.stop().await;
    served
}

/// Serves, and runs the worker too. Whichever ends, the other ends in order: without its worker, a service would accept
/// jobs that nobody does.
async fn serve_with_worker(
    serving: impl Future<Output = io::Result<()>>,
    worker: Option<impl Future<Output = ()> + Send + 'static>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let mut worker = worker.map(tokio::spawn);
    let worker_ended = async {
        match &mut worker {
            Some(worker) => worker.await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(serving);
    let (served, worked) = tokio::select! {
        served = &mut serving => (Some(served), None),
        worked = worker_ended => (None, Some(worked)),
    };
    stop.cancel();
    let worked = match (worked, worker) {
        (Some(worked), _) => worked,
        (None, Some(worker)) => worker.await,
        (None, None) => Ok(()),
    };
    let served = match served {
        Some(served) => served,
        None => serving.await,
    };
    worked.context("the worker failed")?;
    served.context("serving ended")
}

/// Runs jobs until `stop`.
///
/// # Errors
/// What prevented the start, with its causes.
pub async fn run_worker(
    storage: StorageConfig,
    mail: MailConfig,
    payments: Option<PaymentsConfig>,
    jobs: JobsConfig,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let sales = Sales::new(payments)?;
    let backends = Backends::start(Deployment::External(Box::new(storage), Box::new(mail))).await?;
    // A worker returns no URLs and takes no requests.
    let unused_url = Url::parse("http://localhost").context("a constant URL")?;
    let requests = RequestLimits::in_memory();
    let app = backends.app(jobs.model.as_ref(), unused_url, requests, sales, stop.clone()).await?;
    tasks::run(app.clone(), jobs.worker, stop).await;
    app.db.close().await;
    Ok(())
}

/// Migrates the database to the schema of this program.
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
pub enum AdminDatabase {
    /// On a server that runs on its own, with the login of migrations.
    External(SecretString),
    /// In the folder of an embedded service that is not running.
    Embedded(PathBuf),
}

/// Runs commands of an administrator.
///
/// # Errors
/// What prevented them, with its causes.
pub async fn administer(
    database: AdminDatabase,
    commands: impl AsyncFnOnce(&Administration<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (login, embedded) = match database {
        AdminDatabase::External(login) => (login, None),
        AdminDatabase::Embedded(folder) => {
            let (embedded, _) = open_embedded(&folder).await?;
            (embedded.cluster.superuser_url(EMBEDDED_DATABASE), Some(embedded))
        }
    };
    let outcome = commands(&Administration::new(login, &SystemClock, &SystemRandom)).await;
    drop_blocking(embedded).await;
    outcome
}

/// Where a command finds the keys of clinics.
#[derive(Debug, Clone)]
pub enum KeyAccess {
    /// On servers that run on their own: the login of migrations, and the master keys.
    External(SecretString, MasterKeyConfig),
    /// In the folder of an embedded service that is not running.
    Embedded(PathBuf),
}

/// Gives a clinic a new key. Returns its version; `None` if there is no such clinic.
///
/// # Errors
/// What prevented it, with its causes.
pub async fn rotate_key(access: KeyAccess, org: OrgId) -> anyhow::Result<Option<u32>> {
    let admin = KeyAdmin::open(access).await?;
    let rotated = admin.administration().rotate(org).await;
    drop_blocking(admin.embedded).await;
    rotated.context("the key could not be rotated")
}

/// Wraps all keys under the present master key. Returns how many.
///
/// # Errors
/// What prevented it, with its causes.
pub async fn rewrap_keys(access: KeyAccess) -> anyhow::Result<usize> {
    let admin = KeyAdmin::open(access).await?;
    let rewrapped = admin.administration().rewrap().await;
    drop_blocking(admin.embedded).await;
    rewrapped.context("the keys could not be wrapped")
}

/// Makes a clinic on a trial of the file's plans, or of the bundled ones, with its first admin.
///
/// # Errors
/// What prevented it, with its causes.
pub async fn add_clinic(
    access: KeyAccess,
    plans_file: Option<&Path>,
    name: &str,
    admin: &ImportedUser,
) -> anyhow::Result<OrgId> {
    let plans = plans(plans_file)?;
    let server = KeyAdmin::open(access).await?;
    let administration = Administration::new(server.login.clone(), &SystemClock, &SystemRandom);
    let added = administration.add_clinic(&*server.master_keys, &plans, name, admin).await;
    drop_blocking(server.embedded).await;
    Ok(added?)
}

struct KeyAdmin {
    login: SecretString,
    master_keys: Arc<MasterKeyFile>,
    embedded: Option<EmbeddedFolder>,
}

impl KeyAdmin {
    async fn open(access: KeyAccess) -> anyhow::Result<Self> {
        Ok(match access {
            KeyAccess::External(login, config) => {
                Self { login, master_keys: Arc::new(open_master_keys(&config)?), embedded: None }
            }
            KeyAccess::Embedded(folder) => {
                let (embedded, _) = open_embedded(&folder).await?;
                let login = embedded.cluster.superuser_url(EMBEDDED_DATABASE);
                Self { login, master_keys: Arc::clone(&embedded.keys), embedded: Some(embedded) }
            }
        })
    }

    fn administration(&self) -> KeyAdministration<'_> {
        KeyAdministration {
            login: &self.login,
            key_service: &*self.master_keys,
            clock: &SystemClock,
            random: &SystemRandom,
        }
    }
}

/// How requests are told apart and counted.
struct RequestLimits {
    rate_limiter: Arc<dyn RateLimiter>,
    trusted_proxies: TrustedProxies,
    analyses_per_hour: u32,
}

impl RequestLimits {
    fn new(http: &HttpConfig) -> anyhow::Result<Self> {
        let rate_limiter: Arc<dyn RateLimiter> = match &http.redis_url {
            Some(url) => Arc::new(RedisRateLimiter::new(url)?),
            None => Arc::new(MemoryRateLimiter::new(Arc::new(SystemClock) as Arc<dyn Clock>)),
        };
        let (trusted_proxies, analyses_per_hour) = (http.trusted_proxies.clone(), http.analyses_per_hour);
        Ok(Self { rate_limiter, trusted_proxies, analyses_per_hour })
    }

    fn in_memory() -> Self {
        Self {
            rate_limiter: Arc::new(MemoryRateLimiter::new(Arc::new(SystemClock))),
            trusted_proxies: TrustedProxies::default(),
            analyses_per_hour: DEFAULT_ANALYSES_PER_HOUR,
        }
    }
}

/// What is sold, and how it is paid.
struct Sales {
    plans: PlanCatalogue,
    payments: Option<Arc<dyn Payments>>,
    webhook_secrets: Vec<SecretString>,
    automatic_tax: bool,
}

impl Sales {
    /// With payments, everything that is sold must have its price.
    fn new(config: Option<PaymentsConfig>) -> anyhow::Result<Self> {
        let Some(config) = config else {
            let plans = plans(None)?;
            return Ok(Self { plans, payments: None, webhook_secrets: Vec::new(), automatic_tax: false });
        };
        let payments = StripePayments::new(&config.key).context("Stripe cannot be used")?;
        let plans = read_plans(&config.plans_file)?;
        plans.require_prices(payments.environment())?;
        Ok(Self {
            plans,
            payments: Some(Arc::new(payments)),
            webhook_secrets: config.webhook_secrets,
            automatic_tax: config.automatic_tax,
        })
    }
}

fn read_plans(file: &Path) -> anyhow::Result<PlanCatalogue> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the plans in {} cannot be read", file.display()))?;
    PlanCatalogue::parse(&text).with_context(|| format!("the plans in {} cannot be used", file.display()))
}

/// The plans of a file, or the bundled ones.
fn plans(file: Option<&Path>) -> anyhow::Result<PlanCatalogue> {
    match file {
        Some(file) => read_plans(file),
        None => PlanCatalogue::bundled().context("the bundled plans cannot be read"),
    }
}

/// What is compared with Stripe's catalogue: the plans of a file, or the bundled ones.
#[derive(Debug, Clone)]
pub struct CatalogueAccess {
    pub key: SecretString,
    pub plans_file: Option<PathBuf>,
}

impl CatalogueAccess {
    fn open(&self) -> anyhow::Result<(PlanCatalogue, StripePayments)> {
        let payments = StripePayments::new(&self.key).context("Stripe cannot be used")?;
        Ok((plans(self.plans_file.as_deref())?, payments))
    }

    /// What differs between the plans and Stripe, one sentence each.
    ///
    /// # Errors
    /// What prevented the comparison, with its causes.
    pub async fn check(&self) -> anyhow::Result<Vec<String>> {
        let (plans, payments) = self.open()?;
        catalogue::check(&plans, &payments).await.context("the catalogue could not be compared")
    }

    /// Creates what Stripe lacks. Returns the prices that were created, and the table of all price ids for the file of plans.
    ///
    /// # Errors
    /// What prevented it, with its causes; run again, it goes on.
    pub async fn push(&self) -> anyhow::Result<(Vec<String>, String)> {
        let (plans, payments) = self.open()?;
        let pushed = catalogue::push(&plans, &payments).await.context("the catalogue could not be pushed")?;
        let lines: Vec<String> =
            pushed.prices.iter().map(|(name, id)| format!("{name} = \"{id}\"")).collect();
        Ok((pushed.created, format!("[stripe.{}]\n{}", payments.environment().name(), lines.join("\n"))))
    }
}

/// The servers behind the service.
struct Backends {
    database: DatabaseConfig,
    objects: ObjectStoreConfig,
    key_service: Arc<dyn KeyService>,
    mailer: Arc<dyn Mailer>,
    embedded: Option<(EmbeddedFolder, ObjectServer)>,
}

impl Backends {
    async fn start(deployment: Deployment) -> anyhow::Result<Self> {
        match deployment {
            Deployment::External(storage, mail) => {
                let keys = open_master_keys(&storage.master_keys)?;
                let mailer = SmtpMailer::new(&mail).context("the mail server cannot be used")?;
                Ok(Self {
                    database: storage.database,
                    objects: storage.objects,
                    key_service: Arc::new(keys),
                    mailer: Arc::new(mailer),
                    embedded: None,
                })
            }
            Deployment::Embedded(folder) => {
                let (embedded, database) = open_embedded(&folder).await?;
                let server = ObjectServer::start(embedded.objects(), &SystemRandom).await?;
                let mailer = OutboxMailer::new(embedded.outbox().to_owned())?;
                Ok(Self {
                    database,
                    objects: server.client_config(),
                    key_service: embedded.keys.clone(),
                    mailer: Arc::new(mailer),
                    embedded: Some((embedded, server)),
                })
            }
        }
    }

    async fn app(
        &self,
        model: Option<&ModelConfig>,
        public_url: Url,
        requests: RequestLimits,
        sales: Sales,
        stopping: CancellationToken,
    ) -> anyhow::Result<App> {
        let objects = S3ObjectStore::new(self.objects.clone()).await;
        let db = Db::connect(&self.database.url, self.database.max_connections, DatabaseTimeouts::default())
            .await?;
        let model = model
            .map(|config| OpenAiModel::new(config).map(|model| Arc::new(model) as Arc<dyn LanguageModel>));
        let parts = AppParts {
            notifications: DbNotifications::listen(db.clone(), stopping.clone()),
            db,
            objects: Arc::new(objects),
            key_service: Arc::clone(&self.key_service),
            mailer: Arc::clone(&self.mailer),
            model: model.transpose().context("the language model cannot be used")?,
            analysis_program: own_program()?,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            rate_limiter: requests.rate_limiter,
            trusted_proxies: requests.trusted_proxies,
            analyses_per_hour: requests.analyses_per_hour,
            plans: sales.plans,
            payments: sales.payments,
            stripe_webhook_secrets: sales.webhook_secrets,
            automatic_tax: sales.automatic_tax,
            public_url,
            watch_poll_interval: job_watch::POLL_INTERVAL,
            stopping,
        };
        Ok(App::new(parts))
    }

    async fn stop(self) {
        drop_blocking(self.embedded).await;
    }
}

fn open_master_keys(config: &MasterKeyConfig) -> anyhow::Result<MasterKeyFile> {
    MasterKeyFile::open(&config.file, &config.retired_files, Arc::new(SystemRandom))
        .context("the master key cannot be used")
}

/// Locks the folder, starts the database server and migrates the database to the schema of this program.
async fn open_embedded(folder: &Path) -> anyhow::Result<(EmbeddedFolder, DatabaseConfig)> {
    let folder = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || EmbeddedFolder::open(&folder, Arc::new(SystemRandom)));
    let embedded = opened.await.context("starting the embedded servers failed")??;
    let cluster = &embedded.cluster;
    cluster.create_database(EMBEDDED_DATABASE).await?;
    migrate(&cluster.superuser_url(EMBEDDED_DATABASE)).await?;
    // The service's own password lives as long as this process and is written nowhere.
    let password = SecretString::from(random_password(&SystemRandom as &dyn Random));
    cluster.set_password(APP_ROLE, &password).await?;
    let url = cluster.url(APP_ROLE, &password, EMBEDDED_DATABASE);
    Ok((embedded, DatabaseConfig { url, max_connections: DEFAULT_MAX_CONNECTIONS }))
}

/// This program, even if its file was replaced since it was started.
fn own_program() -> anyhow::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_owned());
    }
    std::env::current_exe().context("the path of this program is not known")
}

/// Drops servers off the async threads, because stopping waits for them.
async fn drop_blocking<T: Send + 'static>(servers: T) {
    // It fails only if stopping panicked, which the panic hook has logged.
    let _ = tokio::task::spawn_blocking(move || drop(servers)).await;
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;

    use super::*;

    #[tokio::test]
    async fn dead_worker_ends_the_service() {
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let serving = async move {
            stopping.cancelled().await;
            Ok(())
        };
        // A panic that prints nothing.
        let worker = async { resume_unwind(Box::new("a planned panic")) };
        let ended = serve_with_worker(serving, Some(worker), &stop).await;
        assert_eq!(ended.unwrap_err().to_string(), "the worker failed");
        assert!(stop.is_cancelled());
    }
}
