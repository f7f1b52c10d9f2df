//! Helpers for log lines.

use std::error::Error;

/// An error with its causes, outermost first.
#[must_use]
pub(crate) fn error_chain(error: &(dyn Error + 'static)) -> String {
    anyhow::Chain::new(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
