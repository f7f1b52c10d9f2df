//! Writes what fuzzing begins with: a file of each kind that the engine reads, for each target, into the given folder.

use std::{env, fs, io, path::PathBuf};

#[path = "../../tests/reading/fixtures.rs"]
mod fixtures;
#[path = "../../tests/reading/make.rs"]
#[expect(dead_code, reason = "most of it is for the tests that share it")]
mod make;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).ok_or(io::Error::other("name the folder for the corpora"))?;
    for target in ["opening", "text", "images", "copies"] {
        let corpus = PathBuf::from(&folder).join(target);
        fs::create_dir_all(&corpus)?;
        for (name, bytes) in fixtures::all() {
            fs::write(corpus.join(name), bytes)?;
        }
    }
    Ok(())
}
