//! What the operator sets, from the environment. Every setting is documented where it is read, and every wrong or
//! missing one is reported, not the first only. Reads nothing but the environment and keeps secrets unprintable.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
    time::Duration,
};

use secrecy::SecretString;
use url::{Host, Url};

/// Connections to the database, unless it is set.
pub const DEFAULT_DATABASE_CONNECTIONS: u32 = 20;

/// All that is wrong with the settings, one sentence each.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problems {}

/// How the service is reached.
#[derive(Debug, Clone)]
pub struct Http {
    /// Where to listen, if it was set.
    pub listen: Option<SocketAddr>,
    /// The address that clients see; what links in answers begin with. Where to listen, if it was not set.
    pub public_url: Option<Url>,
}

/// Where the data lies.
#[derive(Debug, Clone)]
pub struct Stores {
    /// The database, as the service logs in.
    pub database: Database,
    /// The object store.
    pub objects: ObjectStore,
    /// The file of the master key.
    pub master_key_file: PathBuf,
}

/// How the service logs in to the database.
#[derive(Debug, Clone)]
pub struct Database {
    /// Address, role and password.
    pub url: SecretString,
    /// Connections of this process at most.
    pub connections: u32,
}

/// Where the objects lie and how to get in.
#[derive(Debug, Clone)]
pub struct ObjectStore {
    /// The server, if it is not the region's own.
    pub endpoint: Option<Url>,
    /// The region's name; servers other than Amazon's mostly take any.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Access key id and secret; without them the machine's own role is used.
    pub credentials: Option<(String, SecretString)>,
}

/// How jobs are run.
#[derive(Debug, Clone)]
pub struct Jobs {
    /// Jobs that this process works on at the same time.
    pub concurrency: u32,
    /// How long a worker that says nothing keeps a job.
    pub lease: Duration,
    /// How often it says something.
    pub heartbeat: Duration,
    /// How often an idle worker looks for jobs that nobody told it of.
    pub poll: Duration,
    /// After how long one attempt is given up.
    pub limit: Duration,
    /// The language model; the built-in analyser is used without one.
    pub model: Option<Model>,
}

/// A language model behind the OpenAI-compatible protocol.
#[derive(Debug, Clone)]
pub struct Model {
    /// The address that `/chat/completions` is appended to.
    pub url: Url,
    /// Its name as the server calls it.
    pub name: String,
    /// What the server asks for, if anything.
    pub api_key: Option<SecretString>,
    /// The only hosts that patient data may be sent to.
    pub allowed_hosts: Vec<String>,
}

/// How the log looks.
#[derive(Debug, Clone)]
pub struct Log {
    /// Which events it has, as tracing-subscriber's `EnvFilter` reads it.
    pub filter: String,
    /// JSON or text; by where it goes if it was not set.
    pub format: Option<LogFormat>,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Gives a variable's value, if it is set.
type Environment = dyn Fn(&str) -> Option<String>;

/// Reads settings and collects what is wrong with them.
pub struct Settings {
    environment: Box<Environment>,
    problems: Vec<String>,
}

impl Settings {
    /// `environment` gives a variable's value, if it is set.
    #[must_use]
    pub fn new(environment: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self { environment: Box::new(environment), problems: Vec::new() }
    }

    /// Gives `read` back unless anything was wrong with what was read so far.
    ///
    /// # Errors
    /// [`Problems`], one sentence for each.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Problems> {
        match read {
            Some(read) if self.problems.is_empty() => Ok(read),
            Some(_) | None => Err(Problems(self.problems)),
        }
    }

    /// How the service is reached.
    pub fn http(&mut self) -> Option<Http> {
        // MANEIRO_LISTEN: IP address and port to listen on. Port 0 takes a free one. Default: 127.0.0.1:8080, or a free
        // port of 127.0.0.1 if the service is embedded.
        let listen = self.parsed("MANEIRO_LISTEN", "an IP address and port such as 0.0.0.0:8080", |text| {
            text.parse::<SocketAddr>().ok()
        });
        // MANEIRO_PUBLIC_URL: the address that clients see, as the load balancer has it. Default: where it listens.
        let public_url = self.address("MANEIRO_PUBLIC_URL");
        Some(Http { listen: listen?, public_url: public_url? })
    }

