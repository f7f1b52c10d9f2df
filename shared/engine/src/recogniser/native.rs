//! What only Tesseract's C interface tells, and the crates above it do not pass on. The only unsafe code of the engine.

use std::{
    ffi::{CStr, c_char},
    ptr,
};

use tesseract::plumbing::tesseract_sys::{
    TessBaseAPI, TessBaseAPICreate, TessBaseAPIDelete, TessBaseAPIGetAvailableLanguagesAsVector,
    TessBaseAPIInit3, TessBaseAPISetVariable, TessDeleteTextArray,
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
    #[expect(unsafe_code, reason = "the call is not wrapped by anybody")]
    // SAFETY: The object lives, a missing path is allowed, and the string ends in a zero byte and is copied.
    unsafe {
        TessBaseAPIInit3(handle.0, ptr::null(), c"~eng".as_ptr());
    }
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
