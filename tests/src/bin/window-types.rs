//! The types that cross between the window and core, in TypeScript. `write` replaces the committed file, `check` fails if it
//! is not current.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use maneiro_core::contract::typescript;

fn main() -> anyhow::Result<ExitCode> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../desktop/ui/src/backend/generated/types.ts");
    let declarations = typescript::declarations();
    match std::env::args().nth(1).as_deref() {
        Some("write") => {
            std::fs::create_dir_all(path.parent().context("the file is in a folder")?)?;
            std::fs::write(&path, &declarations).context("the types could not be written")?;
            Ok(ExitCode::SUCCESS)
        }
        Some("check") => {
            let committed = std::fs::read_to_string(&path).context("the types could not be read")?;
            if committed == declarations {
                return Ok(ExitCode::SUCCESS);
            }
            eprintln!("{} is not current; run: window-types write", path.display());
            Ok(ExitCode::FAILURE)
        }
        _ => anyhow::bail!("usage: window-types write | check"),
    }
}
