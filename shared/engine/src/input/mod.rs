//! Image files as documents: PNG, JPEG and TIFF.

mod image;
mod resolution;
mod tiff_directories;

pub(crate) use image::ImageFile;
