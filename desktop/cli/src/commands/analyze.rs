//! `analyze`: files in, analysis out.

use maneiro_api::{analysis::DateWindow, client::Client, job::JobState};
use maneiro_core::{
    cloud::analyze::{self, Outcome, Progress, Request},
    reading::ReadFile,
    store::Store,
    system::SystemRandom,
};
use serde_json::{Value, json};

use crate::{
    args,
    commands::read,
    context::{Context, this_binary},
    failure::Failure,
    show,
    ui::{self, Ui},
};

/// Reads files, sends their pages, and shows the analysis.
pub(crate) async fn run(context: &Context<'_>, args: args::Analyze) -> Result<(), Failure> {
    // Everything that can be refused at once is, before minutes are spent on reading.
    let mut sources = Vec::with_capacity(args.files.len());
    for path in &args.files {
        sources.push(read::examine(path).await?);
    }
    let client = context.client()?;
    client.me().await?;
    let store = context.store().await?;
    let options = args.reading.options(this_binary()?);
    let password = read::given_password(&args.password)?;
    let mut files = Vec::with_capacity(sources.len());
    for source in &sources {
        files.push(read::file(context.ui, &store, &options, source, password.clone()).await?);
    }
    let window =
        (args.from.is_some() || args.to.is_some()).then_some(DateWindow { from: args.from, to: args.to });
    let request =
        Request { title: args.title, focus: args.focus, window, anew: args.again, originals: args.originals };
    let outcome = in_cloud(context.ui, &client, &store, &files, &request).await?;
    let mut document = as_json(&files, &outcome);
    let mut text = show::summary(&outcome.analysis);
    if let Some(folder) = &args.out {
        let written = show::write_reports(&client, outcome.analysis.id, folder).await?;
        text.push_str(&show::files(&written));
        document["written"] = json!(written);
    } else {
        text.push_str(&format!("\nmaneiro report {} --out DIR writes the report\n", outcome.job.id));
    }
    if context.ui.is_json() {
        context.ui.print_json(&document)?;
    } else {
        context.ui.print(&text)?;
    }
    outcome.delivered(&store).await?;
    Ok(())
}

/// Sends pages and waits for the analysis, with bars.
pub(crate) async fn in_cloud(
    ui: &Ui,
    client: &Client,
    store: &Store,
    files: &[ReadFile],
    request: &Request,
) -> Result<Outcome, Failure> {
    let sending = ui.pages("sending");
    let analysing = ui.spinner("analysing", "");
    let told = |progress: Progress| match progress {
        Progress::Sending { pages_there, pages_total } => {
            if sending.length() == Some(0) {
                sending.set_length(pages_total.into());
                ui::counts_from(&sending, pages_there.into());
            }
            sending.set_position(pages_there.into());
        }
        Progress::Job(job) => {
            sending.finish_and_clear();
            let done = job.progress.pages_done;
            analysing.set_message(match job.state {
                JobState::Waiting => format!("{} is waiting for its turn", job.id),
                JobState::Processing => format!("{done} of {} pages", job.progress.pages_total),
                JobState::Complete | JobState::Error | JobState::Cancelled => "finished".to_owned(),
            });
        }
    };
    let outcome = analyze::analyze(client, store, &SystemRandom, files, request, &told).await;
    let seconds = analysing.elapsed().as_secs_f64();
    sending.finish_and_clear();
    analysing.finish_and_clear();
    let outcome = outcome?;
    ui.done("analysed", &format!("{} in {seconds:.1} s", outcome.job.id));
    Ok(outcome)
}

/// The outcome for programs.
pub(crate) fn as_json(files: &[ReadFile], outcome: &Outcome) -> Value {
    let mut document = show::as_json(&outcome.analysis);
    document["job"] = json!(outcome.job);
    document["files"] = files.iter().map(read::as_json).collect();
    document
}
