//! The system's dialogs for files. They run beside the main thread; the window waits for the answer, not for the thread.

use std::path::PathBuf;

use tauri::{AppHandle, Manager as _};
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder};
use tokio::sync::oneshot;

use crate::window;

const READABLE: &[&str] = &["pdf", "png", "jpg", "jpeg", "tif", "tiff"];
const PICTURES: &[&str] = &["png", "jpg", "jpeg"];

fn dialog(app: &AppHandle) -> FileDialogBuilder<tauri::Wry> {
    let dialog = app.dialog().file();
    match app.get_webview_window(window::LABEL) {
        Some(window) => dialog.set_parent(&window),
        None => dialog,
    }
}

/// The files that the user chose; none if the dialog was closed.
pub(crate) async fn choose_files(app: &AppHandle) -> Vec<PathBuf> {
    let (done, chosen) = oneshot::channel();
    dialog(app).add_filter("PDF, PNG, JPEG, TIFF", READABLE).pick_files(move |paths| {
        // The window may have been reloaded meanwhile.
        let _ = done.send(paths);
    });
    let paths = chosen.await.ok().flatten().unwrap_or_default();
    paths.into_iter().filter_map(|path| path.into_path().ok()).collect()
}

/// The picture that the user chose; none if the dialog was closed.
pub(crate) async fn choose_picture(app: &AppHandle) -> Option<PathBuf> {
    let (done, chosen) = oneshot::channel();
    dialog(app).add_filter("PNG, JPEG", PICTURES).pick_file(move |path| {
        // The window may have been reloaded meanwhile.
        let _ = done.send(path);
    });
    chosen.await.ok().flatten()?.into_path().ok()
}

/// Where the user wants a file; none if the dialog was closed.
pub(crate) async fn choose_target(app: &AppHandle, name: &str) -> Option<PathBuf> {
    let (done, chosen) = oneshot::channel();
    dialog(app).set_file_name(name).save_file(move |path| {
        // The window may have been reloaded meanwhile.
        let _ = done.send(path);
    });
    chosen.await.ok().flatten()?.into_path().ok()
}
