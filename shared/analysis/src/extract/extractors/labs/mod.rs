//! Laboratory results, from the rows of a table and from prose.

mod flags;
mod mentions;
mod merge;
mod results;
mod rows;
mod specimens;
mod units;

pub(crate) use self::{
    flags::compute_flag,
    mentions::{LabMention, find_lab_mentions},
    merge::{ExtractedLab, merge_labs},
};
