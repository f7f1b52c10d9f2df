//! `analyze`: reads files and shows their analysis.

use maneiro_api::{analysis::DateWindow, client::Client, job::JobState};
use maneiro_core::{
    cloud::analyze::{self, AnalyzeProgress, AnalyzeRequest, CompletedAnalysis},
    reading::ReadFile,
    store::Store,
    system::SystemRandom,
};
use serde_json::{Value, json};

use crate::{
    args,
    commands::read,
    context::{Context, current_binary},
    failure::Failure,
    output,
    ui::{self, Ui},
};

pub(crate) async fn run(context: &Context<'_>, args: args::AnalyzeArgs) -> Result<(), Failure> {
    // Everything that can fail early is checked before minutes are spent on reading.
    let mut sources = Vec::with_capacity(args.files.len());
    for path in &args.files {
        sources.push(read::open_source(path).await?);
    }
    let client = context.client()?;
    client.me().await?;
    let store = context.store().await?;
    let options = args.reading.options(current_binary()?);
    let password = read::password_from_stdin(&args.password)?;
    let mut files = Vec::with_capacity(sources.len());
    for source in &sources {
        files.push(read::read_with_progress(context.ui, &store, &options, source, password.clone()).await?);
    }
    let window =
        (args.from.is_some() || args.to.is_some()).then_some(DateWindow { from: args.from, to: args.to });
    let request = AnalyzeRequest {
        title: args.title,
        focus: args.focus,
        window,
        rerun: args.rerun,
        include_originals: args.include_originals,
    };
    let completed = analyze_with_progress(context.ui, &client, &store, &files, &request).await?;
    let mut document = completed_json(&files, &completed);
    let mut text = output::format_summary(&completed.analysis);
    if let Some(folder) = &args.out {
        let paths = output::write_reports(&client, completed.analysis.id, folder).await?;
        text.push_str(&output::format_paths(&paths));
        document["output_files"] = json!(paths);
    } else {
        text.push_str(&format!(
            "\nTo write the report, run `maneiro report {} --out DIR`\n",
            completed.job.id
        ));
    }
    if context.ui.is_json() {
        context.ui.print_json(&document)?;
    } else {
        context.ui.print(&text)?;
    }
    completed.set_delivered(&store).await?;
    Ok(())
}

/// Uploads pages and waits for the analysis, with progress bars.
pub(super) async fn analyze_with_progress(
    ui: &Ui,
    client: &Client,
    store: &Store,
    files: &[ReadFile],
    request: &AnalyzeRequest,
) -> Result<CompletedAnalysis, Failure> {
    let uploading = ui.page_bar("uploading");
    let analysing = ui.spinner("analysing", "");
    let show_progress = |progress: AnalyzeProgress| match progress {
        AnalyzeProgress::Uploading { pages_uploaded, pages_total } => {
            if uploading.length() == Some(0) {
                uploading.set_length(pages_total.into());
                ui::set_start(&uploading, pages_uploaded.into());
            }
            uploading.set_position(pages_uploaded.into());
        }
        AnalyzeProgress::Job(job) => {
            uploading.finish_and_clear();
            let done = job.progress.pages_done;
            analysing.set_message(match job.state {
                JobState::Waiting => format!("{} is waiting in the queue", job.id),
                JobState::Processing => format!("{done} of {} pages", job.progress.pages_total),
                JobState::Complete | JobState::Error | JobState::Cancelled => "finished".to_owned(),
            });
        }
    };
    let completed =
        analyze::analyze_files(client, store, &SystemRandom, files, request, &show_progress).await;
    let seconds = analysing.elapsed().as_secs_f64();
    uploading.finish_and_clear();
    analysing.finish_and_clear();
    let completed = completed?;
    ui.show_step("analysed", &format!("{} in {seconds:.1} s", completed.job.id));
    Ok(completed)
}

/// The analysis for programs.
pub(super) fn completed_json(files: &[ReadFile], completed: &CompletedAnalysis) -> Value {
    let mut document = output::analysis_json(&completed.analysis);
    document["job"] = json!(completed.job);
    document["files"] = files.iter().map(read::file_json).collect();
    document
}
