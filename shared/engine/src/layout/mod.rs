//! Layout analysis once the words of a page are known: reading order, merging of text layer and OCR, hyphenation, headers and
//! footers, near-duplicate pages.

pub(crate) mod dehyphenate;
pub(crate) mod headers_footers;
pub(crate) mod merge_layers;
pub(crate) mod near_duplicates;
pub(crate) mod reading_order;
