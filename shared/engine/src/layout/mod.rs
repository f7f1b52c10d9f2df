//! The layout of pages once their words are known: reading order, the merge of text layer and recognised words, hyphenated
//! words, headers and footers, and near-duplicate pages.

pub(crate) mod dehyphenate;
pub(crate) mod headers_footers;
pub(crate) mod merge_layers;
pub(crate) mod near_duplicates;
pub(crate) mod reading_order;
