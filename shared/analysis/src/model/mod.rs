//! Findings by a language model behind any server with OpenAI's chat completions API.
//!
//! The text of a page is data, never an instruction: each page is one JSON string in the prompt, the answer has a fixed
//! schema, and it can only result in statements whose quotes are looked up on the pages. Nothing is fetched, nothing is
//! executed, no markup is kept. Patient data goes only to hosts that the operator lists, is requested not to be stored, and
//! is in no log and no error.

mod answer;
mod client;
mod completions;
mod error;
mod grounding;
mod merge;
mod prompt;
mod schema;
mod settings;
#[cfg(test)]
mod tests;

pub use self::{
    client::ModelClient,
    error::ModelError,
    settings::{ModelSettings, ModelSetupError},
};
