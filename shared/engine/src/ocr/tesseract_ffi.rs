//! Tesseract's C API. The only unsafe code of the engine.
//!
//! Binds `tesseract-sys` directly, as the safe crate `tesseract` (0.15) keeps its API pointer private and lacks three of
//! the calls: the result iterator, script detection, and the list of models. Its only way to words with bounds and
//! fractional confidences is Tesseract's TSV, which searches each word's line from the top of the page: measured against
//! the iterator, a page of 330 words took 38 ms instead of 6, and one of 1,400 words 530 ms instead of 80, a tenth of its
//! recognition.
#![expect(unsafe_code, reason = "Tesseract is a library in C++ with a C interface")]

use std::{
    ffi::{CStr, c_char, c_int},
    ptr,
};

use image::GrayImage;
use tesseract_sys::{
    TessBaseAPI, TessBaseAPICreate, TessBaseAPIDelete, TessBaseAPIDetectOrientationScript,
    TessBaseAPIGetAvailableLanguagesAsVector, TessBaseAPIGetIterator, TessBaseAPIInit3, TessBaseAPIRecognize,
    TessBaseAPISetImage, TessBaseAPISetPageSegMode, TessBaseAPISetSourceResolution, TessBaseAPISetVariable,
    TessDeleteText, TessDeleteTextArray, TessPageIteratorBlockType, TessPageIteratorBoundingBox,
    TessPageIteratorLevel, TessPageIteratorLevel_RIL_TEXTLINE, TessPageIteratorLevel_RIL_WORD,
    TessPageSegMode_PSM_AUTO, TessPageSegMode_PSM_SINGLE_COLUMN, TessPageSegMode_PSM_SINGLE_LINE,
    TessPolyBlockType_PT_UNKNOWN, TessResultIterator, TessResultIteratorConfidence, TessResultIteratorDelete,
    TessResultIteratorGetPageIterator, TessResultIteratorGetUTF8Text, TessResultIteratorNext,
};

/// An owned `TessBaseAPI` object.
pub(super) struct TessApi(*mut TessBaseAPI);

/// How Tesseract finds the lines of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageSegMode {
    /// Lines cross the whole page: the numbers of a list stay with its items.
    SingleColumn,
    /// Lines stay within the columns that Tesseract finds.
    Auto,
    /// The image is a single line.
    SingleLine,
}

/// A word as Tesseract returns it.
pub(super) struct RawWord {
    pub(super) text: String,
    /// 0 to 100, or a little beyond.
    pub(super) confidence: f32,
    pub(super) bounds: PixelBounds,
    /// The bounds of its line.
    pub(super) line_bounds: PixelBounds,
}

/// Left, top, right, bottom, in pixels of the image.
pub(super) type PixelBounds = [c_int; 4];

impl TessApi {
    pub(super) fn new() -> TessApi {
        // SAFETY: The call takes no arguments and returns an object that we own and `drop` deletes.
        let mut api = TessApi(unsafe { TessBaseAPICreate() });
        // Silences Tesseract's warnings about single pages.
        api.set_variable(c"debug_file", c"/dev/null");
        api
    }

    /// Loads models, joined by `+`. Returns false if one cannot be loaded.
    pub(super) fn load(&mut self, models: &CStr) -> bool {
        // SAFETY: The object is alive, a null path is allowed, and the string is NUL-terminated and copied.
        let status = unsafe { TessBaseAPIInit3(self.0, ptr::null(), models.as_ptr()) };
        status == 0
    }

    pub(super) fn set_variable(&mut self, name: &CStr, value: &CStr) {
        // SAFETY: The object is alive, and both strings are NUL-terminated and copied.
        let is_known = unsafe { TessBaseAPISetVariable(self.0, name.as_ptr(), value.as_ptr()) };
        debug_assert!(is_known != 0, "{name:?} is not a variable of Tesseract");
    }

    /// Sets the image to recognise. Returns false if it has no pixels, or a side that exceeds a C integer.
    pub(super) fn set_image(&mut self, image: &GrayImage) -> bool {
        let sides = [image.width(), image.height()].map(c_int::try_from);
        let ([Ok(width), Ok(height)], false) = (sides, image.is_empty()) else { return false };
        // SAFETY: The object is alive. A gray image has one byte per pixel and no padding between rows, and it is copied.
        unsafe { TessBaseAPISetImage(self.0, image.as_raw().as_ptr(), width, height, 1, width) };
        true
    }

    /// Sets the resolution of the image, after [`TessApi::set_image`].
    pub(super) fn set_source_resolution(&mut self, dpi: f64) {
        // SAFETY: The object is alive; without an image the call does nothing.
        unsafe { TessBaseAPISetSourceResolution(self.0, dpi.round() as c_int) };
    }

    pub(super) fn set_page_seg_mode(&mut self, mode: PageSegMode) {
        let mode = match mode {
            PageSegMode::SingleColumn => TessPageSegMode_PSM_SINGLE_COLUMN,
            PageSegMode::Auto => TessPageSegMode_PSM_AUTO,
            PageSegMode::SingleLine => TessPageSegMode_PSM_SINGLE_LINE,
        };
        // SAFETY: The object is alive.
        unsafe { TessBaseAPISetPageSegMode(self.0, mode) };
    }

    /// Recognises the words of the image, line by line. None if Tesseract fails.
    pub(super) fn recognise(&mut self) -> Option<Vec<RawWord>> {
        // SAFETY: The object is alive, and a null monitor is allowed. Without an image the call fails.
        let status = unsafe { TessBaseAPIRecognize(self.0, ptr::null_mut()) };
        if status != 0 {
            return None;
        }
        let mut words = Vec::new();
        if let Some(mut iterator) = WordIterator::first(self) {
            while !iterator.is_end() {
                words.extend(iterator.word());
                iterator.advance();
            }
        }
        Some(words)
    }

