//! Pages as text for the extractors: passages with their section, their date and their words on the page.

mod blocks;
pub(crate) mod forms;
mod lines;
mod list_markers;
pub(crate) mod page_head;
pub(crate) mod passage;
pub(crate) mod sections;
pub(crate) mod segmentation;
mod table_rows;
pub(crate) mod tables;
