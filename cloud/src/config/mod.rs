//! The operator's settings, from the environment. Every setting is documented where it is read, and every wrong or missing
//! one is reported at once. Reads nothing but the environment and keeps secrets unprintable.

mod checks;
mod mail;
mod parse;
mod payments;

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use maneiro_api::is_loopback;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use url::Url;

use self::checks::is_host_allowed;
pub use self::mail::{MailConfig, SmtpConfig, SmtpTls};
pub use self::parse::{ConfigErrors, ConfigReader};
pub use self::payments::PaymentsConfig;
use crate::domain::{client_address::TrustedProxies, rate_limit::DEFAULT_ANALYSES_PER_HOUR};

/// Connections of one process to the database, unless it is set.
pub const DEFAULT_MAX_CONNECTIONS: u32 = 20;

/// How the service is reached.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Where to listen, if it is set.
    pub listen: Option<SocketAddr>,
    /// The URL by which clients reach the service. Every URL in a response begins with it.
    pub public_url: Option<Url>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// How long the listener stays open once the process is to stop.
    pub stop_delay: Duration,
    /// The Redis server that counts requests for all processes, if there is one.
    pub redis_url: Option<SecretString>,
    /// Analyses that a clinic starts in an hour.
    pub analyses_per_hour: u32,
}

/// Where data is stored.
#[derive(Debug, Clone)]
pub struct StorageConfig {
    pub database: DatabaseConfig,
    pub objects: ObjectStoreConfig,
    pub master_keys: MasterKeyConfig,
}

/// Where the master keys are.
#[derive(Debug, Clone)]
pub struct MasterKeyConfig {
    pub file: PathBuf,
    /// Those that were replaced by it.
    pub retired_files: Vec<PathBuf>,
}

/// How the service logs in to the database.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// Host, role and password.
    pub url: SecretString,
    /// Connections of this process.
    pub max_connections: u32,
}

/// How the service logs in to the object store.
#[derive(Debug, Clone)]
pub struct ObjectStoreConfig {
    /// The server, if it is not the one of the AWS region.
    pub endpoint: Option<Url>,
    /// The name of the region; servers other than AWS accept any.
    pub region: String,
    pub bucket: String,
    /// Access key id and secret; without them the role of the machine is used.
    pub credentials: Option<(String, SecretString)>,
}

/// How jobs are run, and by which analyser.
#[derive(Debug, Clone)]
pub struct JobsConfig {
    pub worker: WorkerConfig,
    /// Without one, the built-in analyser is used.
    pub model: Option<ModelConfig>,
}

/// How a worker runs jobs. Durations are of this process; what another worker sees is counted by the database.
#[derive(Debug, Clone, Copy)]
pub struct WorkerConfig {
    pub max_concurrent_jobs: u32,
    /// How long a job stays with a worker that does not renew its lease.
    pub lease_duration: Duration,
    /// How often a worker renews the lease; at most a third of its duration.
    pub heartbeat_interval: Duration,
    /// How often a worker looks into the queue without a notification.
    pub poll_interval: Duration,
    /// After how long an attempt fails, so that a hanging one does not block its worker.
    pub attempt_timeout: Duration,
    /// The memory of one analysis.
    pub analysis_memory_mib: NonZeroU32,
}

