//! Makes the sample record, and looks at what an analysis found of it. `write` replaces the committed file,
//! `check` makes it again and fails if a byte differs, `score FILE` reads an analysis (JSON) and tells which of
//! the planted facts it found.

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
                eprintln!("the sample record is not what its generator makes; run: sample-record write");
            }
            Ok(if current { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some("score") => {
            let path = std::env::args().nth(2).context("which analysis? sample-record score FILE")?;
            let json = std::fs::read(path).context("the analysis could not be read")?;
            let analysis: Analysis = serde_json::from_slice(&json).context("this is no analysis")?;
            let statements = analysis.findings.statements().count();
            let verified = analysis.findings.statements().filter(|statement| statement.verified).count();
            let verdicts = sample::score(&analysis.findings);
            let good = verdicts.iter().filter(|verdict| verdict.is_good()).count();
            for verdict in &verdicts {
                println!("{verdict}");
            }
            println!(
                "{good} of {} planted facts right; {verified} of {statements} statements verified",
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
