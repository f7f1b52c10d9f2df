//! What recognition does to a scan before it calls Tesseract, without calling it: tests and fuzzing send many thousands
//! of files through it.

use hayro::kurbo::Rect;

use super::{Picture, parts};
use crate::{
    error::{PageError, catch_panics},
    inspection::Scan,
    preprocess::{self, Ink, Stances},
    segmentation::{self, Cut, Look},
};

impl Scan<'_> {
    /// Takes or draws the scan's pictures and prepares each for recognition, as it may lie. Gives nothing but the
    /// certainty that it can be done.
    ///
    /// # Errors
    /// `OcrFailed` if it cannot.
    #[doc(hidden)]
    pub fn rehearse(mut self) -> Result<(), PageError> {
        catch_panics(PageError::OcrFailed, || {
            parts(&mut self).filter_map(|part| part.picture).for_each(|picture| prepare(&picture));
            Ok(())
        })
    }
}

fn prepare(picture: &Picture) {
    let ink = Ink::of(&picture.image, picture.dpi);
    if preprocess::is_blank(&ink) {
        return;
    }
    let stances = Stances::of(&ink);
    for stance in stances.all() {
        ink.has_columns(*stance);
        let sample = picture.sample(&ink, stance.turn);
        preprocess::prepare(&sample.image, sample.dpi, &ink, *stance);
    }
    let prepared = preprocess::prepare(&picture.image, picture.dpi, &ink, stances.likely()[0]);
    let strips = segmentation::strips(&prepared);
    strips.iter().for_each(|strip| drop(Cut::strip(&prepared, strip, Look::Narrow, None)));
    let word = Rect::from_center_size((100.0, 100.0), (100.0, 30.0));
    segmentation::points(&prepared, word);
    segmentation::handwriting(&prepared, &[word], &[]);
}