/// A language model behind an OpenAI-compatible API.
#[derive(Debug, Clone)]
pub struct ModelConfig {
    /// The URL that `/chat/completions` is appended to.
    pub url: Url,
    /// The name of the model on its server.
    pub name: String,
    /// The server's key, if it requires one.
    pub api_key: Option<SecretString>,
    /// The only hosts that patient data may be sent to.
    pub allowed_hosts: Vec<String>,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A filter of tracing-subscriber's `EnvFilter`.
    pub filter: String,
    pub format: Option<LogFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl ConfigReader {
    /// `listen` of the command line takes the place of `MANEIRO_LISTEN`.
    pub fn http(&mut self, listen: Option<SocketAddr>) -> Option<HttpConfig> {
        // MANEIRO_LISTEN: IP address and port to listen on. Port 0 takes a free one. Default: 127.0.0.1:8080, or a free
        // port of 127.0.0.1 if the service is embedded.
        let set = self.parsed("MANEIRO_LISTEN", "an IP address and port such as 0.0.0.0:8080", |text| {
            text.parse::<SocketAddr>().ok()
        });
        // MANEIRO_TLS_PROXY: `yes` if the network reaches the service through a proxy that ends TLS. Required to listen on
        // an address other than this machine's, because the service itself speaks plain HTTP.
        let has_tls_proxy = self.parsed("MANEIRO_TLS_PROXY", "yes", |text| (text == "yes").then_some(()));
        let listen = set.map(|set| listen.or(set));
        // MANEIRO_PUBLIC_URL: the URL by which clients reach the service, such as that of the load balancer. Default:
        // where it listens.
        let public_url = self.web_url("MANEIRO_PUBLIC_URL");
        if let (Some(Some(address)), Some(None)) = (listen, has_tls_proxy)
            && !address.ip().is_loopback()
        {
            return self.error(
                "The service speaks plain HTTP, so it listens beyond this machine only behind a proxy that ends TLS: set MANEIRO_TLS_PROXY to yes if there is one.",
            );
        }
        let (trusted_proxies, stop_delay) =
            (self.trusted_proxies(), self.stop_delay(has_tls_proxy?.is_some()));
        let (redis_url, analyses_per_hour) = (self.redis_url(), self.analyses_per_hour());
        Some(HttpConfig {
            listen: listen?,
            public_url: public_url?,
            trusted_proxies: trusted_proxies?,
            stop_delay: stop_delay?,
            redis_url: redis_url?,
            analyses_per_hour: analyses_per_hour?,
        })
    }

    fn trusted_proxies(&mut self) -> Option<TrustedProxies> {
        // MANEIRO_TRUSTED_PROXIES: networks of the proxies before the service, such as 10.0.0.0/8, separated by commas. What
        // they write into X-Forwarded-For tells clients apart, which are limited one by one. Default: none; the header is
        // then ignored.
        let form = "a list of networks such as 10.0.0.0/8,192.0.2.1";
        self.parsed("MANEIRO_TRUSTED_PROXIES", form, TrustedProxies::parse).map(Option::unwrap_or_default)
    }

    fn stop_delay(&mut self, has_tls_proxy: bool) -> Option<Duration> {
        // MANEIRO_STOP_DELAY_MS: milliseconds for which the service takes connections after it was asked to stop, 0 to
        // 300000. /readyz answers 503 meanwhile, so that load balancers send no more. Default: 5000 with
        // MANEIRO_TLS_PROXY, else 0.
        self.milliseconds("MANEIRO_STOP_DELAY_MS", 0..=300_000, if has_tls_proxy { 5_000 } else { 0 })
    }

    fn redis_url(&mut self) -> Option<Option<SecretString>> {
        // MANEIRO_REDIS_URL: rediss://:PASSWORD@HOST:PORT of the server that counts requests for all `serve` processes.
        // Default: none; each process then counts its own.
        let is_redis = |url: &Url| matches!(url.scheme(), "redis" | "rediss" | "redis+unix");
        let form = "a URL such as rediss://:PASSWORD@HOST:PORT";
        let url = self.parsed("MANEIRO_REDIS_URL", form, |text| Url::parse(text).ok().filter(is_redis))?;
        match url {
            Some(url) if url.scheme() == "redis" && !is_loopback(&url) => {
                self.error("MANEIRO_REDIS_URL must begin with rediss:// unless it is on this machine.")
            }
            Some(url) => Some(Some(String::from(url).into())),
            None => Some(None),
        }
    }

    fn analyses_per_hour(&mut self) -> Option<u32> {
        // MANEIRO_ANALYSES_PER_HOUR: analyses that a clinic may start in an hour, 1 to 1000000. Default: 100.
        let default = DEFAULT_ANALYSES_PER_HOUR.into();
        let number = self.number("MANEIRO_ANALYSES_PER_HOUR", 1..=1_000_000, default)?;
        u32::try_from(number).ok()
    }

    pub fn storage(&mut self) -> Option<StorageConfig> {
        let (database, objects) = (self.database(), self.object_store());
        let master_keys = self.master_keys();
        Some(StorageConfig { database: database?, objects: objects?, master_keys: master_keys? })
    }

    pub fn master_keys(&mut self) -> Option<MasterKeyConfig> {
        // MANEIRO_MASTER_KEY_FILE: file of 32 random bytes, mode 600, that wraps the clinics' keys. Required. Keep a copy
        // apart from the backups of database and objects.
        let file = self.required("MANEIRO_MASTER_KEY_FILE", "the file that holds the master key");
        // MANEIRO_RETIRED_MASTER_KEY_FILES: the files of master keys that were replaced, separated by commas. They open what
        // they wrapped, until `admin keys rewrap` has wrapped it under the present one. Default: none.
        let retired = self.value("MANEIRO_RETIRED_MASTER_KEY_FILES").unwrap_or_default();
        let retired_files =
            retired.split(',').map(str::trim).filter(|file| !file.is_empty()).map(PathBuf::from).collect();
        Some(MasterKeyConfig { file: file?.into(), retired_files })
    }

    fn database(&mut self) -> Option<DatabaseConfig> {
        // MANEIRO_DATABASE_URL: postgres://maneiro_app:PASSWORD@HOST:PORT/NAME?sslmode=verify-full. Required. The role
        // must be maneiro_app or one like it: not a superuser, not the owner, not above row-level security.
        let url = self.database_url("MANEIRO_DATABASE_URL");
        // MANEIRO_DATABASE_CONNECTIONS: connections of this process at most, 2 to 1000. Default: 20.
        let max_connections =
            self.number("MANEIRO_DATABASE_CONNECTIONS", 2..=1000, DEFAULT_MAX_CONNECTIONS.into());
        Some(DatabaseConfig { url: url?, max_connections: u32::try_from(max_connections?).ok()? })
    }

    /// The login that migrations run with.
    pub fn migration_login(&mut self) -> Option<SecretString> {
        // MANEIRO_MIGRATE_DATABASE_URL: like MANEIRO_DATABASE_URL, for a role that is a member of maneiro_owner, or
        // that owns the database and has CREATEROLE. It need not be a superuser. Required by `migrate` and `admin` only, so that serve and worker need not know it.
        self.database_url("MANEIRO_MIGRATE_DATABASE_URL")
    }

    fn object_store(&mut self) -> Option<ObjectStoreConfig> {
        // MANEIRO_S3_ENDPOINT: URL of an S3-compatible server. Default: Amazon's server of the region.
        let endpoint = self.web_url("MANEIRO_S3_ENDPOINT");
        // MANEIRO_S3_REGION: its region. Default: us-east-1.
        let region = self.value("MANEIRO_S3_REGION").unwrap_or_else(|| "us-east-1".to_owned());
        // MANEIRO_S3_BUCKET: the bucket, which must exist. Required.
        let bucket = self.required("MANEIRO_S3_BUCKET", "the bucket that holds the objects");
        // MANEIRO_S3_ACCESS_KEY_ID and MANEIRO_S3_SECRET_ACCESS_KEY: both or neither. Default: the role of the machine or
        // container, as the AWS SDK finds it.
        let id = self.value("MANEIRO_S3_ACCESS_KEY_ID");
        let secret = self.value("MANEIRO_S3_SECRET_ACCESS_KEY");
        let credentials = match (id, secret) {
            (Some(id), Some(secret)) => Some((id, secret.into())),
            (None, None) => None,
            (Some(_), None) => {
                return self
                    .error("MANEIRO_S3_ACCESS_KEY_ID is set, so set MANEIRO_S3_SECRET_ACCESS_KEY too.");
            }
            (None, Some(_)) => {
                return self
                    .error("MANEIRO_S3_SECRET_ACCESS_KEY is set, so set MANEIRO_S3_ACCESS_KEY_ID too.");
            }
        };
        // Without an endpoint and credentials of its own, the AWS SDK reads its settings, which may lead to a server without TLS.
        if matches!(endpoint, Some(None)) && credentials.is_none() {
            for name in ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] {
                if self.value(name).is_some() {
                    return self.error(format!(
                        "{name} is set: set MANEIRO_S3_ENDPOINT instead, which is checked for TLS."
                    ));
                }
            }
        }
        Some(ObjectStoreConfig { endpoint: endpoint?, region, bucket: bucket?, credentials })
    }

