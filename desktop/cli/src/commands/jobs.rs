//! `jobs` and `report`: the analyses that were requested, and their results.

use std::fmt::Write as _;

use maneiro_api::job::{Job, JobState};
use maneiro_core::cloud::analyze;
use serde_json::json;
use time::macros::format_description;

use crate::{args, context::Context, failure::Failure, output};

pub(crate) async fn list_jobs(context: &Context<'_>, args: args::JobsArgs) -> Result<(), Failure> {
    let jobs = context.client()?.jobs(None, args.limit).await?;
    if context.ui.is_json() {
        return context.ui.print_json(&jobs);
    }
    if jobs.items.is_empty() {
        return context.ui.print("no analyses yet; run `maneiro analyze FILE`\n");
    }
    let mut text = String::new();
    for job in &jobs.items {
        let _ = writeln!(text, "{}", format_job(job));
    }
    if jobs.next_cursor.is_some() {
        text.push_str("… more exist; see --limit\n");
    }
    context.ui.print(&text)
}

fn format_job(job: &Job) -> String {
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

/// Shows a finished analysis and writes its reports.
pub(crate) async fn show_report(context: &Context<'_>, args: args::ReportArgs) -> Result<(), Failure> {
    let client = context.client()?;
    let (job, analysis) = analyze::fetch_analysis(&client, args.job).await?;
    let mut document = output::analysis_json(&analysis);
    document["job"] = json!(job);
    let mut text = output::format_summary(&analysis);
    if let Some(folder) = &args.out {
        let paths = output::write_reports(&client, analysis.id, folder).await?;
        text.push_str(&output::format_paths(&paths));
        document["output_files"] = json!(paths);
    }
    if context.ui.is_json() { context.ui.print_json(&document) } else { context.ui.print(&text) }
}
