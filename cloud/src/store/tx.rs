//! Connections and the two kinds of transaction. An `OrgTx` sees the rows of one clinic, a `SystemTx` the few that are read
//! before the clinic is known; PostgreSQL enforces both. Nothing else uses the pool.

use std::{str::FromStr, sync::Arc};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgListener},
};
use uuid::Uuid;

use super::{
    connection::{self, DatabaseTimeouts, OpenTransaction, StatementExecutor, TransactionObserver, limited},
    migrate,
};
use crate::domain::{
    actor::{OperatorActor, OrgActor},
    error::Error,
};

/// Limits of a statement and of an abandoned transaction, whatever the program does.
const SESSION_OPTIONS: [(&str, &str); 3] =
    [("statement_timeout", "30s"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "60s")];

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("the database URL is not of the form postgres://user:password@host:port/name")]
    InvalidUrl,
    #[error("the database does not answer or refuses the login")]
    Unreachable(#[source] sqlx::Error),
    /// The login could read past row-level security, so nothing is served with it.
    #[error("the database role {role} {why}; serve and worker must log in as maneiro_app")]
    UnsafeRole { role: String, why: &'static str },
    #[error("the database has pending migrations ({pending}); run `maneiro-cloud migrate` first")]
    NotMigrated { pending: usize },
}

/// The database.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
    options: PgConnectOptions,
    timeouts: DatabaseTimeouts,
    observer: Option<Arc<dyn TransactionObserver>>,
}

impl Db {
    /// Connects, and checks that the login cannot read past row-level security and that no migration is pending.
    ///
    /// # Errors
    /// [`ConnectError`] says which of these failed.
    pub async fn connect(
        url: &SecretString,
        max_connections: u32,
        timeouts: DatabaseTimeouts,
    ) -> Result<Self, ConnectError> {
        let options = PgConnectOptions::from_str(url.expose_secret())
            .map_err(|_| ConnectError::InvalidUrl)?
            .application_name("maneiro-cloud")
            .options(SESSION_OPTIONS);
        let pool = connection::connect(options.clone(), max_connections, timeouts)
            .await
            .map_err(ConnectError::Unreachable)?;
        check_role(&pool).await?;
        match migrate::pending(&pool).await.map_err(ConnectError::Unreachable)? {
            0 => Ok(Self { pool, options, timeouts, observer: None }),
            pending => Err(ConnectError::NotMigrated { pending }),
        }
    }

    /// Begins a transaction that sees and changes rows of the actor's clinic only.
    ///
    /// # Errors
    /// `Unavailable` if no connection is available.
    pub async fn begin_org(&self, who: &OrgActor) -> Result<OrgTx, Error> {
        // SET LOCAL ends with the transaction, and a UUID cannot carry SQL.
        let begin = format!("begin; set local app.org_id = '{}'", who.org().uuid());
        Ok(OrgTx { open: self.begin(begin).await?, who: who.clone() })
    }

    /// Begins a transaction for a task whose clinic is not known yet.
    ///
    /// # Errors
    /// `Unavailable` if no connection is available.
    pub async fn begin_system(&self, task: SystemTask) -> Result<SystemTx, Error> {
        let open = self.begin(format!("begin; set local role {}", task.role())).await?;
        Ok(SystemTx { open })
    }

    /// Begins a transaction of an operator, which sees what `maneiro_operator` may.
    ///
    /// # Errors
    /// `Unavailable` if no connection is available.
    pub async fn begin_operator(&self, who: &OperatorActor) -> Result<OperatorTx, Error> {
        let open = self.begin(format!("begin; set local role {OPERATOR_ROLE}")).await?;
        Ok(OperatorTx { open, who: who.clone() })
    }

    /// Succeeds if the database can be reached.
    ///
    /// # Errors
    /// `Unavailable` if not.
    pub async fn ping(&self) -> Result<(), Error> {
        self.begin_system(SystemTask::Authenticate).await?.commit().await
    }

    /// Tells `observer` of every transaction from now on.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn TransactionObserver>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// Closes all connections after their transactions have ended.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A connection as it lies in the pool, in no transaction. Only tests take one, to see what a transaction left behind.
    ///
    /// # Errors
    /// `Unavailable` if no connection is available.
    pub async fn idle_connection(&self) -> Result<PoolConnection<Postgres>, Error> {
        Ok(self.pool.acquire().await?)
    }

    /// A listener for notifications, on a connection of its own.
    pub(super) async fn listener(&self) -> Result<PgListener, sqlx::Error> {
        let pool = connection::connect(self.options.clone(), 1, self.timeouts).await?;
        limited(self.timeouts.acquire, PgListener::connect_with(&pool)).await
    }

