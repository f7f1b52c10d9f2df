//! The licences of the program.

use std::fmt::Write as _;

use maneiro_core::licences;
use serde_json::json;

use crate::{failure::Failure, ui::Ui};

/// Prints name, version and licence of each part, and each text once.
pub(crate) fn print(ui: &Ui) -> Result<(), Failure> {
    let licences = licences(env!("CARGO_PKG_VERSION"));
    if ui.is_json() {
        return ui.print_json(&json!({ "licences": licences }));
    }
    let mut text = String::new();
    for licence in &licences {
        let _ = writeln!(text, "{} {}: {}", licence.name, licence.version, licence.licence);
    }
    let mut texts: Vec<&str> = licences.iter().map(|licence| licence.text.as_str()).collect();
    texts.dedup();
    for licence in texts {
        text.push('\n');
        text.push_str(licence);
    }
    ui.print(&text)
}
