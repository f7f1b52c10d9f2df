//! The page type that the engine, the wire and the stores share: words with boxes and confidence on lines, and the
//! source of the text.
//!
//! A leaf crate: it depends on no other crate of the workspace and does no I/O. All coordinates are in points (1/72 inch)
//! from the top left corner of the page as it is shown; pages are counted from 1.

#![warn(missing_docs)]

mod geometry;
mod language;
mod line;
mod page;
mod search_text;

pub use geometry::BBox;
pub use language::{Language, ModelUnused};
pub use line::{Hyphen, Line, LineRole, Word};
pub use page::{Field, FieldValue, NearDuplicate, Page, TextSource, UnreadReason, UnreadRegion};
pub use search_text::SearchText;
