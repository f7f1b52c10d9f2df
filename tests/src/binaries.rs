//! Where the programs are that tests run: beside the tests, built by the same command.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The path of one of our programs.
///
/// # Panics
/// If it was not built, or something it is made of has changed since: testing an old program proves nothing.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let own = env::current_exe().expect("a running test knows its path");
    let folder = own.parent().expect("a program stands in a folder");
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    let path = folder.join(name);
    assert!(path.is_file(), "{} is missing: run `cargo build --workspace` first", path.display());
    if let Some(newer) = newer_source(&path) {
        panic!("{} is older than {newer}: run `cargo build --workspace` first", path.display());
    }
    path
}

/// A source that was changed after the program was built, by the list that cargo keeps beside it.
fn newer_source(program: &Path) -> Option<String> {
    let built = fs::metadata(program).and_then(|metadata| metadata.modified()).ok()?;
    let list = fs::read_to_string(program.with_extension("d")).ok()?;
    let (_, sources) = list.split_once(": ")?;
    // Spaces within a path are escaped; no path of ours has one, and a wrong path is only not found.
    sources.split_whitespace().find_map(|source| {
        let changed = fs::metadata(source).and_then(|metadata| metadata.modified()).ok()?;
        (changed > built).then(|| source.to_owned())
    })
}
