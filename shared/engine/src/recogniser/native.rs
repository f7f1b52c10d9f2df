//! What only Tesseract's C interface tells, and the crates above it do not pass on. The only unsafe code of the engine.

use std::{
    ffi::{CStr, c_char, c_int},
    ptr,
};

use image::GrayImage;
use tesseract::plumbing::tesseract_sys::{
    TessBaseAPI, TessBaseAPICreate, TessBaseAPIDelete, TessBaseAPIDetectOrientationScript,
    TessBaseAPIGetAvailableLanguagesAsVector, TessBaseAPIInit3, TessBaseAPISetImage, TessBaseAPISetVariable,
    TessDeleteTextArray,
};

/// A Tesseract of our own, for single questions.
struct Handle(*mut TessBaseAPI);

impl Handle {
    fn new() -> Handle {
        #[expect(unsafe_code, reason = "the call is not wrapped by anybody")]
        // SAFETY: It takes nothing, and gives an object of ours that `drop` deletes.
        let handle = Handle(unsafe { TessBaseAPICreate() });
        handle.set(c"debug_file", c"/dev/null");
        handle
    }

    /// Loads a model; false if it cannot be.
    fn load(&self, model: &CStr) -> bool {
        #[expect(unsafe_code, reason = "the call is not wrapped by anybody")]
        // SAFETY: The object lives, a missing path is allowed, and the string ends in a zero byte and is copied.
        let outcome = unsafe { TessBaseAPIInit3(self.0, ptr::null(), model.as_ptr()) };
        outcome == 0
    }

    fn set(&self, name: &CStr, value: &CStr) {
        #[expect(unsafe_code, reason = "the call is not wrapped by anybody")]
        // SAFETY: The object lives, and both strings end in a zero byte and are copied.
        unsafe {
            TessBaseAPISetVariable(self.0, name.as_ptr(), value.as_ptr());
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "the call is not wrapped by anybody")]
        // SAFETY: The object was made by `TessBaseAPICreate`, and nobody else has it.
        unsafe {
            TessBaseAPIDelete(self.0);
        }
    }
}

/// The names of all models in the folder where Tesseract looks for them.
pub(super) fn models() -> Vec<String> {
    let handle = Handle::new();
    // Tesseract finds its folder when it is asked to load something; to load all but one of no languages is nothing.
    let _nothing_to_load = handle.load(c"~eng");
    #[expect(unsafe_code, reason = "the call is not wrapped by anybody")]
    // SAFETY: The object lives. The answer is an array of strings that a null pointer ends, ours to delete.
    let names = unsafe { TessBaseAPIGetAvailableLanguagesAsVector(handle.0) };
    let mut models = Vec::new();
    for index in 0.. {
        #[expect(unsafe_code, reason = "the array's length is known by its end only")]
        // SAFETY: No entry before this one was null, so the array reaches at least to it.
        let name: *const c_char = if names.is_null() { ptr::null() } else { unsafe { *names.add(index) } };
        if name.is_null() {
            break;
        }
        #[expect(unsafe_code, reason = "a C string is read")]
        // SAFETY: It is a string that ends in a zero byte and lives until the array is deleted.
        let name = unsafe { CStr::from_ptr(name) };
        models.push(name.to_string_lossy().into_owned());
    }
    if !names.is_null() {
        #[expect(unsafe_code, reason = "the call is not wrapped by anybody")]
        // SAFETY: The array came from Tesseract, is not null, and is not used after this.
        unsafe {
            TessDeleteTextArray(names);
        }
    }
    models
}

/// The script of most of a picture's letters as Tesseract calls it, and by how much it is ahead of the next; none if
/// there are too few letters to tell, or the model for this is not installed.
pub(super) fn script(image: &GrayImage) -> Option<(String, f32)> {
    let width = c_int::try_from(image.width()).ok()?;
    let height = c_int::try_from(image.height()).ok()?;
    let handle = Handle::new();
    if image.is_empty() || !handle.load(c"osd") {
        return None;
    }
    #[expect(unsafe_code, reason = "the call is not wrapped by anybody")]
    // SAFETY: The object lives. A gray image has one byte for each pixel and no gaps between rows, and it is copied.
    unsafe {
        TessBaseAPISetImage(handle.0, image.as_raw().as_ptr(), width, height, 1, width);
    }
    let (mut turned, mut turn_certainty, mut name, mut certainty) = (0, 0.0, ptr::null(), 0.0);
    #[expect(unsafe_code, reason = "the call is not wrapped by anybody")]
    // SAFETY: The object lives and has an image, and all four places live longer than the call.
    let told = unsafe {
        TessBaseAPIDetectOrientationScript(
            handle.0,
            &raw mut turned,
            &raw mut turn_certainty,
            &raw mut name,
            &raw mut certainty,
        )
    };
    if told == 0 || name.is_null() {
        return None;
    }
    #[expect(unsafe_code, reason = "a C string is read")]
    // SAFETY: It is a string that ends in a zero byte and lives as long as the object.
    let name = unsafe { CStr::from_ptr(name) };
    Some((name.to_string_lossy().into_owned(), certainty))
}
