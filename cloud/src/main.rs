//! `maneiro-cloud`: serve, worker, migrate, admin. Reads the command line and the settings, and stops in order.

use std::{
    io::{IsTerminal as _, Read as _, Write as _},
    net::SocketAddr,
    panic::PanicHookInfo,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};
use clap::{Parser, Subcommand};
use maneiro_api::{
    OrgId, TaskId,
    account::{MailLanguage, Role},
};
use maneiro_cloud::{
    analysis_process,
    config::{ConfigErrors, ConfigReader, LogConfig, LogFormat},
    wiring::{
        self, AdminDatabase, Administration, CatalogueAccess, Deployment, Email, Error, ImportOutcome,
        ImportedUser, KeyAccess, SecondFactorReset, Title,
    },
};
use secrecy::SecretString;
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};
use tracing_subscriber::EnvFilter;

/// A setting is missing or wrong (`EX_CONFIG` of sysexits.h).
const EXIT_CONFIG: u8 = 78;
/// Ended by a second Ctrl-C (128 and the number of the signal, as in shells).
const EXIT_INTERRUPTED: i32 = 130;

/// The cloud service of Maneiro. Settings come from the environment.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve HTTP requests.
    Serve {
        /// Store all data in DIR, start the servers that are needed, and run a worker too.
        #[arg(long, value_name = "DIR")]
        embedded: Option<PathBuf>,
        /// Stop in order when standard input closes, and so with the process that started this one.
        #[arg(long)]
        until_stdin_closes: bool,
        /// Where to listen, instead of MANEIRO_LISTEN; port 0 takes a free one.
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
    },
    /// Run jobs.
    Worker,
    /// Migrate the database to the schema of this program.
    Migrate,
    /// Commands for the administrator of the server.
    Admin {
        /// The folder of an embedded service that is not running.
        #[arg(long, value_name = "DIR")]
        embedded: Option<PathBuf>,
        #[command(subcommand)]
        command: AdminCommand,
    },
}