    pub fn jobs(&mut self) -> Option<JobsConfig> {
        // MANEIRO_JOB_CONCURRENCY: jobs that this process runs at the same time, 1 to 256. Default: 2.
        let max_concurrent_jobs = self.number("MANEIRO_JOB_CONCURRENCY", 1..=256, 2);
        // MANEIRO_JOB_LEASE_MS: milliseconds after which a job of a silent worker is taken back, 300 to 3600000.
        // Default: 15000.
        let lease_duration = self.milliseconds("MANEIRO_JOB_LEASE_MS", 300..=3_600_000, 15_000);
        // MANEIRO_JOB_HEARTBEAT_MS: milliseconds after which a worker renews its leases, at most a third of the lease, so
        // that one late renewal does not lose the job. Default: 5000.
        let heartbeat_interval = self.milliseconds("MANEIRO_JOB_HEARTBEAT_MS", 100..=1_200_000, 5_000);
        // MANEIRO_JOB_POLL_MS: milliseconds after which an idle worker looks into the queue by itself, 50 to 60000. It is
        // notified of new jobs, so this limits how late it sees retries and expired leases. Default: 1000.
        let poll_interval = self.milliseconds("MANEIRO_JOB_POLL_MS", 50..=60_000, 1_000);
        // MANEIRO_JOB_TIMEOUT_MS: milliseconds after which an attempt fails, so that a hanging one does not block its
        // worker, 1000 to 86400000. Default: 3600000, an hour.
        let attempt_timeout = self.milliseconds("MANEIRO_JOB_TIMEOUT_MS", 1_000..=86_400_000, 3_600_000);
        // MANEIRO_ANALYSIS_MEMORY_MIB: memory in MiB of the process that makes one analysis, 64 to 65536. A record that needs
        // more is refused. Default: 512, in which records of 10,000 pages fit.
        let analysis_memory_mib = self.number("MANEIRO_ANALYSIS_MEMORY_MIB", 64..=65_536, 512);
        let model = self.model();
        let (lease_duration, heartbeat_interval) = (lease_duration?, heartbeat_interval?);
        if heartbeat_interval * 3 > lease_duration {
            return self.error("MANEIRO_JOB_HEARTBEAT_MS must be at most a third of MANEIRO_JOB_LEASE_MS.");
        }
        let worker = WorkerConfig {
            max_concurrent_jobs: u32::try_from(max_concurrent_jobs?).ok()?,
            lease_duration,
            heartbeat_interval,
            poll_interval: poll_interval?,
            attempt_timeout: attempt_timeout?,
            analysis_memory_mib: u32::try_from(analysis_memory_mib?).ok().and_then(NonZeroU32::new)?,
        };
        Some(JobsConfig { worker, model: model? })
    }

