//! Generates the synthetic records and scores analyses of the sample record. `write` replaces the committed files, `check`
//! generates them again and fails if a byte differs, `score FILE` reads an analysis (JSON) and lists which planted facts it
//! found, `text NAME` prints the pages of a record as they are typeset.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use maneiro_api::analysis::Analysis;
use maneiro_tests::sample::{self, SyntheticRecord};

const RECORDS: [&SyntheticRecord; 2] = [&sample::ICU_STAY, &sample::OUTPATIENT_BUNDLE];

/// The committed files as they are generated now.
fn generate_all() -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![(tests.join("../desktop/cli/sample/record.pdf"), sample::generate()?)];
    for record in RECORDS {
        let name = format!("src/sample/records/{}.pdf", record.name);
        files.push((tests.join(name), record.generate()?));
    }
    Ok(files)
}

fn main() -> anyhow::Result<ExitCode> {
    let command = std::env::args().nth(1);
    match command.as_deref() {
        Some("write") => {
            for (path, bytes) in generate_all()? {
                std::fs::write(&path, &bytes).context("a record could not be written")?;
                println!("wrote {}: {} bytes", path.display(), bytes.len());
            }
            Ok(ExitCode::SUCCESS)
        }
        Some("check") => {
            let mut are_current = true;
            for (path, bytes) in generate_all()? {
                if std::fs::read(&path).context("a record could not be read")? != bytes {
                    eprintln!("{} is not current; run: sample-record write", path.display());
                    are_current = false;
                }
            }
            Ok(if are_current { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some("text") => {
            let name = std::env::args().nth(2).context("usage: sample-record text NAME")?;
            let record = RECORDS.into_iter().find(|record| record.name == name).context("no such record")?;
            for (number, text) in (1..).zip(record.typeset_text()?) {
                println!("{number}: {text}\n");
            }
            Ok(ExitCode::SUCCESS)
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
            eprintln!("usage: sample-record write | check | score FILE | text NAME");
            Ok(ExitCode::from(2))
        }
    }
}
