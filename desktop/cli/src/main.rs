//! `maneiro`: the workstation from a terminal. Parses arguments, calls the core, shows progress and results. Decides
//! nothing.

mod args;
mod commands;
mod context;
mod demo_cloud;
mod failure;
mod output;
mod passwords;
mod shutdown;
mod ui;

use std::process::ExitCode;

use clap::Parser as _;
use maneiro_core::worker;

use crate::{args::Args, failure::Failure, ui::Ui};

fn main() -> ExitCode {
    // A page worker is this same binary. It is started before anything else is set up.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == worker::COMMAND) {
        return worker::run(&arguments.collect::<Vec<_>>());
    }
    let args = Args::parse();
    let ui = Ui::new(args.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return ui.show_failure(&Failure::output(error)),
    };
    match runtime.block_on(commands::run(args, &ui)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ui.show_failure(&failure),
    }
}
