//! Diagnoses and complaints.

mod mentions;
mod merge;
mod names;

pub(crate) use self::{
    mentions::{ProblemMention, find_problem_mentions},
    merge::merge_problems,
};