    /// `Some(None)` if no language model is set.
    fn model(&mut self) -> Option<Option<ModelConfig>> {
        // MANEIRO_MODEL_URL: URL of an OpenAI-compatible server, such as https://api.openai.com/v1. Default: none;
        // analyses are then made by the built-in analyser.
        let url = self.web_url("MANEIRO_MODEL_URL")?;
        // MANEIRO_MODEL_NAME: the name of the model on that server. Required with MANEIRO_MODEL_URL.
        let name = self.value("MANEIRO_MODEL_NAME");
        // MANEIRO_MODEL_API_KEY: the key of that server. Default: none is sent.
        let api_key = self.value("MANEIRO_MODEL_API_KEY");
        // MANEIRO_EGRESS_ALLOWLIST: hosts that patient data may be sent to, as names or name:port, separated by commas.
        // Default: none, so a language model needs it.
        let allowed_hosts: Vec<String> = self
            .value("MANEIRO_EGRESS_ALLOWLIST")
            .iter()
            .flat_map(|hosts| hosts.split(','))
            .map(|host| host.trim().to_ascii_lowercase())
            .filter(|host| !host.is_empty())
            .collect();
        let Some(url) = url else {
            if name.is_some() || api_key.is_some() {
                return self.error(
                    "MANEIRO_MODEL_NAME or MANEIRO_MODEL_API_KEY is set, so set MANEIRO_MODEL_URL too.",
                );
            }
            return Some(None);
        };
        let Some(name) = name else {
            return self.error("MANEIRO_MODEL_URL is set, so set MANEIRO_MODEL_NAME too.");
        };
        if !is_host_allowed(&url, &allowed_hosts) {
            let host = url.host_str().unwrap_or_default();
            return self.error(format!(
                "MANEIRO_MODEL_URL has the host {host}, which is not in MANEIRO_EGRESS_ALLOWLIST: patient data may be sent only to hosts listed there."
            ));
        }
        Some(Some(ModelConfig { url, name, api_key: api_key.map(Into::into), allowed_hosts }))
    }

