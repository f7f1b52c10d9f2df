//! The engine's benchmark: the same pages through ours and through its named peers, in the same run, on the same
//! number of workers. It prints figures and asserts none.
//!
//! [`corpus`] makes the pages from a seed and knows their text; [`contest`] runs one program over them, timing it
//! and sampling its memory; [`score`] counts the words it misread.

pub mod contest;
pub mod corpus;
mod memory;
pub mod ours;
pub mod peers;
mod prose;
pub mod score;