    /// Tesseract's name of the script of most letters of the image, and its confidence. None if there are too few letters.
    fn detect_script(&mut self) -> Option<(String, f32)> {
        let (mut rotation, mut rotation_confidence) = (0, 0.0);
        let (mut script, mut script_confidence) = (ptr::null(), 0.0);
        // SAFETY: The object is alive and has an image, and all four targets outlive the call.
        let is_detected = unsafe {
            TessBaseAPIDetectOrientationScript(
                self.0,
                &raw mut rotation,
                &raw mut rotation_confidence,
                &raw mut script,
                &raw mut script_confidence,
            )
        };
        if is_detected == 0 || script.is_null() {
            return None;
        }
        // SAFETY: The string is NUL-terminated and lives as long as the object.
        let script = unsafe { CStr::from_ptr(script) };
        Some((script.to_string_lossy().into_owned(), script_confidence))
    }
}

impl Drop for TessApi {
    fn drop(&mut self) {
        // SAFETY: The object came from `TessBaseAPICreate`, and we own it.
        unsafe { TessBaseAPIDelete(self.0) };
    }
}

/// An iterator over recognised words. Borrows the API object, so that the results stay valid.
struct WordIterator<'t> {
    iterator: *mut TessResultIterator,
    _api: &'t TessApi,
}

impl WordIterator<'_> {
    /// An iterator at the first word. None if there are no results.
    fn first(api: &TessApi) -> Option<WordIterator<'_>> {
        // SAFETY: The object is alive and returns an object that we own and `drop` deletes, or null.
        let iterator = unsafe { TessBaseAPIGetIterator(api.0) };
        (!iterator.is_null()).then_some(WordIterator { iterator, _api: api })
    }

    fn is_end(&self) -> bool {
        // SAFETY: The iterator is alive; as a page iterator it is the same object.
        let block = unsafe { TessPageIteratorBlockType(TessResultIteratorGetPageIterator(self.iterator)) };
        block == TessPolyBlockType_PT_UNKNOWN
    }

    fn advance(&mut self) {
        // SAFETY: The iterator is alive. Blocks without words count as one step.
        unsafe { TessResultIteratorNext(self.iterator, TessPageIteratorLevel_RIL_WORD) };
    }

    /// The current word. None in a block without words.
    fn word(&self) -> Option<RawWord> {
        // SAFETY: The iterator is alive. The result is null or a NUL-terminated string that we own.
        let text = unsafe { TessResultIteratorGetUTF8Text(self.iterator, TessPageIteratorLevel_RIL_WORD) };
        if text.is_null() {
            return None;
        }
        // SAFETY: The string is not null, and is copied before it is deleted once.
        let owned = unsafe {
            let owned = CStr::from_ptr(text).to_string_lossy().into_owned();
            TessDeleteText(text);
            owned
        };
        // SAFETY: The iterator is alive and at a word.
        let confidence =
            unsafe { TessResultIteratorConfidence(self.iterator, TessPageIteratorLevel_RIL_WORD) };
        Some(RawWord {
            text: owned,
            confidence,
            bounds: self.bounds(TessPageIteratorLevel_RIL_WORD)?,
            line_bounds: self.bounds(TessPageIteratorLevel_RIL_TEXTLINE)?,
        })
    }

    fn bounds(&self, level: TessPageIteratorLevel) -> Option<PixelBounds> {
        let [mut left, mut top, mut right, mut bottom] = [0; 4];
        // SAFETY: The iterator is alive, and all four targets outlive the call.
        let has_bounds = unsafe {
            TessPageIteratorBoundingBox(
                TessResultIteratorGetPageIterator(self.iterator),
                level,
                &raw mut left,
                &raw mut top,
                &raw mut right,
                &raw mut bottom,
            )
        };
        (has_bounds != 0).then_some([left, top, right, bottom])
    }
}

impl Drop for WordIterator<'_> {
    fn drop(&mut self) {
        // SAFETY: The iterator came from `TessBaseAPIGetIterator`, and we own it.
        unsafe { TessResultIteratorDelete(self.iterator) };
    }
}

/// The names of all models in the folder where Tesseract looks for them.
pub(super) fn available_models() -> Vec<String> {
    let mut api = TessApi::new();
    // Tesseract finds its folder when it loads something. All languages but English, of no languages, is nothing to load.
    let _nothing_to_load = api.load(c"~eng");
    // SAFETY: The object is alive. The result is null or a null-terminated array of strings that we own.
    let names = unsafe { TessBaseAPIGetAvailableLanguagesAsVector(api.0) };
    let mut models = Vec::new();
    for index in 0.. {
        // SAFETY: No entry before this one was null, so the array reaches at least to it.
        let name: *const c_char = if names.is_null() { ptr::null() } else { unsafe { *names.add(index) } };
        if name.is_null() {
            break;
        }
        // SAFETY: The string is NUL-terminated and lives until the array is deleted.
        let name = unsafe { CStr::from_ptr(name) };
        models.push(name.to_string_lossy().into_owned());
    }
    if !names.is_null() {
        // SAFETY: The array came from Tesseract, is not null, and is not used after this.
        unsafe { TessDeleteTextArray(names) };
    }
    models
}

/// Tesseract's name of the script of most letters of an image, and its confidence. None if there are too few letters, or
/// the model for script detection is not installed.
pub(super) fn detect_script(image: &GrayImage) -> Option<(String, f32)> {
    let mut api = TessApi::new();
    (api.load(c"osd") && api.set_image(image)).then(|| api.detect_script()).flatten()
}
