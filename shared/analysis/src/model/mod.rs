//! Findings by a language model behind any server that speaks OpenAI's chat completions.
//!
//! What a page says is data here, never an instruction: pages travel inside one JSON string each, the answer has
//! a fixed form, and all that can come of it is statements that are looked up on the pages they cite. Nothing is
//! fetched, nothing is run, no markup is kept. Patient data goes to hosts that the operator listed and to no
//! other, asks not to be stored, and is in no log and no error.

mod answer;
mod client;
mod grounding;
mod merge;
mod prompt;
mod schema;
#[cfg(test)]
mod tests;
mod transport;

pub use client::{ModelClient, Retry, Settings, SetupError};