    pub(super) const fn timeouts(&self) -> DatabaseTimeouts {
        self.timeouts
    }

    async fn begin(&self, begin: String) -> Result<OpenTransaction, Error> {
        OpenTransaction::begin(self.pool.clone(), begin, self.timeouts, self.observer.clone()).await
    }
}

async fn check_role(pool: &PgPool) -> Result<(), ConnectError> {
    let login = sqlx::query!(
        r#"select current_user::text as "role!",
                  exists (select from pg_roles r where (r.rolsuper or r.rolbypassrls)
                          and pg_has_role(current_user, r.oid, 'member')) as "privileged!",
                  exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                          where n.nspname = 'maneiro' and pg_has_role(current_user, c.relowner, 'member')) as "owner!",
                  exists (select from pg_roles r where r.rolname = any($1)
                          and pg_has_role(current_user, r.oid, 'usage')) as "always_system!",
                  (select count(*) from pg_roles r where r.rolname = any($1)
                   and pg_has_role(current_user, r.oid, 'member')) as "enterable!""#,
        &ENTERED_ROLES.map(str::to_owned),
    )
    .fetch_one(pool)
    .await
    .map_err(ConnectError::Unreachable)?;
    let why = if login.privileged {
        "is a superuser or bypasses row-level security"
    } else if login.owner {
        "owns tables, so it could switch row-level security off"
    } else if login.always_system {
        "has the rights of system tasks at all times (it must be NOINHERIT)"
    } else if usize::try_from(login.enterable) != Ok(ENTERED_ROLES.len()) {
        "is not a member of every role that it enters for system tasks"
    } else {
        return Ok(());
    };
    Err(ConnectError::UnsafeRole { role: login.role, why })
}

/// The role of operators of the platform.
const OPERATOR_ROLE: &str = "maneiro_operator";

/// The roles that the login enters with `SET LOCAL ROLE`, and whose rights it must not have otherwise.
const ENTERED_ROLES: [&str; 4] = ["maneiro_sign_in", "maneiro_session", OPERATOR_ROLE, "maneiro_system"];

/// What is done before the clinic is known. Each task sees what the policies and grants of its role permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemTask {
    Register,
    /// Find an account and start a session.
    SignIn,
    /// Change the own password, list and end the own sessions.
    ManageAccount,
    /// Find the session of a token.
    Authenticate,
    /// Claim tasks, renew and release leases.
    Queue,
}

impl SystemTask {
    const fn role(self) -> &'static str {
        match self {
            Self::Register | Self::SignIn | Self::ManageAccount => "maneiro_sign_in",
            Self::Authenticate => "maneiro_session",
            Self::Queue => "maneiro_system",
        }
    }
}

/// A transaction that sees the rows of one clinic. Dropping it rolls back.
#[must_use = "a transaction that is dropped rolls back"]
#[derive(Debug)]
pub struct OrgTx {
    open: OpenTransaction,
    who: OrgActor,
}

impl OrgTx {
    /// # Errors
    /// `Unavailable` if the connection was lost; whether the transaction was committed is then unknown.
    pub async fn commit(self) -> Result<(), Error> {
        self.open.commit().await
    }

    #[must_use]
    pub const fn who(&self) -> &OrgActor {
        &self.who
    }

    /// The clinic, for new rows.
    pub(super) const fn org(&self) -> Uuid {
        self.who.org().uuid()
    }

    pub(super) fn conn(&mut self) -> StatementExecutor<'_> {
        self.open.statements()
    }
}

/// A transaction that sees what the role of its task may. Dropping it rolls back.
#[must_use = "a transaction that is dropped rolls back"]
#[derive(Debug)]
pub struct SystemTx {
    open: OpenTransaction,
}

impl SystemTx {
    /// # Errors
    /// `Unavailable` if the connection was lost; whether the transaction was committed is then unknown.
    pub async fn commit(self) -> Result<(), Error> {
        self.open.commit().await
    }

    pub(super) fn conn(&mut self) -> StatementExecutor<'_> {
        self.open.statements()
    }
}

/// A transaction of an operator. Dropping it rolls back.
#[must_use = "a transaction that is dropped rolls back"]
#[derive(Debug)]
pub struct OperatorTx {
    open: OpenTransaction,
    who: OperatorActor,
}

impl OperatorTx {
    /// # Errors
    /// `Unavailable` if the connection was lost; whether the transaction was committed is then unknown.
    pub async fn commit(self) -> Result<(), Error> {
        self.open.commit().await
    }

    #[must_use]
    pub const fn who(&self) -> &OperatorActor {
        &self.who
    }

    pub(super) fn conn(&mut self) -> StatementExecutor<'_> {
        self.open.statements()
    }
}
