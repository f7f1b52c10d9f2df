//! The workspace's own source files, for the tests that check rules about them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The workspace's root folder.
///
/// # Panics
/// If this package does not stand in the workspace.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the workspace")
}

/// Every Rust file below `folder`, as (path relative to the root, content), sorted by path.
///
/// # Panics
/// If a file cannot be read.
#[must_use]
pub fn rust_files(folder: &str) -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a folder that can be listed").path();
            if path.is_dir() {
                // Packages of the window's UI are not ours to judge.
                if !path.ends_with("node_modules") {
                    collect(&path, found);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let content = fs::read_to_string(&path).expect("source is UTF-8");
            let relative = path.strip_prefix(root()).expect("below the root");
            (relative.to_string_lossy().replace('\\', "/"), content)
        })
        .collect()
}
