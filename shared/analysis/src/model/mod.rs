//! Findings by a language model, as steps without a network: requests out, answers in.
//!
//! The text of a page is data, never an instruction: each page is one JSON string in the prompt, the answer has a fixed
//! schema, and it can only result in statements whose quotes are looked up on the pages. Nothing is fetched, nothing is
//! executed, no markup is kept.

mod answer;
mod merge;
mod prompt;
mod schema;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use self::session::{ModelOutcome, ModelSession};
pub use self::{
    schema::{AnswerSchema, ModelTask},
    session::{ModelRequest, PromptLimits},
};
