//! What stands where on a preprocessed page: its lines of text, the image of one line as recognition sees it, decimal points,
//! and handwriting.

mod decimal_points;
mod handwriting;
mod line_image;
mod text_lines;

pub(crate) use decimal_points::{Points, points};
pub(crate) use handwriting::handwriting;
pub(crate) use line_image::{Carrier, Cut, Look};
pub(crate) use text_lines::{Strip, strips};
