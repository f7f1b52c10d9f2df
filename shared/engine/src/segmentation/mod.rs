//! Segmentation of a preprocessed page: its text lines, the image of one line as recognition sees it, decimal points, and
//! handwriting.

mod decimal_points;
mod handwriting;
mod line_image;
mod text_lines;

pub(crate) use decimal_points::{DecimalPoints, find_decimal_points};
pub(crate) use handwriting::find_handwriting;
pub(crate) use line_image::{ContextWord, LineImage, LineScaling};
pub(crate) use text_lines::{TextLine, find_text_lines};