#[derive(Subcommand)]
enum AdminCommand {
    /// The keys that clinics' data is sealed with.
    #[command(name = "keys")]
    ClinicKey {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Clinics.
    #[command(subcommand)]
    Clinics(ClinicsCommand),
    /// Remove the second factor of an account whose owner has lost it. Every session of it ends, and its owner is mailed.
    ResetSecondFactor {
        /// The e-mail address of the account.
        email: String,
        /// Why, for the audit log: how the owner proved to be the owner, and nothing of a patient.
        #[arg(long)]
        reason: String,
    },
    /// Operators of the platform.
    #[command(subcommand)]
    Operators(OperatorsCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Make the accounts of another system members of a clinic.
    ///
    /// FILE.csv has the columns email, name and role (admin, doctor, assistant), and if wanted password_hash (bcrypt, replaced
    /// at the first sign-in), signs (true, false) and language (en, es). Accounts that exist are not changed, so that it can
    /// be imported again.
    ImportUsers {
        file: PathBuf,
        /// The clinic's id.
        #[arg(long, value_name = "ORG")]
        clinic: OrgId,
        /// Only say what would become of each row.
        #[arg(long)]
        dry_run: bool,
    },
    /// Tasks that failed for good.
    #[command(subcommand)]
    Tasks(TasksCommand),
    /// The plans and their prices in Stripe.
    #[command(subcommand, name = "catalogue")]
    PlanCatalogue(CatalogueCommand),
    /// What Stripe said that no clinic or plan is known for.
    #[command(subcommand)]
    Payments(PaymentsCommand),
}

#[derive(Subcommand)]
enum CatalogueCommand {
    /// Compare the plans with Stripe's products and prices.
    Check,
    /// Create the products and prices that Stripe lacks, and print their ids for the file of plans.
    Push,
}

#[derive(Subcommand)]
enum PaymentsCommand {
    /// List it, the oldest first.
    List,
}

#[derive(Subcommand)]
enum TasksCommand {
    /// List them, the oldest first.
    List,
    /// Put some back into the queue.
    Retry {
        #[arg(required = true, value_name = "TASK")]
        tasks: Vec<TaskId>,
    },
    /// Drop some.
    Drop {
        #[arg(required = true, value_name = "TASK")]
        tasks: Vec<TaskId>,
    },
}

#[derive(Subcommand)]
enum ClinicsCommand {
    /// Make a clinic on a trial, and print its id.
    Add {
        /// The clinic's name.
        name: String,
        /// The e-mail address of its first admin, who sets a password by the mail of a forgotten one unless they have an account.
        #[arg(long, value_name = "EMAIL")]
        admin: String,
        /// The admin's name, if the address has no account.
        #[arg(long, value_name = "NAME")]
        admin_name: String,
        /// The language of mails to the admin.
        #[arg(long, value_parser = ["en", "es"], default_value = "en")]
        language: String,
    },
}

#[derive(Subcommand)]
enum OperatorsCommand {
    /// Make a user an operator.
    Add {
        /// The e-mail address of their account.
        email: String,
    },
    /// List the e-mail addresses of all operators.
    List,
    /// Take the right of an operator away, and end what they opened with it.
    Remove {
        /// The e-mail address of their account.
        email: String,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Compute the hash of every event again, and name the events that were altered.
    Verify,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Give a clinic a new key, which seals what is stored from ten minutes on. The earlier ones still open.
    Rotate {
        /// The clinic's id.
        org: OrgId,
    },
    /// Wrap all clinics' keys under MANEIRO_MASTER_KEY_FILE, so that the retired master keys are no longer needed.
    Rewrap,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == analysis_process::COMMAND) {
        return analysis_process::run(&arguments.collect::<Vec<_>>());
    }
    let cli = Cli::parse();
    let outcome = read_config(ConfigReader::log).map_err(anyhow::Error::from).and_then(|log| {
        init_log(&log);
        run(cli.command)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let code = if error.is::<ConfigErrors>() { EXIT_CONFIG } else { 1 };
            // One sentence per error, with its causes, for whoever started this; the log may go elsewhere.
            let _ = writeln!(std::io::stderr(), "{error:#}");
            ExitCode::from(code)
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve { embedded, until_stdin_closes, listen } => {
            // An embedded service sells nothing.
            let (http, deployment, payments, jobs) = match embedded {
                Some(folder) => {
                    let (http, jobs) = read_config(|reader| {
                        let (http, jobs) = (reader.http(listen), reader.jobs());
                        http.zip(jobs)
                    })?;
                    (http, Deployment::Embedded(folder), None, Some(jobs))
                }
                None => {
                    let ((http, payments), (storage, mail)) = read_config(|reader| {
                        let (http, storage, mail) = (reader.http(listen), reader.storage(), reader.mail());
                        http.zip(reader.payments()).zip(storage.zip(mail))
                    })?;
                    (http, Deployment::External(Box::new(storage), Box::new(mail)), payments, None)
                }
            };
            run_until_stopped(|stop| async move {
                if until_stdin_closes {
                    stop_when_stdin_closes(stop.clone());
                }
                wiring::serve(http, deployment, payments, jobs, stop, |address| {
                    info!(%address, "listening");
                    // The process that started this one may have ended; the service goes on.
                    let _ = writeln!(std::io::stdout(), "listening on http://{address}");
                })
                .await
            })
        }
        Command::Worker => {
            let ((storage, mail), (payments, jobs)) = read_config(|reader| {
                let (storage, mail, jobs) = (reader.storage(), reader.mail(), reader.jobs());
                storage.zip(mail).zip(reader.payments().zip(jobs))
            })?;
            run_until_stopped(|stop| wiring::run_worker(storage, mail, payments, jobs, stop))
        }
        Command::Migrate => {
            let login = read_config(ConfigReader::migration_login)?;
            run_until_stopped(|_| async move { wiring::migrate(&login).await })
        }
        Command::Admin { embedded, command: AdminCommand::ClinicKey { command } } => {
            let access = key_access(embedded)?;
            run_until_stopped(|_| async move {
                match command {
                    KeysCommand::Rotate { org } => {
                        let version =
                            wiring::rotate_key(access, org).await?.context("no clinic has this id")?;
                        writeln!(std::io::stdout(), "version {version} seals from ten minutes on")?;
                    }
                    KeysCommand::Rewrap => {
                        let keys = wiring::rewrap_keys(access).await?;
                        writeln!(std::io::stdout(), "{keys} keys are wrapped under the present master key")?;
                    }
                }
                Ok(())
            })
        }
        Command::Admin { embedded, command: AdminCommand::Clinics(command) } => {
            let access = key_access(embedded)?;
            let plans_file = read_config(|reader| Some(reader.plans_file()))?;
            run_until_stopped(|_| async move {
                let ClinicsCommand::Add { name, admin, admin_name, language } = command;
                let refused = |what: &'static str| move |message| anyhow::anyhow!("{what} {message}");
                let admin = ImportedUser {
                    email: Email::parse(&admin).map_err(refused("the admin's address"))?,
                    name: Title::parse(&admin_name).map_err(refused("the admin's name"))?,
                    role: Role::Admin,
                    signs: false,
                    language: if language == "es" { MailLanguage::Es } else { MailLanguage::En },
                    password_hash: None,
                };
                let org = wiring::add_clinic(access, plans_file.as_deref(), &name, &admin)
                    .await
                    .map_err(with_fields)?;
                writeln!(std::io::stdout(), "{org}")?;
                Ok(())
            })
        }
        Command::Admin { embedded, command: AdminCommand::ResetSecondFactor { email, reason } } => {
            let database = admin_database(embedded)?;
            run_until_stopped(|_| {
                wiring::administer(database, async |admin| {
                    let reset = admin.reset_second_factor(&email, &reason).await;
                    match reset.map_err(|error| with_fields(error.into()))? {
                        SecondFactorReset::Done => Ok(()),
                        SecondFactorReset::NoAccount => bail!("no account has this e-mail address"),
                        SecondFactorReset::NoSecondFactor => bail!("the account has no second factor"),
                    }
                })
            })
        }
        Command::Admin { embedded, command: AdminCommand::Operators(command) } => {
            let database = admin_database(embedded)?;
            run_until_stopped(|_| {
                wiring::administer(database, async |admin| change_operators(admin, command).await)
            })
        }
        Command::Admin { embedded, command: AdminCommand::Audit(AuditCommand::Verify) } => {
            let database = admin_database(embedded)?;
            run_until_stopped(|_| wiring::administer(database, async |admin| verify_audit(admin).await))
        }
        Command::Admin { embedded, command: AdminCommand::ImportUsers { file, clinic, dry_run } } => {
            let csv = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            let database = admin_database(embedded)?;
            run_until_stopped(|_| {
                wiring::administer(database, async |admin| import_users(admin, clinic, &csv, dry_run).await)
            })
        }
        Command::Admin { command: AdminCommand::PlanCatalogue(command), .. } => {
            let access = read_config(ConfigReader::catalogue)?;
            run_until_stopped(|_| change_catalogue(access, command))
        }
        Command::Admin { embedded, command: AdminCommand::Payments(PaymentsCommand::List) } => {
            let database = admin_database(embedded)?;
            run_until_stopped(|_| {
                wiring::administer(database, async |admin| {
                    for problem in admin.payment_problems().await? {
                        writeln!(std::io::stdout(), "{problem}")?;
                    }
                    Ok(())
                })
            })
        }
        Command::Admin { embedded, command: AdminCommand::Tasks(command) } => {
            let database = admin_database(embedded)?;
            run_until_stopped(|_| {
                wiring::administer(database, async |admin| resolve_dead_letters(admin, command).await)
            })
        }
    }
}

fn key_access(embedded: Option<PathBuf>) -> Result<KeyAccess, ConfigErrors> {
    Ok(match embedded {
        Some(folder) => KeyAccess::Embedded(folder),
        None => {
            let (login, master_keys) = read_config(|reader| {
                let (login, master_keys) = (reader.migration_login(), reader.master_keys());
                login.zip(master_keys)
            })?;
            KeyAccess::External(login, master_keys)
        }
    })
}

fn admin_database(embedded: Option<PathBuf>) -> Result<AdminDatabase, ConfigErrors> {
    Ok(match embedded {
        Some(folder) => AdminDatabase::Embedded(folder),
        None => AdminDatabase::External(read_config(ConfigReader::migration_login)?),
    })
}

async fn change_catalogue(
    access: (SecretString, Option<PathBuf>),
    command: CatalogueCommand,
) -> anyhow::Result<()> {
    let (key, plans_file) = access;
    let access = CatalogueAccess { key, plans_file };
    match command {
        CatalogueCommand::Check => {
            let differences = access.check().await?;
            for difference in &differences {
                writeln!(std::io::stdout(), "{difference}")?;
            }
            ensure!(differences.is_empty(), "the catalogue and Stripe differ");
            writeln!(std::io::stdout(), "the catalogue and Stripe agree")?;
        }
        CatalogueCommand::Push => {
            let (created, table) = access.push().await?;
            for price in &created {
                writeln!(std::io::stderr(), "created {price}")?;
            }
            writeln!(std::io::stdout(), "{table}")?;
        }
    }
    Ok(())
}

async fn change_operators(admin: &Administration<'_>, command: OperatorsCommand) -> anyhow::Result<()> {
    match command {
        OperatorsCommand::Add { email } => {
            ensure!(admin.grant(&email).await?, "no account has this e-mail address");
        }
        OperatorsCommand::List => {
            for email in admin.operators().await? {
                writeln!(std::io::stdout(), "{email}")?;
            }
        }
        OperatorsCommand::Remove { email } => {
            ensure!(admin.revoke(&email).await?, "no operator has this e-mail address");
        }
    }
    Ok(())
}

/// Says what is wrong with which field.
fn with_fields(error: anyhow::Error) -> anyhow::Error {
    match error.downcast() {
        Ok(Error::InvalidInput(fields)) => {
            let faults: Vec<String> =
                fields.into_iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
            anyhow::anyhow!(faults.join("; "))
        }
        Ok(other) => other.into(),
        Err(other) => other,
    }
}

async fn resolve_dead_letters(admin: &Administration<'_>, command: TasksCommand) -> anyhow::Result<()> {
    let mut unknown = Vec::new();
    match command {
        TasksCommand::List => {
            for letter in admin.dead_letters().await? {
                writeln!(std::io::stdout(), "{letter}")?;
            }
        }
        TasksCommand::Retry { tasks } => {
            for task in tasks {
                if !admin.retry_dead_letter(task).await? {
                    unknown.push(task.to_string());
                }
            }
        }
        TasksCommand::Drop { tasks } => {
            for task in tasks {
                if !admin.drop_dead_letter(task).await? {
                    unknown.push(task.to_string());
                }
            }
        }
    }
    ensure!(unknown.is_empty(), "no task that failed for good has the id {}", unknown.join(", "));
    Ok(())
}

async fn import_users(
    admin: &Administration<'_>,
    clinic: OrgId,
    csv: &[u8],
    is_dry_run: bool,
) -> anyhow::Result<()> {
    let rows = match admin.import_users(clinic, csv, is_dry_run).await {
        Err(Error::InvalidInput(fields)) => {
            let messages: Vec<String> = fields.into_iter().map(|field| field.message).collect();
            bail!("the file cannot be imported: {}", messages.join("; "));
        }
        other => other?.context("no clinic has this id")?,
    };
    let mut refused = 0;
    for (line, outcome) in &rows {
        refused += usize::from(matches!(outcome, ImportOutcome::Refused(_)));
        writeln!(std::io::stdout(), "line {line}: {outcome}")?;
    }
    let (all, undone) = (rows.len(), if is_dry_run { "; nothing was changed (--dry-run)" } else { "" });
    writeln!(std::io::stdout(), "{all} rows, {refused} refused{undone}")?;
    ensure!(refused == 0, "{refused} of {all} rows were refused; correct them and import the file again");
    Ok(())
}

async fn verify_audit(admin: &Administration<'_>) -> anyhow::Result<()> {
    let verified = admin.verify_audit().await?;
    for event in &verified.altered {
        writeln!(std::io::stdout(), "altered: {event}")?;
    }
    let (events, altered) = (verified.events, verified.altered.len());
    ensure!(altered == 0, "{altered} of {events} events are not as they were recorded");
    writeln!(std::io::stdout(), "{events} events, all as they were recorded")?;
    Ok(())
}

fn read_config<T>(read: impl FnOnce(&mut ConfigReader) -> Option<T>) -> Result<T, ConfigErrors> {
    let mut reader = ConfigReader::new(|name| std::env::var(name).ok());
    let config = read(&mut reader);
    reader.finish(config)
}

/// Runs `work`, which is asked to stop by SIGTERM or SIGINT. A second SIGINT exits the process.
fn run_until_stopped<F>(work: impl FnOnce(CancellationToken) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let runtime = Runtime::new()?;
    let stop = CancellationToken::new();
    let outcome = runtime.block_on(async {
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let stop_on_signal = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => info!("stopping: SIGTERM"),
                _ = interrupt.recv() => info!("stopping: SIGINT"),
            }
            stop_on_signal.cancel();
            interrupt.recv().await;
            std::process::exit(EXIT_INTERRUPTED);
        });
        work(stop).await
    });
    // A running extraction cannot be interrupted, and its result is no longer needed.
    runtime.shutdown_background();
    outcome
}

/// Reading standard input blocks, so it has a thread of its own, which is never joined.
fn stop_when_stdin_closes(stop: CancellationToken) {
    std::thread::spawn(move || {
        let mut ignored = [0; 4096];
        while matches!(std::io::stdin().read(&mut ignored), Ok(1..)) {}
        info!("stopping: standard input closed");
        stop.cancel();
    });
}

fn init_log(log: &LogConfig) {
    let to_terminal = std::io::stderr().is_terminal();
    let format = log.format.unwrap_or(if to_terminal { LogFormat::Text } else { LogFormat::Json });
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&log.filter))
        .with_writer(std::io::stderr)
        .with_ansi(to_terminal);
    match format {
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
        LogFormat::Text => subscriber.init(),
    }
    std::panic::set_hook(Box::new(log_panic));
}

/// The message of a panic may contain text of a patient's page, so only its location is logged.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    error!(location = location.as_deref().unwrap_or("unknown"), "panicked");
}
