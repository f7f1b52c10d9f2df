//! Makes the sample record: `sample-record write` replaces the committed file, `sample-record check` makes it
//! again and fails if a byte differs.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
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
        _ => {
            eprintln!("usage: sample-record write | check");
            Ok(ExitCode::from(2))
        }
    }
}
