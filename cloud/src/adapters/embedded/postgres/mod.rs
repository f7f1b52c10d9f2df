//! A private PostgreSQL cluster that lives exactly as long as its owner.
//!
//! A watchdog (a shell that reads from a pipe) starts the server and stops it when the pipe closes, which happens however
//! the owner ends, `kill -9` included. Knows no tables: whoever starts a cluster fills it.

mod error;
mod options;
mod process;
mod users;

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    process::Child,
};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

pub use self::{
    error::ClusterError,
    options::{ClusterOptions, Lifetime, SUPERUSER},
};
use self::{error::io_error, process::PostgresPrograms};

/// Ports that are tried if other processes take the chosen ones in the meantime.
const MAX_PORTS: u32 = 5;

/// A running cluster. Dropping it stops the server.
pub struct Cluster {
    port: u16,
    password: SecretString,
    watchdog: Child,
}

impl Cluster {
    /// Creates the cluster if it does not exist, stops what an earlier run may have left, and starts it on a free port of
    /// the loopback interface. Blocks until it accepts connections.
    ///
    /// # Errors
    /// Any [`ClusterError`].
    pub fn start(options: &ClusterOptions<'_>) -> Result<Self, ClusterError> {
        let programs = PostgresPrograms::find()?;
        if let (Lifetime::Temporary, Some(parent)) = (options.lifetime, options.data.parent()) {
            programs.chown(parent, 0o700)?;
        }
        programs.check_reachable(options.data)?;
        if options.data.join("PG_VERSION").exists() {
            programs.stop_leftover(options.data)?;
        } else {
            programs.init(options)?;
        }
        for _ in 0..MAX_PORTS {
            let port = free_port().map_err(io_error("looking for a free port"))?;
            if let Some(watchdog) = programs.start(options, port)? {
                return Ok(Self { port, password: options.password.clone(), watchdog });
            }
        }
        Err(ClusterError::Start(format!("other processes took {MAX_PORTS} ports, one after the other")))
    }

    /// The URL of one of its databases, for a role with its password.
    #[must_use]
    pub fn url(&self, role: &str, password: &SecretString, database: &str) -> SecretString {
        let Self { port, .. } = self;
        format!("postgres://{role}:{}@127.0.0.1:{port}/{database}?sslmode=disable", password.expose_secret())
            .into()
    }

    /// The URL of one of its databases, for the superuser.
    #[must_use]
    pub fn superuser_url(&self, database: &str) -> SecretString {
        self.url(SUPERUSER, &self.password, database)
    }

    /// Creates an empty database, unless there is one of this name.
    ///
    /// # Errors
    /// [`ClusterError::Sql`] if the server refuses.
    pub async fn create_database(&self, name: &str) -> Result<(), ClusterError> {
        let mut superuser = self.superuser().await?;
        let exists = sqlx::query("select from pg_database where datname = $1")
            .bind(name)
            .fetch_optional(&mut superuser);
        if exists.await?.is_none() {
            let create = format!("create database {}", quote_identifier(name));
            sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut superuser).await?;
        }
        Ok(superuser.close().await?)
    }

    /// Sets the password of a role.
    ///
    /// # Errors
    /// [`ClusterError::Sql`] if there is no such role.
    pub async fn set_password(&self, role: &str, password: &SecretString) -> Result<(), ClusterError> {
        let mut superuser = self.superuser().await?;
        let literal = password.expose_secret().replace('\'', "''");
        let alter = format!("alter role {} password '{literal}'", quote_identifier(role));
        sqlx::raw_sql(AssertSqlSafe(alter)).execute(&mut superuser).await?;
        Ok(superuser.close().await?)
    }

    async fn superuser(&self) -> Result<PgConnection, ClusterError> {
        Ok(PgConnection::connect(self.superuser_url(SUPERUSER).expose_secret()).await?)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // If waiting fails there is nothing left to do: the watchdog continues by itself.
        let _ = self.watchdog.wait();
    }
}

/// A port that is free at the moment.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
