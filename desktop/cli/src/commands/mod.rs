//! One file per group of commands.

mod account;
mod analyze;
mod copy;
mod demo;
mod jobs;
mod read;

use std::future::Future;

use maneiro_core::keychain::SystemKeychain;

use crate::{
    args::{Args, Command},
    context::{Context, OpenStore},
    failure::Failure,
    stopping::told_to_stop,
    ui::Ui,
};

/// Runs the command.
pub(crate) async fn run(args: Args, ui: &Ui) -> Result<(), Failure> {
    let patience = args.patience();
    let opened = OpenStore::default();
    let context = Context { ui, keychain: SystemKeychain, cloud: args.cloud, patience, opened };
    let outcome = match args.command {
        Command::Signup(args) => stoppable(account::signup(&context, args)).await,
        Command::Login(args) => stoppable(account::login(&context, args)).await,
        Command::Logout => stoppable(account::logout(&context)).await,
        Command::Whoami => stoppable(account::whoami(&context)).await,
        Command::Read(args) => stoppable(read::run(&context, args)).await,
        Command::Copy(args) => stoppable(copy::run(&context, args)).await,
        Command::Analyze(args) => stoppable(analyze::run(&context, args)).await,
        Command::Jobs(args) => stoppable(jobs::list(&context, args)).await,
        Command::Report(args) => stoppable(jobs::report(&context, args)).await,
        // The demonstration has more to put in order when it is stopped, so it listens by itself.
        Command::Demo(args) => demo::run(&context, args).await,
    };
    context.opened.close().await;
    outcome
}

/// Runs until done, or until told to stop: then the page workers end with the dropped future, and what was finished
/// is kept.
async fn stoppable(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::select! {
        outcome = command => outcome,
        () = told_to_stop() => {
            Err(Failure::stopped("stopped; run the command again to go on where it stopped"))
        }
    }
}
