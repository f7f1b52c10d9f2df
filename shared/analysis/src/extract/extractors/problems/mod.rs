//! Diagnoses and complaints.

mod mentions;
mod merge;
mod names;

pub(crate) use self::{
    mentions::{ProblemMention, find_problem_mentions, specify_general_names},
    merge::merge_problems,
};
