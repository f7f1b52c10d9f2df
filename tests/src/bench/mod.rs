//! The engine's benchmark: the same pages through our engine and through its named competitors, in the same run, with the
//! same number of workers. It prints figures and asserts none.
//!
//! [`corpus`] generates the pages from a seed and knows their text; [`comparison`] runs one program over them;
//! [`measurement`] measures its time and memory; [`score`] computes its word error rate.

pub mod comparison;
mod competitors;
pub mod corpus;
mod maneiro;
pub mod measurement;
mod memory;
mod prose;
pub mod score;