    /// Where the data lies.
    pub fn stores(&mut self) -> Option<Stores> {
        let (database, objects) = (self.database(), self.object_store());
        // MANEIRO_MASTER_KEY_FILE: file of 32 random bytes, mode 600, that wraps the clinics' keys. Required; keep a
        // copy apart from the backups of database and objects.
        let master_key_file = self.required("MANEIRO_MASTER_KEY_FILE", "the file that holds the master key");
        Some(Stores { database: database?, objects: objects?, master_key_file: master_key_file?.into() })
    }

    fn database(&mut self) -> Option<Database> {
        // MANEIRO_DATABASE_URL: postgres://maneiro_app:PASSWORD@HOST:PORT/NAME?sslmode=verify-full. Required. The role
        // must be maneiro_app or one like it: no superuser, no owner, not above row-level security.
        let url = self.database_url("MANEIRO_DATABASE_URL");
        // MANEIRO_DATABASE_CONNECTIONS: connections of this process at most, 2 to 1000. Default: 20.
        let connections =
            self.number("MANEIRO_DATABASE_CONNECTIONS", 2..=1000, DEFAULT_DATABASE_CONNECTIONS.into());
        Some(Database { url: url?, connections: u32::try_from(connections?).ok()? })
    }

    /// The login that migrations run with.
    pub fn migration_login(&mut self) -> Option<SecretString> {
        // MANEIRO_MIGRATE_DATABASE_URL: like MANEIRO_DATABASE_URL, for a role that is a member of maneiro_owner, or
        // may create it. Required by `migrate` and `admin` only, so that serve and worker need not know it.
        self.database_url("MANEIRO_MIGRATE_DATABASE_URL")
    }

    fn object_store(&mut self) -> Option<ObjectStore> {
        // MANEIRO_S3_ENDPOINT: address of an S3-compatible server. Default: Amazon's of the region.
        let endpoint = self.address("MANEIRO_S3_ENDPOINT");
        // MANEIRO_S3_REGION: its region. Default: us-east-1.
        let region = self.value("MANEIRO_S3_REGION").unwrap_or_else(|| "us-east-1".to_owned());
        // MANEIRO_S3_BUCKET: the bucket, which must exist. Required.
        let bucket = self.required("MANEIRO_S3_BUCKET", "the bucket that holds the objects");
        // MANEIRO_S3_ACCESS_KEY_ID and MANEIRO_S3_SECRET_ACCESS_KEY: both or neither. Default: the role of the
        // machine or container, as the AWS SDK finds it.
        let id = self.value("MANEIRO_S3_ACCESS_KEY_ID");
        let secret = self.value("MANEIRO_S3_SECRET_ACCESS_KEY");
        let credentials = match (id, secret) {
            (Some(id), Some(secret)) => Some((id, secret.into())),
            (None, None) => None,
            (Some(_), None) => {
                return self
                    .problem("MANEIRO_S3_ACCESS_KEY_ID is set, so set MANEIRO_S3_SECRET_ACCESS_KEY too.");
            }
            (None, Some(_)) => {
                return self
                    .problem("MANEIRO_S3_SECRET_ACCESS_KEY is set, so set MANEIRO_S3_ACCESS_KEY_ID too.");
            }
        };
        Some(ObjectStore { endpoint: endpoint?, region, bucket: bucket?, credentials })
    }

    /// How jobs are run.
    pub fn jobs(&mut self) -> Option<Jobs> {
        // MANEIRO_JOB_CONCURRENCY: jobs that this process works on at the same time, 1 to 256. Default: 2.
        let concurrency = self.number("MANEIRO_JOB_CONCURRENCY", 1..=256, 2);
        // MANEIRO_JOB_LEASE_MS: milliseconds after which a job of a silent worker is taken by another, 300 to
        // 3600000. Default: 15000.
        let lease = self.milliseconds("MANEIRO_JOB_LEASE_MS", 300..=3_600_000, 15_000);
        // MANEIRO_JOB_HEARTBEAT_MS: milliseconds between two signs of life, at most a third of the lease, so that
        // one that is late does not lose the job. Default: 5000.
        let heartbeat = self.milliseconds("MANEIRO_JOB_HEARTBEAT_MS", 100..=1_200_000, 5_000);
        // MANEIRO_JOB_POLL_MS: milliseconds after which an idle worker looks for jobs by itself, 50 to 60000; it is
        // told of new ones at once, so this bounds how late it sees retries and lapsed leases. Default: 1000.
        let poll = self.milliseconds("MANEIRO_JOB_POLL_MS", 50..=60_000, 1_000);
        // MANEIRO_JOB_LIMIT_MS: milliseconds after which one attempt is given up, so that a job that hangs does not
        // keep its place, 1000 to 86400000. Default: 3600000, an hour.
        let limit = self.milliseconds("MANEIRO_JOB_LIMIT_MS", 1_000..=86_400_000, 3_600_000);
        let model = self.model();
        let (lease, heartbeat) = (lease?, heartbeat?);
        if heartbeat * 3 > lease {
            return self.problem("MANEIRO_JOB_HEARTBEAT_MS must be at most a third of MANEIRO_JOB_LEASE_MS.");
        }
        Some(Jobs {
            concurrency: u32::try_from(concurrency?).ok()?,
            lease,
            heartbeat,
            poll: poll?,
            limit: limit?,
            model: model?,
        })
    }

