//! Printing through the system, never through the web view. The PDF goes to the spooler by a pipe, so that it never lies on
//! the disk in clear.

use std::path::Path;

use maneiro_core::contract::{
    common::{CommandError, CommandErrorCode},
    report::{PrintOutcome, PrintPath},
};
use tokio::{io::AsyncWriteExt as _, process::Command};

/// The spooler's own command: CUPS on Linux and macOS. Windows has none that reads a pipe, and answers that there is no
/// printer.
const SPOOLER: &str = "lp";

/// # Errors
/// `NoPrinter` if the system has no spooler, or no printer to give the document to.
pub(crate) async fn print_pdf(pdf: Vec<u8>) -> Result<PrintOutcome, CommandError> {
    print_with(SPOOLER.as_ref(), &pdf).await
}

async fn print_with(spooler: &Path, pdf: &[u8]) -> Result<PrintOutcome, CommandError> {
    let no_printer = |_| CommandError::from(CommandErrorCode::NoPrinter);
    let mut spooler = Command::new(spooler)
        .args(["-t", "Maneiro", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .map_err(no_printer)?;
    if let Some(mut stdin) = spooler.stdin.take() {
        stdin.write_all(pdf).await.map_err(no_printer)?;
    }
    let status = spooler.wait().await.map_err(no_printer)?;
    if status.success() {
        Ok(PrintOutcome { how: PrintPath::Dialog })
    } else {
        Err(CommandErrorCode::NoPrinter.into())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

    use super::*;

    /// A spooler of one line of shell.
    fn spooler(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("spooler");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    // One test: a script that another thread's new process still holds open for writing cannot be started.
    #[tokio::test]
    async fn document_goes_to_the_spooler_whole_and_unnamed() {
        let folder = tempfile::tempdir().unwrap();
        let script = r#"cd "$(dirname "$0")"; echo "$@" > arguments; cat > printed"#;
        let pdf: Vec<u8> = (0..300_000_u32).map(|index| u8::try_from(index % 251).unwrap()).collect();
        print_with(&spooler(folder.path(), script), &pdf).await.unwrap();
        assert!(fs::read(folder.path().join("printed")).unwrap() == pdf, "each byte arrives");
        // Other users see the arguments of a process and the queue: no name of a patient may stand there.
        assert_eq!(fs::read_to_string(folder.path().join("arguments")).unwrap(), "-t Maneiro -\n");

        let refusing = spooler(folder.path(), "cat > /dev/null; exit 1");
        for path in [refusing, folder.path().join("none")] {
            assert_eq!(print_with(&path, b"%PDF-1.7").await.unwrap_err().code, CommandErrorCode::NoPrinter);
        }
    }
}
