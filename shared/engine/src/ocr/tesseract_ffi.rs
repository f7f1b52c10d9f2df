//! Tesseract's C interface. The only unsafe code of the engine: the crates above the interface pass on neither its models
//! nor scripts, nor the words one by one, and Tesseract's tables of words look up each word's line from the top of the
//! page again and again.
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
    TessPageSegMode, TessPolyBlockType_PT_UNKNOWN, TessResultIterator, TessResultIteratorConfidence,
    TessResultIteratorDelete, TessResultIteratorGetPageIterator, TessResultIteratorGetUTF8Text,
    TessResultIteratorNext,
};

/// A Tesseract of our own.
pub(super) struct Tesseract(*mut TessBaseAPI);

/// A word as Tesseract gives it.
pub(super) struct RawWord {
    pub(super) text: String,
    /// 0 to 100, or a little beyond.
    pub(super) confidence: f32,
    pub(super) area: Sides,
    /// Of the line that it stands on.
    pub(super) line: Sides,
}

/// Left, top, right, bottom, in pixels of the image.
pub(super) type Sides = [c_int; 4];

impl Tesseract {
    pub(super) fn new() -> Tesseract {
        // SAFETY: It takes nothing, and gives an object of ours that `drop` deletes.
        let mut tesseract = Tesseract(unsafe { TessBaseAPICreate() });
        // Its remarks on single pages are of no use to anybody.
        tesseract.set(c"debug_file", c"/dev/null");
        tesseract
    }

    /// Loads models, joined by `+`; false if they cannot be.
    pub(super) fn load(&mut self, models: &CStr) -> bool {
        // SAFETY: The object lives, a missing path is allowed, and the string ends in a zero byte and is copied.
        let outcome = unsafe { TessBaseAPIInit3(self.0, ptr::null(), models.as_ptr()) };
        outcome == 0
    }

    pub(super) fn set(&mut self, name: &CStr, value: &CStr) {
        // SAFETY: The object lives, and both strings end in a zero byte and are copied.
        let known = unsafe { TessBaseAPISetVariable(self.0, name.as_ptr(), value.as_ptr()) };
        debug_assert!(known != 0, "{name:?} is not a variable of Tesseract");
    }

    /// Takes an image; false if it has no pixels, or more on a side than can be counted.
    pub(super) fn show(&mut self, image: &GrayImage) -> bool {
        let sides = [image.width(), image.height()].map(c_int::try_from);
        let ([Ok(width), Ok(height)], false) = (sides, image.is_empty()) else { return false };
        // SAFETY: The object lives. A gray image has one byte for each pixel and no gaps between rows, and it is copied.
        unsafe { TessBaseAPISetImage(self.0, image.as_raw().as_ptr(), width, height, 1, width) };
        true
    }

    /// Tells the image's resolution, in dots per inch.
    pub(super) fn set_resolution(&mut self, dpi: f64) {
        // SAFETY: The object lives, and has an image, as it must.
        unsafe { TessBaseAPISetSourceResolution(self.0, dpi.round() as c_int) };
    }

    pub(super) fn find_lines_by(&mut self, mode: TessPageSegMode) {
        // SAFETY: The object lives.
        unsafe { TessBaseAPISetPageSegMode(self.0, mode) };
    }

    /// The words of the image, line by line; none if Tesseract gives up.
    pub(super) fn recognise(&mut self) -> Option<Vec<RawWord>> {
        // SAFETY: The object lives and has an image, and a monitor may be missing.
        let outcome = unsafe { TessBaseAPIRecognize(self.0, ptr::null_mut()) };
        if outcome != 0 {
            return None;
        }
        let mut words = Vec::new();
        if let Some(mut place) = Place::first(self) {
            while !place.is_end() {
                words.extend(place.word());
                place.go_on();
            }
        }
        Some(words)
    }

    /// The script of most of the image's letters as Tesseract calls it, and by how much it is ahead of the next; none if
    /// there are too few letters to tell.
    fn script(&mut self) -> Option<(String, f32)> {
        let (mut turned, mut turn_certainty, mut name, mut certainty) = (0, 0.0, ptr::null(), 0.0);
        // SAFETY: The object lives and has an image, and all four places live longer than the call.
        let told = unsafe {
            TessBaseAPIDetectOrientationScript(
                self.0,
                &raw mut turned,
                &raw mut turn_certainty,
                &raw mut name,
                &raw mut certainty,
            )
        };
        if told == 0 || name.is_null() {
            return None;
        }
        // SAFETY: It is a string that ends in a zero byte and lives as long as the object.
        let name = unsafe { CStr::from_ptr(name) };
        Some((name.to_string_lossy().into_owned(), certainty))
    }
}

