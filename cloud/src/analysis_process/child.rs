//! The child's half: takes the pages, makes the analysis, and ends when its parent does.

use std::{
    ffi::OsString,
    io::{self, BufReader},
    process::ExitCode,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
};

use maneiro_analysis::{Analyser, AnalysisControl, AnalysisError};

use super::{
    protocol::{self, AnalysisReply, AnalysisStep},
    sandbox::{self, SandboxLimits},
};

/// The first argument that makes this binary an analysis process. The second is its memory in bytes, the third its
/// processor time in seconds.
pub const COMMAND: &str = "analysis-child";

/// Makes one analysis of what the parent sends on standard input. `arguments` are those after [`COMMAND`].
#[must_use]
pub fn run(arguments: &[OsString]) -> ExitCode {
    // Its message may hold text of a page. The parent tells by the end of the process that something went wrong.
    std::panic::set_hook(Box::new(|_| std::process::abort()));
    let number = |argument: &OsString| argument.to_str()?.parse().ok();
    let numbers: Option<Vec<u64>> = arguments.iter().map(number).collect();
    let Some(&[memory_bytes, cpu_seconds]) = numbers.as_deref() else {
        // Started by hand, without a parent.
        return ExitCode::from(2);
    };
    if sandbox::close_inherited_files().is_err() {
        return ExitCode::FAILURE;
    }
    let steps = receive_steps();
    // The thread that receives runs by now: nothing is started or opened any more.
    let confined = sandbox::confine(SandboxLimits { memory_bytes, cpu_seconds });
    match confined.and_then(|()| analyse(&steps)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Receives on a thread of its own, so that the end of the parent ends this process even in the middle of a step.
fn receive_steps() -> Receiver<AnalysisStep> {
    let (sender, receiver) = sync_channel(1);
    // A thread begins with system calls that are not permitted later.
    let (started, is_running) = sync_channel(0);
    std::thread::spawn(move || {
        let _ = started.send(());
        let mut input = BufReader::new(io::stdin());
        while let Ok(Some(step)) = protocol::read_message(&mut input) {
            if sender.send(step).is_err() {
                break;
            }
        }
        std::process::exit(0);
    });
    let _ = is_running.recv();
    receiver
}

fn analyse(steps: &Receiver<AnalysisStep>) -> io::Result<()> {
    let out_of_order = || io::Error::other("a message is out of order");
    let next = || steps.recv().map_err(io::Error::other);
    let AnalysisStep::Begin { request, prompt_limits } = next()? else { return Err(out_of_order()) };
    let control = Arc::new(AnalysisControl::default());
    let mut analyser = match prompt_limits {
        Some(limits) => Analyser::with_model(request, Arc::clone(&control), limits),
        None => Analyser::new(request, Arc::clone(&control)),
    };
    loop {
        match next()? {
            AnalysisStep::Page(page) => analyser.push(page).map_err(io::Error::other)?,
            AnalysisStep::Analyse => break,
            AnalysisStep::Begin { .. }
            | AnalysisStep::ModelAnswer { .. }
            | AnalysisStep::GiveUpModel { .. } => return Err(out_of_order()),
        }
    }
    while let Some(request) = analyser.next_model_request() {
        reply(&AnalysisReply::AskModel { request, pages_done: control.pages_done() })?;
        match next()? {
            AnalysisStep::ModelAnswer { content } => analyser.take_model_answer(content.as_deref()),
            AnalysisStep::GiveUpModel { failure } => analyser.give_up_model(failure),
            AnalysisStep::Begin { .. } | AnalysisStep::Page(_) | AnalysisStep::Analyse => {
                return Err(out_of_order());
            }
        }
    }
    match analyser.finish() {
        Ok(output) => reply(&AnalysisReply::Finished(Box::new(output))),
        Err(error @ AnalysisError::Cancelled(_)) => Err(io::Error::other(error)),
    }
}

fn reply(reply: &AnalysisReply) -> io::Result<()> {
    protocol::write_message(&mut io::stdout().lock(), reply)
}
