//! The steps before Tesseract, without Tesseract, so that tests and fuzzing can send many thousands of files through them.

use hayro::kurbo::Rect;

use super::page_image::{PageImage, scan_regions};
use crate::{
    error::{PageError, catch_panics},
    inspection::Scan,
    preprocess::{self, OrientationCandidates, PageComponents, is_blank, text_metrics::has_columns},
    segmentation::{LineImage, LineScaling, find_decimal_points, find_handwriting, find_text_lines},
};

/// Renders the images of a scan, preprocesses each in every orientation, and segments it. Drops the results.
///
/// # Errors
/// `OcrFailed` if a step panics.
pub fn fuzz_preprocess(mut scan: Scan<'_>) -> Result<(), PageError> {
    catch_panics(PageError::OcrFailed, || {
        scan_regions(&mut scan).filter_map(|region| region.image).for_each(|image| preprocess_image(&image));
        Ok(())
    })
}

fn preprocess_image(image: &PageImage) {
    let components = PageComponents::detect(&image.image, image.dpi);
    if is_blank(&components) {
        return;
    }
    let candidates = OrientationCandidates::detect(&components);
    for orientation in candidates.all() {
        has_columns(&components, *orientation);
        let sample = image.sample_band(&components, orientation.rotation);
        preprocess::prepare(&sample.image, sample.dpi, &components, *orientation);
    }
    let page = preprocess::prepare(&image.image, image.dpi, &components, candidates.likely()[0]);
    for line in find_text_lines(&page) {
        LineImage::from_text_line(&page, &line, LineScaling::Unscaled, None);
        LineImage::from_prose_line(&page, &line, line.letter_height);
    }
    let word = Rect::from_center_size((100.0, 100.0), (100.0, 30.0));
    find_decimal_points(&page, word);
    find_handwriting(&page, &[word], &[]);
}
