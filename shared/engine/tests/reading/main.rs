//! Reading as a caller sees it: files built here go in, pages come out.

mod annotations;
mod damaged_images;
mod forms;
mod handwriting;
mod low_resolution;
mod malformed;
mod mixed_pages;
mod opening;
mod page_builder;
mod resource_exhaustion;
mod scans;
mod searchable_pdf;
mod seed_files;
mod text_layers;
