//! The commands, one file for each group.

mod account;
mod analyze;
mod demo;
mod jobs;
mod licences;
mod read;
mod searchable_pdf;

use std::future::Future;

use maneiro_core::keychain::SystemKeychain;

use crate::{
    args::{Args, CliCommand},
    context::{Context, OpenStore},
    failure::Failure,
    shutdown::shutdown_signal,
    ui::Ui,
};

pub(crate) async fn run(args: Args, ui: &Ui) -> Result<(), Failure> {
    let retry = args.retry_policy();
    let open_store = OpenStore::default();
    let context = Context { ui, keychain: SystemKeychain, cloud: args.cloud, retry, open_store };
    let outcome = match args.command {
        CliCommand::Signup(args) => run_interruptible(account::signup(&context, args)).await,
        CliCommand::Login(args) => run_interruptible(account::login(&context, args)).await,
        CliCommand::Logout => run_interruptible(account::logout(&context)).await,
        CliCommand::Whoami => run_interruptible(account::whoami(&context)).await,
        CliCommand::Read(args) => run_interruptible(read::run(&context, args)).await,
        CliCommand::SearchablePdf(args) => run_interruptible(searchable_pdf::run(&context, args)).await,
        CliCommand::Analyze(args) => run_interruptible(analyze::run(&context, args)).await,
        CliCommand::Jobs(args) => run_interruptible(jobs::list_jobs(&context, args)).await,
        CliCommand::Report(args) => run_interruptible(jobs::show_report(&context, args)).await,
        // The demonstration handles the signal by itself, because it must also stop its cloud.
        CliCommand::Demo(args) => demo::run(&context, args).await,
        CliCommand::Licences => licences::print(ui),
    };
    context.open_store.close().await;
    outcome
}

/// Runs a command until it ends or the process is to shut down. The page workers then end with the dropped future;
/// finished pages are kept.
async fn run_interruptible(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::select! {
        outcome = command => outcome,
        () = shutdown_signal() => {
            Err(Failure::interrupted("interrupted; run the command again to continue"))
        }
    }
}
