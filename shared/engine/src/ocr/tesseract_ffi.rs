//! The two calls of Tesseract's C API that the crate `tesseract` lacks: script detection, and the list of models. The only
//! unsafe code of the engine.
//!
//! Pages are recognised through `tesseract`, whose object keeps its pointer private. So these calls have an object of their
//! own, through `tesseract-sys`, the bindings beneath `tesseract`. The models are not listed by reading their folder: if
//! `TESSDATA_PREFIX` is not set, it is the one that was compiled into Tesseract, and only Tesseract knows that.
#![expect(unsafe_code, reason = "Tesseract is a library in C++ with a C interface")]

use std::{
    ffi::{CStr, c_char, c_int},
    ptr,
};

use image::GrayImage;
use tesseract_sys::{
    TessBaseAPI, TessBaseAPICreate, TessBaseAPIDelete, TessBaseAPIDetectOrientationScript,
    TessBaseAPIGetAvailableLanguagesAsVector, TessBaseAPIInit3, TessBaseAPISetImage, TessBaseAPISetVariable,
    TessDeleteTextArray,
};

/// An owned `TessBaseAPI` object.
struct TessApi(*mut TessBaseAPI);

impl TessApi {
    fn new() -> TessApi {
        // SAFETY: The call takes no arguments and returns an object that we own and `drop` deletes.
        let api = TessApi(unsafe { TessBaseAPICreate() });
        // Silences Tesseract's warnings.
        // SAFETY: The object is alive, and both strings are NUL-terminated and copied.
        unsafe { TessBaseAPISetVariable(api.0, c"debug_file".as_ptr(), c"/dev/null".as_ptr()) };
        api
    }

    /// Loads a model. Returns false if it cannot be loaded.
    fn load(&mut self, model: &CStr) -> bool {
        // SAFETY: The object is alive, a null path is allowed, and the string is NUL-terminated and copied.
        let status = unsafe { TessBaseAPIInit3(self.0, ptr::null(), model.as_ptr()) };
        status == 0
    }
}

impl Drop for TessApi {
    fn drop(&mut self) {
        // SAFETY: The object came from `TessBaseAPICreate`, and we own it.
        unsafe { TessBaseAPIDelete(self.0) };
    }
}

/// Tesseract's name of the script of most letters of an image, and its confidence. None if there are too few letters, or
/// the model for script detection is not installed.
pub(super) fn detect_script(image: &GrayImage) -> Option<(String, f32)> {
    let [width, height] = c_dimensions(image)?;
    let mut api = TessApi::new();
    if !api.load(c"osd") {
        return None;
    }
    let (mut rotation, mut rotation_confidence) = (0, 0.0);
    let (mut script, mut script_confidence) = (ptr::null(), 0.0);
    // SAFETY: The object is alive. A gray image has one byte per pixel and no padding between rows, and it is copied. All
    // four targets outlive the second call.
    let is_detected = unsafe {
        TessBaseAPISetImage(api.0, image.as_raw().as_ptr(), width, height, 1, width);
        TessBaseAPIDetectOrientationScript(
            api.0,
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

/// The width and height of an image for Tesseract. None if it has no pixels, or more than a C integer can count.
pub(super) fn c_dimensions(image: &GrayImage) -> Option<[c_int; 2]> {
    let _pixel_count = c_int::try_from(image.len()).ok().filter(|count| *count > 0)?;
    Some([c_int::try_from(image.width()).ok()?, c_int::try_from(image.height()).ok()?])
}
