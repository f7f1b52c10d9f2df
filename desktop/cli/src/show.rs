//! An analysis as a few lines for people, and as files for whoever keeps them.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use maneiro_api::{
    AnalysisId,
    analysis::{Analysis, Generator, Statement},
    client::Client,
    report::ReportFormat,
};
use serde_json::{Value, json};

use crate::{failure::Failure, ui::wrapped};

const WIDTH: usize = 80;
/// How many statements are shown: the analysis puts the most important three first.
const MOST_IMPORTANT: usize = 3;

/// The most important statements with their pages, and how much there is of everything.
pub(crate) fn summary(analysis: &Analysis) -> String {
    let mut text = String::from("\nMost important\n");
    if analysis.findings.summary.is_empty() {
        text.push_str("  nothing was found\n");
    }
    for (index, statement) in analysis.findings.summary.iter().take(MOST_IMPORTANT).enumerate() {
        let doubt = if statement.verified { "" } else { " (not verified)" };
        let line = format!("{}. {}{doubt} {}", index + 1, statement.text, places(analysis, statement));
        for (number, line) in wrapped(&line, WIDTH - 2, 3).iter().enumerate() {
            let _ = writeln!(text, "  {line}", line = if number == 0 { line.trim_start() } else { line });
        }
    }
    let (statements, verified) = totals(analysis);
    let by = match &analysis.generator {
        Generator::Extractive => "the built-in analyser".to_owned(),
        Generator::Model { name } => name.clone(),
    };
    let _ =
        writeln!(text, "\nFound {statements} statements, {verified} verified on their pages; made by {by}");
    let counts = sections(analysis);
    let columns: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name:<13}{count:>4}"))
        .collect();
    for row in columns.chunks(3) {
        let _ = writeln!(text, "  {}", row.join("      "));
    }
    text
}

/// How many statements there are, and how many are verified.
pub(crate) fn totals(analysis: &Analysis) -> (usize, usize) {
    let statements: Vec<&Statement> = analysis.findings.statements().collect();
    (statements.len(), statements.iter().filter(|statement| statement.verified).count())
}

/// How many statements each section holds, in the order of the report.
pub(crate) fn sections(analysis: &Analysis) -> [(&'static str, usize); 13] {
    let found = &analysis.findings;
    [
        ("summary", found.summary.len()),
        ("problems", found.problems.len()),
        ("medications", found.medications.len()),
        ("allergies", found.allergies.len()),
        ("vitals", found.vitals.len()),
        ("labs", found.labs.len()),
        ("procedures", found.procedures.len()),
        ("imaging", found.imaging.len()),
        ("timeline", found.timeline.len()),
        ("follow-ups", found.follow_ups.len()),
        ("conflicts", found.conflicts.len()),
        ("gaps", found.gaps.len()),
        ("duplicates", found.duplicates.len()),
    ]
}

/// Where a statement comes from: `[p. 7]`, `[pp. 3, 7]`, with the document's number if there are several.
fn places(analysis: &Analysis, statement: &Statement) -> String {
    let several = analysis.sources.len() > 1;
    let mut places: Vec<(usize, u32)> = statement
        .citations
        .iter()
        .map(|citation| {
            let source = analysis.sources.iter().position(|source| source.document == citation.document);
            (source.unwrap_or_default(), citation.page)
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    let named: Vec<String> = places
        .iter()
        .map(|(source, page)| if several { format!("{}:{page}", source + 1) } else { page.to_string() })
        .collect();
    match named.as_slice() {
        [] => String::new(),
        // A space that is not broken at, so that the page stays beside its mark.
        [one] => format!("[p.\u{a0}{one}]"),
        more => format!("[pp.\u{a0}{}]", more.join(",\u{a0}")),
    }
}

/// The analysis for programs: what it is, with the counts beside it.
pub(crate) fn as_json(analysis: &Analysis) -> Value {
    let (statements, verified) = totals(analysis);
    let sections: serde_json::Map<String, Value> =
        sections(analysis).into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect();
    json!({ "statements": statements, "verified": verified, "sections": sections, "analysis": analysis })
}

/// Fetches the reports of an analysis and writes them, readable for this user only. Gives the files' paths.
pub(crate) async fn write_reports(
    client: &Client,
    analysis: AnalysisId,
    folder: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    std::fs::create_dir_all(folder).map_err(Failure::output)?;
    let mut written = Vec::new();
    for (name, format) in [
        ("report.pdf", ReportFormat::Pdf),
        ("report.md", ReportFormat::Markdown),
        ("analysis.json", ReportFormat::Json),
    ] {
        let bytes = client.report(analysis, format).await?;
        let path = folder.join(name);
        write_private(&path, &bytes).map_err(Failure::output)?;
        written.push(path);
    }
    Ok(written)
}

/// Writes a file as a whole or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Where the reports are, for people.
pub(crate) fn files(paths: &[PathBuf]) -> String {
    let mut text = String::from("\nWritten\n");
    for path in paths {
        let _ = writeln!(text, "  {}", path.display());
    }
    text
}
