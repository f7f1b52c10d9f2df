//! Generates the sample record and scores analyses of it. `write` replaces the committed file, `check` generates it again
//! and fails if a byte differs, `score FILE` reads an analysis (JSON) and lists which planted facts it found.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use maneiro_api::analysis::Analysis;
use maneiro_tests::sample;

fn main() -> anyhow::Result<ExitCode> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../desktop/cli/sample/record.pdf"].iter().collect();
    let command = std::env::args().nth(1);
    match command.as_deref() {
        Some("write") => {
            let bytes = sample::generate()?;
            std::fs::write(&path, &bytes).context("the sample record could not be written")?;
            println!("wrote the sample record: {} bytes", bytes.len());
            Ok(ExitCode::SUCCESS)
        }
        Some("check") => {
            let committed = std::fs::read(&path).context("the sample record could not be read")?;
            let current = sample::generate()? == committed;
            if !current {
                eprintln!("the sample record is not current; run: sample-record write");
            }
            Ok(if current { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some("score") => {
            let path = std::env::args().nth(2).context("usage: sample-record score FILE")?;
            let json = std::fs::read(path).context("the analysis could not be read")?;
            let analysis: Analysis = serde_json::from_slice(&json).context("this is not an analysis")?;
            let statements = analysis.findings.statements().count();
            let checked = analysis.findings.statements().filter(|statement| statement.checked).count();
            let verdicts = sample::score_findings(&analysis.findings);
            let right = verdicts.iter().filter(|verdict| verdict.is_right()).count();
            for verdict in &verdicts {
                println!("{verdict}");
            }
            println!(
                "{right} of {} planted facts right; {checked} of {statements} statements checked",
                verdicts.len()
            );
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!("usage: sample-record write | check | score FILE");
            Ok(ExitCode::from(2))
        }
    }
}
