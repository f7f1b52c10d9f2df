//! Printing through the system, never through the web view. The PDF goes to the spooler by a pipe, so that it never lies on
//! the disk in clear.

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
    let no_printer = |_| CommandError::from(CommandErrorCode::NoPrinter);
    let mut spooler = Command::new(SPOOLER)
        .args(["-t", "Maneiro", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .map_err(no_printer)?;
    if let Some(mut stdin) = spooler.stdin.take() {
        stdin.write_all(&pdf).await.map_err(no_printer)?;
    }
    let status = spooler.wait().await.map_err(no_printer)?;
    if status.success() {
        Ok(PrintOutcome { how: PrintPath::Dialog })
    } else {
        Err(CommandErrorCode::NoPrinter.into())
    }
}
