//! Where the workstation keeps its data.

use std::{io, path::PathBuf};

use directories::ProjectDirs;

/// The data folder. It holds nothing in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The user's own: `MANEIRO_DATA_DIR` if that is set, else where the operating system keeps such data
    /// (`~/.local/share/maneiro` on Linux). None if the user has no home.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let given = std::env::var_os("MANEIRO_DATA_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
        let usual = || ProjectDirs::from("", "", "maneiro").map(|dirs| dirs.data_local_dir().to_path_buf());
        given.or_else(usual).map(Self)
    }

    /// This folder.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Makes the folder if it is missing, for this user only.
    ///
    /// # Errors
    /// As of creating a folder.
    pub fn create(&self) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.0)
    }
}