    /// The language model: `Some(None)` if there is none.
    fn model(&mut self) -> Option<Option<Model>> {
        // MANEIRO_MODEL_URL: address of an OpenAI-compatible server, such as https://api.openai.com/v1. Default: none;
        // analyses are then made by the built-in analyser.
        let url = self.address("MANEIRO_MODEL_URL")?;
        // MANEIRO_MODEL_NAME: the model's name as that server calls it. Required with MANEIRO_MODEL_URL.
        let name = self.value("MANEIRO_MODEL_NAME");
        // MANEIRO_MODEL_API_KEY: what that server asks for. Default: nothing is sent.
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
                return self.problem(
                    "MANEIRO_MODEL_NAME or MANEIRO_MODEL_API_KEY is set, so set MANEIRO_MODEL_URL too.",
                );
            }
            return Some(None);
        };
        let Some(name) = name else {
            return self.problem("MANEIRO_MODEL_URL is set, so set MANEIRO_MODEL_NAME too.");
        };
        let host = url.host_str().unwrap_or_default();
        let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        if !allowed_hosts.iter().any(|allowed| allowed == host || *allowed == with_port) {
            return self.problem(format!(
                "MANEIRO_MODEL_URL names the host {host}, which is not in MANEIRO_EGRESS_ALLOWLIST: patient data may go only to hosts listed there."
            ));
        }
        Some(Some(Model { url, name, api_key: api_key.map(Into::into), allowed_hosts }))
    }

    /// How the log looks.
    pub fn log(&mut self) -> Option<Log> {
        // MANEIRO_LOG: what is logged, such as `info` or `info,maneiro_cloud=debug`. Default: info, the libraries
        // only warnings.
        let filter = self
            .value("MANEIRO_LOG")
            .unwrap_or_else(|| "warn,maneiro_cloud=info,maneiro_analysis=info".to_owned());
        // MANEIRO_LOG_FORMAT: `json` or `text`. Default: text on a terminal, else json.
        let format = self.parsed("MANEIRO_LOG_FORMAT", "json or text", |text| match text {
            "json" => Some(LogFormat::Json),
            "text" => Some(LogFormat::Text),
            _ => None,
        });
        Some(Log { filter, format: format? })
    }

    fn problem<T>(&mut self, sentence: impl Into<String>) -> Option<T> {
        self.problems.push(sentence.into());
        None
    }

    /// An empty variable counts as not set.
    fn value(&self, name: &str) -> Option<String> {
        (self.environment)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn required(&mut self, name: &str, what: &str) -> Option<String> {
        let value = self.value(name);
        if value.is_none() { self.problem(format!("{name} is not set: give {what}.")) } else { value }
    }

    /// `Some(None)` if it is not set, `None` if it is wrong. The value may be a secret, so it is not repeated.
    fn parsed<T>(
        &mut self,
        name: &str,
        form: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Option<T>> {
        let Some(value) = self.value(name) else { return Some(None) };
        match parse(&value) {
            Some(parsed) => Some(Some(parsed)),
            None => self.problem(format!("{name} is not {form}.")),
        }
    }

    fn number(&mut self, name: &str, range: RangeInclusive<u64>, default: u64) -> Option<u64> {
        let form = format!("a whole number from {} to {}", range.start(), range.end());
        let number =
            self.parsed(name, &form, |text| text.parse().ok().filter(|number| range.contains(number)))?;
        Some(number.unwrap_or(default))
    }

    fn milliseconds(&mut self, name: &str, range: RangeInclusive<u64>, default: u64) -> Option<Duration> {
        self.number(name, range, default).map(Duration::from_millis)
    }

    /// An address that is encrypted on its way, or never leaves this machine.
    fn address(&mut self, name: &str) -> Option<Option<Url>> {
        let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host().is_some();
        let form = "an address such as https://host.example";
        let Some(url) = self.parsed(name, form, |text| Url::parse(text).ok().filter(is_web))? else {
            return Some(None);
        };
        if url.scheme() == "https" || is_loopback(url.host()) {
            Some(Some(url))
        } else {
            self.problem(format!("{name} must begin with https:// unless it is on this machine."))
        }
    }

    fn database_url(&mut self, name: &str) -> Option<SecretString> {
        let form = "postgres://ROLE:PASSWORD@HOST:PORT/NAME";
        let value = self.required(name, &format!("the database as {form}"))?;
        let is_database = |url: &Url| matches!(url.scheme(), "postgres" | "postgresql");
        let url = self.parsed(name, &format!("of the form {form}"), |text| {
            Url::parse(text).ok().filter(is_database)
        })??;
        let query = |wanted: &str| {
            url.query_pairs().find(|(key, _)| key == wanted).map(|(_, value)| value.into_owned())
        };
        let is_socket = query("host").is_some_and(|host| host.starts_with('/')) || url.host().is_none();
        let is_verified = query("sslmode").is_some_and(|mode| mode == "verify-full");
        if is_socket || is_verified || is_loopback(url.host()) {
            Some(value.into())
        } else {
            self.problem(format!(
                "{name} must end in ?sslmode=verify-full unless the database is on this machine."
            ))
        }
    }
}

fn is_loopback(host: Option<Host<&str>>) -> bool {
    match host {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // A database address has an unknown scheme, so its host is not parsed as an IP address.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const WORKER: &[(&str, &str)] = &[
        ("MANEIRO_DATABASE_URL", "postgres://maneiro_app:secret@db.example/maneiro?sslmode=verify-full"),
        ("MANEIRO_S3_BUCKET", "clinic"),
        ("MANEIRO_MASTER_KEY_FILE", "/etc/maneiro/master.key"),
    ];

    fn read<T>(
        set: &[(&str, &str)],
        read: impl FnOnce(&mut Settings) -> Option<T>,
    ) -> Result<T, Vec<String>> {
        let set: HashMap<String, String> =
            set.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        let mut settings = Settings::new(move |name| set.get(name).cloned());
        let result = read(&mut settings);
        settings.finish(result).map_err(|Problems(sentences)| sentences)
    }

    fn worker(set: &[(&str, &str)]) -> Result<(Stores, Jobs), Vec<String>> {
        let all = [WORKER, set].concat();
        read(&all, |settings| {
            let (stores, jobs) = (settings.stores(), settings.jobs());
            stores.zip(jobs)
        })
    }

    #[test]
    fn what_is_not_set_has_its_documented_default() {
        let (stores, jobs) = worker(&[]).unwrap();
        assert_eq!((stores.objects.region.as_str(), stores.database.connections), ("us-east-1", 20));
        assert_eq!((jobs.lease.as_secs(), jobs.heartbeat.as_secs(), jobs.concurrency), (15, 5, 2));
        assert!(jobs.model.is_none());
    }

    #[test]
    fn every_missing_and_every_wrong_setting_is_told_at_once() {
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
                "MANEIRO_MODEL_URL names the host model.example, which is not in MANEIRO_EGRESS_ALLOWLIST: patient data may go only to hosts listed there.",
            ]
        );
    }

    #[test]
    fn a_database_elsewhere_must_prove_who_it_is() {
        for (url, is_fine) in [
            ("postgres://app:x@127.0.0.1:5432/m", true),
            ("postgres://app:x@[::1]/m", true),
            ("postgres://app:x@localhost/m?sslmode=disable", true),
            ("postgresql:///m?host=/run/postgresql", true),
            ("postgres://app:x@db.example/m?sslmode=verify-full", true),
            ("postgres://app:x@db.example/m", false),
            ("postgres://app:x@db.example/m?sslmode=require", false),
            ("mysql://app:x@localhost/m", false),
        ] {
            assert_eq!(worker(&[("MANEIRO_DATABASE_URL", url)]).is_ok(), is_fine, "{url}");
        }
    }

    #[test]
    fn patient_data_goes_only_to_a_listed_host() {
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
    fn a_heartbeat_that_could_miss_the_lease_is_refused() {
        assert!(worker(&[("MANEIRO_JOB_LEASE_MS", "900"), ("MANEIRO_JOB_HEARTBEAT_MS", "300")]).is_ok());
        assert!(worker(&[("MANEIRO_JOB_LEASE_MS", "900"), ("MANEIRO_JOB_HEARTBEAT_MS", "301")]).is_err());
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