    pub fn log(&mut self) -> Option<LogConfig> {
        // MANEIRO_LOG: what is logged, such as `info` or `info,maneiro_cloud=debug`. Default: info, and only warnings of
        // libraries.
        let filter = self.parsed("MANEIRO_LOG", "a filter such as info,maneiro_cloud=debug", |text| {
            EnvFilter::try_new(text).is_ok().then(|| text.to_owned())
        });
        // MANEIRO_LOG_FORMAT: `json` or `text`. Default: text on a terminal, else json.
        let format = self.parsed("MANEIRO_LOG_FORMAT", "json or text", |text| match text {
            "json" => Some(LogFormat::Json),
            "text" => Some(LogFormat::Text),
            _ => None,
        });
        let filter = filter?.unwrap_or_else(|| "warn,maneiro_cloud=info,maneiro_analysis=info".to_owned());
        Some(LogConfig { filter, format: format? })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const REQUIRED: &[(&str, &str)] = &[
        ("MANEIRO_DATABASE_URL", "postgres://maneiro_app:secret@db.example/maneiro?sslmode=verify-full"),
        ("MANEIRO_S3_BUCKET", "clinic"),
        ("MANEIRO_MASTER_KEY_FILE", "/etc/maneiro/master.key"),
    ];

    fn read<T>(
        set: &[(&str, &str)],
        read: impl FnOnce(&mut ConfigReader) -> Option<T>,
    ) -> Result<T, Vec<String>> {
        let set: HashMap<String, String> =
            set.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        let mut reader = ConfigReader::new(move |name| set.get(name).cloned());
        let config = read(&mut reader);
        reader.finish(config).map_err(|ConfigErrors(sentences)| sentences)
    }

    fn worker(set: &[(&str, &str)]) -> Result<(StorageConfig, JobsConfig), Vec<String>> {
        let all = [REQUIRED, set].concat();
        read(&all, |reader| {
            let (storage, jobs) = (reader.storage(), reader.jobs());
            storage.zip(jobs)
        })
    }

    #[test]
    fn missing_settings_have_their_documented_defaults() {
        let (storage, JobsConfig { worker, model }) = worker(&[]).unwrap();
        assert_eq!(
            (storage.objects.region.as_str(), storage.database.max_connections),
            ("us-east-1", DEFAULT_MAX_CONNECTIONS)
        );
        assert_eq!(
            (
                worker.lease_duration.as_secs(),
                worker.heartbeat_interval.as_secs(),
                worker.max_concurrent_jobs
            ),
            (15, 5, 2)
        );
        assert!(model.is_none());
    }

    #[test]
    fn every_missing_and_wrong_setting_is_reported_at_once() {
        let set = &[
            ("MANEIRO_S3_ENDPOINT", "http://objects.example"),
            ("MANEIRO_JOB_LEASE_MS", "soon"),
            ("MANEIRO_MODEL_URL", "https://model.example/v1"),
            ("MANEIRO_MODEL_NAME", "m"),
            ("MANEIRO_S3_BUCKET", ""),
            ("MANEIRO_DATABASE_URL", ""),
            ("MANEIRO_MASTER_KEY_FILE", " "),
        ];
        let sentences = worker(set).unwrap_err();
        assert_eq!(
            sentences,
            [
                "MANEIRO_DATABASE_URL is not set: give the database as postgres://ROLE:PASSWORD@HOST:PORT/NAME.",
                "MANEIRO_S3_ENDPOINT must begin with https:// unless it is on this machine.",
                "MANEIRO_S3_BUCKET is not set: give the bucket that holds the objects.",
                "MANEIRO_MASTER_KEY_FILE is not set: give the file that holds the master key.",
                "MANEIRO_JOB_LEASE_MS is not a whole number from 300 to 3600000.",
                "MANEIRO_MODEL_URL has the host model.example, which is not in MANEIRO_EGRESS_ALLOWLIST: patient data may be sent only to hosts listed there.",
            ]
        );
    }

    #[test]
    fn remote_database_must_prove_its_identity() {
        for (url, is_accepted) in [
            ("postgres://app:x@127.0.0.1:5432/m", true),
            ("postgresql:///m?host=/run/postgresql", true),
            ("postgres://app:x@db.example/m?sslmode=verify-full", true),
            ("postgres://app:x@db.example/m", false),
            ("postgres://app:x@db.example/m?sslmode=require", false),
            ("mysql://app:x@localhost/m", false),
        ] {
            assert_eq!(worker(&[("MANEIRO_DATABASE_URL", url)]).is_ok(), is_accepted, "{url}");
        }
    }

    #[test]
    fn object_store_of_the_sdk_settings_is_refused() {
        let endpoint = ("AWS_ENDPOINT_URL", "http://objects.example");
        assert_eq!(
            worker(&[endpoint]).unwrap_err(),
            ["AWS_ENDPOINT_URL is set: set MANEIRO_S3_ENDPOINT instead, which is checked for TLS."]
        );
        assert!(worker(&[endpoint, ("MANEIRO_S3_ENDPOINT", "https://objects.example")]).is_ok());
    }

    #[test]
    fn patient_data_is_sent_only_to_a_listed_host() {
        let model = [("MANEIRO_MODEL_URL", "https://Model.example/v1"), ("MANEIRO_MODEL_NAME", "m")];
        let allowed = |hosts| worker(&[model.as_slice(), &[("MANEIRO_EGRESS_ALLOWLIST", hosts)]].concat());
        assert!(allowed("other.example").is_err());
        assert!(allowed("evil-model.example, model.example.evil").is_err());
        assert!(allowed("model.example:444").is_err());
        assert!(allowed("model.example:443").is_ok());
        let (_, jobs) = allowed("other.example, MODEL.example").unwrap();
        assert_eq!(jobs.model.unwrap().name, "m");
    }

    #[test]
    fn heartbeat_that_could_miss_the_lease_is_refused() {
        assert!(worker(&[("MANEIRO_JOB_LEASE_MS", "900"), ("MANEIRO_JOB_HEARTBEAT_MS", "300")]).is_ok());
        assert!(worker(&[("MANEIRO_JOB_LEASE_MS", "900"), ("MANEIRO_JOB_HEARTBEAT_MS", "301")]).is_err());
    }

    #[test]
    fn plain_http_beyond_this_machine_needs_a_tls_proxy() {
        let http = |set: &[(&str, &str)], listen: Option<&str>| {
            let listen = listen.map(|address| address.parse().unwrap());
            read(set, |reader| reader.http(listen))
                .map(|config| config.listen.map(|address| address.to_string()))
        };
        let everywhere = ("MANEIRO_LISTEN", "0.0.0.0:8080");
        assert_eq!(http(&[], None), Ok(None));
        assert_eq!(http(&[("MANEIRO_LISTEN", "127.0.0.2:80")], None), Ok(Some("127.0.0.2:80".to_owned())));
        assert!(http(&[everywhere], None).is_err());
        assert!(http(&[], Some("192.0.2.1:80")).is_err());
        assert!(http(&[everywhere, ("MANEIRO_TLS_PROXY", "no")], None).is_err());
        assert_eq!(http(&[everywhere], Some("[::1]:80")), Ok(Some("[::1]:80".to_owned())));
        let proxy = [everywhere, ("MANEIRO_TLS_PROXY", "yes")];
        assert_eq!(http(&proxy, None), Ok(Some("0.0.0.0:8080".to_owned())));
    }

    #[test]
    fn log_filter_with_a_wrong_directive_is_refused() {
        let log = |filter| read(&[("MANEIRO_LOG", filter)], ConfigReader::log);
        assert_eq!(log("info,maneiro_cloud=debug").unwrap().filter, "info,maneiro_cloud=debug");
        assert_eq!(
            log("info,maneiro_cloud=loud").unwrap_err(),
            ["MANEIRO_LOG is not a filter such as info,maneiro_cloud=debug."]
        );
    }

    #[test]
    fn secrets_cannot_be_printed() {
        let set = &[("MANEIRO_S3_ACCESS_KEY_ID", "id"), ("MANEIRO_S3_SECRET_ACCESS_KEY", "secret")];
        let printed = format!("{:?}", worker(set).unwrap());
        assert!(!printed.contains("secret@") && !printed.contains("\"secret\""), "{printed}");
        let sentences = worker(&[("MANEIRO_DATABASE_URL", "tls secret")]).unwrap_err();
        assert!(!sentences.concat().contains("secret"), "{sentences:?}");
    }
}
