//! Image files as documents: PNG, JPEG and TIFF, one page for each image.

mod group3_tiff;
mod image;
mod resolution;
mod tiff_directories;

pub(crate) use image::ImageFile;
