//! Writes the seed files of all fuzz targets: a file of each kind that the engine reads, into the given folder.

use std::{env, fs, io, path::PathBuf};

#[path = "../../tests/reading/page_builder.rs"]
#[expect(dead_code, reason = "most of it is for the tests that share it")]
mod page_builder;
#[path = "../../tests/reading/seed_files.rs"]
#[expect(dead_code, reason = "some of it is for the tests that share it")]
mod seed_files;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).ok_or(io::Error::other("usage: seeds FOLDER"))?;
    for target in ["open", "text_layer", "preprocess", "searchable_pdf"] {
        let corpus = PathBuf::from(&folder).join(target);
        fs::create_dir_all(&corpus)?;
        for (name, bytes) in seed_files::all() {
            fs::write(corpus.join(name), bytes)?;
        }
    }
    Ok(())
}