impl Drop for Tesseract {
    fn drop(&mut self) {
        // SAFETY: The object was made by `TessBaseAPICreate`, and nobody else has it.
        unsafe { TessBaseAPIDelete(self.0) };
    }
}

/// A place in what was recognised, which stays as it is as long as the place is borrowed from it.
struct Place<'t> {
    iterator: *mut TessResultIterator,
    _recognised: &'t Tesseract,
}

impl Place<'_> {
    /// The first word; none if nothing was found.
    fn first(recognised: &Tesseract) -> Option<Place<'_>> {
        // SAFETY: The object lives, and gives an object of ours that `drop` deletes, or null.
        let iterator = unsafe { TessBaseAPIGetIterator(recognised.0) };
        (!iterator.is_null()).then_some(Place { iterator, _recognised: recognised })
    }

    fn is_end(&self) -> bool {
        // SAFETY: The iterator lives; as an iterator of pages it is the same object.
        let block = unsafe { TessPageIteratorBlockType(TessResultIteratorGetPageIterator(self.iterator)) };
        block == TessPolyBlockType_PT_UNKNOWN
    }

    fn go_on(&mut self) {
        // SAFETY: The iterator lives. It goes on over blocks that hold no words.
        unsafe { TessResultIteratorNext(self.iterator, TessPageIteratorLevel_RIL_WORD) };
    }

    /// The word here; none in a block without words.
    fn word(&self) -> Option<RawWord> {
        // SAFETY: The iterator lives. The answer is null or a string that ends in a zero byte, ours to delete.
        let text = unsafe { TessResultIteratorGetUTF8Text(self.iterator, TessPageIteratorLevel_RIL_WORD) };
        if text.is_null() {
            return None;
        }
        // SAFETY: It is not null, and copied before it is deleted, once.
        let owned = unsafe {
            let owned = CStr::from_ptr(text).to_string_lossy().into_owned();
            TessDeleteText(text);
            owned
        };
        // SAFETY: The iterator lives and stands at a word.
        let confidence =
            unsafe { TessResultIteratorConfidence(self.iterator, TessPageIteratorLevel_RIL_WORD) };
        Some(RawWord {
            text: owned,
            confidence,
            area: self.sides(TessPageIteratorLevel_RIL_WORD)?,
            line: self.sides(TessPageIteratorLevel_RIL_TEXTLINE)?,
        })
    }

    fn sides(&self, level: TessPageIteratorLevel) -> Option<Sides> {
        let [mut left, mut top, mut right, mut bottom] = [0; 4];
        // SAFETY: The iterator lives, and all four places live longer than the call.
        let is_told = unsafe {
            TessPageIteratorBoundingBox(
                TessResultIteratorGetPageIterator(self.iterator),
                level,
                &raw mut left,
                &raw mut top,
                &raw mut right,
                &raw mut bottom,
            )
        };
        (is_told != 0).then_some([left, top, right, bottom])
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        // SAFETY: The iterator came from `TessBaseAPIGetIterator`, and nobody else has it.
        unsafe { TessResultIteratorDelete(self.iterator) };
    }
}

/// The names of all models in the folder where Tesseract looks for them.
pub(super) fn models() -> Vec<String> {
    let mut tesseract = Tesseract::new();
    // Tesseract finds its folder when it is asked to load something; to load all but one of no languages is nothing.
    let _nothing_to_load = tesseract.load(c"~eng");
    // SAFETY: The object lives. The answer is an array of strings that a null pointer ends, ours to delete.
    let names = unsafe { TessBaseAPIGetAvailableLanguagesAsVector(tesseract.0) };
    let mut models = Vec::new();
    for index in 0.. {
        // SAFETY: No entry before this one was null, so the array reaches at least to it.
        let name: *const c_char = if names.is_null() { ptr::null() } else { unsafe { *names.add(index) } };
        if name.is_null() {
            break;
        }
        // SAFETY: It is a string that ends in a zero byte and lives until the array is deleted.
        let name = unsafe { CStr::from_ptr(name) };
        models.push(name.to_string_lossy().into_owned());
    }
    if !names.is_null() {
        // SAFETY: The array came from Tesseract, is not null, and is not used after this.
        unsafe { TessDeleteTextArray(names) };
    }
    models
}

/// The script of most of a picture's letters as Tesseract calls it, and by how much it is ahead of the next; none if
/// there are too few letters to tell, or the model for this is not installed.
pub(super) fn script(image: &GrayImage) -> Option<(String, f32)> {
    let mut tesseract = Tesseract::new();
    (tesseract.load(c"osd") && tesseract.show(image)).then(|| tesseract.script()).flatten()
}
