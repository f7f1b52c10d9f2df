//! Clinical information extraction: pages in, statements with citations out. Finds statements by rules or with a language
//! model, and verifies every quote against its page. Has no network, no database, no user interface and no clock.

#![warn(missing_docs)]

mod analyser;
mod coding;
mod compact_pages;
mod control;
mod dates;
mod extract;
mod fold;
mod language;
mod lexicon;
pub mod model;
mod request;
#[cfg(test)]
mod testing;
mod text;
mod verify;
mod word_list;

pub use self::{
    analyser::{Analyser, AnalysisError, AnalysisOutput},
    control::{AnalysisControl, Cancelled},
    extract::{find_terms, target_assertion},
    request::{AnalysisRequest, SourcePage},
};
