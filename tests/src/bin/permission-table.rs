//! Draws the table of who may do what: `permission-table write`, after the table has changed.

use std::process::ExitCode;

use maneiro_tests::{permission_table::permissions_svg, workspace::root};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("write") {
        eprintln!("usage: permission-table write");
        return ExitCode::FAILURE;
    }
    match std::fs::write(root().join("docs/permissions.svg"), permissions_svg()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("permission-table: docs/permissions.svg cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
