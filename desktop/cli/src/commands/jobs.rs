//! `jobs` and `report`: what was asked for, and what came of it.

use std::fmt::Write as _;

use maneiro_api::job::{Job, JobState};
use maneiro_core::cloud::analyze;
use serde_json::json;
use time::macros::format_description;

use crate::{args, context::Context, failure::Failure, show};

/// Lists jobs, newest first.
pub(crate) async fn list(context: &Context<'_>, args: args::Jobs) -> Result<(), Failure> {
    let jobs = context.client()?.jobs(None, args.limit).await?;
    if context.ui.is_json() {
        return context.ui.print_json(&jobs);
    }
    if jobs.items.is_empty() {
        return context.ui.print("no analyses yet; maneiro analyze FILE makes one\n");
    }
    let mut text = String::new();
    for job in &jobs.items {
        let _ = writeln!(text, "{}", line(job));
    }
    if jobs.next_cursor.is_some() {
        text.push_str("… there are more; see --limit\n");
    }
    context.ui.print(&text)
}

fn line(job: &Job) -> String {
    let state = match job.state {
        JobState::Waiting => "waiting",
        JobState::Processing => "processing",
        JobState::Complete => "complete",
        JobState::Error => "error",
        JobState::Cancelled => "cancelled",
    };
    let minute = format_description!("[year]-[month]-[day] [hour]:[minute]Z");
    let created = job.created_at.format(minute).unwrap_or_default();
    let pages = job.progress.pages_total;
    format!("{}  {state:<10}  {created}  {pages:>5} pages", job.id)
}

/// Shows a finished analysis, and writes its reports.
pub(crate) async fn report(context: &Context<'_>, args: args::Report) -> Result<(), Failure> {
    let client = context.client()?;
    let (job, analysis) = analyze::fetch(&client, args.job).await?;
    let mut document = show::as_json(&analysis);
    document["job"] = json!(job);
    let mut text = show::summary(&analysis);
    if let Some(folder) = &args.out {
        let written = show::write_reports(&client, analysis.id, folder).await?;
        text.push_str(&show::files(&written));
        document["written"] = json!(written);
    }
    if context.ui.is_json() { context.ui.print_json(&document) } else { context.ui.print(&text) }
}
