//! Pages as text that extractors read: passages with their section, their date and their words on the page.

pub(crate) mod dates;
pub(crate) mod sections;
pub(crate) mod segmentation;
mod table_rows;
