//! The programs that tests run. They are beside the tests, built by the same command.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The path of one of our programs.
///
/// # Panics
/// If it was not built, or one of its sources has changed since: testing an old program proves nothing.
#[must_use]
pub fn binary_path(name: &str) -> PathBuf {
    let path = unchecked_binary_path(name);
    assert!(path.is_file(), "{} is missing: run `cargo build` first", path.display());
    if let Some(newer) = newer_source(&path) {
        panic!("{} is older than {newer}: run `cargo build` first", path.display());
    }
    path
}

/// As [`binary_path`], for a program that may never be started.
#[must_use]
pub fn unchecked_binary_path(name: &str) -> PathBuf {
    let own = env::current_exe().expect("a running test knows its path");
    let folder = own.parent().expect("a program is in a folder");
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    folder.join(name)
}

/// A source that changed after the program was built, by the list that cargo writes beside it.
fn newer_source(program: &Path) -> Option<String> {
    let built = fs::metadata(program).and_then(|metadata| metadata.modified()).ok()?;
    let list = fs::read_to_string(program.with_extension("d")).ok()?;
    let (_, sources) = list.split_once(": ")?;
    // Spaces in a path are escaped. None of our paths has one, and a wrong path is merely not found.
    sources.split_whitespace().find_map(|source| {
        let changed = fs::metadata(source).and_then(|metadata| metadata.modified()).ok()?;
        (changed > built).then(|| source.to_owned())
    })
}
