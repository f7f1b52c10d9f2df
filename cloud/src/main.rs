//! `maneiro-cloud`: serve, worker, migrate, admin. Reads the command line and the settings, and stops in order.

use std::{
    io::{IsTerminal as _, Read as _, Write as _},
    net::SocketAddr,
    panic::PanicHookInfo,
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use maneiro_cloud::{
    config::{Log, LogFormat, Problems, Settings},
    wiring::{self, AdminPlace, Place},
};
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};
use tracing_subscriber::EnvFilter;

/// A setting is missing or wrong (`EX_CONFIG` of sysexits.h).
const EXIT_SETTINGS: u8 = 78;
/// Ended at once by a second Ctrl-C (128 and the signal's number, as shells have it).
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
    /// Answer HTTP requests.
    Serve {
        /// Keep everything under DIR, start the servers that are needed, and run a worker too.
        #[arg(long, value_name = "DIR")]
        embedded: Option<PathBuf>,
        /// Stop in order when standard input ends, and so with whoever started this.
        #[arg(long)]
        until_stdin_closes: bool,
        /// Where to listen, instead of MANEIRO_LISTEN; port 0 takes a free one.
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
    },
    /// Work on jobs.
    Worker,
    /// Bring the database to the schema of this program.
    Migrate,
    /// Do what only who runs the server may do.
    Admin {
        /// The folder of an embedded service that is not running.
        #[arg(long, value_name = "DIR")]
        embedded: Option<PathBuf>,
        #[command(subcommand)]
        command: Admin,
    },
}

#[derive(Subcommand)]
enum Admin {
    /// Let a person run the platform.
    GrantOperator {
        /// The address of their account.
        email: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = read_settings(Settings::log).map_err(anyhow::Error::from).and_then(|log| {
        start_log(&log);
        run(cli.command)
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            let code = if problem.is::<Problems>() { EXIT_SETTINGS } else { 1 };
            // One sentence per problem, with its causes, for whoever started this; the log may go elsewhere.
            let _ = writeln!(std::io::stderr(), "{problem:#}");
            ExitCode::from(code)
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve { embedded, until_stdin_closes, listen } => {
            let (mut http, place, jobs) = match embedded {
                Some(folder) => {
                    let (http, jobs) = read_settings(|settings| {
                        let (http, jobs) = (settings.http(), settings.jobs());
                        http.zip(jobs)
                    })?;
                    (http, Place::Embedded(folder), Some(jobs))
                }
                None => {
                    let (http, stores) = read_settings(|settings| {
                        let (http, stores) = (settings.http(), settings.stores());
                        http.zip(stores)
                    })?;
                    (http, Place::Servers(stores), None)
                }
            };
            http.listen = listen.or(http.listen);
            on_runtime(|stop| async move {
                if until_stdin_closes {
                    stop_with_stdin(stop.clone());
                }
                wiring::serve(http, place, jobs, stop, |address| {
                    info!(%address, "listening");
                    // Whoever started this may have gone; the service stays.
                    let _ = writeln!(std::io::stdout(), "listening on http://{address}");
                })
                .await
            })
        }
        Command::Worker => {
            let (stores, jobs) = read_settings(|settings| {
                let (stores, jobs) = (settings.stores(), settings.jobs());
                stores.zip(jobs)
            })?;
            on_runtime(|stop| wiring::worker(stores, jobs, stop))
        }
        Command::Migrate => {
            let login = read_settings(Settings::migration_login)?;
            on_runtime(|_| async move { wiring::migrate(&login).await })
        }
        Command::Admin { embedded, command: Admin::GrantOperator { email } } => {
            let place = match embedded {
                Some(folder) => AdminPlace::Embedded(folder),
                None => AdminPlace::Server(read_settings(Settings::migration_login)?),
            };
            on_runtime(|_| async move {
                if wiring::grant_operator(place, &email).await? {
                    Ok(())
                } else {
                    Err(anyhow::anyhow!("no account has this address"))
                }
            })
        }
    }
}

fn read_settings<T>(read: impl FnOnce(&mut Settings) -> Option<T>) -> Result<T, Problems> {
    let mut settings = Settings::new(|name| std::env::var(name).ok());
    let result = read(&mut settings);
    settings.finish(result)
}

/// Runs `work`, which is asked to stop by SIGTERM or SIGINT. A second SIGINT ends the process at once.
fn on_runtime<F>(work: impl FnOnce(CancellationToken) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let runtime = Runtime::new()?;
    let stop = CancellationToken::new();
    let outcome = runtime.block_on(async {
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let asked = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => info!("asked to stop by SIGTERM"),
                _ = interrupt.recv() => info!("asked to stop by SIGINT"),
            }
            asked.cancel();
            interrupt.recv().await;
            std::process::exit(EXIT_INTERRUPTED);
        });
        work(stop).await
    });
    // An analysis that computes cannot be interrupted, and nobody waits for it any more.
    runtime.shutdown_background();
    outcome
}

/// Reading standard input blocks, so it has a thread of its own that nobody waits for.
fn stop_with_stdin(stop: CancellationToken) {
    std::thread::spawn(move || {
        let mut ignored = [0; 4096];
        while matches!(std::io::stdin().read(&mut ignored), Ok(1..)) {}
        info!("asked to stop by the end of standard input");
        stop.cancel();
    });
}

fn start_log(log: &Log) {
    let to_terminal = std::io::stderr().is_terminal();
    let format = log.format.unwrap_or(if to_terminal { LogFormat::Text } else { LogFormat::Json });
    let events = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&log.filter))
        .with_writer(std::io::stderr)
        .with_ansi(to_terminal);
    match format {
        LogFormat::Json => events.json().flatten_event(true).init(),
        LogFormat::Text => events.init(),
    }
    std::panic::set_hook(Box::new(log_panic));
}

/// A panic's message may hold what the code was working on, and so what a patient's page says: only its place is kept.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    error!(place = place.as_deref().unwrap_or("unknown"), "panicked");
}
