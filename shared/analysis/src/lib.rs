//! Clinical information extraction: pages in, statements with citations out. Finds statements by rules or with a language
//! model, and verifies every quote against its page. Has no database, no user interface and no clock.

#![warn(missing_docs)]

mod extract;
mod lexicon;
pub mod model;
mod request;
#[cfg(test)]
mod testing;
mod text;
mod verify;
mod word_list;

pub use self::{
    extract::extract,
    model::ModelError,
    request::{AnalysisProgress, AnalysisRequest, SourcePage},
    verify::verify,
};
