//! Laboratory results, from the rows of a table and from prose.

mod flags;
mod mentions;
mod merge;
mod results;

pub(crate) use self::{flags::compute_flag, merge::ExtractedLab};
use crate::extract::input::segmentation::SegmentedRecord;

/// All results, one for each test, value and date.
pub(crate) fn extract_labs(record: &SegmentedRecord<'_>) -> Vec<ExtractedLab> {
    merge::merge_labs(mentions::find_lab_mentions(record))
}
